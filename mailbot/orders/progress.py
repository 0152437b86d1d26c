"""The lines of the weekly update that people write: noted, corrected or struck out until the update goes.

A line keeps its number for good, so that an answer to an old draft never strikes out another line. What the update
tells besides (milestones, dates, questions) follows from the order, and changes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailbot.orders import events as e
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.model import Note, Order

if TYPE_CHECKING:  # imported late: who only looks at an order needs no language
    from mailbot.orders.commands import Command

_NOTED = {
    "done": ("done", "goes into the weekly update as completed"),
    "doing": ("doing", "goes into the weekly update as in progress"),
    "next": ("coming", "goes into the weekly update as coming up"),
    "remark": ("remark", "stands at the top of the weekly update"),
}


def fresh(order: Order, part: str) -> tuple[Note, ...]:
    """The lines of a part of the next update ("done", "doing", "coming" or "remark"), the oldest first.

    Work in progress of which nothing newer was said goes on, and is told again.
    """
    notes: tuple[Note, ...] = getattr(order, part)
    since = order.last_client_update
    new = tuple(note for note in notes if since is None or note.at > since)
    return new or (notes[-1:] if part == "doing" else ())


def lines(order: Order) -> Iterator[tuple[str, Note]]:
    """All lines of the next update that can be corrected, as (part, line), in the order in which it tells them."""
    for part in ("remark", "done", "doing", "coming"):
        yield from ((part, note) for note in fresh(order, part))


def noted(order: Order, command: Command, at: Circumstances) -> Step:
    """`done ...`, `doing ...`, `next ...` and `remark: ...`."""
    what, said = _NOTED[command.id]
    text = command.args["text"]
    event = e.ProgressNoted(**stamp(at), what=what, text=text)  # type: ignore[arg-type]
    return Step(f"{said}: {text}", (event,))


def strike(order: Order, command: Command, at: Circumstances) -> Step:
    """`drop 2`: the line does not stand in the update."""
    note = _line(order, command.args["number"])
    return Step(f"line {note.number} is out: {note.text}", (_corrected(note, "", at),))


def reword(order: Order, command: Command, at: Circumstances) -> Step:
    """`line 2: new words`."""
    note, text = _line(order, command.args["number"]), command.args["text"]
    return Step(f"line {note.number} is now: {text} (was: {note.text})", (_corrected(note, text, at),))


def _corrected(note: Note, text: str, at: Circumstances) -> e.ProgressCorrected:
    return e.ProgressCorrected(**stamp(at), number=note.number, text=text)


def _line(order: Order, number: int) -> Note:
    """The line of this number in the next update. Raises Refused with those that there are."""
    known = [note for _, note in lines(order) if note.number]
    for note in known:
        if note.number == number:
            return note
    past = [note for part in ("done", "doing", "coming", "remark") for note in getattr(order, part)]
    why = "has gone out already" if any(note.number == number for note in past) else "is not there"
    there = "; ".join(f"{note.number}: {note.text[:60]}" for note in known) or "none"
    raise Refused(f"line {number} {why} (lines of the next update: {there})")
