"""Staff say who may decide for the client: approvers with limits, delegates, senders accepted without proof.

Each is an event, and the client's approvers are told of it: whoever talks an account manager into a change is seen by
those in whose name they would decide. What the rights then are is `authority`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.orders import events as e
from mailbot.orders.authority import acceptance, both_sides, colleague, delegates, limit_of, mandates, who_may
from mailbot.orders.circumstances import Circumstances, Done, Refused, Step, stamp
from mailbot.orders.commands import Command
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Held, Order
from mailbot.orders.notices import title_of
from mailbot.orders.objections import DECISIVE
from mailbot.orders.sends import Send

_FACTS = ("instead_of", "until", "each", "in_all")
_Change = e.ApproverChanged | e.DelegateChanged | e.AcceptanceChanged


def approver(order: Order, command: Command, at: Circumstances) -> Step:
    """`approver ben@client.example up to 500.00`: they may decide from now on; `no limit` lifts a limit."""
    address = command.args["address"]
    _may_be_named(order, address, at)
    each, in_all = command.args.get("money"), command.args.get("in_all")
    if any(amount is not None and amount <= 0 for amount in (each, in_all)):
        raise Refused(f"a limit is more than nothing; `approver {address} off` takes the right to decide away")
    before, plain = limit_of(order, address), command.id == "approver" and each is None and in_all is None
    known = address in order.client.approvers
    if known and (plain or (before.each, before.in_all) == (each, in_all)):
        lift = f"; `approver {address} no limit` lifts that" if before.each or before.in_all else ""
        return Step(f"{_rights(order, address, at)}, as before{lift}")
    event = e.ApproverChanged(**stamp(at), what="named", address=address, each=each, in_all=in_all)
    after = evolve(order, event)
    return _changed(order, event, at, f"{_rights(after, address, at)} from now on{_unasked(order, known)}")


def approver_off(order: Order, command: Command, at: Circumstances) -> Step:
    """`approver ben@client.example off`. The last one stays: somebody must be able to decide."""
    address = command.args["address"]
    _open(order)
    if address not in order.client.approvers:
        raise Refused(f"{address} is no approver ({_known(order, at)})")
    others = [a for a in order.client.approvers if a != address and a not in at.studio and mandates(order, a, at.now)]
    if not others:
        raise Refused(f"{address} is the last who may decide; name another one first (`approver ...`)")
    event = e.ApproverChanged(**stamp(at), what="removed", address=address)
    ended = [d.address for d in delegates(order, at.now) if d.instead_of == address]
    said = f"{address} may not decide any more"
    said += f", nor {', '.join(ended)} in their place" if ended else ""
    if asked := ", ".join(title_of(order, r.kind, r.about) for r in order.open_requests):
        said += f"; they were asked about {asked}: that is still open, and only {', '.join(others)} can answer it"
    return _changed(order, event, at, said)


def delegate(order: Order, command: Command, at: Circumstances) -> Step:
    """`delegate ben@client.example until 2026-03-03 up to 500.00`: for an approver, to the end of that day."""
    address, until, each = command.args["address"], command.args["date"], command.args.get("money")
    _may_be_named(order, address, at)
    principal = _principal(order, command, at)
    if address == principal:
        raise Refused(f"{address} is an approver, and nobody stands in for themselves; name who is (`... for ...`)")
    if until < at.now.astimezone(ZoneInfo(order.client.timezone)).date():
        raise Refused(f"{until} is past")
    if each is not None and each <= 0:
        raise Refused("a limit is more than nothing")
    event = e.DelegateChanged(**stamp(at), what="named", address=address, instead_of=principal, until=until, each=each)
    rights = _rights(evolve(order, event), address, at)
    return _changed(order, event, at, f"{rights} from now on{_unasked(order, False)}")


def delegate_off(order: Order, command: Command, at: Circumstances) -> Step:
    """`delegate ben@client.example off`."""
    address = command.args["address"]
    _open(order)
    if all(one.address != address for one in delegates(order, at.now)):
        raise Refused(f"{address} is no delegate ({_known(order, at)})")
    event = e.DelegateChanged(**stamp(at), what="ended", address=address)
    left = _rights(evolve(order, event), address, at)
    return _changed(order, event, at, f"{address} is no delegate any more" + (f"; {left}" if left else ""))


def accept(order: Order, command: Command, at: Circumstances) -> Step:
    """`accept ann@client.example`: their answers count without proof, with a token and never about money."""
    address = command.args["address"]
    _may_be_named(order, address, at)
    if not mandates(order, address, at.now):
        raise Refused(f"{address} may not decide, so there is nothing to accept ({_known(order, at)})")
    if known := acceptance(order, address):
        return Step(f"{address} is accepted already, by {known.by}")
    event = e.AcceptanceChanged(**stamp(at), what="accepted", address=address)
    said = f"{address} is accepted without proof from now on: to a question's own address, never about money"
    return _changed(order, event, at, said)


def accept_off(order: Order, command: Command, at: Circumstances) -> Step:
    """`accept ann@client.example off`."""
    address = command.args["address"]
    _open(order)
    if acceptance(order, address) is None:
        known = ", ".join(one.address for one in order.accepted) or "nobody"
        raise Refused(f"{address} is not accepted without proof (who is: {known})")
    event = e.AcceptanceChanged(**stamp(at), what="ended", address=address)
    return _changed(order, event, at, f"{address} has to be proven again")


def of_sender(held: Held, said: Command, order: Order, at: Circumstances) -> Step:
    """What an answer to a held reply makes of its sender: an approver, or accepted without proof. Raises Refused."""
    if "add" not in (said.id, said.also):
        if said.args.get("address", held.sender) != held.sender:
            raise Refused(f"this is of {held.sender}, not of {said.args['address']}")
        if not held.proven and not held.uncontested:
            raise Refused(f"your mail server says {held.proof}: such mail is never accepted")
        return accept(order, Command("accept", said.line, {"address": held.sender}), at)
    if not held.proven:
        raise Refused(
            f"it is not proven that {held.sender} wrote this; `approver {held.sender}` adds them all the same"
        )
    if not colleague(order, held.sender):
        other = f"{held.sender} is of another domain than {order.client.name}"
        raise Refused(f"{other}; `approver {held.sender}` adds them all the same")
    return approver(order, Command("approver", said.line, {"address": held.sender}), at)


def named_for(held: Held, done: Done, at: Circumstances, through: str) -> tuple[Held, e.HeldSettled] | None:
    """The held mail of an approver that named a delegate, settled by the command that names them; None for any other.

    One that seems to decide something as well goes on waiting.
    """
    named = any(isinstance(one, e.DelegateChanged) and one.instead_of == held.sender for one in done.events)
    decides = (held.guess or "").partition(" ")[0] in DECISIVE
    if held.state != "waiting" or not named or decides:
        return None
    update = {"state": "settled", "settled_by": at.actor, "settled_as": "delegate", "settled_at": at.now}
    event = e.HeldSettled(at=at.now, by=at.actor, held=held.id, answer="delegate", through=through)
    return held.model_copy(update=update), event


def _principal(order: Order, command: Command, at: Circumstances) -> str:
    """In whose place a delegate decides: who is named, who wrote the mail that is answered, the only one; else anyone.

    Raises Refused where it matters which of several it is, for some have limits.
    """
    approvers = order.client.approvers
    if named := command.args.get("principal"):
        if named not in approvers:
            raise Refused(f"{named} may not decide, so nobody can in their place ({_known(order, at)})")
        return str(named)
    if at.answering and at.answering.sender in approvers:
        return at.answering.sender
    if len(approvers) == 1:
        return approvers[0]
    if order.client.limits:
        raise Refused(f"in whose place? `delegate {command.args['address']} for ...` ({_known(order, at)})")
    return ""


def _open(order: Order) -> None:
    if order.closed:
        raise Refused("the order is closed")


def _may_be_named(order: Order, address: str, at: Circumstances) -> None:
    _open(order)
    if why := both_sides(order, address, at.studio):
        raise Refused(why)


def _rights(order: Order, address: str, at: Circumstances) -> str:
    rights = "; ".join(right.told(order.currency) for right in mandates(order, address, at.now))
    return f"{address} may decide ({rights})" if rights else ""


def _known(order: Order, at: Circumstances) -> str:
    return f"who may decide: {'; '.join(who_may(order, at.now))}"


def _unasked(order: Order, known: bool) -> str:
    """What is open and was not sent to somebody new."""
    waits = "" if known else ", ".join(title_of(order, r.kind, r.about) for r in order.open_requests)
    return f"; what is open already was not sent to them ({waits}): ask again, and it is" if waits else ""


def _changed(order: Order, event: _Change, at: Circumstances, said: str) -> Step:
    """The step of an event: the approvers are told, and the account manager where another one did it."""
    told = ", ".join(order.client.approvers)
    return Step(f"{said}; told by mail: {told}", (event,), tuple(_notices(order, event, at, said)))


def _notices(order: Order, event: _Change, at: Circumstances, said: str) -> Iterator[Send]:
    key = f"{order.ref}/authority/{order.revision}"
    data: dict[str, Any] = {
        "subject": order.project, "verdict": _verdict(event), "what": event.address, "total": order.total,
        "delivery": order.delivery, **{name: getattr(event, name, None) for name in _FACTS},
    }  # fmt: skip
    yield Send(key, "receipt", order.client.approvers, (), order.ref, None, data)
    manager = order.account_manager.email
    if at.actor != manager:
        copy = {
            "verdict": _verdict(event), "what": event.address, "sender": at.actor, "words": "", "at": at.now,
            "proof": "a command", "because": said, "how": "staff",
        }  # fmt: skip
        yield Send(f"{key}/manager", "booked", (manager,), (), order.ref, None, copy)


def _verdict(event: _Change) -> str:
    """What the mails call the change."""
    kinds = {"ApproverChanged": "approver", "DelegateChanged": "delegate", "AcceptanceChanged": "accepted"}
    return f"{kinds[event.type]}{'-off' if event.what in ('removed', 'ended') else ''}"
