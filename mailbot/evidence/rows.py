"""What is on record for an order, as it is stored: the rows that a record is made of, and is checked against."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mailbot.orders.model import Order
from mailbot.orders.verify import mails_of, mails_removed

Row = Mapping[str, Any]
_LISTS = ("events", "held", "mails", "outbox")


class NotRows(Exception):
    """A file holds no rows as mailbot writes them; the text names it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One order's rows as JSON has them.

    `studio` is {name, timezone}; `order` the order as it stands; `events` as `Store.audit` gives them; `held` the held
    replies; `mails` the mails that came in, with their `id`; `outbox` those that went out or are to.
    """

    studio: Row
    order: Row
    events: tuple[Row, ...]
    held: tuple[Row, ...]
    mails: tuple[Row, ...]
    outbox: tuple[Row, ...]

    @property
    def ref(self) -> str:
        return str(self.order.get("ref", ""))

    @property
    def removed(self) -> frozenset[str]:
        """The mails that were removed with a client's personal data."""
        return mails_removed(self.events)

    def state(self) -> Order | None:
        """The order as it stands; None where what is stored is none."""
        try:
            return Order.model_validate(self.order)
        except ValidationError:
            return None

    def mails_named(self) -> tuple[tuple[str, str], ...]:
        """Each mail that the rows name, by its key in the archive, once, with its direction, in the order of time."""
        found: dict[str, tuple[str, int, str]] = {}
        for at, direction, key in self._mails():
            found.setdefault(key, (at, direction == "out", direction))
        return tuple((key, place[2]) for key, place in sorted(found.items(), key=lambda one: (one[1], one[0])))

    def _mails(self) -> Iterator[tuple[str, str, str]]:
        for row in self.mails:
            yield str(row.get("at")), "in", str(row.get("mail"))
        for row in self.outbox:
            yield went_out_at(row), "out", str(row.get("mail"))
        for entry in self.events:
            for key in mails_of(entry):
                yield str(entry["event"].get("at")), "in", key


def went_out_at(row: Row) -> str:
    """The time (UTC text) that a mail of the outbox has in the record: sent, else tried, else due."""
    return str(row.get("sent_at") or row.get("attempted_at") or row.get("due"))


def to_files(rows: Rows) -> dict[str, bytes]:
    """The rows as files: `rows/order.json`, and lists as JSON lines, one row each."""
    single = {name: dumped(getattr(rows, name)) for name in ("studio", "order")}
    files = {f"rows/{name}.json": text for name, text in single.items()}
    return files | {f"rows/{name}.jsonl": b"".join(map(dumped, getattr(rows, name))) for name in _LISTS}


def from_files(files: Mapping[str, bytes]) -> Rows:
    """The rows that `to_files` made files of. Raises NotRows."""
    lists = {name: tuple(map(_row, _lines(files, f"rows/{name}.jsonl"))) for name in _LISTS}
    studio, order = (_one(files, f"rows/{name}.json") for name in ("studio", "order"))
    if not all(isinstance(entry.get("event"), Mapping) for entry in lists["events"]):
        raise NotRows("rows/events.jsonl cannot be read")
    return Rows(studio, order, **lists)


def dumped(data: Any) -> bytes:
    """One row: JSON with sorted keys, in ASCII, on a line of its own."""
    return (json.dumps(data, sort_keys=True) + "\n").encode("ascii")


def _lines(files: Mapping[str, bytes], name: str) -> list[tuple[str, bytes]]:
    if name not in files:
        raise NotRows(f"{name} is missing")
    return [(name, line) for line in files[name].splitlines()]


def _one(files: Mapping[str, bytes], name: str) -> Row:
    lines = _lines(files, name)
    if len(lines) != 1:
        raise NotRows(f"{name} cannot be read")
    return _row(lines[0])


def _row(line: tuple[str, bytes]) -> Row:
    name, text = line
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise NotRows(f"{name} cannot be read") from None
    if not isinstance(row, dict):
        raise NotRows(f"{name} cannot be read")
    return row
