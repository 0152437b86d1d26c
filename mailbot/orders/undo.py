"""A booked decision is taken back: what it means today, what had already followed from it, and what stands against it.

What was decided in between stays: the total loses what the decision added, dates go back by the days it moved them, an
invoice that it made and that was not sent is cancelled. What was sent or paid stays on record, and the last invoice
makes up for it, so that every cent is still billed once. Nothing here changes anything: the event carries it all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.consequences import rebilled
from mailbot.orders.evolve import evolve, put, status_of
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.model import Booked, Invoice, Milestone, Order
from mailbot.orders.objections import level_of_proof
from mailbot.orders.sends import Send
from mailbot.rules.process import ProcessRules

if TYPE_CHECKING:  # it uses this module
    from mailbot.orders.circumstances import Circumstances

_OVER = ("approved", "done")


class CannotUndo(Exception):
    """A decision cannot be taken back; the text says why, and what can be."""


def undo_until(booked_at: datetime, rules: ProcessRules) -> datetime:
    """The end of the time in which the client may take back what was booked at `booked_at` (aware)."""
    return booked_at + timedelta(hours=rules.undo.hours)


def by_staff(order: Order, thing: str, at: Circumstances) -> tuple[str, tuple[e.Event, ...], tuple[Send, ...]]:
    """`undo CO-1`: what is answered, the events, the mails. Raises CannotUndo. Staff may at any time."""
    decision = _named(order, thing)
    event = undone(
        order, decision, at, by=at.actor, through="command", proof="a command", because=f"undo {thing}", words="",
        from_client=False,
    )  # fmt: skip
    after, events = _with_what_came_of_it(order, event, at)
    what = notices.title_of(order, decision.kind, decision.about)
    sends: tuple[Send, ...] = (
        notices.receipt_of_undo(after, event, f"{order.project} - {what}", (), sent_for(after, event)),
    )
    if at.actor != order.account_manager.email:
        sends = (*sends, notices.booked_undo(order, after, event))
    return _said(order, after, event, what), events, sends


def _by_client(order: Order, token: str, at: Circumstances) -> Booked:
    """The decision that the client may take back by answering the request `token`. Raises CannotUndo."""
    decision = next((d for d in reversed(order.decisions) if d.token == token), None)
    if decision is None:
        raise CannotUndo("nothing is booked there that could be taken back")
    _live(order, decision)
    if at.now > undo_until(decision.at, at.rules):
        raise CannotUndo(
            f"too late for the client to take it back: more than {at.rules.undo.hours} hours have passed since it was "
            f"booked; `undo {decision.about}` does it all the same"
        )
    return decision


def undone(
    order: Order, decision: Booked, at: Circumstances, *, by: str, through: str, proof: str, because: str, words: str,
    from_client: bool,
) -> e.DecisionUndone:  # fmt: skip
    """The event that takes `decision` back, with its consequences as of `at`."""
    total = order.total - decision.added if decision.added else None
    delivery = order.delivery - timedelta(days=decision.days) if decision.days else None
    milestones = tuple(_moved_back(order, decision))
    invoices = _invoices(order, decision, at.today, at.next_invoice)
    back = decision.phase != decision.phase_after == order.phase
    return e.DecisionUndone(
        at=at.now, by=by, token=decision.token, kind=decision.kind, about=decision.about, verdict=decision.verdict,
        through=through, proof=proof, because=because, words=words, from_client=from_client, status=decision.status,
        expires_at=_expiry(order, decision, at.now), phase=decision.phase if back else None, total=total,
        delivery=delivery, milestones=milestones, invoices=invoices,
        followed=tuple(_followed(order, decision, invoices)),
    )  # fmt: skip


def sent_for(order: Order, event: e.DecisionUndone) -> tuple[Invoice, ...]:
    """The invoices that the decision had made and that went out or were paid before it was taken back."""
    same = (d for d in order.decisions if d.same(event.token, event.kind, event.about) and d.undone_at == event.at)
    made = {number for decision in same for number in decision.new_invoices}
    return tuple(i for i in order.live_invoices if i.number in made and _out(i))


def taken_back(order: Order, mail: Intake, at: Circumstances) -> Decision:
    """A client takes back what the request that `mail` answers was answered with. Raises CannotUndo."""
    if mail.request is None:
        raise CannotUndo("it answers no request of ours")
    event = undone(
        order, _by_client(order, mail.request.token, at), at, by=mail.sender, through=mail.mail,
        proof=level_of_proof(mail, at.timezone), because="rules/commands.toml: client undo", words=mail.words,
        from_client=True,
    )  # fmt: skip
    after, events = _with_what_came_of_it(order, event, at)
    receipt = notices.receipt_of_undo(after, event, mail.subject, notices.thread_of(mail), sent_for(after, event))
    sends = (receipt, notices.booked_undo(order, after, event))
    return Decision("command", f"taken back by the client: {event.verdict} {event.about}", after, events, sends)


def _with_what_came_of_it(
    order: Order, event: e.DecisionUndone, at: Circumstances
) -> tuple[Order, tuple[e.Event, ...]]:
    """`order` after `event` and after the change order of a choice is taken back that nobody has approved yet."""
    events: list[e.Event] = [event]
    for change in order.change_orders if event.kind == "issue" else ():
        if change.about == event.about and change.status in ("draft", "sent"):
            gone = change.model_copy(update={"status": "superseded"})
            events.append(e.ChangeOrderChanged(at=at.now, by=event.by, change_order=gone))
            events += [
                e.RequestClosed(at=at.now, by=event.by, token=asked.token, state="withdrawn")
                for asked in order.open_requests
                if (asked.kind, asked.about) == ("change-order", change.number)
            ]
    for one in events:
        order = evolve(order, one)
    return order, tuple(events)


def _named(order: Order, thing: str) -> Booked:
    wanted = thing.strip().casefold()
    about = (d for d in reversed(order.decisions) if wanted in _names(order, d))
    decision = next(about, None) if wanted else None
    if decision is None:
        raise CannotUndo(f"nothing is booked about {thing.strip()!r}; {_possible(order)}" if wanted else
                         f"undo what? {_possible(order)}")  # fmt: skip
    _live(order, decision)
    return decision


def _names(order: Order, decision: Booked) -> set[str]:
    about = decision.about.casefold()
    title = notices.title_of(order, decision.kind, decision.about).casefold()
    return {about, about.replace("-", ""), about.replace("-", " "), title, title.removeprefix(f"{about} ")}


def _live(order: Order, decision: Booked) -> None:
    if why := _against(order, decision):
        raise CannotUndo(f"{why}; {_possible(order)}")


def _against(order: Order, decision: Booked) -> str | None:
    """Why `decision` cannot be taken back; None when it can. Only the last decision about a thing can be."""
    what = notices.title_of(order, decision.kind, decision.about)
    if order.closed:
        return "the order is closed"
    if decision.undone_at:
        return f"the answer about {what} was taken back already, by {decision.undone_by}"
    alike = [d for d in order.decisions if (d.kind, d.about) == (decision.kind, decision.about)]
    if alike[-1] != decision:
        return f"{what} has been decided anew since"
    came = next((c for c in order.change_orders if c.about == decision.about and c.status == "approved"), None)
    if decision.kind == "issue" and came:
        return f"{came.number}, which came of it, is approved (`undo {came.number}` first)"
    asked = [r.token for r in order.requests if (r.kind, r.about) == (decision.kind, decision.about)]
    if asked and asked[-1] != decision.token:
        return f"{what} has been asked anew since, so the old answer counts no more"
    status = status_of(order, decision.kind, decision.about)
    if status != decision.status_after and not (decision.status_after == "approved" and status == "done"):
        return f"{what} has been changed since: it is {status} now"
    return None


def _possible(order: Order) -> str:
    able = [d.about for d in order.decisions if _against(order, d) is None]
    return f"can be taken back: {', '.join(able)}" if able else "there is nothing that can be taken back"


def _expiry(order: Order, decision: Booked, now: datetime) -> datetime | None:
    """When the request, open again, expires: its time stood still while it was answered."""
    request = order.request(decision.token)
    return request.expires_at + (now - decision.at) if request else None


def _moved_back(order: Order, decision: Booked) -> Iterator[Milestone]:
    for shift in decision.shifts:
        milestone = order.milestone(shift.what)
        if milestone and milestone.status not in _OVER:
            yield milestone.model_copy(update={"due": milestone.due - timedelta(days=shift.days)})


def _invoices(order: Order, decision: Booked, today: date, next_invoice: int) -> tuple[Invoice, ...]:
    """What becomes of the invoices: moved back, cancelled, and the last one with what is left of the total."""
    if not decision.invoices:
        return ()
    days = {shift.what: timedelta(days=shift.days) for shift in decision.shifts}
    moved = (
        i.model_copy(update={"due": i.due - days[i.number]})
        for i in order.live_invoices
        if i.number in days and i.status == "planned"
    )
    own = (i for i in order.live_invoices if i.number in decision.new_invoices and not _out(i))
    changed = put(tuple(moved), *(_cancelled(i) for i in own if i.kind in ("change-order-deposit", "credit")))
    counting = tuple(i for i in put(order.live_invoices, *changed) if i.status != "cancelled")
    left = rebilled(counting, order.total - decision.added, decision.about, today, _number(order, next_invoice))
    return put(changed, *(_emptied(order, i) for i in left))


def _number(order: Order, next_invoice: int) -> str:
    """The studio's next number, after those that commands before this one have given to the order."""
    given = [int(i.number.removeprefix("INV-")) for i in order.invoices if i.number.removeprefix("INV-").isdigit()]
    return f"INV-{max([next_invoice, *(n + 1 for n in given)])}"


