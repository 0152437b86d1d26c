"""The whole store verified: each order's chain and state, each mail that anything refers to; one order at a time.

What belongs to no order is looked at as well, and what names an order that is not there. Memory does not grow with the
store. While a daemon works, an order that has changed while it was read is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mailbot.app.evidence import checked_mail
from mailbot.app.records import Records
from mailbot.evidence.check import check_rows
from mailbot.evidence.rows import Rows
from mailbot.orders.removal import REMOVED
from mailbot.orders.verify import mails_removed

_TRIES = 5  # for orders that change while they are read
_REFS = 4096  # references that are kept at hand
_NAME_AN_ORDER = ("events", "requests", "people", "held", "mails", "outbox")
_HAVE_A_MAIL = ("mails", "held", "outbox")


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one order, or (`order` is None) of a row of no order; how many events and mails it has."""

    order: str | None
    problems: tuple[str, ...]
    events: int = 0
    mails: int = 0


def verify_all(records: Records) -> Iterator[Verified]:
    """Everything on record: each order, then what is wrong with the rest. Raises StoreError when it cannot be read."""
    for row in records.store.all("orders"):
        yield _order(records, row.key)
    yield from _rest(records)


def _order(records: Records, ref: str) -> Verified:
    for _ in range(_TRIES):
        rows = _rows(records, ref)
        problems = tuple(check_rows(rows, lambda key: checked_mail(records, key)))
        if not problems or _rows(records, ref).order == rows.order:
            break  # otherwise it has changed meanwhile
    return Verified(ref, problems, len(rows.events), len(rows.mails_named()))


def _rows(records: Records, ref: str) -> Rows:
    """The rows that are checked; the outbox by its index, which has those about this order alone."""
    store = records.store
    order = store.get("orders", ref)
    return Rows(
        {}, order["order"] if order else {}, tuple(store.audit(ref)), tuple(store.find("held", "order", ref)),
        tuple(store.find("mails", "order", ref)), tuple(store.find("outbox", "order", ref)),
    )  # fmt: skip


def _rest(records: Records) -> Iterator[Verified]:
    store = records.store

    @lru_cache(maxsize=_REFS)
    def there(ref: str) -> bool:
        return store.get("orders", ref) is not None

    for table in _NAME_AN_ORDER:
        for row in store.all(table):
            refs = str(row.get("order") or "").split(",")
            problems = [f"{table} {row.key}: there is no order {ref}" for ref in refs if ref and not there(ref)]
            if table in _HAVE_A_MAIL and refs != [row.get("order")]:
                problems += _mail(records, f"{table} {row.key}", row, refs)
                yield Verified(None, tuple(problems), mails=1)
            elif problems:
                yield Verified(None, tuple(problems))


def _mail(records: Records, name: str, row: Mapping[str, Any], refs: list[str]) -> Iterator[str]:
    """What is wrong with the mail of a row that is about no order, or about several."""
    data = checked_mail(records, str(row["mail"]))
    if data == b"":
        yield f"{name}: mail {row['mail']} was altered"
    elif data is None and not _removed(records, row, refs):
        yield f"{name}: mail {row['mail']} is missing"


def _removed(records: Records, row: Mapping[str, Any], refs: list[str]) -> bool:
    """Whether a mail went with a client's personal data: as the row says, or as an order that it is about has it."""
    sent = records.store.get("threads", str(row.get("message_id")))
    if REMOVED in (row.get("from"), row.get("sender"), sent and sent["text"]):
        return True
    return any(row["mail"] in mails_removed(records.store.audit(ref)) for ref in refs if ref)
