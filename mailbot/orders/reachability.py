"""Addresses of a client that mail does not reach: when nothing is written to them any more, and when it is again.

What would go to them goes to the client's other addresses; where there is none it waits for a person, and is not lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailbot.orders.authority import people_of
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.commands import Command
from mailbot.orders.events import AddressChanged
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Bounced, Order
from mailbot.rules.delivery import BounceRules

BY = "mail server"


def reachable(order: Order, addresses: Sequence[str]) -> tuple[str, ...]:
    """Those of `addresses` that are written to."""
    off = {one.address for one in order.bounced if one.off}
    return tuple(address for address in addresses if address not in off)


def came_back(order: Order, address: str, status: str, rules: BounceRules, now: datetime) -> AddressChanged | None:
    """What it means that a mail of ours did not reach `address`; None when nobody of the client is there, or it is off.

    `status` is the enhanced one of RFC 3463, "" where none was stated.
    """
    known = _bounced(order, address)
    if address not in people_of(order) or (known and known.off):
        return None
    ends = rules.ends(status, known.at if known else (), now)
    return AddressChanged(at=now, by=BY, what="off" if ends else "bounced", address=address, status=status)


def heard_from(order: Order, address: str, now: datetime) -> AddressChanged | None:
    """What a proven mail from `address` means: somebody is there, so it is written to again."""
    return AddressChanged(at=now, by=address, what="again", address=address) if _bounced(order, address) else None


def write_again(order: Order, command: Command, at: Circumstances) -> Step:
    """`write to ann@client.example again`."""
    address = command.args["address"]
    if _bounced(order, address) is None:
        off = ", ".join(one.address for one in order.bounced if one.off) or "nobody"
        raise Refused(f"no mail to {address} has come back (who is not written to: {off})")
    event = AddressChanged(**stamp(at), what="again", address=address)
    return Step(f"{address} is written to again; what waits: `mailbot outbox`", (event,))


def noted(order: Order, events: Sequence[AddressChanged]) -> Order:
    """`order` after `events`."""
    for event in events:
        order = evolve(order, event)
    return order


def _bounced(order: Order, address: str) -> Bounced | None:
    return next((one for one in order.bounced if one.address == address), None)
