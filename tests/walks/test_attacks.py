"""Forgery, confusion and replay, end to end: mails arrive by IMAP, mailbot handles them, and nothing is booked.

Each attack names the reason that mailbot must give, so that none fails to work for another reason than it should.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from tests.walks.attacks_on_authority import AUTHORITY
from tests.walks.attacks_on_matching import MATCHING
from tests.walks.attacks_on_proof import PROOF
from tests.walks.attacks_on_signatures import SIGNATURES, signers
from tests.walks.attacks_on_words import WORDS
from tests.walks.stage import Attack, ImapServer, Outcome, Rehearsed

ATTACKS: Mapping[str, Attack] = {**PROOF, **WORDS, **MATCHING, **AUTHORITY}
AT_ONCE = [name for name, attack in ATTACKS.items() if not attack.late]
LATE = [name for name, attack in ATTACKS.items() if attack.late]
SAMPLE = [
    "from-forged", "results-of-the-sender", "received-in-the-helo", "two-from-headers", "from-is-a-group",
    "wide-letters-in-the-domain", "words-in-the-unmarked-quotation", "condition-after-a-megabyte", "utf-7",
    "text-behind-an-attachment", "replay-after-undo", "same-id-other-words",
]  # fmt: skip


def _rehearsed(
    server: ImapServer, temp: pytest.TempPathFactory, names: list[str], pause: timedelta = timedelta(hours=1)
) -> Rehearsed:
    return Rehearsed(server, lambda: temp.mktemp("attacks"), {name: ATTACKS[name] for name in names}, pause)


@pytest.fixture(scope="module")
def at_once(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """How each attack ended."""
    return _rehearsed(pymap_server, tmp_path_factory, AT_ONCE)


@pytest.fixture(scope="module")
def late(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """How those ended that come when the time to answer is over."""
    return _rehearsed(pymap_server, tmp_path_factory, LATE, timedelta(days=31))


@pytest.fixture(scope="module")
def where_signatures_count(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """How those on signatures ended."""
    with signers() as trust:
        yield Rehearsed(pymap_server, lambda: tmp_path_factory.mktemp("attacks"), SIGNATURES, trust=trust)


@pytest.fixture(scope="module")
def on_dovecot(dovecot: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """How some of them ended on another server, where bytes and UIDs are its own."""
    return _rehearsed(dovecot, tmp_path_factory, SAMPLE)


@pytest.mark.parametrize("name", AT_ONCE)
def test_nothing_is_booked(at_once: Rehearsed, name: str) -> None:
    _check(at_once[name], ATTACKS[name])


@pytest.mark.parametrize("name", LATE)
def test_nothing_is_booked_when_it_is_too_late(late: Rehearsed, name: str) -> None:
    _check(late[name], ATTACKS[name])


@pytest.mark.parametrize("name", SIGNATURES)
def test_nothing_is_booked_where_signatures_count(where_signatures_count: Rehearsed, name: str) -> None:
    _check(where_signatures_count[name], SIGNATURES[name])


@pytest.mark.parametrize("name", SAMPLE)
def test_nothing_is_booked_on_dovecot(on_dovecot: Rehearsed, name: str) -> None:
    _check(on_dovecot[name], ATTACKS[name])


def test_there_are_enough_of_them() -> None:
    assert len({**ATTACKS, **SIGNATURES}) >= 300


def _check(outcome: Outcome, attack: Attack) -> None:
    assert outcome.verdicts, "nothing arrived"
    assert outcome.by_hand == ""
    assert outcome.after == outcome.before
    assert "receipt" not in outcome.out
    assert attack.told in outcome.verdicts[-1].reason
