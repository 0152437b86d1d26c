"""All that time brings to an order: what is due now, when the next thing is, what will go out, and what sending means.

Everything is worked out from the order as it stands, so a payment or a new date takes a reminder away by itself. Each
strand (an invoice, a question, the update) answers with its next occurrence; what repeats, only with the latest missed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from mailbot.orders.events import Event, MailRecorded, WeeklySent
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.planning import clocks, dunning, nudges, weekly
from mailbot.planning.occurrence import BY, Occurrence, StudioTimes
from mailbot.rules.process import ProcessRules

_STRANDS = (dunning.upcoming, nudges.upcoming, clocks.upcoming, weekly.upcoming)
_UNTRACED = frozenset({"draft-weekly", "issue-clock", "survey"})  # on record, but the order does not show it
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
    """Do this in every transaction that changes an order, and when its `next_due` has come: then nothing is missed.

    Occurrences that were enqueued before have the key that they had then.
    """
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

    What is due at `now` and leaves its trace in the order counts as well, so that nothing is lost if it was not sent
    yet. What leaves none (`_UNTRACED`) is taken as sent, as it is by `plan`.
    """
    coming = (o.at for o in _upcoming(order, rules, now, studio) if o.at > now or o.kind not in _UNTRACED)
    return min(coming, default=None)


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
    return (
        MailRecorded(
            at=now, by=BY, mail=occurrence.key, direction="out", kind=occurrence.kind, because=occurrence.because
        ),
    )


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
    return sorted((o for strand in _STRANDS for o in strand(order, rules, now, studio)), key=lambda o: (o.at, o.key))
