"""Open questions whose numbers no longer hold are asked anew; what still holds is left alone."""

from __future__ import annotations

from datetime import date, timedelta

from mailbot.orders.intake import Decision
from mailbot.orders.model import Order
from mailbot.orders.objections import stale
from mailbot.orders.renewal import renewed, with_renewed
from mailbot.orders.settle import booked
from tests.orders.world import ANN, NOW, circumstances, do, order

CHANGE = "change order: {title}\nWork: 100.00\ndays {days:+d}\nsend"
ISSUE = "issue: Silk delayed\nsituation: so\nimpact: 3 days\noption: Wait | days +3\noption: Satin | days 0\nsend"


def two_changes() -> Order:
    return do(order(), CHANGE.format(title="Hat", days=2) + "\n" + CHANGE.format(title="Gloves", days=0)).order


def approve(one: Order, about: str) -> Decision:
    (asked,) = [r for r in one.open_requests if r.about == about]
    at = circumstances(next_invoice=4)
    decision = booked(
        one, asked, "approve", at, by=ANN, how="replied", proof="p", because="r", words="yes", mail="0" * 64
    )
    return with_renewed(decision, at)


def test_the_other_open_change_order_is_asked_anew_with_the_new_numbers() -> None:
    decision = approve(two_changes(), "CO-1")
    assert decision.order is not None
    (open_one,) = decision.order.open_requests
    assert (open_one.about, stale(decision.order, open_one, NOW)) == ("CO-2", None)
    assert "Contract total 12100.00 -> 12200.00" in open_one.shown
    assert [r.state for r in decision.order.requests if r.about == "CO-2"] == ["superseded", "open"]
    again = decision.sends[-1]
    assert (again.kind, again.data["revision"], again.data["delivery_before"]) == ("change-order", 2, date(2026, 3, 22))
    (told,) = [send for send in decision.sends if send.kind == "booked"]
    assert told.data["renewed"] == ["CO-2"]


def test_the_ways_out_of_an_issue_are_shown_with_their_new_days() -> None:
    done = do(do(order(), ISSUE).order, "milestone delivery due 2026-03-27")
    assert [o["delivery"] for o in done.sends[-1].data["options"]] == [date(2026, 3, 30), date(2026, 3, 27)]
    assert done.lines[-1].said.endswith("ISS-1 is asked anew, with the new numbers")
    assert [r.state for r in done.order.requests] == ["superseded", "open"]


def test_nothing_is_asked_anew_while_the_numbers_hold_or_work_is_paused() -> None:
    one = two_changes()
    assert renewed(one, circumstances()).events == ()
    paused = do(one, "pause wait").order
    assert renewed(do(paused, "milestone delivery due 2026-04-01").order, circumstances()).events == ()


def test_it_ends_when_the_first_question_would_have() -> None:
    one = do(order(), ISSUE.replace("\nsend", "\nanswer by 2026-01-08\nsend")).order
    later = do(one, "milestone delivery due 2026-03-27", now=NOW + timedelta(days=1)).order
    assert later.open_requests[0].expires_at == one.open_requests[0].expires_at
