"""What the app asks of a store, whatever engine keeps it: documents in tables, an outbox, leases, the record of events.

A document is a JSON object under a text key. Its index fields (SCHEMA) are top-level text; a document where one is
missing or None is not found by it. `now` is always an aware time; stored times are `mailbot.orders.model.utc` text.
Everything that changes is done in a transaction: all of it or nothing, on disk when the block is left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, Protocol

from mailbot.orders.model import utc

SCHEMA: Final[dict[str, tuple[str, ...]]] = {  # table: its index fields. The key of a row stands beside its document
    "orders": ("closed", "next_due"),  # key: reference
    "requests": ("order",),  # key: token
    "threads": ("order",),  # key: Message-ID
    "mails": ("order", "state"),  # key: Message-ID, or sha256 where there is none
    "held": ("state", "order", "remind_at"),  # key: H-1
    "people": ("email", "order"),  # key: "email reference"
    "cursors": (),  # key: mailbox
    "counters": (),  # key: name
    "answers": ("until",),  # key: of an address and an order; when it was written to
    "meta": (),  # key: name
    "events": (),  # key: event_key(order, revision)
    "leases": (),  # key: name
    "outbox": ("order",),  # key: the deterministic key of the mail
}
KEY_FIELDS: Final = {"orders": "ref", "requests": "token", "held": "id", "outbox": "key"}
"""The field that is the row's key, where the document itself holds it."""

MAX_KEY: Final = 500
MAX_REVISION: Final = 999_999_999

State = Literal["queued", "leased", "sending", "sent", "failed", "unknown", "held", "shadow"]

WORKER_MOVES: Final[dict[str, frozenset[str]]] = {  # what the holder of a row may make of it
    "leased": frozenset({"sending", "queued", "failed"}),
    "sending": frozenset({"sent", "queued", "failed", "unknown"}),
}
RESOLVE_MOVES: Final[dict[str, frozenset[str]]] = {  # what a person or a later proof may make of it
    "unknown": frozenset({"sent", "queued", "failed"}),
    "sending": frozenset({"sent", "queued", "failed", "unknown"}),  # only an attempt that is in doubt
    "queued": frozenset({"failed", "held", "queued"}),
    "held": frozenset({"queued", "failed"}),
    "failed": frozenset({"queued", "sent"}),
}


class Conflict(Exception):
    """An `add` or `log` met its unique key: somebody was here before. Nothing was written by it."""


class StoreError(Exception):
    """The store cannot be used now (busy too long, disk full, gone). Nothing was done; try again later."""


