"""What becomes of mails that did not arrive for certain: the account manager is told, once for each."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from mailbot.adapters.smtp import Outcome
from mailbot.adapters.store import OutboxRow
from mailbot.app.commit import enqueue, written
from mailbot.app.faults import fault
from mailbot.app.house import House
from mailbot.app.records import order_of
from mailbot.orders.alerts import undelivered

log = logging.getLogger(__name__)
_OWN = "undelivered"


def settled(house: House, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    """An attempt has ended: tell of it when the mail did not arrive, or not everywhere, for certain."""
    if outcome.state in ("failed", "unknown"):
        tell(house, row, outcome.state, outcome.said, now)
    elif outcome.refused:
        said = "; ".join(f"{refusal.address}: {refusal.said}" for refusal in outcome.refused)
        tell(house, row, "failed", f"refused for some: {said}", now)


def tell_all(house: House, rows: Iterable[OutboxRow], now: datetime) -> None:
    """Tell of each of these rows that are failed or unknown; those that were told of before are passed over."""
    for row in rows:
        if not row.error.startswith(("withdrawn", "dropped")):
            tell(house, row, row.state, row.error, now)


def tell(house: House, row: OutboxRow, state: str, error: str, now: datetime) -> None:
    """Queue the notice about one mail. Never raises for the notice itself: it must not stop the delivery."""
    if row.kind == _OWN:
        return
    try:
        order = order_of(house.store, row.order) if row.order and "," not in row.order else None
        thread = house.store.get("threads", row.message_id)
        subject = str(thread["subject"]) if thread else row.kind
        to = order.account_manager.email if order else house.policy.fallback
        send = undelivered(row.id, row.key, row.kind, subject, row.to, state, error, row.attempts, row.order, to, now)
        enqueue(house, written(house, [send], order, now), now)
    except Exception as failure:
        log.exception("not told", extra={"event": "undelivered.failed", "key": row.key, "reason": fault(failure)})
