"""What people do at the shell: take orders on, give commands, settle held replies. The same decisions as by mail."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from mailbot.adapters.store import Conflict
from mailbot.app.commit import commit, imported, next_invoice, put_order, written
from mailbot.app.house import House
from mailbot.app.receive import circumstances
from mailbot.app.records import held_of, held_of_order, order_of
from mailbot.errors import ConfigError, Problem
from mailbot.orders.carry_out import carry_out
from mailbot.orders.circumstances import Enclosed, Line
from mailbot.orders.commanding import commands_of
from mailbot.orders.decide import settled_by_hand
from mailbot.orders.events import OrderImported
from mailbot.orders.intake import Decision
from mailbot.orders.model import Invoice, Milestone, Order
from mailbot.orders.order_file import (
    OrderEntry,
    PaymentEntry,
    billing_of,
    check_entries,
    client_of,
    manager_of,
    milestones_of,
    read_entries,
)
from mailbot.planning.project import left_behind, plan_invoices, plan_milestones
from mailbot.reading.enclosed import enclosed_mail

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: references of new orders, and of those that were there already.

    `left` are invoices that fell due before, each with its order's reference: they go out when staff say so.
    """

    new: tuple[str, ...]
    known: tuple[str, ...]
    left: tuple[tuple[str, Invoice], ...] = ()


