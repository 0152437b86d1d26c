"""What staff are told when they ask: how an order stands, what is due of it, what they can say."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from mailbot.app.house import House
from mailbot.app.manners import coming_of
from mailbot.app.records import held_of_order
from mailbot.app.standing import standing
from mailbot.orders.helping import help_on
from mailbot.orders.model import Order
from mailbot.orders.sections import Row, Section

_AHEAD = timedelta(days=14)


def report(house: House, what: str, order: Order, roles: Collection[str], now: datetime) -> tuple[Section, ...]:
    """The answer to `status`, `due` or `help` about `order`, for somebody with `roles`."""
    if what == "status":
        return standing(order, now, house.rules.process, held_of_order(house.store, order.ref))
    if what == "due":
        return (_due(house, order, now),)
    return help_on(order, house.rules.commands, house.rules.process, roles, house.today(now))


def _due(house: House, order: Order, now: datetime) -> Section:
    coming = coming_of(house, order, now, now + _AHEAD)
    rows = (
        Row(f"{o.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}", f"{o.kind} to {', '.join(o.to)}: {o.because}")
        for o in coming
    )
    return Section("The next two weeks", tuple(rows) or (Row("Mails", "none goes out by itself"),))
