"""What `--json` and the tables show of an order, a held reply, a mail of the outbox: the shapes of the contract."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailbot.adapters.store import OutboxRow, shown_state
from mailbot.orders.model import ChangeOrder, Delegate, Held, Invoice, Issue, Milestone, Order, Request, utc

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
        "change_orders": [_change_order(c, order) for c in order.change_orders],
        "invoices": [_invoice(i) for i in order.invoices],
        "issues": [_issue(i) for i in order.issues],
        "fittings": [_fitting(m) for m in order.milestones if m.appointment != "none"],
        "requests": [_request(r) for r in order.requests],
        "held": [held_line(h) for h in held if h.state == "waiting"],
        "delegates": [_delegate(d) for d in order.delegates if d.ended_at is None],
        "accepted": [one.model_dump(mode="json") for one in order.accepted],
    }


def _change_order(change: ChangeOrder, order: Order) -> dict[str, Any]:
    return {
        "number": change.number, "title": change.title, "status": change.status, "amount": str(change.amount),
        "days": change.days, "waits_for": next((i.number for one, i in order.waiting_work if one == change), None),
    }  # fmt: skip


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "number": issue.number, "title": issue.title, "severity": issue.severity, "status": issue.status,
        "option": issue.option, "told_at": utc(issue.told_at) if issue.told_at else None,
    }  # fmt: skip


def _fitting(milestone: Milestone) -> dict[str, Any]:
    starts, ends = (utc(moment) if moment else None for moment in (milestone.starts, milestone.ends))
    return {
        "milestone": milestone.key, "appointment": milestone.appointment, "starts": starts, "ends": ends,
        "place": milestone.place or None,
    }  # fmt: skip


def _request(request: Request) -> dict[str, Any]:
    return {
        "id": request.token, "kind": request.kind, "about": request.about, "state": request.state,
        "asked_at": utc(request.asked_at), "answered": utc(request.answered_at) if request.answered_at else None,
        "answer": request.answer,
    }  # fmt: skip


def _milestone(milestone: Milestone) -> dict[str, Any]:
    return {
        "key": milestone.key, "name": milestone.name, "status": milestone.status, "due": milestone.due.isoformat(),
        "approved_by": milestone.approved_by,
        "approved_at": utc(milestone.approved_at) if milestone.approved_at else None, "how": milestone.how,
        "wishes": list(milestone.wishes), "fit_notes": [note.text for note in milestone.fit_notes],
    }  # fmt: skip


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number, "kind": invoice.kind, "amount": str(invoice.amount), "due": invoice.due.isoformat(),
        "status": invoice.status, "paid": str(invoice.paid),
        "steps": [{"step": s.step, "on": s.on.isoformat()} for s in invoice.steps],
    }  # fmt: skip


def _delegate(delegate: Delegate) -> dict[str, Any]:
    return {**delegate.model_dump(mode="json", exclude={"ended_at"}), "named_at": utc(delegate.named_at)}


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
