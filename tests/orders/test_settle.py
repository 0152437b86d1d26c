"""What a person may make of a held reply, and what not: the answer was late, another waits, somebody else wrote it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mailbot.orders.commands import Command, answer
from mailbot.orders.events import DecisionBooked
from mailbot.orders.intake import Decision
from mailbot.orders.model import Held, Order
from mailbot.orders.settle import Unsettled, settle
from tests.orders.world import ANN, COMMANDS, NOW, circumstances, do, order

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


def test_nobody_of_the_studio_has_decided_for_the_client() -> None:
    with pytest.raises(Unsettled, match="of the studio"):
        settled(held(), studio=frozenset({ANN}))


def test_a_limit_binds_who_settles_it() -> None:
    on = do(order(), "approver pa@client.example up to 100\nchange order: Sequins\nSequins: 450.00\nsend").order
    one = held(request=on.open_requests[0].token, sender="pa@client.example", guess="approve")
    with pytest.raises(Unsettled, match=r"over the limit: CO-1 is 450\.00 USD"):
        settled(one, on=on)
    decision = settled(one, "decline", on=on)
    assert decision.order is not None
    assert decision.order.change_orders[0].status == "declined", "a no may be booked by whoever is asked to judge"


def test_a_delegate_counts_as_long_as_their_answer_came_in_time() -> None:
    on = do(ASKED, "delegate bob@client.example until 2026-01-05").order
    one = held(sender="bob@client.example", proven=True, proof="dmarc=pass")
    decision = settled(one, on=on, now=NOW + timedelta(days=3))
    booking = decision.events[-1]
    assert isinstance(booking, DecisionBooked)
    assert booking.authority == f"delegate in the place of {ANN} until 2026-01-05"
    assert booking.proof == "confirmed by sam@studio.example; dmarc=pass"
    late = held(NOW + timedelta(days=1), sender="bob@client.example")
    with pytest.raises(Unsettled, match="they could until 2026-01-05"):
        settled(late, on=on, now=NOW + timedelta(days=3))


def answered(one: Held, text: str, on: Order = ASKED, **changes: Any) -> Decision:
    said = answer(text, COMMANDS)
    assert said is not None
    return settle(one, said, on, circumstances(**{"now": LATER, **changes}), "shell")


def test_a_colleague_is_added_and_what_they_said_is_booked() -> None:
    one = held(sender="bob@client.example", proven=True, proof="dmarc=pass")
    decision = answered(one, "approve and add approver")
    assert decision.order is not None
    assert decision.order.client.approvers == (ANN, "bob@client.example")
    assert decision.order.milestones[0].approved_by == "bob@client.example"
    alone = answered(one, "add approver")
    assert alone.settled is None
    assert [event.type for event in alone.events] == ["ApproverChanged"]


@pytest.mark.parametrize(
    ("changes", "text", "why"),
    [
        ({"sender": "bob@client.example"}, "add approver", "it is not proven"),
        ({"sender": "bob@client.example"}, "approve and add approver", "it is not proven"),
        ({"sender": "eve@elsewhere.example", "proven": True}, "add approver", "is of another domain"),
        ({"sender": "sam@studio.example", "proven": True}, "add approver", "is of another domain"),
        ({}, "approve and accept bob@client.example", "this is of ann@client.example"),
        ({"sender": "bob@client.example", "uncontested": True}, "approve and accept", "nothing to accept"),
        ({"proof": "dmarc=fail by mx"}, "approve and accept", "dmarc=fail by mx: such mail is never accepted"),
        ({"order": None}, "add approver", "it belongs to no order"),
    ],
)
def test_nothing_is_booked_along_with_what_cannot_be(changes: dict[str, Any], text: str, why: str) -> None:
    one = held(**changes)
    said = answer(text, COMMANDS)
    assert said is not None
    with pytest.raises(Unsettled, match=why):
        settle(one, said, ASKED if one.order else None, circumstances(now=LATER), "shell")


def test_a_sender_is_accepted_along_with_their_answer() -> None:
    decision = answered(held(proof="dmarc=none", uncontested=True), f"approve and accept {ANN}")
    assert decision.order is not None
    assert [(one.address, one.by) for one in decision.order.accepted] == [(ANN, "sam@studio.example")]
    booking = next(event for event in decision.events if isinstance(event, DecisionBooked))
    assert booking.proof == "confirmed by sam@studio.example; not proven: dmarc=none"
