"""What the commands of staff do to an order: a table of command ids, each with the function that carries it out.

Lines are carried out one after the other, each on the order as the one before left it; a line that cannot be is
answered with the reason and what would work, and stops nothing else. The same code serves mail and `mailbot do`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.commands import Command, Misfit
from mailbot.orders.consequences import moved_milestone, phase_after
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Blocker, ChangeOrder, Invoice, Item, Milestone, Order
from mailbot.orders.requests import Ids, request
from mailbot.orders.sends import Send
from mailbot.orders.undo import CannotUndo, by_staff
from mailbot.rules.process import ProcessRules

File = tuple[str, str, bytes]  # name, content type, bytes


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who commands, when, with what: everything that carrying out needs besides the order.

    `today` is the day in the studio; `report` answers what only reads (status, due, help) by command id.
    """

    actor: str
    roles: tuple[str, ...]
    now: datetime
    today: date
    rules: ProcessRules
    ids: Ids
    report: Callable[[str, Order], str]
    attachments: tuple[File, ...] = ()
    next_invoice: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the command mail with what came of it."""

    text: str
    ok: bool
    said: str
    hint: str = ""  # what would work


@dataclass(frozen=True, slots=True)
class Done:
    """What a list of commands comes to: the order afterwards, its events, the mails and a result for each line."""

    order: Order
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()
    lines: tuple[Line, ...] = ()


class Refused(Exception):
    """A command cannot be carried out; the text says why and what would work."""


@dataclass(frozen=True, slots=True)
class _Step:
    said: str
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()


def carry_out(order: Order, lines: Sequence[Command | Misfit], at: Circumstances) -> Done:
    """Carry out `lines` on `order`, one after the other. Never raises for what a person wrote."""
    done = Done(order)
    for line in lines:
        done = _next(done, line, at)
    return done


def _next(done: Done, line: Command | Misfit, at: Circumstances) -> Done:
    if isinstance(line, Misfit):
        return replace(done, lines=(*done.lines, Line(line.line, False, line.why)))
    try:
        step = _allowed(line, at)(done.order, line, at)
    except Refused as refused:
        return replace(done, lines=(*done.lines, Line(line.line, False, str(refused)), *_block_lines(line, False)))
    order = done.order
    for event in step.events:
        order = evolve(order, event)
    lines = (*done.lines, Line(line.line, True, step.said), *_block_lines(line, True))
    return Done(order, (*done.events, *step.events), (*done.sends, *step.sends), lines)


def _block_lines(command: Command, ok: bool) -> tuple[Line, ...]:
    """A line of result for each line of a block: what was wrong with it, or that it was taken."""
    return tuple(
        Line(inner.line, False, inner.why)
        if isinstance(inner, Misfit)
        else Line(inner.line, ok, "noted" if ok else "not done")
        for inner in command.block
    )


def _allowed(command: Command, at: Circumstances) -> Callable[[Order, Command, Circumstances], _Step]:
    if not set(command.who) & set(at.roles):
        raise Refused(f"this is for {' or '.join(command.who)} to say")
    return _DOES[command.id]


def _stamp(at: Circumstances) -> dict[str, Any]:
    return {"at": at.now, "by": at.actor}


def _phase(order: Order, command: Command, at: Circumstances) -> _Step:
    phase = command.args["phase"]
    if phase == order.phase:
        return _Step(f"the order is in phase {phase} already")
    return _Step(f"phase is now {phase} (was {order.phase})", (e.PhaseSet(**_stamp(at), phase=phase),))


def _percent(order: Order, command: Command, at: Circumstances) -> _Step:
    percent = command.args["percent"]
    return _Step(
        f"{percent} % complete (was {order.percent_complete} %)", (e.PercentSet(**_stamp(at), percent=percent),)
    )


def _progress(what: Any, said: str) -> Callable[[Order, Command, Circumstances], _Step]:
    def step(_order: Order, command: Command, at: Circumstances) -> _Step:
        text = command.args["text"]
        return _Step(f"{said}: {text}", (e.ProgressNoted(**_stamp(at), what=what, text=text),))

    return step


def _blocker(order: Order, command: Command, at: Circumstances) -> _Step:
    number = max((b.number for b in order.blockers), default=0) + 1
    blocker = Blocker(number=number, text=command.args["text"], since=at.today)
    return _Step(f"blocker {number}: {blocker.text}", (e.BlockerRaised(**_stamp(at), blocker=blocker),))


def _unblock(order: Order, command: Command, at: Circumstances) -> _Step:
    number = command.args["number"]
    if all(b.number != number for b in order.blockers):
        known = ", ".join(f"{b.number} ({b.text})" for b in order.blockers) or "none"
        raise Refused(f"there is no blocker {number}; open: {known}")
    return _Step(f"blocker {number} is gone", (e.BlockerCleared(**_stamp(at), number=number),))


def _ask(order: Order, command: Command, at: Circumstances) -> _Step:
    milestone = _milestone(order, command.args["milestone"])
    _not_waiting(order)
    if not milestone.approval:
        raise Refused(f"{milestone.name} needs no approval; `milestone {milestone.key} done` marks it done")
    if milestone.status in ("approved", "done"):
        raise Refused(f"{milestone.name} is {milestone.status} already")
    asked = request(
        at.ids, order, "milestone", milestone.key, notices.shown_milestone(order, milestone),
        now=at.now, expires=timedelta(days=at.rules.requests.expire_after_days), asked_by=at.actor,
        attachments=(data for _, _, data in at.attachments),
    )  # fmt: skip
    send = notices.approval_request(order, milestone, asked, at.rules, at.attachments)
    again = " again, as a new revision" if milestone.status != "planned" else ""
    said = f"{milestone.name} goes to {', '.join(order.client.emails)} for approval{again}"
    return _Step(said, (e.RequestOpened(**_stamp(at), request=asked),), (send,))


def _milestone_due(order: Order, command: Command, at: Circumstances) -> _Step:
    milestone = _milestone(order, command.args["milestone"])
    if milestone.status in ("approved", "done"):
        raise Refused(f"{milestone.name} is {milestone.status} already")
    due = command.args["date"]
    moved = moved_milestone(order, milestone, due, at.rules)
    event = e.MilestonesChanged(
        **_stamp(at), milestones=moved.milestones, delivery=moved.delivery, invoices=moved.invoices
    )
    along = "".join(f"; {i.number} moves along" for i in moved.invoices)
    return _Step(f"{milestone.name} is due {due} (was {milestone.due}){along}", (event,))


def _milestone_done(order: Order, command: Command, at: Circumstances) -> _Step:
    milestone = _milestone(order, command.args["milestone"])
    if milestone.status == "done":
        return _Step(f"{milestone.name} is done already")
    if milestone.approval and milestone.status != "approved":
        raise Refused(f"{milestone.name} needs the client's approval first; `ask {milestone.key}` asks for it")
    phase = phase_after(order, milestone, at.rules)
    done = milestone.model_copy(update={"status": "done", "done_on": at.today})
    event = e.MilestonesChanged(**_stamp(at), milestones=(done,), phase=phase)
    return _Step(f"{milestone.name} is done" + (f"; phase is now {phase}" if phase else ""), (event,))


def _change_order(order: Order, command: Command, at: Circumstances) -> _Step:
    change = _drafted(order, command)
    event = e.ChangeOrderChanged(**_stamp(at), change_order=change)
    wrong = [inner for inner in command.block if isinstance(inner, Misfit)]
    price = f"{change.amount} {order.currency}, {change.days:+d} days"
    told = f"{change.number} {change.title}: {len(change.items)} items, {price}"
    if not any(isinstance(inner, Command) and inner.id == "send" for inner in command.block):
        return _Step(f"{told}; draft, `change order {change.number}:` with `send` below it sends it", (event,))
    if wrong or not change.items:
        why = "a line of it was not understood" if wrong else "it has no items (like `Sequins: 450.00`)"
        return _Step(f"{told}; kept as a draft and NOT sent: {why}", (event,))
    _not_waiting(order)
    drafted = evolve(order, event)
    asked = request(
        at.ids, drafted, "change-order", change.number, notices.shown_change_order(drafted, change),
        now=at.now, expires=timedelta(days=at.rules.requests.expire_after_days), asked_by=at.actor,
        attachments=(data for _, _, data in at.attachments),
    )  # fmt: skip
    send = notices.change_order(drafted, change, asked, at.rules, at.attachments)
    sends = (send, *_flag_frequent(drafted, change, at))
    said = f"{told}; goes to {', '.join(order.client.emails)}"
    return _Step(said, (event, e.RequestOpened(**_stamp(at), request=asked)), sends)


def _drafted(order: Order, command: Command) -> ChangeOrder:
    """The change order that a block makes: a new one, or a new revision of the one it names or shares the title of."""
    number, title = command.args.get("change_order"), command.args.get("text", "")
    old = order.change_order(number) if number else next((c for c in order.change_orders if c.title == title), None)
    if number and old is None:
        known = ", ".join(c.number for c in order.change_orders) or "none yet"
        raise Refused(f"there is no {number} (there are: {known}); `change order: TITLE` makes a new one")
    if old and old.status == "approved":
        raise Refused(f"{old.number} is approved; give the new one another title")
    inner = [c for c in command.block if isinstance(c, Command)]
    items = tuple(Item(text=c.args["text"], amount=c.args["money"]) for c in inner if c.id == "item")
    days = next((c.args["days"] for c in inner if c.id == "days"), old.days if old else 0)
    if old:
        revision = old.revision + (old.status != "draft")
        changes = {"title": title or old.title, "items": items or old.items, "days": days}
        return old.model_copy(update={**changes, "revision": revision, "status": "draft"})
    return ChangeOrder(number=f"CO-{len(order.change_orders) + 1}", title=title, items=items, days=days)


def _flag_frequent(order: Order, change: ChangeOrder, at: Circumstances) -> tuple[Send, ...]:
    many = len(order.change_orders) >= at.rules.change_orders.frequent_from
    return (notices.frequent_changes(order, change),) if many and change.revision == 1 else ()


def _paid(order: Order, command: Command, at: Circumstances) -> _Step:
    invoice = _invoice(order, command.args["invoice"])
    on = command.args.get("date", at.today)
    if invoice.status == "paid":
        return _Step(f"{invoice.number} is paid already ({invoice.paid_on})")
    if on > at.today:
        raise Refused(f"{on} is still to come; `promise {invoice.number} until {on}` records a promise")
    paid = invoice.model_copy(update={"status": "paid", "paid_on": on, "paid": invoice.amount})
    events: tuple[e.Event, ...] = (e.InvoiceChanged(**_stamp(at), invoice=paid, what="paid"),)
    said = f"{invoice.number} is paid ({on})"
    if order.paused and invoice.number in order.paused.split() and not _still_late(order, invoice, at.rules):
        events = (*events, e.OrderResumed(**_stamp(at)))
        return _Step(
            f"{said}; work resumes",
            events,
            (notices.resume_notice(order, invoice.number, invoice.number, invoice.amount),),
        )
    return _Step(said, events)


def _still_late(order: Order, paid: Invoice, rules: ProcessRules) -> bool:
    """Whether another unpaid invoice has come to the step that pauses work."""
    pausing = {step.step for step in rules.ladder if step.does == "pause"}
    others = (i for i in order.invoices if i.number != paid.number and i.status == "sent" and not i.no_pause)
    return any(pausing & {step.step for step in invoice.steps} for invoice in others)


def _promise(order: Order, command: Command, at: Circumstances) -> _Step:
    invoice, until = _unpaid(order, command.args["invoice"]), command.args["date"]
    if until < at.today:
        raise Refused(f"{until} is past; a promise is for a day to come")
    promised = invoice.model_copy(update={"promised": until})
    event = e.InvoiceChanged(**_stamp(at), invoice=promised, what="promise")
    return _Step(f"{invoice.number} is promised until {until}; reminders wait", (event,))


def _dispute(order: Order, command: Command, at: Circumstances) -> _Step:
    invoice = _unpaid(order, command.args["invoice"])
    frozen = invoice.model_copy(update={"status": "frozen", "why": command.args["text"]})
    event = e.InvoiceChanged(**_stamp(at), invoice=frozen, what="dispute")
    return _Step(f"{invoice.number} is disputed; its reminders are frozen", (event,))


def _pause(order: Order, command: Command, at: Circumstances) -> _Step:
    if order.paused:
        return _Step(f"work is paused already: {order.paused}")
    return _Step(f"work is paused: {command.args['text']}", (e.OrderPaused(**_stamp(at), why=command.args["text"]),))


def _resume(order: Order, command: Command, at: Circumstances) -> _Step:
    if not order.paused:
        return _Step("work is not paused")
    why = order.paused.split()
    late = [i for i in order.invoices if i.number in why and i.status != "paid"]
    freed = [
        e.InvoiceChanged(**_stamp(at), invoice=i.model_copy(update={"no_pause": True}), what="resumed") for i in late
    ]
    events: tuple[e.Event, ...] = (*freed, e.OrderResumed(**_stamp(at)))
    notice = notices.resume_notice(order, str(order.revision))
    return _Step("work resumes; the client is told", events, (notice,))


def _hold_weekly(order: Order, command: Command, at: Circumstances) -> _Step:
    week = at.today + timedelta(days=(at.rules.weekly.weekday - at.today.weekday()) % 7)
    if week in order.weekly_sent:  # it has gone out today
        week += timedelta(weeks=1)
    if week in order.weekly_held:
        return _Step(f"the update of {week} is held already")
    return _Step(f"the update of {week} will not go out", (e.WeeklyHeld(**_stamp(at), week=week),))


def _close(order: Order, command: Command, at: Circumstances) -> _Step:
    open_ends = [f"{i.number} is unpaid" for i in order.live_invoices if i.status != "paid"]
    open_ends += [f"{r.about} waits for an answer" for r in order.open_requests]
    if open_ends and command.id != "close-anyway":
        raise Refused(f"{'; '.join(open_ends)}. `close anyway` closes it all the same")
    closing = [e.RequestClosed(**_stamp(at), token=r.token, state="withdrawn") for r in order.open_requests]
    return _Step("the order is closed", (*closing, e.OrderClosed(**_stamp(at))))


def _undo(order: Order, command: Command, at: Circumstances) -> _Step:
    try:
        said, event, sends = by_staff(order, command.args.get("thing", ""), at)
    except CannotUndo as why:
        raise Refused(str(why)) from None
    return _Step(said, (event,), sends)


def _report(order: Order, command: Command, at: Circumstances) -> _Step:
    return _Step(at.report(command.id, order))


def _milestone(order: Order, name: str) -> Milestone:
    wanted = name.lower()
    for milestone in order.milestones:
        if wanted in (milestone.key, milestone.name.lower()):
            return milestone
    keys = [m.key for m in order.milestones]
    near = difflib.get_close_matches(wanted.replace(" ", "-"), keys, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise Refused(f"there is no milestone {name!r}{hint} (there are: {', '.join(keys)})")


def _invoice(order: Order, number: str) -> Invoice:
    if found := order.invoice(number):
        if found.status == "cancelled":
            raise Refused(f"{number} was cancelled; nothing is to be paid on it")
        return found
    known = ", ".join(i.number for i in order.invoices) or "none"
    raise Refused(f"this order has no {number} (it has: {known})")


def _unpaid(order: Order, number: str) -> Invoice:
    invoice = _invoice(order, number)
    if invoice.status == "paid":
        raise Refused(f"{number} is paid already")
    return invoice


def _not_waiting(order: Order) -> None:
    if order.paused:
        raise Refused(f"work is paused ({order.paused}); `resume` first, then ask again")
    if order.closed:
        raise Refused("the order is closed")


_DOES: dict[str, Callable[[Order, Command, Circumstances], _Step]] = {
    "phase": _phase,
    "percent": _percent,
    "done": _progress("done", "done"),
    "doing": _progress("doing", "in progress"),
    "next": _progress("coming", "coming up"),
    "blocker": _blocker,
    "unblock": _unblock,
    "ask": _ask,
    "milestone-due": _milestone_due,
    "milestone-done": _milestone_done,
    "change-order": _change_order,
    "paid": _paid,
    "promise": _promise,
    "dispute": _dispute,
    "pause": _pause,
    "resume": _resume,
    "hold-weekly": _hold_weekly,
    "undo": _undo,
    "close": _close,
    "close-anyway": _close,
    "status": _report,
    "due": _report,
    "help": _report,
}
