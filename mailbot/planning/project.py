"""What a new order is planned with: the milestones and invoices that it does not name itself.

Weeks, shares and anchors are rules/process.toml, [[milestones]] and [[payments]].
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from mailbot.orders.model import Invoice, Milestone
from mailbot.planning.calendar import ONE_WEEK
from mailbot.rules.process import SIGNING, ProcessRules


def plan_milestones(signed: date, delivery: date, rules: ProcessRules) -> tuple[Milestone, ...]:
    """The milestones of an order that names none: each due at the end of its last week, at the latest on delivery."""
    return tuple(
        Milestone(
            key=rule.key, name=rule.name, approval=rule.approval,
            due=delivery if rule.to_week is None else min(signed + rule.to_week * ONE_WEEK, delivery),
        )
        for rule in rules.milestones
    )  # fmt: skip


def plan_invoices(
    *,
    total: Decimal,
    currency: str,
    signed: date,
    delivery: date,
    milestones: Iterable[Milestone],
    rules: ProcessRules,
    numbers: Iterable[str],
) -> tuple[Invoice, ...]:
    """The planned invoices of a new order, by [[payments]]; `numbers` are the studio's next invoice numbers, in order.

    They add up to `total` to the last cent (ISO 4217 decimals of `currency`); a share that comes to nothing has none.
    A payment due with a milestone that the order does not have is due at delivery.
    """
    days = {SIGNING: signed, **{m.key: m.due for m in milestones}}
    amounts = shares(total, [payment.share for payment in rules.payments], get_currency_precision(currency))
    parts = [(payment, amount) for payment, amount in zip(rules.payments, amounts, strict=True) if amount > 0]
    return tuple(
        Invoice(
            number=number, kind=payment.kind, amount=amount, due=days.get(payment.due, delivery),
            milestone=payment.due if payment.due != SIGNING else None,
        )
        for (payment, amount), number in zip(parts, numbers, strict=False)
    )  # fmt: skip


def left_behind(invoices: Sequence[Invoice], today: date, rules: ProcessRules) -> tuple[Invoice, ...]:
    """`invoices` of an order that comes to mailbot on `today`: of those whose time has come only the latest goes out.

    Those before it are marked as `left`. The studio has most likely sent them itself: it says whether they go out.
    """
    ahead = timedelta(days=rules.ladder[0].day)
    latest = max((i.due for i in invoices if i.due + ahead <= today), default=date.min)
    return tuple(
        i.model_copy(update={"left": True}) if i.due < latest and i.status == "planned" else i for i in invoices
    )


def shares(total: Decimal, percents: Sequence[Decimal], digits: int) -> list[Decimal]:
    """`total` in parts of `percents` (which add up to 100), each rounded to `digits` decimals, the sum exact."""
    unit = Decimal(1).scaleb(-digits)
    parts, percent, billed = [], Decimal(0), Decimal(0)
    for share in percents:
        percent += share
        reached = total if percent == 100 else (total * percent / 100).quantize(unit, ROUND_HALF_UP)
        parts.append(reached - billed)
        billed = reached
    return parts
