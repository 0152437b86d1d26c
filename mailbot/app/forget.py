"""A client's personal data are removed, as the law lets them ask: from closed orders, and from loose mail of theirs.

First it is looked whether it can be done (`look`), then all rows change in one transaction, then the archive loses the
mails. What that still has to lose stands in the store until it is done, so that a crash leaves nothing behind.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.adapters.store import Conflict, Doc, OutboxRow, Store, StoreError, Tx, event_key
from mailbot.addresses import normal
from mailbot.app.records import Records, order_of, orders
from mailbot.errors import ConfigError, Problem
from mailbot.orders.authority import people_of
from mailbot.orders.events import DataRemoved
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.orders.removal import REMOVED, Cleared, Known, cleared
from mailbot.orders.verify import mails_of, verify

_PENDING = "forgetting"  # in `meta`: mails that the archive is still to lose
_ENDED = ("sent", "failed", "shadow")


@dataclass(frozen=True, slots=True)
class Look:
    """What there is of a client: what they are known by, their orders; and what belongs to no order."""

    who: Known
    orders: tuple[str, ...]
    mails: tuple[Doc, ...]
    held: tuple[Doc, ...]
    sent: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed: texts of each order's events, and how many mails of the archive."""

    texts: Mapping[str, int]
    mails: int


def look(records: Records, client: str) -> Look:
    """What there is of `client`, an address or a name. Raises ConfigError: nobody, or what stands against it."""
    finish(records)  # what an earlier one may have left to do
    store = records.store
    found = list(_orders(store, client))
    who = _known(store, found, client)
    mails, held = _loose(store, "mails", "from", who), _loose(store, "held", "sender", who)
    sent = tuple(doc for doc in store.all("outbox") if not doc["order"] and _speaks_of(store, doc, who))
    problems = [*_ambiguous(found, client), *(p for order in found for p in _against(store, order))]
    problems += _undone((store.outbox_get(doc.key) for doc in sent), map(dict, held))
    if problems:
        raise ConfigError(problems)
    if not (found or mails or held or sent):
        mend = "an address, or a name as the order has it; `mailbot order show REF` tells"
        raise ConfigError([Problem(f"there is nothing of {client!r} on record", mend=mend)])
    return Look(who, tuple(order.ref for order in found), mails, held, sent)


def forget(records: Records, found: Look, now: datetime, by: str) -> Forgotten:
    """Removes what `look` found. Raises StoreError, with nothing done, when it has changed meanwhile."""
    try:
        texts = _clear(records.store, found, now, by)
    except Conflict as why:
        raise StoreError(f"it has changed meanwhile ({why}); try again") from None
    return Forgotten(texts, finish(records))


def _clear(store: Store, found: Look, now: datetime, by: str) -> dict[str, int]:
    """All rows in one transaction; how many texts of each order's events are gone. Raises Conflict."""
    texts: dict[str, int] = {}
    gone: set[str] = {str(doc["mail"]) for doc in (*found.mails, *found.sent)}
    with store.transaction() as tx:
        for ref in found.orders:
            mails, done = _clear_order(tx, store, ref, found.who, now, by)
            texts[ref] = len(done.event.texts)
            gone |= mails
        _tell_others(tx, store, found.orders, now, by)
        for doc in found.mails:
            tx.put("mails", doc.key, _less_mail(doc, found.who))
        for doc in found.held:
            tx.put("held", doc.key, _less_held(doc, found.who))
        _clear_sent(tx, ((str(doc["key"]), str(doc["message_id"])) for doc in found.sent), found.who)
        tx.put("meta", _PENDING, {"mails": sorted(gone)})
    return texts


def finish(records: Records) -> int:
    """Takes the mails out of the archive that a removal has left to do; how many there were. Raises StoreError."""
    row = records.store.get("meta", _PENDING)
    if row is None:
        return 0
    removed = sum(records.archive.remove(key) for key in row["mails"])
    records.store.scrub()
    with records.store.transaction() as tx:
        tx.delete("meta", _PENDING)
    return removed


def _orders(store: Store, client: str) -> Iterator[Order]:
    """The orders of a client, by any address or by the name; those already cleared that they have written to since."""
    if "@" in client:
        address = normal(client)
        refs = {str(row["order"]) for row in store.find("people", "email", address) if row["role"] == "client"}
        again = {str(doc["order"]) for doc in store.all("mails") if doc["order"] and doc["from"] == address} - refs
        yield from (order for ref in sorted(refs) if (order := order_of(store, ref)))
        yield from (order for ref in sorted(again) if (order := order_of(store, ref)) and order.client.name == REMOVED)
        return
    name = " ".join(client.split()).casefold()
    yield from (o for o in orders(store) if o.client.name.casefold() == name and o.client.name != REMOVED)


def _known(store: Store, found: list[Order], client: str) -> Known:
    """What somebody is known by: with the addresses of all who ever could decide on their orders."""
    addresses = {normal(client)} if "@" in client else set()
    for order in found:
        people = store.find("people", "order", order.ref)
        addresses |= {*people_of(order), *(str(row["email"]) for row in people if row["role"] == "client")}
    name = next((order.client.name for order in found if order.client.name != REMOVED), "")
    return Known(frozenset(addresses - {REMOVED}), name)


def _loose(store: Store, table: str, sender: str, who: Known) -> tuple[Doc, ...]:
    """Rows of theirs that belong to no order."""
    return tuple(doc for doc in store.all(table) if not doc["order"] and doc[sender] in who.addresses)


