"""Invitations: what RFC 5545, 5546 and 6047 ask of them, whatever stands in names and projects."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from mailbot.orders.sends import Invite
from mailbot.writing.render import StudioInfo
from tests.writing.reading_back import parsed

STARTS, ENDS = datetime(2026, 2, 6, 19, tzinfo=UTC), datetime(2026, 2, 6, 21, tzinfo=UTC)


def invite(**changes):
    facts = {
        "method": "REQUEST", "uid": "abc@studio.example", "sequence": 2, "starts": STARTS, "ends": ENDS,
        "summary": "Cinderella ball gowns: First fitting", "token": "k7m2q9x4t6k7m2q9",
    }  # fmt: skip
    return Invite(**{**facts, **changes})


def part_of(mail):
    (part,) = [part for part in parsed(mail).walk() if part.get_content_type() == "text/calendar"]
    return part


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_it_is_the_last_alternative_and_names_its_method(write, method, status):
    mail = write("fitting-invite", invite=invite(method=method))
    message = parsed(mail)
    assert message.get_content_type() == "multipart/alternative"
    part = list(message.iter_parts())[-1]
    assert (part.get_content_type(), part.get_param("method"), part.get_param("charset")) == (
        "text/calendar", method, "utf-8",
    )  # fmt: skip
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == (method, status, 2)


def test_every_line_is_as_the_standard_has_it(write, order):
    long = order.model_copy(update={"project": "Größe 👗 " * 30})
    data = part_of(write("fitting-invite", order=long, invite=invite(summary=long.project))).get_payload(decode=True)
    lines = data.split(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    for line in (b"VERSION:2.0", b"DTSTART:20260206T190000Z", b"DTEND:20260206T210000Z", b"DTSTAMP:20260122T184000Z"):
        assert line in lines
    assert not any(line.startswith(b"BEGIN:VTIMEZONE") for line in lines)


def test_answers_go_to_the_token_and_every_reader_is_asked(write):
    data = part_of(write("fitting-invite", to=("a@x.example", "b@x.example"), invite=invite())).get_payload(decode=True)
    unfolded = data.replace(b"\r\n ", b"").decode()
    assert re.findall(r"^ORGANIZER;CN=.*?:mailto:(.*)$", unfolded, re.MULTILINE) == [
        "orders+k7m2q9x4t6k7m2q9@studio.example\r"
    ]
    assert re.findall(r"^ATTENDEE;.*:mailto:(\S+)", unfolded, re.MULTILINE) == ["a@x.example", "b@x.example"]
    assert unfolded.count("RSVP=TRUE") == 2


def test_nothing_from_outside_adds_a_line(write):
    bad = "x\r\nATTENDEE:mailto:thief@evil.example\r\nEND:VEVENT\r\nBEGIN:VALARM; a, b\\"
    studio = StudioInfo('Ate"lier\r\nX-EVIL: 1; Nord', "orders@studio.example", "America/New_York", "en_US")
    mail = write("fitting-invite", studio=studio, invite=invite(summary=bad))
    calendar = Calendar.from_ical(part_of(mail).get_content())
    assert [component.name for component in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    (event,) = calendar.walk("VEVENT")
    assert not isinstance(event["ATTENDEE"], list)
    assert "X-EVIL" not in event


def test_the_same_invitation_has_the_same_bytes(write):
    assert write("fitting-invite", invite=invite()).data == write("fitting-invite", invite=invite()).data


def test_a_letter_that_calls_it_off_asks_nothing(write):
    mail = write("fitting-invite", full=False, data={"cancelled": True}, invite=invite(method="CANCEL"))
    assert "?" not in mail.text
    assert "called off" in mail.text
    assert "cancelled" in mail.subject
