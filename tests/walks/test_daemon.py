"""`mailbot run` as a process: wakes on delivery, ends on SIGTERM, comes back after every fault, logs each event."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.servers.ports import free_port
from tests.servers.proxy import Proxy
from tests.walks.nursery import Child
from tests.walks.test_main_walk import ask_design, milestone
from tests.walks.world import ANN, REF, SAM, World, kinds, the

PATIENCE = 120.0


class Daemon:
    """A running `mailbot run`; `log` is what it has written so far, line by line."""

    def __init__(self, process: Child | subprocess.Popen[bytes], path: Any) -> None:
        self.process, self._path = process, path

    @property
    def log(self) -> list[dict[str, Any]]:
        lines = self._path.read_text("utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.log if line["event"] == name]

    def until(self, name: str, count: int = 1) -> None:
        """Wait until it has logged so many of these."""
        eventually(lambda: len(self.events(name)) >= count, f"{count} {name}")

    def stop(self) -> tuple[int, float]:
        """Its exit code, and the seconds that it took to end."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        return code, time.monotonic() - start


def eventually(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


@contextmanager
def daemon(studio: World, *, cold: bool = False) -> Iterator[Daemon]:
    """A running daemon, killed at the end. `cold`: started as a service manager does, not forked."""
    path = studio.folder / f"log-{time.monotonic_ns()}"
    path.touch()
    process = studio.program("run", errors=path) if cold else studio.process("run", errors=path)
    try:
        yield Daemon(process, path)
    finally:
        process.kill()
        process.wait(60)


def edit(studio: World, old: str, new: str) -> None:
    text = studio.config.read_text("utf-8")
    assert old in text
    studio.config.write_text(text.replace(old, new), "utf-8")


def receipts(studio: World) -> int:
    return sum(b"X-Mailbot-Kind: receipt" in mail.data for mail in studio.relay.sent)


def test_it_wakes_on_delivery_obeys_the_shell_and_ends_on_sigterm(studio_now: World) -> None:
    studio = studio_now
    with daemon(studio, cold=True) as running:
        running.until("imap.connected")
        studio.cli("do", REF, "ask design", at=False)  # while the daemon runs
        eventually(lambda: "approval-request" in kinds(mails(studio)), "the request goes out")
        studio.answer(the("approval-request", mails(studio)), "Approved!")
        eventually(lambda: receipts(studio) == 1, "the receipt")
        assert milestone(studio, "design")["status"] == "approved"
        eventually(lambda: studio.folders()["INBOX"] == 0, "the mail is filed")
        code, seconds = running.stop()
    assert (code, seconds < 10) == (0, True)
    assert {row["state"] for row in studio.json("outbox")} == {"sent"}
    assert [line["event"] for line in running.log][-1] == "daemon.stop"


def mails(studio: World) -> list[Any]:
    studio._read = 0
    return studio.went_out()


def test_what_is_delivered_while_it_stops_is_there_at_the_next_start(studio_now: World) -> None:
    studio = studio_now
    asked = the("approval-request", ask_design(studio))
    with daemon(studio) as running:
        running.until("imap.connected")
        for n in range(30):
            studio.answer(asked, f"Thanks, I will look at it on day {n}.")
        studio.answer(asked, "Approved!")
        assert running.stop()[0] == 0
    with daemon(studio) as running:
        eventually(lambda: studio.folders()["INBOX"] == 0, "all is filed")
        eventually(lambda: receipts(studio) == 1, "the receipt")
        assert running.stop()[0] == 0
    assert milestone(studio, "design")["status"] == "approved"
    assert len({mail.data for mail in studio.relay.sent}) == len(studio.relay.sent)


def test_a_second_daemon_is_refused_and_a_pass_as_well(studio_now: World) -> None:
    with daemon(studio_now) as running:
        running.until("daemon.start")
        for line in (["run"], ["run", "--once"]):
            second = studio_now.process(*line)
            out, errors = second.communicate(timeout=120)
            assert second.returncode == 2
            assert b"another mailbot is running" in errors
            assert b"Traceback" not in errors + out
        assert running.process.poll() is None


def test_a_cut_line_is_mended(studio_now: World) -> None:
    studio = studio_now
    asked = the("approval-request", ask_design(studio))
    with Proxy(studio.server.imap) as proxy:
        edit(studio, f"port = {studio.server.imap}", f"port = {proxy.port}")
        with daemon(studio) as running:
            running.until("imap.connected")
            proxy.cut()
            running.until("imap.trouble")
            running.until("imap.connected", 2)
            studio.answer(asked, "Approved!")
            eventually(lambda: receipts(studio) == 1, "the receipt")
            assert running.stop()[0] == 0
        trouble = running.events("imap.trouble")[0]
        assert trouble["attempt"] == 1
        assert str(proxy.port) in trouble["reason"]


def test_it_starts_without_an_imap_server_and_pauses_longer_each_time(studio_now: World) -> None:
    studio = studio_now
    port = free_port()
    edit(studio, f"port = {studio.server.imap}", f"port = {port}")
    with daemon(studio) as running:
        studio.cli("do", REF, "ask design", at=False)
        running.until("imap.trouble", 3)
        eventually(lambda: "approval-request" in kinds(mails(studio)), "mail goes out all the same")
        code, seconds = running.stop()
    assert (code, seconds < 10) == (0, True)
    assert [line["attempt"] for line in running.events("imap.trouble")][:3] == [1, 2, 3]


def test_without_a_relay_mail_waits_and_goes_out_once(studio_now: World) -> None:
    studio = studio_now
    asked = the("approval-request", ask_design(studio))
    port = free_port()
    edit(studio, f"port = {studio.relay.relay_port}", f"port = {port}")
    with daemon(studio) as running:
        running.until("imap.connected")
        studio.answer(asked, "Approved!")
        running.until("mail.decided")
        running.until("delivery.trouble")
        assert running.stop()[0] == 0
    assert {row["state"] for row in studio.json("outbox") if row["kind"] == "receipt"} == {"queued"}
    edit(studio, f"port = {port}", f"port = {studio.relay.relay_port}")
    with daemon(studio) as running:
        eventually(lambda: receipts(studio) == 1, "the receipt")
        assert running.stop()[0] == 0
    assert receipts(studio) == 1


def test_logs_are_json_without_bodies_or_secrets(studio_now: World) -> None:
    studio = studio_now
    asked = the("approval-request", ask_design(studio))
    words = ["zinnoberrot", "Approved once", "heimlich"]
    with daemon(studio) as running:
        running.until("imap.connected")
        studio.answer(asked, "Approved once the zinnoberrot silk is heimlich cut.")
        studio.write(SAM, f"Zinnoberrot [{REF}]", "percent 40\nheimlich nonsense")
        studio.deliver(b"\x80\x81 zinnoberrot heimlich\r\n\r\nheimlich")
        running.until("mail.decided", 3)
        eventually(lambda: len(studio.relay.sent) > 3, "the answers")
        assert running.stop()[0] == 0
    raw = running._path.read_text("utf-8")
    assert studio.server.password not in raw
    assert [word for word in words if re.search(word, raw, re.IGNORECASE)] == []
    for line in running.log:
        assert {"at", "level", "event", "message"} <= set(line)
    (held,) = [line for line in running.events("mail.decided") if line["verdict"] == "hold" and "order" in line]
    assert (held["order"], held["request"], held["verdict"]) == (REF, "design", "hold")
    assert held["message_id"].endswith(f"@{ANN.partition('@')[2]}")
    assert held["reason"]


@pytest.mark.parametrize("where", ["client/receipt.txt.j2", "client/receipt.html.j2"])
def test_it_does_not_start_with_a_broken_template(studio_now: World, where: str) -> None:
    mine = studio_now.folder / "templates" / where
    mine.parent.mkdir(parents=True)
    mine.write_text("{{ nothing.like_this }}", "utf-8")
    studio_now.config.write_text(studio_now.config.read_text("utf-8") + '[paths]\ntemplates = "templates"\n', "utf-8")
    process = studio_now.process("run")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 2
    assert where in errors.decode()
    assert "Traceback" not in errors.decode()
