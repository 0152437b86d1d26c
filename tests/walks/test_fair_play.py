"""Genuine answers, as the mail programs of this world write them and as servers hand them on: all of them book."""

from __future__ import annotations

import pytest

from tests.walks.fair_plays import FAIR_PLAYS
from tests.walks.stage import Fair, ImapServer, Outcome, Rehearsed

SAMPLE = ["gmail-web", "outlook-desktop", "mutt", "blackberry", "signed-with-smime", "charset-of-windows"]


PLAYS = {name: (fair.asks, fair.play) for name, fair in FAIR_PLAYS.items()}


@pytest.fixture(scope="module")
def outcomes(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """How each play ended."""
    return Rehearsed(pymap_server, lambda: tmp_path_factory.mktemp("fair"), PLAYS)


@pytest.fixture(scope="module")
def on_dovecot(dovecot: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """How some of them ended on another server."""
    return Rehearsed(dovecot, lambda: tmp_path_factory.mktemp("fair"), {name: PLAYS[name] for name in SAMPLE})


@pytest.mark.parametrize("name", list(FAIR_PLAYS))
def test_it_is_booked(outcomes: Rehearsed, name: str) -> None:
    _check(outcomes[name], FAIR_PLAYS[name])


@pytest.mark.parametrize("name", SAMPLE)
def test_it_is_booked_on_dovecot(on_dovecot: Rehearsed, name: str) -> None:
    _check(on_dovecot[name], FAIR_PLAYS[name])


def test_there_are_enough_of_them() -> None:
    assert len(FAIR_PLAYS) >= 80


def _check(outcome: Outcome, fair: Fair) -> None:
    assert outcome.verdicts[-1].verdict == fair.verdict, outcome.verdicts[-1].reason
    assert outcome.after != outcome.before
    assert "receipt" in outcome.out
