"""What a person may make of a held reply, and what not: the answer was late, another waits, somebody else wrote it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mailbot.orders.commands import Command
from mailbot.orders.intake import Decision
from mailbot.orders.model import Held, Order
from mailbot.orders.settle import Unsettled, settle
from tests.orders.world import ANN, NOW, circumstances, do, order

ASKED = do(order(), "ask design").order
(REQUEST,) = ASKED.requests
LATER = NOW + timedelta(hours=2)


def held(at: datetime = NOW + timedelta(hours=1), **changes: Any) -> Held:
    facts: dict[str, Any] = {
        "id": "H-1", "order": ASKED.ref, "request": REQUEST.token, "about": "design", "sender": ANN, "subject": "Re: x",
        "words": "Approved once the hem is fixed.", "guess": "changes", "because": "a condition", "mail": "0" * 64,
        "message_id": "1@client.example", "at": at, "am": "sam@studio.example",
    }  # fmt: skip
    return Held(**{**facts, **changes})


def settled(one: Held, word: str = "approve", on: Order = ASKED, **changes: Any) -> Decision:
    at = circumstances(**{"now": LATER, **changes})
    return settle(one, Command(word, word, {}), on, at, "shell")  # type: ignore[arg-type]


def test_it_is_booked_as_the_person_says() -> None:
    decision = settled(held())
    assert decision.order is not None
    milestone = decision.order.milestone("design")
    assert milestone is not None
    assert (milestone.status, milestone.how) == ("approved", "held-confirmed")


def test_a_newer_reply_that_waits_comes_first() -> None:
    newer = held(NOW + timedelta(hours=1, minutes=5), id="H-2")
    with pytest.raises(Unsettled, match="has written again since, and that waits as H-2"):
        settled(held(), waiting=(held(), newer))
    assert settled(held(), "dismiss", waiting=(held(), newer)).settled is not None
    assert settled(newer, waiting=(held(), newer)).settled is not None


@pytest.mark.parametrize("changes", [{"state": "settled"}, {"request": "a" * 16}, {"at": NOW}])
def test_what_is_settled_or_elsewhere_or_older_does_not_count(changes: dict[str, Any]) -> None:
    other = held(**{"at": LATER, "id": "H-2", **changes})
    assert settled(held(), waiting=(held(), other)).settled is not None


def test_an_answer_that_came_too_late_is_not_booked() -> None:
    late = held(REQUEST.expires_at + timedelta(minutes=1))
    with pytest.raises(Unsettled, match="expired"):
        settled(late, now=late.at + timedelta(hours=1))


def test_an_answer_in_time_may_be_settled_later() -> None:
    assert settled(held(), now=REQUEST.expires_at + timedelta(days=1)).settled is not None


def test_an_answer_to_what_was_asked_anew_is_not_booked() -> None:
    with pytest.raises(Unsettled, match="an old revision"):
        settled(held(), on=do(ASKED, "ask design").order)


def test_who_may_not_decide_has_not_approved() -> None:
    with pytest.raises(Unsettled, match="may not decide"):
        settled(held(sender="bob@client.example"))
