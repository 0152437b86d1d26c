"""Wall times and working days: local dates in, moments in UTC out.

A wall time that comes twice (the clock goes back) is the first of the two; one that never comes (the clock goes
forward) is as far after the gap as it stood in it. Days off are those of a country, taken from a locale such as en_US;
where the country is unknown only Saturdays and Sundays are off.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from babel import Locale, UnknownLocaleError

from mailbot.rules.process import ClientHours

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)
_WEEKEND = frozenset({5, 6})


def at(day: date, wall: time, zone: str) -> datetime:
    """The moment, in UTC, of the wall time `wall` on `day` in `zone` (a tz name). PEP 495, fold 0."""
    return datetime.combine(day, wall, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local_day(now: datetime, zone: str) -> date:
    """The date that it is in `zone` at `now`."""
    return now.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=256)
def country(locale: str) -> str | None:
    """The country whose days off a locale such as en_US or de-AT goes by; None when it names none that is known."""
    try:
        return Locale.parse(locale.replace("-", "_")).territory
    except (ValueError, TypeError, UnknownLocaleError):
        return None


def is_working_day(day: date, locale: str) -> bool:
    """Whether `day` is neither weekend nor public holiday in the country of `locale`."""
    weekend, off = _days_off(country(locale), day.year)
    return day.weekday() not in weekend and day not in off


def working_day(day: date, locale: str) -> date:
    """`day` itself if people work on it, else the next day on which they do."""
    while not is_working_day(day, locale):
        day += ONE_DAY
    return day


def add_working_days(day: date, days: int, locale: str) -> date:
    """The `days`-th working day after `day`, which itself does not count; 0 is the first working day from `day` on."""
    day = working_day(day, locale) if days == 0 else day
    for _ in range(days):
        day = working_day(day + ONE_DAY, locale)
    return day


def weekday_from(day: date, weekday: int) -> date:
    """The first date from `day` on that is a `weekday` (Monday is 0)."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def weekday_until(day: date, weekday: int) -> date:
    """The last date up to `day`, itself included, that is a `weekday` (Monday is 0)."""
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def at_once(moment: datetime, hours: ClientHours, zone: str, locale: str | None) -> datetime:
    """When a mail to a client that came up at `moment` goes out: at once, if that is in their working hours.

    Otherwise at the next time for mail on a working day: never at night, never on a day off of `locale`; None: on any
    day. `hours` are of `zone`.
    """
    local = moment.astimezone(ZoneInfo(zone))
    if (locale is None or is_working_day(local.date(), locale)) and hours.opens <= local.time() < hours.closes:
        return moment
    return _next_mail(local, hours, zone, locale)


def late(planned: datetime, now: datetime, hours: ClientHours, zone: str, locale: str | None) -> datetime:
    """When a mail to the client that was `planned` and has not gone out by `now` goes out; never at night.

    Later on its own day at any time until their hours close; on a later day from the time for mail on. It is so whether
    or not anybody looks in between: what waits for the morning is not sent by a look before it. On a working day of
    `locale`; None: on any day.
    """
    if planned >= now:
        return planned
    local, due = now.astimezone(ZoneInfo(zone)), planned.astimezone(ZoneInfo(zone))
    begins = hours.opens if local.date() == due.date() and due.time() >= hours.opens else hours.mail
    if (locale is None or is_working_day(local.date(), locale)) and begins <= local.time() < hours.closes:
        return now
    return _next_mail(local, hours, zone, locale)


def _next_mail(local: datetime, hours: ClientHours, zone: str, locale: str | None) -> datetime:
    """The next time for mail after `local`, a moment in `zone`, on a working day of `locale`, if it is given."""
    today = local.date()
    first = today if local.time() < hours.mail else today + ONE_DAY
    return at(first if locale is None else working_day(first, locale), hours.mail, zone)


@lru_cache(maxsize=512)
def _days_off(country_code: str | None, year: int) -> tuple[frozenset[int], frozenset[date]]:
    """Weekdays and dates off in a country and year; the usual weekend alone where nothing is known of it."""
    if country_code is None:
        return _WEEKEND, frozenset()
    try:
        known = holidays.country_holidays(country_code, years=year)
    except NotImplementedError:
        return _WEEKEND, frozenset()
    return frozenset(known.weekend), frozenset(known)
