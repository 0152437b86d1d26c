"""Which order, and which one open request of ours, a mail is about.

Clues are taken in this order: the token in the address it was sent to, our Message-ID in In-Reply-To or References, the
token in the body, the one tag in the subject. The first kind that leads anywhere decides; a later kind that leads to
another request is a disagreement, and a reason to hold. Similar subjects are no clue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mailbot.orders.model import Order, Request
from mailbot.orders.requests import TOKEN_PATTERN
from mailbot.reading.message import Message

_TOKEN = re.compile(rf"(?<![A-Za-z0-9]){TOKEN_PATTERN}(?![A-Za-z0-9])")
_TAG = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._-]{1,39})\]")
_CHANGE_ORDER = re.compile(r"\bCO[- ]?(\d{1,4})\b", re.IGNORECASE)
_MARKUP = re.compile(r"<[^>]{0,5000}>")
_MOST = 40  # clues of a kind that are looked up: a bound on what a hostile mail can cost


@dataclass(frozen=True, slots=True)
class Clues:
    """What a mail carries that may lead to a request, each kind in the order in which it is believed."""

    address_tokens: tuple[str, ...]
    parents: tuple[str, ...]  # the mail that it answers; several when it says so
    reply_ids: tuple[str, ...]  # the parent first, then the thread, nearest first
    body_tokens: tuple[str, ...]
    tags: tuple[str, ...]  # order references in the subject
    change_orders: tuple[str, ...]  # CO-1, in the subject
    sender: str = ""
    direct: bool = True  # the token's address stands in To, where programs put whom a mail answers


@dataclass(frozen=True, slots=True)
class Ticket:
    """A row of the store: what a token of ours stands for."""

    token: str
    order: str | None
    kind: str
    about: str
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the store knows of the clues: tokens, our own Message-IDs (to a token or None, and an order), orders."""

    tickets: Mapping[str, Ticket]
    threads: Mapping[str, tuple[str | None, str | None]]  # message id -> (token, order)
    orders: Mapping[str, Order]
    received: Mapping[str, str] = field(default_factory=dict)  # ids of mails that we got, and who wrote them


@dataclass(frozen=True, slots=True)
class Match:
    """The order and the token that a mail answers; `because` names the clue, or why there is none."""

    order: str | None
    token: str | None
    because: str
    held: str | None = None
    disagree: bool = False


def clues(message: Message, address: str, returned: str | None = None) -> Clues:
    """The clues of `message`; `address` is the bot's own, whose local part every token address begins with.

    `returned` is the Message-ID of the mail that a bounce is about: a reply to it, as it were.
    """
    reached = [*(a.addr for a in (*message.to, *message.cc)), *message.delivered_to]
    tokens = _first(token_in_address(a, address) for a in reached)
    bodies = f"{message.text or ''}\n{_MARKUP.sub(' ', message.html or '')}"
    thread = (*message.in_reply_to, *reversed(message.references))
    return Clues(
        address_tokens=tokens,
        parents=_first((returned,) if returned else message.in_reply_to or message.references[-1:]),
        reply_ids=_first((returned or "", *thread)),
        body_tokens=_first(_TOKEN.findall(bodies)),
        tags=_first(_TAG.findall(message.subject)),
        change_orders=_first(f"CO-{n}" for n in _CHANGE_ORDER.findall(message.subject)),
        sender=message.from_addr,
        direct=any(token_in_address(a.addr, address) in tokens for a in message.to),
    )


