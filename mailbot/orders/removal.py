"""A client's personal data leave the record of an order: words and addresses go, their seals stay, the chain holds.

What stays is what a studio must keep: what was decided when and by which rule, amounts, dates, and who of the studio
did it. The removal is an event itself, and names what it took by place and seal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mailbot.orders import events as e
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.orders.seal import ADDRESSES, SALT, WHOLE, changed, name_of, salt_of, seal, seal_of_salt, texts
from mailbot.orders.verify import restated

REMOVED: Final = "[removed]"
_QUOTING: Final = re.compile("[\"'“”„«»‘]")


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody is known by: `addresses` in lower case, `name` as it is written."""

    addresses: frozenset[str]
    name: str = ""

    def without(self, text: str) -> str:
        """`text` with addresses and names of theirs taken out."""
        named = [re.escape(address) for address in sorted(self.addresses, key=len, reverse=True)]
        named += [rf"\b{re.escape(part)}\b" for part in self.name.split() if len(part) > 2]
        return re.sub("|".join(named), REMOVED, text, flags=re.IGNORECASE) if named else text

    def address(self, text: str) -> str:
        """`text`, or what stands for it when it is an address of theirs."""
        return REMOVED if text.strip().casefold() in self.addresses else text

    def reason(self, text: str) -> str:
        """A reason without what it quotes: `en/strongyes: "Approved!"` is `en/strongyes`."""
        quote = _QUOTING.search(text)
        bare = text if quote is None else text[: quote.start()].rstrip(": ") or REMOVED
        return self.without(bare)


@dataclass(frozen=True, slots=True)
class Cleared:
    """The record afterwards: the `entries` there were, less what is removed, then the `event` that says so."""

    entries: tuple[dict[str, Any], ...]
    event: e.DataRemoved
    before: str  # the hash that the event follows on
    order: Order


def cleared(
    entries: Sequence[Mapping[str, Any]],
    who: Known,
    *,
    mails: Iterable[str],
    rows: Mapping[str, int],
    at: datetime,
    by: str,
    salt: str,
) -> Cleared:
    """The record of an order without the personal data of `who`, its client.

    `mails` are removed from the archive, `rows` counts what is removed from other tables; `salt` is a new random one,
    for the old one is thrown away. Raises ValueError where the events make no order.
    """
    removed: list[e.Removed] = []
    kept: list[dict[str, Any]] = []
    current = ""
    for entry in entries:
        current = str(entry["event"].get(SALT) or current)
        less = _less(entry, who, current, removed)
        kept.append(less)
    event = e.DataRemoved(
        at=at, by=by, texts=tuple(removed), mails=tuple(sorted(set(mails))), rows=dict(rows), salt=salt
    )
    state = restated(kept)
    return Cleared(tuple(kept), event, state.hash, evolve(state, event))


def _less(entry: Mapping[str, Any], who: Known, salt: str, removed: list[e.Removed]) -> dict[str, Any]:
    """`entry` less what goes, which is added to `removed`; beside it the seals of that and the salts of what stays."""
    gone: dict[str, str] = dict(entry.get("gone", {}))
    salts: dict[str, str] = dict(entry.get("salts", {}))
    lefts: dict[str, str] = {}
    for path, text in texts(entry["event"]):
        if path in gone:
            continue
        own = salts.pop(path, "") or salt_of(salt, entry["revision"], path)
        left = _left(path, text, who)
        if left == text:
            salts[path] = own
            continue
        lefts[path] = left
        gone[path] = seal_of_salt(text) if path == SALT else seal(text, own)
        removed.append(e.Removed(revision=entry["revision"], path=path, seal=gone[path], left=left))
    event = changed(entry["event"], lefts.get)
    beside = {name: value for name, value in (("gone", gone), ("salts", salts)) if value}
    return {**entry, "event": event, **beside}


def _left(path: str, text: str, who: Known) -> str:
    """What stands in the place of a text afterwards."""
    name = name_of(path)
    if name in WHOLE or path == SALT:
        return REMOVED
    if name in ADDRESSES:
        return who.address(text)
    return who.reason(text) if name in ("because", "proof") else who.without(text)
