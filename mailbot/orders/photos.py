"""`photo Bodice of the lead gown`: the pictures of the mail go into the next weekly update, and into no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailbot.orders import events as e
from mailbot.orders.circumstances import Circumstances, File, Refused, Step, stamp
from mailbot.orders.commands import Command, Misfit
from mailbot.orders.model import Order, Photo
from mailbot.orders.pictures import Unfit, prepared


def photo(order: Order, command: Command, at: Circumstances) -> Step:
    """The pictures that came along, prepared and kept for the next update, each with the caption of the line."""
    if order.closed:
        raise Refused("the order is closed")
    room = at.rules.photos.most - len(order.photos)
    taken: dict[str, bytes] = {}
    refused: list[str] = []
    for name, data in _pictures(at):
        if len(taken) >= room:
            refused.append(f"{name}: an update holds {at.rules.photos.most} at most")
            continue
        try:
            ready = prepared(data, at.rules.photos)
        except Unfit as why:
            refused.append(f"{name}: {why}")
            continue
        key = hashlib.sha256(ready).hexdigest()
        if key in taken or any(known.mail == key for known in order.photos):
            refused.append(f"{name}: it is there already")
        else:
            taken[key] = ready
    if not taken:
        raise Refused("; ".join(refused) or "no picture came along: attach it to this mail")
    photos = tuple(Photo(mail=key, text=command.args["text"]) for key in taken)
    said = f"{len(photos)} for the next weekly update: {command.args['text']}"
    said += f"; not taken: {'; '.join(refused)}" if refused else ""
    return Step(said, (e.PhotosAdded(**stamp(at), photos=photos),), keeps=tuple(taken.values()))


def dealt(lines: Sequence[Command | Misfit], at: Circumstances) -> Iterator[Circumstances]:
    """What each line works with: several `photo` lines share the pictures out in order, the last one takes the rest."""
    photos = [i for i, line in enumerate(lines) if isinstance(line, Command) and line.id == "photo"]
    pictures = [(name, "", data) for name, data in _pictures(at)]
    for i, _ in enumerate(lines):
        if len(photos) < 2 or i not in photos:
            yield at
            continue
        mine: list[File] = pictures if i == photos[-1] else pictures[:1]
        pictures = pictures[len(mine) :]
        yield replace(at, attachments=tuple(mine), inline=())


def _pictures(at: Circumstances) -> Iterator[tuple[str, bytes]]:
    """The files that may be pictures: all that were attached, and of those in the text the ones that say they are.

    A logo in a signature stands in the text as well; it is too small to be taken.
    """
    yield from ((name, data) for name, _, data in at.attachments)
    yield from ((name, data) for name, kind, data in at.inline if kind.startswith("image/"))
