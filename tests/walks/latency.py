"""How long a client waits: from the delivery of "Approved!" to the moment at which the relay has taken the receipt.

On the embedded servers, in this process, and an embedded store on this disk. The daemon's own loops run in a thread
beside the servers or, as at a studio, `mailbot run` is a process of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import cast

from mailbot.adapters.loopback import Accepted, Loopback
from mailbot.app.desk import do, import_orders
from mailbot.app.house import House, open_house
from mailbot.app.loops import run
from mailbot.settings import load_settings
from tests.walks.programs import gmail

BOT, SAM, ANN = "orders@studio.example", "sam@studio.example", "ann@client.example"
_ROOT = Path(__file__).parents[2]
_CSV = "ref,project,client.name,client.emails,account_manager.name,account_manager.email,currency,total,signed,delivery"


class Stopwatch:
    """A daemon at work. `answer(n)` approves the request of order n and returns the milliseconds until the receipt."""

    def __init__(self, house: House, relay: Loopback, taken: Callable[[str], float]) -> None:
        self._house, self._relay, self._taken = house, relay, taken

    def ask(self, orders: int) -> list[EmailMessage]:
        """Ask for the design of so many orders; the requests, as they arrived."""
        for n in range(1, orders + 1):
            do(self._house, f"ORD-{n}", "ask design", "shell", datetime.now(UTC))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            asked = [mail for mail in self._mails() if mail["X-Mailbot-Kind"] == "approval-request"]
            if len(asked) == orders:
                return asked
            time.sleep(0.05)
        raise TimeoutError("the requests did not go out")

    def answer(self, asked: EmailMessage, n: int) -> float:
        """Milliseconds from the delivery of an approval of `asked` to the relay's acceptance of its receipt."""
        mail = gmail(asked, ANN, "Approved!", datetime.now(UTC), n)
        stamp = b"Authentication-Results: mx.studio.example; dmarc=pass header.from=client.example\r\n"
        data = stamp + mail.as_bytes(policy=SMTP)
        start = time.perf_counter()
        self._relay.deliver(BOT, data)
        return (self._taken(str(asked["X-Mailbot-Order"])) - start) * 1000

    def _mails(self) -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(m.data, policy=default)) for m in list(self._relay.sent)]


@contextmanager
def stopwatch(folder: Path, orders: int, *, own_process: bool = False) -> Iterator[Stopwatch]:
    """A daemon with `orders` orders on record until the end; in a thread, or in a process of its own."""
    receipts: dict[str, float] = {}
    news = threading.Condition()

    def on_sent(mail: Accepted) -> None:
        if b"X-Mailbot-Kind: receipt\r\n" in mail.data:
            with news:
                receipts[mail.data.partition(b"X-Mailbot-Order: ")[2].partition(b"\r\n")[0].decode()] = (
                    time.perf_counter()
                )
                news.notify_all()

    def taken(ref: str) -> float:
        with news:
            if not news.wait_for(lambda: ref in receipts, timeout=20):
                raise TimeoutError(f"no receipt for {ref}")
            return receipts[ref]

    with Loopback([BOT], authentic=["client.example"], on_sent=on_sent) as relay:
        os.environ["MAILBOT_LATENCY_PASSWORD"] = relay.password
        config = _config(relay, folder)
        house = open_house(load_settings(config))
        try:
            import_orders(house, _orders(folder, orders), datetime.now(UTC))
            with _process(config) if own_process else _thread(house):
                yield Stopwatch(house, relay, taken)
        finally:
            house.close()


@contextmanager
def _thread(house: House) -> Iterator[None]:
    """The daemon's loops beside the servers: they share one interpreter."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(house, lambda: datetime.now(UTC), stop), name="daemon")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(15)


@contextmanager
def _process(config: Path) -> Iterator[None]:
    """`mailbot run`, with what it logs beside its settings."""
    with (config.parent / "log").open("wb") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "mailbot", "run", "--config", str(config)], stderr=log, cwd=_ROOT
        )
        try:
            yield
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(15)


def _orders(folder: Path, count: int) -> Path:
    day, last = datetime.now(UTC).date(), datetime.now(UTC).date().replace(year=datetime.now(UTC).year + 1, day=1)
    rows = [f"ORD-{n},Gown {n},Ann Lee,{ANN},Sam,{SAM},USD,9000.00,{day},{last}" for n in range(1, count + 1)]
    path = folder / "orders.csv"
    path.write_text("\n".join([_CSV, *rows]), "utf-8")
    return path


def _config(relay: Loopback, folder: Path) -> Path:
    path = folder / "mailbot.toml"
    text = f"""
[studio]
name = "Atelier Nord"
address = "{BOT}"
timezone = "America/New_York"
staff = ["{SAM}"]

[imap]
host = "127.0.0.1"
port = {relay.imap_port}
security = "none"
user = "{BOT}"
password_env = "MAILBOT_LATENCY_PASSWORD"

[smtp]
host = "127.0.0.1"
port = {relay.relay_port}
security = "none"

[store]
url = "tinydb:mailbot.db"

[archive]
path = "archive"

[trust]
authserv_ids = ["{relay.authserv_id}"]
"""
    path.write_text(text, "utf-8")
    return path
