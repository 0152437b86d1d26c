"""What the store knows that bears on one mail: a bounded number of look-ups by key, however many orders there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mailbot.adapters.store import Store
from mailbot.orders.model import Held, Order
from mailbot.reading.intake import Known
from mailbot.reading.matching import Found, Ticket, clues
from mailbot.reading.message import Message

_NAMED = re.compile(r"\s*order[ :]+([A-Za-z0-9][A-Za-z0-9._-]{1,39})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_PEOPLE = 50  # recipients that are looked up


def order_of(store: Store, ref: str) -> Order | None:
    """The order with this reference, as it stands."""
    row = store.get("orders", ref)
    return Order.model_validate(row["order"]) if row else None


def held_of(store: Store, id: str) -> Held | None:
    """The held reply with this id."""
    row = store.get("held", id)
    return _held(row) if row else None


def known(store: Store, message: Message, address: str) -> Known:
    """What the store knows of the clues in `message` and of the people in it; `address` is the bot's."""
    clue = clues(message, address)
    threads = {i: row for i in clue.reply_ids if (row := store.get("threads", i))}
    tokens = {*clue.address_tokens, *clue.body_tokens, *(str(r["token"]) for r in threads.values() if r.get("token"))}
    tickets = {token: ticket for token in tokens if (ticket := _ticket(store, token))}
    named = _NAMED.match(message.text or "")
    refs = {*clue.tags, *(t.order for t in tickets.values()), *(r.get("order") for r in threads.values())}
    orders = {ref: order for ref in refs if ref and (order := order_of(store, ref))}
    people, managers = _people(store, message)
    held = {t.held: entry for t in tickets.values() if t.held and (entry := held_of(store, t.held))}
    return Known(
        found=Found(tickets, {i: (r.get("token"), r.get("order")) for i, r in threads.items()}, orders),
        people=people, managers=managers, held=held, sent=tuple(str(r["text"]) for r in threads.values()),
        order=order_of(store, named[1]) if named else None,
    )  # fmt: skip


def _ticket(store: Store, token: str) -> Ticket | None:
    row = store.get("requests", token)
    return Ticket(token, row.get("order"), row["kind"], row["about"], row.get("held")) if row else None


def _people(store: Store, message: Message) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    addresses = {a.addr for a in (*message.from_, *message.to, *message.cc) if a.addr}
    clients: dict[str, frozenset[str]] = {}
    managers: set[str] = set()
    for address in sorted(addresses)[:_PEOPLE]:
        rows = store.find("people", "email", address)
        clients[address] = frozenset(str(row["order"]) for row in rows if row["role"] == "client")
        if any(row["role"] == "manager" for row in rows):
            managers.add(address)
    return clients, frozenset(managers)


def orders(store: Store) -> Iterator[Order]:
    """All orders, by reference."""
    return (Order.model_validate(row["order"]) for row in store.all("orders"))


def held_of_order(store: Store, ref: str) -> list[Held]:
    """The held replies of an order, settled ones as well."""
    return [_held(row) for row in store.find("held", "order", ref)]


def waiting(store: Store) -> list[Held]:
    """The held replies that wait for a person, oldest first."""
    return sorted((_held(row) for row in store.find("held", "state", "waiting")), key=lambda held: held.at)


def _held(row: Mapping[str, Any]) -> Held:
    return Held.model_validate({key: value for key, value in row.items() if key != "token"})
