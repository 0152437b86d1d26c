"""What a transaction of each store costs, beside the floor: the same machine, the same minute, the bare database.

`python -m benchmarks.store [ORDERS ...]` (default 1000 and 100000). A transaction is what one mail of a client causes:
read the order, write it, add the mail, record the event, put one mail in the outbox, move the mailbox's cursor.
PostgreSQL is the server of the tests, with its data on this disk and fsync on; it is left out where it cannot be had.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot.adapters.store import OutboxEntry, Store, Tx
from mailbot.orders.model import utc

ROUNDS, PER_ROUND = 12, 100
NOW = datetime(2026, 1, 16, 21, tzinfo=UTC)


def order(number: int) -> dict[str, Any]:
    """An order in its sixth week, about 4 KB."""
    milestone = {"key": "first-fitting", "name": "First fitting", "due": "2026-02-06", "approval": True, "at": "14:00"}
    request = {"token": "k3v9x2", "kind": "milestone", "about": "design", "shown": "Please look at the sketches. " * 20}
    return {
        "ref": f"ORD-{number}", "closed": "no" if number % 10 == 0 else "yes",
        "next_due": utc(NOW + timedelta(hours=number)),
        "project": "Cinderella ball gowns", "milestones": [milestone] * 6, "requests": [request] * 4,
    }  # fmt: skip


def mail(key: str, ref: str) -> OutboxEntry:
    """A mail that waits."""
    people = ("ann@client.example",)
    return OutboxEntry(
        key, "booked", ref, people, utc(NOW + timedelta(days=9)), "ab" * 32, key, "orders@studio.example", people
    )


def step(tx: Tx, number: int, serial: int, mailbox: str = "INBOX") -> None:
    """What one mail of a client causes."""
    ref = f"ORD-{number}"
    doc = tx.get("orders", ref)
    tx.put("orders", ref, {**(doc or {}), "next_due": utc(NOW + timedelta(minutes=serial)), "revision": serial})
    tx.add("mails", f"{serial}.{number}@client.example", {"order": ref, "state": "done", "archive": "ab" * 32})
    tx.log(ref, serial, {"type": "DecisionBooked", "words": "Approved, thank you! " * 10}, "ab" * 32, "cd" * 32)
    tx.enqueue(mail(f"{ref}/booked/{serial}", ref))
    tx.put("cursors", mailbox, {"uidvalidity": 1, "uid": serial})


@dataclass(frozen=True, slots=True)
class Engine:
    """A store and its floor. `source` are Python lines that open the store under the name `store`."""

    name: str
    source: str
    floor: Callable[[int], object]
    megabytes: Callable[[], float]

    def open(self) -> Store:
        """The store, opened."""
        names: dict[str, Any] = {}
        exec(self.source, names)
        store: Store = names["store"]
        return store


@contextmanager
def tiny() -> Iterator[Engine]:
    """The embedded store; its floor is a commit of one row of the same bytes, by SQLite alone."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder, "bare.db"), isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, doc TEXT)")

        def commit(serial: int) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO t(doc) VALUES (?)", (f"{serial}" + "x" * 6000,))
            connection.execute("COMMIT")

        path = f"{folder}/mailbot.db"
        source = f"from mailbot.adapters.tiny import TinyStore\nstore = TinyStore({path!r})"
        yield Engine("tinydb", source, commit, lambda: os.path.getsize(path) / 1e6)


@contextmanager
def postgres() -> Iterator[Engine]:
    """PostgreSQL; its floor is such a commit by psycopg alone. Raises ModuleNotFoundError or FileNotFoundError."""
    import psycopg  # late: an extra

    from tests.servers.postgres import Postgres, programs

    if (found := programs()) is None:
        raise FileNotFoundError("PostgreSQL is not installed")
    server = Postgres(found, disk=tempfile.gettempdir())
    url = server.new_database()
    try:
        with psycopg.connect(server.new_database(), autocommit=True) as connection:
            connection.execute("CREATE TABLE t(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, doc text)")

            def megabytes() -> float:
                with psycopg.connect(url) as asking:
                    ((size,),) = asking.execute("SELECT pg_database_size(current_database())").fetchall()
                return float(size) / 1e6

            def commit(serial: int) -> object:
                return connection.execute("INSERT INTO t(doc) VALUES (%s)", (f"{serial}" + "x" * 6000,))

            source = f"from mailbot.adapters.postgres import PostgresStore\nstore = PostgresStore({url!r})"
            yield Engine("postgresql", source, commit, megabytes)
    finally:
        server.remove()


