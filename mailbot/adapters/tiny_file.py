"""One SQLite file: how it is opened, brought up to date, shared by threads and processes, and checked.

WAL, so that reading never waits for writing; synchronous=FULL, so that what was committed survives a power cut. Every
table has the same three columns (id, key, doc) and a computed column with an index for each field that SCHEMA declares:
SQLite keeps those right itself, whoever writes the row. Local disks only: WAL does not work over a network.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

from mailbot.adapters.store import SCHEMA, Conflict, StoreError
from mailbot.errors import ConfigError, Problem

APPLICATION_ID: Final = 0x6D626F74  # "mbot", in the file's header: this file is ours
BUSY_SECONDS: Final = 10.0
WAL_PAGES: Final = 4000  # 16 MB between two checkpoints

_UNUSABLE_NOW: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL,
    }
)  # fmt: skip


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def create_table(connection: sqlite3.Connection, name: str) -> None:
    """Makes the table if it is not there. A rowid table: WITHOUT ROWID doubles a file of documents this long."""
    columns = "(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, doc TEXT NOT NULL)"
    connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(name)} {columns}")


def _add_column(connection: sqlite3.Connection, table: str, field: str) -> None:
    """A field of the documents as a column, computed when it is asked for."""
    if not connection.execute("SELECT 1 FROM pragma_table_xinfo(?) WHERE name = ?", (table, field)).fetchone():
        column = f"{quoted(field)} TEXT AS (json_extract(doc, '$.{field}')) VIRTUAL"
        connection.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {column}")


def _create_index(connection: sqlite3.Connection, table: str, field: str) -> None:
    _add_column(connection, table, field)
    t, f = quoted(table), quoted(field)
    connection.execute(f"CREATE INDEX {quoted(f'{table}.{field}')} ON {t}({f}, key) WHERE {f} IS NOT NULL")


def _index_unsent_mail(connection: sqlite3.Connection) -> None:
    """Version 1: claiming costs what waits, not what was ever sent."""
    for field in ("state", "due", "lease_until"):
        _add_column(connection, "outbox", field)
    connection.execute("""CREATE INDEX "outbox.unsent" ON outbox(state, due, key) WHERE state <> 'sent'""")


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_index_unsent_mail,)
"""What makes version n of the file from version n - 1, in order; each in the one transaction that counts it."""


class SqliteFile:
    """The file and its connections: a connection is used by one thread at a time, and kept for the next."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file (0600). Raises ConfigError: not ours, damaged, newer, or not writable."""
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._writer = threading.Lock()  # fair between our threads, where SQLite would poll
        self._thread = threading.local()
        try:
            _make(path)
            with self._borrowed() as connection:
                _bring_up_to_date(connection, path)
        except (StoreError, OSError) as error:
            raise _cannot_open(path, error) from None

    @property
    def current(self) -> sqlite3.Connection | None:
        """The connection of the transaction that this thread is in, if it is in one."""
        return getattr(self._thread, "connection", None)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with, without any lock; inside `writing` of this thread, that one."""
        if current := self.current:
            yield current
            return
        with self._borrowed() as connection:
            yield connection

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock: committed on leaving, undone by an exception.

        Inside another one of this thread it is part of that one. `lasting`: on disk on leaving; else a power cut may
        undo it, until the next lasting one has brought it to disk as well. A process that dies undoes neither.
        """
        if current := self.current:
            yield current
            return
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise StoreError(f"{self.path} is busy: another thread has been writing for {BUSY_SECONDS:.0f} s")
        try:
            with self._borrowed() as connection:
                pace = nullcontext() if lasting else _not_waiting_for_the_disk(connection)
                with pace, _transaction(connection):
                    self._thread.connection = connection
                    yield connection
        finally:
            self._thread.connection = None
            self._writer.release()

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        with _translated(self.path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = _connect(self.path)
            try:
                yield connection
            except sqlite3.Error:
                connection.close()  # whatever state it is in, nobody gets it again
                raise
            except BaseException:
                self._idle.append(connection)
                raise
            self._idle.append(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees the file as it stands now until it is left; writers go on meanwhile."""
        with self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # the first read fixes the moment
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def scrub(self) -> None:
        """Writes the file anew without its free pages, and empties its log: what was deleted is in neither.

        Writers wait meanwhile. Raises StoreError when another reads or writes for too long.
        """
        with self._borrowed() as connection:
            connection.execute("VACUUM")
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise StoreError(f"{self.path} is being read: its log could not be emptied; try again")

    def check(self) -> list[str]:
        """What SQLite finds wrong after reading all of the file, indexes too."""
        with self._borrowed() as connection:
            try:
                found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            except sqlite3.DatabaseError as error:
                found = [str(error)]  # too damaged to be checked
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Closes the connections that nobody uses now."""
        while self._idle:
            with suppress(IndexError):  # another thread took the last one
                self._idle.pop().close()


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):  # never opened by hand once it is there: closing it would drop SQLite's locks
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if not path.is_file():
        raise IsADirectoryError(f"{path} is not a file")
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)):
        raise PermissionError(f"{path} or its folder is not writable for this user")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_PAGES * 4096 * 2}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _not_waiting_for_the_disk(connection: sqlite3.Connection) -> Iterator[None]:
    """In WAL mode NORMAL syncs the log at checkpoints, and the next FULL commit syncs all that stands before it."""
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous = FULL")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Conflict(str(error)) from None
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _UNUSABLE_NOW:
            raise StoreError(f"{path}: {error}") from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _cannot_open(path, error) from None
        raise  # misuse of SQLite: our bug


def _cannot_open(path: Path, error: Exception) -> ConfigError:
    what = f"cannot be used as the store: {error}"
    mend = "name another file in [store] url, make its folder writable, or restore a backup"
    return ConfigError([Problem(what, str(path), "store.url", mend=mend)])


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if objects and owner != APPLICATION_ID:
        problem = Problem("is a database of another program", str(path), "store.url", mend="name another file")
        raise ConfigError([problem])
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(STEPS):
        what = f"was written by a newer mailbot (version {version} of the file; this one knows {len(STEPS)})"
        raise ConfigError([Problem(what, str(path), "store.url", mend="update mailbot, or restore an older backup")])
    if version < len(STEPS) or _missing(connection):
        _use_wal(connection)
        with _transaction(connection):
            _migrate(connection)


def _missing(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    names = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master")}
    indexes = [(table, field) for table, declared in SCHEMA.items() for field in declared]
    return [(t, "") for t in SCHEMA if t not in names] + [(t, f) for t, f in indexes if f"{t}.{f}" not in names]


def _use_wal(connection: sqlite3.Connection) -> None:
    """Tries for a while: SQLite does not wait when two processes change the mode of a new file at once."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _migrate(connection: sqlite3.Connection) -> None:
    for table, field in _missing(connection):
        if field:
            _create_index(connection, table, field)
        else:
            create_table(connection, table)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for step in STEPS[version:]:
        step(connection)
    connection.execute(f"PRAGMA user_version = {len(STEPS)}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
