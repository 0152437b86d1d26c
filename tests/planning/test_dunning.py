"""The ladder: each step on its day, never two at once, never down, and nothing once it is paid."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.orders.events import InvoiceChanged, OrderResumed
from mailbot.orders.model import ChangeOrder, Step
from mailbot.planning.project import plan_invoices, plan_milestones, shares
from tests.planning.world import MONDAY, NEW_YORK, RULES, Planner, invoice, moment, new_order

MONEY = (
    "invoice", "reminder-due", "reminder-friendly", "reminder-firm", "pause-notice", "escalation-pause",
    "escalation-collection",
)  # fmt: skip


def planner(due: str, *, zone: str = NEW_YORK, locale: str = "en_US", **fields: Any) -> Planner:
    order = new_order(signed=date(2025, 12, 1), zone=zone, locale=locale, invoices=[invoice(due, **fields)])
    return Planner(order)


def changed(run: Planner, when: str, what: str, **fields: Any) -> None:
    new = run.order.invoices[0].model_copy(update=fields)
    run.happens(InvoiceChanged(at=moment(when), by="finance@studio.example", invoice=new, what=what))


def test_the_whole_ladder() -> None:
    run = planner("2026-02-06").run(moment("2026-01-05 10:00"), moment("2026-04-01 00:00"))
    assert run.story(*MONEY) == [
        "2026-02-03 09:00 invoice",
        "2026-02-06 09:00 reminder-due",
        "2026-02-11 09:00 reminder-friendly",
        "2026-02-13 09:00 reminder-firm",
        "2026-02-14 09:00 escalation-pause",
        "2026-02-14 09:00 pause-notice",
        "2026-02-21 09:00 escalation-collection",
    ]
    bill = run.order.invoices[0]
    assert (bill.status, bill.sent_on) == ("sent", date(2026, 2, 3))
    assert [step.step for step in bill.steps] == [
        "reminder-due", "reminder-friendly", "reminder-firm", "pause", "collection",
    ]  # fmt: skip
    assert run.order.paused == "INV-9 is unpaid 8 days after it was due"


def test_who_is_told() -> None:
    run = planner("2026-02-06").run(moment("2026-01-05 10:00"), moment("2026-04-01 00:00"))
    to = {o.kind: o.to for _, o in run.sent}
    assert to["reminder-firm"] == ("ann@client.example", "bo@client.example")
    assert to["escalation-pause"] == ("dana@studio.example", "sam@studio.example", "ops@studio.example")
    assert to["escalation-collection"] == ("finance@studio.example",)


@pytest.mark.parametrize(
    ("zone", "locale", "utc"),
    [
        ("Pacific/Tongatapu", "en", "2026-02-02 20:00"),  # UTC+13: 09:00 of the 3rd
        ("Pacific/Pago_Pago", "en", "2026-02-03 20:00"),  # UTC-11
        ("Europe/Berlin", "de_DE", "2026-02-03 08:00"),
    ],
)
def test_nine_o_clock_is_the_clients(zone: str, locale: str, utc: str) -> None:
    run = planner("2026-02-06", zone=zone, locale=locale).run(moment("2026-01-05 10:00"), moment("2026-04-01 00:00"))
    assert run.story("invoice", zone="UTC") == [f"{utc} invoice"]
    assert [s.removesuffix(" reminder-firm") for s in run.story("reminder-firm", zone=zone)] == ["2026-02-13 09:00"]
    assert run.order.invoices[0].sent_on == date(2026, 2, 3)


def test_nine_o_clock_stays_nine_o_clock_over_the_clock_change() -> None:
    run = planner("2026-03-06").run(moment("2026-02-05 10:00"), moment("2026-04-30 00:00"))
    assert [s for s in run.story(*MONEY) if " 09:00 " not in s] == []
    assert [at.hour for at, o in run.sent if o.kind in ("reminder-due", "reminder-friendly")] == [14, 13]


def test_reminders_move_to_a_working_day_and_the_count_stays() -> None:
    """Due on Thursday 24 December: day 0 is a working day, day 5 Tuesday; three days before is Monday."""
    run = planner("2026-12-24").run(moment("2026-12-01 10:00"), moment("2027-02-01 00:00"))
    assert run.story(*MONEY)[:4] == [
        "2026-12-21 09:00 invoice",
        "2026-12-24 09:00 reminder-due",
        "2026-12-29 09:00 reminder-friendly",
        "2026-12-31 09:00 reminder-firm",
    ]
    assert run.story(*MONEY)[4:] == [  # New Year's Day moves neither
        "2027-01-01 09:00 escalation-pause",
        "2027-01-01 09:00 pause-notice",
        "2027-01-08 09:00 escalation-collection",
    ]


def test_of_two_on_one_day_the_higher_goes() -> None:
    """Day 5 is Saturday 7 February, so it moves to Monday, which is day 7."""
    run = planner("2026-02-02").run(moment("2026-01-05 10:00"), moment("2026-02-11 00:00"))
    assert run.story("reminder-friendly", "reminder-firm") == ["2026-02-09 09:00 reminder-firm"]


def test_a_reminder_that_the_pause_overtakes_is_not_sent_after_it() -> None:
    """Day 7 is Saturday 14 February and moves to Tuesday, Monday being a holiday; the pause is on Sunday."""
    run = planner("2026-02-07").run(moment("2026-01-05 10:00"), moment("2026-03-31 00:00"))
    assert run.story("reminder-firm") == []
    assert run.story("pause-notice") == ["2026-02-15 09:00 pause-notice"]


def test_sent_late_it_counts_from_then() -> None:
    """Imported three weeks late: the invoice once, no reminder on the same day, no pause before day 8 from then."""
    run = planner("2026-01-05").run(moment("2026-01-26 11:00"), moment("2026-03-31 00:00"))
    assert run.story(*MONEY)[:4] == [
        "2026-01-26 11:00 invoice",
        "2026-02-02 09:00 reminder-firm",  # day 5 is a Saturday
        "2026-02-03 09:00 escalation-pause",
        "2026-02-03 09:00 pause-notice",
    ]


def test_late_at_night_it_waits_for_the_morning() -> None:
    run = planner("2026-01-05").run(moment("2026-01-23 20:00"), moment("2026-01-24 00:00"))
    run.run(moment("2026-01-26 08:30"), moment("2026-01-27 00:00"))
    assert run.story("invoice") == ["2026-01-26 09:00 invoice"]


def test_after_an_outage_only_the_latest_step() -> None:
    run = planner("2026-02-06")
    run.run(moment("2026-01-05 10:00"), moment("2026-02-10 12:00"))
    run.run(moment("2026-02-16 11:00"), moment("2026-04-01 00:00"))
    assert run.story(*MONEY)[2:] == [
        "2026-02-16 11:00 escalation-pause",  # a holiday; the pause knows none
        "2026-02-16 11:00 pause-notice",
        "2026-02-21 09:00 escalation-collection",
    ]


def test_a_payment_stops_it() -> None:
    run = planner("2026-02-06")
    run.run(moment("2026-01-05 10:00"), moment("2026-02-12 12:00"))
    changed(run, "2026-02-12 13:00", "paid", status="paid", paid_on=date(2026, 2, 12))
    before = run.keys(*MONEY)
    run.run(moment("2026-02-12 13:01"), moment("2026-06-01 00:00"))
    assert run.keys(*MONEY) == before


def test_a_dispute_freezes_it() -> None:
    run = planner("2026-02-06", status="frozen", why="wrong amount", sent_on=date(2026, 2, 3))
    run.run(moment("2026-02-03 10:00"), moment("2026-06-01 00:00"))
    assert run.keys(*MONEY) == []


def test_a_dispute_outlasts_a_promise() -> None:
    run = planner("2026-02-06", status="frozen", why="wrong", promised=date(2026, 2, 9), sent_on=date(2026, 2, 3))
    assert run.run(moment("2026-02-03 10:00"), moment("2026-06-01 00:00")).keys(*MONEY) == []


def test_a_broken_promise_is_followed_by_one_step_on_the_next_working_day() -> None:
    run = planner("2026-02-06")
    run.run(moment("2026-01-05 10:00"), moment("2026-02-06 12:00"))
    changed(run, "2026-02-06 13:00", "promise", promised=date(2026, 2, 13))  # a Friday; Monday is a holiday
    run.run(moment("2026-02-06 13:01"), moment("2026-06-01 00:00"))
    assert run.story(*MONEY)[2:] == [
        "2026-02-17 09:00 escalation-pause",
        "2026-02-17 09:00 pause-notice",
        "2026-02-21 09:00 escalation-collection",
    ]


def test_a_promise_before_anything_is_late_loses_no_reminder() -> None:
    run = planner("2026-02-06", promised=date(2026, 2, 6))
    run.run(moment("2026-01-05 10:00"), moment("2026-02-14 00:00"))
    assert run.story("invoice", "reminder-due", "reminder-friendly")[-1] == "2026-02-11 09:00 reminder-friendly"


def test_resumed_while_unpaid_it_pauses_nothing_again_but_is_collected() -> None:
    run = planner("2026-02-06", sent_on=date(2026, 2, 3), status="sent", no_pause=True)
    run.run(moment("2026-02-13 12:00"), moment("2026-06-01 00:00"))
    assert run.keys("pause-notice", "escalation-pause") == []
    assert run.keys("escalation-collection") == ["INV-9/collection"]


def test_an_order_that_was_resumed_stays_so() -> None:
    run = planner("2026-02-06")
    run.run(moment("2026-01-05 10:00"), moment("2026-02-14 12:00"))
    freed = run.order.invoices[0].model_copy(update={"no_pause": True})
    when = moment("2026-02-14 13:00")
    run.happens(InvoiceChanged(at=when, by="dana", invoice=freed, what="resumed"), OrderResumed(at=when, by="dana"))
    run.run(when, moment("2026-06-01 00:00"))
    assert run.order.paused is None
    assert run.keys("pause-notice") == ["INV-9/pause/pause-notice"]


def test_a_closed_order_and_an_invoice_of_nothing_are_left_alone() -> None:
    assert (
        planner("2026-02-06", amount=Decimal("0.00"))
        .run(moment("2026-02-03 10:00"), moment("2026-06-01 00:00"))
        .keys(*MONEY)
        == []
    )
    run = planner("2026-02-06")
    run.order = run.order.model_copy(update={"closed": True})
    run.run(moment("2026-02-03 10:00"), moment("2026-06-01 00:00"))
    assert (run.sent, run.next_due) == ([], None)


def test_steps_that_the_rules_know_no_more_still_count() -> None:
    """The studio renamed a step: the one that was sent on the day still keeps a second mail from that day."""
    run = planner(
        "2026-02-06", status="sent", sent_on=date(2026, 2, 3), steps=(Step(step="old", on=date(2026, 2, 11)),)
    )
    run.look(moment("2026-02-11 12:00"))
    assert run.keys(*MONEY) == []


def test_the_change_orders_deposit_goes_at_once_in_working_hours() -> None:
    deposit = invoice("2026-02-04", kind="change-order-deposit", change_order="CO-1")
    for approved, goes in [
        ("2026-02-04 08:10", "2026-02-04 08:10"),
        ("2026-02-04 14:00", "2026-02-04 14:00"),
        ("2026-02-04 20:00", "2026-02-05 09:00"),
        ("2026-02-07 12:00", "2026-02-09 09:00"),
    ]:
        change = ChangeOrder(number="CO-1", title="Train", status="approved", approved_at=moment(approved))
        run = Planner(new_order(signed=date(2026, 2, 2), invoices=[deposit], change_orders=(change,)))
        run.run(moment(approved), moment("2026-02-10 00:00"))
        assert run.story("invoice") == [f"{goes} invoice"]


@pytest.mark.parametrize(
    ("total", "currency", "amounts"),
    [
        ("12000.00", "USD", ["6000.00", "3000.00", "3000.00"]),
        ("1000.01", "USD", ["500.01", "250.00", "250.00"]),
        ("999", "JPY", ["500", "249", "250"]),
        ("1.001", "KWD", ["0.501", "0.250", "0.250"]),
        ("0.01", "USD", ["0.01"]),
        ("0.00", "USD", []),
    ],
)
def test_the_plan_of_payments(total: str, currency: str, amounts: list[str]) -> None:
    milestones = plan_milestones(MONDAY, date(2026, 3, 20), RULES)
    bills = plan_invoices(
        total=Decimal(total), currency=currency, signed=MONDAY, delivery=date(2026, 3, 20), milestones=milestones,
        rules=RULES, numbers=["INV-7", "INV-8", "INV-9"],
    )  # fmt: skip
    assert [str(b.amount) for b in bills] == amounts
    assert [b.number for b in bills] == ["INV-7", "INV-8", "INV-9"][: len(amounts)]


def test_what_each_payment_is_due_with() -> None:
    bills = new_order().invoices
    assert [(b.kind, b.due, b.milestone) for b in bills] == [
        ("deposit", MONDAY, None),
        ("mid-project", MONDAY + timedelta(weeks=5), "first-fitting"),
        ("final", date(2026, 3, 20), "delivery"),
    ]


def test_without_its_milestone_a_payment_is_due_at_delivery() -> None:
    bills = plan_invoices(
        total=Decimal(100), currency="USD", signed=MONDAY, delivery=date(2026, 3, 20), milestones=(), rules=RULES,
        numbers=["INV-1", "INV-2", "INV-3"],
    )  # fmt: skip
    assert [b.due for b in bills] == [MONDAY, date(2026, 3, 20), date(2026, 3, 20)]


@given(st.decimals(0, 10**9, places=2), st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_shares_add_up_to_the_last_cent(total: Decimal, weights: list[int]) -> None:
    percents = [Decimal(w) * 100 / sum(weights) for w in weights[:-1]]
    percents.append(100 - sum(percents, Decimal(0)))
    parts = shares(total, percents, 2)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    assert all(part == part.quantize(Decimal("0.01")) for part in parts)
