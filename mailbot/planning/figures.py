"""The success figures of a week, worked out from the events of all orders: what was on time, and what was not, and why.

What counts is rules/process.toml, [report]. A figure without anything to count has no value, and misses no target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from mailbot.orders.events import (
    Event,
    OrderClosed,
    SatisfactionGiven,
    SubscriptionChanged,
    WeeklyHeld,
    WeeklySent,
)
from mailbot.orders.evolve import evolve, replay
from mailbot.orders.model import Issue, Order
from mailbot.planning.calendar import ONE_DAY, ONE_WEEK, at, local_day, weekday_from
from mailbot.planning.occurrence import StudioTimes
from mailbot.planning.weekly import send_time
from mailbot.rules.process import FigureId, FigureRule, ProcessRules


@dataclass(frozen=True, slots=True)
class Miss:
    ref: str
    project: str
    what: str


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is percent, or the mean of the answers; None where there was nothing to count.

    `counted` are all that it is worked out from; `misses` those that are not as they should be, with their orders.
    """

    id: FigureId
    name: str
    value: Decimal | None
    target: Decimal
    met: bool
    misses: tuple[Miss, ...]
    counted: int = 0

    @property
    def unit(self) -> Literal["percent", "score"]:
        return "score" if self.id == "satisfaction" else "percent"


@dataclass(frozen=True, slots=True)
class History:
    """An order as it stood after its `events`: all, or those up to the end of what is looked at."""

    order: Order
    events: tuple[Event, ...]


def history(events: Iterable[Event], until: datetime) -> History | None:
    """The history of the order whose `events` these are up to `until`; None when it was not there by then."""
    past = tuple(event for event in events if event.at <= until)
    return History(replay(past), past) if past else None


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is looked at, in UTC (`since` excluded), with the rules and places that it is measured by."""

    since: datetime
    until: datetime
    rules: ProcessRules
    studio: StudioTimes

    def days(self) -> Iterator[date]:
        """The studio's days that ended in it."""
        day = local_day(self.since, self.studio.timezone)
        while at(day + ONE_DAY, datetime.min.time(), self.studio.timezone) <= self.until:
            yield day
            day += ONE_DAY


_Count = Iterator[str | None]  # for each thing that counts: None when it was as it should be, else what was wrong


def figures(histories: Sequence[History], span: Span, earlier: Sequence[int] = ()) -> tuple[Figure, ...]:
    """The figures of `span` over all orders, in the order of the rules.

    `earlier` are what clients answered whose orders were over before it: how satisfied they are is the mean of all.
    """
    return tuple(_figure(rule, histories, span, earlier) for rule in span.rules.report.figures)


def met(rule: FigureRule, value: Decimal | None) -> bool:
    """Whether `value` reaches the target of `rule`."""
    return value is None or value >= rule.target


def _figure(rule: FigureRule, histories: Sequence[History], span: Span, earlier: Sequence[int]) -> Figure:
    if rule.id == "satisfaction":
        return _satisfaction(rule, histories, span, earlier)
    counted = [(h, wrong) for h in histories for wrong in _COUNTS[rule.id](h, span)]
    misses = tuple(_miss(h, wrong) for h, wrong in counted if wrong is not None)
    good = Decimal(len(counted) - len(misses))
    value = (good * 100 / len(counted)).quantize(Decimal("0.1")) if counted else None
    return Figure(rule.id, rule.name, value, rule.target, met(rule, value), misses, len(counted))


def _satisfaction(rule: FigureRule, histories: Sequence[History], span: Span, earlier: Sequence[int]) -> Figure:
    """The mean of all answers on record; behind it the orders that answered below the target in the span."""
    answers = [*earlier, *(h.order.satisfaction for h in histories if h.order.satisfaction is not None)]
    value = (Decimal(sum(answers)) / len(answers)).quantize(Decimal("0.1")) if answers else None
    misses = tuple(
        _miss(h, f"answered {event.rating} of {span.rules.satisfaction.highest}")
        for h in histories
        for event in h.events
        if isinstance(event, SatisfactionGiven) and event.at > span.since and event.rating < rule.target
    )
    return Figure(rule.id, rule.name, value, rule.target, met(rule, value), misses, len(answers))


