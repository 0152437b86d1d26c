"""Open questions whose numbers no longer hold are asked anew: the client always has one that can be answered.

The contract's total or the day of delivery has changed since they were asked: what an open change order or a choice
between ways out shows would be another one now. A decision on the old numbers is never booked (`objections.stale`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.circumstances import Circumstances
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision
from mailbot.orders.issue_notices import issue_notice, shown_issue
from mailbot.orders.model import Order, Request
from mailbot.orders.requests import request
from mailbot.orders.sends import Send


@dataclass(frozen=True, slots=True)
class Renewed:
    """`order` after the `events` that ask anew, with the mails; `numbers` of what was asked anew."""

    order: Order
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()
    numbers: tuple[str, ...] = ()


def renewed(order: Order, at: Circumstances) -> Renewed:
    """The open questions of `order` that show what is no longer so, each as a new revision; not while it is paused."""
    done = Renewed(order)
    for asked in () if order.paused or order.closed else order.open_requests:
        if asked.kind == "change-order":
            done = _change_order(done, asked, at)
        elif asked.kind == "issue":
            done = _issue(done, asked, at)
    return done


def with_renewed(decision: Decision, at: Circumstances) -> Decision:
    """`decision` with what it makes it necessary to ask anew; the account manager reads of it where they read of it."""
    if decision.order is None or not decision.events:
        return decision
    more = renewed(decision.order, at)
    if not more.events:
        return decision
    sends = tuple(
        replace(send, data={**send.data, "renewed": list(more.numbers)}) if send.kind == "booked" else send
        for send in decision.sends
    )
    return replace(
        decision, order=more.order, events=(*decision.events, *more.events), sends=(*sends, *more.sends)
    )  # fmt: skip


def _change_order(done: Renewed, asked: Request, at: Circumstances) -> Renewed:
    order, change = done.order, done.order.change_order(asked.about)
    if change is None or change.status != "sent" or notices.shown_change_order(order, change) == asked.shown:
        return done
    new = change.model_copy(update={"revision": change.revision + 1, "status": "draft"})
    drafted = e.ChangeOrderChanged(at=at.now, by="mailbot", change_order=new)
    order = evolve(order, drafted)
    again = _again(order, asked, notices.shown_change_order(order, new), at)
    return _added(done, (drafted, again), notices.change_order(order, new, again.request, at.rules, ()))


def _issue(done: Renewed, asked: Request, at: Circumstances) -> Renewed:
    order, issue = done.order, done.order.issue(asked.about)
    if issue is None or issue.status != "told" or shown_issue(order, issue) == asked.shown:
        return done
    again = _again(order, asked, shown_issue(order, issue), at)
    return _added(done, (again,), issue_notice(order, issue, again.request))


def _again(order: Order, asked: Request, shown: str, at: Circumstances) -> e.RequestOpened:
    """The same question with other numbers; it ends when the old one would have, but leaves a day to answer."""
    left = max(asked.expires_at - at.now, timedelta(days=1))
    new = request(
        at.ids, order, asked.kind, asked.about, shown, now=at.now, expires=left, asked_by=asked.asked_by,
        options=asked.options,
    )  # fmt: skip
    return e.RequestOpened(at=at.now, by="mailbot", request=new)


def _added(done: Renewed, events: tuple[e.Event, ...], send: Send) -> Renewed:
    order = done.order
    for event in events:
        order = evolve(order, event)
    return Renewed(order, (*done.events, *events), (*done.sends, send), (*done.numbers, send.about or ""))
