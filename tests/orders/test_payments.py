"""What staff and finance say of an invoice: paid, in part, promised, disputed; work that waits for a deposit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mailbot.orders.model import Order
from mailbot.orders.settle import booked
from mailbot.planning.dunning import ladder
from tests.orders.world import ANN, NOW, RULES, circumstances, do, order


def invoice(one: Order, number: str = "INV-1") -> tuple[str, Decimal]:
    found = one.invoice(number)
    assert found is not None
    return found.status, found.paid


def test_parts_add_up_until_all_of_it_is_paid() -> None:
    one = do(order(), "paid 1000.00 of INV-1\nINV-1 paid in part: 2,500.00").order
    assert invoice(one) == ("planned", Decimal("3500.00"))
    done = do(one, "paid 2500.00 of INV-1 on 2026-01-05")
    assert invoice(done.order) == ("paid", Decimal("6000.00"))
    assert done.lines[0].said == "INV-1 is paid (2026-01-05)"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("paid 6000.01 of INV-1", "only 6000.00 USD of INV-1 are to be paid"),
        ("paid 0.00 of INV-1", "is no payment"),
        ("paid 10.00 of INV-9", "this order has no INV-9"),
        ("paid 10.00 of INV-1 on 2026-02-01", "is still to come"),
    ],
)
def test_what_cannot_be_is_refused(line: str, why: str) -> None:
    done = do(order(), line)
    assert not done.lines[0].ok
    assert why in done.lines[0].said
    assert not done.events


def test_a_dispute_that_is_settled_lets_the_reminders_go_on() -> None:
    one = do(order(), "dispute INV-1 The hem").order
    (frozen,) = [i for i in one.invoices if i.number == "INV-1"]
    assert ladder(frozen, one, RULES, NOW + timedelta(days=30)) == ()
    again = do(one, "dispute INV-1 settled").order
    (free,) = [i for i in again.invoices if i.number == "INV-1"]
    assert (free.status, free.why) == ("planned", None)
    assert ladder(free, again, RULES, NOW + timedelta(days=30))


def test_the_work_on_a_large_change_waits_for_its_deposit() -> None:
    asked = do(order(), "change order: Cape\nCape: 3000.00\nsend").order
    decision = booked(
        asked, asked.open_requests[0], "approve", circumstances(next_invoice=4), by=ANN, how="replied", proof="p",
        because="r", words="yes", mail="0" * 64,
    )  # fmt: skip
    assert decision.order is not None
    assert [(c.number, i.number) for c, i in decision.order.waiting_work] == [("CO-1", "INV-4")]
    part = do(decision.order, "paid 500.00 of INV-4").order
    assert part.waiting_work
    done = do(part, "paid INV-4")
    assert done.lines[0].said.endswith("the work on CO-1 begins")
    assert done.order.waiting_work == ()
