"""Who may decide for the client, up to which amount, and until when: what the last events about it say.

An approver of the order, within their limits; or a delegate, until the end of a day in the client's zone, within those
of the approver they stand in for. The account manager never does: nobody decides for both sides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailbot.orders.model import Accepted, Delegate, Held, Limit, Order, Request

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mandate:
    """By what right an address decides. What `counted` have decided so far counts towards `in_all`."""

    address: str
    each: Decimal | None
    in_all: Decimal | None
    counted: frozenset[str]
    until: date | None = None
    instead_of: str = ""

    def told(self, currency: str) -> str:
        """In words: "approver, up to 500.00 USD each, 2000.00 USD in all"."""
        place = f" in the place of {self.instead_of}" if self.instead_of else ""
        right = "approver" if self.until is None else f"delegate{place} until {self.until}"
        return ", ".join([right, *_limits(self.each, self.in_all, currency)])


def mandates(order: Order, address: str, at: datetime) -> tuple[Mandate, ...]:
    """The rights of `address` to decide at the moment `at`; each alone is enough."""
    if address == order.account_manager.email:
        return ()
    own = (_approver(order, address),) if address in order.client.approvers else ()
    return (*own, *(_delegate(order, one) for one in delegates(order, at) if one.address == address))


def delegates(order: Order, at: datetime) -> tuple[Delegate, ...]:
    """Who decides in the place of an approver at the moment `at`: of one who may still decide."""
    return tuple(
        one
        for one in order.delegates
        if one.ended_at is None
        and at < end_of(one.until, order.client.timezone)
        and (not one.instead_of or one.instead_of in order.client.approvers)
    )


def end_of(day: date, zone: str) -> datetime:
    """The end of a day in a time zone, as an aware time."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def both_sides(order: Order, address: str, studio: Collection[str] = ()) -> str | None:
    """Why an address never decides for the client: it is of the `studio`, or the account manager's. None: it may."""
    of_studio = address == order.account_manager.email or address in studio
    return f"{address} is of the studio, and nobody decides for both sides" if of_studio else None


def why_not(
    order: Order, address: str, about: str, amount: Decimal, at: datetime, studio: Collection[str] = ()
) -> str | None:
    """Why `address` may not decide, at the moment `at`, what costs `amount`; None when they may.

    `about` is what it is called. A limit is quoted with the amount that goes over it.
    """
    if never := both_sides(order, address, studio):
        return never
    rights = mandates(order, address, at)
    against = [_over(order, right, about, amount) for right in rights]
    if rights:
        return None if None in against else against[-1]
    over = next((d for d in reversed(order.delegates) if d.address == address and d.ended_at is None), None)
    since = f": they could until {over.until}" if over and at >= end_of(over.until, order.client.timezone) else ""
    return f"{address} may not decide for {order.client.name}{since}"


def by_right(order: Order, address: str, amount: Decimal, at: datetime) -> str:
    """By what right `address` decides what costs `amount`, in words; "" when by none."""
    rights = (right for right in mandates(order, address, at) if _over(order, right, "", amount) is None)
    return next((right.told(order.currency) for right in rights), "")


def stake(order: Order, request: Request, option: int | None) -> Decimal:
    """What the answer to `request` would cost: a change order its amount, whatever the answer; the chosen way out of an
    issue what that costs. What is saved counts like what is spent; a milestone costs nothing."""
    change = order.change_order(request.about) if request.kind == "change-order" else None
    if change:
        return abs(change.amount)
    issue = order.issue(request.about) if request.kind == "issue" else None
    chosen = issue.options[option - 1] if issue and option and 1 <= option <= len(issue.options) else None
    return abs(chosen.amount) if chosen else NOTHING


def acceptance(order: Order, address: str) -> Accepted | None:
    """Who said that answers of `address` count without proof, and when; None when nobody did."""
    return next((one for one in order.accepted if one.address == address), None)


def may_be_added(order: Order, held: Held) -> bool:
    """Whether the sender of a held reply may become an approver by an answer to it: a proven colleague who is none."""
    known = mandates(order, held.sender, held.at) or both_sides(order, held.sender)
    return held.proven and colleague(order, held.sender) and not known


def may_be_accepted(order: Order, held: Held) -> bool:
    """Whether there is a use in accepting the sender of a held reply without proof: nothing was found against them."""
    return held.uncontested and bool(mandates(order, held.sender, held.at)) and acceptance(order, held.sender) is None


def colleague(order: Order, address: str) -> bool:
    """Whether an address is of a domain that this client's have."""
    domains = {known.rpartition("@")[2] for known in (*order.client.emails, *order.client.approvers)}
    return address.rpartition("@")[2] in domains


def people_of(order: Order) -> frozenset[str]:
    """All addresses of the client's side that the order knows, delegates of the past as well."""
    client = order.client
    named = (*(one.address for one in order.delegates), *(one.address for one in order.accepted))
    return frozenset((*client.emails, *client.approvers, *named))


def asked_of(order: Order, at: datetime) -> tuple[str, ...]:
    """Who gets a question to the client at the moment `at`: all who get its mails, and all who may answer it."""
    client = order.client
    return tuple(dict.fromkeys((*client.emails, *client.approvers, *(d.address for d in delegates(order, at)))))


def who_may(order: Order, at: datetime) -> list[str]:
    """Everybody who may decide at the moment `at`, a line each, with their limits."""
    known = dict.fromkeys((*order.client.approvers, *(d.address for d in delegates(order, at))))
    return [f"{right.address}: {right.told(order.currency)}" for a in known for right in mandates(order, a, at)]


def limit_of(order: Order, address: str) -> Limit:
    """The limits of an approver; without any, none."""
    return next((one for one in order.client.limits if one.address == address), Limit(address=address))


def _approver(order: Order, address: str) -> Mandate:
    limit = limit_of(order, address)
    return Mandate(address, limit.each, limit.in_all, frozenset((address, *_stood_in(order, address))))


def _delegate(order: Order, one: Delegate) -> Mandate:
    """Never more than the approver in whose place it is; what either decides counts for both."""
    theirs = limit_of(order, one.instead_of)
    each = min((amount for amount in (one.each, theirs.each) if amount is not None), default=None)
    counted = frozenset((one.address, one.instead_of, *_stood_in(order, one.instead_of)))
    return Mandate(one.address, each, theirs.in_all, counted, one.until, one.instead_of)


def _stood_in(order: Order, approver: str) -> tuple[str, ...]:
    return tuple(one.address for one in order.delegates if one.instead_of == approver)


def _over(order: Order, right: Mandate, about: str, amount: Decimal) -> str | None:
    """Why `amount` goes over what a right covers; None when it does not, or when there is nothing to pay."""
    if not amount:
        return None
    money = f"{amount} {order.currency}"
    if right.each is not None and amount > right.each:
        return f"over the limit: {about} is {money}, and {right.address} may decide up to {right.each} {order.currency}"
    if right.in_all is None:
        return None
    live = (d for d in order.decisions if d.undone_at is None and d.by in right.counted)
    spent = sum((abs(d.added) for d in live), NOTHING)
    if spent + amount <= right.in_all:
        return None
    in_all = f"{right.address} may decide up to {right.in_all} {order.currency} in all"
    return f"over the limit: with {about} ({money}) it would be {spent + amount} {order.currency}, and {in_all}"


def _limits(each: Decimal | None, in_all: Decimal | None, currency: str) -> list[str]:
    told = [] if each is None else [f"up to {each} {currency} each"]
    return told if in_all is None else [*told, f"up to {in_all} {currency} in all"]
