"""What an approval or a new date entails: the next phase, the contract's total, the dates and invoices that follow.

Every cent is billed once: what is added to the total is added to the last invoice that has not been sent, less a
deposit that is billed at once where the process asks for one (rules/process.toml, [change_orders]).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from mailbot.orders.evolve import put
from mailbot.orders.model import ChangeOrder, Invoice, Milestone, Order
from mailbot.orders.written import decimals
from mailbot.rules.process import ProcessRules


@dataclass(frozen=True, slots=True)
class Consequences:
    """What changes along with a decision; None and empty where nothing does."""

    phase: str | None = None
    total: Decimal | None = None
    delivery: date | None = None
    milestones: tuple[Milestone, ...] = ()
    invoices: tuple[Invoice, ...] = ()


def phase_after(order: Order, milestone: Milestone, rules: ProcessRules) -> str | None:
    """The phase that `milestone` moves the order to, when that is a step forward; else None."""
    rule = rules.milestone(milestone.key)
    if rule is None or rule.moves_to is None:
        return None
    place = {phase: i for i, phase in enumerate(rules.phases)}
    return rule.moves_to if place[rule.moves_to] > place.get(order.phase, -1) else None


def of_approval(order: Order, about: str, kind: str, rules: ProcessRules, today: date, invoice: int) -> Consequences:
    """What the approval of a milestone or change order entails; `invoice` is the studio's next invoice number."""
    if milestone := order.milestone(about) if kind == "milestone" else None:
        return Consequences(phase=phase_after(order, milestone, rules))
    if change := order.change_order(about) if kind == "change-order" else None:
        return of_change_order(order, change, rules, today, invoice)
    return Consequences()


def of_change_order(order: Order, change: ChangeOrder, rules: ProcessRules, today: date, invoice: int) -> Consequences:
    """The total, the delivery date and the invoices with `change` approved on `today`."""
    total = order.total + change.amount
    moved = (
        moved_delivery(order, order.delivery + timedelta(days=change.days), rules) if change.days else Consequences()
    )
    invoices = put(order.live_invoices, *moved.invoices)
    deposit = deposit_for(order, change, rules, today, f"INV-{invoice}")
    if deposit:
        invoices = (*invoices, deposit)
    extra = f"INV-{invoice + bool(deposit)}"
    left = rebilled(invoices, total, change.number, today, extra)
    changed = (*moved.invoices, *((deposit,) if deposit else ()), *left)
    latest = {i.number: i for i in changed}
    return Consequences(None, total, moved.delivery, moved.milestones, tuple(latest.values()))


def deposit_for(order: Order, change: ChangeOrder, rules: ProcessRules, today: date, number: str) -> Invoice | None:
    """The deposit invoice of a change order that raises the total by more than the rule's share; else None."""
    limit = order.total * rules.change_orders.deposit_over_percent / 100
    if change.amount <= limit:
        return None
    least = Decimal(1).scaleb(-decimals(order.currency))
    amount = (change.amount * rules.change_orders.deposit_share_percent / 100).quantize(least, ROUND_HALF_UP)
    return Invoice(number=number, kind="change-order-deposit", amount=amount, due=today, change_order=change.number)


def rebilled(
    invoices: tuple[Invoice, ...], total: Decimal, about: str, today: date, number: str
) -> tuple[Invoice, ...]:
    """The last planned one of `invoices` with what is left of `total`; where all have been sent, a new one.

    `invoices` are those that count. What was billed too much becomes a credit: an amount below nil is never mailed.
    """
    planned = [i for i in invoices if i.status == "planned" and i.kind not in ("change-order-deposit", "credit")]
    if not planned:
        left = total - sum((i.amount for i in invoices), Decimal(0))
        kind = "change-order" if left > 0 else "credit"
        return (Invoice(number=number, kind=kind, amount=left, due=today, change_order=about),) if left else ()
    last = planned[-1]
    others = sum((i.amount for i in invoices if i.number != last.number), Decimal(0))
    return (last.model_copy(update={"amount": total - others}),)


def moved_delivery(order: Order, delivery: date, rules: ProcessRules) -> Consequences:
    """The delivery date moved to `delivery`, with the milestone that stands for it and the invoices that follow it."""
    ends = [m for m in order.milestones if m.status not in ("approved", "done") and is_delivery(m, rules)]
    moved = tuple(m.model_copy(update={"due": delivery}) for m in ends)
    return Consequences(delivery=delivery, milestones=moved, invoices=_following(order, moved))


def moved_milestone(order: Order, milestone: Milestone, due: date, rules: ProcessRules) -> Consequences:
    """`milestone` moved to `due`, with the invoices that follow it, and the delivery date where it is the delivery."""
    if is_delivery(milestone, rules):
        return moved_delivery(order, due, rules)
    moved = (milestone.model_copy(update={"due": due}),)
    return Consequences(milestones=moved, invoices=_following(order, moved))


def is_delivery(milestone: Milestone, rules: ProcessRules) -> bool:
    """Whether this milestone is the delivery itself: the rules give it no week of its own."""
    rule = rules.milestone(milestone.key)
    return rule is not None and rule.to_week is None


def _following(order: Order, milestones: tuple[Milestone, ...]) -> tuple[Invoice, ...]:
    """The planned invoices that are due with one of `milestones`, moved along; one that was sent keeps its date."""
    due = {m.key: m.due for m in milestones}
    follow = [i for i in order.invoices if i.status == "planned" and i.milestone in due]
    moved = (i.model_copy(update={"due": due[i.milestone]}) for i in follow if i.milestone)
    return tuple(i for i in moved if i != order.invoice(i.number))
