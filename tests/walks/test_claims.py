"""What a client says of an invoice: paid, and finance looks; disputed, and no reminder goes until it is settled."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from tests.walks.world import ANN, REF, SAM, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
FINANCE = "finance@studio.example"
DISPUTE = "We dispute this invoice, the hem is wrong."


def reminded(studio: World) -> EmailMessage:
    studio.at = datetime(2026, 1, 12, 14, 5, tzinfo=UTC)
    return the("reminder-friendly", studio.run())


def invoice(studio: World) -> Any:
    return studio.status()["invoices"][0]


@pytest.mark.parametrize("words", ["I paid this today.", "We transferred the amount this morning."])
def test_a_payment_that_is_told_is_put_to_finance_and_books_nothing(studio: World, words: str) -> None:
    studio.answer(reminded(studio), words)
    out = studio.run()
    assert kinds(out) == ["payment-claim", "receipt"]
    claim = the("payment-claim", out)
    assert (claim["To"], claim["Cc"]) == (FINANCE, SAM)
    assert words in text_of(claim)
    assert "INV-1" in text_of(the("receipt", out))
    assert (invoice(studio)["status"], studio.status()["held"]) == ("sent", [])
    studio.answer(claim, "paid INV-1 on 2026-01-12", sender=FINANCE)
    studio.run()
    assert invoice(studio)["status"] == "paid"


def test_the_subject_leads_to_the_invoice_where_nothing_else_does(studio: World) -> None:
    studio.write(ANN, str(reminded(studio)["Subject"]), "I paid this today.")
    assert kinds(studio.run()) == ["payment-claim", "receipt"]


def test_a_dispute_freezes_the_ladder_and_brings_people_to_talk(studio: World) -> None:
    studio.answer(reminded(studio), DISPUTE)
    out = studio.run()
    assert kinds(out) == ["receipt", "unhappy-client"]
    assert "dispute INV-1 settled" in " ".join(text_of(the("unhappy-client", out)).split())
    assert invoice(studio)["status"] == "frozen"
    studio.at = datetime(2026, 2, 2, 14, 5, tzinfo=UTC)
    assert not {"reminder-firm", "pause-notice", "escalation-collection"} & set(kinds(studio.run()))
    studio.write(SAM, f"Hem [{REF}]", "dispute INV-1 settled")
    studio.run()
    studio.at = datetime(2026, 2, 3, 14, 5, tzinfo=UTC)
    studio.run()
    assert invoice(studio)["status"] == "sent"
    assert [step["step"] for step in invoice(studio)["steps"]] == ["reminder-friendly", "collection"]


@pytest.mark.parametrize(
    ("sender", "proven", "words"),
    [
        (ANN, False, "I paid this today."),
        (ANN, False, DISPUTE),
        (ANN, True, "I will pay when the hem is mended."),
        ("eve@evil.example", True, DISPUTE),
    ],
)
def test_anything_else_is_no_word_about_it(studio: World, sender: str, proven: bool, words: str) -> None:
    studio.answer(reminded(studio), words, sender=sender, proven=proven)
    assert not {"payment-claim", "receipt"} & set(kinds(studio.run()))
    assert invoice(studio)["status"] == "sent"


@pytest.mark.parametrize("words", ["I am not happy with the direction of the gown.", "This is unacceptable."])
def test_a_client_who_is_not_content_is_called_whatever_they_answer(studio: World, words: str) -> None:
    studio.cli("do", REF, "ask design")
    studio.answer(the("approval-request", studio.run()), words)
    call = the("unhappy-client", studio.run())
    assert call["To"] == SAM
    assert words in text_of(call)


def test_what_is_to_be_collected_goes_to_finance_with_all_that_was_said_about_it(studio: World) -> None:
    sent = reminded(studio)
    studio.answer(sent, "I will look into it.")
    studio.run()
    studio.at = datetime(2026, 2, 3, 14, 5, tzinfo=UTC)
    letter = the("escalation-collection", studio.run())
    inside = [part.get_content() for part in letter.iter_attachments()]
    assert [part.get_content_type() for part in letter.iter_attachments()] == ["message/rfc822"] * len(inside)
    assert [mail["X-Mailbot-Kind"] or mail["From"] for mail in inside][-2:] == ["reminder-friendly", ANN]
    assert inside[-2]["Message-ID"] == sent["Message-ID"]
    assert "I will look into it." in text_of(inside[-1])
    assert "too large" not in text_of(letter)
