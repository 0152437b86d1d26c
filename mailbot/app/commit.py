"""A decision becomes true: the mail's record, the order with its events, what is held, the mails to send, the cursor.

All of it is one transaction. Mails are rendered and archived before it, so that a broken template holds and a crash
leaves at most an unused file in the archive. A `Conflict` means that somebody else was first: look and decide again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from mailbot.adapters.store import Conflict, OutboxEntry, State, Store, Tx
from mailbot.app.answers import OVER, count
from mailbot.app.house import House, one_click
from mailbot.app.manners import keeps_distance, note, post
from mailbot.orders.authority import people_of
from mailbot.orders.events import Event, OrderImported, RequestOpened
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision
from mailbot.orders.model import Order, utc
from mailbot.orders.notices import shadow
from mailbot.orders.reachability import reachable
from mailbot.orders.sends import Send
from mailbot.planning.due import next_due
from mailbot.planning.spacing import Post
from mailbot.planning.waiting import first_reminder
from mailbot.reading.intake import SURVEY
from mailbot.reading.own_words import shown
from mailbot.writing.kinds import KINDS
from mailbot.writing.mail import Mail
from mailbot.writing.render import render


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that is ready to be queued: rendered, and in the archive under `key`; `shown`: what answers may quote."""

    send: Send
    mail: Mail
    key: str
    state: State
    shown: str
    error: str = ""  # why it waits, where that is not the studio's mode


class _Written(NamedTuple):
    """A mail on its way into the archive: the disk is waited for once, not for each mail."""

    send: Send
    mail: Mail
    kept: Future[str]
    state: State
    error: str = ""


def written(
    house: House, sends: Iterable[Send], order: Order | None, now: datetime, waits: Iterable[Send] = ()
) -> tuple[Outgoing, ...]:
    """`sends` rendered and archived, and those that wait for a person. Raises ConfigError for a template that cannot
    be filled."""
    ready: list[_Written] = []
    for send in sends:
        one = _written(house, send, order, now)
        ready.append(one)
        if one.state in ("shadow", "held") and order:
            mode = "hold" if one.state == "held" else "shadow"
            instead = shadow(order, send, mode, one.mail.subject, one.mail.text)
            ready.append(_written(house, instead, order, now))
    ready += [_written(house, send, order, now, waits=True) for send in waits]
    texts = [shown(one.mail.text, one.mail.html) for one in ready]  # while the disk is busy
    return tuple(
        Outgoing(one.send, one.mail, one.kept.result(), one.state, text, one.error)
        for one, text in zip(ready, texts, strict=True)
    )


def _written(house: House, send: Send, order: Order | None, now: datetime, *, waits: bool = False) -> _Written:
    send = _to_whom(send, order)
    several = "," in (send.order or "")
    mail = render(
        send, studio=house.studio, templates=house.rules.templates, now=now, order=None if several else order,
        message_id=house.ids.message_id(send.key, send.token), one_click=one_click(house, send),
    )  # fmt: skip
    state = _state(house, send)
    state = "held" if (waits or send.waits) and state == "queued" else state
    return _Written(send, mail, house.archive.put_meanwhile(mail.data), state, OVER if waits else send.waits)


def _to_whom(send: Send, order: Order | None) -> Send:
    """A client's mail without the addresses that it does not reach; where no other is left it waits for a person."""
    if order is None or KINDS[send.kind].reader != "client":
        return send
    to, cc = reachable(order, send.to), reachable(order, send.cc)
    if to or not send.to:
        return replace(send, to=to, cc=cc)
    return replace(send, waits=send.waits or f"mail to {', '.join(send.to)} comes back")


def _state(house: House, send: Send) -> State:
    """Whether a mail goes out, waits for the account manager or is only recorded: the studio's mode, for clients."""
    if KINDS[send.kind].reader != "client":
        return "queued"
    modes: dict[str, State] = {"auto": "queued", "hold": "held", "shadow": "shadow"}
    return modes[house.settings.sending.of(send.kind)]


def commit(
    house: House,
    decision: Decision,
    before: Order | None,
    outgoing: Sequence[Outgoing],
    now: datetime,
    *,
    record: tuple[str, dict[str, Any]] | None = None,
    cursor: tuple[str, dict[str, Any]] | None = None,
    counts: Mapping[str, int] | None = None,
    seen: Post | None = None,
) -> None:
    """Make `decision` true. `before` is the order that it was made on; `record` and `cursor` are a key and a row,
    `counts` what `answers.sift` counted, `seen` what was known of the mails to its client, where that was looked at.

    Raises Conflict, with nothing done, when the mail is recorded already or the order has changed meanwhile, or a mail
    to its client was queued.
    """
    for data in (data for one in (decision, *(other for _, other in decision.others)) for data in one.keeps):
        house.archive.put(data)
    with house.store.transaction() as tx:
        if before and seen is not None and post(tx, house, before, now) != seen:
            raise Conflict(f"another mail to the client of {before.ref} was queued meanwhile")
        if record:
            tx.add("mails", *record)
        for one in outgoing:
            if keeps_distance(one.send.kind, one.send.about, decision.order):
                note(tx, house, one.send.key, one.mail.recipients, now)
        if decision.events and decision.order:
            put_order(tx, house, decision, before, now)
        for order, other in decision.others:
            if other.events:
                put_order(tx, house, other, order, now)
        _put_held(tx, house, decision)
        for one in outgoing:
            put_outgoing(tx, house, one, now)
        count(tx, house, counts or {}, now)
        if cursor:
            tx.put("cursors", *cursor)


