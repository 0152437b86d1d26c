"""What counts when it has gone out, not when it was written: an issue as told, an invoice as sent.

A notice that waits for its release, or for a server that is away, tells nobody, and the clock of the issue goes on; an
invoice that waits is not late, and its ladder counts from the day on which it went. What the outbox knows of them is
put on the order's record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mailbot.adapters.smtp import Outcome
from mailbot.adapters.store import Conflict, OutboxRow
from mailbot.app.commit import commit
from mailbot.app.house import House
from mailbot.app.records import order_of
from mailbot.orders.events import InvoiceChanged, IssueTold
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision
from mailbot.orders.model import Order
from mailbot.planning.dunning import invoice_key, sent_later
from mailbot.planning.occurrence import BY

_NOTICE, _INVOICE = "issue-notice", "invoice"
_TRIES = 5  # for conflicts: each time somebody else got on


def settled(house: House, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
    """An attempt has ended: where it was the notice of an issue, or an invoice, and it went out, that is on record.

    Raises Conflict when the order keeps changing meanwhile: `caught_up` makes up for it.
    """
    if row.kind not in (_NOTICE, _INVOICE) or outcome.state != "sent" or not row.order:
        return
    for _ in range(_TRIES):
        order = order_of(house.store, row.order)
        event = _means(order, row.kind, row.about, now, now) if order else None
        if order is None or event is None:
            return
        try:
            _record(house, order, event, now)
        except Conflict:
            continue
        return
    raise Conflict(f"{row.order} changed {_TRIES} times while a notice was recorded")


def caught_up(house: House, order: Order, now: datetime) -> Order:
    """`order` with the notices and invoices on record that went out without anybody seeing it: a crash came between.

    Where mails to clients are only recorded (shadow mode), a notice counts as told when it was written.
    """
    for kind, about, went in _gone(house, order):
        if event := _means(order, kind, about, went, now):
            order = _record(house, order, event, now)
    return order


def _gone(house: House, order: Order) -> Iterator[tuple[str, str, datetime]]:
    """The mails that went out of those that may not be on record: the kind, what it is about, when."""
    if any(_unheard(order, issue.number) for issue in order.issues):
        for row in (*house.store.outbox("sent", order=order.ref), *house.store.outbox("shadow", order=order.ref)):
            if row.kind == _NOTICE and row.about:
                yield _NOTICE, row.about, datetime.fromisoformat(row.sent_at or row.due)
    for invoice in order.invoices:
        if invoice.status == "sent" and not invoice.steps:
            sent = house.store.outbox_get(invoice_key(invoice.number, house.rules.process))
            if sent and sent.state == "sent" and sent.sent_at:
                yield _INVOICE, invoice.number, datetime.fromisoformat(sent.sent_at)


def _means(
    order: Order, kind: str, about: str | None, went: datetime, now: datetime
) -> IssueTold | InvoiceChanged | None:
    """What it means for `order` that the mail of `kind` went out; None where that is on record."""
    if kind == _NOTICE:
        return IssueTold(at=now, by=BY, issue=str(about), sent_at=went) if _unheard(order, about) else None
    invoice = order.invoice(about or "")
    return sent_later(invoice, order, went, now) if invoice else None


def _unheard(order: Order, number: str | None) -> bool:
    """Whether the notice of an issue is written, and nobody knows that it went out."""
    issue = order.issue(number or "")
    return issue is not None and issue.status != "draft" and issue.told_at is None


def _record(house: House, order: Order, event: IssueTold | InvoiceChanged, now: datetime) -> Order:
    after = evolve(order, event)
    commit(house, Decision("note", "a mail has gone out", after, (event,)), order, (), now)
    return after
