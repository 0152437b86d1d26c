"""Twelve weeks of many orders, with outages of hours to weeks, payments, promises, disputes and dates that move.

`python benchmarks/weeks.py [ORDERS [SEED]]` (default 1000 orders). The planner, the last look and the commands of staff
do what they do in the daemon, on a clock that is moved; what went out is held against a plain calendar. It is what
tests/planning/test_weeks.py holds in CI, at full size. Ends with 1 when anything is wrong.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.planning.faults import Found, faults
from tests.planning.life import Life, some_life


def outages(life: Life) -> Counter[str]:
    """How long what was away, in one life."""
    found: Counter[str] = Counter()
    for name, spans in (("the daemon", life.down), ("the mail server", life.away)):
        for span in spans:
            found[f"times that {name} was away"] += 1
            found[f"hours that {name} was away"] += round((span.until - span.since).total_seconds() / 3600)
    return found


def main() -> int:
    """The table."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 2026
    seen, wrong, begun = Counter[str](), list[Found](), time.perf_counter()
    while seen["orders"] < orders:
        life = some_life(random.Random(seed)).run()
        seen += outages(life)
        seen["times that somebody wrote"] += len(life.words)
        seen["lives in which mails wait for their release"] += life.hold is not None
        wrong += [Found(f"{found.what} (seed {seed})", found.where) for found in faults(life, seen)]
        seed += 1
    for name, number in seen.items():
        print(f"{number:>9,}  {name}")
    print(f"{len(wrong):>9,}  faults, in {time.perf_counter() - begun:.0f} s")
    for found in wrong[:20]:
        print(f"{found.what}: {found.where}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
