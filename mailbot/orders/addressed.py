"""Which order each line of a mail of staff is for: one mail can command several, each line naming its order.

A reference at the beginning of a line counts for that line and for those below it, up to the next reference; alone on a
line, or as `order REF`, it counts for those below. What stands before the first is about the order of the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mailbot.orders.model import Order

_NAMED = re.compile(r"\s*(?:order[ :]+)?(?P<ref>[A-Za-z0-9][A-Za-z0-9._-]{1,39}?):?(?:[ \t]+(?P<rest>\S.*))?[ \t]*")
_LINES = 200  # as many as a mail of commands may have


def first_words(text: str) -> tuple[str, ...]:
    """What may be the references of orders in `text`: the first words of its lines that hold a figure, each once."""
    hits = (hit["ref"] for line in _lines(text) if (hit := _NAMED.fullmatch(line)))
    return tuple(dict.fromkeys(ref for ref in hits if any(c.isdigit() for c in ref)))


def by_order(text: str, orders: Mapping[str, Order], default: Order | None) -> tuple[tuple[Order | None, str], ...]:
    """The lines of `text` for each order that it is about, without the references, in the order in which they come.

    `orders` are those that it names, by the first words of its lines; `default` is the mail's own.
    """
    current = default
    found: dict[str, tuple[Order | None, list[str]]] = {}
    for line in _lines(text):
        hit = _NAMED.fullmatch(line)
        named = hit if hit and hit["ref"] in orders else None
        current = orders[named["ref"]] if named else current
        if said := (named["rest"] or "") if named else line.strip():
            found.setdefault(current.ref if current else "", (current, []))[1].append(said)
    return tuple((order, "\n".join(lines)) for order, lines in found.values())


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines()[:_LINES]:
        if line.rstrip() == "--":
            return
        yield line
