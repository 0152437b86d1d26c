"""All that time brings to an order: what is due now, when the next thing is, what will go out, and what sending means.

Everything is worked out from the order as it stands, so a payment or a new date takes a reminder away by itself. Each
strand (an invoice, a question, the update) answers with its next occurrence; what repeats, only with the latest missed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

from mailbot.orders.events import Event, Told, WeeklySent
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.planning import clocks, dunning, nudges, preparations, weekly
from mailbot.planning.occurrence import BY, Occurrence, StudioTimes
from mailbot.planning.spacing import Post, noted, spaced
from mailbot.rules.process import ProcessRules

_STRANDS = (dunning.upcoming, nudges.upcoming, clocks.upcoming, preparations.upcoming, weekly.upcoming)
_FORECAST_STEPS = 500  # about three years of one order: an `until` centuries ahead ends here
_NO_POST: Final = Post()


@dataclass(frozen=True, slots=True)
class Plan:
    """What `now` brings to an order: the occurrences, what sending them means, and the order after that.

    `next_due` is the moment (UTC) at which to plan again, None when nothing will come by itself.
    """

    order: Order
    occurrences: tuple[Occurrence, ...]
    events: tuple[Event, ...]
    next_due: datetime | None


def plan(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes, post: Post = _NO_POST) -> Plan:
    """Plan `order` at `now` (aware); `post` is what is known of the mails to its client.

    Every occurrence comes once, whenever the order is looked at.
    """
    occurrences = due(order, rules, now, studio, post)
    events: list[Event] = []
    for occurrence in occurrences:
        for event in after(occurrence, order, now):
            order = evolve(order, event)
            events.append(event)
    after_all = next_due(order, rules, now, studio, noted(post, occurrences, now))
    return Plan(order, occurrences, tuple(events), after_all)


def due(
    order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes, post: Post = _NO_POST
) -> tuple[Occurrence, ...]:
    """What is due of `order` at `now` (aware), earliest first; each `at` is in UTC."""
    coming = _upcoming(order, rules, now, studio, post)
    return tuple(weekly.told(o, order, rules, now, studio) for o in coming if o.at <= now)


def next_due(
    order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes, post: Post = _NO_POST
) -> datetime | None:
    """The moment (UTC) at which to look at `order` again; None when nothing will come of it by itself.

    What is due at `now` and was not sent yet counts as well, so that nothing is lost.
    """
    return min((o.at for o in _upcoming(order, rules, now, studio, post)), default=None)


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
    order: Order, rules: ProcessRules, now: datetime, until: datetime, studio: StudioTimes, post: Post = _NO_POST
) -> tuple[Occurrence, ...]:
    """Every mail of `order` that will go out from `now` up to `until` if nobody writes or pays, were it alone."""
    return forecasts([order], rules, now, until, studio, post)


def forecasts(
    orders: Iterable[Order],
    rules: ProcessRules,
    now: datetime,
    until: datetime,
    studio: StudioTimes,
    post: Post = _NO_POST,
) -> tuple[Occurrence, ...]:
    """Every mail that will go out of `orders` from `now` up to `until` if nobody writes or pays, earliest first.

    It is the code that sends them which is asked, in its order: of two orders of one client each knows of the other.
    """
    mails: dict[str, Occurrence] = {}
    for occurrence, _ in ahead(orders, rules, now, until, studio, post):
        mails.setdefault(occurrence.key, occurrence)
    return tuple(sorted((o for o in mails.values() if o.to), key=lambda o: (o.at, o.key)))


def ahead(
    orders: Iterable[Order],
    rules: ProcessRules,
    now: datetime,
    until: datetime,
    studio: StudioTimes,
    post: Post = _NO_POST,
) -> Iterator[tuple[Occurrence, Order]]:
    """What will come of `orders` by `until`, one after the other, each with its order as that stands by then."""
    known = {order.ref: order for order in orders}
    steps = dict.fromkeys(known, _FORECAST_STEPS)
    turns = [(when, ref) for ref, one in known.items() if (when := next_due(one, rules, now, studio, post))]
    heapq.heapify(turns)
    while turns and (turn := heapq.heappop(turns))[0] <= until:
        ref, clock = turn[1], max(turn[0], now.astimezone(UTC))
        planned = plan(known[ref], rules, clock, studio, post)
        post = noted(post, planned.occurrences, clock)
        for occurrence in planned.occurrences:
            yield replace(occurrence, at=max(occurrence.at, clock)), known[ref]
        known[ref], steps[ref] = planned.order, steps[ref] - 1
        if planned.next_due and steps[ref]:
            heapq.heappush(turns, (planned.next_due, ref))


def _upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes, post: Post) -> list[Occurrence]:
    """What is due and what comes next of each strand, as it goes out, earliest first.

    What the client never got is not late. It is looked at again all the same when its next step would come: by then the
    invoice may have gone out.
    """
    if order.closed:
        return []
    now = now.astimezone(UTC)
    coming = (o for strand in _STRANDS for o in strand(order, rules, now, studio) if o.key not in order.told)
    heard_of = (o for o in coming if not (o.at <= now and o.step and o.about in post.unsent))
    return spaced(heard_of, order, rules, now, post)
