"""The store for several machines: documents (JSONB) in PostgreSQL. See `store.Store`.

A transaction locks what it reads: a row by FOR UPDATE, the absence of one by a lock of its key that whoever adds it
takes too, both gone with the transaction. So READ COMMITTED is enough, and only a deadlock's victim has to start again.
`find` locks the rows that it found; one that is added meanwhile is not kept out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from mailbot.adapters.postgres_json import packed, packed_text, unpacked
from mailbot.adapters.postgres_schema import PREFIX, bring_up_to_date, check, table_name
from mailbot.adapters.postgres_server import Cursor, Database
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
    check_indexed,
    event_key,
    give_lease_back,
    in_doubt,
    indexed,
    moved,
    new_row,
    outbox_row,
    safe_key,
    take_lease,
)
from mailbot.orders.model import utc

PAGE: Final = 500

_INSERT = "INSERT INTO {t}(key, doc) SELECT %s, %s::jsonb FROM (SELECT pg_advisory_xact_lock(%s)) AS alone "
_SQL: Final = {
    "by key": "SELECT key, doc::text FROM {t} WHERE key = %s",
    "equal": "SELECT key, doc::text FROM {t} WHERE left({f}, {n}) = left(%(lo)s, {n}) AND {f} = %(lo)s ORDER BY key",
    "range": """
        SELECT key, doc::text FROM {t} WHERE left({f}, {n}) BETWEEN left(%(lo)s, {n}) AND left(%(hi)s, {n})
        AND {f} >= %(lo)s AND {f} < %(hi)s ORDER BY {f}, key
    """,
    "first page": "SELECT key, doc::text FROM {t} ORDER BY key LIMIT %s",
    "page": "SELECT key, doc::text FROM {t} WHERE key > %s ORDER BY key LIMIT %s",
    "keys": "SELECT key, doc::text FROM {t} WHERE key > %s AND key < %s ORDER BY key",
    "change": "UPDATE {t} SET doc = %s::jsonb WHERE key = %s",
    "put": _INSERT + "ON CONFLICT (key) DO UPDATE SET doc = excluded.doc",
    "add": _INSERT + "ON CONFLICT (key) DO NOTHING",
    "load": "INSERT INTO {t}(key, doc) VALUES (%s, %s::jsonb)",
    "delete": "DELETE FROM {t} WHERE key = %s",
}
_NEXT_NUMBER: Final = b"""
    INSERT INTO mailbot.counters AS c (key, doc) VALUES (%s, '{"last": 1}')
    ON CONFLICT (key) DO UPDATE SET doc = jsonb_build_object('last', (c.doc ->> 'last')::bigint + 1)
    RETURNING (doc ->> 'last')::bigint
"""
_ROWS: Final = """
    SELECT id, doc::text FROM mailbot.outbox
    WHERE (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(order)s::text IS NULL OR string_to_array("order", ',') @> ARRAY[%(order)s::text])
"""
_UNSENT: Final = f"{_ROWS} AND state <> 'sent'"  # in words: only so the index of what is not sent can be used
_BY_KEY: Final = b"SELECT id, doc::text FROM mailbot.outbox WHERE key = %s"
_BY_NUMBER: Final = b"SELECT id, doc::text FROM mailbot.outbox WHERE id = %s"
_OUTBOX_PAGE: Final = b"SELECT id, key, doc::text FROM mailbot.outbox WHERE id > %s ORDER BY id LIMIT %s"
_LOAD_OUTBOX: Final = b"INSERT INTO mailbot.outbox(id, key, doc) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s::jsonb)"
_NEXT_IN_OUTBOX: Final = b"""
    SELECT setval(pg_get_serial_sequence('mailbot.outbox', 'id'), max(id)) FROM mailbot.outbox HAVING max(id) > 0
"""
_CLAIM: Final = b"""
    WITH queued AS (
        SELECT id, due, key FROM mailbot.outbox WHERE state = 'queued' AND state <> 'sent' AND due <= %(now)s
        ORDER BY due, key LIMIT %(n)s FOR UPDATE SKIP LOCKED
    ), run_out AS (
        SELECT id, due, key FROM mailbot.outbox WHERE state = 'leased' AND state <> 'sent' AND lease_until <= %(now)s
        ORDER BY due, key LIMIT %(n)s FOR UPDATE SKIP LOCKED
    ), mine AS (
        SELECT id FROM (TABLE queued UNION ALL TABLE run_out) AS waiting ORDER BY due, key LIMIT %(n)s
    )
    UPDATE mailbot.outbox AS o SET doc = o.doc || %(change)s::jsonb FROM mine WHERE o.id = mine.id
    RETURNING o.id, o.doc::text
