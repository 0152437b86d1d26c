"""Dates and amounts as people write them in commands: what can be read in one way only, in the order's own terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.dates import get_date_format, get_day_names, get_month_names
from babel.dates import parse_date as babel_parse_date
from babel.numbers import (
    NumberFormatError,
    get_currency_precision,
    get_currency_symbol,
    get_group_symbol,
    list_currencies,
    parse_decimal,
)

# a sign, the number, and on either side of it room for a currency
_AMOUNT = re.compile(r"([+-]?)\s?([^\d\s.,'+-]{0,5}\.?)\s?(\d[\d.,'’ ]*)([^\d\s,'’+-]{0,5})")
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-"})
_GROUP = re.compile(r"(?<=\d)[ '’](?=\d{3}(?!\d))")
_DECIMALS = 2  # of a currency that is not named
_MONTHS = 12
_ENGLISH = ("en", "en_GB")
_NUMERIC = re.compile(r"\d{1,2}([./-])\d{1,2}\1(\d{4}|\d{2})")
_NO_YEAR = re.compile(r"\d{1,2}([./])\d{1,2}")


def parse_money(value: str, locale: str, currency: str = "") -> Decimal:
    """An amount as people write it in `locale`, or in plain "450.00", in `currency` (its code; any where it is "").

    Raises ValueError with the mend when it can be read in two ways or in none, or is said to be in another currency.
    """
    found = _AMOUNT.fullmatch(value.strip().translate(_BLANKS))
    around = {found[2].strip(".").lower(), found[4].strip(".").lower()} if found else set()
    if found and around <= _signs("", locale) and not around <= _signs(currency, locale):
        raise ValueError(f"{value.strip()!r} is in another currency: the order is in {currency}")
    bare = f"{found[1]}{found[3].strip()}" if found and around <= _signs(currency, locale) else ""
    amounts = {amount for read in _readings(bare, locale, currency) if (amount := _exact(read, currency)) is not None}
    if len(amounts) != 1:
        raise ValueError(f"{value.strip()!r} is no amount: write it like {_exact(Decimal(450), currency)}")
    return amounts.pop()


def decimals(currency: str) -> int:
    """How many decimals amounts of `currency` have: none in yen, three in Kuwaiti dinars."""
    return get_currency_precision(currency) if currency else _DECIMALS


def _readings(bare: str, locale: str, currency: str) -> Iterator[Decimal]:
    """What the figures mean: as a number of any program, and as one of the locale."""
    if re.fullmatch(rf"[+-]?\d+(\.\d{{1,{max(decimals(currency), _DECIMALS)}}})?", bare):
        yield Decimal(bare)
    group = get_group_symbol(locale)
    if group.isspace() or group in "'’":
        bare = _GROUP.sub(group, bare)
    try:
        yield parse_decimal(bare, locale=locale, strict=True)
    except (NumberFormatError, InvalidOperation, ValueError):
        return


def _exact(amount: Decimal, currency: str) -> Decimal | None:
    """`amount` with the decimals of `currency`; None where it has more: "1.250" may well be more than a thousand."""
    try:
        rounded = amount.quantize(Decimal(1).scaleb(-decimals(currency)))
    except InvalidOperation:
        return None
    written = -int(amount.as_tuple().exponent)
    return rounded if rounded == amount and written <= max(decimals(currency), _DECIMALS) else None


@lru_cache(maxsize=64)
def _signs(currency: str, locale: str) -> frozenset[str]:
    """The codes and signs by which `currency` is written in `locale`, those of all for ""; and nothing at all."""
    if currency:
        signs = [currency, *(get_currency_symbol(currency, tongue) for tongue in (locale, *_ENGLISH)), ""]
        signs += [sign.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for sign in signs]  # $ for CA$
    else:
        signs = [*Locale.parse(locale).currency_symbols.values(), *list_currencies(), ""]
    return frozenset(sign.strip(".").lower() for sign in signs)


def parse_date(value: str, locale: str, today: date) -> date:
    """A date as people write it in `locale`: 2026-02-06, 6 Feb 2026, Friday, February 6, 02/06/2026, 6.2.

    Without a year the next such day from `today` on. Raises ValueError with the mend.
    """
    text = " ".join(value.strip().strip(".").lower().split())
    weekday, rest = _weekday(text, locale)
    try:
        day = _plain_date(rest, locale, today)
    except (ValueError, IndexError):
        day = None
    if day and weekday in (None, day.weekday()):
        return day
    if day:
        raise ValueError(f"{value.strip()!r} is no date: {day} is no {text.split()[0].strip(',.').title()}")
    meant = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1) if weekday is not None else today
    raise ValueError(f"{value.strip()!r} is no date: write it like {meant}")


def _plain_date(text: str, locale: str, today: date) -> date | None:
    """The date in figures, or with the name of a month; None where it is none or could be two."""
    if hit := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", text):
        return date(int(hit[1]), int(hit[3]), int(hit[4]))
    if _NUMERIC.fullmatch(text):
        return _in_figures(text, locale)
    if hit := _NO_YEAR.fullmatch(text):
        this, following = (_in_figures(f"{text}{hit[1]}{today.year + more}", locale) for more in (0, 1))
        return this if this and this >= today else following
    return _worded_date(text, locale, today)


def _in_figures(text: str, locale: str) -> date | None:
    """02/06/2026 in the order of the locale. With points the day comes first, wherever the locale has it."""
    day = babel_parse_date(text, locale=locale)
    pattern = get_date_format("short", locale=locale).pattern.lower()
    turned = "." in text and pattern.find("m") < pattern.find("d")
    return None if turned and day.day <= _MONTHS and day.day != day.month else day


def _weekday(text: str, locale: str) -> tuple[int | None, str]:
    """The weekday that a date begins with (or, beside other words, ends with), 0 is Monday; and what is left."""
    first, _, rest = text.partition(" ")
    names = _weekdays(locale)
    if (day := names.get(first.strip(",."))) is not None:
        return day, rest.strip()
    return names.get(text.rpartition(" ")[2]), text


def _worded_date(text: str, locale: str, today: date) -> date | None:
    hit = re.fullmatch(
        r"(?:(?:the )?(\d{1,2})(?:st|nd|rd|th|\.)?[ -](?:of |de )?)?([^\W\d]+)\.?"
        r"(?: (?:the )?(\d{1,2})(?:st|nd|rd|th)?)?,?(?:[ -](?:de )?(\d{4}))?",
        text,
    )
    if not hit or not (month := months(locale).get(hit[2])) or bool(hit[1]) == bool(hit[3]):
        return None
    day = int(hit[1] or hit[3])
    if hit[4]:
        return date(int(hit[4]), month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


@lru_cache(maxsize=32)
def months(locale: str) -> dict[str, int]:
    """The names of months in English and in `locale`, short ones too, in lower case, with their numbers."""
    names: dict[str, int] = {}
    for tongue in (*_ENGLISH, locale):
        for width in ("wide", "abbreviated"):
            names |= {str(n).lower().rstrip("."): i for i, n in get_month_names(width, locale=tongue).items()}
    return names


@lru_cache(maxsize=32)
def _weekdays(locale: str) -> dict[str, int]:
    """The names of weekdays as `months` has those of months; 0 is Monday."""
    names: dict[str, int] = {}
    for tongue in (*_ENGLISH, locale):
        for width in ("wide", "abbreviated"):
            names |= {str(n).lower().rstrip("."): i for i, n in get_day_names(width, locale=tongue).items()}
    return names
