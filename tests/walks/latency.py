"""How long a client waits: from the delivery of "Approved!" to the moment at which the relay has taken the receipt.

The daemon's own loops run in a thread of this process, on the embedded servers and an embedded store on this disk.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any, cast

from mailbot.adapters.loopback import Accepted, Loopback
from mailbot.app.desk import do, import_orders
from mailbot.app.house import House, open_house
from mailbot.app.loops import run
from mailbot.settings import Settings
from tests.walks.programs import gmail

BOT, SAM, ANN = "orders@studio.example", "sam@studio.example", "ann@client.example"
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
def stopwatch(folder: Path, orders: int) -> Iterator[Stopwatch]:
    """A daemon with `orders` orders on record, in a thread, until the end."""
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
        house = open_house(_settings(relay, folder))
        import_orders(house, _orders(folder, orders), datetime.now(UTC))
        stop = threading.Event()
        thread = threading.Thread(target=run, args=(house, lambda: datetime.now(UTC), stop), name="daemon")
        thread.start()
        try:
            yield Stopwatch(house, relay, taken)
        finally:
            stop.set()
            thread.join(15)
            house.close()


def _orders(folder: Path, count: int) -> Path:
    day, last = datetime.now(UTC).date(), datetime.now(UTC).date().replace(year=datetime.now(UTC).year + 1, day=1)
    rows = [f"ORD-{n},Gown {n},Ann Lee,{ANN},Sam,{SAM},USD,9000.00,{day},{last}" for n in range(1, count + 1)]
    path = folder / "orders.csv"
    path.write_text("\n".join([_CSV, *rows]), "utf-8")
    return path


def _settings(relay: Loopback, folder: Path) -> Settings:
    server: dict[str, Any] = {"host": "127.0.0.1", "security": "none"}
    inbox = {**server, "user": BOT, "password_env": "MAILBOT_LATENCY_PASSWORD", "port": relay.imap_port}
    return Settings.model_validate(
        {
            "studio": {"name": "Atelier Nord", "address": BOT, "timezone": "America/New_York", "staff": [SAM]},
            "imap": inbox,
            "smtp": {**server, "port": relay.relay_port},
            "store": {"url": f"tinydb:{folder / 'mailbot.db'}"},
            "archive": {"path": str(folder / "archive")},
            "trust": {"authserv_ids": [relay.authserv_id]},
        }
    )
