"""The walk that `mailbot demo` shows: real IMAP and SMTP servers on loopback, the embedded store, a moved clock.

Nothing is told that was not done: each line is printed from what the servers and the store hold afterwards.
"""

from __future__ import annotations

import logging
import os
import shutil
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

from mailbot.adapters.loopback import Accepted, Loopback
from mailbot.app.desk import do, import_orders
from mailbot.app.house import open_house
from mailbot.app.loops import run_once
from mailbot.app.records import order_of, waiting
from mailbot.app.standing import status_lines
from mailbot.orders.evolve import verify
from mailbot.orders.model import Order
from mailbot.rules import shipped
from mailbot.settings import Settings

BOT, SAM, ANN = "orders@studio.example", "sam@studio.example", "ann@client.example"
NEW_YORK = ZoneInfo("America/New_York")
REF = "ORD-2041"


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
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)
        logging.getLogger("mailbot").setLevel(logging.CRITICAL)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def play(self) -> None:
        """The whole walk."""
        self._orders()
        self._milestone()
        self._change_order()
        self._condition()
        self._friday()
        self._ladder()
        self._end()

    def _orders(self) -> None:
        self._head("Orders are imported")
        done = import_orders(self.house, shipped("templates") / "demo-orders.json", self.now)
        self.say(f"  {', '.join(done.new)} are on record; invoices follow from rules/process.toml")
        self._pass()

    def _milestone(self) -> None:
        self._head("The account manager asks for the design by mail; the client answers in plain words")
        self._later(hours=1)
        self._write(SAM, f"Design [{REF}]", "ask design\n-- \nSam")
        self._pass()
        asked = self._last("approval-request")
        self._answer(ANN, asked, "Approved!\n\nSent from my iPhone")
        self._pass()
        order = self._order()
        design = order.milestone("design")
        self.say(f"  now: design is {design.status if design else '?'}, the order is in phase {order.phase}")

    def _change_order(self) -> None:
        self._head("A change order, sent from the shell with `mailbot do`")
        self._later(days=2)
        text = "change order: Sequins on the train\nSequins: 450.00\nLabour: 800.00\ndays +5\nsend"
        for line in do(self.house, REF, text, "shell:demo", self.now):
            self.say(f"  {'ok' if line.ok else 'NO'}  {line.text}")
        before = self._order()
        self._pass()
        self._answer(ANN, self._last("change-order"), "Yes, please go ahead. Thank you!")
        self._pass()
        after = self._order()
        money = f"total {before.total} -> {after.total} {after.currency}"
        self.say(f"  now: {money}, delivery {before.delivery} -> {after.delivery}")

    def _condition(self) -> None:
        self._head("A reply with a condition is nobody's approval: the account manager decides by one word")
        self._later(days=2)
        self._write(SAM, f"Fabric [{REF}]", "ask fabric")
        self._pass()
        self._answer(ANN, self._last("approval-request"), "Approved once the ivory is a little warmer.")
        self._pass()
        for held in waiting(self.house.store):
            self.say(f"  held {held.id}: {held.words!r}; guess: {held.guess}; because {held.because}")
        self._answer(SAM, self._last("held"), "changes")
        self._pass()
        fabric = self._order().milestone("fabric")
        self.say(f"  now: fabric is {fabric.status if fabric else '?'}, nothing waits: {not waiting(self.house.store)}")

    def _friday(self) -> None:
        self._head("The clock is moved to Friday 16:00: the weekly update")
        self.now = datetime(2026, 1, 9, 16, 0, tzinfo=NEW_YORK)
        do(self.house, REF, "done Toile of the lead gown\ndoing Pattern making for the train", "shell:demo", self.now)
        self._pass()

    def _ladder(self) -> None:
        self._head("Nobody pays the deposit: the ladder of reminders, on a moved clock")
        self.now = datetime(2026, 1, 9, 17, 0, tzinfo=NEW_YORK)
        while self.now < datetime(2026, 1, 22, tzinfo=NEW_YORK) and not self._order().paused:
            self.now = (self.now + timedelta(days=1)).replace(hour=9, minute=0)
            self._pass(only=("invoice", "reminder", "pause", "escalation"))
        self.say(f"  now: paused: {self._order().paused}")
        self._later(hours=2)
        number = self._order().invoices[0].number
        self._write(SAM, f"Paid [{REF}]", f"paid {number}")
        self._pass()
        self.say(f"  now: {number} is {self._order().invoices[0].status}, paused: {self._order().paused}")

    def _end(self) -> None:
        self._head("How the order stands")
        order = self._order()
        for line in status_lines(order):
            self.say(f"  {line}")
        self._head("The evidence")
        entries = self.house.store.audit(REF)
        for entry in entries:
            event = entry["event"]
            what = event.get("about") or event.get("kind") or event.get("what") or ""
            line = f"{entry['revision']:3} {event['at'][:16]} {event['type']:18} {what:14} by {event['by']}"
            self.say(f"  {line} {entry['hash'][:10]}")
        wrong = verify(entries, order)
        self.say(f"  the chain of {len(entries)} events is {'whole' if not wrong else '; '.join(wrong)}")
        files = sorted(self.out.glob("*.eml"))
        self.say(f"\nEvery mail is in {self.out}/: {len(files)} as .eml, each with its .html to open in a browser.")

    def _head(self, text: str) -> None:
        self.say(f"\n{self.now:%a %Y-%m-%d %H:%M}  {text}")

    def _later(self, **spans: float) -> None:
        self.now += timedelta(**spans)

    def _order(self) -> Order:
        order = order_of(self.house.store, REF)
        if order is None:
            raise LookupError(REF)
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
        first = mail.get_content().splitlines()[0]
        self.say(f"  {mail['From']} writes: {first}")

    def _pass(self, only: tuple[str, ...] = ()) -> None:
        """One full pass of mailbot at the demo's time; tell what went out."""
        run_once(self.house, lambda: self.now)
        for accepted in self.world.sent[self._read :]:
            self._keep(accepted, only)
        self._read = len(self.world.sent)

    def _keep(self, accepted: Accepted, only: tuple[str, ...]) -> None:
        mail = message_from_bytes(accepted.data, policy=default)
        kind = str(mail["X-Mailbot-Kind"])
        name = f"{len(list(self.out.glob('*.eml'))) + 1:03}-{kind}"
        (self.out / f"{name}.eml").write_bytes(accepted.data)
        html = mail.get_body(("html",))
        (self.out / f"{name}.html").write_text(html.get_content() if html else "", "utf-8")
        if not only or kind.startswith(only):
            self.say(f"  mailbot sends {kind} to {', '.join(accepted.recipients)}: {mail['Subject']}")

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
