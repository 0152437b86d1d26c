"""What the store knows that bears on one mail: a bounded number of look-ups by key, however many orders there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mailbot.adapters.store import Store
from mailbot.addresses import normal
from mailbot.app.records import held_of, order_of
from mailbot.orders.addressed import first_words
from mailbot.orders.model import Order
from mailbot.reading.intake import Known
from mailbot.reading.matching import Found, Ticket, clues
from mailbot.reading.message import Message
from mailbot.reading.words_headers import ADDRESS

_NAMED = re.compile(r"\s*order[ :]+([A-Za-z0-9][A-Za-z0-9._-]{1,39})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_PEOPLE = 50  # recipients that are looked up
_NAMES = 500  # addresses in the words of staff that are


def known(store: Store, message: Message, address: str, returned: str | None = None) -> Known:
    """What the store knows of the clues in `message` and of the people in it; `address` is the bot's.

    `returned` is the Message-ID of the mail that a bounce is about.
    """
    clue = clues(message, address, returned)
    threads = {i: row for i in clue.reply_ids if (row := store.get("threads", i))}
    tokens = {*clue.address_tokens, *clue.body_tokens, *(str(r["token"]) for r in threads.values() if r.get("token"))}
    tickets = {token: ticket for token in tokens if (ticket := _ticket(store, token))}
    named = _NAMED.match(message.text or "")
    refs = {*clue.tags, *(t.order for t in tickets.values()), *(_only(r.get("order")) for r in threads.values())}
    orders = {ref: order for ref in refs if ref and (order := order_of(store, ref))}
    people, managers = _people(store, message)
    received = {i: str(row["from"]) for i in clue.parents if (row := store.get("mails", i))}
    held = {t.held: entry for t in tickets.values() if t.held and (entry := held_of(store, t.held))}
    parent = next((threads[i] for i in clue.parents if i in threads), None)
    ours = {i: (r.get("token"), _only(r.get("order"))) for i, r in threads.items()}
    return Known(
        found=Found(tickets, ours, orders, received),
        people=people, managers=managers, held=held, sent=tuple(str(r["text"]) for r in threads.values()),
        subjects=tuple(str(r.get("subject", "")) for r in threads.values()),
        order=order_of(store, named[1]) if named else None,
        answers=str(parent["kind"]) if parent else None, about=parent.get("about") if parent else None,
    )  # fmt: skip


def orders_named(store: Store, words: str) -> dict[str, Order]:
    """The orders that lines of `words` begin with, as they are written there."""
    found = {ref: order_of(store, ref) or order_of(store, ref.upper()) for ref in first_words(words)}
    return {ref: order for ref, order in found.items() if order}


def _only(order: str | None) -> str | None:
    """The order of a mail of ours that was about one: of several none is meant."""
    return None if order and "," in order else order


def order_of_client(store: Store, addresses: Sequence[str]) -> Order | None:
    """The one open order that these people are clients of; None when there is none, or when there are several."""
    rows = (row for address in addresses for row in store.find("people", "email", address) if row["role"] == "client")
    found = {order.ref: order for row in rows if (order := order_of(store, str(row["order"]))) and not order.closed}
    return next(iter(found.values())) if len(found) == 1 else None


def managers_in(store: Store, text: str) -> frozenset[str]:
    """The addresses in `text` that are account managers', of any order."""
    named = {normal(address.strip(".")) for address in ADDRESS.findall(text)[:_NAMES]}
    return frozenset(address for address in named if _is_manager(store.find("people", "email", address)))


def _is_manager(rows: Sequence[Mapping[str, Any]]) -> bool:
    return any(row["role"] == "manager" for row in rows)


def _ticket(store: Store, token: str) -> Ticket | None:
    row = store.get("requests", token)
    return Ticket(token, row.get("order"), row["kind"], row["about"], row.get("held")) if row else None


def _people(store: Store, message: Message) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    addresses = {normal(a.addr) for a in (*message.from_, *message.to, *message.cc) if a.addr}
    clients: dict[str, frozenset[str]] = {}
    managers: set[str] = set()
    for address in sorted(addresses)[:_PEOPLE]:
        rows = store.find("people", "email", address)
        clients[address] = frozenset(str(row["order"]) for row in rows if row["role"] == "client")
        if _is_manager(rows):
            managers.add(address)
    return clients, frozenset(managers)
