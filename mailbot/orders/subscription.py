"""Who gets the weekly updates: subscription mail, which a reader may end by one word or click (RFC 2369, RFC 8058).

What is asked of a client, invoices and receipts are no subscription: they go on.
"""

from __future__ import annotations

from mailbot.orders import alerts
from mailbot.orders import events as e
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.commands import Command, client_says
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.model import Order
from mailbot.rules.commands import CommandRules

UPDATE = "weekly-update"


def readers(order: Order) -> tuple[str, ...]:
    """The client's addresses that get the weekly updates; none when all have ended them."""
    return tuple(address for address in order.client.emails if address not in order.unsubscribed)


def updates_off(order: Order, command: Command, at: Circumstances) -> Step:
    """`no updates to ben@client.example`."""
    address = _reader(order, command)
    if address in order.unsubscribed:
        return Step(f"{address} gets no weekly updates, as before")
    event = e.SubscriptionChanged(**stamp(at), what="ended", address=address)
    left = ", ".join(readers(evolve(order, event))) or "nobody"
    return Step(f"{address} gets no weekly updates any more; who does: {left}", (event,))


def updates_on(order: Order, command: Command, at: Circumstances) -> Step:
    """`updates to ben@client.example`."""
    address = _reader(order, command)
    if address not in order.unsubscribed:
        return Step(f"{address} gets the weekly updates, as before")
    event = e.SubscriptionChanged(**stamp(at), what="resumed", address=address)
    return Step(f"{address} gets the weekly updates again", (event,))


def unsubscribed(mail: Intake, rules: CommandRules, at: Circumstances) -> Decision | None:
    """A proven reader ends the weekly updates: by the mail that List-Unsubscribe proposes, or by that word in an answer
    to an update. None when the mail is something else; what a client wrote beside it is for a person."""
    order = mail.order
    if order is None or not mail.proven or mail.sender not in order.client.emails or not _asks(mail, order, rules):
        return None
    return ended(order, mail.sender, at, mail.subject, mail.words)


def ended(order: Order, address: str, at: Circumstances, subject: str, words: str = "") -> Decision:
    """The weekly updates to `address` end; the account manager is told, with what was written and the way back."""
    if address not in readers(order):
        return Decision("note", f"{address} gets no weekly updates, as before")
    event = e.SubscriptionChanged(at=at.now, by=address, what="ended", address=address)
    after = evolve(order, event)
    told = alerts.unsubscribed(after, address, readers(after), subject, words, at.now)
    return Decision("note", f"{address} has ended the weekly updates", after, (event,), (told,))


def _asks(mail: Intake, order: Order, rules: CommandRules) -> bool:
    names = (order.client.name, order.account_manager.name)
    titled = mail.subject.replace(f"[{order.ref}]", " ")
    if client_says(titled, rules, names) == "unsubscribe":
        return mail.request is None and mail.held is None
    return mail.answers == UPDATE and client_says(mail.words, rules, names) == "unsubscribe"


def _reader(order: Order, command: Command) -> str:
    address: str = command.args["address"]
    if address not in order.client.emails:
        raise Refused(f"{address} is none of the client's ({', '.join(order.client.emails)})")
    return address
