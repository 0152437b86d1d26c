"""Twelve weeks of many orders, with outages of hours to weeks, payments, promises, disputes and dates that move.

`python benchmarks/weeks.py [ORDERS]` (default 1000). The planner does what the daemon does, on a clock that is moved:
it is looked at what went out when, for each order. tests/planning/test_due.py holds the same for single orders in CI.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailbot.orders.model import Order
from mailbot.planning.weekly import send_time
from tests.planning.test_due import DAYS, LADDER, LOCALES, START, ZONES, Happening, live, steps
from tests.planning.world import RULES, STUDIO, Planner, new_order, request

WHAT = ("paid", "paid", "promise", "dispute", "moved", "held", "resumed")
GRACE = timedelta(minutes=RULES.report.on_time_minutes)
Outage = tuple[datetime, int]


def when(chance: random.Random) -> datetime:
    return START + timedelta(minutes=chance.randrange(DAYS * 24 * 60))


def down(awake_at: datetime, outages: list[Outage]) -> bool:
    return any(start <= awake_at < start + timedelta(hours=hours) for start, hours in outages)


def count(found: Counter[str], run: Planner, order: Order, happen: list[Happening], outages: list[Outage]) -> None:
    """What one order's twelve weeks came to."""
    keys = Counter(o.key for _, o in run.sent if o.to)
    found["mails"] += len(keys)
    found["mails twice"] += sum(n - 1 for n in keys.values())
    sent = {date.fromisoformat(o.about or ""): at for at, o in run.sent if o.kind == "weekly-update"}
    held = {e.week for h in happen if h.what == "held" for e in h.events(order)}
    week = date(2026, 1, 9)
    while (hour := send_time(week, RULES.weekly, STUDIO)) < START + timedelta(days=DAYS):
        if week not in held and not down(hour, outages):
            found["Fridays with the daemon up"] += 1
            found["updates on time"] += week in sent and hour <= sent[week] <= hour + GRACE
        week += timedelta(weeks=1)
    zone = ZoneInfo(order.client.timezone)
    for taken in steps(run).values():
        places = [LADDER.index(step) for _, step in taken]
        days = [at.astimezone(zone).date() for at, _ in taken]
        found["steps of the ladder"] += len(taken)
        found["steps taken twice or downwards"] += places != sorted(set(places))
        found["two steps on one day"] += len(days) - len(set(days))


def main() -> None:
    """The table."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chance, found, begun = random.Random(2026), Counter[str](), time.perf_counter()
    outages = [(when(chance), hours) for hours in (2, 9, 30, 80, 200, 400)]
    for number in range(orders):
        order = new_order(
            imported=START, zone=chance.choice(ZONES), locale=chance.choice(LOCALES),
            requests=(request(START + timedelta(days=chance.randrange(60))),),
        ).model_copy(update={"ref": f"ORD-{number}"})  # fmt: skip
        happen = [
            Happening(when(chance), chance.choice(WHAT), chance.randrange(3), chance.randrange(21))
            for _ in range(chance.randrange(6))
        ]
        count(found, live(order, outages, happen, []), order, happen, outages)
    print(f"{orders:,} orders, 12 weeks, down for {', '.join(f'{hours} h' for _, hours in sorted(outages))}")
    for name, number in found.items():
        print(f"{number:>9,}  {name}")
    print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
