"""The outbox's worker: claims what is due, hands it over on a few connections, keeps to the provider's limits.

A mail goes out at most once by itself; the ledger holds that. A server that cannot be reached counts against no mail:
all of them wait, one goes ahead now and then to look.

The store and the app's hooks are called directly, not in a thread: that is the shorter way from a wake-up to DATA
(benchmarks/delivery.py). So the worker has an event loop of its own, in which nothing else is in a hurry.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mailbot.adapters.archive import ArchiveError
from mailbot.adapters.ledger import End, Hooks, Ledger, about, doubt
from mailbot.adapters.smtp import Connection, Outcome, SmtpSettings
from mailbot.adapters.store import OutboxRow, Store, StoreError
from mailbot.errors import DeliveryError
from mailbot.orders.model import utc
from mailbot.rules.delivery import DeliveryRules

__all__ = ["Delivery", "DeliveryReport", "Hooks", "doubt"]

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
RECORD_TRIES, RECORD_PAUSE = 4, 1.0  # the store itself waits for its lock before each try
PATIENCE = 60.0  # seconds that `run_once` waits for the provider's limit
CUT_SECONDS = 1.0  # for a line that was cut to be noticed and recorded


@dataclass(slots=True)
class DeliveryReport:
    """Keys of the mails by what became of them (`lost`: another worker's by now); `trouble`: the server's, if any."""

    ends: dict[End, list[str]] = field(default_factory=dict)
    trouble: str | None = None

    def add(self, end: End, key: str) -> None:
        """Note one mail's end."""
        self.ends.setdefault(end, []).append(key)

    def count(self, end: End) -> int:
        """How many ended so."""
        return len(self.ends.get(end, ()))


class Delivery:
    """One worker. `run_once` drains the outbox, `run` keeps at it; one of them at a time, in one event loop."""

    def __init__(self, store: Store, settings: SmtpSettings, rules: DeliveryRules, hooks: Hooks) -> None:
        """Nothing is opened yet. Raises ConfigError when `settings.provider` is not in the rules."""
        self.store, self.rules = store, rules
        self.owner = f"delivery-{uuid.uuid4().hex}"
        self.trouble: str | None = None  # why the server or the store could not be used the last time; for health
        self._report = DeliveryReport()
        self._ledger = Ledger(store, self.owner, rules.retry, hooks)
        self._limits = rules.limits(settings.provider, settings.host)
        self._free = [Connection(settings) for _ in range(self._limits.connections)]
        self._busy: dict[asyncio.Task[None], Connection] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._begun: deque[float] = deque()  # when mails were begun, of the loop's clock
        self._asking: list[tuple[OutboxRow, asyncio.Future[Literal["sending", "lost"]]]] = []
        self._failures, self._quiet_until = 0, 0.0
        self._wake = asyncio.Event()

    async def run_once(self, now: Clock, stop: asyncio.Event | None = None) -> DeliveryReport:
        """Deliver all that is due, at the pace that the provider allows; ends when the server cannot be reached.

        `now` gives aware times. Connections stay open: `close` ends them.
        """
        self._report, self.trouble = DeliveryReport(), None
        self._failures, self._quiet_until = 0, 0.0
        stop = stop or asyncio.Event()
        while not stop.is_set():
            self._wake.clear()
            more = self._begin(now)
            if not self._busy and not (more and self._worth_waiting(now)):
                break
            await self._rest(stop)
        await self._finish()
        self._report.trouble = self.trouble
        return self._report

    async def run(
        self, now: Clock, wake: asyncio.Event, stop: asyncio.Event, rested: Callable[[], None] = lambda: None
    ) -> None:
        """Deliver what is due and what will be, until `stop`; set `wake` when something was queued.

        `rested` is called whenever nothing is under way. On `stop` it finishes what has begun, within ten seconds, and
        closes. It never ends because of a mail, the server, or a store that is busy.
        """
        self._wake = wake
        while not stop.is_set():
            wake.clear()
            self._report = DeliveryReport()  # nobody reads a daemon's: it must not grow for months
            self._begin(now)
            if not self._busy:
                rested()
            await self._rest(stop)
            self._close_idle()
        await self._finish()
        await self.close()

    async def close(self) -> None:
        """Say good-bye to the server; nothing may be under way."""
        await asyncio.gather(*(connection.close() for connection in self._free), *self._closing)

    def _begin(self, now: Clock) -> bool:
        """Claim as many mails as may be begun, and begin them. False when nothing is left that waits for its turn."""
        n = self._may_begin()
        if n < 1:
            return not self._failures
        try:
            rows = self.store.claim(self.owner, now(), self.rules.worker.lease, n)
        except StoreError as error:
            self.trouble = f"the outbox cannot be used: {error}"
            log.warning("%s", self.trouble, extra={"event": "delivery.store", "reason": str(error)})
            return False
        for row in sorted(rows, key=lambda row: row.number):  # as queued: the answer to a client before its copies
            self._begun.append(asyncio.get_running_loop().time())
            connection = self._free.pop()  # the one that was used last: most likely still open
            task = asyncio.create_task(self._deliver(row, connection, now))
            self._busy[task] = connection
            task.add_done_callback(self._done)
        return len(rows) == n

    def _may_begin(self) -> int:
        clock = asyncio.get_running_loop().time()
        while self._begun and self._begun[0] <= clock - self._limits.window:
            self._begun.popleft()
        if self._failures:  # one goes ahead and looks
            return int(clock >= self._quiet_until and not self._busy)
        return min(len(self._free), self._limits.room(self._begun, clock).mails)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._free.append(self._busy.pop(task))
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("a worker's task failed", exc_info=error, extra={"event": "delivery.bug", "reason": str(error)})

    def _worth_waiting(self, now: Clock) -> bool:
        """Whether mails are due that the provider takes within the minute."""
        wait = self._limits.room(self._begun, asyncio.get_running_loop().time()).wait
        moment = utc(now())
        waiting = [row for row in self.store.outbox("queued") if row.due <= moment]
        if waiting and wait > PATIENCE:
            self.trouble = f"{self._limits.name} takes no more for {wait / 60:.0f} minutes; {len(waiting)} wait"
        return bool(waiting) and wait <= PATIENCE

    async def _deliver(self, row: OutboxRow, connection: Connection, now: Clock) -> None:
        """One mail, from claimed to recorded."""
        try:
            ready = await self._prepared(row, connection, now)
        except DeliveryError as error:
            ready = self._unreached(row, error, now)
        except StoreError as error:  # nothing was sent: the lease runs out, and the mail comes back
            waits = Outcome("deferred", str(error))
            log.warning("%s waits: %s", row.key, error, extra=about(row, "mail.waits", waits))
            return
        except Exception as error:  # a bug of ours, before anything was sent
            log.exception("%s cannot be sent", row.key, extra=about(row, "mail.bug", Outcome("failed", repr(error))))
            ready = self._ledger.fail(row, f"a mistake of mailbot's: {error!r}", now())
        if isinstance(ready, bytes):
            ready = await self._recorded(row, await self._sent(row, connection, ready), now)
        self._report.add(ready, row.key)

    async def _prepared(self, row: OutboxRow, connection: Connection, now: Clock) -> bytes | End:
        """The mail's bytes, when the line is open and the outbox says that we may send; else how it ended."""
        try:
            data = self._ledger.hooks.read(row.mail)
        except ArchiveError as error:
            return self._ledger.fail(row, str(error), now())
        await connection.ready()
        self._reached()
        turned = self._ledger.withdraw(row, now()) or self._ledger.postpone(row, now())
        permit = turned or await self._permit(row, now)
        return data if permit == "sending" else permit

    async def _permit(self, row: OutboxRow, now: Clock) -> Literal["sending", "lost"]:
        """Asked together with whatever else came so far in the same turn of the loop: they wait for one commit."""
        loop = asyncio.get_running_loop()
        if not self._asking:
            loop.call_soon(self._permit_all, now)
        answer: asyncio.Future[Literal["sending", "lost"]] = loop.create_future()
        self._asking.append((row, answer))
        return await answer

    def _permit_all(self, now: Clock) -> None:
        asking = {row.id: (row, answer) for row, answer in self._asking if not answer.done()}  # done: cancelled
        self._asking.clear()
        try:
            permits = self._ledger.permit([row for row, _ in asking.values()], now())
        except Exception as error:
            for _, answer in asking.values():
                answer.set_exception(error)
            return
        for id, (_, answer) in asking.items():
            answer.set_result(permits[id])

    async def _sent(self, row: OutboxRow, connection: Connection, data: bytes) -> Outcome:
        try:
            return await connection.send(row.sender, row.recipients, data)
        except Exception as error:  # a bug of ours: the mail may be out all the same
            outcome = Outcome("unknown", f"sending it failed by a mistake of mailbot's: {type(error).__name__}")
            log.exception("sending %s failed", row.key, extra=about(row, "delivery.bug", outcome))
            return outcome

    async def _recorded(self, row: OutboxRow, outcome: Outcome, now: Clock) -> End:
        for _ in range(RECORD_TRIES - 1):
            try:
                return self._ledger.end(row, outcome, now())
            except StoreError:
                await asyncio.sleep(RECORD_PAUSE)
        return self._ledger.end(row, outcome, now())

    def _reached(self) -> None:
        if self._failures:
            log.info("the server is back", extra={"event": "delivery.back", "reason": self.trouble})
        self._failures, self.trouble = 0, None

    def _unreached(self, row: OutboxRow, error: DeliveryError, now: Clock) -> End:
        """The server is not there: leave it alone for a while. The mail goes back as it was, due as before."""
        clock = asyncio.get_running_loop().time()
        if clock >= self._quiet_until:  # the first of those that were under way together
            self._failures += 1
            self._quiet_until = clock + self.rules.server.pause(self._failures).total_seconds()
            self.trouble = str(error)
            log.warning("%s", error, extra={"event": "delivery.trouble", "reason": str(error)})
        self._ledger.put_back(row, str(error), now())
        return "deferred"

    def _rest_seconds(self) -> float:
        """Until something may be begun without being woken."""
        clock = asyncio.get_running_loop().time()
        look = float(self.rules.worker.look_seconds)
        if self._failures and clock < self._quiet_until:
            return self._quiet_until - clock
        wait = self._limits.room(self._begun, clock).wait
        return wait if 0 < wait < look else look

    async def _rest(self, stop: asyncio.Event) -> None:
        """Until woken, stopped, or time to look."""
        waits = {asyncio.create_task(event.wait()) for event in (self._wake, stop)}
        try:
            await asyncio.wait(waits, timeout=self._rest_seconds(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()

    def _close_idle(self) -> None:
        for connection in self._free:
            if connection.is_open and connection.idle_seconds > self.rules.worker.keep_seconds:
                task = asyncio.create_task(connection.close())  # the next mail need not wait for it
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    async def _finish(self) -> None:
        """Let what has begun end by itself; then cut the lines, which ends it as deferred or unknown."""
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=self.rules.worker.stop_seconds)
        for connection in self._busy.values():
            connection.abort()
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=CUT_SECONDS)
        for task in set(self._busy):  # still connecting: nothing was sent, and the lease runs out
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
