"""Amounts, dates and times as different readers write them; the timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mailbot.writing.letters import clean, line, thread
from mailbot.writing.timeline import timeline
from mailbot.writing.words import Words, locale_for, locale_of, zone_of

MOMENT = datetime(2026, 2, 6, 19, 0, tzinfo=UTC)


def words(language: str, locale: str, zone: str, currency: str = "EUR") -> Words:
    return Words(locale_for(language, locale), zone_of(zone), zone_of("America/New_York"), currency)


@pytest.mark.parametrize(
    ("language", "locale", "amount", "day", "moment"),
    [
        ("en", "en_US", "€1,234.50", "Friday, February 6, 2026", "Friday, February 6, 2026, 8:00 PM (Berlin)"),
        ("de", "de_DE", "1.234,50 €", "Freitag, 6. Februar 2026", "Freitag, 6. Februar 2026, 20:00 (Berlin)"),
        ("fr", "fr_FR", "1 234,50 €", "vendredi 6 février 2026", "vendredi 6 février 2026, 20:00 (Berlin)"),
        ("en", "de_DE", "1.234,50 €", "Friday, 6 February 2026", "Friday, 6 February 2026, 20:00 (Berlin)"),
        ("en", "ja_JP", "€1,234.50", "Friday, February 6, 2026", "Friday, February 6, 2026, 8:00 PM (Berlin)"),
    ],
)
def test_values_follow_language_and_country(language, locale, amount, day, moment):
    reader = words(language, locale, "Europe/Berlin")
    seen = [reader.money(Decimal("1234.50")), reader.day(date(2026, 2, 6)), reader.moment(MOMENT)]
    assert [value.replace("\xa0", " ") for value in seen] == [amount, day, moment]


def test_appointments_are_told_in_studio_time():
    reader = words("en", "en_US", "Asia/Tokyo")
    assert reader.at_home(MOMENT).replace("\xa0", " ") == "Friday, February 6, 2026, 2:00 PM (New York)"
    assert reader.home_day(MOMENT) == "February 6, 2026"
    assert reader.day(MOMENT) == "Saturday, February 7, 2026"
    assert not reader.same_zone(MOMENT)
    assert words("en", "en_US", "America/Toronto").same_zone(MOMENT)


def test_days_and_shares():
    reader = words("en", "en_US", "UTC")
    assert [reader.days(1), reader.days(-5), reader.percent(40), reader.percent(Decimal("12.5"))] == [
        "1 day", "5 days", "40%", "12.5%",
    ]  # fmt: skip


def test_other_currencies_and_no_rounding():
    reader = words("en", "en_US", "UTC", "JPY")
    assert (reader.money(Decimal("1200.5")), reader.money(Decimal(12), "USD")) == ("¥1,200.5", "$12.00")


def test_unknown_locales_and_zones_fall_back():
    assert str(locale_of("xx_YY", "de_AT")) == "de_AT"
    assert str(locale_of("../../etc/passwd")) == "en"
    assert zone_of("Nowhere/Land", "Europe/Vienna").key == "Europe/Vienna"
    assert zone_of("../../etc/passwd").key == "UTC"


def test_the_timeline_marks_what_is_done_and_where_it_stands():
    assert [one.state for one in timeline(["Design", "Pattern", "Final"], "Pattern")] == ["done", "current", "coming"]
    assert {one.state for one in timeline(["Design", "Pattern"], "Elsewhere")} == {"coming"}


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: AW: Gowns [ORD-1]", "Gowns"),
        ("Gowns: the second act", "Gowns: the second act"),
        ("The gowns: second act", "The gowns: second act"),
        ("[EXT] Re: a\r\nBcc: b", "a Bcc: b"),
        ("x" * 5000, "x" * 200),
    ],
)
def test_threads(subject, bare):
    assert thread(subject) == bare


def test_cleaning_keeps_words_and_takes_controls():
    assert clean("a\r\nb\x00\x1b\u202ec\ud800 👩🏽\u200d🎨") == "a\nbc? 👩🏽\u200d🎨"
    assert line(" a\n\tb\u2028c ") == "a bc"
