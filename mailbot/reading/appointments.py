"""The answer that a calendar program sends for its owner: text/calendar with a METHOD (RFC 5546, RFC 6047), as data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mailbot.addresses import normal
from mailbot.orders.intake import CalendarAnswer
from mailbot.reading.message import Message

_MAX = 64 * 1024
_FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError, LookupError)
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}


def calendar_answer(message: Message) -> CalendarAnswer | None:
    """What the first text/calendar part says of its first event; None where there is none that can be read.

    The attendee is the sender's own entry, or the only one. Never raises on any mail.
    """
    part = next((data for kind, data in message.parts if kind == "text/calendar"), None)
    if part is None or len(part) > _MAX:
        return None
    from icalendar import Calendar  # loads slowly, and hardly any mail has such a part

    try:
        calendar = Calendar.from_ical(part)
        event = next(iter(calendar.walk("VEVENT")))
        return _answer(calendar, event, message.from_addr)
    except (*_FAULTS, StopIteration):
        return None


def _answer(calendar: Any, event: Any, sender: str) -> CalendarAnswer:
    entries = event.get("ATTENDEE", [])
    entries = entries if isinstance(entries, list) else [entries]
    own = [entry for entry in entries if _address(entry) == sender] or (entries if len(entries) == 1 else [])
    status = str(own[0].params.get("PARTSTAT", "")).upper() if own else ""
    comment = event.get("COMMENT", "")
    texts = comment if isinstance(comment, list) else [comment]
    return CalendarAnswer(
        method=str(calendar.get("METHOD", "")).upper()[:40], uid=str(event.get("UID", ""))[:255],
        sequence=int(event.get("SEQUENCE", 0)), answer=_ANSWERS.get(status, status.lower()[:40] or "no answer"),
        attendee=_address(own[0]) if own else "", starts=_moment(event, "DTSTART"), ends=_moment(event, "DTEND"),
        comment="\n".join(str(text).strip() for text in texts if str(text).strip())[:2000],
    )  # fmt: skip


def _address(entry: object) -> str:
    return normal(str(entry).strip().lower().removeprefix("mailto:"))


def _moment(event: Any, name: str) -> datetime | None:
    """An aware time as UTC; None for a whole day, or a time of nowhere."""
    value = event.get(name)
    moment = value.dt if value is not None else None
    return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else None
