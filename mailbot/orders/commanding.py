"""A mail of staff that commands: its lines carried out on each order that they are for, and one answer to all of them.

Nothing has happened yet: the `Decision` holds what is to become true, of other orders in `others`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.addressed import by_order
from mailbot.orders.approvers import named_for
from mailbot.orders.carry_out import carry_out
from mailbot.orders.circumstances import Circumstances, Done, Line
from mailbot.orders.commands import Command, Misfit, Place, parse
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.orders.wishes import drafted_from
from mailbot.rules.commands import CommandRules

_WHICH_ORDER = (
    "which order? write its reference in the subject, like [ORD-2041], or begin the lines with it, like "
    "`ORD-2041 hold weekly`"
)
_WHOSE_FILES = "files go along, and several orders are named: write one mail for each order"


def carried_out(
    mail: Intake, rules: CommandRules, at: Circumstances, before: tuple[e.Event, ...] = (), *, direct: bool
) -> Decision:
    """What the lines of `mail` come to, for its order and for others that they name, after the events `before`.

    `direct`: it answers what was put to them, so that it may settle a held reply as well.
    """
    if mail.order is None:
        return Decision("command", "no order is named", sends=(answered_with(mail, _WHICH_ORDER),))
    parts = {order.ref: (order, text) for order, text in by_order(mail.words, at.addressed, mail.order) if order}
    _, own = parts.pop(mail.order.ref, (mail.order, ""))
    if parts and at.attachments:
        return Decision("command", "files for several orders", mail.order, sends=(answered_with(mail, _WHOSE_FILES),))
    lines = commands_of(own, mail.order, rules, at, about=mail.about or "")
    answering = mail.held if direct else None
    done = carry_out(mail.order, lines, replace(at, answering=answering))
    others = _elsewhere((mail.order, done), tuple(parts.values()), rules, at)
    all_of_it = ((mail.order, done), *others)
    told = [line for order, one in all_of_it for line in _named(one.lines, order if parts else None)]
    because = f"{sum(line.ok for line in told)} of {len(told)} lines carried out"
    result = notices.command_result(done.order, mail, told, tuple(parts))
    decision = Decision(
        "command", because, done.order, (*before, *done.events), (*done.sends, result), keeps=done.keeps,
        others=tuple((order, _of(one, because)) for order, one in others),
    )  # fmt: skip
    made = answering and (drafted_from(answering, done, at, mail.mail) or named_for(answering, done, at, mail.mail))
    if not made:
        return decision
    held, event = made
    return replace(decision, order=evolve(done.order, event), events=(*decision.events, event), settled=held)


def _elsewhere(
    own: tuple[Order, Done], parts: Sequence[tuple[Order, str]], rules: CommandRules, at: Circumstances
) -> Sequence[tuple[Order, Done]]:
    """What the lines for other orders come to. New invoices are numbered on from those of the orders before."""
    made = [own]
    for order, text in parts:
        taken = sum(len(one.order.invoices) - len(before.invoices) for before, one in made)
        there = replace(at, next_invoice=at.next_invoice + taken)
        made.append((order, carry_out(order, commands_of(text, order, rules, there), there)))
    return made[1:]


def _of(done: Done, because: str) -> Decision:
    return Decision("command", because, done.order, done.events, done.sends, keeps=done.keeps)


def _named(lines: Sequence[Line], order: Order | None) -> Iterator[Line]:
    """`lines` as they are told: with the order, where there are several."""
    for line in lines:
        yield replace(line, text=f"{order.ref} {line.text}") if order else line


def answered_with(mail: Intake, why: str) -> Send:
    """The answer to a mail of staff of which nothing could be done."""
    first = next((line.strip() for line in mail.words.splitlines() if line.strip()), "(nothing)")
    return notices.command_result(mail.order, mail, (Line(first, False, why),))


def commands_of(
    text: str, order: Order, rules: CommandRules, at: Circumstances, about: str = ""
) -> tuple[Command | Misfit, ...]:
    """The commands in `text`, dates and amounts read in the order's locale; a first line `order REF` is passed over.

    `about` is what the mail of ours was about that this answers.
    """
    invoice = about if order.invoice(about) else ""
    place = Place(order.client.locale, at.today, at.rules.phases, order.currency, invoice)
    lines = text.strip().splitlines()
    if lines and lines[0].strip().lower() == f"order {order.ref}".lower():
        lines = lines[1:]
    return parse("\n".join(lines), rules, place)
