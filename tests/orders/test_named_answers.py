"""An answer that only its words lead to what is open: they decide it by its name, or a person does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from mailbot.orders.intake import Intake
from mailbot.orders.objections import objection
from tests.orders.world import ANN, NOW, do, order

ORDER = do(order(), "change order: Sequins\nSequins: 450.00\nsend").order
LATER = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    label: str
    because: str
    option: int | None = None
    certain: bool = True
    understood: bool = True
    guess: str | None = None
    conditional: bool = False


def answer(label: str, because: str, **changes: object) -> Intake:
    """Ann's mail to all that names CO-1 somewhere, read as `label` by the words in `because`."""
    plain = dict.fromkeys(Intake.__dataclass_fields__)
    told = {
        "proven": True, "role": "client", "sender": ANN, "order": ORDER, "request": ORDER.open_requests[0],
        "named": "CO-1", "matched": "a reply to a mail that somebody else wrote", "doubts": (), "written": LATER,
        "reading": Said(label, because),
    }  # fmt: skip
    return Intake(**{**plain, **told, **changes})  # type: ignore[arg-type]


def test_words_that_decide_by_its_name_are_booked() -> None:
    assert objection(answer("approve", 'en/asked-approved: "CO-1 is approved"'), False, LATER) is None


@pytest.mark.parametrize(("label", "because"), [("approve", 'en/yes: "yes"'), ("decline", 'en/no: "no"')])
def test_a_yes_or_no_elsewhere_in_the_mail_is_not(label: str, because: str) -> None:
    assert objection(answer(label, because), False, LATER) == (
        "CO-1 is named, but not by the words that decide (a reply to a mail that somebody else wrote)"
    )


def test_an_hour_is_confirmed_in_answer_to_its_invitation_only() -> None:
    why = objection(answer("confirm", '"CO-1 suits me"'), False, LATER)
    assert why is not None
    assert why.startswith("an hour is confirmed in answer to another mail")


def test_what_was_written_before_it_was_asked_is_no_answer() -> None:
    old = answer("approve", '"CO-1 is approved"', written=NOW - timedelta(days=1))
    assert objection(old, False, LATER) == "written before this was asked"
