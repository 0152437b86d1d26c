"""The rounds of the studio: the digest of each account manager and the weekly report, each made once, ever.

When they were looked after last stands in the store; it moves in the commit that queues them. Orders are read in one
pass for all digests of a morning, and only then.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from mailbot.adapters.archive import ArchiveError
from mailbot.adapters.store import Doc, Store, StoreError
from mailbot.addresses import normal
from mailbot.app.commit import Outgoing, put_outgoing, written
from mailbot.app.faults import fault
from mailbot.app.house import House
from mailbot.app.records import waiting
from mailbot.orders.events import EVENT
from mailbot.orders.model import Held, Order, utc
from mailbot.orders.sends import Send
from mailbot.planning import rounds
from mailbot.planning.digest import Waiting, digest
from mailbot.planning.figures import Figure, History, Span, figures, history
from mailbot.planning.occurrence import Occurrence
from mailbot.planning.round_sends import digest_send, key_of, report_send
from mailbot.planning.rounds import Round
from mailbot.writing.kinds import KINDS

log = logging.getLogger(__name__)
_ROUNDS = "rounds"


def go_round(house: House, now: datetime) -> int:
    """Queue the digests and the report that have come due; the number of mails. One that fails stops no other."""
    since = _since(house.store)
    if since is None:
        _looked(house, now)
        return 0
    due = rounds.rounds(house.rules.process, since, now, house.times)
    outgoing = [mail for one in due for make in _makers(house, one, now) for mail in _written(house, one, make, now)]
    if due:
        _looked(house, now, outgoing)
    return len(outgoing)


def coming(house: House, now: datetime, until: datetime) -> Iterator[Occurrence]:
    """The digests and reports that will go out by `until`, if orders stay as they are."""
    managers = sorted(_by_manager(house.store))
    if not managers:
        return
    rules, since = house.rules.process, _since(house.store)
    due = rounds.rounds(rules, since, now, house.times) if since else ()
    for one in (*due, *rounds.coming(rules, now, until, house.times)):
        at = max(one.at, now)
        for reader in managers if one.kind == "digest" else [house.times.sales_director]:
            why = f"the {one.kind} of {one.day}"
            yield Occurrence(at, one.kind, "", (reader,), one.day.isoformat(), key_of(one, reader), why)


def week_span(house: House, day: date, now: datetime) -> Span:
    """The week whose report goes out on `day`, up to `now` while it lasts."""
    since, until = rounds.week_of(day, house.rules.process, house.times)
    return Span(since, min(until, now), house.rules.process, house.times)


def figures_of(house: House, span: Span) -> tuple[tuple[Figure, ...], int]:
    """The figures of `span`, as all orders stood at its end, and how many were active then."""
    histories: list[History] = []
    earlier: list[int] = []
    for row in house.store.all("orders"):
        order = row["order"]
        if row["closed"] == "yes" and _last_event(house.store, order) <= span.since:
            earlier += [order["satisfaction"]] if order["satisfaction"] is not None else []
            continue
        entries = house.store.audit(row["ref"])
        if made := history((EVENT.validate_python(entry["event"]) for entry in entries), span.until):
            histories.append(made)
    return figures(histories, span, earlier), sum(not one.order.closed for one in histories)


def _since(store: Store) -> datetime | None:
    row = store.get("meta", _ROUNDS)
    return datetime.fromisoformat(row["since"]) if row else None


def _looked(house: House, now: datetime, outgoing: Sequence[Outgoing] = ()) -> None:
    """Queue what is written and note, in the same commit, that all rounds up to `now` are done."""
    with house.store.transaction() as tx:
        for one in outgoing:
            put_outgoing(tx, house, one, now)
        tx.put("meta", _ROUNDS, {"since": utc(now)})


def _makers(house: House, one: Round, now: datetime) -> Sequence[Callable[[], Send | None]]:
    """What makes each mail of a round."""
    if one.kind == "report":
        return [partial(_report, house, one, now)]
    replies, released = waiting(house.store), _waiting_mails(house.store)
    return [
        partial(_digest, house, one, reader, rows, replies, released, now)
        for reader, rows in sorted(_by_manager(house.store).items())
    ]


def _digest(
    house: House, one: Round, reader: str, rows: Sequence[Doc], replies: Sequence[Held],
    released: Mapping[str, Sequence[Waiting]], now: datetime,
) -> Send | None:  # fmt: skip
    if house.store.outbox_get(key_of(one, reader)):
        return None
    orders = (Order.model_validate(row["order"]) for row in rows)
    own = (reply for reply in replies if reply.order or normal(reply.am) == reader)
    found = digest(orders, own, house.rules.process, now, house.times, released)
    return digest_send(one, reader, found, house.settings.sending.of)


def _report(house: House, one: Round, now: datetime) -> Send | None:
    """None while there is nothing to tell: no order is on record."""
    reader = house.times.sales_director
    if house.store.outbox_get(key_of(one, reader)):
        return None
    span = week_span(house, one.day, now)
    found, orders = figures_of(house, span)
    return report_send(one, reader, found, orders, span) if orders or any(figure.counted for figure in found) else None


def _written(house: House, one: Round, make: Callable[[], Send | None], now: datetime) -> Sequence[Outgoing]:
    """One mail of a round, ready to be queued. What a template or an order makes impossible is told in the log."""
    try:
        send = make()
        outgoing = written(house, [send] if send else [], None, now)
    except (StoreError, ArchiveError):
        raise  # nothing is done yet: all of it is tried again
    except Exception as error:
        log.exception("not written", extra={"event": "round.failed", "kind": one.kind, "reason": fault(error)})
        return ()
    for mail in outgoing:
        log.info("%s", one.kind, extra={"event": "round.due", "kind": one.kind, "key": mail.send.key})
    return outgoing


def _waiting_mails(store: Store) -> Mapping[str, Sequence[Waiting]]:
    """The mails to clients that wait to be let go, by the order's reference."""
    found: dict[str, list[Waiting]] = defaultdict(list)
    for row in store.outbox("held"):
        if row.order and KINDS[row.kind].reader == "client":
            found[row.order].append(Waiting(row.id, row.kind))
    return found


def _last_event(store: Store, order: Mapping[str, Any]) -> datetime:
    """When the last thing happened to an order."""
    return datetime.fromisoformat(store.audit(order["ref"], after=order["revision"] - 1)[-1]["event"]["at"])


def _by_manager(store: Store) -> Mapping[str, Sequence[Doc]]:
    """The rows of the active orders by the address of their account manager."""
    found: dict[str, list[Doc]] = defaultdict(list)
    for row in store.find("orders", "closed", "no"):
        found[normal(row["order"]["account_manager"]["email"])].append(row)
    return found
