"""The client answers an account manager's own mail, to all: words that stand for themselves count, a yes does not."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from tests.walks.programs import new
from tests.walks.world import ANN, BOT, REF, SAM, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
_NUMBERS = itertools.count(900)
ASKED = "change order: Sequins\nSequins: 450.00\nsend\nchange order: Gold thread\nGold: 250.00\nsend\nask design"


def sams_mail(studio: World, words: str = "Shall I order lunch for all of you?") -> EmailMessage:
    """Sam writes to Ann himself, the bot in copy."""
    mail = new(SAM, ANN, f"About lunch [{REF}]", words, studio.at, next(_NUMBERS))
    mail["Cc"] = BOT
    studio.deliver(mail)
    studio.run()
    return mail


def to_all(studio: World, asked: EmailMessage, words: str) -> list[EmailMessage]:
    studio.later(minutes=5)
    mail = new(ANN, SAM, f"Re: {asked['Subject']}", words, studio.at, next(_NUMBERS))
    refs = f"{asked.get('References', '')} {asked['Message-ID']}".strip()
    mail["Cc"], mail["In-Reply-To"], mail["References"] = BOT, asked["Message-ID"], refs
    studio.deliver(mail)
    return studio.run()


def test_what_is_named_is_decided_and_a_bare_yes_is_held(studio: World) -> None:
    studio.write(SAM, f"Next [{REF}]", ASKED)
    studio.run()
    asked = sams_mail(studio)
    for words in ("Yes, please do.", "Approved!", "Yes, go ahead. CO-1 has arrived."):
        assert kinds(to_all(studio, asked, words)) == ["held"]
    status = studio.status()
    assert {one["status"] for one in status["change_orders"]} == {"sent"}
    assert status["total"] == "12000.00"

    assert {"booked", "receipt"} <= set(kinds(to_all(studio, asked, "CO-2 is approved.")))
    assert [one["status"] for one in studio.status()["change_orders"]] == ["sent", "approved"]
    assert kinds(to_all(studio, asked, "CO-2 is approved.")) == ["held"]  # it is open no more
    assert studio.status()["total"] == "12250.00"


def test_what_the_mail_that_is_answered_names_otherwise_is_put_to_a_person(studio: World) -> None:
    studio.write(SAM, f"Next [{REF}]", ASKED)
    studio.run()
    offer = sams_mail(studio, "We could do CO-2, the gold thread, for $200. What do you think?")
    assert kinds(to_all(studio, offer, "CO-2 is approved.")) == ["held"]
    assert "names '200', which was not asked" in studio.status()["held"][0]["because"]
    studio.later(minutes=5)
    later = new(SAM, ANN, f"Re: {offer['Subject']}", "Any news?", studio.at, next(_NUMBERS))
    later["Cc"], later["In-Reply-To"], later["References"] = BOT, offer["Message-ID"], offer["Message-ID"]
    studio.deliver(later)
    studio.run()
    assert kinds(to_all(studio, later, "CO-2 is approved.")) == ["held"]  # what was said further up in the thread
    unseen = new(SAM, ANN, f"CO-2 [{REF}]", "For 200 then?", studio.at, next(_NUMBERS))
    assert kinds(to_all(studio, unseen, "CO-2 is approved.")) == ["held"]
    assert studio.status()["total"] == "12000.00"
    same = sams_mail(studio, "Have you looked at CO-2, the gold thread for $250.00?")
    assert "booked" in kinds(to_all(studio, same, "CO-2 is approved."))
    assert studio.status()["total"] == "12250.00"


def test_money_and_displeasure_go_where_they_go_from_any_mail(studio: World) -> None:
    studio.at = datetime(2026, 1, 8, 14, 5, tzinfo=UTC)
    asked = sams_mail(studio)
    assert "payment-claim" in kinds(to_all(studio, asked, "I paid today."))
    assert "unhappy-client" in kinds(to_all(studio, asked, "We dispute INV-1, the hem is wrong."))
    assert studio.status()["invoices"][0]["status"] == "frozen"


def test_who_says_that_somebody_else_decides_is_put_to_the_account_manager(studio: World) -> None:
    studio.write(SAM, f"Next [{REF}]", "ask design")
    asked = the("approval-request", studio.run())
    for words in (
        "I'm on leave from Monday; Ben can decide in my place.",
        "I'm out next week. Ben will decide for me.",
    ):
        studio.answer(asked, words)
        held = the("held", studio.run())
        assert "delegate ADDRESS until 2026-03-03" in text_of(held)
    studio.answer(held, "delegate ben@client.example until 2026-01-20", sender=SAM)
    assert "1 done" in text_of(the("command-result", studio.run()))
    assert studio.status()["milestones"][0]["status"] == "asked"
