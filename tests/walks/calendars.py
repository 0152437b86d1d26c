"""How calendars answer an invitation: the mails that Gmail and Outlook send for their owners."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, cast

from icalendar import Calendar, Event

WORDS = {"accepted": "Accepted", "declined": "Declined", "tentative": "Tentatively accepted", "counter": "New time"}


def event_of(mail: EmailMessage) -> tuple[Calendar, Event]:
    """The calendar object of an invitation, and its event."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = cast(Calendar, Calendar.from_ical(part.get_content()))
    assert part.get_param("method") == str(calendar["METHOD"])
    (event,) = calendar.walk("VEVENT")
    return calendar, cast(Event, event)


def answer(
    invite: EmailMessage, sender: str, said: str, now: datetime, number: int, *, program: str = "gmail",
    comment: str = "", later: timedelta = timedelta(), **changes: Any,
) -> EmailMessage:  # fmt: skip
    """The answer of the sender's calendar: accepted, declined, tentative, or a counter-proposal so much `later`."""
    _, event = event_of(invite)
    method = "COUNTER" if said == "counter" else "REPLY"
    status = {"counter": "TENTATIVE"}.get(said, said.upper())
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN",
        f"METHOD:{method}", "BEGIN:VEVENT",
        f"DTSTART:{event['DTSTART'].dt + later:%Y%m%dT%H%M%SZ}", f"DTEND:{event['DTEND'].dt + later:%Y%m%dT%H%M%SZ}",
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}", f"ORGANIZER;CN=x:{event['ORGANIZER']}",
        f"UID:{changes.get('uid', event['UID'])}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={status};CN=Ann"
        f" Lee;X-NUM-GUESTS=0:mailto:{changes.get('attendee', sender)}",
        *([f"COMMENT:{comment}"] if comment else []),
        f"SEQUENCE:{changes.get('sequence', event['SEQUENCE'])}", f"SUMMARY:{event['SUMMARY']}",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, str(event["ORGANIZER"]).removeprefix("mailto:")
    mail["Subject"] = f"{WORDS[said]}: {event['SUMMARY']} @ Fri Feb 6, 2026 2pm - 4pm (EST)"
    mail["Date"], mail["Message-ID"] = format_datetime(now), f"<calendar-{number}.{now:%H%M%S}@client.example>"
    text = f"{sender} has {WORDS[said].lower()} this invitation.\n" if program == "gmail" else "\n"
    mail.set_content(text)
    if program == "gmail":
        mail.add_alternative(f"<div>{text}</div>", subtype="html")
    data = "\r\n".join([*lines, ""])
    mail.add_alternative(data, subtype="calendar", charset="utf-8", cte="base64", params={"method": method})
    return mail
