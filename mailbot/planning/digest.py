"""What the account manager reads each working morning about all their orders: the facts; the words are templates.

What needs them comes first. There is room for so many lines (rules/process.toml, [digest]); orders beyond are named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from mailbot.orders.model import Blocker, Held, Invoice, Milestone, Order
from mailbot.orders.notices import title_of
from mailbot.planning.calendar import ONE_DAY, ONE_WEEK, at, local_day, weekday_from
from mailbot.planning.due import forecast
from mailbot.planning.dunning import base
from mailbot.planning.occurrence import Occurrence, StudioTimes
from mailbot.planning.rounds import looks_until
from mailbot.rules.process import ProcessRules

_OWN_LINES = 2  # of every order: its name, and where it stands


@dataclass(frozen=True, slots=True)
class Ahead:
    """A milestone on a day; `at` is the wall time of its appointment in the studio ("14:00")."""

    name: str
    due: date
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """What waits on the client, and for how many days; `call`: nudged in vain, so that somebody has to call."""

    what: str
    days: int
    call: bool = False


@dataclass(frozen=True, slots=True)
class HeldLine:
    id: str
    sender: str
    guess: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Untold:
    """An issue that the client has not heard of, and the moment (UTC) until which they should have."""

    number: str
    title: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LatePayment:
    """An invoice that is not paid `days` after its day; a promise or a dispute stops its reminders."""

    number: str
    amount: Decimal
    days: int
    promised: date | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class DuePayment:
    """An invoice, sent or not, that is to be paid soon."""

    number: str
    amount: Decimal
    due: date


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail that will go to the client at `at` (UTC); `stop`: the command by which it does not, where there is one."""

    kind: str
    about: str | None
    at: datetime
    because: str
    stop: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail to the client that waits in the outbox until somebody lets it go: its id there, and its kind."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class OrderLines:
    """One order in the digest. `overdue` are milestones whose day is past; `more`: lines for which there is no room."""

    ref: str
    project: str
    client: str
    currency: str
    phase: str
    percent: int
    delivery: date
    late_because: str | None
    paused: str | None
    held: tuple[HeldLine, ...]
    late: tuple[LatePayment, ...]
    untold: tuple[Untold, ...]
    blockers: tuple[Blocker, ...]
    overdue: tuple[Ahead, ...]
    waits: tuple[Wait, ...]
    waiting: tuple[Waiting, ...]
    mails: tuple[MailLine, ...]
    ahead: tuple[Ahead, ...]
    payments: tuple[DuePayment, ...]
    more: int = 0

    @property
    def pressing(self) -> bool:
        """Whether it needs the account manager: something is held, late, stopped, or should have been told."""
        return bool(
            self.held or self.late or self.untold or self.blockers or self.overdue or self.waiting or self.paused
            or any(wait.call for wait in self.waits)
        )  # fmt: skip


LISTS = tuple(field.name for field in fields(OrderLines) if str(field.type).startswith("tuple"))
"""The lists of an order, the most pressing first."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One morning's: `orders` in full, `others` by reference; the numbers count all of them.

    `loose` are replies that wait for the account manager and belong to no order.
    """

    day: date
    orders: tuple[OrderLines, ...]
    others: tuple[str, ...]
    loose: tuple[HeldLine, ...]
    held_count: int
    late_count: int

    @property
    def count(self) -> int:
        """All orders that it is about."""
        return len(self.orders) + len(self.others)


def digest(
    orders: Iterable[Order],
    held: Iterable[Held],
    rules: ProcessRules,
    now: datetime,
    studio: StudioTimes,
    outbox: Mapping[str, Sequence[Waiting]] | None = None,
) -> Digest:
    """The digest at `now` over `orders` (closed ones are left out), with those of the `held` replies that wait.

    `outbox` are the mails to their clients that wait to be released, by the order's reference.
    """
    replies: dict[str | None, list[HeldLine]] = defaultdict(list)
    for one in held:
        if one.state == "waiting":
            replies[one.order].append(HeldLine(one.id, one.sender, one.guess, local_day(one.at, studio.timezone)))
    found = [
        (_lines(order, replies[order.ref], (outbox or {}).get(order.ref, ()), rules, now, studio), order)
        for order in orders
        if not order.closed
    ]
    found.sort(key=lambda pair: (not pair[0].pressing, pair[0].ref))
    shown = _fitting(found, rules, now, studio)
    return Digest(
        day=local_day(now, studio.timezone), orders=shown, others=tuple(one.ref for one, _ in found[len(shown) :]),
        loose=tuple(replies[None]), held_count=sum(len(one.held) for one, _ in found) + len(replies[None]),
        late_count=sum(len(one.late) for one, _ in found),
    )  # fmt: skip


