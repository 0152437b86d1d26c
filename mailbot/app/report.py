"""What staff are told when they ask: how an order stands, what is due of it, what they can say. Plain text."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailbot.app.house import House
from mailbot.app.standing import status_lines
from mailbot.orders.model import Order
from mailbot.planning.due import forecast

_AHEAD = timedelta(days=14)


def report(house: House, what: str, order: Order, now: datetime) -> str:
    """The answer to `status`, `due` or `help` about `order`."""
    if what == "status":
        return "\n".join(status_lines(order))
    if what == "due":
        coming = forecast(order, house.rules.process, now, now + _AHEAD, house.times)
        lines = [
            f"{o.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M} {o.kind} to {', '.join(o.to)}: {o.because}" for o in coming
        ]
        return "\n".join(lines) or "nothing in the next two weeks"
    return "\n".join(rule.example for rule in house.rules.commands.commands)