def match(clues: Clues, found: Found) -> Match:
    """The one request (or held reply) that the clues lead to, or the order alone, or nothing."""
    trails = [
        ("token in the address", _tickets(clues.address_tokens, found)),
        ("reply to our mail", _threads(clues.parents, found)),
        ("token in the body", _tickets(clues.body_tokens, found)),
    ]
    leads = [(because, tickets) for because, tickets in trails if tickets]
    if not leads:
        return _by_subject(clues, found)
    because, tickets = leads[0]
    if len({t.token for t in tickets}) > 1:
        return Match(None, None, f"{because}: there are two, of different requests", disagree=True)
    if because != "reply to our mail" and (foreign := _foreign(clues, found, because)):
        return Match(tickets[0].order, None, foreign)
    ticket = tickets[0]
    for other, more in leads[1:]:
        if ticket.token not in {t.token for t in more}:
            return Match(ticket.order, None, f"{because} and {other} lead to different requests", disagree=True)
    tagged = [tag for tag in clues.tags if tag in found.orders]
    if ticket.order and tagged and ticket.order not in tagged:
        return Match(ticket.order, None, f"{because} and the tag in the subject name different orders", disagree=True)
    return Match(ticket.order, ticket.token, because, held=ticket.held)


def _first(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))[:_MOST]


def token_in_address(reached: str, own: str) -> str:
    """The token in `reached`: after a separator behind our local part, or as a whole local part of our domain."""
    local, _, domain = reached.lower().rpartition("@")
    own_local, _, own_domain = own.lower().rpartition("@")
    if domain != own_domain:
        return ""
    rest = local[len(own_local) + 1 :] if local.startswith(own_local) and len(local) > len(own_local) + 1 else local
    return rest if re.fullmatch(TOKEN_PATTERN, rest) else ""


def _tickets(tokens: Iterable[str], found: Found) -> list[Ticket]:
    return [found.tickets[token] for token in tokens if token in found.tickets]


def _threads(parents: Iterable[str], found: Found) -> list[Ticket]:
    """The tickets of our mails that this one answers: not of those further up in a thread that others went on with."""
    tokens = (found.threads[i][0] for i in parents if i in found.threads)
    return [found.tickets[token] for token in tokens if token and token in found.tickets]


def _foreign(clues: Clues, found: Found, because: str = "") -> str | None:
    """Why a token or tag is not believed: the mail answers somebody else's, and the words may be meant for them.

    A server may have changed the Message-ID of our mail, so that its answer seems to be one to another's: then it is
    addressed to the token itself, and not to somebody else with the token in copy.
    """
    if any(parent in found.threads for parent in clues.parents):
        return None
    authors = {found.received[parent] for parent in clues.parents if parent in found.received}
    if authors - {clues.sender}:
        return "a reply to a mail that somebody else wrote"
    ours = any(i in found.threads for i in clues.reply_ids)
    if ours and not authors and not (because == "token in the address" and clues.direct):
        return "a reply to somebody else's mail in a thread of ours"
    return None


def _by_subject(clues: Clues, found: Found) -> Match:
    """The one open request that the tag in the subject can mean; never for a reply to a mail that asked nothing."""
    for message_id in clues.reply_ids:
        if message_id in found.threads:
            return Match(found.threads[message_id][1], None, "a reply to our mail, which asked nothing")
    refs = [tag for tag in clues.tags if tag in found.orders]
    if foreign := _foreign(clues, found):
        return Match(refs[0] if len(refs) == 1 else None, None, foreign)
    if len(refs) != 1:
        return Match(None, None, "the subject names several orders" if refs else "nothing leads to a request of ours")
    wanted = _asked_in_subject(clues, found.orders[refs[0]])
    if len(wanted) == 1:
        return Match(refs[0], wanted[0].token, "the tag in the subject")
    why = "no open request" if not wanted else f"{len(wanted)} open requests"
    return Match(refs[0], None, f"the tag in the subject, but {why}")


def _asked_in_subject(clues: Clues, order: Order) -> list[Request]:
    """The open requests of `order` that the subject can mean: the change order it names, else all of them."""
    if clues.change_orders:
        return (
            [r for r in order.open_requests if r.about in clues.change_orders] if len(clues.change_orders) == 1 else []
        )
    return list(order.open_requests)
