"""Taking a decision back: dates, totals and invoices are as before, whatever was decided or sent in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders import events as e
from mailbot.orders.circumstances import Done
from mailbot.orders.commands import client_says
from mailbot.orders.evolve import evolve, replay
from mailbot.orders.model import Order
from mailbot.orders.renewal import with_renewed
from mailbot.orders.settle import booked
from mailbot.planning import nudges
from mailbot.planning.dunning import ladder
from tests.orders.world import ANN, COMMANDS, NOW, RULES, SAM, circumstances, do, imported, order
from tests.planning.world import STUDIO

CHANGE = "change order: {title}\nSequins: {amount}\ndays {days:+d}\nsend"


def change(one: Order, title: str = "Sequins", amount: str = "1250.00", days: int = 5) -> Order:
    return do(one, CHANGE.format(title=title, amount=amount, days=days)).order


def answer(one: Order, about: str, verdict: str = "approve", **more: Any) -> Order:
    """The client's answer to the open request about something."""
    (request,) = [r for r in one.open_requests if r.about == about]
    at = circumstances(next_invoice=len(one.invoices) + 1)
    decision = booked(
        one, request, verdict, at, by=ANN, how="replied", proof="dmarc=pass", because="r", words="yes", mail="0" * 64,  # type: ignore[arg-type]
        **more,
    )  # fmt: skip
    assert decision.order is not None
    return decision.order


def undo(one: Order, thing: str, **changes: Any) -> Done:
    return do(one, f"undo {thing}", **{"next_invoice": len(one.invoices) + 1, **changes})


def sent(one: Order, number: str, **changes: Any) -> Order:
    """The order with an invoice that has gone out."""
    invoice = one.invoice(number)
    assert invoice is not None
    facts = {"status": "sent", "sent_on": NOW.date(), **changes}
    return evolve(one, e.InvoiceChanged(at=NOW, by="m", invoice=invoice.model_copy(update=facts), what="sent"))


def state(one: Order) -> dict[str, Any]:
    """What an order is like, without the record of how it came to be so; cancelled invoices do not count."""
    data = one.model_dump(exclude={"decisions", "revision", "hash", "last_contact"})
    for asked in data["requests"]:
        asked.pop("reopened_at")
    return {**data, "invoices": [i for i in data["invoices"] if i["status"] != "cancelled"]}


def billed(one: Order) -> Decimal:
    return sum((i.amount for i in one.live_invoices), Decimal(0))


@pytest.mark.parametrize("verdict", ["approve", "changes", "decline"])
@pytest.mark.parametrize(
    ("ask", "about"),
    [
        ("ask design", "design"),
        (CHANGE.format(title="Sequins", amount="1250.00", days=5), "CO-1"),
        (CHANGE.format(title="Cape", amount="2400.01", days=-3), "CO-1"),
        (CHANGE.format(title="Less", amount="-900.00", days=0), "CO-1"),
    ],
)
def test_undo_puts_everything_back_when_nothing_else_happened(ask: str, about: str, verdict: str) -> None:
    before = do(order(), ask).order
    after = undo(answer(before, about, verdict), about)
    assert after.lines[0].ok
    assert state(after.order) == state(before)
    assert after.order.decisions[-1].undone_by == SAM


def test_what_was_decided_in_between_stays() -> None:
    one = answer(change(order(), "Sequins", "1250.00", 5), "CO-1")
    two = answer(change(one, "Hat", "100.00", 2), "CO-2")
    after = undo(two, "co-1").order
    assert (after.total, after.delivery) == (Decimal("12100.00"), date(2026, 3, 22))
    assert [i.amount for i in after.invoices] == [Decimal("6000.00"), Decimal("3000.00"), Decimal("3100.00")]
    assert after.invoices[-1].due == after.milestones[-1].due == after.delivery


