"""Whether the record of an order is as it was written: its chain, and its state, which follows from its events."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from mailbot.orders import events as e
from mailbot.orders.evolve import applied, salt_at
from mailbot.orders.model import Order
from mailbot.orders.seal import link, texts

Entry = Mapping[str, Any]
_MAIL = re.compile(r"[0-9a-f]{64}")
_REFER = ("mail", "through", "file")  # the fields that hold a key of the archive
_UNAPPLIED = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError)  # what altered events may run into


def verify(entries: Sequence[Entry], order: Order | None) -> list[str]:
    """What is wrong with the stored events of an order, in words; empty when nothing was altered, removed or moved.

    `entries` are the rows `{order, revision, before, hash, event}` in their stored order; `order` is the stored state,
    which must be what the events make, and so shows events missing at the end.
    """
    removed = _removed(entries)
    problems: list[str] = []
    state: Order | None = None
    before = ""
    for number, entry in enumerate(entries, start=1):
        problems += _misplaced(entry, number, before, order)
        event = _event(entry)
        if event is None:
            problems.append(f"event {number} cannot be read")
            state = None
        else:
            state = _after(state, event, entry)
            problems += _altered(entry, event, state, removed)
        before = str(entry.get("hash"))
    return problems + _end(entries, state, order, before)


def restated(entries: Iterable[Entry]) -> Order:
    """The order that its stored events make, with the hashes that they were stored with. Raises ValueError."""
    state: Order | None = None
    for entry in entries:
        event = e.EVENT.validate_python(entry["event"])
        state = applied(state, event).model_copy(update={"revision": entry["revision"], "hash": entry["hash"]})
    if state is None:
        raise ValueError("no events")
    return state


def mails_of(entry: Entry) -> tuple[str, ...]:
    """The mails and pictures (keys of the archive) that an event refers to."""
    return tuple(dict.fromkeys(_keys(entry.get("event"))))


def mails_removed(entries: Iterable[Entry]) -> frozenset[str]:
    """The mails that were removed from the archive by a removal on record."""
    return frozenset(key for event in _removals(entries) for key in event.mails)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in _REFER and isinstance(inner, str) and _MAIL.fullmatch(inner):
                yield inner
            else:
                yield from _keys(inner)
    elif isinstance(value, list):
        for one in value:
            yield from _keys(one)


def _event(entry: Entry) -> e.Event | None:
    try:
        return e.EVENT.validate_python(entry["event"])
    except (ValidationError, KeyError):
        return None


def _after(state: Order | None, event: e.Event, entry: Entry) -> Order | None:
    try:
        after = applied(state, event)
        return after.model_copy(update={"revision": int(entry["revision"]), "hash": str(entry["hash"])})
    except _UNAPPLIED:
        return None


def _misplaced(entry: Entry, number: int, before: str, order: Order | None) -> list[str]:
    problems = []
    if entry.get("revision") != number:
        problems.append(f"event {number} is missing or out of order (found {entry.get('revision')})")
    if entry.get("before") != before:
        problems.append(f"event {entry.get('revision')} does not follow the one before it")
    if order and entry.get("order", order.ref) != order.ref:
        problems.append(f"event {entry.get('revision')} is of another order ({entry.get('order')})")
    return problems


def _altered(
    entry: Entry, event: e.Event, state: Order | None, removed: Mapping[tuple[int, str], e.Removed]
) -> list[str]:
    name, gone, salts = f"event {entry.get('revision')} ({event.type})", entry.get("gone", {}), entry.get("salts", {})
    try:
        ref = str(entry.get("order") or (state.ref if state else ""))
        salt = salt_at(state, event)
        found = link(entry["before"], ref, entry["revision"], entry["event"], salt, gone, salts)
    except _UNAPPLIED:
        return [f"{name} cannot be read"]
    problems = [] if found == entry.get("hash") else [f"{name} was altered"]
    there = dict(texts(entry["event"]))
    for path in gone:
        named = removed.get((entry["revision"], path))
        if named is None or (named.seal, named.left) != (gone[path], there.get(path, "")):
            problems.append(f"{name}: {path} was taken out, and no removal on record says so")
    if unknown := set(entry) - {"order", "revision", "before", "hash", "event", "gone", "salts"}:
        problems.append(f"{name} holds what is no part of an event: {', '.join(sorted(unknown))}")
    return problems


def _end(entries: Sequence[Entry], state: Order | None, order: Order | None, last: str) -> list[str]:
    if order is None:
        return []
    if order.revision != len(entries) or order.hash != last:
        return [f"the order stands at event {order.revision}, but {len(entries)} are on record"]
    if state is None or state == order:
        return []
    differing = sorted(name for name in Order.model_fields if getattr(state, name) != getattr(order, name))
    return [f"the state of the order is not what its events make: {', '.join(differing)}"]


def _removals(entries: Iterable[Entry]) -> list[e.DataRemoved]:
    found = (_event(entry) for entry in entries if _type(entry) == "DataRemoved")
    return [event for event in found if isinstance(event, e.DataRemoved)]


def _type(entry: Entry) -> Any:
    """What an entry says it is: few are removals, and to read them all takes its time."""
    event = entry.get("event")
    return event.get("type") if isinstance(event, Mapping) else None


def _removed(entries: Iterable[Entry]) -> dict[tuple[int, str], e.Removed]:
    return {(one.revision, one.path): one for event in _removals(entries) for one in event.texts}
