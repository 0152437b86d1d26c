"""Genuine answers, as the mail programs of this world write them and as servers hand them on: all of them book."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.walks.attacks_on_signatures import signers
from tests.walks.fair_plays import FAIR_PLAYS, SIGNED_PLAYS
from tests.walks.fair_plays_of_authority import AUTHORITY_PLAYS
from tests.walks.stage import Fair, ImapServer, Outcome, Rehearsed

SAMPLE = ["gmail-web", "outlook-desktop", "mutt", "blackberry", "signed-with-smime", "charset-of-windows"]


FAIR = {**FAIR_PLAYS, **AUTHORITY_PLAYS}


@pytest.fixture(scope="module")
def outcomes(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """How each play ended."""
    return Rehearsed(pymap_server, lambda: tmp_path_factory.mktemp("fair"), FAIR)


@pytest.fixture(scope="module")
def on_dovecot(dovecot: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """How some of them ended on another server."""
    return Rehearsed(dovecot, lambda: tmp_path_factory.mktemp("fair"), {name: FAIR[name] for name in SAMPLE})


@pytest.fixture(scope="module")
def by_signature(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """How those ended that are proven by a signature alone."""
    with signers() as trust:
        yield Rehearsed(pymap_server, lambda: tmp_path_factory.mktemp("fair"), SIGNED_PLAYS, trust=trust)


@pytest.mark.parametrize("name", list(FAIR))
def test_it_is_booked(outcomes: Rehearsed, name: str) -> None:
    _check(outcomes[name], FAIR[name])


@pytest.mark.parametrize("name", SAMPLE)
def test_it_is_booked_on_dovecot(on_dovecot: Rehearsed, name: str) -> None:
    _check(on_dovecot[name], FAIR[name])


@pytest.mark.parametrize("name", list(SIGNED_PLAYS))
def test_it_is_booked_by_its_signature(by_signature: Rehearsed, name: str) -> None:
    _check(by_signature[name], SIGNED_PLAYS[name])


def test_there_are_enough_of_them() -> None:
    assert len({**FAIR, **SIGNED_PLAYS}) >= 150


def _check(outcome: Outcome, fair: Fair) -> None:
    assert outcome.verdicts[-1].verdict == fair.verdict, outcome.verdicts[-1].reason
    assert outcome.after != outcome.before
    assert "receipt" in outcome.out
