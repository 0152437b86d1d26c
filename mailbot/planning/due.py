"""All that time brings to an order: what is due now, when the next thing is, what will go out, and what sending means.

Everything is worked out from the order as it stands, so a payment or a new date takes a reminder away by itself. Each
strand (an invoice, a question, the update) answers with its next occurrence; what repeats, only with the latest missed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from mailbot.orders.events import Event, Told, WeeklySent
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.planning import clocks, dunning, nudges, weekly
from mailbot.planning.occurrence import BY, Occurrence, StudioTimes
from mailbot.rules.process import ProcessRules

_STRANDS = (dunning.upcoming, nudges.upcoming, clocks.upcoming, weekly.upcoming)
_FORECAST_STEPS = 500  # about three years of one order: an `until` centuries ahead ends here


@dataclass(frozen=True, slots=True)
class Plan:
    """What `now` brings to an order: the occurrences, what sending them means, and the order after that.

    `next_due` is the moment (UTC) at which to plan again, None when nothing will come by itself.
    """

    order: Order
    occurrences: tuple[Occurrence, ...]
    events: tuple[Event, ...]
    next_due: datetime | None


def plan(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Plan:
    """Plan `order` at `now` (aware). Every occurrence comes once, whenever the order is looked at."""
    occurrences = due(order, rules, now, studio)
    events: list[Event] = []
    for occurrence in occurrences:
        for event in after(occurrence, order, now):
            order = evolve(order, event)
            events.append(event)
    return Plan(order, occurrences, tuple(events), next_due(order, rules, now, studio))


def due(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> tuple[Occurrence, ...]:
    """What is due of `order` at `now` (aware), earliest first; each `at` is in UTC."""
    coming = _upcoming(order, rules, now, studio)
    return tuple(weekly.told(o, order, rules, now, studio) for o in coming if o.at <= now)


def next_due(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> datetime | None:
    """The moment (UTC) at which to look at `order` again; None when nothing will come of it by itself.

    What is due at `now` and was not sent yet counts as well, so that nothing is lost.
    """
    return min((o.at for o in _upcoming(order, rules, now, studio)), default=None)


def after(occurrence: Occurrence, order: Order, now: datetime) -> tuple[Event, ...]:
    """The events that sending `occurrence` at `now` means for `order`; none when they have happened already."""
    about = occurrence.about or ""
    if occurrence.step and (invoice := order.invoice(about)):
        return dunning.take(occurrence.step, invoice, order, now)
    if request := order.request(about):
        return nudges.take(occurrence, request, order, now)
    if occurrence.kind == "weekly-update":
        week = date.fromisoformat(about)
        return () if week in order.weekly_sent else (WeeklySent(at=now, by=BY, week=week),)
    if occurrence.key in order.told:
        return ()
    return (Told(at=now, by=BY, key=occurrence.key, kind=occurrence.kind, because=occurrence.because),)


def forecast(
    order: Order, rules: ProcessRules, now: datetime, until: datetime, studio: StudioTimes
) -> tuple[Occurrence, ...]:
    """Every mail that will go out from `now` up to `until` if nobody writes or pays, by the code that sends it."""
    mails: dict[str, Occurrence] = {}
    clock: datetime | None = now
    for _ in range(_FORECAST_STEPS):
        if clock is None or clock > until:
            break
        planned = plan(order, rules, clock, studio)
        for occurrence in planned.occurrences:
            mails.setdefault(occurrence.key, replace(occurrence, at=max(occurrence.at, clock.astimezone(UTC))))
        order, clock = planned.order, planned.next_due
    return tuple(sorted((o for o in mails.values() if o.to), key=lambda o: (o.at, o.key)))


def _upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> list[Occurrence]:
    if order.closed:
        return []
    now = now.astimezone(UTC)
    coming = (o for strand in _STRANDS for o in strand(order, rules, now, studio) if o.key not in order.told)
    return sorted(coming, key=lambda o: (o.at, o.key))
