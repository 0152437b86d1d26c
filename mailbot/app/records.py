"""Orders and held replies on record, looked up by key or by index. Light: it opens no rules and reads no mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mailbot.adapters.archive import Archive
from mailbot.adapters.store import Store
from mailbot.app.stores import open_store
from mailbot.orders.model import Held, Order
from mailbot.rules.process import ProcessRules, load_process
from mailbot.settings import Settings

HELD_ALSO = frozenset({"token", "remind_at"})  # in a row of `held`, and no part of what is on record


@dataclass(frozen=True, slots=True)
class Records:
    """Store and archive of an installation, without the rules that a whole house has."""

    settings: Settings
    store: Store
    archive: Archive

    @property
    def process(self) -> ProcessRules:
        """The studio's process. Raises ConfigError."""
        return load_process(self.settings.paths.rules)

    @property
    def in_doubt(self) -> timedelta:
        """After so long an attempt to send whose end was not seen is unknown. Raises ConfigError."""
        return timedelta(minutes=self.process.outbox.in_doubt_minutes)


def open_records(settings: Settings) -> Records:
    """The records of `settings`; close its store. Raises ConfigError and StoreError as `open_store` does."""
    return Records(settings, open_store(settings), Archive(settings.archive.path))


def order_of(store: Store, ref: str) -> Order | None:
    """The order with this reference, as it stands."""
    row = store.get("orders", ref)
    return Order.model_validate(row["order"]) if row else None


def held_of(store: Store, id: str) -> Held | None:
    """The held reply with this id."""
    row = store.get("held", id)
    return held_in(row) if row else None


def orders(store: Store) -> Iterator[Order]:
    """All orders, by reference."""
    return (Order.model_validate(row["order"]) for row in store.all("orders"))


def held_of_order(store: Store, ref: str) -> list[Held]:
    """The held replies of an order, settled ones as well."""
    return [held_in(row) for row in store.find("held", "order", ref)]


def waiting(store: Store) -> list[Held]:
    """The held replies that wait for a person, oldest first."""
    return sorted((held_in(row) for row in store.find("held", "state", "waiting")), key=lambda held: held.at)


def held_in(row: Mapping[str, Any]) -> Held:
    """The held reply of a row, which has what it is found by beside it."""
    return Held.model_validate({key: value for key, value in row.items() if key not in HELD_ALSO})
