"""What the commands of staff do to an order: a table of command ids, each with the function that carries it out.

Lines are carried out one after the other, each on the order as the one before left it; a line that cannot be is
answered with the reason and what would work, and stops nothing else. The same code serves mail and `mailbot do`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from mailbot.orders import billing, notices, payments
from mailbot.orders import events as e
from mailbot.orders.approvers import accept, accept_off, approver, approver_off, delegate, delegate_off
from mailbot.orders.authority import asked_of
from mailbot.orders.change_orders import change_order
from mailbot.orders.circumstances import Circumstances, Done, Line, Refused, Step, milestone_of, not_waiting, stamp
from mailbot.orders.commands import Command, Misfit
from mailbot.orders.consequences import is_delivery, moved_milestone, phase_after
from mailbot.orders.evolve import evolve
from mailbot.orders.fittings import called_off, cancel_fitting, fit, fitting, withdrawn
from mailbot.orders.issues import issue
from mailbot.orders.model import Blocker, Order
from mailbot.orders.photos import dealt, photo
from mailbot.orders.preparations import ready
from mailbot.orders.progress import noted, reword, strike
from mailbot.orders.reachability import write_again
from mailbot.orders.renewal import renewed
from mailbot.orders.requests import request
from mailbot.orders.sections import plain
from mailbot.orders.subscription import updates_off, updates_on
from mailbot.orders.survey import satisfaction
from mailbot.orders.undo import CannotUndo, by_staff
from mailbot.orders.vouching import vouch


def carry_out(order: Order, lines: Sequence[Command | Misfit], at: Circumstances) -> Done:
    """Carry out `lines` on `order`, one after the other. Never raises for what a person wrote."""
    done = Done(order)
    for line, own in zip(lines, dealt(lines, at), strict=True):
        done = _next(done, line, own)
    more = renewed(done.order, at)
    if not more.numbers or not done.events:
        return done
    told = f"; {', '.join(more.numbers)} is asked anew, with the new numbers"
    results = (*done.lines[:-1], replace(done.lines[-1], said=done.lines[-1].said + told))
    return Done(more.order, (*done.events, *more.events), (*done.sends, *more.sends), results, done.keeps)


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
    lines = (*done.lines, Line(line.line, True, step.said, report=step.report), *_block_lines(line, True))
    keeps = (*done.keeps, *step.keeps)
    return Done(order, (*done.events, *step.events), (*done.sends, *step.sends), lines, keeps)


def _block_lines(command: Command, ok: bool) -> tuple[Line, ...]:
    """A line of result for each line of a block: what was wrong with it, or that it was taken."""
    return tuple(
        Line(inner.line, False, inner.why)
        if isinstance(inner, Misfit)
        else Line(inner.line, ok, "noted" if ok else "not done")
        for inner in command.block
    )


def _allowed(command: Command, at: Circumstances) -> Callable[[Order, Command, Circumstances], Step]:
    if not set(command.who) & set(at.roles):
        raise Refused(f"this is for {' or '.join(command.who)} to say")
    return _DOES[command.id]


def _phase(order: Order, command: Command, at: Circumstances) -> Step:
    phase = command.args["phase"]
    if phase == order.phase:
        return Step(f"the order is in phase {phase} already")
    return Step(f"phase is now {phase} (was {order.phase})", (e.PhaseSet(**stamp(at), phase=phase),))


def _percent(order: Order, command: Command, at: Circumstances) -> Step:
    percent = command.args["percent"]
    return Step(f"{percent} % complete (was {order.percent_complete} %)", (e.PercentSet(**stamp(at), percent=percent),))


def _blocker(order: Order, command: Command, at: Circumstances) -> Step:
    number = max((b.number for b in order.blockers), default=0) + 1
    blocker = Blocker(number=number, text=command.args["text"], since=at.today)
    return Step(f"blocker {number}: {blocker.text}", (e.BlockerRaised(**stamp(at), blocker=blocker),))


def _unblock(order: Order, command: Command, at: Circumstances) -> Step:
    number = command.args["number"]
    if all(b.number != number for b in order.blockers):
        known = ", ".join(f"{b.number} ({b.text})" for b in order.blockers) or "none"
        raise Refused(f"there is no blocker {number}; open: {known}")
    return Step(f"blocker {number} is gone", (e.BlockerCleared(**stamp(at), number=number),))


def _ask(order: Order, command: Command, at: Circumstances) -> Step:
    milestone = milestone_of(order, command.args["milestone"])
    not_waiting(order)
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
    said = f"{milestone.name} goes to {', '.join(asked_of(order, at.now))} for approval{again}"
    return Step(said, (e.RequestOpened(**stamp(at), request=asked),), (send,))


def _milestone_due(order: Order, command: Command, at: Circumstances) -> Step:
    milestone = milestone_of(order, command.args["milestone"])
    if milestone.status in ("approved", "done"):
        raise Refused(f"{milestone.name} is {milestone.status} already")
    due, was = command.args["date"], milestone.due
    off = called_off(order, milestone, at) or Step("")
    for before in off.events:
        order = evolve(order, before)
    moved = moved_milestone(order, milestone_of(order, milestone.key), due, at.rules)
    event = e.MilestonesChanged(
        **stamp(at), milestones=moved.milestones, delivery=moved.delivery, invoices=moved.invoices
    )
    along = "".join(f"; {i.number} moves along" for i in moved.invoices)
    along += f"; {off.said}" if off.said else ""
    return Step(f"{milestone.name} is due {due} (was {was}){along}", (*off.events, event), off.sends)


def _milestone_done(order: Order, command: Command, at: Circumstances) -> Step:
    milestone = milestone_of(order, command.args["milestone"])
    if milestone.status == "done":
        return Step(f"{milestone.name} is done already")
    if milestone.approval and milestone.status != "approved":
        raise Refused(f"{milestone.name} needs the client's approval first; `ask {milestone.key}` asks for it")
    phase = phase_after(order, milestone, at.rules)
    done = milestone.model_copy(update={"status": "done", "done_on": at.today})
    event = e.MilestonesChanged(**stamp(at), milestones=(done,), phase=phase)
    closing = withdrawn(order, milestone, at)  # nobody is asked any more when they can come
    return Step(f"{milestone.name} is done" + (f"; phase is now {phase}" if phase else ""), (event, *closing))


def _pause(order: Order, command: Command, at: Circumstances) -> Step:
    if order.paused:
        return Step(f"work is paused already: {order.paused}")
    return Step(f"work is paused: {command.args['text']}", (e.OrderPaused(**stamp(at), why=command.args["text"]),))


def _resume(order: Order, command: Command, at: Circumstances) -> Step:
    if not order.paused:
        return Step("work is not paused")
    why = order.paused.split()
    late = [i for i in order.invoices if i.number in why and i.status != "paid"]
    freed = [
        e.InvoiceChanged(**stamp(at), invoice=i.model_copy(update={"no_pause": True}), what="resumed") for i in late
    ]
    events: tuple[e.Event, ...] = (*freed, e.OrderResumed(**stamp(at)))
    notice = notices.resume_notice(order, str(order.revision))
    return Step("work resumes; the client is told", events, (notice,))


def _hold_weekly(order: Order, command: Command, at: Circumstances) -> Step:
    week = at.today + timedelta(days=(at.rules.weekly.weekday - at.today.weekday()) % 7)
    if week in order.weekly_sent:  # it has gone out today
        week += timedelta(weeks=1)
    if week in order.weekly_held:
        return Step(f"the update of {week} is held already")
    return Step(f"the update of {week} will not go out", (e.WeeklyHeld(**stamp(at), week=week),))


def _close(order: Order, command: Command, at: Circumstances) -> Step:
    open_ends = [f"{i.number} is unpaid" for i in order.live_invoices if i.status != "paid"]
    open_ends += [f"{r.about} waits for an answer" for r in order.open_requests]
    if open_ends and command.id != "close-anyway":
        raise Refused(f"{'; '.join(open_ends)}. `close anyway` closes it all the same")
    closing = [e.RequestClosed(**stamp(at), token=r.token, state="withdrawn") for r in order.open_requests]
    delivered = any(m.status in ("approved", "done") and is_delivery(m, at.rules) for m in order.milestones)
    said = "the order is closed"
    if delivered and not open_ends:
        said += f"; {', '.join(order.client.emails)} is thanked"
    if delivered and order.satisfaction is None and f"{order.ref}/survey" not in order.told:
        said += "; how satisfied they are has not been asked, and is not asked any more"
    sends = (notices.farewell(order),) if delivered and not open_ends else ()
    return Step(said, (*closing, e.OrderClosed(**stamp(at))), sends)


def _undo(order: Order, command: Command, at: Circumstances) -> Step:
    try:
        said, events, sends = by_staff(order, command.args.get("thing", ""), at)
    except CannotUndo as why:
        raise Refused(str(why)) from None
    return Step(said, events, sends)


def _report(order: Order, command: Command, at: Circumstances) -> Step:
    sections = at.report(command.id, order)
    return Step(plain(sections), report=sections)


_DOES: dict[str, Callable[[Order, Command, Circumstances], Step]] = {
    "phase": _phase,
    "percent": _percent,
    "done": noted,
    "doing": noted,
    "next": noted,
    "remark": noted,
    "drop": strike,
    "line": reword,
    "blocker": _blocker,
    "unblock": _unblock,
    "ask": _ask,
    "milestone-due": _milestone_due,
    "milestone-done": _milestone_done,
    "ready": ready,
    "change-order": change_order,
    "issue": issue,
    "vouch": vouch,
    "photo": photo,
    "satisfaction": satisfaction,
    "fitting": fitting,
    "fitting-cancel": cancel_fitting,
    "fit": fit,
    "paid": payments.paid,
    "part-paid": payments.part_paid,
    "bill": payments.bill,
    "promise": payments.promise,
    "dispute": payments.dispute,
    "dispute-over": payments.dispute_over,
    "invoice-file": billing.own_file,
    "po-number": billing.po_number,
    "pause": _pause,
    "resume": _resume,
    "hold-weekly": _hold_weekly,
    "undo": _undo,
    "approver": approver,
    "approver-unlimited": approver,
    "approver-off": approver_off,
    "delegate": delegate,
    "delegate-off": delegate_off,
    "accept": accept,
    "accept-off": accept_off,
    "updates-off": updates_off,
    "updates-on": updates_on,
    "write-again": write_again,
    "close": _close,
    "close-anyway": _close,
    "status": _report,
    "due": _report,
    "help": _report,
}
