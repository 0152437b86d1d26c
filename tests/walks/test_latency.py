"""From delivery to the receipt handed to SMTP, with IDLE on the embedded server: under 50 ms in the median.

On a machine of one's own. Where others work at the same time, what they take away is measured and allowed for.
"""

from __future__ import annotations

import logging
import os
import statistics
import time
from pathlib import Path

import pytest

from tests.crowd import crowded
from tests.walks.latency import stopwatch

MAILS = 24
LIMIT_MS = 50.0
SYNCS = 5  # so often the disk is waited for on the way: two files' bytes and names, two commits
SYNC_MS = 1.0  # of a disk that nobody else uses
FIRST_MS = 1000.0  # the first mail after the start must not wait for anything to be compiled


def disk_ms(folder: Path) -> float:
    """How long it takes just now until a few bytes are on disk, in milliseconds."""
    times = []
    with (folder / "probe").open("wb") as file:
        for _ in range(15):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measured(folder: Path) -> tuple[float, float, float, float]:
    """Median and first of MAILS receipts in milliseconds; how crowded the machine was, and what the disk took."""
    folder.mkdir()
    before, disk = crowded(), disk_ms(folder)
    with stopwatch(folder, MAILS) as watch:
        times = []
        for n, asked in enumerate(watch.ask(MAILS)):
            time.sleep(0.05)  # it is back in IDLE
            times.append(watch.answer(asked, n))
    crowd, disk = max(before, crowded()), max(disk, disk_ms(folder))
    print(f"median {statistics.median(times):.1f} ms, first {times[0]:.1f}, longest {max(times):.1f}, ", end="")
    print(f"crowd {crowd:.2f}, disk {disk:.1f} ms")
    return statistics.median(times), times[0], crowd, disk


@pytest.mark.usefixtures("pymap_server")  # says so where it is not installed
def test_a_receipt_is_soon_on_its_way(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    for attempt in ("first", "second", "third"):
        median, first, crowd, disk = measured(tmp_path / attempt)
        limit = LIMIT_MS * crowd + SYNCS * max(0.0, disk - SYNC_MS)
        if median < limit and first < FIRST_MS * crowd:
            return
    said = f"median {median:.1f} ms, allowed {limit:.1f}; first {first:.1f}; crowd {crowd:.1f}, disk {disk:.1f} ms"
    pytest.fail(said)
