"""Whatever happens to an order: totals, dates and questions agree, and all of it can be taken back.

A life is made of what people and days bring, in any order: commands, answers, time with all that falls due in it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders import events as e
from mailbot.orders.evolve import replay
from mailbot.orders.model import Invoice, Order, Request
from mailbot.orders.objections import stale
from mailbot.orders.settle import booked
from mailbot.planning.due import plan
from tests.orders.world import ANN, NOW, RULES, circumstances, do, imported, order
from tests.planning.world import STUDIO

ANSWERS = {
    "change-order": ["approve", "decline", "changes"],
    "milestone": ["approve", "changes"],
    "issue": ["choose"],
    "fitting": ["confirm", "reschedule"],
}
amounts = st.decimals("1", "5000", places=2)
days = st.integers(-3, 12)
SAID = [
    "paid INV-1", "paid INV-2", "paid INV-3", "paid INV-4", "paid 500.00 of INV-1", "paid 1000.00 of INV-2",
    "promise INV-1 until {soon}", "promise INV-2 until {soon}", "dispute INV-1 the hem", "dispute INV-1 settled",
    "pause The client asked us to wait", "resume", "milestone fabric due {soon}", "milestone first-fitting due {soon}",
    "milestone first-fitting done", "milestone final-fitting done", "cancel fitting first-fitting",
    "cancel fitting final-fitting", "fit: Waist in", "hold weekly", "percent 40", "change order CO-1:\ndays +1\nsend",
    "issue ISS-1:\nplan: another\nsend",
]  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("change"), amounts, days),
    st.tuples(st.just("issue"), st.one_of(st.just(Decimal(0)), amounts), days),
    st.tuples(st.just("fitting"), st.sampled_from(["first-fitting", "final-fitting"]), st.integers(1, 40)),
    st.tuples(st.just("ask"), st.sampled_from(["design", "fabric"])),
    st.tuples(st.just("answer"), st.integers(0, 9), st.integers(0, 2)),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("say"), st.sampled_from(SAID)),
    st.tuples(st.just("wait"), st.integers(1, 21)),
)


class Life:
    """An order with all its events."""

    def __init__(self) -> None:
        self.order: Order = order()
        self.events: list[e.Event] = [imported()]
        self.now: datetime = NOW

    def write(self, text: str) -> None:
        done = do(self.order, text, now=self.now, next_invoice=self._next(), director="dana@studio.example")
        self.order = done.order
        self.events += done.events

    def wait(self, many: int) -> None:
        """Days pass, and mailbot looks once a day."""
        for _ in range(many):
            self.now += timedelta(days=1)
            planned = plan(self.order, RULES, self.now, STUDIO)
            self.order = planned.order
            self.events += planned.events

    def answer(self, request: Request, verdict: str) -> None:
        if stale(self.order, request, self.now):
            return  # it would be held
        at = circumstances(now=self.now, next_invoice=self._next())
        decision = booked(
            self.order, request, verdict, at, by=ANN, how="replied", proof="p",  # type: ignore[arg-type]
            because="r", words="w", mail="0" * 64, option=1 if verdict == "choose" else None,
        )  # fmt: skip
        assert decision.order is not None
        self.order = decision.order
        self.events += decision.events

    def _next(self) -> int:
        return len(self.order.invoices) + 1

    def take(self, step: tuple[Any, ...], number: int) -> None:
        if step[0] == "change":
            self.write(f"change order: Change {number}\nWork: {step[1]}\ndays {step[2]:+d}\nsend")
        elif step[0] == "issue":
            cost = f" | cost {step[1]}" if step[1] else ""
            text = f"issue: Issue {number}\nsituation: so\nimpact: none\noption: One | days {step[2]:+d}{cost}"
            self.write(f"{text}\noption: Other | days 0\nsend")
        elif step[0] == "fitting":
            self.write(f"fitting {step[1]} on {self.now.date() + timedelta(days=step[2])} at 14:00")
        elif step[0] == "ask":
            self.write(f"ask {step[1]}")
        elif step[0] == "answer" and self.order.open_requests:
            request = self.order.open_requests[step[1] % len(self.order.open_requests)]
            verdicts = ANSWERS[request.kind]
            self.answer(request, verdicts[step[2] % len(verdicts)])
        elif step[0] == "undo" and self.order.decisions:
            self.write(f"undo {self.order.decisions[step[1] % len(self.order.decisions)].about}")
        elif step[0] == "say":
            self.write(step[1].format(soon=self.now.date() + timedelta(days=5)))
        elif step[0] == "wait":
            self.wait(step[1])


def consistent(one: Order) -> None:
    approved = sum((c.amount for c in one.change_orders if c.status == "approved"), Decimal(0))
    assert one.total == one.contract_total + approved
    assert sum((i.amount for i in one.live_invoices), Decimal(0)) == one.total
    assert len({i.number for i in one.invoices}) == len(one.invoices)
    moved = sum(c.days for c in one.change_orders if c.status == "approved")
    for issue in one.issues:
        if issue.status == "chosen" and issue.option and not issue.options[issue.option - 1].amount:
            moved += issue.options[issue.option - 1].days
    assert one.delivery == date(2026, 3, 20) + timedelta(days=moved)
    assert one.milestones[-1].due == one.delivery
    asked = [(r.kind, r.about) for r in one.open_requests]
    assert len(asked) == len(set(asked))
    for kind, about in asked:
        if kind == "fitting":
            milestone = one.milestone(about)
            assert milestone is not None
            assert milestone.appointment == "offered"
        elif kind == "issue":
            issue = one.issue(about)
            assert issue is not None
            assert issue.status == "told"
        elif kind == "change-order":
            change = one.change_order(about)
            assert change is not None
            assert change.status == "sent"
    for milestone in one.milestones:
        if milestone.starts:
            assert milestone.starts.date() == milestone.due
    for invoice in one.live_invoices:
        due = one.milestone(invoice.milestone or "")
        assert due is None or invoice.status != "planned" or invoice.due == due.due
        reminded_of_rightly(invoice)
    assert one.phase in RULES.phases


def reminded_of_rightly(invoice: Invoice) -> None:
    """It is paid when all of it is, and no two mails about it went on one day."""
    assert Decimal(0) <= invoice.paid <= max(invoice.amount, Decimal(0))
    assert (invoice.status == "paid") == (invoice.paid == invoice.amount and invoice.paid_on is not None)
    went = [*([invoice.sent_on] if invoice.sent_on else []), *(step.on for step in invoice.steps)]
    assert all(before < after for before, after in pairwise(went))
    names = [step.step for step in invoice.steps]
    assert names == [step.step for step in RULES.ladder if step.step in names]


@settings(max_examples=120, deadline=None)
@given(st.lists(steps, max_size=14))
def test_everything_agrees_after_each_step_and_can_be_taken_back(taken: list[tuple[Any, ...]]) -> None:
    life = Life()
    for number, step in enumerate(taken):
        life.take(step, number)
        consistent(life.order)
    assert replay(life.events) == life.order
    for _ in range(3):  # what came of a choice is taken back before the choice
        for decision in reversed(life.order.decisions):
            life.write(f"undo {decision.about}")
            consistent(life.order)
    if not [d for d in life.order.decisions if d.undone_at is None]:
        assert life.order.total == life.order.contract_total
        assert life.order.delivery == date(2026, 3, 20)
    assert replay(life.events) == life.order
