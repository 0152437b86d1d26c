"""Open questions to the client: reminded, then the account manager is told to call, then expired.

The numbers are rules/process.toml, [requests]. Working days are the client's, and start again when they write or are
reminded. While an order is paused, or an answer is held for a person, nobody is reminded; a question expires all the
same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailbot.orders.authority import asked_of
from mailbot.orders.events import Event, RequestClosed, RequestNudged
from mailbot.orders.model import Order, Request
from mailbot.orders.notices import title_of
from mailbot.planning.calendar import ONE_DAY, add_working_days, at, is_working_day, late, local_day
from mailbot.planning.occurrence import BY, Occurrence, StudioTimes, addresses
from mailbot.rules.process import ProcessRules, Role


def upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Iterator[Occurrence]:
    """For each open question its next reminder or call, and its end."""
    answered = {reply.token for reply in order.unsettled}
    for request in order.open_requests:
        yield _expiry(request, order)
        when = _when(request, order, rules, now)
        if request.kind not in rules.requests.nudged_kinds or order.paused or request.token in answered:
            continue
        if when >= request.expires_at:
            yield from _last_call(request, order, rules, now, studio)
        elif len(request.nudged) < rules.requests.nudges:
            yield _nudge(request, order, when)
        elif request.escalated is None:
            yield _call(request, order, when, studio)


def take(occurrence: Occurrence, request: Request, order: Order, now: datetime) -> tuple[Event, ...]:
    """What it means that `occurrence` goes out at `now`; nothing when the question is open no more."""
    if request.state != "open":
        return ()
    if occurrence.kind == "expire":
        return (RequestClosed(at=now, by=BY, token=request.token, state="expired"),)
    today = local_day(now, order.client.timezone)
    return (RequestNudged(at=now, by=BY, token=request.token, on=today, escalated=occurrence.kind == "call-client"),)


def _when(request: Request, order: Order, rules: ProcessRules, now: datetime) -> datetime:
    """The moment of the next reminder: so many working days after the last word, at the client's time for mail."""
    client = order.client
    asked = local_day(request.asked_at, client.timezone)
    written = [local_day(order.last_contact, client.timezone)] if order.last_contact else []
    again = [local_day(request.reopened_at, client.timezone)] if request.reopened_at else []
    last = max([asked, *request.nudged, *written, *again])
    day = add_working_days(last, rules.requests.nudge_after_working_days, client.locale)
    planned = at(day, rules.client_hours.mail, client.timezone)
    return late(planned, now, rules.client_hours, client.timezone, client.locale)


def _nudge(request: Request, order: Order, when: datetime) -> Occurrence:
    count = len(request.nudged) + 1
    why = f"no answer about {title_of(order, request.kind, request.about)}: reminder {count}"
    return _occurrence(request, order, when, "nudge", asked_of(order, when), f"nudge-{count}", why)


def _call(request: Request, order: Order, when: datetime, studio: StudioTimes) -> Occurrence:
    to: tuple[Role, ...] = ("account_manager",)
    why = f"no answer about {title_of(order, request.kind, request.about)} after {len(request.nudged)} reminders"
    return _occurrence(request, order, when, "call-client", addresses(to, order, studio), "call-client", why)


def _last_call(
    request: Request, order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes
) -> Iterator[Occurrence]:
    """The call on the last working morning of a question, where it ends before anybody is reminded (again)."""
    client, hours = order.client, rules.client_hours
    day = local_day(request.expires_at - timedelta(seconds=1), client.timezone)
    while not is_working_day(day, client.locale):
        day -= ONE_DAY
    planned = at(day, hours.mail, client.timezone)
    when = late(planned, now, hours, client.timezone, client.locale)
    if request.escalated is None and request.asked_at < planned and when < request.expires_at:
        yield _call(request, order, when, studio)


def _expiry(request: Request, order: Order) -> Occurrence:
    why = f"nobody answered about {title_of(order, request.kind, request.about)} in time: a later answer is held"
    return _occurrence(request, order, request.expires_at, "expire", (), "expire", why)


def _occurrence(
    request: Request, order: Order, when: datetime, kind: str, to: tuple[str, ...], end: str, why: str
) -> Occurrence:
    asked = local_day(request.asked_at, order.client.timezone)
    data = {"asked": asked, "days": (local_day(when, order.client.timezone) - asked).days}
    return Occurrence(when, kind, order.ref, to, request.token, f"{order.ref}/{request.token}/{end}", why, data)