class Doc(dict[str, Any]):
    """A document as it was stored, and the key it stands under."""

    __slots__ = ("key",)

    def __init__(self, key: str, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.key = key


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One mail to send. The key is deterministic (`ORD-2041/weekly/2026-01-16`): the same key is sent once, ever."""

    key: str
    kind: str
    order: str | None  # several: references with commas
    to: tuple[str, ...]  # for people to read; `recipients` is the envelope
    due: str  # UTC text
    mail: str  # archive key
    message_id: str
    sender: str  # envelope
    recipients: tuple[str, ...]
    about: str | None = None
    state: State = "queued"  # or "held" (a person releases it), "shadow" (only recorded)
    error: str = ""  # why it is held, where that is not the studio's mode


_ENTRY_FIELDS = tuple(field.name for field in fields(OutboxEntry))


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An entry with what has become of it; all times UTC text. `id` is short, for people: M-12."""

    id: str
    key: str
    kind: str
    order: str | None
    to: tuple[str, ...]
    due: str
    mail: str
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    about: str | None
    state: State
    attempts: int = 0
    error: str = ""
    attempted_at: str | None = None
    sent_at: str | None = None
    owner: str | None = None
    lease_until: str | None = None

    @property
    def number(self) -> int:
        """The id as a number, which grows in the order in which mails were queued."""
        return int(self.id.removeprefix("M-"))


class StoredRow(NamedTuple):
    """A row of any table as every engine can hold it; `number` is that of the outbox's ids (M-12), None elsewhere."""

    table: str
    key: str
    number: int | None
    doc: dict[str, Any]


OF_THE_PLACE: Final = frozenset({"leases"})  # tables that say who works here now: no part of what is true
OWN_ROWS: Final = frozenset({"secret"})  # what a store has in `meta` from its first opening on


class Tx(Protocol):
    """One transaction. Reads lock what they read until it ends; work may be run again after a StoreError."""

    def get(self, table: str, key: str) -> Doc | None:
        """The document under the key, or None."""

    def find(self, table: str, field: str, lo: str, hi: str | None = None) -> list[Doc]:
        """As `Store.find`."""

    def put(self, table: str, key: str, doc: Mapping[str, Any]) -> None:
        """The document stands under the key, whether or not there was one."""

    def add(self, table: str, key: str, doc: Mapping[str, Any]) -> None:
        """As `put`, but raises Conflict when the key is taken: this is the dedupe."""

    def delete(self, table: str, key: str) -> bool:
        """Takes the document away; False when there was none."""

    def next_number(self, name: str) -> int:
        """The next of 1, 2, 3 ... of this name. No gaps: a transaction that fails gives its number back."""

    def enqueue(self, entry: OutboxEntry) -> bool:
        """Puts a mail into the outbox. False, and nothing done, when its key has ever been there."""

    def log(self, order: str, revision: int, event: Mapping[str, Any], before: str, hash: str) -> None:
        """Records an event of an order under (order, revision). Raises Conflict when that revision is there."""


class Store(Protocol):
    """What every engine offers. Usable from several threads and by several processes at once.

    Everything raises StoreError when the store is busy too long or gone, KeyError for a table that is not in SCHEMA,
    ValueError for a field that is not declared as an index.
    """

    def transaction(self) -> AbstractContextManager[Tx]:
        """All or nothing; on disk on leaving. An exception inside undoes everything. They do not nest."""

    def get(self, table: str, key: str) -> Doc | None:
        """The document under the key, or None. Takes no lock."""

    def find(self, table: str, field: str, lo: str, hi: str | None = None) -> list[Doc]:
        """Documents whose field is `lo`; with `hi`, those with lo <= field < hi, by field and then key."""

    def all(self, table: str) -> Iterator[Doc]:
        """Every document of a table by key, a page at a time: no snapshot is held between pages."""

    def outbox(self, state: str | None = None, order: str | None = None) -> list[OutboxRow]:
        """Rows of the outbox by due time, as stored (see `shown_state`)."""

    def outbox_get(self, id_or_key: str) -> OutboxRow | None:
        """One row, by its id (M-12) or its key."""

    def claim(self, owner: str, now: datetime, lease: timedelta, n: int) -> list[OutboxRow]:
        """Up to n rows that are due, by due time, now leased to the owner: queued ones, and leased ones whose lease
        has run out; never one that is being sent. `owner` names one run of one worker and is never used again. A power
        cut may take the lease back."""

    def mark(
        self, owner: str, id: str, state: State, now: datetime, *, error: str = "", due: datetime | None = None
    ) -> bool:
        """The holder's next word on a row (WORKER_MOVES). False when the owner no longer holds it: then it must not
        send. `due` is when a row that goes back to queued is tried again. ValueError for a move that does not exist.
        Inside a transaction of this thread it is part of that."""

    def in_doubt(self, now: datetime, after: timedelta) -> list[OutboxRow]:
        """Rows whose outcome nobody saw: unknown, or sending for longer than `after`."""

    def resolve(
        self,
        id: str,
        state: State,
        now: datetime,
        *,
        error: str = "",
        due: datetime | None = None,
        after: timedelta = timedelta(minutes=10),
    ) -> bool:
        """What a person or a later proof says of a row (RESOLVE_MOVES). False when it is not there, or has moved on so
        that this no longer applies; a row being sent is touched only when its attempt is older than `after`."""

    def lease(self, name: str, owner: str, now: datetime, ttl: timedelta) -> int | None:
        """Takes or renews the lease: its fence, a number that grows with each new holder. None: another holds it."""

    def release(self, name: str, owner: str) -> bool:
        """Gives the lease back. False when the owner does not hold it."""

    def audit(self, order: str, after: int = 0) -> list[dict[str, Any]]:
        """The order's events past that revision, in order: {"order", "revision", "before", "hash", "event"}."""

    def snapshot(self) -> AbstractContextManager[Iterator[StoredRow]]:
        """Every row of every table as they are at one moment, while work goes on. Inside, other calls see what comes
        after that moment, too."""

    def load(self, rows: Iterable[StoredRow]) -> None:
        """Puts the rows of a snapshot into this store, which has to be empty: all of them or none. Raises Conflict
        when it holds anything but its own secret and leases."""

    def scrub(self) -> None:
        """Makes what was deleted or written over unreadable in the store's files; others may have to wait meanwhile."""

    def check(self) -> list[str]:
        """What is wrong with the store, after reading all of it. Empty: nothing."""

    def close(self) -> None:
        """Closes the connections. Using the store afterwards opens them again."""


def indexed(table: str, field: str) -> str:
    """The field, when it is an index of the table. Raises KeyError (table) or ValueError (field)."""
    if field not in SCHEMA[table]:
        raise ValueError(f"{table}.{field} is not indexed; {table} has {', '.join(SCHEMA[table]) or 'no index'}")
    return field


def check_indexed(table: str, doc: Mapping[str, Any]) -> None:
    """Raises TypeError when an index field holds anything but text or None: it would silently never be found."""
    for field in SCHEMA.get(table, ()):
        if not isinstance(value := doc.get(field), str | None):
            raise TypeError(f"{table}.{field} is an index and must be text or None, not {type(value).__name__}")


def safe_key(key: str) -> str:
    """A key every engine can hold. Other people's Message-IDs have NULs, lone surrogates and any length: those are
    written as escapes, and what is longer than MAX_KEY ends in its hash."""
    if key.isascii() and "\0" not in key and len(key) <= MAX_KEY:
        return key
    text = key.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if len(text) <= MAX_KEY:
        return text
    return text[: MAX_KEY - 65] + "#" + hashlib.sha256(text.encode()).hexdigest()


def event_key(order: str, revision: int) -> str:
    """The key of an order's event; those of one order sort by revision. Raises ValueError for one that would not."""
    key = f"{order}/{revision:09d}"
    if safe_key(key) != key or not 0 <= revision <= MAX_REVISION:
        raise ValueError(f"not an order and a revision: {order!r} {revision}")
    return key


def shown_state(row: OutboxRow, now: datetime, after: timedelta = timedelta(minutes=10)) -> State:
    """The state as people see it: an attempt whose end nobody saw for `after` (RFC 5321, 4.5.3.2) is unknown."""
    return "unknown" if in_doubt(row, now, after) else row.state


def in_doubt(row: OutboxRow, now: datetime, after: timedelta) -> bool:
    """Whether nobody knows if this mail went out: said so, or being sent for longer than `after`."""
    attempt_is_old = row.attempted_at is not None and row.attempted_at <= utc(now - after)
    return row.state == "unknown" or (row.state == "sending" and attempt_is_old)


def new_row(entry: OutboxEntry) -> dict[str, Any]:
    """The entry as it is stored at first; OutboxRow is the same with its id."""
    return {
        **{name: getattr(entry, name) for name in _ENTRY_FIELDS},
        "attempts": 0, "attempted_at": None, "sent_at": None, "owner": None, "lease_until": None,
    }  # fmt: skip


def outbox_row(number: int, stored: Mapping[str, Any]) -> OutboxRow:
    """What is stored under that row number, as it is shown."""
    lists = {"to": tuple(stored["to"]), "recipients": tuple(stored["recipients"])}
    return OutboxRow(id=f"M-{number}", **{**stored, **lists})


def next_lease(held: Mapping[str, Any] | None, owner: str, now: datetime, ttl: timedelta) -> dict[str, Any] | None:
    """The lease as stored after `owner` asked for it; None when another holds it still."""
    if held and held["owner"] not in (owner, "") and held["until"] > utc(now):
        return None
    fence = held["fence"] if held else 0
    renewed = held is not None and held["owner"] == owner
    return {"owner": owner, "until": utc(now + ttl), "fence": fence if renewed else fence + 1}


def moved(
    row: Mapping[str, Any], state: State, now: datetime, *, error: str = "", due: datetime | None = None
) -> dict[str, Any]:
    """The stored row after a move to `state`: the attempt counted, the end noted, the holder let go unless sending."""
    change: dict[str, Any] = {"state": state, "error": error}
    if state == "sending":
        change |= {"attempts": row["attempts"] + 1, "attempted_at": utc(now), "lease_until": None}
    else:
        change |= {"owner": None, "lease_until": None}
    if state == "sent":
        change["sent_at"] = utc(now)
    if due is not None:
        change["due"] = utc(due)
    return {**row, **change}


def take_lease(tx: Tx, name: str, owner: str, now: datetime, ttl: timedelta) -> int | None:
    """`Store.lease` inside a transaction: the fence, or None when another holds it."""
    lease = next_lease(tx.get("leases", name), owner, now, ttl)
    if lease is None:
        return None
    tx.put("leases", name, lease)
    return int(lease["fence"])


def give_lease_back(tx: Tx, name: str, owner: str) -> bool:
    """`Store.release` inside a transaction; False when the owner does not hold it."""
    lease = tx.get("leases", name)
    if lease is None or lease["owner"] != owner:
        return False
    tx.put("leases", name, {**lease, "owner": "", "until": ""})
    return True
