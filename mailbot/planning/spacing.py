"""Manners: what goes to a client by itself keeps its distance to other mail to the same address, in any order.

Two such mails are at least `apart_minutes` (rules/process.toml, [client_hours]) apart, before a mail that has its fixed
hour as well as after it. Who has to wait goes later, within the client's hours. Answers to a client's mail neither wait
nor make others wait, and what a person of the studio orders goes at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailbot.orders.model import Client, Order
from mailbot.planning.calendar import at_once
from mailbot.planning.occurrence import Occurrence
from mailbot.rules.process import ClientHours, ProcessRules

_UPDATE = "weekly-update"
TO_CLIENTS = (
    "pause-notice", "invoice", "reminder-due", "reminder-friendly", "reminder-firm", "nudge", "survey", _UPDATE,
)  # fmt: skip
"""What goes to clients by itself; of two at one moment the one that stands first here goes first."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is known of the mails that were queued, whatever order they are about.

    `lately`: when the last one went to an address, answers aside. `unsent`: the invoices whose own mail has not gone
    out: it waits for its release or for the server, or it failed.
    """

    lately: Mapping[str, datetime] = field(default_factory=dict)
    unsent: frozenset[str] = frozenset()


def spaced(
    coming: Iterable[Occurrence], order: Order, rules: ProcessRules, now: datetime, post: Post
) -> list[Occurrence]:
    """`coming` of `order` as it goes out, earliest first; a mail that has to wait is moved with all of its step."""
    taken: dict[str, list[datetime]] = {address: [when] for address, when in post.lately.items()}
    placed: list[Occurrence] = []
    for group in _groups(coming):
        when, readers = group[0].at, _readers(group)
        if readers and not group[0].fixed:
            any_day = group[0].kind == _UPDATE
            when = free(when, readers, taken, rules.client_hours, order.client, any_day=any_day)
        for address in readers:
            taken.setdefault(address, []).append(max(when, now))
        placed += [replace(o, at=when) for o in group] if when != group[0].at else group
    return sorted(placed, key=lambda o: (o.at, o.key))


def free(
    when: datetime,
    readers: Iterable[str],
    taken: Mapping[str, Sequence[datetime]],
    hours: ClientHours,
    client: Client,
    *,
    any_day: bool = False,
) -> datetime:
    """The first moment from `when` on that is far enough from every mail that `taken` has for one of `readers`.

    It is in the client's hours, on a working day of theirs unless `any_day` will do.
    """
    apart, locale = timedelta(minutes=hours.apart_minutes), None if any_day else client.locale
    for moment in sorted(moment for address in readers for moment in taken.get(address, ())):
        if abs(when - moment) < apart:
            when = at_once(moment + apart, hours, client.timezone, locale)
    return when


def noted(post: Post, gone: Iterable[Occurrence], now: datetime) -> Post:
    """`post` after the mails of `gone` went out at `now`."""
    return replace(post, lately={**post.lately, **dict.fromkeys(_readers(gone), now)})


def _groups(coming: Iterable[Occurrence]) -> Iterator[list[Occurrence]]:
    """What goes together: the mails of one step. Those that have their hour come first, then as they are due."""
    groups: dict[object, list[Occurrence]] = {}
    for o in coming:
        groups.setdefault((o.about, o.step.step) if o.step else o.key, []).append(o)
    yield from sorted(groups.values(), key=_turn)


def _turn(group: Sequence[Occurrence]) -> tuple[bool, datetime, int, str]:
    places = [TO_CLIENTS.index(o.kind) for o in group if o.kind in TO_CLIENTS]
    return not group[0].fixed, group[0].at, min(places, default=0), group[0].key


def _readers(group: Iterable[Occurrence]) -> tuple[str, ...]:
    """The addresses that mails to the client among `group` go to, answers aside."""
    return tuple(dict.fromkeys(a for o in group if o.kind in TO_CLIENTS and not o.answers for a in o.to))
