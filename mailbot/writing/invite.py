"""An appointment as calendars take it: one VEVENT in UTC, asked for or called off (RFC 5545, RFC 5546, RFC 6047)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from mailbot.orders.sends import Invite


def invitation(invite: Invite, organizer: str, name: str, attendees: Sequence[str], now: datetime) -> bytes:
    """The calendar object for `invite`. `organizer` is the address that answers come back to, `name` the studio's.

    `now` (aware) becomes its DTSTAMP. UTC keeps it short, and needs no VTIMEZONE that a program may not know.
    """
    from icalendar import Calendar, Event, vCalAddress, vText  # loads slowly, and hardly any mail needs it

    event = Event()
    event.add("uid", invite.uid)
    event.add("sequence", invite.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", invite.starts.astimezone(UTC))
    event.add("dtend", invite.ends.astimezone(UTC))
    event.add("summary", " ".join(invite.summary.split()))
    if invite.place:
        event.add("location", " ".join(invite.place.split()))
    if invite.note:
        event.add("description", invite.note)
    event.add("status", "CANCELLED" if invite.method == "CANCEL" else "CONFIRMED")
    sender = vCalAddress(f"mailto:{organizer}")
    sender.params["CN"] = vText(" ".join(name.split()))
    event.add("organizer", sender)
    for address in dict.fromkeys(attendees):
        guest = vCalAddress(f"mailto:{address}")
        guest.params.update(
            {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
        )
        event.add("attendee", guest)
    calendar = Calendar()
    calendar.add("prodid", "-//mailbot//mailbot//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", invite.method)
    calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data
