"""What every command works with: who gives it, when, under which rules; and what comes of it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mailbot.orders import events as e
from mailbot.orders.model import Held, Milestone, Order
from mailbot.orders.requests import Ids
from mailbot.orders.sections import Section
from mailbot.orders.sends import Send
from mailbot.rules.process import ProcessRules

File = tuple[str, str, bytes]  # name, content type, bytes


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Somebody's mail inside a mail of staff: attached whole (`data`), or forwarded in its text (`data` is None).

    `words` are the sender's own; they are never an answer. `proof` is what could be seen of the sender, in words.
    """

    sender: str
    subject: str
    words: str
    proof: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who commands, when, with what: everything that carrying out needs besides the order.

    `today` is the day in the studio, `timezone` where its clocks stand; `report` answers what only reads (status, due,
    help) by command id; `inline` are pictures that stand in the mail's text; `enclosed` are mails inside it; `mail`
    is its archive key, "" where the commands come from a shell; `waiting` are the order's held replies where one of
    them is being settled; `answering` is the one that the mail answers. `studio` are the addresses of its people;
    `addressed` the orders that lines of the mail begin with, as they are written there.
    """

    actor: str
    roles: tuple[str, ...]
    now: datetime
    today: date
    rules: ProcessRules
    ids: Ids
    report: Callable[[str, Order], tuple[Section, ...]]
    attachments: tuple[File, ...] = ()
    next_invoice: int = 1
    timezone: str = "UTC"
    director: str | None = None
    inline: tuple[File, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    mail: str = ""
    waiting: tuple[Held, ...] = ()
    answering: Held | None = None
    studio: frozenset[str] = frozenset()
    addressed: Mapping[str, Order] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the command mail with what came of it."""

    text: str
    ok: bool
    said: str
    hint: str = ""  # what would work
    report: tuple[Section, ...] = ()  # what was asked for, in parts; `said` is the same as text

    def facts(self) -> dict[str, Any]:
        """As a letter takes it."""
        sections = [section.facts() for section in self.report]
        return {"command": self.text, "ok": self.ok, "said": self.said, "hint": self.hint, "report": sections}


@dataclass(frozen=True, slots=True)
class Done:
    """What a list of commands comes to: the order afterwards, its events, the mails and a result for each line.

    `keeps` are files that go into the archive, where the events name them by the hash of their bytes.
    """

    order: Order
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()
    lines: tuple[Line, ...] = ()
    keeps: tuple[bytes, ...] = ()


class Refused(Exception):
    """A command cannot be carried out; the text says why and what would work."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one command comes to: a sentence for whoever gave it, events, mails, files for the archive."""

    said: str
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()
    keeps: tuple[bytes, ...] = ()
    report: tuple[Section, ...] = ()


def stamp(at: Circumstances) -> dict[str, Any]:
    """When and by whom, for an event."""
    return {"at": at.now, "by": at.actor}


def milestone_of(order: Order, name: str) -> Milestone:
    """The milestone of this key or name. Raises Refused with the nearest one."""
    wanted = name.lower().rstrip(" .!")
    for milestone in order.milestones:
        if wanted in (milestone.key, milestone.name.lower()):
            return milestone
    keys = [m.key for m in order.milestones]
    near = difflib.get_close_matches(wanted.replace(" ", "-"), keys, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise Refused(f"there is no milestone {name!r}{hint} (there are: {', '.join(keys)})")


def not_waiting(order: Order) -> None:
    """Raises Refused while nothing may be asked of the client: work is paused, or the order is closed."""
    if order.paused:
        raise Refused(f"work is paused ({order.paused}); `resume` first, then ask again")
    if order.closed:
        raise Refused("the order is closed")
