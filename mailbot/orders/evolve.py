"""The order after an event: a table of event types, each with the small function that applies it.

`evolve` never refuses and never looks anything up: what an event means was worked out when it was decided, and stands
in the event itself. Replaying all events of an order therefore gives the same order for ever (`replay`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from mailbot.orders import events as e
from mailbot.orders.model import (
    Accepted,
    Booked,
    Bounced,
    ChangeOrder,
    Delegate,
    Invoice,
    Issue,
    Limit,
    Milestone,
    Note,
    Order,
    Request,
    Shift,
    Unsettled,
)  # fmt: skip
from mailbot.orders.seal import link

Thing = TypeVar("Thing", Milestone, ChangeOrder, Issue, Invoice, Request)
_KEY: dict[type, str] = {Milestone: "key", ChangeOrder: "number", Issue: "number", Invoice: "number", Request: "token"}


def evolve(order: Order | None, event: e.Event) -> Order:
    """`order` after `event`, one revision further, with the hash of the chain. None is the order before its import."""
    after, revision = applied(order, event), (order.revision if order else 0) + 1
    before = order.hash if order else ""
    return _with(
        after,
        revision=revision,
        hash=link(before, after.ref, revision, event.model_dump(mode="json"), salt_at(after, event)),
    )


def applied(order: Order | None, event: e.Event) -> Order:
    """What `event` makes of `order`, revision and hash aside. Raises ValueError before the import."""
    if isinstance(event, e.OrderImported):
        return e.initial(event)
    if order is None:
        raise ValueError(f"{event.type} before the order was imported")
    return _APPLY[type(event)](order, event)


def salt_at(after: Order | None, event: e.Event) -> str:
    """The salt that the texts of `event` are sealed with: its own if it brings one, else the order's."""
    return getattr(event, "salt", "") or (after.salt if after else "")


def replay(events: Iterable[e.Event]) -> Order:
    """The order that a sequence of events makes, its import first. Raises ValueError when there is none."""
    order: Order | None = None
    for event in events:
        order = evolve(order, event)
    if order is None:
        raise ValueError("no events")
    return order


def _with(order: Order, **changes: Any) -> Order:
    return order.model_copy(update=changes)


def put(things: tuple[Thing, ...], *changed: Thing) -> tuple[Thing, ...]:
    """`things` with each of `changed` in the place of the one with its key, or at the end."""
    new = {getattr(thing, _KEY[type(thing)]): thing for thing in changed}
    kept = tuple(new.pop(getattr(thing, _KEY[type(thing)]), thing) for thing in things)
    return kept + tuple(new.values())


def _request_opened(order: Order, event: e.RequestOpened) -> Order:
    new = event.request
    older = tuple(
        r.model_copy(update={"state": "superseded"})
        for r in order.open_requests
        if (r.kind, r.about) == (new.kind, new.about)
    )
    order = _with(order, requests=put(order.requests, *older, new))
    if milestone := order.milestone(new.about) if new.kind == "milestone" else None:
        order = _with(order, milestones=put(order.milestones, milestone.model_copy(update={"status": "asked"})))
    if change := order.change_order(new.about) if new.kind == "change-order" else None:
        order = _with(order, change_orders=put(order.change_orders, change.model_copy(update={"status": "sent"})))
    if issue := order.issue(new.about) if new.kind == "issue" else None:
        order = _with(order, issues=put(order.issues, issue.model_copy(update={"status": "told"})))
    return order


def _request_closed(order: Order, event: e.RequestClosed) -> Order:
    request = order.request(event.token)
    return (
        order
        if request is None
        else _with(order, requests=put(order.requests, request.model_copy(update={"state": event.state})))
    )


_MILESTONE_AFTER = {"approve": "approved", "changes": "changes", "decline": "changes"}
_APPOINTMENT_AFTER = {"confirm": "confirmed", "reschedule": "refused"}
_CHANGE_ORDER_AFTER = {"approve": "approved", "changes": "changes", "decline": "declined"}


def _decision_booked(order: Order, event: e.DecisionBooked) -> Order:
    after = _decided(order, event)
    return _with(after, decisions=(*order.decisions, _remembered(order, after, event)))


