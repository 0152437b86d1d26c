"""Answers to what is no longer asked: nothing is booked, a person sees it, the client is told what is open."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.walks.test_main_walk import ask_design, milestone
from tests.walks.world import ANN, REF, World, kinds, text_of, the, world


@pytest.fixture(params=["pymap_server", "dovecot"])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with world(request.getfixturevalue(request.param), tmp_path) as made:
        made.import_order()
        made.run()
        yield made


def told(out: list[EmailMessage]) -> str:
    """What the client is told, beside which the account manager has the reply."""
    assert kinds(out) == ["held", "question-back"]
    answer = the("question-back", out)
    assert answer["To"] == ANN
    return text_of(answer)


def test_an_old_revision(there: World) -> None:
    old = the("approval-request", ask_design(there))
    there.later(hours=1)
    ask_design(there)
    there.cli("do", REF, "ask fabric")
    there.run()
    there.answer(old, "Approved!")
    said = told(there.run())
    assert "newer version" in said
    assert "Design approval" in said
    assert "Fabric approval" in said
    assert milestone(there, "design")["status"] == "asked"


def test_a_question_that_was_answered(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    there.answer(asked, "Approved!")
    there.run()
    there.cli("do", REF, "ask fabric")
    there.run()
    there.later(hours=1)
    there.answer(asked, "No, please change the neckline.")
    said = told(there.run())
    assert "already have an answer" in said
    assert "Fabric approval" in said
    assert milestone(there, "design")["status"] == "approved"


def test_a_question_whose_time_is_over(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    there.later(days=31)
    there.answer(asked, "Approved!")
    out = [mail for mail in there.run() if mail["X-Mailbot-Kind"] in ("held", "question-back", "receipt", "booked")]
    said = told(out)
    assert "no longer be answered" in said
    assert "Design approval\n- " not in said
    assert milestone(there, "design")["status"] == "asked"


def test_an_offer_that_has_changed_since(there: World) -> None:
    there.cli("do", REF, "change order: Sequins", "Sequins: 450.00", "days +5", "send")
    asked = the("change-order", there.run())
    there.cli("do", REF, "milestone delivery due 2026-04-03")
    there.run()
    there.answer(asked, "Yes, please go ahead.")
    assert "There is a newer version of this" in told(there.run())
    assert there.status()["total"] == "12000.00"


def test_a_closed_order(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    there.cli("do", REF, "ask fabric", "close anyway")
    there.run()
    there.answer(asked, "Approved!")
    said = told(there.run())
    assert "Nothing is waiting for your decision" in said
    assert "Fabric" not in said
    assert milestone(there, "design")["status"] == "asked"


def test_who_is_not_proven_is_told_nothing(there: World) -> None:
    old = the("approval-request", ask_design(there))
    there.later(hours=1)
    ask_design(there)
    there.answer(old, "Approved!", proven=False)
    assert kinds(there.run()) == ["held"]
