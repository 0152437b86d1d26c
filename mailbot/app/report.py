"""What staff are told when they ask: how an order stands, what is due of it, what they can say. Plain text."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailbot.app.house import House
from mailbot.orders.model import Order
from mailbot.orders.notices import title_of
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


def status_lines(order: Order) -> list[str]:
    """How `order` stands, a line a fact."""
    waits = [title_of(order, r.kind, r.about) for r in order.open_requests]
    upcoming = order.next_milestone
    lines = [
        f"{order.ref} {order.project}: phase {order.phase}, {order.percent_complete} % complete",
        f"contract total {order.total} {order.currency}, delivery {order.delivery}",
        f"next milestone: {upcoming.name}, {upcoming.due}" if upcoming else "no milestone is left",
    ]
    lines += [f"waits on the client: {', '.join(waits)}"] if waits else []
    lines += [f"blocker {b.number}: {b.text}" for b in order.blockers]
    lines += [f"paused: {order.paused}"] if order.paused else []
    return lines + (["closed"] if order.closed else [])
