"""What a transaction of the embedded store costs, beside the floor: the same machine, the same minute, bare SQLite.

`python -m benchmarks.store [ORDERS ...]` (default 1000 and 100000). A transaction is what one mail of a client causes:
read the order, write it, add the mail, record the event, put one mail in the outbox, move the mailbox's cursor.
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
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot.adapters.store import OutboxEntry, Tx
from mailbot.adapters.tiny import TinyStore
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


def step(tx: Tx, number: int, serial: int) -> None:
    """What one mail of a client causes."""
    ref = f"ORD-{number}"
    doc = tx.get("orders", ref) or {}
    tx.put("orders", ref, {**doc, "next_due": utc(NOW + timedelta(minutes=serial)), "revision": serial})
    tx.add("mails", f"{serial}.{number}@client.example", {"order": ref, "state": "done", "archive": "ab" * 32})
    tx.log(ref, serial, {"type": "DecisionBooked", "words": "Approved, thank you! " * 10}, "ab" * 32, "cd" * 32)
    tx.enqueue(mail(f"{ref}/booked/{serial}", ref))
    tx.put("cursors", "INBOX", {"uidvalidity": 1, "uid": serial})


def filled(path: Path, orders: int) -> TinyStore:
    """A store with so many orders; each has a mail, an event and a mail out on record."""
    store = TinyStore(path)
    for start in range(0, orders, 1000):
        with store.transaction() as tx:
            for number in range(start, min(start + 1000, orders)):
                tx.put("orders", f"ORD-{number}", order(number))
                step(tx, number, 0)
    return store


def milliseconds(work: Callable[[int], object], serials: range) -> list[float]:
    """How long each call took."""
    times = []
    for serial in serials:
        begin = time.perf_counter()
        work(serial)
        times.append((time.perf_counter() - begin) * 1000)
    return times


def bare(path: Path) -> Callable[[int], None]:
    """A commit of one row of the same bytes as a transaction, by SQLite alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, doc TEXT)")

    def commit(serial: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t(doc) VALUES (?)", (f"{serial}" + "x" * 6000,))
        connection.execute("COMMIT")

    return commit


def opened(path: Path) -> tuple[float, float]:
    """Milliseconds to open the store, and megabytes of a new process that has opened it."""
    lines = "import benchmarks.store as b, sys; b.report_opening(sys.argv[1])"
    out = subprocess.run([sys.executable, "-c", lines, str(path)], capture_output=True, text=True, check=True).stdout
    took, memory = out.split()
    return float(took), float(memory)


def report_opening(path: str) -> None:
    """In a process of its own: opens the store, reads an order, prints milliseconds and megabytes."""
    begin = time.perf_counter()
    store = TinyStore(path)
    store.get("orders", "ORD-1")
    took = (time.perf_counter() - begin) * 1000
    print(f"{took:.2f}", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def measure(folder: Path, orders: int) -> str:
    """One line of the table."""
    store, floor = filled(folder / f"{orders}.db", orders), bare(folder / f"{orders}.bare.db")

    def transaction(serial: int) -> None:
        with store.transaction() as tx:
            step(tx, (serial * 7919) % orders, serial)

    store_times: list[float] = []
    floor_times: list[float] = []
    for round_ in range(ROUNDS):  # in turns, so that both see the same noise
        serials = range(1 + round_ * PER_ROUND, 1 + (round_ + 1) * PER_ROUND)
        floor_times += milliseconds(floor, serials)
        store_times += milliseconds(transaction, serials)
    read = statistics.median(milliseconds(lambda n: store.get("orders", f"ORD-{n * 7919 % orders}"), range(2000)))
    store.close()
    took, memory = opened(folder / f"{orders}.db")
    size = os.path.getsize(folder / f"{orders}.db") / 1e6
    columns = (statistics.median(store_times), statistics.mean(store_times), statistics.median(floor_times))
    columns += (statistics.mean(floor_times), read)
    return f"{orders:>7}" + "".join(f"{x:>9.3f}" for x in columns) + f"{took:>9.1f}{memory:>9.0f}{size:>9.0f}"


def main() -> None:
    """Prints the table. The means hold the checkpoints, the medians do not."""
    print(" orders  median     mean    floor     mean     read     open   memory     file  (ms; MB)")
    with tempfile.TemporaryDirectory() as folder:
        for orders in [int(text) for text in sys.argv[1:]] or [1000, 100_000]:
            print(measure(Path(folder), orders), flush=True)


if __name__ == "__main__":
    main()