def _fitting(
    found: Sequence[tuple[OrderLines, Order]], rules: ProcessRules, now: datetime, studio: StudioTimes
) -> tuple[OrderLines, ...]:
    """As many orders as there is room for, each cut to its most pressing lines, with the mails that are to come.

    Those are worked out for them alone: it is what costs most.
    """
    room = rules.digest.most_lines
    shown: list[OrderLines] = []
    for lines, order in found:
        whole = replace(lines, mails=tuple(_mails(order, rules, now, studio)))
        cut, length = _cut(whole, rules.digest.most_lines_of_order)
        if shown and length > room:
            break
        room -= length
        shown.append(cut)
    return tuple(shown)


def _cut(lines: OrderLines, most: int) -> tuple[OrderLines, int]:
    """`lines` without those that are beyond `most`, which are counted; and how many lines that makes."""
    kept: dict[str, Any] = {}
    left, more = most, 0
    for name in LISTS:
        whole = getattr(lines, name)
        kept[name] = whole[:left]
        left -= len(kept[name])
        more += len(whole) - len(kept[name])
    return replace(lines, more=more, **kept), _OWN_LINES + most - left + bool(more)


def _lines(
    order: Order,
    held: Sequence[HeldLine],
    waiting: Sequence[Waiting],
    rules: ProcessRules,
    now: datetime,
    studio: StudioTimes,
) -> OrderLines:
    today = local_day(now, studio.timezone)
    last = looks_until(today, rules)
    open_ones = [m for m in order.milestones if m.status not in ("approved", "done")]
    return OrderLines(
        ref=order.ref,
        project=order.project,
        client=order.client.name,
        currency=order.currency,
        phase=order.phase,
        percent=order.percent_complete,
        delivery=order.delivery,
        late_because=order.late_because,
        paused=order.paused,
        held=tuple(held),
        late=tuple(_late(i, today) for i in order.invoices if is_late(i, today)),
        untold=tuple(_untold(order, rules)),
        blockers=order.blockers,
        overdue=tuple(_ahead(m) for m in open_ones if m.due < today),
        waits=tuple(_waits(order, today, studio)),
        waiting=tuple(waiting),
        ahead=tuple(_ahead(m) for m in open_ones if today <= m.due <= last),
        payments=tuple(_payments(order, today, last)),
        mails=(),
    )


def _mails(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Iterator[MailLine]:
    """What goes to the client up to the end of the last day that is looked ahead to."""
    last = looks_until(local_day(now, studio.timezone), rules)
    until = at(last + ONE_DAY, datetime.min.time(), studio.timezone)
    for one in forecast(order, rules, now, until, studio):
        if one.at < until and not set(order.client.emails).isdisjoint(one.to):
            yield MailLine(one.kind, one.about, one.at, one.because, _stop(one, order, rules, now, studio))


def _stop(mail: Occurrence, order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> str | None:
    """`hold weekly` is about the next Friday alone; an invoice that was promised for later is not reminded of."""
    if mail.kind == "weekly-update":
        friday = weekday_from(local_day(now, studio.timezone), rules.weekly.weekday)
        return "hold weekly" if mail.about == friday.isoformat() else None
    invoice = order.invoice(mail.about or "")
    if invoice is None or mail.step is None or mail.step.does == "invoice":
        return None
    return f"promise {invoice.number} until {local_day(mail.at, studio.timezone) + ONE_WEEK}"


def _ahead(milestone: Milestone) -> Ahead:
    return Ahead(milestone.name, milestone.due, None if milestone.appointment == "refused" else milestone.at)


def _untold(order: Order, rules: ProcessRules) -> Iterator[Untold]:
    within = timedelta(hours=rules.issues.tell_within_hours)
    for issue in order.issues:
        if issue.status in ("draft", "told") and issue.told_at is None:
            yield Untold(issue.number, issue.title, issue.raised_at + within if issue.raised_at else None)


def _waits(order: Order, today: date, studio: StudioTimes) -> Iterator[Wait]:
    """What the client owes: an answer, or the deposit without which the work on a change order does not begin."""
    for asked in order.open_requests:
        days = (today - local_day(asked.asked_at, studio.timezone)).days
        yield Wait(title_of(order, asked.kind, asked.about), days, asked.escalated is not None)
    for change, deposit in order.waiting_work:
        yield Wait(
            f"{deposit.number}, without which the work on {change.number} does not begin", (today - deposit.due).days
        )


def _late(invoice: Invoice, today: date) -> LatePayment:
    days = (today - base(invoice)).days
    disputed = invoice.status == "frozen" and invoice.why is not None
    return LatePayment(invoice.number, invoice.amount - invoice.paid, days, invoice.promised, disputed)


def _payments(order: Order, today: date, last: date) -> Iterator[DuePayment]:
    for invoice in order.live_invoices:
        if invoice.status in ("planned", "sent") and invoice.amount > 0 and today <= base(invoice) <= last:
            yield DuePayment(invoice.number, invoice.amount - invoice.paid, base(invoice))


def is_late(invoice: Invoice, today: date) -> bool:
    """Whether `invoice` was sent, is not paid, and its day has passed."""
    return invoice.status in ("sent", "frozen") and invoice.sent_on is not None and base(invoice) < today
