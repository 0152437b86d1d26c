"""How an order stands, in short sections: for the shell, and for staff who ask by mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from mailbot.orders.authority import who_may
from mailbot.orders.model import Held, Issue, Milestone, Order
from mailbot.orders.notices import title_of
from mailbot.orders.preparations import prepared
from mailbot.orders.sections import Row, Section, plain
from mailbot.rules.process import ProcessRules


def status_lines(order: Order, now: datetime, rules: ProcessRules, held: Sequence[Held] = ()) -> list[str]:
    """How `order` stands at `now`, as text: its name, and the sections below it."""
    return [f"{order.ref} {order.project}", "", *plain(standing(order, now, rules, held)).splitlines()]


def standing(order: Order, now: datetime, rules: ProcessRules, held: Sequence[Held] = ()) -> tuple[Section, ...]:
    """How `order` stands at `now`; `held` are replies about it, settled ones among them. Nothing is left empty."""
    parts = {
        "Now": _now(order),
        "Waits on the client": _owed(order),
        "Waits on the studio": _ours(order, held),
        "Preparations": _preparations(order, rules),
        "Who may decide": _deciding(order, now),
    }
    sections = (Section(title, tuple(rows)) for title, rows in parts.items())
    return tuple(section for section in sections if section.rows)


def _now(order: Order) -> Iterator[Row]:
    if order.closed:
        yield Row("State", "closed")
    if order.paused:
        yield Row("Paused", order.paused)
    upcoming = order.next_milestone
    yield Row("Phase", f"{order.phase}, {order.percent_complete} % complete")
    yield Row("Next milestone", f"{upcoming.due}{_hour(upcoming)}, {upcoming.name}" if upcoming else "none is left")
    yield Row("Delivery", f"{order.delivery}")
    yield Row("Contract total", f"{order.total} {order.currency}")


def _owed(order: Order) -> Iterator[Row]:
    for one in order.open_requests:
        yield Row("Answer", title_of(order, one.kind, one.about))
    for change, invoice in order.waiting_work:
        yield Row("Payment", f"the work on {change.number} {change.title} waits for {invoice.number} to be paid")


def _ours(order: Order, held: Sequence[Held]) -> Iterator[Row]:
    for reply in held:
        if reply.state == "waiting":
            guess = f", perhaps {reply.guess}" if reply.guess else ""
            yield Row(f"Held {reply.id}", f"{reply.sender}{guess}")
    for issue in order.issues:
        if issue.told_at is None:
            untold = f"{issue.severity}, the client is not told{_unsent(issue)}"
            yield Row(f"Issue {issue.number}", f"{issue.title}: {untold}")
    for blocker in order.blockers:
        yield Row(f"Blocker {blocker.number}", blocker.text)


def _preparations(order: Order, rules: ProcessRules) -> Iterator[Row]:
    """What the milestones ahead need, of a closed order nothing."""
    for milestone, one in prepared(order, rules) if not order.closed else ():
        state = "ready" if one.key in milestone.ready else "open"
        yield Row(f"{one.key}, {state}", f"{one.text} ({milestone.name}, {milestone.due})")


def _deciding(order: Order, now: datetime) -> Iterator[Row]:
    for one in who_may(order, now):
        yield Row("Client", one)
    for accepted in order.accepted:
        yield Row(f"accepted without proof, by {accepted.by}", accepted.address)


def _unsent(issue: Issue) -> str:
    return "" if issue.status == "draft" else " (the notice waits in the outbox)"


def _hour(milestone: Milestone) -> str:
    """The wall time of an appointment, and whether the client has agreed to it."""
    return f" at {milestone.at} ({milestone.appointment})" if milestone.at and milestone.starts else ""
