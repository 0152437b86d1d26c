"""What a client's mail names by itself, where it answers no question of ours: CO-2, ISS-1, INV-3, a milestone's name.

The answer to all on an account manager's own mail, or a new mail, can decide what it names, and nothing else: a bare
yes belongs to whatever it answers. Whether the words that decide are those that name it is `orders.objections`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.orders.model import Order, Request
from mailbot.orders.objections import CONTEXT_OF

_NUMBER = re.compile(r"\b(CO|ISS|INV)[- ]?(\d{1,4})\b", re.IGNORECASE)
_LONGEST = 4000  # characters that are looked through


@dataclass(frozen=True, slots=True)
class Named:
    """The one thing that words name, as they write it: an open question about it, or an invoice (no `request`)."""

    name: str
    about: str
    context: str
    request: Request | None = None


def named(words: str, order: Order) -> Named | None:
    """The one thing of `order` that `words` name; None where that is none, several, or nothing that is open."""
    found = {(one.request.token if one.request else one.about): one for one in _all(words, order)}
    numbers = {(kind.upper(), number) for kind, number in _NUMBER.findall(words[:_LONGEST])}
    return next(iter(found.values())) if len(found) == 1 and len(numbers) <= 1 else None


def _all(words: str, order: Order) -> Iterator[Named]:
    for hit in _NUMBER.finditer(words[:_LONGEST]):
        number = f"{hit[1].upper()}-{hit[2]}"
        if order.invoice(number):
            yield Named(hit[0], number, CONTEXT_OF["invoice"])
        yield from (_of(hit[0], one) for one in order.open_requests if one.about == number)
    plain = words[:_LONGEST].casefold()
    for one in order.open_requests:
        milestone = order.milestone(one.about) if one.kind in ("milestone", "fitting") else None
        if milestone and re.search(rf"\b{re.escape(milestone.name.casefold())}\b", plain):
            yield _of(milestone.name, one)


def _of(name: str, request: Request) -> Named:
    return Named(name, request.about, CONTEXT_OF[request.kind], request)