def enqueue(house: House, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Queue mails that come of no decision, in a transaction of their own; one that was queued before is not again."""
    with house.store.transaction() as tx:
        for one in outgoing:
            put_outgoing(tx, house, one, now)


def put_order(tx: Tx, house: House, decision: Decision, before: Order | None, now: datetime) -> None:
    """The order with its events, inside a transaction. Raises Conflict when it has changed meanwhile."""
    after = decision.order
    if after is None:
        raise AssertionError("events without an order")
    row = tx.get("orders", after.ref)
    if (row["order"]["hash"] if row else None) != (before.hash if before else None):
        raise Conflict(f"{after.ref} has changed meanwhile")
    order = before
    people: set[str] = set()  # whoever was named only for the moment as well: their data are found by it
    for event in decision.events:
        link = order.hash if order else ""
        order = evolve(order, event)
        people |= people_of(order)
        tx.log(order.ref, order.revision, event.model_dump(mode="json"), link, order.hash)
        _put_ticket(tx, order, event)
    if order != after:
        raise AssertionError(f"{after.ref}: the events do not lead to the order that was decided on")
    _take_invoice_numbers(tx, before, after)
    tx.put("orders", after.ref, order_row(tx, house, after, now))
    if before is None or not people <= people_of(before):
        _put_people(tx, after, people)


def order_row(tx: Tx, house: House, order: Order, now: datetime) -> dict[str, Any]:
    """The order as it is stored, with what it is found by."""
    moment = next_due(order, house.rules.process, now, house.times, post(tx, house, order, now))
    return {
        "ref": order.ref,
        "closed": "yes" if order.closed else "no",
        "next_due": utc(moment) if moment else None,
        "order": order.model_dump(mode="json"),
    }


def _put_ticket(tx: Tx, order: Order, event: Event) -> None:
    if isinstance(event, RequestOpened):
        asked = event.request
        row = {"token": asked.token, "order": order.ref, "kind": asked.kind, "about": asked.about}
        tx.add("requests", asked.token, row)


def _take_invoice_numbers(tx: Tx, before: Order | None, after: Order) -> None:
    """New invoices take the studio's next numbers, without gaps; Conflict when they were counted from an old one."""
    old = {i.number for i in before.invoices} if before else set()
    for invoice in after.invoices:
        if invoice.number not in old and f"INV-{tx.next_number('invoice')}" != invoice.number:
            raise Conflict("another order took the invoice number")


def _put_people(tx: Tx, order: Order, people: Iterable[str]) -> None:
    for address in people:
        tx.put("people", f"{address} {order.ref} client", {"email": address, "order": order.ref, "role": "client"})
    manager = order.account_manager.email
    tx.put("people", f"{manager} {order.ref} manager", {"email": manager, "order": order.ref, "role": "manager"})


def _put_held(tx: Tx, house: House, decision: Decision) -> None:
    if held := decision.held:
        token = house.ids.token("held", held.mail)
        remind_at = utc(first_reminder(held.at, house.rules.process, house.times))
        tx.add("held", held.id, {**held.model_dump(mode="json"), "token": token, "remind_at": remind_at})
        ticket = {"token": token, "order": held.order, "kind": "held", "about": held.id, "held": held.id}
        tx.put("requests", token, ticket)
    if settled := decision.settled:
        row = tx.get("held", settled.id)
        if row is None or row["state"] == "settled":
            raise Conflict(f"{settled.id} has been settled meanwhile")
        tx.put("held", settled.id, {**row, **settled.model_dump(mode="json"), "remind_at": None})


def put_outgoing(tx: Tx, house: House, one: Outgoing, now: datetime) -> None:
    """A mail into the outbox, and what answers to it are found by, inside a transaction; nothing if it was there."""
    send, mail = one.send, one.mail
    entry = OutboxEntry(
        key=send.key, kind=send.kind, order=send.order, to=(*send.to, *send.cc), due=utc(now), mail=one.key,
        message_id=mail.message_id, sender=mail.sender, recipients=mail.recipients, about=send.about, state=one.state,
        error=one.error,
    )  # fmt: skip
    if tx.enqueue(entry):
        row = {
            "order": send.order, "token": send.token, "kind": send.kind, "about": send.about, "subject": mail.subject,
            "text": one.shown,
        }  # fmt: skip
        tx.put("threads", mail.message_id, row)
        if send.kind == SURVEY and send.token:  # no request: it leads to the order, and there is nothing to decide
            tx.put("requests", send.token, {"token": send.token, "order": send.order, "kind": SURVEY, "about": SURVEY})


def next_invoice(source: Store | Tx) -> int:
    """The number that the studio's next invoice will have; outside of a transaction, if nobody is faster."""
    row = source.get("counters", "invoice")
    return int(row["last"] if row else 0) + 1


def imported(event: OrderImported) -> Decision:
    """The decision that an order is taken on."""
    return Decision("note", "imported", evolve(None, event), (event,))
