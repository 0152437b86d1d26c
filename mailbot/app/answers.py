"""What mailbot writes by itself because a mail came in, within limits: a loop comes to rest, a flood reaches nobody.

Counted is what goes to one address about one order (or none), by rules/delivery.toml, [answers]. A count is a row of
the table `answers` under a key of its own, so looking it up costs the same however much is on record; it changes in the
commit that it is for, and is thrown away when all of it is past. What is due by the calendar or was ordered by staff
never comes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mailbot.adapters.store import Tx
from mailbot.app.house import House
from mailbot.orders.alerts import flood
from mailbot.orders.intake import Intake
from mailbot.orders.model import Order, utc
from mailbot.orders.sends import Send
from mailbot.rules.delivery import Rate, room, window
from mailbot.writing.kinds import KINDS

OVER = "over the limit of answers to one address"


@dataclass(frozen=True, slots=True)
class Sifted:
    """The mails that go out, those that are over a limit, and how many more a commit counts, by key."""

    goes: tuple[Send, ...]
    waits: tuple[Send, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def sift(house: House, sends: Sequence[Send], order: Order | None, mail: Intake | None, now: datetime) -> Sifted:
    """`sends` parted by the limits at `now`; `mail` is what they answer, about `order`.

    For those that wait a notice to the account manager is added, once a day for each limit that is met.
    """
    counts: dict[str, int] = {}
    goes: list[Send] = []
    waits: list[Send] = []
    told: list[Send | None] = []
    for send in sends:
        if house.store.outbox_get(send.key):
            continue  # it went out before, and does not go again
        keys = _keys(house, send)
        met = {key: limit for key in keys if (limit := _met(house, key, counts.get(key, 0), now))}
        if not met:
            goes.append(send)
            counts |= {key: counts.get(key, 0) + 1 for key in keys}
            continue
        waits.append(send)
        told += [_notice(house, key, keys[key], limit, order, mail, now) for key, limit in met.items()]
    notices = {one.key: one for one in told if one}
    return Sifted((*goes, *notices.values()), tuple(waits), counts)


def count(tx: Tx, house: House, counts: Mapping[str, int], now: datetime) -> None:
    """Write down, inside a commit, what goes out with it."""
    rates = house.rules.delivery.answers.rates
    most = max(rate.mails for rate in rates)
    for key, more in sorted(counts.items()):
        row = tx.get("answers", key)
        times = sorted([*(row["at"] if row else ()), *[now.timestamp()] * more])[-most:]
        until = datetime.fromtimestamp(times[-1] + window(rates), UTC)
        tx.put("answers", key, {"at": times, "until": utc(until)})


def throw_away(house: House, now: datetime) -> None:
    """Forget counts of which all is past."""
    past = house.store.find("answers", "until", "", utc(now))
    if not past:
        return
    with house.store.transaction() as tx:
        for row in past:
            again = tx.get("answers", row.key)
            if again and again["until"] == row["until"]:
                tx.delete("answers", row.key)


def _keys(house: House, send: Send) -> dict[str, str]:
    """The counts that `send` belongs to, each with its address; none where it is not because a mail came in."""
    if not KINDS[send.kind].echo:
        return {}
    return {house.ids.token("answers", address, send.order or ""): address for address in send.to}


def _met(house: House, key: str, more: int, now: datetime) -> Rate | None:
    """The limit that leaves no room for another mail, after those on record and so many `more`."""
    row = house.store.get("answers", key)
    begun = [*(row["at"] if row else ()), *[now.timestamp()] * more]
    rates = house.rules.delivery.answers.rates
    return next((rate for rate in rates if not room((rate,), begun, now.timestamp()).mails), None)


def _notice(
    house: House, key: str, to: str, limit: Rate, order: Order | None, mail: Intake | None, now: datetime
) -> Send | None:
    """The notice of a flood, to somebody who is not in it; None where there is nobody, or they know."""
    sender = mail.sender if mail else ""
    people = (order.account_manager.email if order else None, house.policy.fallback, house.times.sales_director)
    reader = next((one for one in people if one and one not in (sender, house.studio.address)), None)
    outbox_key = f"flood/{house.ids.token('flood', key, house.today(now).isoformat())}"
    if reader is None or house.store.outbox_get(outbox_key):
        return None
    rate = f"{limit.mails} mails in {limit.minutes} minutes"
    return flood(outbox_key, reader, order, sender, mail.subject if mail else "", to, rate, now)
