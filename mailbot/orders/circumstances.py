"""What every command works with: who gives it, when, under which rules; and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mailbot.orders import events as e
from mailbot.orders.model import Order
from mailbot.orders.requests import Ids
from mailbot.orders.sends import Send
from mailbot.rules.process import ProcessRules

File = tuple[str, str, bytes]  # name, content type, bytes


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who commands, when, with what: everything that carrying out needs besides the order.

    `today` is the day in the studio; `report` answers what only reads (status, due, help) by command id.
    """

    actor: str
    roles: tuple[str, ...]
    now: datetime
    today: date
    rules: ProcessRules
    ids: Ids
    report: Callable[[str, Order], str]
    attachments: tuple[File, ...] = ()
    next_invoice: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the command mail with what came of it."""

    text: str
    ok: bool
    said: str
    hint: str = ""  # what would work


@dataclass(frozen=True, slots=True)
class Done:
    """What a list of commands comes to: the order afterwards, its events, the mails and a result for each line."""

    order: Order
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()
    lines: tuple[Line, ...] = ()


class Refused(Exception):
    """A command cannot be carried out; the text says why and what would work."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one command comes to: a sentence for whoever gave it, events, mails."""

    said: str
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()


def stamp(at: Circumstances) -> dict[str, Any]:
    """When and by whom, for an event."""
    return {"at": at.now, "by": at.actor}


def not_waiting(order: Order) -> None:
    """Raises Refused while nothing may be asked of the client: work is paused, or the order is closed."""
    if order.paused:
        raise Refused(f"work is paused ({order.paused}); `resume` first, then ask again")
    if order.closed:
        raise Refused("the order is closed")
