"""Answers of calendar programs: as data, whatever is in them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders.intake import CalendarAnswer
from mailbot.reading.appointments import calendar_answer
from mailbot.reading.message import parse

ANN = "ann@client.example"
OUTLOOK = """BEGIN:VCALENDAR
METHOD:REPLY
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Eastern Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT=DECLINED;CN=Ann Lee:MAILTO:Ann@Client.Example
COMMENT;LANGUAGE=en-US:I am away that day.\\nMonday?
UID:abc@studio.example
SUMMARY;LANGUAGE=en-US:Declined: First fitting
DTSTART;TZID=Eastern Standard Time:20260206T140000
DTEND;TZID=Eastern Standard Time:20260206T160000
SEQUENCE:1
END:VEVENT
END:VCALENDAR
"""


def mail_of(calendar: bytes | str, method: str = "REPLY") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANN, "orders@studio.example", "Declined"
    mail.set_content("x")
    data = calendar.encode() if isinstance(calendar, str) else calendar
    mail.add_attachment(data, maintype="text", subtype="calendar", params={"method": method})
    return mail.as_bytes()


def read(calendar: bytes | str) -> CalendarAnswer | None:
    return calendar_answer(parse(mail_of(calendar)))


def test_outlook_with_its_own_zone_and_a_comment() -> None:
    assert read(OUTLOOK.replace("\n", "\r\n")) == CalendarAnswer(
        "REPLY", "abc@studio.example", 1, "declined", ANN, datetime(2026, 2, 6, 19, tzinfo=UTC),
        datetime(2026, 2, 6, 21, tzinfo=UTC), "I am away that day.\nMonday?",
    )  # fmt: skip


def test_of_several_attendees_the_sender_counts() -> None:
    both = OUTLOOK.replace("COMMENT", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}\nCOMMENT", 1)
    others = both.replace("Ann@Client.Example", "bob@client.example")
    found = read(others)
    assert found is not None
    assert (found.attendee, found.answer) == (ANN, "accepted")
    nobody = others.replace(ANN, "eve@client.example")
    assert (unknown := read(nobody)) is not None
    assert (unknown.attendee, unknown.answer) == ("", "no answer")


def test_a_whole_day_and_a_floating_time_are_no_moments() -> None:
    day = OUTLOOK.replace("DTSTART;TZID=Eastern Standard Time:20260206T140000", "DTSTART;VALUE=DATE:20260206")
    floating = OUTLOOK.replace(";TZID=Eastern Standard Time", "")
    assert (first := read(day)) is not None
    assert (second := read(floating)) is not None
    assert first.starts is None
    assert second.starts is None


@pytest.mark.parametrize(
    "calendar",
    [
        "", "no calendar", "BEGIN:VCALENDAR\nEND:VCALENDAR", "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:x",
        "BEGIN:VEVENT\nEND:VEVENT\n" * 50, "BEGIN:X\n" * 5000, OUTLOOK.replace("SEQUENCE:1", "SEQUENCE:one"),
        OUTLOOK + "x" * 70_000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_nothing_and_soon(calendar: str) -> None:
    before = time.process_time()
    found = read(calendar)
    assert time.process_time() - before < 2
    assert found is None or isinstance(found, CalendarAnswer)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_it_never_raises(data: st.DataObject) -> None:
    raw = OUTLOOK.encode()
    at = data.draw(st.integers(0, len(raw)))
    read(raw[:at] + data.draw(st.binary(max_size=30)) + raw[at + data.draw(st.integers(0, 40)) :])