def _decided(order: Order, event: e.DecisionBooked) -> Order:
    if request := order.request(event.token):
        answered = request.model_copy(update={"state": "answered", "answered_at": event.at, "answer": event.verdict})
        order = _with(order, requests=put(order.requests, answered))
    signed = {"approved_by": event.by, "approved_at": event.at, "how": event.how} if event.verdict == "approve" else {}
    order = _with(
        order,
        phase=event.phase or order.phase,
        total=order.total if event.total is None else event.total,
        delivery=event.delivery or order.delivery,
        milestones=put(order.milestones, *event.milestones),
        invoices=put(order.invoices, *event.invoices),
        last_contact=event.at,
    )
    if milestone := order.milestone(event.about) if event.kind == "milestone" else None:
        after: dict[str, Any] = {"status": _MILESTONE_AFTER.get(event.verdict, milestone.status), **signed}
        if event.verdict in ("changes", "decline"):
            after["wishes"] = (*milestone.wishes, event.words)
        order = _with(order, milestones=put(order.milestones, milestone.model_copy(update=after)))
    if change := order.change_order(event.about) if event.kind == "change-order" else None:
        after = {"status": _CHANGE_ORDER_AFTER.get(event.verdict, change.status), **signed}
        order = _with(order, change_orders=put(order.change_orders, change.model_copy(update=after)))
    if (issue := order.issue(event.about) if event.kind == "issue" else None) and event.verdict == "choose":
        chosen = issue.model_copy(update={"status": "chosen", "option": event.option})
        order = _with(order, issues=put(order.issues, chosen))
    if fitting := order.milestone(event.about) if event.kind == "fitting" else None:
        agreed = fitting.model_copy(update={"appointment": _APPOINTMENT_AFTER.get(event.verdict, fitting.appointment)})
        order = _with(order, milestones=put(order.milestones, agreed))
    return order


def _remembered(before: Order, after: Order, event: e.DecisionBooked) -> Booked:
    """What `event` changed, as much of it as taking it back needs."""
    due = {**{m.key: m.due for m in before.milestones}, **{i.number: i.due for i in before.invoices}}
    moved = [*((m.key, m.due) for m in event.milestones), *((i.number, i.due) for i in event.invoices)]
    numbers = tuple(i.number for i in event.invoices)
    return Booked(
        token=event.token, kind=event.kind, about=event.about, verdict=event.verdict, at=event.at, by=event.by,
        status=status_of(before, event.kind, event.about), status_after=status_of(after, event.kind, event.about),
        phase=before.phase, phase_after=after.phase, added=after.total - before.total,
        days=(after.delivery - before.delivery).days, invoices=numbers,
        new_invoices=tuple(n for n in numbers if n not in due),
        shifts=tuple(Shift(what=w, days=(d - due[w]).days) for w, d in moved if w in due and d != due[w]),
    )  # fmt: skip


def status_of(order: Order, kind: str, about: str) -> str:
    """The status of the milestone, appointment, change order or issue that a decision is about; "" where of none."""
    if fitting := order.milestone(about) if kind == "fitting" else None:
        return fitting.appointment
    found = {"milestone": order.milestone, "change-order": order.change_order, "issue": order.issue}.get(kind)
    thing = found(about) if found else None
    return thing.status if thing else ""


def _decision_undone(order: Order, event: e.DecisionUndone) -> Order:
    request = order.request(event.token)
    if request and event.expires_at:
        again = {
            "state": "open",
            "answered_at": None,
            "answer": None,
            "expires_at": event.expires_at,
            "reopened_at": event.at,
        }
        order = _with(order, requests=put(order.requests, request.model_copy(update=again)))
    order = _with(
        order,
        phase=event.phase or order.phase,
        total=order.total if event.total is None else event.total,
        delivery=event.delivery or order.delivery,
        milestones=put(order.milestones, *event.milestones),
        invoices=put(order.invoices, *event.invoices),
        decisions=_without(order.decisions, event),
        last_contact=event.at if event.from_client else order.last_contact,
    )
    unsigned: dict[str, Any] = {"status": event.status, "approved_by": None, "approved_at": None, "how": None}
    if milestone := order.milestone(event.about) if event.kind == "milestone" else None:
        wishes = milestone.wishes[:-1] if event.verdict in ("changes", "decline") else milestone.wishes
        asked = milestone.model_copy(update={**unsigned, "done_on": None, "wishes": wishes})
        order = _with(order, milestones=put(order.milestones, asked))
    if change := order.change_order(event.about) if event.kind == "change-order" else None:
        order = _with(order, change_orders=put(order.change_orders, change.model_copy(update=unsigned)))
    if issue := order.issue(event.about) if event.kind == "issue" else None:
        told = issue.model_copy(update={"status": event.status, "option": None})
        order = _with(order, issues=put(order.issues, told))
    if fitting := order.milestone(event.about) if event.kind == "fitting" else None:
        as_before = fitting.model_copy(update={"appointment": event.status})
        order = _with(order, milestones=put(order.milestones, as_before))
    return order


