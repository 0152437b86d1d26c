"""Fittings: an hour offered to the client, answered in words or by their calendar, moved and called off.

The milestone carries the appointment. Each offer is a question of its own; what the calendar of the client keeps is one
event under one UID, whose SEQUENCE rises with every invitation and cancellation (RFC 5545, 3.8.7; RFC 5546, 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.orders import events as e
from mailbot.orders.authority import asked_of
from mailbot.orders.circumstances import Circumstances, Refused, Step, milestone_of, not_waiting, stamp
from mailbot.orders.commands import Command
from mailbot.orders.consequences import moved_milestone
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import CalendarAnswer, Intake
from mailbot.orders.model import Milestone, Order, Request
from mailbot.orders.requests import Ids, request
from mailbot.orders.sends import Invite, Send
from mailbot.rules.process import ProcessRules

_OFF: dict[str, Any] = {"at": None, "starts": None, "ends": None, "place": "", "note": ""}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a calendar said, in the form of a reading of words."""

    label: str
    understood: bool
    because: str
    guess: str | None
    option: int | None = None
    certain: bool = True
    conditional: bool = False


def fitting(order: Order, command: Command, at: Circumstances) -> Step:
    """`fitting first-fitting on 2026-02-06 at 14:00 in Studio 2`: the hour is offered, what is due with it follows.

    A `note` below it goes along. What an earlier offer said of place and note stays where this one says nothing.
    """
    milestone = milestone_of(order, command.args["milestone"])
    not_waiting(order)
    said = _said_of_it(milestone, command)
    starts, ends = _window(order, milestone, command.args["date"], command.args["time"], at)
    if milestone.model_copy(update=said) == milestone and milestone.starts == starts and _stands(milestone):
        raise Refused(f"{milestone.name} is {milestone.appointment} for that time already")
    moved = moved_milestone(order, milestone, command.args["date"], at.rules)
    offered = moved.milestones[0].model_copy(
        update={
            "at": f"{command.args['time']:%H:%M}", "starts": starts, "ends": ends, "appointment": "offered",
            "invites": milestone.invites + 1, **said,
        }
    )  # fmt: skip
    changed = e.MilestonesChanged(
        **stamp(at), milestones=(offered, *moved.milestones[1:]), delivery=moved.delivery, invoices=moved.invoices
    )
    with_it = evolve(order, changed)
    longest = timedelta(days=at.rules.requests.expire_after_days)
    asked = request(
        at.ids, with_it, "fitting", offered.key, _shown(offered, at.timezone), now=at.now,
        expires=min(longest, starts - at.now), asked_by=at.actor,
    )  # fmt: skip
    send = _invitation(with_it, offered, asked, at)
    told = f"{_shown(offered, at.timezone)} is offered to {', '.join(asked_of(order, at.now))}"
    told += "".join(f"; {i.number} moves along" for i in moved.invoices)
    return Step(told, (changed, e.RequestOpened(**stamp(at), request=asked)), (send,))


def cancel_fitting(order: Order, command: Command, at: Circumstances) -> Step:
    """`cancel fitting first-fitting`: the appointment is off, in the client's calendar as well."""
    milestone = milestone_of(order, command.args["milestone"])
    off = called_off(order, milestone, at)
    if off is None:
        raise Refused(f"{milestone.name} has no appointment; `fitting {milestone.key} on DATE at 14:00` offers one")
    return off


def called_off(order: Order, milestone: Milestone, at: Circumstances) -> Step | None:
    """The appointment of `milestone` taken back, its question too; None where it has none."""
    if not _stands(milestone):
        return None
    off = milestone.model_copy(update={**_OFF, "appointment": "cancelled", "invites": milestone.invites + 1})
    events: tuple[e.Event, ...] = (e.MilestonesChanged(**stamp(at), milestones=(off,)),)
    events += withdrawn(order, milestone, at)
    said = f"{_shown(milestone, at.timezone)} is called off; {', '.join(order.client.emails)} is told"
    return Step(said, events, (_cancellation(order, milestone, at),))