def import_orders(house: House, path: Path, now: datetime) -> Imported:
    """Take on the orders of a file, all or none. Raises ConfigError with every problem of every order.

    An order that is there already, the same, is passed over; one that differs is a problem: commands change orders.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(f"cannot be read: {error}", str(path))]) from None
    entries = check_entries(read_entries(text, path.name), str(path), house.rules.process)
    for _ in range(_TRIES):
        try:
            return _imported(house, entries, str(path), now)
        except Conflict:  # another process took on one of these, or the numbers of its invoices
            continue
    raise ConfigError("other orders were taken on at the same time, again and again; try again")


def _imported(house: House, entries: Sequence[OrderEntry], file: str, now: datetime) -> Imported:
    known = [entry for entry in entries if house.store.get("orders", entry.ref)]
    if problems := [p for entry in known for p in _differs(house, entry, file)]:
        raise ConfigError(problems)
    refs = {entry.ref for entry in known}
    new = [entry for entry in entries if entry.ref not in refs]
    left = _take_on(house, new, now)
    return Imported(tuple(entry.ref for entry in new), tuple(sorted(refs)), left)


def _take_on(house: House, entries: Sequence[OrderEntry], now: datetime) -> tuple[tuple[str, Invoice], ...]:
    """All new orders in one transaction: all of the file, or nothing. The invoices that are left to staff."""
    left: list[tuple[str, Invoice]] = []
    with house.store.transaction() as tx:
        number = next_invoice(tx)
        for entry in entries:
            event = _event(house, entry, number, now)
            number += len(event.invoices)
            put_order(tx, house, imported(event), None, now)
            tx.add("meta", _entry_key(entry.ref), {"entry": entry.model_dump(mode="json")})
            left += [(entry.ref, invoice) for invoice in event.invoices if invoice.left]
    return tuple(left)


def _entry_key(ref: str) -> str:
    return f"import {ref}"


def _differs(house: House, entry: OrderEntry, file: str) -> list[Problem]:
    row = house.store.get("meta", _entry_key(entry.ref))
    if row is None or row["entry"] == entry.model_dump(mode="json"):
        return []
    changed = [key for key, value in entry.model_dump(mode="json").items() if row["entry"].get(key) != value]
    what = f"{entry.ref} is there already, with another {', '.join(changed)}"
    return [Problem(what, file, entry.ref, mend=f"`mailbot do {entry.ref} '...'` changes it; or take it out")]


def _event(house: House, entry: OrderEntry, first_invoice: int, now: datetime) -> OrderImported:
    rules, studio = house.rules.process, house.studio
    milestones = milestones_of(entry) or plan_milestones(entry.signed, entry.delivery, rules)
    invoices = left_behind(_invoices(house, entry, milestones, first_invoice), house.today(now), rules)
    return OrderImported(
        at=now, by="shell", ref=entry.ref, project=entry.project,
        client=client_of(entry, studio.timezone, studio.locale), account_manager=manager_of(entry),
        currency=entry.currency, total=entry.total, signed=entry.signed, delivery=entry.delivery,
        phase=entry.phase or rules.phases[0], milestones=milestones, invoices=invoices, billing=billing_of(entry),
        salt=secrets.token_hex(16),
    )  # fmt: skip


def _invoices(house: House, entry: OrderEntry, milestones: Sequence[Milestone], first: int) -> tuple[Invoice, ...]:
    if entry.payments is not None:
        return tuple(_invoice(f"INV-{n}", payment) for n, payment in enumerate(entry.payments, start=first))
    numbers = (f"INV-{n}" for n in range(first, first + len(house.rules.process.payments)))
    return plan_invoices(
        total=entry.total, currency=entry.currency, signed=entry.signed, delivery=entry.delivery,
        milestones=milestones, rules=house.rules.process, numbers=numbers,
    )  # fmt: skip


def _invoice(number: str, payment: PaymentEntry) -> Invoice:
    """The invoice of a payment that the file names: still to be sent, sent by the studio itself, or paid."""
    return Invoice(
        number=number, kind=payment.kind, amount=payment.amount, due=payment.due, milestone=payment.milestone,
        status="paid" if payment.paid_on else "sent" if payment.sent_on else "planned", sent_on=payment.sent_on,
        paid_on=payment.paid_on, paid=payment.amount if payment.paid_on else Decimal("0.00"),
    )  # fmt: skip


def do(
    house: House, ref: str, text: str, who: str, now: datetime, files: Sequence[tuple[str, str, bytes]] = ()
) -> tuple[Line, ...]:
    """Carry out commands on an order, as by mail; a result for each line. Raises ConfigError: no such order."""
    for _ in range(_TRIES):
        order = _order(house, ref)
        roles = ("staff", "finance", "director")
        at = circumstances(
            house, who, roles, now, text, attachments=tuple(files), enclosed=_enclosed(house, files, now)
        )
        done = carry_out(order, commands_of(text, order, house.policy.commands, at), at)
        decision = Decision("command", "at the shell", done.order, done.events, done.sends, keeps=done.keeps)
        try:
            commit(house, decision, order, written(house, decision.sends, done.order, now), now)
        except Conflict:
            continue
        return done.lines
    raise ConfigError(f"{ref} kept changing while the commands were carried out; try again")


def _enclosed(house: House, files: Sequence[tuple[str, str, bytes]], now: datetime) -> tuple[Enclosed, ...]:
    """The mails among the files."""
    reader = house.reader
    mails = (data for _, content_type, data in files if content_type == "message/rfc822")
    return tuple(enclosed_mail(data, reader.words, reader.trust, house.signatures(now)) for data in mails)


def settle(house: House, id: str, word: str, who: str, now: datetime) -> Decision:
    """Settle a held reply. Raises ConfigError (no such reply) or Unsettled (not so, and why)."""
    held = held_of(house.store, id)
    if held is None:
        raise ConfigError([Problem(f"there is no held reply {id}", mend="`mailbot held` lists them")])
    order = order_of(house.store, held.order) if held.order else None
    waiting = tuple(held_of_order(house.store, held.order)) if held.order else ()
    at = circumstances(house, who, ("staff",), now, held.sender, waiting=waiting)
    decision = settled_by_hand(held, word, order, house.policy, at)
    commit(house, decision, order, written(house, decision.sends, decision.order or order, now), now)
    return decision


def _order(house: House, ref: str) -> Order:
    order = order_of(house.store, ref)
    if order is None:
        raise ConfigError([Problem(f"there is no order {ref}", mend="`mailbot order list` lists them")])
    return order
