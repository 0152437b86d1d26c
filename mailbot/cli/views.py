"""What `--json` and the tables show of an order, a held reply, a mail of the outbox: the shapes of the contract."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.adapters.store import OutboxRow, shown_state
from mailbot.orders.model import Held, Order, utc

if TYPE_CHECKING:  # it would bring all of planning along
    from mailbot.planning.occurrence import Occurrence


def order_line(order: Order) -> dict[str, Any]:
    """An order in a list."""
    return {
        "ref": order.ref,
        "project": order.project,
        "phase": order.phase,
        "percent_complete": order.percent_complete,
        "delivery": order.delivery.isoformat(),
        "paused": bool(order.paused),
        "closed": order.closed,
    }


def order_whole(order: Order, held: list[Held]) -> dict[str, Any]:
    """Everything that `status REF` tells of an order."""
    upcoming = order.next_milestone
    return {
        **order_line(order),
        "state": "closed" if order.closed else "paused" if order.paused else "active",
        "paused_because": order.paused,
        "total": str(order.total),
        "currency": order.currency,
        "client": order.client.model_dump(mode="json"),
        "account_manager": order.account_manager.model_dump(mode="json"),
        "last_client_update": utc(order.last_client_update) if order.last_client_update else None,
        "next_milestone": upcoming.key if upcoming else None,
        "blockers": [b.model_dump(mode="json") for b in order.blockers],
        "satisfaction": order.satisfaction,
        "milestones": [_milestone(m) for m in order.milestones],
        "change_orders": [
            {"number": c.number, "title": c.title, "status": c.status, "amount": str(c.amount), "days": c.days}
            for c in order.change_orders
        ],
        "invoices": [_invoice(i) for i in order.invoices],
        "issues": [
            {
                "number": i.number, "title": i.title, "severity": i.severity, "status": i.status, "option": i.option,
                "told_at": utc(i.told_at) if i.told_at else None,
            }
            for i in order.issues
        ],
        "fittings": [
            {
                "milestone": m.key, "appointment": m.appointment, "starts": utc(m.starts) if m.starts else None,
                "ends": utc(m.ends) if m.ends else None,
            }
            for m in order.milestones
            if m.appointment != "none"
        ],
        "requests": [
            {
                "id": r.token, "kind": r.kind, "about": r.about, "state": r.state, "asked_at": utc(r.asked_at),
                "answered": utc(r.answered_at) if r.answered_at else None, "answer": r.answer,
            }
            for r in order.requests
        ],
        "held": [held_line(h) for h in held if h.state == "waiting"],
    }  # fmt: skip


def _milestone(milestone: Any) -> dict[str, Any]:
    return {
        "key": milestone.key, "name": milestone.name, "status": milestone.status, "due": milestone.due.isoformat(),
        "approved_by": milestone.approved_by,
        "approved_at": utc(milestone.approved_at) if milestone.approved_at else None, "how": milestone.how,
    }  # fmt: skip


def _invoice(invoice: Any) -> dict[str, Any]:
    return {
        "number": invoice.number, "kind": invoice.kind, "amount": str(invoice.amount), "due": invoice.due.isoformat(),
        "status": invoice.status, "steps": [{"step": s.step, "on": s.on.isoformat()} for s in invoice.steps],
    }  # fmt: skip


def held_line(held: Held) -> dict[str, Any]:
    """A held reply in a list."""
    return {
        "id": held.id, "from": held.sender, "order": held.order, "about": held.about, "guess": held.guess,
        "because": held.because, "subject": held.subject, "at": utc(held.at),
    }  # fmt: skip


def outbox_line(row: OutboxRow, now: datetime, in_doubt: timedelta) -> dict[str, Any]:
    """A mail of the outbox in a list."""
    return {
        "id": row.id, "state": shown_state(row, now, in_doubt), "kind": row.kind, "order": row.order,
        "to": list(row.to), "due": row.due, "attempts": row.attempts, "error": row.error or None, "key": row.key,
    }  # fmt: skip


def due_line(occurrence: Occurrence) -> dict[str, Any]:
    """A mail that will go out."""
    return {
        "at": utc(occurrence.at), "kind": occurrence.kind, "order": occurrence.order, "to": list(occurrence.to),
        "because": occurrence.because,
    }  # fmt: skip


def table(rows: list[dict[str, Any]], columns: list[str]) -> str:
    """`rows` as a table for people; a line saying so when there are none."""
    if not rows:
        return "none"
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(columns, *cells, strict=True)]
    lines = [columns, *cells]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _cell(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return " ".join(text.split())[:80]
