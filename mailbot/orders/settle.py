"""A decision becomes events and mails: booked from the client's own reply, or from a held one that a person settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.approvers import of_sender
from mailbot.orders.authority import by_right, stake, why_not
from mailbot.orders.circumstances import Circumstances, Line, Refused
from mailbot.orders.commands import Command
from mailbot.orders.consequences import Consequences, of_approval
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.issues import after_choice, of_choice
from mailbot.orders.model import Held, How, Order, Request, Verdict
from mailbot.orders.objections import stale
from mailbot.orders.undo import undo_until

_ANSWERS: dict[str, Verdict] = {"approve": "approve", "decline": "decline", "changes": "changes", "choose": "choose"}

_OF_AN_APPOINTMENT: dict[str, Verdict] = {"approve": "confirm", "decline": "reschedule", "changes": "reschedule"}


class Unsettled(Exception):
    """A held reply cannot be settled so; the text says why."""


def booked(
    order: Order,
    request: Request,
    verdict: Verdict,
    at: Circumstances,
    *,
    by: str,
    how: How,
    proof: str,
    because: str,
    words: str,
    mail: str,
    option: int | None = None,
    confirmed_by: str | None = None,
    subject: str = "",
    thread: tuple[str, ...] = (),
    answered_at: datetime | None = None,
) -> Decision:
    """The client's decision on `request` with all that follows: events, the receipt to the client, the AM's copy.

    `answered_at` is when their answer came, where it is booked later.
    """
    authority = by_right(order, by, stake(order, request, option), answered_at or at.now)
    follows = _follows(order, request, verdict, option, at)
    event = e.DecisionBooked(
        at=at.now, by=by, token=request.token, kind=request.kind, about=request.about, verdict=verdict, how=how,
        proof=proof, because=because, words=words, mail=mail, option=option, confirmed_by=confirmed_by,
        authority=authority, phase=follows.phase, total=follows.total, delivery=follows.delivery,
        milestones=follows.milestones, invoices=follows.invoices,
    )  # fmt: skip
    after = evolve(order, event)
    more = after_choice(after, request.about, option, at) if verdict == "choose" else None
    for one in more.events if more else ():
        after = evolve(after, one)
    receipt = notices.receipt(after, event, subject, thread, undo_until(event.at, at.rules))
    sends = (receipt, notices.booked(order, after, event), *(more.sends if more else ()))
    return Decision(verdict, because, after, (event, *(more.events if more else ())), sends)


def _follows(order: Order, request: Request, verdict: Verdict, option: int | None, at: Circumstances) -> Consequences:
    """What the decision entails by itself."""
    if verdict == "approve":
        return of_approval(order, request.about, request.kind, at.rules, at.today, at.next_invoice)
    return of_choice(order, request.about, option, at.rules) if verdict == "choose" else Consequences()


def settle(
    held: Held, said: Command, order: Order | None, at: Circumstances, through: str, reply_to: Intake | None = None
) -> Decision:
    """A held reply settled by a person: booked as they say, or dismissed. Raises Unsettled with the reason.

    `through` is the archive key of the mail that settled it, or "shell"; `reply_to` is that mail, to be answered.
    """
    if held.state == "settled":
        raise Unsettled(f"{held.id} was settled as {held.settled_as} by {held.settled_by}")
    if said.id == "add" or said.also:
        return _with_sender(held, said, order, at, through, reply_to)
    done = held.model_copy(
        update={"state": "settled", "settled_by": at.actor, "settled_as": said.id, "settled_at": at.now}
    )
    if said.id == "dismiss":
        return _dismissed(done, order, at, through, reply_to)
    if order is None or not held.request or (request := order.request(held.request)) is None:
        raise Unsettled("it answers no request of ours, so there is nothing to book; `dismiss` takes it off the list")
    if why := stale(order, request, held.at):
        raise Unsettled(f"{why}; ask the client again, or `dismiss` it")
    if newer := _newer(held, at.waiting):
        raise Unsettled(
            f"{newer.sender} has written again since, and that waits as {newer.id}; settle that, and `dismiss` this"
        )
    verdict, option = _verdict(held, said, request)
    if said.id in ("approve", "choose") and (why := _not_entitled(held, order, request, option, at)):
        raise Unsettled(f"{why}: ask who may, or `dismiss` it")
    marked = e.HeldSettled(at=at.now, by=at.actor, held=held.id, answer=said.id, through=through)
    proof = held.proof if held.proven or not held.proof else f"not proven: {held.proof}"
    confirmed = f"confirmed by {at.actor}" + (f"; {proof}" if proof else "")
    decision = booked(
        evolve(order, marked), request, verdict, at, by=held.sender, how="held-confirmed", proof=confirmed,
        because=f"settled by {at.actor}: {said.line}", words=held.words, mail=held.mail, option=option,
        confirmed_by=at.actor, subject=held.subject, thread=(held.message_id,) if held.message_id else (),
        answered_at=held.at,
    )  # fmt: skip
    return replace(decision, verdict="command", events=(marked, *decision.events), settled=done)


def _not_entitled(held: Held, order: Order, request: Request, option: int | None, at: Circumstances) -> str | None:
    """Why its sender could not decide this when the reply came, as things stand now; None when they could."""
    return why_not(order, held.sender, request.about, stake(order, request, option), held.at, at.studio)


def _with_sender(
    held: Held, said: Command, order: Order | None, at: Circumstances, through: str, reply_to: Intake | None
) -> Decision:
    """Its sender made an approver, or accepted without proof; and then settled, where the answer says that as well."""
    if order is None:
        raise Unsettled("it belongs to no order, so nobody can be added to one")
    try:
        step = of_sender(held, said, order, at)
    except Refused as why:
        raise Unsettled(str(why)) from None
    after = order
    for event in step.events:
        after = evolve(after, event)
    if said.also:
        done = settle(held, replace(said, also=""), after, at, through, reply_to)
        return replace(done, events=(*step.events, *done.events), sends=(*done.sends, *step.sends))
    told = Line(said.line, True, f"{step.said}; {held.id} still waits, `approve` books it")
    sends = (*step.sends, notices.command_result(after, reply_to, (told,))) if reply_to else step.sends
    return Decision("command", step.said, after, step.events, sends)


def _newer(held: Held, waiting: tuple[Held, ...]) -> Held | None:
    """The last answer to the same request that came after this one and waits as well: it may take this one back."""
    later = [h for h in waiting if h.state == "waiting" and h.request == held.request and h.at > held.at]
    return max(later, key=lambda one: one.at, default=None)


def _verdict(held: Held, said: Command, request: Request) -> tuple[Verdict, int | None]:
    """What the answer means for what was asked: on options, `approve` means the guess, if that was a choice."""
    if request.kind == "fitting" and said.id in _OF_AN_APPOINTMENT:
        return _OF_AN_APPOINTMENT[said.id], None
    if request.kind != "issue":
        if said.id == "choose":
            raise Unsettled("there are no options to choose from; approve, decline, changes or dismiss")
        return _ANSWERS[said.id], None
    option = said.args.get("option")
    if said.id == "approve" and held.guess and held.guess.startswith("choose "):
        option = int(held.guess.split()[1])
    if said.id in ("approve", "choose"):
        if option is None or not 1 <= option <= len(request.options):
            raise Unsettled(f"which option? `choose 1` to `choose {len(request.options)}`, or dismiss")
        return "choose", option
    return _ANSWERS[said.id], None


def _dismissed(done: Held, order: Order | None, at: Circumstances, through: str, reply_to: Intake | None) -> Decision:
    answered = f"{done.id} is dismissed; nothing was booked"
    sends = (
        (notices.command_result(order, reply_to, (Line(reply_to.words.strip()[:200], True, answered),)),)
        if reply_to
        else ()
    )
    if order is None:
        return Decision("command", "dismissed", sends=sends, settled=done)
    event = e.HeldSettled(at=at.now, by=at.actor, held=done.id, answer="dismiss", through=through)
    return Decision("command", "dismissed", evolve(order, event), (event,), sends, settled=done)
