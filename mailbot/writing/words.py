"""Amounts, dates, times and numbers of days, written by Babel as the reader's locale and zone have it.

Amounts are never rounded: what is billed is what is shown. A locale or zone that Babel does not know falls back to the
studio's, since a mail in the wrong format is better than none.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

NARROW_BREAKLESS, BREAKLESS = "\u202f", "\u00a0"  # older mail programs show the narrow one as a box


@lru_cache(maxsize=64)
def locale_of(*names: str) -> Locale:
    """The first of `names` ("en_US", "de-AT") that Babel knows, else English."""
    for name in names:
        try:
            return Locale.parse(name.replace("-", "_"))
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return Locale("en")


@lru_cache(maxsize=64)
def zone_of(*names: str) -> ZoneInfo:
    """The first of `names` ("America/New_York") that is a time zone, else UTC."""
    for name in names:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            continue
    return ZoneInfo("UTC")


@lru_cache(maxsize=64)
def locale_for(language: str, name: str) -> Locale:
    """The locale in which a letter in `language` writes for a reader of locale `name`.

    The reader's own where the languages agree; else the letter's language with the habits of the reader's country
    where there are such (an English letter to Berlin: en_DE), else the plain language.
    """
    own = locale_of(name)
    if own.language == language:
        return own
    return locale_of(f"{language}_{own.territory}", language)


@dataclass(frozen=True, slots=True)
class Words:
    """How one reader's letter writes values. `zone` is the reader's, `home` the studio's."""

    locale: Locale
    zone: ZoneInfo
    home: ZoneInfo
    currency: str

    def money(self, amount: Decimal | str, currency: str | None = None) -> str:
        """An amount in the order's currency unless said: "$12,000.00"."""
        code = currency or self.currency
        return _plain(format_currency(Decimal(amount), code, locale=self.locale, decimal_quantization=False))

    def day(self, value: dt.date) -> str:
        """A date with its weekday: "Friday, January 16, 2026". A moment counts as the day that it is in the zone."""
        return _plain(format_date(self._local(value), "full", locale=self.locale))

    def date(self, value: dt.date) -> str:
        """A date in words, without weekday: "January 16, 2026"."""
        return _plain(format_date(self._local(value), "long", locale=self.locale))

    def short(self, value: dt.date) -> str:
        """A date for tables: "Jan 16, 2026"."""
        return _plain(format_date(self._local(value), "medium", locale=self.locale))

    def time(self, value: dt.datetime) -> str:
        """The time of day in the reader's zone: "2:00 PM"."""
        return self._time(value.astimezone(self.zone).time())

    def moment(self, value: dt.datetime) -> str:
        """A moment in the reader's zone, which is named: "Friday, January 16, 2026, 2:00 PM (New York)"."""
        return self._moment(value, self.zone)

    def at_home(self, value: dt.datetime) -> str:
        """A moment in the studio's zone: an appointment is where the studio is."""
        return self._moment(value, self.home)

    def home_day(self, value: dt.datetime) -> str:
        """The day of a moment at the studio: "February 6, 2026"."""
        return self.date(value.astimezone(self.home).date())

    def home_time(self, value: dt.datetime) -> str:
        """The time of day of a moment at the studio."""
        return self._time(value.astimezone(self.home).time())

    def same_zone(self, value: dt.datetime) -> bool:
        """Whether reader and studio have the same time on their clocks at that moment."""
        return value.astimezone(self.zone).utcoffset() == value.astimezone(self.home).utcoffset()

    def days(self, number: int) -> str:
        """A number of days without its sign: "1 day", "5 days"."""
        return _plain(format_unit(abs(number), "duration-day", length="long", locale=self.locale))

    def number(self, value: int | Decimal) -> str:
        return _plain(format_decimal(value, locale=self.locale))

    def percent(self, value: int | Decimal) -> str:
        """A share given in percent: 40 is "40%"."""
        return _plain(format_percent(Decimal(value) / 100, locale=self.locale, decimal_quantization=False))

    def _local(self, value: dt.date) -> dt.date:
        return value.astimezone(self.zone).date() if isinstance(value, dt.datetime) else value

    def _time(self, value: dt.time) -> str:
        return _plain(format_time(value, "short", locale=self.locale))

    def _moment(self, value: dt.datetime, zone: ZoneInfo) -> str:
        local = value.astimezone(zone)
        place = get_timezone_location(zone.key, locale=self.locale, return_city=True)
        return f"{self.day(local.date())}, {self._time(local.time())} ({_plain(place)})"


def _plain(text: str) -> str:
    return text.replace(NARROW_BREAKLESS, BREAKLESS)
