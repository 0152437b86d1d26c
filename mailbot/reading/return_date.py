"""The day on which an absence says that it ends, in two dozen languages.

Names of months and weekdays are those of CLDR (babel). A date counts when a word before it says so (`back on`), or
one behind it (まで), or when it ends a range. Of several the one of coming back wins, then the last. A date without a
year is the next such day; a day that has passed is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from mailbot.reading.calendar_names import names
from mailbot.reading.message import Message
from mailbot.reading.wording import fold, place_of
from mailbot.rules.machines import MachineRules, Returns

_MAX_TEXT = 6000
_BEFORE, _AFTER = 42, 24  # characters in which the word that makes a date the end of an absence is looked for
_MAX_DAYS = 400
_LATE = 200  # a day without year that is further off than this is meant in the past
_AMERICAS = (-10, -4)  # hours of the zones in which the month comes first
_CJK = re.compile(r"(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号號]?")
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.:/])(\d{1,2})([./])\s?(\d{1,2})(?:\2\s?(\d{4}|\d{2})(?!\d)|\.(?=\D|$)|(?![\d:/]))")
_HYPHENS = re.compile(r"(?<![\d-])(\d{1,2})-(\d{1,2})-(\d{4})(?![\d-])")
_SENTENCE_END = re.compile(r"(?<=\w\w\w)[.!?;](?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Found:
    """A day in the text, and where it stands."""

    day: date
    start: int
    end: int


def return_date(message: Message, text: str, rules: MachineRules, locale: str | None = None) -> date | None:
    """The day of return told by subject or text, not before the mail's own date; None when there is none.

    `locale` (`en_US`) settles whether 1/12 is in January or December; else the zone of the Date header does.
    """
    if message.date is None:
        return None
    sent = message.date.date()
    folded = fold(f"{text[:_MAX_TEXT]} . {message.subject[:300]}")
    month_first = _month_first(message, locale)
    found = sorted(_days(folded, sent, rules.returns, month_first), key=lambda one: one.start)
    return _chosen(folded, found, sent, rules.returns)


def _month_first(message: Message, locale: str | None) -> bool:
    with suppress(UnknownLocaleError, ValueError):
        if locale:
            return bool(Locale.parse(locale.replace("-", "_")).date_formats["short"].pattern.lower().startswith("m"))
    offset = message.date.utcoffset() if message.date else None
    hours = offset.total_seconds() / 3600 if offset is not None else 0
    return _AMERICAS[0] <= hours <= _AMERICAS[1]


def _chosen(text: str, found: list[_Found], sent: date, rules: Returns) -> date | None:
    back: list[date] = []
    until: list[date] = []
    for index, one in enumerate(found):
        if not timedelta(0) <= one.day - sent <= timedelta(days=_MAX_DAYS):
            continue
        before = text[max(found[index - 1].end if index else 0, one.start - _BEFORE) : one.start]
        after = text[one.end : one.end + _AFTER]
        before = _SENTENCE_END.split(before)[-1]
        if _says(before, rules.back_before):
            back.append(one.day)
        elif _ends(before, rules.until_before) or _begins(after, rules.until_after) or _ends_range(text, found, index):
            until.append(one.day)
    return max(back, default=None) or max(until, default=None)


def _ends_range(text: str, found: list[_Found], index: int) -> bool:
    """Whether nothing but a dash (and a weekday) stands between this date and the one before."""
    return index > 0 and bool(re.fullmatch(r"[\s.]*-\s*(?:\w+,?\s+)?", text[found[index - 1].end : found[index].start]))


def _says(before: str, phrases: tuple[str, ...]) -> bool:
    return any(place_of(before, phrase) for phrase in phrases)


def _ends(before: str, phrases: tuple[str, ...]) -> bool:
    """Whether one of the words stands right before the date, with no more than a weekday and an article between."""
    tail = " ".join(before.split()[-4:])
    return any(place_of(tail, phrase) for phrase in phrases) or any(
        before.rstrip().endswith(p) for p in phrases if ord(p[0]) > 0x2E80
    )


def _begins(after: str, phrases: tuple[str, ...]) -> bool:
    return any((at := place_of(after.lstrip(), phrase)) is not None and at[0] < 8 for phrase in phrases)


# --- days in a text -----------------------------------------------------------------------------------------------


def _days(text: str, sent: date, rules: Returns, month_first: bool) -> Iterator[_Found]:
    taken: list[tuple[int, int]] = []
    for source in (
        _iso(text),
        _hyphens(text),
        _cjk(text, sent),
        _named(text, sent, rules),
        _numeric(text, sent, month_first),
    ):
        for one in source:
            if not any(start < one.end and one.start < end for start, end in taken):
                taken.append((one.start, one.end))
                yield one
    for one in (*_weekdays(text, sent, rules.languages), *_tomorrow(text, sent, rules)):
        if not any(start - 12 < one.end and one.start < end + 12 for start, end in taken):
            yield one


def _iso(text: str) -> Iterator[_Found]:
    for match in _ISO.finditer(text):
        if day := _day(int(match[1]), int(match[2]), int(match[3])):
            yield _Found(day, match.start(), match.end())


def _cjk(text: str, sent: date) -> Iterator[_Found]:
    for match in _CJK.finditer(text):
        if day := _with_year(match[1], int(match[2]), int(match[3]), sent):
            yield _Found(day, match.start(), match.end())


def _numeric(text: str, sent: date, month_first: bool) -> Iterator[_Found]:
    for match in _NUMERIC.finditer(text):
        first, second = int(match[1]), int(match[3])
        orders = [(second, first), (first, second)]
        if match[2] == "/" and month_first:
            orders.reverse()
        year = match[4]
        if match[2] == ".":
            orders = orders[:1]
        for month, day_of_month in orders:
            if day := _with_year(year, month, day_of_month, sent):
                yield _Found(day, match.start(), match.end())
                break


def _hyphens(text: str) -> Iterator[_Found]:
    for match in _HYPHENS.finditer(text):
        if day := _day(int(match[3]), int(match[2]), int(match[1])):
            yield _Found(day, match.start(), match.end())


def _named(text: str, sent: date, rules: Returns) -> Iterator[_Found]:
    months, _ = names(rules.languages)
    pattern = _named_pattern(rules.languages, rules.ordinals)
    for match in pattern.finditer(text):
        number, month, year = match["d1"] or match["d2"], match["m1"] or match["m2"], match["y1"] or match["y2"]
        if day := _with_year(year, months[month.rstrip(".")], int(number), sent):
            yield _Found(day, match.start(), match.end())


def _weekdays(text: str, sent: date, languages: tuple[str, ...]) -> Iterator[_Found]:
    _, weekdays = names(languages)
    for match in _weekday_pattern(languages).finditer(text):
        ahead = (weekdays[match[0]] - sent.weekday()) % 7 or 7
        yield _Found(sent + timedelta(days=ahead), match.start(), match.end())


def _tomorrow(text: str, sent: date, rules: Returns) -> Iterator[_Found]:
    for phrase in rules.tomorrow:
        if at := place_of(text, phrase):
            yield _Found(sent + timedelta(days=1), *at)


def _with_year(year: str | None, month: int, day_of_month: int, sent: date) -> date | None:
    if year:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day_of_month)
    for candidate in (sent.year, sent.year + 1):
        day = _day(candidate, month, day_of_month)
        if day and day >= sent:
            return day if day - sent <= timedelta(days=_LATE) else None
    return None


def _day(year: int, month: int, day_of_month: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


@lru_cache(maxsize=8)
def _named_pattern(languages: tuple[str, ...], ordinals: tuple[str, ...]) -> re.Pattern[str]:
    months, _ = names(languages)
    name = "|".join(re.escape(one) for one in sorted(months, key=len, reverse=True))
    small = "|".join(re.escape(one) for one in sorted(ordinals, key=len, reverse=True))
    year = r"(?:,?\s?(?:de |del |of )?(?P<{}>20\d\d))?"
    return re.compile(
        rf"(?<![\w])(?P<d1>\d{{1,2}})(?:\.|{small})?\s?(?:(?:{small})\s?)?(?P<m1>{name})\.?(?!\w){year.format('y1')}"
        rf"|(?<!\w)(?P<m2>{name})\.?\s(?:the )?(?P<d2>\d{{1,2}})(?!\d)(?:{small})?\.?{year.format('y2')}"
    )


@lru_cache(maxsize=8)
def _weekday_pattern(languages: tuple[str, ...]) -> re.Pattern[str]:
    _, weekdays = names(languages)
    name = "|".join(re.escape(one) for one in sorted(weekdays, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{name})(?!\w)")
