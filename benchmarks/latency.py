"""From delivery to the receipt handed to SMTP, with IDLE on the embedded server; beside it what each step costs alone.

`python benchmarks/latency.py [MAILS]` prints a table, in milliseconds: with `mailbot run` in a process of its own, as
at a studio, then with the daemon's loops in this process, where each step can be timed and all share one interpreter.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mailbot.adapters.archive import Archive
from mailbot.adapters.imap import Mailbox
from mailbot.adapters.ledger import Ledger
from mailbot.adapters.smtp import Connection
from mailbot.app import commit, receive
from tests.walks.latency import Stopwatch, stopwatch

STEPS: dict[str, tuple[Any, str]] = {
    "look for new mail (SEARCH, sizes)": (Mailbox, "waiting"),
    "read and match": (receive, "read"),
    "decide": (receive, "decided"),
    "write and archive the mails": (receive, "written"),
    "of that: fill one letter": (commit, "render"),
    "archive one mail (fsync)": (Archive, "put"),
    "commit": (receive, "commit"),
    "permit to send, all at once (commit)": (Ledger, "permit"),
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


def answered(watch: Stopwatch, asked: list[EmailMessage]) -> list[float]:
    """Milliseconds for each reply; the daemon is back in IDLE before the next."""
    times = []
    for n, request in enumerate(asked):
        time.sleep(0.1)
        times.append(watch.answer(request, n))
    return times


def told(where: str, times: list[float]) -> None:
    """One line of the table."""
    cuts = statistics.quantiles(times, n=10)
    print(f"delivery to receipt, {where}, {len(times)} mails: median {statistics.median(times):.1f} ms, ", end="")
    print(f"best {min(times):.1f}, p90 {cuts[8]:.1f}, first {times[0]:.1f}, longest {max(times):.1f}")


def main(mails: int) -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder, stopwatch(Path(folder), mails, own_process=True) as watch:
        told("daemon in a process of its own", answered(watch, watch.ask(mails)))
    taken: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, stopwatch(Path(folder), mails) as watch:
        asked = watch.ask(mails)
        for name, (place, attribute) in STEPS.items():
            timed(taken, name, place, attribute)
        taken.clear()
        told("daemon beside the servers", answered(watch, asked))
    for name in STEPS:
        print(f"  {name:42} {statistics.median(taken[name]):7.1f} ms   ({len(taken[name])} times)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