"""


@lru_cache(maxsize=512)
def _statement(name: str, table: str, field: str = "", tail: str = "") -> bytes:
    text = _SQL[name].replace("{t}", table_name(table)).replace("{f}", f'"{field}"').replace("{n}", str(PREFIX))
    return (text + tail).encode()


def _docs(rows: Cursor) -> list[Doc]:
    return [Doc(key, unpacked(text)) for key, text in rows]


def _lock_of(table: str, key: str) -> int:
    """The number that stands for a key in PostgreSQL's locks."""
    return int.from_bytes(hashlib.sha256(f"mailbot {table} {key}".encode()).digest()[:8], signed=True)


class _Rows:
    """Documents of the database; inside a transaction of this thread, as that sees them."""

    def __init__(self, database: Database, tail: str = "") -> None:
        """`tail` is put behind each query: how it locks."""
        self._database, self._tail = database, tail

    def run(self, name: str, table: str, *values: Any) -> Cursor:
        return self._database.execute(_statement(name, table), values)

    def get(self, table: str, key: str) -> Doc | None:
        """The document under the key, or None."""
        found = self._database.execute(_statement("by key", table, tail=self._tail), (safe_key(key),))
        return next(iter(_docs(found)), None)

    def find(self, table: str, field: str, lo: str, hi: str | None = None) -> list[Doc]:
        """As `Store.find`."""
        name = "equal" if hi is None else "range"
        statement = _statement(name, table, indexed(table, field), self._tail)
        return _docs(self._database.execute(statement, {"lo": packed_text(lo), "hi": packed_text(hi or "")}))


