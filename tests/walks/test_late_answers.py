"""Answers to what is no longer asked: nothing is booked, a person sees it, the client is told what is open."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.walks.test_main_walk import ask_design, milestone
from tests.walks.world import ANN, REF, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference


def told(out: list[EmailMessage]) -> str:
    """What the client is told, beside which the account manager has the reply."""
    assert kinds(out) == ["held", "question-back"]
    answer = the("question-back", out)
    assert answer["To"] == ANN
    return text_of(answer)


def test_an_old_revision(studio: World) -> None:
    old = the("approval-request", ask_design(studio))
    studio.later(hours=1)
    ask_design(studio)
    studio.cli("do", REF, "ask fabric")
    studio.run()
    studio.answer(old, "Approved!")
    said = told(studio.run())
    assert "newer version" in said
    assert "Design approval" in said
    assert "Fabric approval" in said
    assert milestone(studio, "design")["status"] == "asked"


def test_a_question_that_was_answered(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.answer(asked, "Approved!")
    studio.run()
    studio.cli("do", REF, "ask fabric")
    studio.run()
    studio.later(hours=1)
    studio.answer(asked, "No, please change the neckline.")
    said = told(studio.run())
    assert "already have an answer" in said
    assert "Fabric approval" in said
    assert milestone(studio, "design")["status"] == "approved"


def test_a_question_whose_time_is_over(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.later(days=31)
    studio.answer(asked, "Approved!")
    out = [mail for mail in studio.run() if mail["X-Mailbot-Kind"] in ("held", "question-back", "receipt", "booked")]
    said = told(out)
    assert "no longer be answered" in said
    assert "Design approval\n- " not in said
    assert milestone(studio, "design")["status"] == "asked"


def test_an_offer_that_has_changed_since(studio: World) -> None:
    studio.cli("do", REF, "change order: Sequins", "Sequins: 450.00", "days +5", "send")
    asked = the("change-order", studio.run())
    studio.cli("do", REF, "milestone delivery due 2026-04-03")
    studio.run()
    studio.answer(asked, "Yes, please go ahead.")
    assert "There is a newer version of this" in told(studio.run())
    assert studio.status()["total"] == "12000.00"


def test_a_closed_order(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.cli("do", REF, "ask fabric", "close anyway")
    studio.run()
    studio.answer(asked, "Approved!")
    said = told(studio.run())
    assert "Nothing is waiting for your decision" in said
    assert "Fabric" not in said
    assert milestone(studio, "design")["status"] == "asked"


def test_who_is_not_proven_is_told_nothing(studio: World) -> None:
    old = the("approval-request", ask_design(studio))
    studio.later(hours=1)
    ask_design(studio)
    studio.answer(old, "Approved!", proven=False)
    assert kinds(studio.run()) == ["held"]
