"""Replies that wait for a person: the mail that puts one to them, and its reminders until somebody has settled it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.adapters.store import Conflict, Doc
from mailbot.app.commit import put_outgoing, written
from mailbot.app.faults import fault
from mailbot.app.house import House
from mailbot.app.records import held_in, order_of
from mailbot.orders.holding import held_again
from mailbot.orders.model import utc
from mailbot.orders.sends import Send
from mailbot.planning.calendar import local_day
from mailbot.planning.occurrence import Occurrence
from mailbot.planning.waiting import next_reminder
from mailbot.reading.message import Message

log = logging.getLogger(__name__)
_KB = 1024
_HEAVY = frozenset({"too-big", "too-many-parts"})


def with_original(house: House, sends: Sequence[Send], message: Message, data: bytes) -> tuple[Send, ...]:
    """`sends`, where the one that puts a mail to a person has that mail (`data`) with it.

    Not if it is too big, or made of so many parts that a mail program might not bear it.
    """
    fits = len(data) <= house.rules.process.held.attach_up_to_kb * _KB and _HEAVY.isdisjoint(message.defects)
    return tuple(_attached(send, data) if fits and send.kind == "held" else send for send in sends)


def remind(house: House, now: datetime) -> int:
    """Remind of every reply whose time has come; the number of mails queued. One that fails stops no other."""
    queued = 0
    for row in house.store.find("held", "remind_at", "", utc(now) + "~"):
        try:
            queued += _reminded(house, row, now)
        except Conflict:
            log.info("later", extra={"event": "held.later", "reason": row.key})
        except Exception as error:
            log.exception("not reminded", extra={"event": "held.failed", "reason": f"{row.key}: {fault(error)}"})
    return queued


def coming(house: House, now: datetime, until: datetime) -> Iterator[Occurrence]:
    """The next reminder of each reply that waits, where it is due by `until`."""
    for row in house.store.find("held", "remind_at", "", utc(until) + "~"):
        at = max(datetime.fromisoformat(row["remind_at"]), now)
        why = f"{row.key} waits for a decision since {local_day(held_in(row).at, house.studio.timezone)}"
        yield Occurrence(at, "held", row["order"] or "", (row["am"],), row.key, _key(row), why)


def _reminded(house: House, row: Doc, now: datetime) -> int:
    entry = held_in(row)
    order = order_of(house.store, entry.order) if entry.order else None
    zone = house.studio.timezone
    days = (local_day(now, zone) - local_day(entry.at, zone)).days
    send = held_again(order, entry, str(row["token"]), _key(row), days)
    thread = house.ids.message_id(f"held/{entry.id}", send.token)
    outgoing = written(house, [replace(send, in_reply_to=thread, references=(thread,))], order, now)
    again = utc(next_reminder(now, house.rules.process, house.times))
    with house.store.transaction() as tx:
        current = tx.get("held", row.key)
        if current is None or (current["state"], current["remind_at"]) != ("waiting", row["remind_at"]):
            raise Conflict(f"{row.key} has changed meanwhile")
        tx.put("held", row.key, {**current, "remind_at": again})
        for one in outgoing:
            put_outgoing(tx, house, one, now)
    log.info("held", extra={"event": "held.reminded", "order": entry.order, "kind": "held", "reason": row.key})
    return len(outgoing)


def _key(row: Doc) -> str:
    """Of one reminder: by the moment for which it was set, so that it goes out once."""
    return f"held/{row.key}/{row['remind_at']}"


def _attached(send: Send, data: bytes) -> Send:
    file = (f"{send.about or 'mail'}.eml", "message/rfc822", data)
    return replace(send, data={**send.data, "attached": True}, attachments=(*send.attachments, file))