def _emptied(order: Order, invoice: Invoice) -> Invoice:
    """An invoice for a change order alone that has nothing left to bill is cancelled, as it stood."""
    before = order.invoice(invoice.number)
    return _cancelled(before) if before and invoice.kind == "change-order" and not invoice.amount else invoice


def _cancelled(invoice: Invoice) -> Invoice:
    return invoice.model_copy(update={"status": "cancelled"})


def _out(invoice: Invoice) -> bool:
    return invoice.sent_on is not None or invoice.status in ("sent", "paid")


def _followed(order: Order, decision: Booked, invoices: tuple[Invoice, ...]) -> Iterator[str]:
    """What had already followed from the decision and is not undone with it, a sentence each."""
    for number in decision.invoices:
        invoice = order.invoice(number)
        if invoice and _out(invoice):
            yield _sent(order, decision, invoice)
    for invoice in invoices:
        if invoice.amount < 0:
            yield f"{-invoice.amount} {order.currency} too much is billed now ({invoice.number}): to be given back"
    milestone = order.milestone(decision.about) if decision.kind == "milestone" else None
    if milestone and milestone.status == "done":
        yield f"{milestone.name} had been marked done on {milestone.done_on}; it is not done any more"
    for shift in decision.shifts:
        moved = order.milestone(shift.what)
        if moved and moved.status in _OVER:
            yield f"{moved.name} is {moved.status}; its date stays {moved.due}"
    if decision.phase != decision.phase_after and order.phase != decision.phase_after:
        yield f"the order has moved on to phase {order.phase}; that stays"


def _sent(order: Order, decision: Booked, invoice: Invoice) -> str:
    state = f"paid on {invoice.paid_on}" if invoice.paid_on else f"sent on {invoice.sent_on}"
    told = f"{invoice.number} over {invoice.amount} {order.currency} had been {state}"
    if invoice.paid_on is None:
        told += f" and stays to be paid (`dispute {invoice.number} WHY` stops its reminders)"
    return f"{told}; what is billed later is less by that" if invoice.number in decision.new_invoices else told


def _said(before: Order, after: Order, event: e.DecisionUndone, what: str) -> str:
    """What staff are answered: what is as before again, and what had followed."""
    told = [f"{what}: the answer ({event.verdict}) is taken back"]
    if event.expires_at:
        told[0] += " and the question is open again"
    if event.total is not None:
        told.append(f"contract total is {after.total} {after.currency} (was {before.total})")
    if event.delivery:
        told.append(f"delivery is {after.delivery} (was {before.delivery})")
    if event.phase:
        told.append(f"phase is {after.phase} again (was {before.phase})")
    told += [f"{i.number} is cancelled" for i in event.invoices if i.status == "cancelled"]
    if event.followed:
        told.append("what had already followed: " + "; ".join(event.followed))
    return "; ".join(told)
