"""The last look before a mail goes out: is it still needed, may it go now, and when did one last go to that address.

When mailbot last wrote to an address of a client is a row of the table `answers` under a key of its own: asking costs
the same however much is on record. It is noted in the commit that queues a mail and, where that had to wait, again when
it goes; answers to a client's mail are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from mailbot.adapters.store import Conflict, OutboxRow, Store, Tx
from mailbot.app.house import House
from mailbot.app.records import order_of
from mailbot.orders.authority import asked_of
from mailbot.orders.model import Order, utc
from mailbot.planning.due import ahead, forecasts
from mailbot.planning.dunning import invoice_key, is_answer
from mailbot.planning.last_look import no_longer, not_before
from mailbot.planning.occurrence import Occurrence
from mailbot.planning.spacing import TO_CLIENTS, Post
from mailbot.writing.kinds import KINDS

RELEASED = "released"
"""What the outbox says of a mail that a person has let go: it waits no more."""
_NOT_OUT = frozenset({"queued", "leased", "held", "failed"})
_NOW = timedelta(minutes=1)  # what was noted so lately need not be noted again


def post(source: Store | Tx, house: House, order: Order, now: datetime) -> Post:
    """What is known of the mails to all who may get one about `order`, as far as it matters at `now`."""
    rows = ((address, source.get("answers", _key(house, address))) for address in asked_of(order, now))
    lately = {address: datetime.fromtimestamp(row["at"][-1], UTC) for address, row in rows if row}
    unpaid = [invoice.number for invoice in order.invoices if invoice.status == "sent" and not invoice.steps]
    mails = {number: source.get("outbox", invoice_key(number, house.rules.process)) for number in unpaid}
    return Post(lately, frozenset(number for number, mail in mails.items() if mail and mail["state"] in _NOT_OUT))


def coming(house: House, orders: Iterable[Order], now: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Every mail of `orders` that will go out by itself up to `until`, earliest first."""
    known = list(orders)
    return forecasts(known, house.rules.process, now, until, house.times, _posts(house, known, now))


def coming_of(house: House, order: Order, now: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Those of `order` alone, which keep their distance to those of its client's other orders."""
    mails = coming(house, _of_one_client(house, order), now, until)
    return tuple(one for one in mails if one.order == order.ref)


def ahead_of(house: House, order: Order, now: datetime, until: datetime) -> Iterator[tuple[Occurrence, Order]]:
    """The same, one after the other, each with `order` as it stands by then."""
    known = _of_one_client(house, order)
    mails = ahead(known, house.rules.process, now, until, house.times, _posts(house, known, now))
    return ((one, then) for one, then in mails if one.order == order.ref and one.to)


def _of_one_client(house: House, order: Order) -> list[Order]:
    """`order`, and the others of its client."""
    rows = (row for address in order.client.emails for row in house.store.find("people", "email", address))
    others = (order_of(house.store, ref) for ref in sorted({row["order"] for row in rows} - {order.ref}))
    return [order, *(one for one in others if one)]


def _posts(house: House, orders: Iterable[Order], now: datetime) -> Post:
    found = [post(house.store, house, order, now) for order in orders]
    lately = {address: when for one in found for address, when in one.lately.items()}
    return Post(lately, frozenset[str]().union(*(one.unsent for one in found)))


def keeps_distance(kind: str, about: str | None, order: Order | None) -> bool:
    """Whether a mail keeps apart from others: it goes to a client, and answers neither mail nor agreement of theirs."""
    if KINDS[kind].reader != "client" or KINDS[kind].answers:
        return False
    invoice = order.invoice(about or "") if order else None
    return not (invoice and is_answer(kind, invoice))


def note(tx: Tx, house: House, mail: str, readers: Iterable[str], now: datetime) -> None:
    """Write down, in a transaction, that `mail`, an outbox key, goes to `readers` at `now` and keeps its distance.

    Raises Conflict when somebody else has written to one of them for the first time meanwhile.
    """
    until = utc(now + timedelta(minutes=house.rules.process.client_hours.apart_minutes))
    for address in sorted(readers):
        key = _key(house, address)
        write = tx.put if tx.get("answers", key) else tx.add
        write("answers", key, {"at": [now.timestamp()], "until": until, "mail": mail})


def still_due(house: House, row: OutboxRow, now: datetime) -> str | None:
    """Why a queued mail is not needed any more; None when it is."""
    order = _order(house, row)
    return no_longer(row.kind, row.about, row.key, order, house.rules.process, now) if order else None


def not_yet(house: House, row: OutboxRow, now: datetime) -> datetime | None:
    """From when a queued mail may go, where it has to wait; None when it may go now, which is noted then."""
    order = _order(house, row)
    if not keeps_distance(row.kind, row.about, order):
        return None
    known = [house.store.get("answers", _key(house, address)) for address in row.recipients]
    if all(one and one["mail"] == row.key and one["at"][-1] >= (now - _NOW).timestamp() for one in known):
        return None  # queued just now
    try:
        with house.store.transaction() as tx:
            when = _free(tx, house, row, order, now)
            if when is None:
                note(tx, house, row.key, row.recipients, now)
    except Conflict:
        return now + _NOW  # another worker writes to them in this very moment
    return when


def _free(tx: Tx, house: House, row: OutboxRow, order: Order | None, now: datetime) -> datetime | None:
    if row.kind not in TO_CLIENTS or order is None or row.error.startswith(RELEASED):
        return None
    rows = {address: tx.get("answers", _key(house, address)) for address in row.recipients}
    others = {a: one["at"] if one and one["mail"] != row.key else () for a, one in rows.items()}
    taken = {address: [datetime.fromtimestamp(moment, UTC) for moment in at] for address, at in others.items()}
    when = not_before(row.kind, row.about, order, house.rules.process, now, house.times, taken)
    return when if when > now else None


def _order(house: House, row: OutboxRow) -> Order | None:
    return order_of(house.store, row.order) if row.order and "," not in row.order else None


def _key(house: House, address: str) -> str:
    return house.ids.token("written to", address)
