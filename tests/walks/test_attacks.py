"""Forgery, confusion and replay, end to end: mails arrive by IMAP, mailbot handles them, and nothing is booked.

Each attack names the reason that mailbot must give, so that none fails to work for another reason than it should.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from tests.walks.attacks_on_matching import MATCHING
from tests.walks.attacks_on_proof import PROOF
from tests.walks.attacks_on_words import WORDS
from tests.walks.stage import Attack, ImapServer, Outcome, rehearse

ATTACKS: Mapping[str, Attack] = {**PROOF, **WORDS, **MATCHING}
AT_ONCE = [name for name, attack in ATTACKS.items() if not attack.late]
LATE = [name for name, attack in ATTACKS.items() if attack.late]
SAMPLE = [
    "from-forged", "results-of-the-sender", "received-in-the-helo", "two-from-headers", "from-is-a-group",
    "wide-letters-in-the-domain", "words-in-the-unmarked-quotation", "condition-after-a-megabyte", "utf-7",
    "text-behind-an-attachment", "replay-after-undo", "same-id-other-words",
]  # fmt: skip


def _played(server: ImapServer, folder: Path, names: list[str], pause: timedelta) -> Mapping[str, Outcome]:
    return rehearse(server, folder, {name: (ATTACKS[name].asks, ATTACKS[name].play) for name in names}, pause)


@pytest.fixture(scope="module")
def at_once(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """How each attack ended, all on one server."""
    return _played(pymap_server, tmp_path_factory.mktemp("attacks"), AT_ONCE, timedelta(hours=1))


@pytest.fixture(scope="module")
def late(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """How those ended that come when the time to answer is over."""
    return _played(pymap_server, tmp_path_factory.mktemp("late"), LATE, timedelta(days=31))


@pytest.fixture(scope="module")
def on_dovecot(dovecot: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """How some of them ended on another server, where bytes and UIDs are its own."""
    return _played(dovecot, tmp_path_factory.mktemp("dovecot"), SAMPLE, timedelta(hours=1))


@pytest.mark.parametrize("name", AT_ONCE)
def test_nothing_is_booked(at_once: Mapping[str, Outcome], name: str) -> None:
    _check(at_once[name], ATTACKS[name])


@pytest.mark.parametrize("name", LATE)
def test_nothing_is_booked_when_it_is_too_late(late: Mapping[str, Outcome], name: str) -> None:
    _check(late[name], ATTACKS[name])


@pytest.mark.parametrize("name", SAMPLE)
def test_nothing_is_booked_on_dovecot(on_dovecot: Mapping[str, Outcome], name: str) -> None:
    _check(on_dovecot[name], ATTACKS[name])


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 150


def _check(outcome: Outcome, attack: Attack) -> None:
    assert outcome.verdicts, "nothing arrived"
    assert outcome.by_hand == ""
    assert outcome.after == outcome.before
    assert "receipt" not in outcome.out
    assert attack.told in outcome.verdicts[-1].reason
