"""What goes to finance with an invoice that is to be collected: the mails about it, as they went out and came in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from mailbot.adapters.archive import ArchiveError
from mailbot.app.house import House
from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.reading.message import parse

KIND = "escalation-collection"
GONE = frozenset({"sent", "unknown"})
_KB = 1024


@dataclass(frozen=True, slots=True)
class Paper:
    """A mail of the case: when it went or came (UTC text), what it is, its bytes; None: it cannot be had."""

    at: str
    what: str
    data: bytes | None


def collected(house: House, send: Send, order: Order) -> Send:
    """`send` with the invoice, its reminders and the client's replies to them as message/rfc822, earliest first.

    What is missing or would make the mail larger than rules/process.toml, [invoices] allows is counted in the letter.
    """
    if send.kind != KIND or send.about is None:
        return send
    papers = sorted(chain(*_case(house, order, send.about)), key=lambda paper: paper.at)
    files: list[tuple[str, str, bytes]] = []
    room = house.rules.process.invoices.collection_up_to_kb * _KB
    for number, paper in enumerate(papers, start=1):
        if paper.data is not None and len(paper.data) <= room:
            room -= len(paper.data)
            files.append((f"{number:02d}-{paper.at[:10]}-{paper.what}.eml", "message/rfc822", paper.data))
    data = {**send.data, "left_out": len(papers) - len(files) or None}
    return replace(send, data=data, attachments=(*send.attachments, *files))


def _case(house: House, order: Order, invoice: str) -> tuple[Iterator[Paper], Iterator[Paper]]:
    ours = [r for r in house.store.outbox(order=order.ref) if r.about == invoice and r.state in GONE and r.kind != KIND]
    ours = [row for row in ours if set(row.recipients) & set(order.client.emails)]
    ids = {row.message_id.strip("<>") for row in ours}
    letters = (Paper(row.sent_at or row.due, row.kind, _kept(house, row.mail)) for row in ours)
    return letters, _replies(house, order, ids)


def _replies(house: House, order: Order, ids: set[str]) -> Iterator[Paper]:
    """The client's mails that answer one of these Message-IDs (RFC 5322, section 3.6.4)."""
    for row in house.store.find("mails", "order", order.ref):
        if row["from"] in order.client.emails and (data := _kept(house, str(row["mail"]))) is not None:
            message = parse(data)
            if ids.intersection((*message.in_reply_to, *message.references)):
                yield Paper(str(row["at"]), "reply", data)


def _kept(house: House, key: str) -> bytes | None:
    try:
        return house.archive.get(key)
    except ArchiveError:
        return None
