"""The change order, as the account manager writes it: items, days, a draft, and the question to the client."""

from __future__ import annotations

from datetime import timedelta

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.authority import asked_of
from mailbot.orders.circumstances import Circumstances, Refused, Step, not_waiting, stamp
from mailbot.orders.commands import Command, Misfit
from mailbot.orders.evolve import evolve
from mailbot.orders.model import ChangeOrder, Item, Order
from mailbot.orders.requests import request
from mailbot.orders.sends import Send


def change_order(order: Order, command: Command, at: Circumstances) -> Step:
    """The block `change order`: drafted, and sent when it ends with `send`.

    Whatever is changed after it was sent takes the question back: the client must never approve what was not shown.
    """
    change = _drafted(order, command)
    drafting = (*_taken_back(order, change, at), e.ChangeOrderChanged(**stamp(at), change_order=change))
    wrong = [inner for inner in command.block if isinstance(inner, Misfit)]
    price = f"{change.amount} {order.currency}, {change.days:+d} days"
    told = f"{change.number} {change.title}: {len(change.items)} items, {price}"
    if not any(isinstance(inner, Command) and inner.id == "send" for inner in command.block):
        return Step(f"{told}; draft, `change order {change.number}:` with `send` below it sends it", drafting)
    if wrong or not change.items:
        why = "a line of it was not understood" if wrong else "it has no items (like `Sequins: 450.00`)"
        return Step(f"{told}; kept as a draft and NOT sent: {why}", drafting)
    not_waiting(order)
    drafted = order
    for event in drafting:
        drafted = evolve(drafted, event)
    asked = request(
        at.ids, drafted, "change-order", change.number, notices.shown_change_order(drafted, change),
        now=at.now, expires=timedelta(days=at.rules.requests.expire_after_days), asked_by=at.actor,
        attachments=(data for _, _, data in at.attachments),
    )  # fmt: skip
    send = notices.change_order(drafted, change, asked, at.rules, at.attachments)
    sends = (send, *_flag_frequent(drafted, change, at))
    said = f"{told}; goes to {', '.join(asked_of(order, at.now))}"
    return Step(said, (*drafting, e.RequestOpened(**stamp(at), request=asked)), sends)


def _taken_back(order: Order, change: ChangeOrder, at: Circumstances) -> tuple[e.Event, ...]:
    return tuple(
        e.RequestClosed(**stamp(at), token=asked.token, state="superseded")
        for asked in order.open_requests
        if (asked.kind, asked.about) == ("change-order", change.number)
    )


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
    wished = [c for c in order.change_orders if c.about is None]  # what comes of an issue is no wish
    many = len(wished) >= at.rules.change_orders.frequent_from
    return (notices.frequent_changes(order, change),) if many and change.revision == 1 else ()
