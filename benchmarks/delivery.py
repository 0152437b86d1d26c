"""How fast the outbox is delivered, beside the floor of the same run: aiosmtplib alone, to the same server.

`python benchmarks/delivery.py [MAILS]` prints a table. The server is Postfix's smtp-sink on loopback, mails are 5 KB.
Each mail costs three transactions of the store (claim, sending, sent), each of them on disk when it returns.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosmtplib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailbot.adapters.delivery import Delivery, Hooks
from mailbot.adapters.smtp import Connection, SmtpSettings
from mailbot.adapters.store import OutboxEntry
from mailbot.adapters.tiny import TinyStore
from mailbot.orders.model import utc
from mailbot.rules.delivery import load_delivery
from tests.servers.ports import await_port, free_port
from tests.servers.smtp_peers import SINK, Peer

NOW = datetime(2026, 1, 16, 21, 0, tzinfo=UTC)
BOT, ANN = "orders@studio.example", "ann@client.example"
MAIL = b"From: orders@studio.example\r\nSubject: bench\r\n\r\n" + (b"x" * 76 + b"\r\n") * 64
RULES = load_delivery()
HOOKS = Hooks(read=lambda _key: MAIL)


def filled(folder: Path, n: int) -> TinyStore:
    """A store with n queued mails."""
    store = TinyStore(folder / f"{time.monotonic_ns()}.db")
    with store.transaction() as tx:
        for i in range(n):
            tx.enqueue(OutboxEntry(f"m{i}", "receipt", None, (ANN,), utc(NOW), "0" * 64, f"m{i}@x", BOT, (ANN,)))
    return store


async def bare(port: int, n: int, connections: int) -> None:
    """The floor: aiosmtplib's own sendmail, no record of anything."""

    async def lane(count: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
            for _ in range(count):
                await smtp.sendmail(BOT, [ANN], MAIL)

    await asyncio.gather(*(lane(n // connections) for _ in range(connections)))


async def ours(port: int, n: int, connections: int) -> None:
    """Connection.send: the same, knowing what became of each mail."""

    async def lane(count: int) -> None:
        connection = Connection(SmtpSettings("127.0.0.1", port, "none"))
        for _ in range(count):
            assert (await connection.send(BOT, (ANN,), MAIL)).state == "sent"
        await connection.close()

    await asyncio.gather(*(lane(n // connections) for _ in range(connections)))


async def outbox(port: int, stores: list[TinyStore]) -> None:
    """The whole worker, one for each handle on the store."""
    workers = [Delivery(store, SmtpSettings("127.0.0.1", port, "none"), RULES, HOOKS) for store in stores]
    await asyncio.gather(*(worker.run_once(lambda: NOW) for worker in workers))
    await asyncio.gather(*(worker.close() for worker in workers))


def store_alone(folder: Path, n: int) -> float:
    """Seconds for what the worker asks of the store, and nothing else."""
    store = filled(folder, n)
    began = time.perf_counter()
    for _ in range(n):
        (row,) = store.claim("bench", NOW, timedelta(minutes=5), 1)
        store.mark("bench", row.id, "sending", NOW)
        store.mark("bench", row.id, "sent", NOW)
    return time.perf_counter() - began


async def wake_to_data(folder: Path, n: int) -> list[float]:
    """Milliseconds from `wake.set()` to DATA at the server, over an open connection."""
    found = []
    async with Peer() as peer:
        wake, stop = asyncio.Event(), asyncio.Event()
        store = filled(folder, 0)
        running = asyncio.create_task(Delivery(store, peer.settings(), RULES, HOOKS).run(lambda: NOW, wake, stop))
        for i in range(n + 1):
            with store.transaction() as tx:
                tx.enqueue(OutboxEntry(f"w{i}", "receipt", None, (ANN,), utc(NOW), "0" * 64, f"w{i}@x", BOT, (ANN,)))
            began = asyncio.get_running_loop().time()
            wake.set()
            while len(peer.accepted) <= i:
                await asyncio.sleep(0.02)  # seldom: looking takes the time that is measured
            await asyncio.sleep(0.02)
            found.append((peer.data_at[-1] - began) * 1000)
        stop.set()
        await running
    return found[1:]


def timed(work: Callable[[], Awaitable[None]]) -> float:
    """Seconds that it takes."""

    async def main() -> float:
        began = time.perf_counter()
        await work()
        return time.perf_counter() - began

    return asyncio.run(main())


def main() -> None:
    """Measure, print."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    port = free_port()
    user = ["-u", "root"] if os.geteuid() == 0 else []  # as root it asks whom to become
    sink = subprocess.Popen([SINK, *user, f"127.0.0.1:{port}", "100"])
    try:
        await_port(port)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            one, shared = filled(folder, n), filled(folder, n)
            rows = [
                ("floor: aiosmtplib alone, 1 connection", timed(lambda: bare(port, n, 1))),
                ("floor: aiosmtplib alone, 3 connections", timed(lambda: bare(port, n, 3))),
                ("floor: the store alone, 3 transactions a mail", store_alone(folder, n)),
                ("Connection.send, 1 connection", timed(lambda: ours(port, n, 1))),
                ("Connection.send, 3 connections", timed(lambda: ours(port, n, 3))),
                ("outbox, 1 worker with 3 connections", timed(lambda: outbox(port, [one]))),
                (
                    "outbox, 2 workers with 3 each, 1 store",
                    timed(lambda: outbox(port, [shared, TinyStore(shared.db.file.path)])),
                ),
            ]
            waits = sorted(asyncio.run(wake_to_data(folder, 40)))
    finally:
        sink.kill()
    print(f"| {n} mails of 5 KB to smtp-sink | mails/s | ms a mail |\n| --- | --- | --- |")
    for what, seconds in rows:
        print(f"| {what} | {n / seconds:,.0f} | {seconds / n * 1000:.2f} |")
    print(f"\nfrom wake to DATA, ms: median {statistics.median(waits):.1f}, 95 % {waits[int(len(waits) * 0.95)]:.1f}")


if __name__ == "__main__":
    main()
