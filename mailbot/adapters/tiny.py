"""The embedded store: TinyDB over one SQLite file, shared by the daemon and the command line of one machine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot.adapters.store import (
    MAX_REVISION,
    OF_THE_PLACE,
    OWN_ROWS,
    RESOLVE_MOVES,
    SCHEMA,
    WORKER_MOVES,
    Conflict,
    Doc,
    OutboxEntry,
    OutboxRow,
    State,
    StoredRow,
    event_key,
    give_lease_back,
    in_doubt,
    moved,
    new_row,
    outbox_row,
    safe_key,
    take_lease,
)
from mailbot.adapters.tiny_file import quoted
from mailbot.adapters.tiny_tables import RowDB
from mailbot.orders.model import utc

# `state <> 'sent'` in words is what lets SQLite use the index of what is not sent
_QUEUED = """
    SELECT id, doc FROM outbox WHERE state = 'queued' AND state <> 'sent' AND due <= ? ORDER BY due, key LIMIT ?
"""
_RUN_OUT = "SELECT id, doc FROM outbox WHERE state = 'leased' AND state <> 'sent' AND lease_until <= ?"
_UNSENT = "SELECT id, doc FROM outbox WHERE state = ? AND state <> 'sent' ORDER BY due, key"
_SENT = "SELECT id, doc FROM outbox WHERE state = 'sent' ORDER BY due, key"
_ROWS = "SELECT id, doc FROM outbox ORDER BY due, key"
_OF_ORDER = """
    SELECT id, doc FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE "order" IS NOT NULL AND instr(',' || "order" || ',', ',' || ? || ',') > 0
    ) ORDER BY due, key
