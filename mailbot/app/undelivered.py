"""What becomes of mails that did not arrive for certain: the account manager is told, once for each."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from mailbot.adapters.smtp import Outcome
from mailbot.adapters.store import Conflict, OutboxRow
from mailbot.app.commit import commit, enqueue, written
from mailbot.app.faults import fault
from mailbot.app.house import House
from mailbot.app.records import order_of
from mailbot.orders.alerts import refused, undelivered
from mailbot.orders.intake import Decision, Failed
from mailbot.orders.reachability import came_back, noted
from mailbot.reading.delivery_status import status_in

log = logging.getLogger(__name__)
_OWN = "undelivered"
_TRIES = 5


def settled(house: House, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    """An attempt has ended: tell of it when the mail did not arrive, or not everywhere, for certain."""
    _refused(house, row, outcome, now)
    if outcome.state in ("failed", "unknown"):
        tell(house, row, outcome.state, outcome.said, now)
    elif outcome.refused:
        said = "; ".join(f"{refusal.address}: {refusal.said}" for refusal in outcome.refused)
        tell(house, row, "failed", f"refused for some: {said}", now)


def _refused(house: House, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    """Addresses that the server refused for good count as mail that came back. Never raises: it must not stop the
    delivery, and the account manager is told of this mail in any case."""
    lost = [Failed(one.address, status_in(one.said) or "") for one in outcome.refused if one.permanent]
    try:
        for failed in lost if row.order and "," not in row.order else ():
            _came_back(house, row, failed, now)
    except Exception as failure:
        log.exception("not noted", extra={"event": "refused.failed", "key": row.key, "reason": fault(failure)})


def _came_back(house: House, row: OutboxRow, failed: Failed, now: datetime) -> None:
    for _ in range(_TRIES):
        order = order_of(house.store, row.order or "")
        event = came_back(order, *failed, house.rules.delivery.bounces, now) if order else None
        if order is None or event is None:
            return
        after, thread = noted(order, (event,)), house.store.get("threads", row.message_id)
        subject = str(thread["subject"]) if thread else row.kind
        told = refused(order, failed, row.key, subject, order.account_manager.email, now)
        sends = (told,) if event.what == "off" and failed.address != order.account_manager.email else ()
        decision = Decision("note", f"{failed.address} was refused", after, (event,), sends)
        try:
            commit(house, decision, order, written(house, sends, after, now), now)
        except Conflict:
            continue
        return


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