def _without(decisions: tuple[Booked, ...], event: e.DecisionUndone) -> tuple[Booked, ...]:
    """`decisions` with the one taken back marked; one that moved the phase on from there now starts before it."""
    place = max(
        i for i, d in enumerate(decisions) if d.undone_at is None and d.same(event.token, event.kind, event.about)
    )
    gone = decisions[place]
    marked = gone.model_copy(update={"undone_at": event.at, "undone_by": event.by})
    later = (
        d.model_copy(update={"phase": gone.phase}) if d.phase == gone.phase_after != d.phase_after else d
        for d in decisions[place + 1 :]
    )
    return (*decisions[:place], marked, *later)


def _reply_held(order: Order, event: e.ReplyHeld) -> Order:
    if event.by in order.client.emails:
        order = _with(order, last_contact=event.at)
    if event.token is None:
        return order
    return _with(order, unsettled=(*order.unsettled, Unsettled(held=event.held, token=event.token)))


def _mail_recorded(order: Order, event: e.MailRecorded) -> Order:
    return _with(order, last_contact=event.at) if event.from_client or event.to_client else order


def _progress_noted(order: Order, event: e.ProgressNoted) -> Order:
    note = Note(at=event.at, text=event.text, number=order.lines + 1)
    return _with(order, **{event.what: (*getattr(order, event.what), note), "lines": note.number})


def _progress_corrected(order: Order, event: e.ProgressCorrected) -> Order:
    for part in ("done", "doing", "coming", "remark"):
        notes: tuple[Note, ...] = getattr(order, part)
        now = (n.model_copy(update={"text": event.text}) if n.number == event.number else n for n in notes)
        order = _with(order, **{part: tuple(n for n in now if n.text)})
    return order


def _milestones_changed(order: Order, event: e.MilestonesChanged) -> Order:
    return _with(
        order,
        milestones=put(order.milestones, *event.milestones),
        invoices=put(order.invoices, *event.invoices),
        phase=event.phase or order.phase,
        delivery=event.delivery or order.delivery,
        delay_reason=event.why or order.delay_reason,
    )


def _fit_noted(order: Order, event: e.FitNoted) -> Order:
    fitting = order.milestone(event.milestone)
    if fitting is None:
        return order
    noted = (*fitting.fit_notes, Note(at=event.at, text=event.text))
    return _with(order, milestones=put(order.milestones, fitting.model_copy(update={"fit_notes": noted})))


def _preparation_ready(order: Order, event: e.PreparationReady) -> Order:
    milestone = order.milestone(event.milestone)
    if milestone is None:
        return order
    ready = tuple(dict.fromkeys((*milestone.ready, event.preparation)))
    return _with(order, milestones=put(order.milestones, milestone.model_copy(update={"ready": ready})))


def _issue_told(order: Order, event: e.IssueTold) -> Order:
    issue = order.issue(event.issue)
    if issue is None or issue.told_at:
        return order
    return _with(order, issues=put(order.issues, issue.model_copy(update={"told_at": event.sent_at})))


def _change_order_changed(order: Order, event: e.ChangeOrderChanged) -> Order:
    return _with(order, change_orders=put(order.change_orders, event.change_order))


def _nudged(order: Order, event: e.RequestNudged) -> Order:
    request = order.request(event.token)
    if request is None:
        return order
    after = {"escalated": event.on} if event.escalated else {"nudged": (*request.nudged, event.on)}
    return _with(order, requests=put(order.requests, request.model_copy(update=after)))


def _weekly_sent(order: Order, event: e.WeeklySent) -> Order:
    return _with(order, weekly_sent=(*order.weekly_sent, event.week), last_client_update=event.at, photos=())


def _approver_changed(order: Order, event: e.ApproverChanged) -> Order:
    client = order.client
    approvers = tuple(a for a in client.approvers if a != event.address or event.what == "named")
    limits = tuple(one for one in client.limits if one.address != event.address)
    if event.what == "named":
        approvers = tuple(dict.fromkeys((*approvers, event.address)))
        if event.each is not None or event.in_all is not None:
            limits = (*limits, Limit(address=event.address, each=event.each, in_all=event.in_all))
    kept = tuple(one for one in order.accepted if one.address != event.address or event.what == "named")
    return _with(order, accepted=kept, client=client.model_copy(update={"approvers": approvers, "limits": limits}))


