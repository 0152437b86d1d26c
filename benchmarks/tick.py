"""What a tick costs, with few and with many orders of which the same number are due: it must not grow with the others.

`python benchmarks/tick.py [ORDERS ...]` (default 1000 and 100000). Twenty orders are due with their weekly update; the
others come due later. Second table: a tick in which every one of 200 orders is due, with where the time goes.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot.app.desk import import_orders
from mailbot.app.house import House, open_house
from mailbot.app.tick import tick
from mailbot.orders.model import utc
from mailbot.settings import load_settings

SIGNED = datetime(2026, 1, 7, 15, tzinfo=UTC)  # a Wednesday
FRIDAY = datetime(2026, 1, 9, 21, 1, tzinfo=UTC)  # a minute after the hour of the weekly updates
DUE, ROUNDS, BATCH = 20, 3, 1000
SETTINGS = """
[studio]
name = "Atelier Nord"
address = "orders@studio.example"
timezone = "America/New_York"
staff = ["sam@studio.example"]
[imap]
host = "127.0.0.1"
port = 1
user = "orders"
security = "none"
[smtp]
host = "127.0.0.1"
port = 1
security = "none"
[trust]
authserv_ids = ["mx.studio.example"]
[sending]
mode = "auto"
"""


def entry(number: int) -> dict[str, Any]:
    """An order with a client of its own."""
    return {
        "ref": f"ORD-{number}", "project": f"Gowns {number}", "currency": "USD", "total": "12000.00",
        "signed": "2026-01-07", "delivery": "2026-03-20",
        "client": {
            "name": f"Client {number}", "emails": [f"c{number}@client.example"],
            "timezone": "America/New_York", "locale": "en_US",
        },
        "account_manager": {"name": "Sam Ortiz", "email": "sam@studio.example"},
    }  # fmt: skip


def studio(folder: Path, real: int, others: int) -> House:
    """A studio with `real` orders that come due on Friday and `others` that do not."""
    config = folder / "mailbot.toml"
    config.write_text(SETTINGS, "utf-8")
    house = open_house(load_settings(config))
    file = folder / "orders.json"
    file.write_text(json.dumps([entry(number) for number in range(real)]), "utf-8")
    import_orders(house, file, SIGNED)
    tick(house, SIGNED)
    tick(house, SIGNED + timedelta(days=1, hours=6, minutes=1))  # the drafts on Thursday
    sample = house.store.get("orders", "ORD-0")
    later = utc(FRIDAY + timedelta(days=30))
    for first in range(0, others, BATCH):
        with house.store.transaction() as tx:
            for number in range(first, min(first + BATCH, others)):
                ref = f"OLD-{number}"
                tx.put("orders", ref, {**(sample or {}), "ref": ref, "next_due": later, "closed": "yes"})
    return house


def cost(orders: int) -> tuple[float, int]:
    """Seconds of a tick with DUE orders due among `orders`, the median of ROUNDS; and the mails that it queued."""
    times, queued = [], 0
    with tempfile.TemporaryDirectory() as folder:
        house = studio(Path(folder), DUE, orders - DUE)
        for week in range(ROUNDS):
            hour = FRIDAY + timedelta(weeks=week)
            tick(house, hour - timedelta(minutes=2))  # what else the week brought: drafts, digests, reminders
            begun = time.perf_counter()
            queued = tick(house, hour)
            times.append(time.perf_counter() - begun)
        house.close()
    return statistics.median(times), queued


def everything(orders: int) -> None:
    """A tick in which all are due: seconds for each order, and the twelve dearest functions of our own."""
    with tempfile.TemporaryDirectory() as folder:
        house = studio(Path(folder), orders, 0)
        profile = cProfile.Profile()
        begun = time.perf_counter()
        queued = tick(house, FRIDAY)
        plain = time.perf_counter() - begun
        profile.enable()
        tick(house, FRIDAY + timedelta(weeks=1))
        profile.disable()
        house.close()
    print(f"\n{orders} orders, all due: {queued} mails in {plain:.2f} s, {1000 * plain / orders:.1f} ms each")
    pstats.Stats(profile).sort_stats("cumulative").print_stats("mailbot", 30)


def main() -> None:
    """Both tables."""
    sizes = [int(size) for size in sys.argv[1:]] or [1000, 100_000]
    found = {}
    for size in sizes:
        found[size], queued = cost(size)
        print(f"{size:>8,} orders, {DUE} due: {queued} mails in {1000 * found[size]:.0f} ms")
    print(f"ratio {found[sizes[-1]] / found[sizes[0]]:.2f}")
    everything(200)


if __name__ == "__main__":
    main()