def withdrawn(order: Order, milestone: Milestone, at: Circumstances) -> tuple[e.Event, ...]:
    """What closes the open question about the appointment of `milestone`, where there is one."""
    return tuple(
        e.RequestClosed(**stamp(at), token=asked.token, state="withdrawn")
        for asked in order.open_requests
        if (asked.kind, asked.about) == ("fitting", milestone.key)
    )


def fit(order: Order, command: Command, at: Circumstances) -> Step:
    """`fit first-fitting: Waist 1 cm in`: what was seen at a fitting is on record, and is for the studio alone.

    Without a name it is about the fitting that was last.
    """
    named = command.args.get("milestone")
    milestone = milestone_of(order, named) if named else _last_fitting(order, at)
    if _hours(milestone, at.rules) is None:
        raise Refused(f"{milestone.name} is no fitting{_known_fittings(order, at.rules)}")
    event = e.FitNoted(**stamp(at), milestone=milestone.key, text=command.args["text"])
    return Step(f"{milestone.name}, fit note {len(milestone.fit_notes) + 1}: {event.text}", (event,))


def _last_fitting(order: Order, at: Circumstances) -> Milestone:
    """The fitting that began last, or was done last. Raises Refused where none has."""
    fittings = [m for m in order.milestones if _hours(m, at.rules)]
    been = [m for m in fittings if m.status in ("approved", "done") or (m.starts and m.starts <= at.now)]
    if not been:
        raise Refused(f"no fitting has been yet; name the one that you mean{_known_fittings(order, at.rules)}")
    return been[-1]


def _said_of_it(milestone: Milestone, command: Command) -> dict[str, Any]:
    """Place and note of the appointment, as the command says them; the lines below it are one note."""
    notes = [inner.args["text"] for inner in command.block if isinstance(inner, Command)]
    return {
        "place": command.args.get("text", milestone.place),
        "note": "\n".join(notes) or milestone.note,
    }


def _stands(milestone: Milestone) -> bool:
    return milestone.appointment in ("offered", "confirmed") and milestone.starts is not None


def _known_fittings(order: Order, rules: ProcessRules) -> str:
    return f" (fittings: {', '.join(m.key for m in order.milestones if _hours(m, rules)) or 'none'})"


def by_calendar(mail: Intake, at: Circumstances) -> Intake | None:
    """`mail` with what the sender's calendar says in the place of words; None when it is about no fitting of ours.

    Only an acceptance of the very hour that is offered now, without a comment, and a refusal are understood; whatever
    else it says is for a person. That it came to our address proves nothing here.
    """
    said, order = mail.calendar, mail.order
    if said is None or order is None:
        return None
    milestone = next((m for m in order.milestones if said.uid == uid_of(order, m, at.ids)), None)
    if milestone is None:
        return None
    asked = [r for r in order.requests if (r.kind, r.about) == ("fitting", milestone.key)]
    return replace(
        mail, request=asked[-1] if asked else None, reading=_reading(said, milestone, mail.sender, at.timezone),
        words=said.comment or mail.words, doubts=(), retitled="", by_tag=False, routed=False,
        matched=f"calendar event of {milestone.key}", disagree=False,
    )  # fmt: skip


def uid_of(order: Order, milestone: Milestone, ids: Ids) -> str:
    """The UID of the one event that the fitting is in every calendar (RFC 5545, 3.8.4.7)."""
    return f"{ids.token('fitting', order.ref, milestone.key)}@{ids.domain}"


def _window(order: Order, milestone: Milestone, day: date, wall: time, at: Circumstances) -> tuple[datetime, datetime]:
    """The moments, in UTC, at which the appointment begins and ends. Raises Refused for one that cannot be offered."""
    hours = _hours(milestone, at.rules)
    if milestone.status in ("approved", "done"):
        raise Refused(f"{milestone.name} is {milestone.status} already")
    if hours is None:
        raise Refused(f"{milestone.name} is no fitting{_known_fittings(order, at.rules)}")
    starts = datetime.combine(day, wall, ZoneInfo(at.timezone)).astimezone(UTC)
    if starts <= at.now:
        raise Refused(f"{day} {wall:%H:%M} is past")
    return starts, starts + timedelta(hours=hours)


