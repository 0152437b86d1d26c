"""How an order stands, in plain lines: for the shell, and for staff who ask by mail."""

from __future__ import annotations

from mailbot.orders.model import Milestone, Order
from mailbot.orders.notices import title_of


def status_lines(order: Order) -> list[str]:
    """How `order` stands, a line a fact."""
    waits = [title_of(order, r.kind, r.about) for r in order.open_requests]
    upcoming = order.next_milestone
    lines = [
        f"{order.ref} {order.project}: phase {order.phase}, {order.percent_complete} % complete",
        f"contract total {order.total} {order.currency}, delivery {order.delivery}",
        f"next milestone: {upcoming.name}, {upcoming.due}{_hour(upcoming)}" if upcoming else "no milestone is left",
    ]
    lines += [
        f"issue {i.number} {i.title}: {i.severity}, the client is not told"
        for i in order.issues
        if i.told_at is None and i.status == "draft"
    ]
    lines += [f"waits on the client: {', '.join(waits)}"] if waits else []
    lines += [f"blocker {b.number}: {b.text}" for b in order.blockers]
    lines += [f"paused: {order.paused}"] if order.paused else []
    return lines + (["closed"] if order.closed else [])


def _hour(milestone: Milestone) -> str:
    """The wall time of an appointment, and whether the client has agreed to it."""
    return f" at {milestone.at} ({milestone.appointment})" if milestone.at and milestone.starts else ""
