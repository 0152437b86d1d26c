"""`help`: every command that the asker may give, by what one wants to do, each with an example out of this very order.

Topics, examples and what a command does are rules/commands.toml, so help and grammar are one. An example keeps its
words; only what names something of an order (a milestone, an invoice, a day, a person) becomes something of this one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from mailbot.orders.commands import Place, worded
from mailbot.orders.model import Milestone, Order
from mailbot.orders.sections import Row, Section
from mailbot.rules.commands import CommandRule, CommandRules
from mailbot.rules.process import ProcessRules

_FITTINGS = ("fitting", "fitting-cancel", "fit")
_PAYMENTS = ("paid", "part-paid")
_OF_CLIENT = ("vouch", "accept", "accept-off")  # about somebody whom the order knows; the others add a colleague


def help_on(
    order: Order, rules: CommandRules, process: ProcessRules, roles: Collection[str], today: date
) -> tuple[Section, ...]:
    """The commands of somebody with `roles`, a section a topic; `today` is the day in the studio."""
    may = [rule for rule in rules.commands if set(rule.who) & set(roles)]
    place = Place(order.client.locale, today, process.phases, order.currency)
    sections = (
        Section(topic.title, tuple(_rows(topic.id, may, order, process, place)), commands=True)
        for topic in rules.topics
    )
    return tuple(section for section in sections if section.rows)


def _rows(topic: str, may: list[CommandRule], order: Order, process: ProcessRules, place: Place) -> Iterator[Row]:
    """The commands of a topic, below each that opens a block its lines."""
    for rule in may:
        if rule.topic == topic:
            yield Row(_example(rule, order, process, place), rule.does)
            inner = (r for r in may if rule.opens in r.block)
            yield from (Row(_example(r, order, process, place), r.does, below=True) for r in inner)


def _example(rule: CommandRule, order: Order, process: ProcessRules, place: Place) -> str:
    milestone = _milestone(rule.id, order, process)
    values = {
        "phase": _phase_after(order, process),
        "milestone": milestone.key if milestone else None,
        "thing": _thing(rule.id, order, milestone),
        "number": str(order.blockers[0].number) if rule.id == "unblock" and order.blockers else None,
        "invoice": _invoice(order),
        "date": (place.today if rule.id in _PAYMENTS else _day(milestone, order, place.today)).isoformat(),
        "address": _address(rule, order),
    }
    if rule.id == "next" and milestone:
        values["text"] = f"{milestone.name} on {milestone.due}"
    return worded(rule, {slot: value for slot, value in values.items() if value}, place)


def _milestone(command: str, order: Order, process: ProcessRules) -> Milestone | None:
    """The next milestone that this command can be about; where all of them are through, the last."""
    fittings = {rule.key for rule in process.milestones if rule.fitting_hours}
    fit = [
        m
        for m in order.milestones
        if (command not in _FITTINGS or m.key in fittings)
        and (command not in ("ask", "vouch") or m.approval)
        and (command != "milestone-done" or not m.approval)
    ]
    still = (m for m in fit if m.status not in ("approved", "done"))
    return next(still, fit[-1] if fit else None)


def _phase_after(order: Order, process: ProcessRules) -> str:
    following = process.phases[process.phases.index(order.phase) + 1 :] if order.phase in process.phases else ()
    return next(iter(following), process.phases[-1])


def _thing(command: str, order: Order, milestone: Milestone | None) -> str | None:
    if command != "undo":
        return milestone.key if milestone else None
    return next((one.about for one in reversed(order.decisions) if one.undone_at is None), None)


def _invoice(order: Order) -> str | None:
    """The next invoice that is not paid; where all are, the last."""
    unpaid = (i.number for i in order.live_invoices if i.status != "paid")
    return next(unpaid, order.live_invoices[-1].number if order.live_invoices else None)


def _day(milestone: Milestone | None, order: Order, today: date) -> date:
    return max(milestone.due if milestone else order.delivery, today)


def _address(rule: CommandRule, order: Order) -> str | None:
    """Who may decide for this client; of somebody who is yet to be named, the example's name at the client's domain."""
    client = next(iter((*order.client.approvers, *order.client.emails)), None)
    if client is None or rule.id in _OF_CLIENT:
        return client
    name = next((word.partition("@")[0] for word in rule.example.split() if "@" in word), None)
    return f"{name}@{client.rpartition('@')[2]}" if name else None
