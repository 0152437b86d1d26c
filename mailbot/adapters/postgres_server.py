"""A PostgreSQL database: its connections, its transactions, and whose fault it is when one fails.

A connection is used by one thread at a time and kept for the next. Nothing is set on a session and nothing prepared or
locked beyond a transaction, as a pooler in transaction mode asks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from mailbot.adapters.postgres_url import connection_info, shown, without_secrets
from mailbot.adapters.store import Conflict, StoreError
from mailbot.errors import ConfigError, Problem

BUSY_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 60  # a transaction that says nothing for so long is ended by the server: its process is cut off
KEPT: Final = 8  # connections that wait for the next thread

Connection = psycopg.Connection[tuple[Any, ...]]
Params = Sequence[Any] | Mapping[str, Any]
Cursor = psycopg.Cursor[tuple[Any, ...]]

_OURS_NO_MORE = (errors.InsufficientPrivilege, errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName)


class Database:
    """The database of a URL, as it is used from several threads."""

    def __init__(self, url: str) -> None:
        """Looks at the URL and connects once.

        Raises ConfigError for a URL that is wrong or unsafe and a database that is not UTF-8, StoreError when the
        server is not there or refuses: libpq does not tell apart what will pass.
        """
        self._info = connection_info(url)
        self.name = shown(self._info)
        self._kept: list[Connection] = []
        self._thread = threading.local()
        with self._translated():
            connection = self._connect()
        encoding = connection.info.parameter_status("server_encoding")
        self._give_back(connection)
        if encoding != "UTF8":
            mend = "make one with: createdb --template=template0 --encoding=UTF8"
            raise self._config_error(f"is a database of {encoding}, which cannot hold every mail", mend)

    @property
    def current(self) -> Connection | None:
        """The connection of the transaction that this thread is in, if it is in one."""
        return getattr(self._thread, "connection", None)

    def execute(self, sql: bytes, values: Params = ()) -> Cursor:
        """Carries out one statement: in the transaction that this thread is in, or by itself, on disk on return."""
        if current := self.current:
            return current.execute(sql, values)
        with self._translated():
            connection, cursor = self._begun_with(sql, values)
            self._give_back(connection)
            return cursor

    def execute_each(self, sql: bytes, rows: Iterable[Sequence[Any]]) -> None:
        """Carries out one statement for each of the rows, in the transaction that this thread is in."""
        if (current := self.current) is None:
            raise RuntimeError("outside of a transaction")
        current.cursor().executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What this thread executes inside is done whole or not at all; on disk on leaving.

        Raises RuntimeError inside another one; StoreError when it waited too long for another's lock, was chosen to
        end a deadlock, or lost its connection. When that is lost while committing, nobody knows: work that is done
        again meets its own unique keys.
        """
        with self._whole("READ COMMITTED READ WRITE"):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What this thread reads inside is as it was at one moment. Raises as `transaction` does."""
        with self._whole("REPEATABLE READ READ ONLY"):
            self.execute(b"SELECT 1")  # the first read fixes the moment
            yield

    @contextmanager
    def _whole(self, how: str) -> Iterator[None]:
        if self.current:
            raise RuntimeError("a transaction inside another one")
        with self._translated():
            waits = f"SET LOCAL lock_timeout = '{BUSY_SECONDS * 1000:.0f}ms'"
            idles = f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
            begin = f"BEGIN ISOLATION LEVEL {how}; {waits}; {idles}"
            self._thread.connection, _ = self._begun_with(begin.encode(), None)
            try:
                yield
                self._commit(self._thread.connection)
            except BaseException:
                with suppress(psycopg.Error):
                    self._thread.connection.execute(b"ROLLBACK")
                raise
            finally:
                connection, self._thread.connection = self._thread.connection, None
                self._give_back(connection)

    @contextmanager
    def joined(self) -> Iterator[None]:
        """The transaction that this thread is in, or else one of its own."""
        if self.current:
            yield
            return
        with self.transaction():
            yield

    def close(self) -> None:
        """Closes the connections that nobody uses now."""
        while self._kept:
            with suppress(IndexError):  # another thread took the last one
                self._kept.pop().close()

    def _commit(self, connection: Connection) -> None:
        if connection.info.transaction_status != TransactionStatus.INTRANS:  # COMMIT would quietly undo it
            raise StoreError(f"{self.name}: a statement has failed, nothing was done; try again")
        connection.execute(b"COMMIT")

    def _begun_with(self, sql: bytes, values: Params | None) -> tuple[Connection, Cursor]:
        """A connection that has carried this out: one that was kept, or a new one when that has died meanwhile."""
        while True:
            try:
                connection, was_kept = self._kept.pop(), True
            except IndexError:
                connection, was_kept = self._connect(), False
            try:
                return connection, connection.execute(sql, values)
            except psycopg.Error:
                has_died = connection.closed
                self._give_back(connection)
                if not (was_kept and has_died):
                    raise
            except BaseException:
                connection.close()
                raise

    def _connect(self) -> Connection:
        return psycopg.connect("", autocommit=True, prepare_threshold=None, **self._info)  # type: ignore[arg-type]

    def _give_back(self, connection: Connection) -> None:
        is_fit = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
        if is_fit and len(self._kept) < KEPT:
            self._kept.append(connection)
        else:
            connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except errors.UniqueViolation as error:
            raise Conflict(self._words(error)) from None
        except _OURS_NO_MORE as error:
            mend = "let this user make and own the schema mailbot (GRANT CREATE ON DATABASE), or restore a backup"
            raise self._config_error(self._words(error), mend) from None
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError) as error:
            raise StoreError(f"{self.name}: {self._words(error)}; try again") from None

    def _config_error(self, what: str, mend: str) -> ConfigError:
        return ConfigError([Problem(what, self.name, "store.url", mend=mend)])

    def _words(self, error: psycopg.Error) -> str:
        return without_secrets(str(error), self._info)