def fill(store: Store, orders: int) -> None:
    """So many orders; each has a mail, an event and a mail out on record."""
    for start in range(0, orders, 1000):
        with store.transaction() as tx:
            for number in range(start, min(start + 1000, orders)):
                tx.put("orders", f"ORD-{number}", order(number))
                step(tx, number, 0)


def milliseconds(work: Callable[[int], object], serials: range) -> list[float]:
    """How long each call took."""
    times = []
    for serial in serials:
        begin = time.perf_counter()
        work(serial)
        times.append((time.perf_counter() - begin) * 1000)
    return times


def opened(source: str) -> tuple[float, float]:
    """Milliseconds to open the store, and megabytes of a new process that has opened it."""
    lines = "import benchmarks.store as b, sys; b.report_opening(sys.argv[1])"
    out = subprocess.run([sys.executable, "-c", lines, source], capture_output=True, text=True, check=True).stdout
    took, memory = out.split()
    return float(took), float(memory)


def report_opening(source: str) -> None:
    """In a process of its own: opens the store, reads an order, prints milliseconds and megabytes."""
    exec(source.splitlines()[0])  # importing is not opening
    begin = time.perf_counter()
    names: dict[str, Any] = {}
    exec(source, names)
    names["store"].get("orders", "ORD-1")
    took = (time.perf_counter() - begin) * 1000
    print(f"{took:.2f}", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def together(store: Store, orders: int) -> float:
    """Transactions a second by four threads, each with a mailbox and orders of its own."""

    def worker(which: int) -> None:
        for serial in range(PER_ROUND):
            with store.transaction() as tx:
                step(tx, (serial * 4 + which) % orders, 10**6 + serial, f"INBOX{which}")

    begin = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))
    return 4 * PER_ROUND / (time.perf_counter() - begin)


def measure(engine: Engine, orders: int) -> str:
    """One line of the table."""
    store = engine.open()
    fill(store, orders)

    def transaction(serial: int) -> None:
        with store.transaction() as tx:
            step(tx, (serial * 7919) % orders, serial)

    store_times: list[float] = []
    floor_times: list[float] = []
    for round_ in range(ROUNDS):  # in turns, so that both see the same noise
        serials = range(1 + round_ * PER_ROUND, 1 + (round_ + 1) * PER_ROUND)
        floor_times += milliseconds(engine.floor, serials)
        store_times += milliseconds(transaction, serials)
    read = statistics.median(milliseconds(lambda n: store.get("orders", f"ORD-{n * 7919 % orders}"), range(2000)))
    columns = [kind(times) for times in (store_times, floor_times) for kind in (statistics.median, statistics.mean)]
    rate = together(store, orders)
    store.close()
    took, memory = opened(engine.source)
    figures = "".join(f"{x:>9.3f}" for x in (*columns, read)) + f"{rate:>9.0f}{took:>9.1f}{memory:>9.0f}"
    return f"{engine.name:>10}{orders:>9}{figures}{engine.megabytes():>9.0f}"


def main() -> None:
    """Prints the table. The means hold the checkpoints, the medians do not."""
    print(
        "    engine   orders   median     mean    floor     mean     read   4 at/s     open   memory     size  (ms; MB)"
    )
    for engine in (tiny, postgres):
        for orders in [int(text) for text in sys.argv[1:]] or [1000, 100_000]:
            try:
                with engine() as ready:
                    print(measure(ready, orders), flush=True)
            except (ModuleNotFoundError, FileNotFoundError) as error:
                print(f"{engine.__name__:>10}: {error}")


if __name__ == "__main__":
    main()