"""
_EVERY = "SELECT id, key, doc FROM {t} ORDER BY id"
_KEYS = "SELECT key FROM {t} LIMIT 2"
_LOAD = "INSERT INTO {t}(id, key, doc) VALUES (?, ?, ?)"
_BY_KEY = "SELECT id, doc FROM outbox WHERE key = ?"
_BY_NUMBER = "SELECT id, doc FROM outbox WHERE id = ?"


class _Tx:
    """A transaction of this thread; see `store.Tx`."""

    def __init__(self, db: RowDB) -> None:
        self._db = db

    def get(self, table: str, key: str) -> Doc | None:
        return self._db.rows(table).fetch(key)

    def find(self, table: str, field: str, lo: str, hi: str | None = None) -> list[Doc]:
        return self._db.rows(table).find(field, lo, hi)

    def put(self, table: str, key: str, doc: Mapping[str, Any]) -> None:
        self._db.rows(table).put(key, doc)

    def add(self, table: str, key: str, doc: Mapping[str, Any]) -> None:
        self._db.rows(table).add(key, doc)

    def delete(self, table: str, key: str) -> bool:
        return self._db.rows(table).discard(key)

    def next_number(self, name: str) -> int:
        number = int((self.get("counters", name) or {"last": 0})["last"]) + 1
        self.put("counters", name, {"last": number})
        return number

    def enqueue(self, entry: OutboxEntry) -> bool:
        try:
            self.add("outbox", entry.key, new_row(entry))
        except Conflict:
            return False
        return True

    def log(self, order: str, revision: int, event: Mapping[str, Any], before: str, hash: str) -> None:
        entry = {"order": order, "revision": revision, "before": before, "hash": hash, "event": event}
        self.add("events", event_key(order, revision), entry)


class TinyStore:
    """See `store.Store`. `db` is the TinyDB over the same rows, for whoever likes its queries."""

    def __init__(self, path: str | Path) -> None:
        """Opens or makes the file. Raises ConfigError: not ours, damaged, newer than this mailbot, not writable."""
        self.db = RowDB(path)
        self._file = self.db.file

    @contextmanager
    def transaction(self) -> Iterator[_Tx]:
        """All or nothing; on disk on leaving. Raises RuntimeError inside another one of this thread."""
        if self._file.current:
            raise RuntimeError("a transaction inside another one")
        with self._file.writing():
            yield _Tx(self.db)

    def get(self, table: str, key: str) -> Doc | None:
        return self.db.rows(table).fetch(key)

    def find(self, table: str, field: str, lo: str, hi: str | None = None) -> list[Doc]:
        return self.db.rows(table).find(field, lo, hi)

    def all(self, table: str) -> Iterator[Doc]:
        return self.db.rows(table).by_key()

    def outbox(self, state: str | None = None, order: str | None = None) -> list[OutboxRow]:
        if order is not None:
            return [row for row in self._outbox(_OF_ORDER, order) if state in (None, row.state)]
        if state is None:
            return self._outbox(_ROWS)
        return self._outbox(_SENT) if state == "sent" else self._outbox(_UNSENT, state)

    def outbox_get(self, id_or_key: str) -> OutboxRow | None:
        number = id_or_key.removeprefix("M-")
        if number.isascii() and number.isdigit() and len(number) < 19:
            return next(iter(self._outbox(_BY_NUMBER, int(number))), None)
        return next(iter(self._outbox(_BY_KEY, safe_key(id_or_key))), None)

    def claim(self, owner: str, now: datetime, lease: timedelta, n: int) -> list[OutboxRow]:
        if not self._waiting(now, 1):
            return []  # the usual answer, and it takes no lock
        with self._file.writing(lasting=False):  # a lease that a power cut takes back is no harm: nothing was sent
            change = {"state": "leased", "owner": owner, "lease_until": utc(now + lease)}
            return [self._rewrite(row, {**_stored(row), **change}) for row in self._waiting(now, n)]

    def mark(
        self, owner: str, id: str, state: State, now: datetime, *, error: str = "", due: datetime | None = None
    ) -> bool:
        if not any(state in moves for moves in WORKER_MOVES.values()):
            raise ValueError(f"no worker makes a mail {state!r}")
        with self._file.writing():
            row = self.outbox_get(id)
            if row is None or row.owner != owner or state not in WORKER_MOVES.get(row.state, ()):
                return False
            self._rewrite(row, moved(_stored(row), state, now, error=error, due=due))
            return True

    def in_doubt(self, now: datetime, after: timedelta) -> list[OutboxRow]:
        return [row for state in ("sending", "unknown") for row in self.outbox(state) if in_doubt(row, now, after)]

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
        with self._file.writing():
            row = self.outbox_get(id)
            if row is None or state not in RESOLVE_MOVES.get(row.state, ()):
                return False
            if row.state == "sending" and not in_doubt(row, now, after):
                return False
            self._rewrite(row, moved(_stored(row), state, now, error=error, due=due))
            return True

    def lease(self, name: str, owner: str, now: datetime, ttl: timedelta) -> int | None:
        with self.transaction() as tx:
            return take_lease(tx, name, owner, now, ttl)

    def release(self, name: str, owner: str) -> bool:
        with self.transaction() as tx:
            return give_lease_back(tx, name, owner)

    def audit(self, order: str, after: int = 0) -> list[dict[str, Any]]:
        entries = self.db.rows("events").between(event_key(order, after), event_key(order, MAX_REVISION))
        return [dict(entry) for entry in entries if entry["order"] == order]

    @contextmanager
    def snapshot(self) -> Iterator[Iterator[StoredRow]]:
        with self._file.snapshot() as connection:
            yield (
                StoredRow(table, key, number if table == "outbox" else None, json.loads(text))
                for table in SCHEMA
                for number, key, text in connection.execute(_EVERY.replace("{t}", quoted(table)))
            )

    def load(self, rows: Iterable[StoredRow]) -> None:
        with self._file.writing() as connection:
            if there := _there(connection):
                raise Conflict(f"the store is not empty: it has {there}")
            connection.execute("DELETE FROM meta")
            for row in rows:
                values = (row.number, row.key, json.dumps(row.doc, separators=(",", ":")))
                connection.execute(_LOAD.replace("{t}", quoted(row.table)), values)

    def scrub(self) -> None:
        self._file.scrub()

    def check(self) -> list[str]:
        return self._file.check()

    def close(self) -> None:
        self.db.close()

    def _waiting(self, now: datetime, n: int) -> list[OutboxRow]:
        rows = self._outbox(_QUEUED, utc(now), n) + self._outbox(_RUN_OUT, utc(now))
        return sorted(rows, key=lambda row: (row.due, row.key))[:n]

    def _outbox(self, statement: str, *values: Any) -> list[OutboxRow]:
        with self._file.reading() as connection:
            return [outbox_row(n, json.loads(text)) for n, text in connection.execute(statement, values)]

    def _rewrite(self, row: OutboxRow, stored: Mapping[str, Any]) -> OutboxRow:
        self.db.rows("outbox").put(row.key, stored)
        return outbox_row(row.number, stored)


def _there(connection: sqlite3.Connection) -> str | None:
    """The first table that holds rows of anybody's work; None in an empty store."""
    for table in (name for name in SCHEMA if name not in OF_THE_PLACE):
        keys = {str(key) for (key,) in connection.execute(_KEYS.replace("{t}", quoted(table)))}
        if keys - (OWN_ROWS if table == "meta" else set()):
            return table
    return None


def _stored(row: OutboxRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row) if field.name != "id"}