def test_a_planned_deposit_is_cancelled_and_never_sent_and_its_number_stays() -> None:
    after = undo(answer(change(order(), "Cape", "4000.00"), "CO-1"), "CO-1").order
    deposit = after.invoices[-1]
    assert (deposit.number, deposit.status, deposit.amount) == ("INV-4", "cancelled", Decimal("2000.00"))
    assert billed(after) == after.total == Decimal("12000.00")
    assert ladder(deposit, after, RULES, NOW + timedelta(days=400)) == ()
    assert "cancelled" in do(after, "paid INV-4").lines[0].said
    again = answer(after, "CO-1")
    assert [i.number for i in again.invoices] == ["INV-1", "INV-2", "INV-3", "INV-4", "INV-5"]
    assert billed(again) == again.total == Decimal("16000.00")


@pytest.mark.parametrize("paid", [False, True])
def test_a_deposit_that_went_out_stays_and_the_final_invoice_makes_up_for_it(paid: bool) -> None:
    facts = {"status": "paid", "paid_on": NOW.date()} if paid else {}
    one = sent(answer(change(order(), "Cape", "4000.00"), "CO-1"), "INV-4", **facts)
    done = undo(one, "CO-1")
    final = done.order.invoice("INV-3")
    assert final is not None
    assert final.amount == Decimal("1000.00")
    assert billed(done.order) == done.order.total
    (event,) = done.events
    assert isinstance(event, e.DecisionUndone)
    assert any("INV-4 over 2000.00 USD had been" in line and ("paid" in line) for line in event.followed)
    (receipt,) = [send for send in done.sends if send.kind == "receipt"]
    assert receipt.data["sent"] == [{"number": "INV-4", "amount": Decimal("2000.00"), "paid": paid}]


def test_what_is_billed_too_much_becomes_a_credit_that_is_never_mailed() -> None:
    one = order()
    for number in ("INV-1", "INV-2", "INV-3"):
        one = sent(one, number)
    done = undo(sent(answer(change(one, "Hat", "100.00", 0), "CO-1"), "INV-4"), "CO-1")
    credit = done.order.invoices[-1]
    assert (credit.number, credit.kind, credit.amount) == ("INV-5", "credit", Decimal("-100.00"))
    assert ladder(credit, done.order, RULES, NOW + timedelta(days=400)) == ()
    assert "100.00 USD too much is billed" in done.lines[0].said


@pytest.mark.parametrize("amount", ["100.00", "-100.00", "9000.00"])
def test_when_all_invoices_are_out_what_a_decision_added_is_cancelled(amount: str) -> None:
    one = order()
    for number in ("INV-1", "INV-2", "INV-3"):
        one = sent(one, number)
    before = change(one, "Hat", amount, 0)
    after = undo(answer(before, "CO-1"), "CO-1").order
    assert state(after) == state(before)
    assert {i.status for i in after.invoices[3:]} == {"cancelled"}


def test_two_undone_in_one_mail_take_two_numbers() -> None:
    one = order()
    for number in ("INV-1", "INV-2", "INV-3"):
        one = sent(one, number)
    one = sent(answer(change(one, "Hat", "100.00", 0), "CO-1"), "INV-4")
    one = sent(answer(change(one, "Gloves", "40.00", 0), "CO-2"), "INV-5")
    after = do(one, "undo CO-1\nundo CO-2", next_invoice=6).order
    assert [i.number for i in after.invoices] == [f"INV-{n}" for n in range(1, 8)]
    assert billed(after) == after.total == Decimal("12000.00")


def test_the_phase_goes_back_only_from_where_the_decision_led() -> None:
    one = answer(do(order(), "ask design").order, "design")
    assert undo(one, "design").order.phase == "Design"
    moved = undo(do(one, "phase Construction").order, "design")
    assert moved.order.phase == "Construction"
    assert "moved on to phase Construction" in moved.lines[0].said


def test_taken_back_in_any_order_the_phase_is_the_first_again() -> None:
    one = answer(do(order(), "ask design\nask fabric").order, "design")
    two = undo(undo(answer(one, "fabric"), "design").order, "fabric").order
    assert two.phase == "Design"


def test_a_milestone_that_was_done_since_is_asked_again_and_that_is_said() -> None:
    one = do(answer(do(order(), "ask design").order, "design"), "milestone design done").order
    done = undo(one, "Design approval")
    assert (done.order.milestones[0].status, done.order.milestones[0].done_on) == ("asked", None)
    assert "had been marked done" in done.lines[0].said