def _hours(milestone: Milestone, rules: ProcessRules) -> int | None:
    """How long a fitting takes; one that the rules do not know is as long as the first that they do."""
    rule = rules.milestone(milestone.key)
    if rule is not None:
        return rule.fitting_hours
    known = (m.fitting_hours for m in rules.milestones if m.fitting_hours)
    return next(known, None) if not milestone.approval else None


def _shown(milestone: Milestone, zone: str) -> str:
    """The appointment as text: what its question's revision is the hash of."""
    if milestone.starts is None or milestone.ends is None:
        return milestone.name
    starts, ends = (moment.astimezone(ZoneInfo(zone)) for moment in (milestone.starts, milestone.ends))
    place = f" in {milestone.place}" if milestone.place else ""
    return f"{milestone.name}, {starts:%Y-%m-%d %H:%M} to {ends:%H:%M} ({zone}){place}"


def _invitation(order: Order, milestone: Milestone, asked: Request, at: Circumstances) -> Send:
    data = {
        "milestone": milestone.name, "start": milestone.starts, "end": milestone.ends, "place": milestone.place or None,
        "note": milestone.note or None,
    }  # fmt: skip
    return Send(
        f"{order.ref}/fitting-invite/{asked.token}", "fitting-invite", asked_of(order, asked.asked_at), (),
        order.ref, milestone.key, data, token=asked.token,
        invite=_invite(order, milestone, "REQUEST", milestone.invites - 1, asked.token, at.ids),
    )  # fmt: skip


def _cancellation(order: Order, milestone: Milestone, at: Circumstances) -> Send:
    data = {"milestone": milestone.name, "start": milestone.starts, "end": milestone.ends, "cancelled": True}
    key = f"{order.ref}/fitting-cancel/{milestone.key}/{milestone.invites}"
    return Send(
        key, "fitting-invite", order.client.emails, (), order.ref, milestone.key, data,
        invite=_invite(order, milestone, "CANCEL", milestone.invites, "", at.ids),
    )  # fmt: skip


def _invite(order: Order, milestone: Milestone, method: Any, sequence: int, token: str, ids: Ids) -> Invite:
    """The event for calendars. Its organizer never changes, for calendars do not take an event over to another: answers
    come back to the token of the first offer, and the UID says which fitting they are about."""
    first = next((r.token for r in order.requests if (r.kind, r.about) == ("fitting", milestone.key)), token)
    if milestone.starts is None or milestone.ends is None:
        raise AssertionError("an appointment has its hours")
    return Invite(
        method=method, uid=uid_of(order, milestone, ids), sequence=sequence, starts=milestone.starts,
        ends=milestone.ends, summary=f"{order.project}: {milestone.name}", token=first, place=milestone.place,
        note=milestone.note,
    )  # fmt: skip


def _reading(said: CalendarAnswer, milestone: Milestone, sender: str, zone: str) -> _Said:
    sequence = milestone.invites - 1
    if said.method == "COUNTER":
        return _Said("reschedule", False, f"calendar: proposes {_proposed(said, zone)}", "reschedule")
    if said.method != "REPLY" or said.attendee != sender:
        return _Said("none", False, f"calendar: {said.method} for {said.attendee or 'nobody'}", None)
    if said.sequence != sequence or said.starts not in (None, milestone.starts):
        now = f"the one that counts is number {sequence}"
        return _Said("none", False, f"calendar: {said.answer}, of another invitation ({said.sequence}; {now})", None)
    if said.answer == "accepted" and said.comment:
        return _Said("confirm", False, "calendar: accepted, with a comment", "confirm")
    if said.answer == "accepted":
        return _Said("confirm", True, "calendar: accepted", "confirm")
    if said.answer == "declined":
        return _Said("reschedule", True, "calendar: declined", "reschedule")
    return _Said("none", False, f"calendar: {said.answer}", None)


def _proposed(said: CalendarAnswer, zone: str) -> str:
    if said.starts is None:
        return "another time"
    starts = said.starts.astimezone(ZoneInfo(zone))
    until = f" to {said.ends.astimezone(ZoneInfo(zone)):%H:%M}" if said.ends else ""
    return f"{starts:%Y-%m-%d %H:%M}{until} ({zone})"
