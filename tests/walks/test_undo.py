"""A booked decision is taken back by mail: by the client within the window, by staff at any time, by nobody else."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.walks.world import ANN, REF, SAM, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
CHANGE = ("change order: Beaded cape", "Cape: 4000.00", "days +5", "send")


def change_order(studio: World) -> EmailMessage:
    studio.cli("do", REF, *CHANGE)
    return the("change-order", studio.run())


def approved(studio: World) -> tuple[EmailMessage, EmailMessage]:
    """A change order that the client approved: the mail that asked, and the receipt."""
    asked = change_order(studio)
    studio.answer(asked, "Yes, please go ahead.")
    receipt = the("receipt", studio.run())
    assert booked(studio) == ("16000.00", "2026-03-25", "approved")
    return asked, receipt


def booked(studio: World) -> tuple[str, str, str]:
    status = studio.status()
    return status["total"], status["delivery"], status["change_orders"][0]["status"]


AS_BEFORE = ("12000.00", "2026-03-20", "sent")


@pytest.mark.parametrize("program", ["gmail", "outlook", "apple", "plain"])
def test_the_client_takes_an_approval_back_in_answer_to_the_receipt(studio: World, program: str) -> None:
    _, receipt = approved(studio)
    assert 'reply with the word "undo" until' in text_of(receipt)
    studio.later(hours=47)
    studio.run()
    studio.answer(receipt, "Undo please, sorry!", program=program)
    out = [mail for mail in studio.run() if mail["X-Mailbot-Kind"] != "digest"]
    assert kinds(out) == ["booked", "receipt"]
    assert booked(studio) == AS_BEFORE
    told = text_of(the("receipt", out))
    assert "Your answer has been taken back." in told
    assert "$12,000.00" in told
    assert "undo" not in told
    mine = text_of(the("booked", out))
    assert "CO-1 Beaded cape: taken back" in mine
    assert "To take it back" not in mine
    assert [r["answered"] for r in studio.status()["requests"]] == [None]


def test_what_was_taken_back_can_be_answered_anew_and_taken_back_again(studio: World) -> None:
    asked, receipt = approved(studio)
    studio.answer(receipt, "undo")
    undone = the("receipt", studio.run())
    studio.answer(asked, "Yes, please go ahead.")
    again = studio.run()
    assert booked(studio) == ("16000.00", "2026-03-25", "approved")
    assert kinds(again).count("receipt") == 1
    studio.answer(the("receipt", again), "undo")
    assert "receipt" in kinds(studio.run())
    assert booked(studio) == AS_BEFORE
    assert undone["Message-ID"] != receipt["Message-ID"]


def test_undo_in_answer_to_the_mail_that_asked(studio: World) -> None:
    asked, _ = approved(studio)
    studio.answer(asked, "Undo.")
    studio.run()
    assert booked(studio) == AS_BEFORE


def test_after_the_window_it_is_for_the_account_manager(studio: World) -> None:
    _, receipt = approved(studio)
    studio.later(hours=49)
    studio.run()
    studio.answer(receipt, "undo")
    held = the("held", studio.run())
    assert "more than 48 hours" in text_of(held)
    assert booked(studio) == ("16000.00", "2026-03-25", "approved")
    studio.write(SAM, f"CO-1 [{REF}]", "undo CO-1")
    studio.run()
    assert booked(studio) == AS_BEFORE


@pytest.mark.parametrize(("sender", "proven"), [("bob@client.example", True), ("eve@evil.example", True), (ANN, False)])
def test_nobody_else_takes_it_back(studio: World, sender: str, proven: bool) -> None:
    _, receipt = approved(studio)
    studio.answer(receipt, "undo", sender=sender, proven=proven)
    assert kinds(studio.run()) == ["held"]
    assert booked(studio) == ("16000.00", "2026-03-25", "approved")


@pytest.mark.parametrize("words", ["Undo - I meant the other one", "undo?", "Please undo the beads but keep the cape."])
def test_more_than_undo_is_for_a_person(studio: World, words: str) -> None:
    _, receipt = approved(studio)
    studio.answer(receipt, words)
    assert "held" in kinds(studio.run())
    assert booked(studio) == ("16000.00", "2026-03-25", "approved")


def test_thanks_for_a_receipt_are_on_record_and_trouble_nobody(studio: World) -> None:
    _, receipt = approved(studio)
    studio.answer(receipt, "Thanks!")
    assert kinds(studio.run()) == []
    assert studio.status()["held"] == []


def test_a_question_about_a_receipt_is_put_to_staff_alone(studio: World) -> None:
    _, receipt = approved(studio)
    studio.answer(receipt, "When will you start with it?")
    assert kinds(studio.run()) == ["held"]


def test_undo_books_nothing_where_nothing_was_booked(studio: World) -> None:
    studio.answer(change_order(studio), "undo")
    assert kinds(studio.run()) == ["held"]
    assert "nothing is booked" in studio.status()["held"][0]["because"]
    assert booked(studio) == AS_BEFORE


def test_a_second_undo_changes_nothing_and_is_held(studio: World) -> None:
    _, receipt = approved(studio)
    studio.answer(receipt, "undo")
    studio.run()
    before = studio.status()
    studio.answer(receipt, "undo")
    assert kinds(studio.run()) == ["held"]
    after = studio.status()
    assert "taken back already" in after["held"][0]["because"]
    assert {**after, "held": []} == {**before, "held": []}


@pytest.mark.parametrize("thing", ["design", "Design approval"])
def test_staff_take_a_milestone_back_by_answering_the_booked_mail(studio: World, thing: str) -> None:
    studio.cli("do", REF, "ask design")
    studio.answer(the("approval-request", studio.run()), "Approved!")
    mine = the("booked", studio.run())
    assert studio.status()["phase"] == "Pattern"
    studio.later(days=9)
    studio.run()
    studio.answer(mine, f"undo {thing}\n\nSam", sender=SAM)
    out = studio.run()
    status = studio.status()
    assert (status["phase"], status["milestones"][0]["status"]) == ("Design", "asked")
    assert status["milestones"][0]["approved_by"] is None
    assert "open again" in text_of(the("command-result", out))
    assert the("receipt", out)["To"] == ANN


def test_staff_undo_at_the_shell_says_what_can_be_taken_back(studio: World) -> None:
    approved(studio)
    assert "can be taken back: CO-1" in studio.cli("do", REF, "undo design", code=1)
    assert "is taken back" in studio.cli("do", REF, "undo co-1")
    assert "was taken back already" in studio.cli("do", REF, "undo CO-1", code=1)
    assert booked(studio) == AS_BEFORE


def test_a_deposit_that_went_out_is_said_to_have_followed(studio: World) -> None:
    _, receipt = approved(studio)
    assert invoices(studio)["INV-4"] == ("2000.00", "sent")  # it goes out at once in the client's working hours
    studio.answer(receipt, "undo")
    out = studio.run()
    assert "INV-4 over 2000.00 USD had been sent on 2026-01-06" in text_of(the("booked", out))
    assert "INV-4: $2,000.00, sent before" in text_of(the("receipt", out))
    assert invoices(studio)["INV-3"] == ("1000.00", "planned")
    assert invoices(studio)["INV-4"] == ("2000.00", "sent")


def test_a_deposit_that_waits_for_the_morning_is_cancelled_and_never_goes_out(studio: World) -> None:
    asked = change_order(studio)
    studio.later(hours=11)
    studio.answer(asked, "Yes, please go ahead.")
    receipt = the("receipt", studio.run())
    assert invoices(studio)["INV-4"] == ("2000.00", "planned")
    studio.answer(receipt, "undo")
    assert "Cancelled: INV-4" in text_of(the("booked", studio.run()))
    assert invoices(studio)["INV-3"] == ("3000.00", "planned")
    assert invoices(studio)["INV-4"] == ("2000.00", "cancelled")
    studio.later(days=2)
    assert "invoice" not in kinds(studio.run())


def invoices(studio: World) -> dict[str, tuple[str, str]]:
    return {i["number"]: (i["amount"], i["status"]) for i in studio.status()["invoices"]}
