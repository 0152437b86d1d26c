"""What is due is planned and queued: for the orders whose moment has come, found by index, one commit each."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mailbot.adapters.archive import ArchiveError
from mailbot.adapters.store import Conflict
from mailbot.app.answers import throw_away
from mailbot.app.bills import billed
from mailbot.app.collecting import collected
from mailbot.app.commit import Outgoing, commit, order_row, written
from mailbot.app.faults import fault
from mailbot.app.house import House
from mailbot.app.manners import post
from mailbot.app.rounds import go_round
from mailbot.app.told import caught_up
from mailbot.app.waiting import remind
from mailbot.orders.intake import Decision
from mailbot.orders.model import Order, utc
from mailbot.orders.progress import lines
from mailbot.orders.sends import Send
from mailbot.planning.due import Plan, plan
from mailbot.planning.occurrence import Occurrence
from mailbot.planning.sends import photo_name, send_for, weekly_facts
from mailbot.reading.intake import SURVEY
from mailbot.writing.render import render

log = logging.getLogger(__name__)


def tick(house: House, now: datetime) -> int:
    """Plan every order whose `next_due` has come, remind of what is held, go the rounds; the number of mails queued.

    A bad order stops no other.
    """
    queued = 0
    for row in house.store.find("orders", "next_due", "", utc(now) + "~"):
        try:
            queued += _planned(house, Order.model_validate(row["order"]), now)
        except Conflict:
            log.info("later", extra={"event": "tick.later", "order": row["ref"]})
        except Exception as error:
            log.exception("not planned", extra={"event": "tick.failed", "order": row["ref"], "reason": fault(error)})
    throw_away(house, now)
    return queued + remind(house, now) + go_round(house, now)


def _planned(house: House, order: Order, now: datetime) -> int:
    order = caught_up(house, order, now)
    seen = post(house.store, house, order, now)
    made = plan(order, house.rules.process, now, house.times, seen)
    outgoing = tuple(_outgoing(house, made.occurrences, order, now))
    if made.events:
        commit(house, Decision("note", "due", made.order, made.events), order, outgoing, now, seen=seen)
    else:
        _look_later(house, made, order, now)
    for occurrence in made.occurrences:
        fields = {"event": "tick.due", "order": order.ref, "kind": occurrence.kind, "key": occurrence.key}
        log.info("%s", occurrence.kind, extra={**fields, "reason": occurrence.because})
    return len(outgoing)


def _look_later(house: House, made: Plan, order: Order, now: datetime) -> None:
    """Nothing to do now: note when to look again, so that no tick looks in vain."""
    with house.store.transaction() as tx:
        row = tx.get("orders", order.ref)
        if row and row["order"]["hash"] == order.hash:
            tx.put("orders", order.ref, order_row(tx, house, made.order, now))


def _outgoing(house: House, occurrences: Iterable[Occurrence], order: Order, now: datetime) -> Iterable[Outgoing]:
    for occurrence in occurrences:
        if send := send_of(house, occurrence, order, now):
            yield from written(house, [send], order, now)


def send_of(house: House, occurrence: Occurrence, order: Order, now: datetime) -> Send | None:
    """The mail of `occurrence` at `now`, with all that goes along; `order` as it stood before. None where there is no
    mail."""
    send = _draft(house, occurrence, order, now) if occurrence.kind == "draft-weekly" else None
    send = send or send_for(occurrence, order, house.rules.process, house.times)
    if send and send.kind == SURVEY:
        send = replace(send, token=house.ids.token(SURVEY, order.ref))
    return collected(house, billed(house, _with_photos(house, send, order), order), order) if send else None


def _with_photos(house: House, send: Send, order: Order) -> Send:
    """A weekly update with its pictures from the archive; one that is no longer there leaves its caption alone."""
    if send.kind != "weekly-update":
        return send
    files = []
    for number, photo in enumerate(order.photos, start=1):
        try:
            files.append((photo_name(number), "image/jpeg", house.archive.get(photo.mail)))
        except ArchiveError as error:
            fields = {"event": "tick.photo", "order": order.ref, "reason": fault(error)}
            log.warning("no photo", extra=fields)
    return replace(send, attachments=tuple(files))


def _draft(house: House, occurrence: Occurrence, order: Order, now: datetime) -> Send:
    """The draft of a weekly update: the update itself, rendered, shown to the account manager."""
    facts = weekly_facts(occurrence, order, house.rules.process, house.times)
    update = Send(occurrence.key, "weekly-update", order.client.emails, (), order.ref, occurrence.about, facts)
    mail = render(
        update, studio=house.studio, templates=house.rules.templates, now=now, order=order, message_id="draft"
    )
    data = {
        "to": list(order.client.emails), "send_at": occurrence.data["sends"], "draft_subject": mail.subject,
        "draft": mail.text,
        "lines": [{"number": n.number, "part": part, "text": n.text} for part, n in lines(order) if n.number] or None,
    }  # fmt: skip
    return Send(occurrence.key, "draft-weekly", occurrence.to, (), order.ref, occurrence.about, data)
