"""What a milestone needs is asked for in time: of whom rules/process.toml names, and once more on the last working day.

Once for each milestone and date: a milestone that moves is prepared anew, less what is ready. While work is paused
nobody is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from mailbot.orders.model import Milestone, Order
from mailbot.orders.preparations import prepared
from mailbot.planning.calendar import ONE_DAY, at, is_working_day, local_day
from mailbot.planning.occurrence import Occurrence, StudioTimes, addresses
from mailbot.rules.process import PreparationRule, ProcessRules


def upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Iterator[Occurrence]:
    """For each preparation that is not ready: the question about it, and the one on the last day; late, only that."""
    if order.paused:
        return
    today = local_day(now, studio.timezone)
    for milestone, one in prepared(order, rules):
        if one.key in milestone.ready or milestone.due < today:
            continue
        first = _working_day_until(milestone.due - timedelta(days=one.days), studio.locale)
        last = _working_day_until(milestone.due - ONE_DAY, studio.locale)
        again = _asked(milestone, one, order, at(last, rules.digest.time, studio.timezone), studio, again=first < last)
        if first < last and now < again.at:
            yield _asked(milestone, one, order, at(first, rules.digest.time, studio.timezone), studio, again=False)
        yield again


def _asked(
    milestone: Milestone, one: PreparationRule, order: Order, when: datetime, studio: StudioTimes, *, again: bool
) -> Occurrence:
    key = f"{order.ref}/ready/{milestone.key}/{one.key}/{milestone.due}" + ("/again" if again else "")
    data = {
        "what": "ready", "key": one.key, "text": one.text, "milestone": milestone.name, "due": milestone.due,
        "again": again, "at": when,
    }  # fmt: skip
    why = f"{milestone.name} is due on {milestone.due}, and {one.key} is not ready"
    return Occurrence(when, "notice", order.ref, addresses([one.who], order, studio), milestone.key, key, why, data)


def _working_day_until(day: date, locale: str) -> date:
    """`day` itself if people work on it, else the last day before on which they do."""
    while not is_working_day(day, locale):
        day -= ONE_DAY
    return day
