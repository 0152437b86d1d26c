"""When a person is reminded of a reply that waits for them: in the morning, again and again, until it is settled.

The days are rules/process.toml, [held]; the hour is the digest's. Working days are the studio's.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.planning.calendar import add_working_days, at, local_day
from mailbot.planning.occurrence import StudioTimes
from mailbot.rules.process import ProcessRules


def first_reminder(held_at: datetime, rules: ProcessRules, studio: StudioTimes) -> datetime:
    """The moment (UTC) of the first reminder of a reply that is held at `held_at`."""
    return _morning(held_at, rules.held.remind_after_working_days, rules, studio)


def next_reminder(now: datetime, rules: ProcessRules, studio: StudioTimes) -> datetime:
    """The moment (UTC) of the reminder after the one that goes out at `now`: after an outage there is one, not many."""
    return _morning(now, rules.held.again_after_working_days, rules, studio)


def _morning(since: datetime, days: int, rules: ProcessRules, studio: StudioTimes) -> datetime:
    day = add_working_days(local_day(since, studio.timezone), days, studio.locale)
    return at(day, rules.digest.time, studio.timezone)
