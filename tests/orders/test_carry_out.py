"""What commands do to an order: each line with its result, one wrong line stops nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mailbot.orders.events import OrderPaused
from mailbot.orders.evolve import evolve
from tests.orders.world import NOW, SAM, do, order

CHANGE = "change order: Sequins\nSequins: 450.00\nLabour: 800.00\ndays +5\nsend"


def test_one_wrong_line_stops_nothing_else() -> None:
    done = do(order(), "percent 40\nmileston design\nphase Pattern\nunblock 3")
    assert [line.ok for line in done.lines] == [True, False, True, False]
    assert (done.order.percent_complete, done.order.phase) == (40, "Pattern")


def test_asking_opens_one_request_and_asking_again_supersedes_it() -> None:
    first = do(order(), "ask design").order
    again = do(first, "ask design").order
    assert [r.state for r in again.requests] == ["superseded", "open"]
    assert len({r.token for r in again.requests}) == 2
    assert first.milestones[0].status == "asked"


def test_the_token_is_the_same_when_the_step_is_repeated_after_a_crash() -> None:
    assert do(order(), "ask design").order == do(order(), "ask design").order


@pytest.mark.parametrize("command", ["ask delivery", "ask disign", "ask first-fitting"])
def test_what_cannot_be_asked_is_refused_with_the_mend(command: str) -> None:
    done = do(order(), command)
    assert not done.lines[0].ok
    assert not done.events


def test_a_change_order_is_sent_with_its_items_and_days() -> None:
    done = do(order(), CHANGE)
    change = done.order.change_orders[0]
    assert (change.number, change.amount, change.days, change.status) == ("CO-1", Decimal("1250.00"), 5, "sent")
    assert [send.kind for send in done.sends] == ["change-order"]
    assert done.sends[0].token == done.order.requests[0].token


def test_a_price_in_another_currency_is_not_sent() -> None:
    done = do(order(), "change order: Sequins\nSequins: €450\nsend")
    assert not done.order.open_requests
    assert any("the order is in USD" in line.said for line in done.lines)


def test_a_change_order_with_a_wrong_line_is_kept_as_a_draft_and_not_sent() -> None:
    done = do(order(), "change order: Sequins\nSequins: about five hundred\nLabour: 800.00\nsend")
    assert done.order.change_orders[0].status == "draft"
    assert not done.sends
    assert not done.order.requests


def test_the_same_title_again_is_a_new_revision_that_supersedes() -> None:
    one = do(order(), CHANGE).order
    two = do(one, CHANGE.replace("450", "500")).order
    assert len(two.change_orders) == 1
    assert (two.change_orders[0].revision, two.change_orders[0].amount) == (2, Decimal("1300.00"))
    assert [r.state for r in two.requests] == ["superseded", "open"]


def test_from_the_third_change_order_on_the_account_manager_is_told() -> None:
    one = order()
    for n in range(1, 4):
        done = do(one, CHANGE.replace("Sequins\n", f"Change {n}\n", 1))
        one = done.order
        assert ("frequent-changes" in [send.kind for send in done.sends]) == (n == 3)


def test_while_paused_asking_waits_and_says_so() -> None:
    paused = evolve(order(), OrderPaused(at=NOW, by=SAM, why="INV-1 is unpaid"))
    done = do(paused, f"ask design\n{CHANGE}")
    assert not any(send.kind in ("approval-request", "change-order") for send in done.sends)
    assert "paused" in done.lines[0].said


def test_a_moved_milestone_takes_its_planned_invoice_along_but_not_a_sent_one() -> None:
    done = do(order(), "milestone first-fitting due 2026-02-13\nmilestone delivery due 2026-03-27")
    due = {i.kind: i.due for i in done.order.invoices}
    assert due == {"deposit": date(2026, 1, 5), "mid-project": date(2026, 2, 13), "final": date(2026, 3, 27)}
    assert done.order.delivery == date(2026, 3, 27)


def test_done_needs_the_clients_approval_where_one_is_asked() -> None:
    done = do(order(), "milestone design done\nmilestone first-fitting done")
    assert [line.ok for line in done.lines] == [False, True]
    assert done.order.phase == "Fitting"


def test_closing_waits_for_what_is_open() -> None:
    asked = do(order(), "ask design").order
    refused = do(asked, "close")
    assert "INV-1 is unpaid" in refused.lines[0].said
    closed = do(asked, "close anyway").order
    assert closed.closed
    assert not closed.open_requests


def test_only_those_who_may_say_it() -> None:
    done = do(order(), "phase Pattern\npaid INV-1", roles=("finance",))
    assert [line.ok for line in done.lines] == [False, True]


def test_paying_in_the_future_is_a_promise() -> None:
    done = do(order(), "paid INV-1 on 2026-02-01\npromise INV-1 until 2026-02-01")
    assert [line.ok for line in done.lines] == [False, True]
    assert done.order.invoices[0].promised == date(2026, 2, 1)


def test_a_change_order_that_is_redrafted_takes_back_what_was_asked() -> None:
    sent = do(order(), CHANGE).order
    redrafted = do(sent, "change order CO-1:\nSequins: 9,999.00").order
    assert redrafted.change_orders[0].status == "draft"
    assert [r.state for r in redrafted.requests] == ["superseded"]
