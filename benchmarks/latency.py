"""From delivery to the receipt handed to SMTP, with IDLE on the embedded server; beside it what each step costs alone.

`python benchmarks/latency.py [MAILS]` prints a table, in milliseconds. The daemon's loops run in this process.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailbot.adapters.archive import Archive
from mailbot.adapters.imap import Mailbox
from mailbot.adapters.ledger import Ledger
from mailbot.adapters.smtp import Connection
from mailbot.app import commit, receive
from tests.walks.latency import stopwatch

STEPS: dict[str, tuple[Any, str]] = {
    "look for new mail (NOOP, SEARCH, sizes)": (Mailbox, "waiting"),
    "read and match": (receive, "read"),
    "decide": (receive, "decided"),
    "write and archive the mails": (receive, "written"),
    "of that: fill one letter": (commit, "render"),
    "archive one mail (fsync)": (Archive, "put"),
    "commit": (receive, "commit"),
    "permit to send (commit)": (Ledger, "permit"),
    "SMTP, one mail": (Connection, "send"),
}


def timed(taken: dict[str, list[float]], name: str, place: Any, attribute: str) -> None:
    """Measure every call of a function, wherever it is called from."""
    real: Callable[..., Any] = getattr(place, attribute)

    def plain(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        result = real(*args, **kwargs)
        taken[name].append((time.perf_counter() - start) * 1000)
        return result

    async def waiting(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        result = await real(*args, **kwargs)
        taken[name].append((time.perf_counter() - start) * 1000)
        return result

    setattr(place, attribute, waiting if name.startswith("SMTP") else plain)


def main(mails: int) -> None:
    logging.disable(logging.CRITICAL)
    taken: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, stopwatch(Path(folder), mails) as watch:
        asked = watch.ask(mails)
        for name, (place, attribute) in STEPS.items():
            timed(taken, name, place, attribute)
        taken.clear()
        times = []
        for n, request in enumerate(asked):
            time.sleep(0.1)
            times.append(watch.answer(request, n))
    cuts = statistics.quantiles(times, n=10)
    print(f"delivery to receipt, {mails} mails: median {statistics.median(times):.1f} ms, ", end="")
    print(f"p90 {cuts[8]:.1f}, first {times[0]:.1f}, longest {max(times):.1f}")
    for name in STEPS:
        print(f"  {name:42} {statistics.median(taken[name]):7.1f} ms   ({len(taken[name])} times)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