def _delegate_changed(order: Order, event: e.DelegateChanged) -> Order:
    """A delegate who is named again stands in the place of one approver only: the last that was named."""
    before = tuple(
        d.model_copy(update={"ended_at": event.at}) if d.address == event.address and d.ended_at is None else d
        for d in order.delegates
    )
    if event.what == "ended" or event.until is None:
        return _with(order, delegates=before)
    named = Delegate(
        address=event.address, instead_of=event.instead_of, until=event.until, each=event.each, named_by=event.by,
        named_at=event.at,
    )  # fmt: skip
    return _with(order, delegates=(*before, named))


def _acceptance_changed(order: Order, event: e.AcceptanceChanged) -> Order:
    others = tuple(one for one in order.accepted if one.address != event.address)
    own = (Accepted(address=event.address, by=event.by, at=event.at),) if event.what == "accepted" else ()
    return _with(order, accepted=(*others, *own))


def _subscription_changed(order: Order, event: e.SubscriptionChanged) -> Order:
    others = tuple(one for one in order.unsubscribed if one != event.address)
    return _with(order, unsubscribed=(*others, event.address) if event.what == "ended" else others)


def _address_changed(order: Order, event: e.AddressChanged) -> Order:
    others = tuple(one for one in order.bounced if one.address != event.address)
    if event.what == "again":
        return _with(order, bounced=others)
    before = next((one.at for one in order.bounced if one.address == event.address), ())
    off = f"{event.status or 'no such address'} on {event.at:%Y-%m-%d}" if event.what == "off" else ""
    return _with(order, bounced=(*others, Bounced(address=event.address, at=(*before, event.at), off=off)))


_APPLY: dict[type[Any], Callable[[Order, Any], Order]] = {
    e.RequestOpened: _request_opened,
    e.RequestClosed: _request_closed,
    e.DecisionBooked: _decision_booked,
    e.DecisionUndone: _decision_undone,
    e.ReplyHeld: _reply_held,
    e.HeldSettled: lambda order, event: _with(
        order, unsettled=tuple(one for one in order.unsettled if one.held != event.held)
    ),
    e.MailRecorded: _mail_recorded,
    e.PhaseSet: lambda order, event: _with(order, phase=event.phase),
    e.PercentSet: lambda order, event: _with(order, percent_complete=event.percent),
    e.ProgressNoted: _progress_noted,
    e.ProgressCorrected: _progress_corrected,
    e.BlockerRaised: lambda order, event: _with(order, blockers=(*order.blockers, event.blocker)),
    e.BlockerCleared: lambda order, event: _with(
        order, blockers=tuple(b for b in order.blockers if b.number != event.number)
    ),
    e.MilestonesChanged: _milestones_changed,
    e.FitNoted: _fit_noted,
    e.PreparationReady: _preparation_ready,
    e.ChangeOrderChanged: _change_order_changed,
    e.IssueChanged: lambda order, event: _with(order, issues=put(order.issues, event.issue)),
    e.IssueTold: _issue_told,
    e.BillingChanged: lambda order, event: _with(order, billing=event.billing),
    e.InvoiceChanged: lambda order, event: _with(order, invoices=put(order.invoices, event.invoice)),
    e.RequestNudged: _nudged,
    e.Told: lambda order, event: _with(order, told=(*order.told, event.key)),
    e.WeeklySent: _weekly_sent,
    e.WeeklyHeld: lambda order, event: _with(order, weekly_held=(*order.weekly_held, event.week)),
    e.OrderPaused: lambda order, event: _with(order, paused=event.why),
    e.OrderResumed: lambda order, _event: _with(order, paused=None),
    e.OrderClosed: lambda order, _event: _with(order, closed=True),
    e.PhotosAdded: lambda order, event: _with(order, photos=(*order.photos, *event.photos)),
    e.SatisfactionGiven: lambda order, event: _with(
        order, satisfaction=event.rating, last_contact=event.at if event.from_client else order.last_contact
    ),
    e.DataRemoved: lambda order, event: _with(order, salt=event.salt or order.salt),
    e.ApproverChanged: _approver_changed,
    e.DelegateChanged: _delegate_changed,
    e.AcceptanceChanged: _acceptance_changed,
    e.SubscriptionChanged: _subscription_changed,
    e.AddressChanged: _address_changed,
}
