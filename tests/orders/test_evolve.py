"""The order after events: money and dates stay consistent, the chain shows every change."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders import events as e
from mailbot.orders.evolve import evolve, replay
from mailbot.orders.model import Order
from mailbot.orders.settle import booked
from tests.orders.world import ANN, NOW, circumstances, do, imported, order

CHANGE = "change order: {title}\nSequins: {amount}\ndays {days:+d}\nsend"


def approve(one: Order, verdict: str = "approve") -> tuple[Order, tuple[e.Event, ...]]:
    """The client's answer to the last open request."""
    at = circumstances(next_invoice=len(one.invoices) + 1)
    decision = booked(
        one, one.open_requests[-1], verdict, at, by=ANN, how="replied", proof="dmarc=pass", because="r", words="yes",  # type: ignore[arg-type]
        mail="0" * 64,
    )  # fmt: skip
    assert decision.order is not None
    return decision.order, decision.events


def test_an_approved_milestone_moves_the_phase_forward_only() -> None:
    after, _ = approve(do(order(), "ask design").order)
    assert (after.phase, after.milestones[0].status, after.milestones[0].approved_by) == ("Pattern", "approved", ANN)
    late, _ = approve(do(order(phase="Fitting"), "ask design").order)
    assert late.phase == "Fitting"


def test_changes_keep_the_clients_words_and_move_nothing() -> None:
    after, _ = approve(do(order(), "ask design").order, "changes")
    assert (after.phase, after.milestones[0].status, after.milestones[0].wishes) == ("Design", "changes", ("yes",))


def test_a_small_change_order_raises_the_total_the_date_and_the_last_invoice() -> None:
    after, _ = approve(do(order(), CHANGE.format(title="Sequins", amount="1250.00", days=5)).order)
    assert after.total == Decimal("13250.00")
    assert after.delivery == order().delivery + timedelta(days=5)
    assert [i.amount for i in after.invoices] == [Decimal("6000.00"), Decimal("3000.00"), Decimal("4250.00")]
    assert after.invoices[-1].due == after.delivery


def test_a_change_order_above_the_limit_bills_its_deposit_at_once() -> None:
    after, _ = approve(do(order(), CHANGE.format(title="Cape", amount="2400.01", days=0)).order)
    deposit = after.invoices[-1]
    assert (deposit.kind, deposit.amount, deposit.number) == ("change-order-deposit", Decimal("1200.01"), "INV-4")
    assert sum(i.amount for i in after.invoices) == after.total
    exactly, _ = approve(do(order(), CHANGE.format(title="Cape", amount="2400.00", days=0)).order)
    assert len(exactly.invoices) == 3


@pytest.mark.parametrize(("currency", "amount", "deposit"), [
    ("JPY", "45001", "22501"), ("KWD", "4500.125", "2250.063"), ("USD", "4500.01", "2250.01"),
])  # fmt: skip
def test_a_deposit_is_rounded_as_its_currency_is(currency: str, amount: str, deposit: str) -> None:
    """Yen have no decimals, Kuwaiti dinars three."""
    after, _ = approve(do(order(currency=currency), CHANGE.format(title="Cape", amount=amount, days=0)).order)
    assert [str(i.amount) for i in after.invoices if i.kind == "change-order-deposit"] == [deposit]


def test_a_change_order_after_the_last_invoice_is_billed_by_a_new_one() -> None:
    one = order()
    for invoice in one.invoices:
        sent = invoice.model_copy(update={"status": "sent", "sent_on": invoice.due})
        one = evolve(one, e.InvoiceChanged(at=NOW, by="mailbot", invoice=sent, what="sent"))
    after, _ = approve(do(one, CHANGE.format(title="Hat", amount="100.00", days=0)).order)
    assert (after.invoices[-1].kind, after.invoices[-1].amount) == ("change-order", Decimal("100.00"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.decimals("0.01", "9999", places=2),
            st.integers(-3, 20),
            st.sampled_from(["approve", "decline", "changes"]),
        ),
        max_size=6,
    )
)
def test_every_cent_is_billed_once_whatever_is_approved(changes: list[tuple[Decimal, int, str]]) -> None:
    one, events = order(), [imported()]
    for n, (amount, days, verdict) in enumerate(changes):
        done = do(one, CHANGE.format(title=f"Change {n}", amount=amount, days=days))
        one, more = approve(done.order, verdict)
        events += [*done.events, *more]
    agreed = sum((c.amount for c in one.change_orders if c.status == "approved"), Decimal(0))
    assert one.total == one.contract_total + agreed
    assert sum((i.amount for i in one.invoices), Decimal(0)) == one.total
    assert len({i.number for i in one.invoices}) == len(one.invoices)
    assert replay(events) == one
