"""The daemon's three loops, receive, tick and deliver, and one full pass of them.

Receiving blocks on IMAP and has a thread of its own; delivery and the clock share an event loop. Whatever commits sets
`wake`, so that a receipt is on its way as soon as its reason is on disk.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import socket
import sys
import threading
from collections.abc import Callable
from datetime import datetime

from mailbot.adapters.delivery import Delivery, DeliveryReport, Hooks, doubt
from mailbot.adapters.imap import Envelope, LoginRefused, Mailbox, RawMail, pause
from mailbot.adapters.smtp import Outcome
from mailbot.adapters.store import OutboxRow, StoreError
from mailbot.app import manners, told, undelivered
from mailbot.app.faults import fault
from mailbot.app.house import House, imap_settings, smtp_settings
from mailbot.app.receive import Handled, receive, set_aside
from mailbot.app.tick import tick
from mailbot.app.warm import warm
from mailbot.errors import MailboxError

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]

_TRIES = 3  # a mail that fails so often is set aside
_TICK_SECONDS = 20.0
_IDLE_SECONDS = 300.0
_SETTLE_SECONDS = 0.2  # after a commit, before planning: the answer goes out first, and a burst is planned once
_GIVE_WAY_SECONDS = 0.05
_STOP_SECONDS = 10.0
_SWITCH_SECONDS = 0.0005  # the interpreter's turn of a thread: delivery need not wait while another one reads


def run_once(house: House, now: Clock) -> tuple[int, DeliveryReport]:
    """One full pass: all mail that waits, what is due, all that is queued. The mails handled, and what was delivered.

    Raises MailboxError when the mailbox cannot be reached.
    """
    with Mailbox(imap_settings(house.settings)) as box:
        handled = Receiver(house, now).drain(box)
    tick(house, now())
    return handled, asyncio.run(_deliver_once(house, now))


async def _deliver_once(house: House, now: Clock) -> DeliveryReport:
    delivery = _delivery(house, now)
    try:
        _told(house, now())
        report = await delivery.run_once(now)
        return await delivery.run_once(now) if report.count("failed") else report  # the notices of what failed
    finally:
        await delivery.close()


def run(house: House, now: Clock, stop: threading.Event) -> None:
    """The daemon, until `stop` is set: finishes what it has begun, within ten seconds.

    Raises ConfigError, before anything is done, when a template is broken.
    """
    warm(house)
    gc.collect()
    gc.freeze()  # rules and templates stay: no collection need walk through them while a client waits
    sys.setswitchinterval(_SWITCH_SECONDS)
    asyncio.run(_run(house, now, stop))


async def _run(house: House, now: Clock, stop: threading.Event) -> None:
    loop = asyncio.get_running_loop()
    wake, look, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
    rested = threading.Event()

    def committed() -> None:
        rested.clear()
        loop.call_soon_threadsafe(wake.set)
        loop.call_soon_threadsafe(look.set)

    receiver = Receiver(house, now, committed, lambda: rested.wait(_GIVE_WAY_SECONDS))
    thread = threading.Thread(target=receiver.run, name="receive", daemon=True)
    tasks = [
        asyncio.create_task(_delivery(house, now).run(now, wake, ended, rested.set), name="deliver"),
        asyncio.create_task(_tick(house, now, look, wake, ended), name="tick"),
    ]
    stopped = asyncio.create_task(asyncio.to_thread(stop.wait), name="stop")
    thread.start()
    await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    receiver.stop()
    ended.set()
    await asyncio.wait(tasks, timeout=_STOP_SECONDS)
    await asyncio.to_thread(thread.join, _STOP_SECONDS)
    for task in tasks:
        if task.done() and not task.cancelled() and (error := task.exception()):
            raise error  # a bug ended a loop: better to be started anew than to run on one leg


async def _tick(house: House, now: Clock, look: asyncio.Event, wake: asyncio.Event, ended: asyncio.Event) -> None:
    """Plan what is due, every few seconds and after each commit."""
    while not ended.is_set():
        look.clear()
        try:
            if await asyncio.to_thread(_planned, house, now()):
                wake.set()
        except Exception as error:
            log.exception("tick failed", extra={"event": "tick.failed", "reason": fault(error)})
        await _first_of(look, ended, seconds=_TICK_SECONDS)
        if look.is_set():
            await _first_of(ended, seconds=_SETTLE_SECONDS)


async def _first_of(*events: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()


def _planned(house: House, now: datetime) -> int:
    _told(house, now)
    return tick(house, now)


def _told(house: House, now: datetime) -> None:
    """Tell of mails whose end was not seen, as soon as they are in doubt."""
    undelivered.tell_all(house, doubt(house.store, now, house.in_doubt), now)


def _delivery(house: House, now: Clock) -> Delivery:
    hooks = Hooks(
        read=house.archive.get,
        still_due=lambda row: manners.still_due(house, row, now()),
        not_yet=lambda row: manners.not_yet(house, row, now()),
        settled=lambda row, outcome: _ended(house, row, outcome, now()),
    )
    return Delivery(house.store, smtp_settings(house.settings), house.rules.delivery, hooks)


def _ended(house: House, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    """What follows from how an attempt to send ended."""
    undelivered.settled(house, row, outcome, now)
    told.settled(house, row, outcome, now)


class Receiver:
    """Takes mail from the mailbox, one after the other, and never loses one: the loop of adapters.imap."""

    def __init__(
        self,
        house: House,
        now: Clock,
        committed: Callable[[], None] = lambda: None,
        give_way: Callable[[], object] = lambda: None,
    ) -> None:
        """`committed` is called after each mail; `give_way` waits, not for long, until what it queued has gone out."""
        self.house, self.now, self.committed, self.give_way = house, now, committed, give_way
        self._bell, self._wake = socket.socketpair()
        self._stopped = threading.Event()
        self._failures: dict[tuple[int, int], int] = {}
        self._first_look = True

    def stop(self) -> None:
        """End after the mail at hand; may be called from any thread."""
        self._stopped.set()
        self._bell.send(b"x")

    def run(self) -> None:
        """Until stopped: connect, take what waits, wait for more; after a fault again, with growing pauses."""
        attempt = 0
        while not self._stopped.is_set():
            try:
                with Mailbox(imap_settings(self.house.settings)) as box:
                    log.info("connected", extra={"event": "imap.connected", "mailbox": box.name})
                    attempt = 0
                    self._serve(box)
            except MailboxError as error:
                attempt += 1
                level = logging.ERROR if isinstance(error, LoginRefused) else logging.WARNING
                log.log(level, "%s", error, extra={"event": "imap.trouble", "reason": str(error), "attempt": attempt})
            except Exception as error:
                attempt += 1
                log.exception("receiving failed", extra={"event": "receive.failed", "reason": fault(error)})
            if attempt:
                self._stopped.wait(pause(attempt, random.random()))  # noqa: S311 - spreads reconnections

    def _serve(self, box: Mailbox) -> None:
        while not self._stopped.is_set():
            self.drain(box)
            box.wait(self._wake, _IDLE_SECONDS)

    def drain(self, box: Mailbox) -> int:
        """Handle all mail that waits, until none is left; how many there were."""
        total = 0
        while not self._stopped.is_set():
            envelopes = box.waiting(self._last(box))
            if not envelopes:
                return total
            total += self._handle_all(box, envelopes)
        return total

    def _last(self, box: Mailbox) -> int:
        """The last UID that was handled; 0 when the mailbox was made anew, or to file what a crash left unfiled."""
        if self._first_look and self.house.settings.imap.after == "move":
            self._first_look = False
            return 0
        row = self.house.store.get("cursors", box.name)
        same = row is not None and row["uidvalidity"] == box.state().uidvalidity
        return int(row["uid"]) if row is not None and same else 0

    def _handle_all(self, box: Mailbox, envelopes: list[Envelope]) -> int:
        count = 0
        for raw in box.fetch(envelopes):
            handled = self._handle(raw)
            if handled is None:
                break  # tried again from here, with the mails after it
            if raw.uid == envelopes[-1].uid:
                self.give_way()  # somebody waits for the answer and nobody for the filing; a burst is not held up
            box.file(raw.uid, handled.folder)
            count += 1
            if self._stopped.is_set():
                break
        return count

    def _handle(self, raw: RawMail) -> Handled | None:
        """Handle a mail; None when it failed and is to be tried again. The third time it is set aside."""
        try:
            handled = receive(self.house, raw, self.now())
        except (StoreError, OSError):
            raise  # not the mail's fault
        except Exception as error:
            key = (raw.uidvalidity, raw.uid)
            self._failures[key] = self._failures.get(key, 0) + 1
            log.exception("failed", extra={"event": "mail.failed", "uid": raw.uid, "reason": fault(error)})
            if self._failures[key] < _TRIES:
                return None
            handled = set_aside(self.house, raw, fault(error)[:300], self.now())
        self.committed()
        return handled
