"""An issue counts as told when its notice has gone out: what the outbox knows of it is put on the order's record.

A notice that waits for its release, or for a server that is away, tells nobody, and the clock of the issue goes on.
"""

from __future__ import annotations

from datetime import datetime

from mailbot.adapters.smtp import Outcome
from mailbot.adapters.store import Conflict, OutboxRow
from mailbot.app.commit import commit
from mailbot.app.house import House
from mailbot.app.records import order_of
from mailbot.orders.events import IssueTold
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision
from mailbot.orders.model import Order
from mailbot.planning.occurrence import BY

_KIND = "issue-notice"
_TRIES = 5  # for conflicts: each time somebody else got on


def settled(house: House, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    """An attempt has ended: where it was the notice of an issue, and it went out, the client is told from now on.

    Raises Conflict when the order keeps changing meanwhile: `caught_up` makes up for it.
    """
    if row.kind != _KIND or outcome.state != "sent" or not row.order:
        return
    for _ in range(_TRIES):
        order = order_of(house.store, row.order)
        if order is None or not _unheard(order, row.about):
            return
        try:
            _record(house, order, str(row.about), now, now)
        except Conflict:
            continue
        return
    raise Conflict(f"{row.order} changed {_TRIES} times while a notice was recorded")


def caught_up(house: House, order: Order, now: datetime) -> Order:
    """`order` with the notices on record that went out without anybody seeing it: a crash came between."""
    waiting = {issue.number for issue in order.issues if _unheard(order, issue.number)}
    rows = house.store.outbox("sent", order=order.ref) if waiting else []
    for row in rows:
        if row.kind == _KIND and row.sent_at and _unheard(order, row.about):
            order = _record(house, order, str(row.about), datetime.fromisoformat(row.sent_at), now)
    return order


def _unheard(order: Order, number: str | None) -> bool:
    """Whether the notice of an issue is written, and nobody knows that it went out."""
    issue = order.issue(number or "")
    return issue is not None and issue.status != "draft" and issue.told_at is None


def _record(house: House, order: Order, number: str, sent_at: datetime, now: datetime) -> Order:
    event = IssueTold(at=now, by=BY, issue=number, sent_at=sent_at)
    after = evolve(order, event)
    commit(house, Decision("note", "a notice has gone out", after, (event,)), order, (), now)
    return after
