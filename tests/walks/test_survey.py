"""The survey: asked three working days after delivery, answered by mail."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from tests.walks.programs import new
from tests.walks.world import ANN, BOT, REF, SAM, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference


def asked(studio: World) -> EmailMessage:
    studio.at = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)
    studio.cli("do", REF, "milestone delivery done", *(f"paid INV-{n}" for n in (1, 2, 3)))
    studio.run()
    studio.at = datetime(2026, 3, 25, 13, 1, tzinfo=UTC)
    return the("survey", studio.run())


@pytest.mark.parametrize(("words", "score"), [("5", 5), ("4 - a little late, but lovely.", 4), ("Very satisfied!", 5)])
def test_an_answer_is_kept_and_told(studio: World, words: str, score: int) -> None:
    studio.answer(asked(studio), words)
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    assert studio.status()["satisfaction"] == score
    assert f"{score} / 5" in text_of(the("booked", out))
    assert words in text_of(the("booked", out))
    assert "Thank you for telling us" in text_of(the("receipt", out))


def test_who_is_not_satisfied_is_called(studio: World) -> None:
    studio.answer(asked(studio), "2. The hems were a mess.")
    out = studio.run()
    assert kinds(out) == ["booked", "receipt", "unhappy-client"]
    assert "satisfaction: 2 of 5" in text_of(the("unhappy-client", out))
    assert studio.status()["satisfaction"] == 2


def test_the_last_answer_counts(studio: World) -> None:
    survey = asked(studio)
    studio.answer(survey, "3")
    studio.run()
    studio.answer(survey, "5")
    studio.run()
    assert studio.status()["satisfaction"] == 5


@pytest.mark.parametrize("words", ["4.5", "Somewhere between 4 and 5", "Thanks, I will answer tomorrow."])
def test_what_is_not_plain_is_put_to_a_person(studio: World, words: str) -> None:
    studio.answer(asked(studio), words)
    assert kinds(studio.run()) == ["held"]
    assert studio.status()["satisfaction"] is None
    assert "from 1 to 5" in studio.status()["held"][0]["because"]


def test_without_proof_or_from_somebody_else_it_counts_for_nothing(studio: World) -> None:
    survey = asked(studio)
    studio.answer(survey, "5", proven=False)
    assert kinds(studio.run()) == ["held"]
    studio.answer(survey, "5", sender="eve@evil.example")
    studio.run()
    assert studio.status()["satisfaction"] is None


def test_a_closed_order_still_hears_it_and_nobody_is_asked_twice(studio: World) -> None:
    survey = asked(studio)
    studio.cli("do", REF, "close")
    studio.answer(survey, "5", sender=ANN)
    assert "booked" in kinds(studio.run())
    assert studio.status()["satisfaction"] == 5
    studio.write(SAM, f"x [{REF}]", "satisfaction 4")
    studio.run()
    assert studio.status()["satisfaction"] == 4


@pytest.mark.parametrize("by", ["address", "subject"])
def test_an_answer_that_names_no_mail_of_ours_is_known_by_its_address_or_subject(studio: World, by: str) -> None:
    survey = asked(studio)
    to = str(survey["Reply-To"]) if by == "address" else BOT
    subject = "Re: my gowns" if by == "address" else f"AW: {survey['Subject']}"
    studio.deliver(new(ANN, to, subject, "5 - lovely!", studio.at, 61))
    assert kinds(studio.run()) == ["booked", "receipt"]
    assert studio.status()["satisfaction"] == 5


def test_who_closes_is_told_and_the_client_thanked(studio: World) -> None:
    studio.answer(asked(studio), "5")
    studio.run()
    studio.write(SAM, f"x [{REF}]", "close")
    out = studio.run()
    assert kinds(out) == ["command-result", "receipt"]
    thanks = the("receipt", out)
    assert (thanks["To"], thanks["Subject"]) == (ANN, f"Cinderella ball gowns - Thank you [{REF}]")
    assert "Your order is complete" in text_of(thanks)


def test_an_order_that_is_closed_with_open_ends_thanks_nobody(studio: World) -> None:
    studio.write(SAM, f"x [{REF}]", "close anyway")
    assert kinds(studio.run()) == ["command-result"]