def test_a_delivery_that_is_over_keeps_its_date() -> None:
    one = do(answer(change(order()), "CO-1"), "milestone delivery done").order
    after = undo(one, "CO-1")
    assert after.order.milestones[-1].due == date(2026, 3, 25)
    assert "Delivery is done" in after.lines[0].said


def test_the_time_to_answer_stands_still_while_it_is_answered() -> None:
    before = do(order(), "ask design").order
    late = circumstances(now=NOW + timedelta(days=40))
    after = undo(answer(before, "design"), "design", now=late.now, today=late.today).order
    assert after.requests[0].expires_at == before.requests[0].expires_at + timedelta(days=40)


def test_after_undo_the_client_has_the_usual_days_before_a_reminder() -> None:
    one = answer(do(order(), "ask design").order, "design")
    late = NOW + timedelta(days=10)
    after = undo(one, "design", now=late, today=late.date()).order
    nudge = min(o.at for o in nudges.upcoming(after, RULES, late, STUDIO) if o.kind == "nudge")
    assert nudge > late + timedelta(days=2)


@pytest.mark.parametrize(
    ("then", "thing", "why"),
    [
        ("", "", "undo what? can be taken back: design"),
        ("", "fabric", "nothing is booked about 'fabric'; can be taken back: design"),
        ("undo design", "design", "was taken back already, by sam@studio.example"),
        ("close anyway", "design", "the order is closed"),
    ],
)
def test_what_cannot_be_taken_back_is_refused_with_what_can(then: str, thing: str, why: str) -> None:
    one = do(answer(do(order(), "ask design").order, "design"), then).order
    refused = undo(one, thing)
    assert not refused.lines[0].ok
    assert why in refused.lines[0].said
    assert not refused.events


def test_only_the_last_answer_about_a_thing_counts() -> None:
    one = answer(do(order(), "ask design").order, "design", "changes")
    asked = do(one, "ask design").order
    assert "asked anew since" in undo(asked, "design").lines[0].said
    after = undo(answer(asked, "design"), "design").order
    assert (after.milestones[0].status, after.milestones[0].wishes) == ("asked", ("yes",))
    assert "taken back already" in undo(after, "design").lines[0].said


def test_a_change_order_that_was_changed_since_is_not_opened_again() -> None:
    one = answer(change(order()), "CO-1", "decline")
    redrafted = do(one, "change order CO-1:\nSequins: 999.00").order
    assert "changed since: it is draft now" in undo(redrafted, "CO-1").lines[0].said


def test_the_client_and_the_account_manager_are_told_each_time() -> None:
    one = answer(do(order(), "ask design").order, "design")
    first = undo(one, "design", actor="pat@studio.example")
    assert [send.kind for send in first.sends] == ["receipt", "booked"]
    again = undo(answer(first.order, "design"), "design", actor="pat@studio.example")
    assert not {send.key for send in first.sends} & {send.key for send in again.sends}
    assert [send.kind for send in undo(one, "design").sends] == ["receipt"]  # Sam has his answer anyway


def test_client_words_are_bounded_and_whole() -> None:
    assert client_says("undo" + " " * 2000 + "everything but the hat", COMMANDS) is None
    assert client_says("undo\u200b the", COMMANDS) is None
    assert client_says("", COMMANDS) is None
    assert client_says("please", COMMANDS) is None


@given(st.text(max_size=300))
def test_any_text_of_a_client_is_read_without_an_error(text: str) -> None:
    client_says(text, COMMANDS, ("Ann Lee", text[:20]))