class _Tx(_Rows):
    """A transaction of this thread; see `store.Tx`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, " FOR UPDATE")

    def get(self, table: str, key: str) -> Doc | None:
        if (found := super().get(table, key)) is not None:
            return found
        self._database.execute(b"SELECT pg_advisory_xact_lock(%s)", (_lock_of(table, safe_key(key)),))
        return super().get(table, key)  # it may have been added while we waited

    def put(self, table: str, key: str, doc: Mapping[str, Any]) -> None:
        check_indexed(table, doc)
        key, text = safe_key(key), packed(doc)
        if not self.run("change", table, text, key).rowcount:
            self.run("put", table, key, text, _lock_of(table, key))

    def add(self, table: str, key: str, doc: Mapping[str, Any]) -> None:
        check_indexed(table, doc)
        safe = safe_key(key)
        if not self.run("add", table, safe, packed(doc), _lock_of(table, safe)).rowcount:
            raise Conflict(f"{table} already has {key!r}")

    def delete(self, table: str, key: str) -> bool:
        return bool(self.run("delete", table, safe_key(key)).rowcount)

    def next_number(self, name: str) -> int:
        (number,) = self._database.execute(_NEXT_NUMBER, (safe_key(name),)).fetchall()[0]
        return int(number)

    def enqueue(self, entry: OutboxEntry) -> bool:
        try:
            self.add("outbox", entry.key, new_row(entry))
        except Conflict:
            return False
        return True

    def log(self, order: str, revision: int, event: Mapping[str, Any], before: str, hash: str) -> None:
        entry = {"order": order, "revision": revision, "before": before, "hash": hash, "event": event}
        self.add("events", event_key(order, revision), entry)


class PostgresStore:
    """See `store.Store`."""

    def __init__(self, url: str) -> None:
        """Connects and brings the tables up to date. Raises ConfigError and StoreError as `Database` does, and
        ConfigError for tables that a newer mailbot made, or that this user may not make."""
        self.database = Database(url)
        self._rows = _Rows(self.database)
        bring_up_to_date(self.database)

    @contextmanager
    def transaction(self) -> Iterator[_Tx]:
        """All or nothing; on disk on leaving. Raises RuntimeError inside another one of this thread."""
        with self.database.transaction():
            yield _Tx(self.database)

    def get(self, table: str, key: str) -> Doc | None:
        return self._rows.get(table, key)

    def find(self, table: str, field: str, lo: str, hi: str | None = None) -> list[Doc]:
        return self._rows.find(table, field, lo, hi)

    def all(self, table: str) -> Iterator[Doc]:
        page = _docs(self._rows.run("first page", table, PAGE))
        while page:
            yield from page
            page = _docs(self._rows.run("page", table, page[-1].key, PAGE))

    def outbox(self, state: str | None = None, order: str | None = None) -> list[OutboxRow]:
        sql = _ROWS if state in (None, "sent") else _UNSENT
        values = {"state": state, "order": None if order is None else packed_text(order)}
        return self._outbox(f"{sql} ORDER BY due, key".encode(), values)

    def outbox_get(self, id_or_key: str) -> OutboxRow | None:
        return self._row(id_or_key)

    def claim(self, owner: str, now: datetime, lease: timedelta, n: int) -> list[OutboxRow]:
        change = {"state": "leased", "owner": owner, "lease_until": utc(now + lease)}
        rows = self._outbox(_CLAIM, {"now": utc(now), "n": n, "change": packed(change)})
        return sorted(rows, key=lambda row: (row.due, row.key))

    def mark(
        self, owner: str, id: str, state: State, now: datetime, *, error: str = "", due: datetime | None = None
    ) -> bool:
        if not any(state in moves for moves in WORKER_MOVES.values()):
            raise ValueError(f"no worker makes a mail {state!r}")
        with self.database.joined():
            row = self._row(id, b" FOR UPDATE")
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
        with self.database.joined():
            row = self._row(id, b" FOR UPDATE")
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
        first, last = event_key(order, after), event_key(order, MAX_REVISION)
        entries = _docs(self._rows.run("keys", "events", first, last))
        return [dict(entry) for entry in entries if entry["order"] == order]

    @contextmanager
    def snapshot(self) -> Iterator[Iterator[StoredRow]]:
        with self.database.snapshot():
            yield (row for table in SCHEMA for row in (self._sent() if table == "outbox" else self._rows_of(table)))

    def _rows_of(self, table: str) -> Iterator[StoredRow]:
        return (StoredRow(table, doc.key, None, dict(doc)) for doc in self.all(table))

    def _sent(self) -> Iterator[StoredRow]:
        page = self.database.execute(_OUTBOX_PAGE, (0, PAGE)).fetchall()
        while page:
            yield from (StoredRow("outbox", key, number, unpacked(text)) for number, key, text in page)
            page = self.database.execute(_OUTBOX_PAGE, (page[-1][0], PAGE)).fetchall()

    def load(self, rows: Iterable[StoredRow]) -> None:
        with self.transaction() as tx:
            if there := next((table for table in SCHEMA if self._holds(table)), None):
                raise Conflict(f"the store is not empty: it has {there}")
            for key in OWN_ROWS:
                tx.delete("meta", key)
            for table, group in groupby(rows, lambda row: row.table):
                self._load(table, group)
            self.database.execute(_NEXT_IN_OUTBOX)

    def _holds(self, table: str) -> bool:
        """Whether a table has rows of anybody's work."""
        keys = {doc.key for doc in _docs(self._rows.run("first page", table, 2))}
        return table not in OF_THE_PLACE and bool(keys - (OWN_ROWS if table == "meta" else set()))

    def _load(self, table: str, rows: Iterable[StoredRow]) -> None:
        if table == "outbox":
            self.database.execute_each(_LOAD_OUTBOX, ((row.number, row.key, packed(row.doc)) for row in rows))
        else:
            self.database.execute_each(_statement("load", table), ((row.key, packed(row.doc)) for row in rows))

    def scrub(self) -> None:
        for table in SCHEMA:
            self.database.execute(f"VACUUM (FULL) {table_name(table)}".encode())

    def check(self) -> list[str]:
        return check(self.database)

    def close(self) -> None:
        self.database.close()

    def _row(self, id_or_key: str, tail: bytes = b"") -> OutboxRow | None:
        number = id_or_key.removeprefix("M-")
        if number.isascii() and number.isdigit() and len(number) < 19:
            return next(iter(self._outbox(_BY_NUMBER + tail, (int(number),))), None)
        return next(iter(self._outbox(_BY_KEY + tail, (safe_key(id_or_key),))), None)

    def _outbox(self, statement: bytes, values: Any) -> list[OutboxRow]:
        return [outbox_row(number, unpacked(text)) for number, text in self.database.execute(statement, values)]

    def _rewrite(self, row: OutboxRow, stored: Mapping[str, Any]) -> None:
        self._rows.run("change", "outbox", packed(stored), safe_key(row.key))


def _stored(row: OutboxRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row) if field.name != "id"}
