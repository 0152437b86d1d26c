"""The walk that `mailbot demo` shows: real IMAP and SMTP servers on loopback, the embedded store, a moved clock.

Nothing is told that was not done: each line is printed from what the servers and the store hold afterwards.
"""

from __future__ import annotations

import logging
import os
import smtplib
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from mailbot.adapters.loopback import Loopback
from mailbot.app.demo_mails import MailFolder
from mailbot.app.desk import do, import_orders
from mailbot.app.evidence import gather
from mailbot.app.house import open_house
from mailbot.app.loops import run_once
from mailbot.app.records import Records, order_of, waiting
from mailbot.app.standing import status_lines
from mailbot.orders.model import Order
from mailbot.rules import shipped
from mailbot.settings import Settings

BOT, SAM, ANN = "orders@studio.example", "sam@studio.example", "ann@client.example"
NEW_YORK = ZoneInfo("America/New_York")
REF, OTHER = "ORD-2041", "ORD-2044"


class Demo:
    """The demo's world: servers, a house, a clock; `say` prints a line, `out` gets every mail."""

    def __init__(self, out: Path, say: Callable[[str], None]) -> None:
        self.out, self.say = out, say
        self.now = datetime(2026, 1, 5, 10, 0, tzinfo=NEW_YORK)
        self._stack = ExitStack()
        self._read = 0  # mails of the relay that have been told

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="mailbot-demo-")))
        self.world = self._stack.enter_context(Loopback([BOT], authentic=["client.example"]))
        os.environ["MAILBOT_DEMO_PASSWORD"] = self.world.password
        self.house = open_house(_settings(self.world, folder))
        self._stack.callback(self.house.close)
        self.mails = MailFolder(self.out)
        logging.getLogger("mailbot").setLevel(logging.CRITICAL)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def play(self) -> None:
        """The whole walk."""
        self.say("mailbot's demo: a real IMAP and a real SMTP server on this machine, made-up people, a moved clock.")
        self._orders()
        self._milestone()
        self._change_order()
        self._condition()
        self._friday()
        self._ladder()
        self._end()

    def _orders(self) -> None:
        self._head("Two orders are taken on from a file: mailbot order import")
        done = import_orders(self.house, shipped("templates") / "demo-orders.json", self.now)
        self.say(f"  on record: {', '.join(done.new)}; their invoices follow from rules/process.toml")
        self._pass()

    def _milestone(self) -> None:
        self._until(5, 11)
        self._head("The account manager asks for the design by mail; the client answers in plain words")
        self._write(SAM, f"Design [{REF}]", "ask design\n-- \nSam")
        self._pass()
        self._answer(ANN, self._last("approval-request"), "Approved!\n\nSent from my iPhone")
        self._pass()
        design = self._order().milestone("design")
        self.say(f"  now: design is {design.status if design else '?'}, the order is in phase {self._order().phase}")

    def _change_order(self) -> None:
        self._until(7, 11)
        self._head(f"A change order, from the shell: mailbot do {REF} '...'")
        self._do(REF, "change order: Sequins on the train\nSequins: 450.00\nLabour: 800.00\ndays +5\nsend")
        before = self._order()
        self._pass()
        self._answer(ANN, self._last("change-order"), "Yes, please go ahead. Thank you!")
        self._pass()
        after = self._order()
        money = f"total {before.total} -> {after.total} {after.currency}"
        self.say(f"  now: {money}, delivery {before.delivery} -> {after.delivery}")
        self._head("The other order's deposit is paid: it gets no more reminders")
        self._do(OTHER, f"paid {self._order(OTHER).invoices[0].number}")
        self._pass()

    def _condition(self) -> None:
        self._until(8, 14)
        self._head("A yes with a condition is no approval: it is held, and the account manager decides by one word")
        self._write(SAM, f"Fabric [{REF}]", "ask fabric")
        self._pass()
        self._answer(ANN, self._last("approval-request"), "Approved once the ivory is a little warmer.")
        self._pass()
        for held in waiting(self.house.store):
            self.say(f"  held as {held.id}, guess {held.guess}: {held.because}")
        self._answer(SAM, self._last("held"), "changes")
        self._pass()
        fabric = self._order().milestone("fabric")
        left = len(waiting(self.house.store))
        self.say(f"  now: fabric is {fabric.status if fabric else '?'}; {left or 'no'} held replies wait")

    def _friday(self) -> None:
        self._until(9, 15)
        self._head("Progress is noted, for the weekly update")
        self._do(REF, "done Toile of the lead gown\ndoing Pattern making for the train")
        self._until(9, 16)

    def _ladder(self) -> None:
        self._until(14, 11)
        paused = self._order().paused
        self._head(f"Nobody has paid the deposit. The order is {'paused: ' + paused if paused else 'not paused'}")
        number = self._order().invoices[0].number
        self._write(SAM, f"Paid [{REF}]", f"paid {number}")
        self._pass()
        order = self._order()
        self.say(
            f"  now: {number} is {order.invoices[0].status}, the order {'is paused' if order.paused else 'goes on'}"
        )

    def _end(self) -> None:
        self._head(f"How the order stands: mailbot status {REF}")
        order = self._order()
        for line in status_lines(order, self.now, self.house.rules.process):
            self.say(f"  {line}")
        self._head("The evidence: every event, with its hash, which covers the one before")
        entries = self.house.store.audit(REF)
        for entry in entries:
            event = entry["event"]
            what = event.get("about") or event.get("number") or event.get("kind") or event.get("what") or ""
            line = f"{entry['revision']:3} {event['at'][:16]} {event['type']:18} {what:14} by {event['by']}"
            self.say(f"  {line} {entry['hash'][:10]}")
        case, file = (
            gather(Records(self.house.settings, self.house.store, self.house.archive), REF),
            self.out / f"{REF}.zip",
        )
        wrong = case.check().problems
        self.say(f"  the chain of {len(entries)} events is {'whole' if not wrong else '; '.join(wrong)}")
        case.write(file)
        self.say(f"  all of it, with every mail, is one file: mailbot evidence {file} --verify")
        self.say(f"\nAll {self.mails.count} mails, in and out, are in {self.out}/: open {self.out / 'index.html'}")

    def _head(self, text: str) -> None:
        self.say(f"\n{self.now:%a %Y-%m-%d %H:%M}  {text}")

    def _until(self, day: int, hour: int) -> None:
        """Move the clock on to that day of January, with a pass each morning, and tell what went out by itself."""
        until = datetime(2026, 1, day, hour, tzinfo=NEW_YORK)
        while self.now < until:
            morning = self.now.replace(hour=9, minute=0)
            self.now = min(until, morning if morning > self.now else morning + timedelta(days=1))
            self._pass("By the clock alone")

    def _do(self, ref: str, commands: str) -> None:
        for line in do(self.house, ref, commands, "shell:demo", self.now):
            self.say(f"  {'ok' if line.ok else 'NO'}  {line.text}" + ("" if line.said == "noted" else f": {line.said}"))

    def _order(self, ref: str = REF) -> Order:
        order = order_of(self.house.store, ref)
        if order is None:
            raise LookupError(ref)
        return order

    def _write(self, sender: str, subject: str, text: str) -> None:
        mail = _mail(sender, BOT, subject, text, self.now)
        self._send(mail, BOT)

    def _answer(self, sender: str, asked: EmailMessage, text: str) -> None:
        """Reply to a mail of mailbot's as an ordinary mail program does: subject, thread, quoted original."""
        subject = str(asked["Subject"])
        mail = _mail(sender, str(asked["Reply-To"]), f"Re: {subject}", text, self.now)
        mail["In-Reply-To"] = asked["Message-ID"]
        mail["References"] = asked["Message-ID"]
        body = asked.get_body(("plain",))
        quoted = "\n".join(f"> {line}" for line in (body.get_content() if body else "").splitlines())
        when = f"{self.now:%a, %b %d, %Y at %I:%M %p}"
        mail.set_content(f"{text}\n\nOn {when} Atelier Nord <{BOT}> wrote:\n\n{quoted}\n")
        self._send(mail, str(asked["Reply-To"]))

    def _send(self, mail: EmailMessage, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.world.border_port) as smtp:
            smtp.send_message(mail, from_addr=str(mail["From"]), to_addrs=[to])
        self.mails.keep(mail, mail.as_bytes(), to, self.now)
        self.say(f"  {mail['From']} writes: {mail.get_content().splitlines()[0]}")

    def _pass(self, title: str = "") -> None:
        """One full pass of mailbot at the demo's time; tell what went out, under `title` where there is one."""
        run_once(self.house, lambda: self.now)
        news, self._read = self.world.sent[self._read :], len(self.world.sent)
        if news and title:
            self._head(title)
        for accepted in news:
            mail = message_from_bytes(accepted.data, policy=default)
            to = ", ".join(accepted.recipients)
            self.mails.keep(mail, accepted.data, to, self.now)
            self.say(f"  mailbot sends {mail['X-Mailbot-Kind']} to {to}: {mail['Subject']}")

    def _last(self, kind: str) -> EmailMessage:
        """The last mail of this kind that the relay has taken."""
        for accepted in reversed(self.world.sent):
            mail = message_from_bytes(accepted.data, policy=default)
            if mail["X-Mailbot-Kind"] == kind:
                return mail
        raise LookupError(f"no {kind} was sent")


def _mail(sender: str, to: str, subject: str, text: str, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"], mail["Message-ID"] = format_datetime(now), make_msgid(domain=sender.partition("@")[2])
    mail.set_content(text)
    return mail


def _settings(world: Loopback, folder: Path) -> Settings:
    server = {"host": "127.0.0.1", "security": "none", "user": BOT, "password_env": "MAILBOT_DEMO_PASSWORD"}
    return Settings.model_validate(
        {
            "studio": {
                "name": "Atelier Nord", "address": BOT, "timezone": "America/New_York", "staff": [SAM],
                "sales_director": "dana@studio.example", "finance": "finance@studio.example",
                "operations": "ops@studio.example", "lead_designer": "lee@studio.example",
            },
            "imap": {**server, "port": world.imap_port},
            "smtp": {"host": "127.0.0.1", "security": "none", "port": world.relay_port},
            "store": {"url": f"tinydb:{folder / 'mailbot.db'}"},
            "archive": {"path": str(folder / "archive")},
            "trust": {"authserv_ids": [world.authserv_id]},
        }
    )  # fmt: skip