@dataclass
class History:
    """An order lived through step by step, with every event."""

    one: Order = field(default_factory=order)
    events: list[e.Event] = field(default_factory=lambda: [imported()])
    changes: int = 0

    def do(self, text: str) -> None:
        done = do(self.one, text, next_invoice=len(self.one.invoices) + 1)
        self.one = done.order
        self.events += done.events

    def ask(self, amount: Decimal, days: int) -> None:
        self.changes += 1
        self.do(CHANGE.format(title=f"Change {self.changes}", amount=amount, days=days))

    def agree(self, amount: Decimal, days: int) -> None:
        self.ask(amount, days)
        self.answer("approve", -1)

    def answer(self, verdict: str, pick: int) -> None:
        if not (asked := self.one.open_requests):
            return
        at = circumstances(next_invoice=len(self.one.invoices) + 1)
        answered = booked(
            self.one, asked[pick % len(asked)], verdict, at, by=ANN, how="replied", proof="p", because="r", words="w",  # type: ignore[arg-type]
            mail="0" * 64,
        )  # fmt: skip
        decision = with_renewed(answered, at)
        assert decision.order is not None
        self.one = decision.order
        self.events += decision.events

    def undo(self, pick: int) -> None:
        if self.one.decisions:
            self.do(f"undo {self.one.decisions[pick % len(self.one.decisions)].about}")

    def send_all(self) -> None:
        for place in range(len(self.one.invoices)):
            self.send(place)

    def send(self, pick: int) -> None:
        """An invoice goes out: only one that bills something does."""
        invoice = self.one.invoices[pick % len(self.one.invoices)]
        if invoice.status == "planned" and invoice.amount > 0:
            out = invoice.model_copy(update={"status": "sent", "sent_on": NOW.date()})
            event = e.InvoiceChanged(at=NOW, by="m", invoice=out, what="sent")
            self.one = evolve(self.one, event)
            self.events.append(event)


_NUMBER = st.integers(0, 20)
_AMOUNT, _DAYS = st.decimals("-2000", "9999", places=2), st.integers(-3, 20)
_STEPS = st.one_of(
    st.tuples(st.just("ask"), _AMOUNT, _DAYS),
    st.tuples(st.just("agree"), _AMOUNT, _DAYS),
    st.tuples(st.just("agree"), _AMOUNT, _DAYS),
    st.tuples(
        st.just("do"), st.sampled_from(["ask design", "ask fabric", "ask final-fitting", "milestone design done"])
    ),
    st.tuples(st.just("answer"), st.sampled_from(["approve", "approve", "decline", "changes"]), _NUMBER),
    st.tuples(st.just("undo"), _NUMBER),
    st.tuples(st.just("undo"), _NUMBER),
    st.tuples(st.just("send"), _NUMBER),
    st.tuples(st.just("send_all")),
)


def lived(steps: list[tuple[Any, ...]]) -> History:
    history = History()
    for name, *args in steps:
        getattr(history, name)(*args)
    return history


@settings(max_examples=150, deadline=None)
@given(st.lists(_STEPS, max_size=14))
def test_every_cent_is_billed_once_and_dates_agree_whatever_is_taken_back(steps: list[tuple[Any, ...]]) -> None:
    history = lived(steps)
    one = history.one
    approved = [c for c in one.change_orders if c.status == "approved"]
    assert one.total == one.contract_total + sum((c.amount for c in approved), Decimal(0))
    assert billed(one) == one.total
    days = sum(c.days for c in approved)
    assert one.delivery == one.milestones[-1].due == order().delivery + timedelta(days=days)
    assert all(i.due == one.delivery for i in one.invoices if i.milestone == "delivery" and i.status == "planned")
    assert [i.number for i in one.invoices] == [f"INV-{n}" for n in range(1, len(one.invoices) + 1)]
    assert replay(history.events) == one


@settings(max_examples=150, deadline=None)
@given(st.lists(_STEPS, max_size=8), st.sampled_from(["approve", "decline", "changes"]), _NUMBER)
def test_from_any_state_an_answer_taken_back_at_once_was_never_given(
    steps: list[tuple[Any, ...]], verdict: str, pick: int
) -> None:
    history = lived(steps)
    before = history.one
    if not before.open_requests:
        return
    about = before.open_requests[pick % len(before.open_requests)].about
    history.answer(verdict, pick)
    history.do(f"undo {about}")
    assert about_it(history.one, about) == about_it(before, about)


def about_it(one: Order, about: str) -> dict[str, Any]:
    """The state, but for other questions: they are asked anew when the numbers change, and again when they are back.

    An invoice that has nothing to bill is as good as cancelled.
    """
    data = state(one)
    data["invoices"] = [i for i in data["invoices"] if i["status"] != "cancelled" and Decimal(i["amount"])]
    data["requests"] = [r for r in data["requests"] if r["about"] == about]
    for change in data["change_orders"]:
        change["revision"] = change["revision"] if change["number"] == about else 0
    return data
