"""Wall times over clock changes, days off over year ends, and both at the far ends of the date line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.planning import calendar
from tests.planning.world import NEW_YORK, RULES, moment, wall

ZONES = [NEW_YORK, "Europe/Berlin", "Pacific/Tongatapu", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe"]
LOCALES = ["en_US", "de_DE", "he_IL", "ar_EG", "zh_Hant_HK", "en", "tlh_KX", ""]
HOURS = RULES.client_hours


def test_a_time_that_never_comes_is_moved_forward() -> None:
    assert calendar.at(date(2026, 3, 8), time(2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert wall(calendar.at(date(2026, 3, 8), time(2, 30), NEW_YORK)) == "2026-03-08 03:30"


def test_a_time_that_comes_twice_is_the_first() -> None:
    assert calendar.at(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "utc_hour"), [(date(2026, 3, 6), 21), (date(2026, 3, 13), 20), (date(2026, 11, 6), 21)]
)
def test_four_o_clock_stays_four_o_clock_over_the_change(day: date, utc_hour: int) -> None:
    assert calendar.at(day, time(16), NEW_YORK).hour == utc_hour


def test_the_day_is_another_one_on_the_other_side_of_the_world() -> None:
    now = datetime(2026, 12, 31, 10, 30, tzinfo=UTC)
    assert calendar.local_day(now, "Pacific/Tongatapu") == date(2026, 12, 31)
    assert calendar.local_day(now + timedelta(hours=1), "Pacific/Tongatapu") == date(2027, 1, 1)
    assert calendar.local_day(now, "Pacific/Pago_Pago") == date(2026, 12, 30)


@pytest.mark.parametrize(
    ("day", "locale", "works"),
    [
        (date(2026, 1, 19), "en_US", False),  # Martin Luther King day
        (date(2026, 1, 19), "de_DE", True),
        (date(2026, 7, 3), "en_US", False),  # Independence day is a Saturday, observed on Friday
        (date(2026, 12, 25), "de-AT", False),
        (date(2026, 12, 25), "en", True),  # no country, no holidays
        (date(2026, 12, 25), "tlh_KX", True),
        (date(2026, 1, 9), "he_IL", False),  # Friday is weekend there,
        (date(2026, 1, 11), "he_IL", True),  # and Sunday is not
        (date(2026, 1, 10), "nonsense!", False),
    ],
)
def test_days_off_are_those_of_the_country(day: date, locale: str, works: bool) -> None:
    assert calendar.is_working_day(day, locale) is works


def test_working_days_are_counted_over_weekend_holiday_and_year_end() -> None:
    assert calendar.add_working_days(date(2026, 12, 30), 1, "en_US") == date(2026, 12, 31)
    assert calendar.add_working_days(date(2026, 12, 30), 2, "en_US") == date(2027, 1, 4)
    assert calendar.add_working_days(date(2026, 1, 16), 1, "en_US") == date(2026, 1, 20)
    assert calendar.add_working_days(date(2026, 1, 17), 0, "en_US") == date(2026, 1, 20)
    assert calendar.add_working_days(date(2026, 1, 14), 0, "en_US") == date(2026, 1, 14)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(0, 15), st.sampled_from(LOCALES))
def test_adding_working_days_lands_on_the_nth_of_them(day: date, count: int, locale: str) -> None:
    end = calendar.add_working_days(day, count, locale)
    assert calendar.is_working_day(end, locale)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(calendar.is_working_day(d, locale) for d in between) == count or (count == 0 and end >= day)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(0, 6))
def test_weekdays_are_found_on_both_sides(day: date, weekday: int) -> None:
    later, earlier = calendar.weekday_from(day, weekday), calendar.weekday_until(day, weekday)
    assert later.weekday() == earlier.weekday() == weekday
    assert day - timedelta(days=6) <= earlier <= day <= later <= day + timedelta(days=6)


@pytest.mark.parametrize(
    ("ready", "goes"),
    [
        ("2026-02-06 07:59", "2026-02-06 09:00"),
        ("2026-02-06 08:00", "2026-02-06 08:00"),
        ("2026-02-06 17:59", "2026-02-06 17:59"),
        ("2026-02-06 18:00", "2026-02-09 09:00"),  # Friday evening
        ("2026-02-07 12:00", "2026-02-09 09:00"),
        ("2026-12-24 19:00", "2026-12-28 09:00"),
    ],
)
def test_what_comes_up_waits_for_working_hours(ready: str, goes: str) -> None:
    assert wall(calendar.at_once(moment(ready), HOURS, NEW_YORK, "en_US")) == goes


@given(
    st.integers(0, 5 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(ZONES),
    st.sampled_from(LOCALES),
)
def test_never_at_night_nor_on_a_day_off(now: datetime, zone: str, locale: str) -> None:
    goes = calendar.at_once(now, HOURS, zone, locale)
    local = goes.astimezone(ZoneInfo(zone))
    assert goes >= now
    assert calendar.is_working_day(local.date(), locale)
    assert HOURS.opens <= local.time() < HOURS.closes
    assert calendar.at_once(goes, HOURS, zone, locale) == goes
    assert calendar.late(goes, goes, HOURS, zone, locale) == goes


@pytest.mark.parametrize(
    ("planned", "now", "goes"),
    [
        ("2026-02-05 09:00", "2026-02-05 08:00", "2026-02-05 09:00"),
        ("2026-02-05 08:30", "2026-02-05 08:31", "2026-02-05 08:31"),  # on its own day
        ("2026-02-05 09:00", "2026-02-06 08:31", "2026-02-06 09:00"),  # what waits for the morning
        ("2026-02-05 09:00", "2026-02-06 17:59", "2026-02-06 17:59"),
        ("2026-02-05 09:00", "2026-02-05 18:00", "2026-02-06 09:00"),
        ("2026-02-06 09:00", "2026-02-06 18:00", "2026-02-09 09:00"),
        ("2026-02-06 09:00", "2026-02-07 12:00", "2026-02-09 09:00"),
    ],
)
def test_what_is_late_goes_in_working_hours(planned: str, now: str, goes: str) -> None:
    assert wall(calendar.late(moment(planned), moment(now), HOURS, NEW_YORK, "en_US")) == goes