def _miss(history: History, what: str) -> Miss:
    return Miss(history.order.ref, history.order.project, what)


def _weekly(history: History, span: Span) -> _Count:
    """Every Friday at whose hour the order was active; a held update counts as missed, by whose decision."""
    sent = {e.week: e.at for e in history.events if isinstance(e, WeeklySent)}
    held = {e.week: e.by for e in history.events if isinstance(e, WeeklyHeld)}
    closed = [e.at for e in history.events if isinstance(e, OrderClosed)]
    grace = timedelta(minutes=span.rules.report.on_time_minutes)
    week = weekday_from(local_day(span.since, span.studio.timezone), span.rules.weekly.weekday)
    while (hour := send_time(week, span.rules.weekly, span.studio)) <= span.until:
        if max(span.since, history.order.imported_at) < hour < min([*closed, hour + ONE_DAY]):
            if week in held:
                yield f"the update of {week} was held by {held[week]}"
            elif week not in sent and _has_reader(history, hour):
                yield f"the update of {week} was not sent"
            elif week in sent:
                yield None if sent[week] <= hour + grace else f"the update of {week} was sent late"
        week += ONE_WEEK


def _has_reader(history: History, hour: datetime) -> bool:
    """Whether anybody of the client had not ended the weekly updates by then."""
    said = {e.address: e.what for e in history.events if isinstance(e, SubscriptionChanged) and e.at <= hour}
    return any(said.get(address) != "ended" for address in history.order.client.emails)


def _issues(history: History, span: Span) -> _Count:
    """Every issue that was told in the span, or whose time to be told ended in it."""
    limit = timedelta(hours=span.rules.issues.tell_within_hours)
    for issue in history.order.issues:
        if issue.raised_at is None:
            continue
        told_in_time = issue.told_at is not None and issue.told_at <= issue.raised_at + limit
        counts_at = issue.told_at if told_in_time and issue.told_at else issue.raised_at + limit
        if span.since < counts_at <= span.until:
            yield None if told_in_time else _untold(issue, issue.raised_at)


def _untold(issue: Issue, raised: datetime) -> str:
    if issue.told_at is None:
        return f"{issue.number} was not told"
    return f"{issue.number} was told after {int((issue.told_at - raised) / timedelta(hours=1))} hours"


def _milestones(history: History, span: Span) -> _Count:
    """Every milestone that stood for a day of the span when that day ended: one moved before was told beforehand."""
    for day, order in _evenings(history, span):
        for milestone in order.milestones:
            if milestone.due == day and not order.closed:
                reached = milestone.status in ("approved", "done")
                yield None if reached else f"{milestone.name} was due on {day}"


def _evenings(history: History, span: Span) -> Iterator[tuple[date, Order]]:
    """The order as it stood at the end of each of the studio's days in the span."""
    order: Order | None = None
    left = list(history.events)
    for day in span.days():
        evening = at(day + ONE_DAY, datetime.min.time(), span.studio.timezone)
        while left and left[0].at < evening:
            order = evolve(order, left.pop(0))
        if order is not None:
            yield day, order


def _payments(history: History, span: Span) -> _Count:
    """Every invoice that was due on a day of the span."""
    days = set(span.days())
    for invoice in history.order.live_invoices:
        if invoice.due not in days or invoice.amount <= 0:
            continue
        if invoice.paid_on is None:
            yield f"{invoice.number} is not paid"
        else:
            late = (invoice.paid_on - invoice.due).days
            yield None if late <= 0 else f"{invoice.number} was paid {late} days late"


_COUNTS: dict[FigureId, Callable[[History, Span], _Count]] = {
    "weekly": _weekly,
    "issues": _issues,
    "milestones": _milestones,
    "payments": _payments,
}