def _speaks_of(store: Store, doc: Mapping[str, Any], who: Known) -> bool:
    """Whether a mail of ours went to them, or names an address of theirs."""
    thread: Mapping[str, Any] = store.get("threads", doc["message_id"]) or {}
    words = f"{thread.get('subject')} {thread.get('text')}".casefold()
    return bool({*doc["to"]} & who.addresses) or any(address in words for address in who.addresses)


def _ambiguous(found: list[Order], client: str) -> list[Problem]:
    """Two people of one name are not forgotten together."""
    if "@" in client or all(set(order.client.emails) & set(found[0].client.emails) for order in found):
        return []
    addresses = sorted({address for order in found for address in order.client.emails})
    return [Problem(f"there are several of the name {client!r}", mend=f"name an address: {', '.join(addresses)}")]


def _against(store: Store, order: Order) -> Iterator[Problem]:
    """What has to be settled before the data of an order can go."""
    ref = order.ref
    if not order.closed:
        yield Problem(f"{ref} is open", mend=f"`mailbot do {ref} close`, or `mailbot do {ref} 'close anyway'`")
        return
    yield from _undone(store.outbox(order=ref), map(dict, store.find("held", "order", ref)))
    for problem in verify(store.audit(ref), order):
        yield Problem(f"{ref}: {problem}", mend=f"nothing is removed from a record that is not whole: restore {ref}")


def _undone(sent: Iterable[OutboxRow | None], held: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    """Mails that are still to go out, and replies that wait."""
    for row in sent:
        if row is not None and row.state not in _ENDED:
            yield Problem(f"{row.id} ({row.kind}) is {row.state}", mend=f"`mailbot outbox drop {row.id}`")
    for one in held:
        if one["state"] == "waiting":
            yield Problem(f"{one['id']} waits for a person", mend=f"`mailbot held dismiss {one['id']}`")


def _clear_order(tx: Tx, store: Store, ref: str, who: Known, now: datetime, by: str) -> tuple[frozenset[str], Cleared]:
    """One order with all rows about it; the mails that the archive is to lose."""
    row, sent = tx.get("orders", ref), store.outbox(order=ref)
    if row is None or (against := next(_against(store, Order.model_validate(row["order"])), None)):
        raise Conflict(str(against) if row else ref)
    entries = store.audit(ref)
    came, held = tx.find("mails", "order", ref), tx.find("held", "order", ref)
    mails = {
        *(doc["mail"] for doc in came),
        *(out.mail for out in sent),
        *(k for one in entries for k in mails_of(one)),
    }
    counts = {"mails": len(came), "held": len(held), "outbox": len(sent)}
    done = cleared(entries, who, mails=mails, rows=counts, at=now, by=by, salt=secrets.token_hex(16))
    for entry in done.entries:
        tx.put("events", event_key(ref, entry["revision"]), entry)
    tx.log(ref, done.order.revision, done.event.model_dump(mode="json"), done.before, done.order.hash)
    tx.put("orders", ref, {**row, "next_due": None, "order": done.order.model_dump(mode="json")})
    for doc in came:
        tx.put("mails", doc.key, _less_mail(doc, who))
    for doc in held:
        tx.put("held", doc.key, _less_held(doc, who))
    _clear_sent(tx, ((out.key, out.message_id) for out in sent), who)
    _clear_people(tx, ref, who)
    return frozenset(mails), done


def _clear_sent(tx: Tx, sent: Iterable[tuple[str, str]], who: Known) -> None:
    """Mails of ours, by key and Message-ID: to whom, what they said, what went wrong."""
    for old, message_id in sent:
        if thread := tx.get("threads", message_id):
            tx.put("threads", message_id, {**thread, "subject": REMOVED, "text": REMOVED})
        if row := tx.get("outbox", old):
            key = who.without(old)
            if key != old:
                tx.delete("outbox", old)
            to = {name: [who.address(one) for one in row[name]] for name in ("to", "recipients")}
            tx.put("outbox", key, {**row, **to, "key": key, "error": who.without(row["error"])})


def _clear_people(tx: Tx, ref: str, who: Known) -> None:
    for address in who.addresses:
        tx.delete("people", f"{address} {ref} client")
    if row := tx.get("meta", f"import {ref}"):
        entry = row["entry"]
        less = {"client": dict.fromkeys(entry["client"], REMOVED), "project": who.without(entry["project"])}
        tx.put("meta", f"import {ref}", {"entry": {**entry, **less}})


def _less_mail(doc: Mapping[str, Any], who: Known) -> dict[str, Any]:
    return {**doc, "from": who.address(doc["from"]), "because": who.reason(doc["because"])}


def _less_held(doc: Mapping[str, Any], who: Known) -> dict[str, Any]:
    less = {"sender": who.address(doc["sender"]), "because": who.reason(doc["because"])}
    return {**doc, **less, "subject": REMOVED, "words": REMOVED}


def _tell_others(tx: Tx, store: Store, refs: Iterable[str], now: datetime, by: str) -> None:
    """A mail about several orders goes as well: that is on the record of the others, too."""
    others: dict[str, set[str]] = {}
    for row in (row for ref in refs for row in store.outbox(order=ref)):
        for other in {*(row.order or "").split(",")} - {*refs}:
            others.setdefault(other, set()).add(row.mail)
    for other, mails in sorted(others.items()):
        if (found := tx.get("orders", other)) is None:
            continue
        before = Order.model_validate(found["order"])
        event = DataRemoved(at=now, by=by, mails=tuple(sorted(mails)))
        after = evolve(before, event)
        tx.log(other, after.revision, event.model_dump(mode="json"), before.hash, after.hash)
        tx.put("orders", other, {**found, "order": after.model_dump(mode="json")})
