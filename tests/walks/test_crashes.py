"""kill -9 at every point of the walk, then a restart: booked once, one receipt, or one reported as unknown."""

from __future__ import annotations

import functools
import random
import signal
import time

import pytest

from tests.walks.crash_driver import POINTS, UNCERTAIN, run_until
from tests.walks.test_daemon import daemon, eventually
from tests.walks.test_main_walk import ask_design, milestone
from tests.walks.world import REF, World, kinds, the


def killed_run(studio: World, point: str) -> None:
    """A pass that is killed at `point`."""
    line = ["run", "--once", "--config", str(studio.config), "--at", studio.at.isoformat()]
    process = studio.child(functools.partial(run_until, point, *line))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, f"{point} was not reached: {errors.decode()[-2000:]}"


@pytest.mark.parametrize("point", POINTS)
def test_an_approval_is_booked_once_whatever_dies(studio: World, point: str) -> None:
    studio.answer(the("approval-request", ask_design(studio)), "Approved!")
    studio.later(minutes=1)
    killed_run(studio, point)
    studio.later(minutes=20)  # leases run out, doubts are due
    studio.run()
    studio.later(minutes=20)
    studio.run()
    out = studio.relay.sent
    receipts = sum(b"X-Mailbot-Kind: receipt" in mail.data for mail in out)
    copies = sum(b"X-Mailbot-Kind: booked" in mail.data for mail in out)
    assert milestone(studio, "design")["status"] == "approved"
    assert booked_events(studio) == 1
    states = {row["kind"]: row["state"] for row in studio.json("outbox") if row["kind"] in ("receipt", "booked")}
    assert receipts <= 1
    assert copies <= 1
    assert set(states) == {"receipt", "booked"}
    for kind, sent in (("receipt", receipts), ("booked", copies)):
        assert (states[kind] == "sent" and sent == 1) or (point in UNCERTAIN and states[kind] == "unknown")
    assert studio.folders()["INBOX"] == 0


def booked_events(studio: World) -> int:
    from mailbot.app.house import open_house
    from mailbot.settings import load_settings

    house = open_house(load_settings(studio.config))
    try:
        return sum(entry["event"]["type"] == "DecisionBooked" for entry in house.store.audit(REF))
    finally:
        house.close()


def test_the_daemon_killed_at_random_loses_and_repeats_nothing(studio_now: World) -> None:
    """Ten replies, a daemon that is killed again and again: each is handled once, no mail goes out twice."""
    studio, dice = studio_now, random.Random(20260105)
    asked = the("approval-request", ask_design(studio))
    words = [f"Thanks, I will look at it on day {n}." for n in range(9)]
    said = [*words, "Approved!"]
    while said:
        studio.answer(asked, said.pop(0))
        studio.answer(asked, said.pop(0))
        with daemon(studio) as running:  # killed at the end
            running.until("mail.decided")
            time.sleep(dice.uniform(0.0, 0.1))
    with daemon(studio) as running:
        running.until("imap.connected")
        eventually(lambda: not studio.folders()["INBOX"], "all is filed")
        assert running.stop()[0] == 0
    ids = [mail.data.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for mail in studio.relay.sent]
    assert len(ids) == len(set(ids))
    assert booked_events(studio) == 1
    assert milestone(studio, "design")["status"] == "approved"
    assert kinds(studio.went_out()).count("receipt") <= 1
