"""The account manager's language: every line means one thing or is answered with what would work."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.orders.commands import Command, Misfit, Place, answer, parse
from mailbot.orders.written import parse_date, parse_money
from tests.orders.world import COMMANDS, RULES

PLACE = Place("en_US", date(2026, 1, 5), RULES.phases)


def one(line: str, place: Place = PLACE) -> Command | Misfit:
    (read,) = parse(line, COMMANDS, place)
    return read


def test_a_block_takes_its_lines_and_a_top_level_command_ends_it() -> None:
    first, second = parse("change order: Sequins\nSequins: 450.00\ndays +5\nsend\nphase Pattern", COMMANDS, PLACE)
    assert isinstance(first, Command)
    assert isinstance(second, Command)
    assert [c.id for c in first.block if isinstance(c, Command)] == ["item", "days", "send"]
    assert second.args == {"phase": "Pattern"}


def test_a_signature_ends_the_commands() -> None:
    assert [c.line for c in parse("ask design\n--\npercent 40", COMMANDS, PLACE)] == ["ask design"]


@pytest.mark.parametrize(
    ("line", "hint"),
    [("mileston fabric due 2026-02-02", "milestone fabric due"), ("aks design", "ask design"), ("hlep", "help")],
)
def test_a_near_miss_is_answered_with_what_would_work(line: str, hint: str) -> None:
    read = one(line)
    assert isinstance(read, Misfit)
    assert hint in read.why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("percent 140", "from 0 to 100"),
        ("phase Sewing", "phases: Design"),
        ("milestone fabric due soon", "write it like 2026-01-05"),
        ("milestone fabric due 2026-02-30", "no date"),
    ],
)
def test_a_wrong_value_says_what_would_be_right(line: str, why: str) -> None:
    read = one(line)
    assert isinstance(read, Misfit)
    assert why in read.why


@pytest.mark.parametrize(
    ("text", "locale", "day"),
    [
        ("2026-02-06", "en_US", date(2026, 2, 6)),
        ("Feb 6", "en_US", date(2026, 2, 6)),
        ("February 6th, 2027", "en_US", date(2027, 2, 6)),
        ("6 February", "en_GB", date(2026, 2, 6)),
        ("02/06/2026", "en_US", date(2026, 2, 6)),
        ("02/06/2026", "en_GB", date(2026, 6, 2)),
        ("6.2.2026", "de_DE", date(2026, 2, 6)),
        ("6. März", "de_DE", date(2026, 3, 6)),
        ("Jan 4", "en_US", date(2027, 1, 4)),
        ("Friday, February 6, 2026", "en_US", date(2026, 2, 6)),  # as it stands in our own mails
        ("Freitag, 6. Februar 2026", "de_DE", date(2026, 2, 6)),
        ("Fri 6 Feb", "en_US", date(2026, 2, 6)),
        ("the 3rd of February", "en_US", date(2026, 2, 3)),
        ("6 de febrero de 2026", "es_ES", date(2026, 2, 6)),
        ("6-Feb-2026", "en_US", date(2026, 2, 6)),
        ("Sept 5", "en_US", date(2026, 9, 5)),
        ("2026/02/06", "en_US", date(2026, 2, 6)),
        ("2/6", "en_US", date(2026, 2, 6)),
        ("6.2.", "de_DE", date(2026, 2, 6)),
        ("2.1.", "de_DE", date(2027, 1, 2)),
        ("29 Feb 2028", "en_US", date(2028, 2, 29)),
        ("13.2.2026", "en_US", date(2026, 2, 13)),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, locale: str, day: date) -> None:
    assert parse_date(text, locale, date(2026, 1, 5)) == day


@pytest.mark.parametrize(
    ("text", "locale", "mend"),
    [
        ("next Friday", "en_US", "like 2026-01-09"),
        ("Friday", "en_US", "like 2026-01-09"),
        ("Monday", "en_US", "like 2026-01-12"),  # today is one
        ("Thursday, February 6, 2026", "en_US", "2026-02-06 is no Thursday"),
        ("31.02.", "de_DE", "like 2026-01-05"),
        ("31.02.2026", "de_DE", "like 2026-01-05"),
        ("6.2.2026", "en_US", "like 2026-01-05"),  # with points the day comes first, to all but a program
        ("Feb 29", "en_US", "like 2026-01-05"),
        ("6 February 7", "en_US", "like 2026-01-05"),
        ("6 Februar", "en_US", "like 2026-01-05"),
        ("soon", "en_US", "like 2026-01-05"),
    ],
)
def test_what_is_no_date_or_could_be_two_is_answered_with_one(text: str, locale: str, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        parse_date(text, locale, date(2026, 1, 5))


@pytest.mark.parametrize(
    ("text", "locale", "currency", "amount"),
    [
        ("$450", "en_US", "USD", "450.00"),
        ("US$450", "en_GB", "USD", "450.00"),
        ("$450", "en_CA", "CAD", "450.00"),
        ("450 EUR", "de_DE", "EUR", "450.00"),
        ("¥45,000", "en_US", "JPY", "45000"),
        ("45.000 JPY", "de_DE", "JPY", "45000"),
        ("450.00", "en_US", "JPY", "450"),
        ("KWD 1,234.567", "en_US", "KWD", "1234.567"),
        ("1.234", "en_US", "KWD", "1.234"),
    ],
)
def test_amounts_are_in_the_currency_of_the_order(text: str, locale: str, currency: str, amount: str) -> None:
    assert str(parse_money(text, locale, currency)) == amount


@pytest.mark.parametrize(
    ("text", "locale", "currency", "why"),
    [
        ("€450", "en_US", "USD", "another currency: the order is in USD"),
        ("450 EUR", "en_US", "USD", "another currency"),
        ("$450", "en_US", "EUR", "another currency"),
        ("450.50", "en_US", "JPY", "like 450$"),
        ("1.250", "en_US", "JPY", "no amount"),
        ("1.234", "de_DE", "KWD", "no amount"),
        ("1.2345", "en_US", "KWD", "like 450.000"),
    ],
)  # fmt: skip
def test_amounts_in_another_currency_or_finer_than_it_are_refused(
    text: str, locale: str, currency: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        parse_money(text, locale, currency)


@pytest.mark.parametrize(
    ("text", "locale", "amount"),
    [
        ("1 250,00 €", "fr_FR", "1250.00"),
        ("1\u202f250,00", "fr_FR", "1250.00"),
        ("1 250", "sv_SE", "1250.00"),
        ("CHF 1'250.00", "de_CH", "1250.00"),
        ("−120", "en_US", "-120.00"),
        ("1.250", "de_DE", "1250.00"),
        ("450", "en_US", "450.00"),
        ("$1,450.00", "en_US", "1450.00"),
        ("1.450,00 €", "de_DE", "1450.00"),
        ("1450.50", "de_DE", "1450.50"),
        ("-120.00", "en_US", "-120.00"),
        ("-$120", "en_US", "-120.00"),
        ("USD 450.00", "en_US", "450.00"),
        ("450 kr.", "sv_SE", "450.00"),
        ("£75.50", "en_GB", "75.50"),
    ],
)  # fmt: skip
def test_amounts_are_read_in_the_locale(text: str, locale: str, amount: str) -> None:
    assert parse_money(text, locale) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "12,34",
        "1.250",
        "1.250,50",
        "$1k",
        "12.345",
        "1 250",
        "1.2.3",
        "about 500 or 600",
        "five",
        "Wait | days +6",
        "6 weeks later",
        "450 - 500",
        "12 pcs",
    ],
)
def test_an_amount_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        parse_money(text, "en_US")


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("approve", "approve"),
        ("Approve.", "approve"),
        ("dismiss\n\n-- \nSam", "dismiss"),
        ("choose 2", "choose"),
        ("2", "choose"),
    ],
)
def test_one_word_settles_a_held_reply(text: str, id: str) -> None:
    said = answer(text, COMMANDS)
    assert said is not None
    assert said.id == id


@pytest.mark.parametrize(
    "text",
    [
        "approve\n\nNo wait, do not approve this", "ok\nI will ask her first", "Yes\nleave it for now",
        "approve it once she has paid", "I will call her", "", "approve?",
    ],
)  # fmt: skip
def test_anything_else_settles_nothing(text: str) -> None:
    assert answer(text, COMMANDS) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    parse(text, COMMANDS, PLACE)
    answer(text, COMMANDS)


_SIGNS = st.text(alphabet="0123456789.,' -/$\u20ac\u00a5kUSDfebr\u00a0\u202f\u0661\u0667", max_size=16)


@given(st.one_of(st.text(max_size=30), _SIGNS), st.sampled_from(["en_US", "de_CH", "fr_FR", "ar_EG", "fa_IR", "ja_JP"]))
def test_any_value_is_a_date_and_an_amount_or_none(text: str, locale: str) -> None:
    for read in (lambda: parse_date(text, locale, date(2028, 2, 29)), lambda: parse_money(text, locale, "KWD")):
        with suppress(ValueError):  # nothing else may come of it
            assert read() is not None
