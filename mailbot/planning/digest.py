"""What the account manager reads each working morning about all their orders: the facts; the words are templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from mailbot.orders.model import Blocker, Held, Invoice, Order
from mailbot.orders.notices import title_of
from mailbot.planning.calendar import ONE_DAY, at, local_day
from mailbot.planning.due import forecast
from mailbot.planning.dunning import base
from mailbot.planning.occurrence import Occurrence, StudioTimes
from mailbot.planning.rounds import looks_until
from mailbot.rules.process import ProcessRules


@dataclass(frozen=True, slots=True)
class Ahead:
    """A milestone that is due soon, or late (`due` is past)."""

    name: str
    due: date


@dataclass(frozen=True, slots=True)
class Wait:
    """What waits on the client, and for how many days."""

    what: str
    days: int


@dataclass(frozen=True, slots=True)
class HeldLine:
    id: str
    sender: str
    guess: str | None
    since: date


@dataclass(frozen=True, slots=True)
class LatePayment:
    number: str
    amount: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class OrderLines:
    """One order in the digest. `mails` are those that will go to the client."""

    ref: str
    project: str
    client: str
    currency: str
    phase: str
    percent: int
    delivery: date
    paused: str | None
    ahead: tuple[Ahead, ...]
    blockers: tuple[Blocker, ...]
    waits: tuple[Wait, ...]
    held: tuple[HeldLine, ...]
    late: tuple[LatePayment, ...]
    mails: tuple[Occurrence, ...]


def digest(
    orders: Iterable[Order], held: Sequence[Held], rules: ProcessRules, now: datetime, studio: StudioTimes
) -> tuple[OrderLines, ...]:
    """The digest at `now` over `orders` (closed ones are left out), with those of the `held` replies that wait."""
    return tuple(_lines(order, held, rules, now, studio) for order in orders if not order.closed)


def _lines(order: Order, held: Sequence[Held], rules: ProcessRules, now: datetime, studio: StudioTimes) -> OrderLines:
    today = local_day(now, studio.timezone)
    last = looks_until(today, rules)
    open_ones = [m for m in order.milestones if m.status not in ("approved", "done")]
    until = at(last + ONE_DAY, datetime.min.time(), studio.timezone)
    mails = [o for o in forecast(order, rules, now, until, studio) if set(order.client.emails) <= set(o.to)]
    waiting = [h for h in held if h.order == order.ref and h.state == "waiting"]
    return OrderLines(
        ref=order.ref,
        project=order.project,
        client=order.client.name,
        currency=order.currency,
        phase=order.phase,
        percent=order.percent_complete,
        delivery=order.delivery,
        paused=order.paused,
        ahead=tuple(Ahead(m.name, m.due) for m in open_ones if m.due <= last),
        blockers=order.blockers,
        waits=tuple(_waits(order, today, studio)),
        held=tuple(HeldLine(h.id, h.sender, h.guess, local_day(h.at, studio.timezone)) for h in waiting),
        late=tuple(
            LatePayment(i.number, i.amount - i.paid, (today - base(i)).days)
            for i in order.invoices
            if is_late(i, today)
        ),
        mails=tuple(mails),
    )


def _waits(order: Order, today: date, studio: StudioTimes) -> Iterator[Wait]:
    """What the client owes: an answer, or the deposit without which the work on a change order does not begin."""
    for asked in order.open_requests:
        days = (today - local_day(asked.asked_at, studio.timezone)).days
        yield Wait(title_of(order, asked.kind, asked.about), days)
    for change, deposit in order.waiting_work:
        yield Wait(
            f"{deposit.number}, without which the work on {change.number} does not begin", (today - deposit.due).days
        )


def is_late(invoice: Invoice, today: date) -> bool:
    """Whether `invoice` was sent, is not paid, and its day has passed."""
    return invoice.status in ("sent", "frozen") and invoice.sent_on is not None and base(invoice) < today
