"""What the outbox says of one mail, before and after it is sent: permission, and the record of how it ended.

leased -> sending is both the attempt's record and the fence. A mail that was certainly not delivered goes back to
queued with a pause, or has failed when its attempts are used up; one that may have been is unknown and is never sent
again by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from mailbot.adapters.smtp import Outcome
from mailbot.adapters.store import OutboxRow, State, Store
from mailbot.rules.delivery import RetryRules

log = logging.getLogger(__name__)

End = Literal["sent", "deferred", "failed", "unknown", "withdrawn", "lost"]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the app knows. They are called in the event loop and may use the store.

    `read`: the bytes under an archive key, as `Archive.get`.
    `still_due`: asked last before sending; a text is the reason why this mail is not needed any more.
    `not_yet`: asked then; the moment before which this mail must not go, None when it may. It goes out, if it may.
    `settled`: told how an attempt ended, after that was recorded. It is not told of an end that a crash swallowed, so
    what must not be missed is read from the outbox.
    """

    read: Callable[[str], bytes]
    still_due: Callable[[OutboxRow], str | None] = lambda _row: None
    not_yet: Callable[[OutboxRow], datetime | None] = lambda _row: None
    settled: Callable[[OutboxRow, Outcome], None] = lambda _row, _outcome: None


@dataclass(frozen=True, slots=True)
class Ledger:
    """One worker's way to its rows of the outbox. Every method may raise StoreError: nothing was changed then."""

    store: Store
    owner: str
    retry: RetryRules
    hooks: Hooks

    def withdraw(self, row: OutboxRow, now: datetime) -> Literal["withdrawn", "lost"] | None:
        """Ask for the last time whether the mail is still needed; None when it is."""
        reason = self.hooks.still_due(row)
        if reason is None:
            return None
        kept = self.store.mark(self.owner, row.id, "failed", now, error=f"withdrawn: {reason}")
        return "withdrawn" if self._told(kept, row, Outcome("withdrawn", reason)) else "lost"

    def postpone(self, row: OutboxRow, now: datetime) -> Literal["deferred", "lost"] | None:
        """Ask whether the mail has to wait; None when it may go. Waiting is no attempt."""
        until = self.hooks.not_yet(row)
        if until is None:
            return None
        why = "waits for the client's hours, or for its distance to another mail to them"
        kept = self.store.mark(self.owner, row.id, "queued", now, error=why, due=until)
        log.info("%s waits", row.key, extra=about(row, "mail.waits", Outcome("deferred", why)))
        return "deferred" if kept else "lost"

    def permit(self, rows: Sequence[OutboxRow], now: datetime) -> dict[str, Literal["sending", "lost"]]:
        """What may be sent, by the row's id: only what is "sending"; what is "lost" another worker has.

        All in one transaction, for each waits for the disk.
        """
        with self.store.transaction():
            kept = {row.id: self.store.mark(self.owner, row.id, "sending", now) for row in rows}
        for row in rows:
            if not kept[row.id]:
                self._told(False, row, Outcome("deferred", "another worker has it"))
        return {id: "sending" if is_ours else "lost" for id, is_ours in kept.items()}

    def end(self, row: OutboxRow, outcome: Outcome, now: datetime) -> End:
        """Record how sending ended, and tell the app."""
        state, due = _stored(outcome), None
        if outcome.state == "deferred":
            pause = self.retry.pause(row.attempts + 1, row.id)
            if pause is None:
                said = f"given up after {row.attempts + 1} attempts: {outcome.said}"
                outcome, state = replace(outcome, state="failed", said=said), "failed"
            else:
                due = now + pause
        kept = self.store.mark(self.owner, row.id, state, now, error=_error(outcome), due=due)
        if not kept and state == "sent":  # it took so long that it was counted as unknown: now we know
            kept = self.store.resolve(row.id, "sent", now, error=_error(outcome))
        return outcome.state if self._told(kept, row, outcome) else "lost"

    def fail(self, row: OutboxRow, why: str, now: datetime) -> End:
        """Record that the mail cannot be sent at all, for a reason of our own."""
        kept = self.store.mark(self.owner, row.id, "failed", now, error=why)
        return "failed" if self._told(kept, row, Outcome("failed", why)) else "lost"

    def put_back(self, row: OutboxRow, why: str, now: datetime) -> None:
        """Queue it again, still due and without counting an attempt: it never came as far as the server."""
        self.store.mark(self.owner, row.id, "queued", now, error=why)

    def _told(self, kept: bool, row: OutboxRow, outcome: Outcome) -> bool:
        """Log the end and tell the app, if it was ours to record. Returns `kept`."""
        level = logging.INFO if kept and outcome.state in ("sent", "withdrawn") else logging.WARNING
        event = f"mail.{outcome.state}" if kept else "mail.lost"
        log.log(level, "%s %s: %s", event, row.key, _error(outcome) or outcome.said, extra=about(row, event, outcome))
        if kept:
            try:
                self.hooks.settled(row, outcome)
            except Exception:
                log.exception("nobody could be told of %s", row.key, extra=about(row, "mail.untold", outcome))
        return kept


def about(row: OutboxRow, event: str, outcome: Outcome) -> dict[str, object]:
    """The fields of a log record on one mail; never its body."""
    return {
        "event": event,
        "outbox": row.id,
        "key": row.key,
        "order": row.order,
        "message_id": row.message_id,
        "state": outcome.state,
        "reason": outcome.said,
    }


def doubt(store: Store, now: datetime, after: timedelta) -> list[OutboxRow]:
    """Count as unknown what has been `sending` for longer than `after`; those rows, for a person to look at.

    They may have been delivered: a bounce, a reply or a copy in Sent can prove it, else somebody decides.
    """
    why = "the attempt's end was not seen: it may have been delivered"
    rows = [row for row in store.in_doubt(now, after) if row.state == "sending"]
    return [row for row in rows if store.resolve(row.id, "unknown", now, error=why, after=after)]


def _stored(outcome: Outcome) -> State:
    return "queued" if outcome.state == "deferred" else "failed" if outcome.state == "withdrawn" else outcome.state


def _error(outcome: Outcome) -> str:
    """What `outbox list` shows beside the state; for a mail that was sent, who of its recipients was refused."""
    if outcome.state != "sent":
        return outcome.said
    return "; ".join(f"refused {r.address}: {r.code} {r.said}" for r in outcome.refused)
