"""Genuine answers, as the mail programs of this world write them and as servers hand them on: all of them book."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.walks.fair_plays import FAIR_PLAYS
from tests.walks.stage import Fair, ImapServer, Outcome, rehearse

SAMPLE = ["gmail-web", "outlook-desktop", "mutt", "blackberry", "signed-with-smime", "charset-of-windows"]


def _played(server: ImapServer, folder: object, names: list[str]) -> Mapping[str, Outcome]:
    return rehearse(server, folder, {name: (FAIR_PLAYS[name].asks, FAIR_PLAYS[name].play) for name in names})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def outcomes(pymap_server: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """How each play ended, all on one server."""
    return _played(pymap_server, tmp_path_factory.mktemp("fair"), list(FAIR_PLAYS))


@pytest.fixture(scope="module")
def on_dovecot(dovecot: ImapServer, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """How some of them ended on another server."""
    return _played(dovecot, tmp_path_factory.mktemp("dovecot"), SAMPLE)


@pytest.mark.parametrize("name", list(FAIR_PLAYS))
def test_it_is_booked(outcomes: Mapping[str, Outcome], name: str) -> None:
    _check(outcomes[name], FAIR_PLAYS[name])


@pytest.mark.parametrize("name", SAMPLE)
def test_it_is_booked_on_dovecot(on_dovecot: Mapping[str, Outcome], name: str) -> None:
    _check(on_dovecot[name], FAIR_PLAYS[name])


def test_there_are_enough_of_them() -> None:
    assert len(FAIR_PLAYS) >= 80


def _check(outcome: Outcome, fair: Fair) -> None:
    assert outcome.verdicts[-1].verdict == fair.verdict, outcome.verdicts[-1].reason
    assert outcome.after != outcome.before
    assert "receipt" in outcome.out
