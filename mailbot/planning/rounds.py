"""The rounds of the studio: the digest of each working morning and the weekly report, in the studio's zone.

Their hours are rules/process.toml, [digest] and [report]. After an outage the latest report goes out late; a digest
only on its own day, for yesterday's morning is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from mailbot.planning.calendar import ONE_DAY, ONE_WEEK, at, is_working_day, local_day, weekday_until, working_day
from mailbot.planning.occurrence import StudioTimes
from mailbot.rules.process import ProcessRules

_FORECAST_ROUNDS = 1000  # about three years: an `until` centuries ahead ends here


@dataclass(frozen=True, slots=True)
class Round:
    """A digest or report that is due: the day that it is of, and the moment (UTC) at which it was on time."""

    kind: Literal["digest", "report"]
    day: date
    at: datetime


def rounds(rules: ProcessRules, since: datetime, now: datetime, studio: StudioTimes) -> tuple[Round, ...]:
    """What has come due after `since` (the last time anybody asked, or the installation) and by `now`."""
    latest = (_digest(rules, local_day(now, studio.timezone), studio), _report(rules, now, studio))
    return tuple(one for one in latest if one is not None and since < one.at <= now)


def next_round(rules: ProcessRules, now: datetime, studio: StudioTimes) -> datetime:
    """The moment (UTC) of the next digest or report after `now`."""
    today = local_day(now, studio.timezone)
    morning = working_day(today, studio.locale)
    if at(morning, rules.digest.time, studio.timezone) <= now:
        morning = working_day(today + ONE_DAY, studio.locale)
    report = at(_report(rules, now, studio).day + ONE_WEEK, rules.report.time, studio.timezone)
    return min(at(morning, rules.digest.time, studio.timezone), report)


def week_of(report: date, rules: ProcessRules, studio: StudioTimes) -> tuple[datetime, datetime]:
    """The time that the report of the day `report` is about: from the report before it up to its own hour."""
    wall, zone = rules.report.time, studio.timezone
    return at(report - ONE_WEEK, wall, zone), at(report, wall, zone)


def report_of(day: date, rules: ProcessRules) -> date:
    """The day of the report that tells of the week in which `day` is."""
    return weekday_until(day, rules.report.weekday) + ONE_WEEK


def coming(rules: ProcessRules, now: datetime, until: datetime, studio: StudioTimes) -> Iterator[Round]:
    """The rounds after `now` and up to `until`, as they come; a bounded number of them."""
    for _ in range(_FORECAST_ROUNDS):
        last, now = now, next_round(rules, now, studio)
        if now > until:
            return
        yield from rounds(rules, last, now, studio)


def looks_until(day: date, rules: ProcessRules) -> date:
    """The last day that the digest of `day` looks ahead to."""
    return day + timedelta(days=rules.digest.days_ahead)


def _digest(rules: ProcessRules, day: date, studio: StudioTimes) -> Round | None:
    if not is_working_day(day, studio.locale):
        return None
    return Round("digest", day, at(day, rules.digest.time, studio.timezone))


def last_report(rules: ProcessRules, now: datetime, studio: StudioTimes) -> date:
    """The day of the latest report that was due by `now`."""
    return _report(rules, now, studio).day


def _report(rules: ProcessRules, now: datetime, studio: StudioTimes) -> Round:
    day = weekday_until(local_day(now, studio.timezone), rules.report.weekday)
    if at(day, rules.report.time, studio.timezone) > now:
        day -= ONE_WEEK
    return Round("report", day, at(day, rules.report.time, studio.timezone))
