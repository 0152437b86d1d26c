"""One mail, from its bytes to the commit: parsed, looked up, decided, written, made true.

The same mail again has no second effect. A mail that cannot be handled for a fault of ours is tried again, and set
aside the third time, kept and reported: one mail never stops the box.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailbot.adapters.imap import RawMail
from mailbot.adapters.store import Conflict, StoreError
from mailbot.app.answers import OVER, Sifted, sift
from mailbot.app.aside import put_aside
from mailbot.app.commit import Outgoing, commit, next_invoice, written
from mailbot.app.faults import fault, named
from mailbot.app.house import House
from mailbot.app.lookup import known, managers_in, order_of_client, orders_named
from mailbot.app.records import held_of_order
from mailbot.app.report import report
from mailbot.app.thread import answered
from mailbot.app.waiting import with_original
from mailbot.errors import ConfigError
from mailbot.orders.addressed import by_order
from mailbot.orders.circumstances import Circumstances
from mailbot.orders.decide import decide
from mailbot.orders.intake import Decision, Folder
from mailbot.orders.model import Order, utc
from mailbot.reading.automatic import origin
from mailbot.reading.enclosed import enclosed
from mailbot.reading.identity import fingerprint
from mailbot.reading.intake import SURVEY, Steps, take_in
from mailbot.reading.message import Message, parse
from mailbot.writing.subjects import has_subject_of, subject_context

log = logging.getLogger(__name__)
_TRIES = 5  # for conflicts with another process: each time somebody else got on


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a mail: where it is to be filed, what was decided, whether it had been handled before."""

    folder: Folder
    verdict: str
    because: str
    again: bool = False


def receive(house: House, raw: RawMail, now: datetime) -> Handled:
    """Handle one mail. Returns when its effects are on disk. Raises what is our bug or the store's fault."""
    kept = house.archive.put_meanwhile(raw.data)
    message = _parsed(raw)
    for _ in range(_TRIES):
        id, message, seen = _seen(house, message)
        if seen is not None:
            kept.result()
            with house.store.transaction() as tx:
                tx.put("cursors", *_cursor(raw))
            log.info("known", extra={"event": "mail.known", "message_id": message.message_id, "uid": raw.uid})
            return Handled(seen["folder"], seen["verdict"], seen["because"], again=True)
        try:
            return _decided(house, message, id, kept, raw, now)
        except Conflict as conflict:
            log.info("again", extra={"event": "mail.again", "message_id": message.message_id, "reason": str(conflict)})
    raise Conflict(f"mail {_id(message)}: the store changed {_TRIES} times while it was decided")


def read(house: House, message: Message, key: str, now: datetime) -> Steps:
    """What reading makes of `message`, with what the store knows."""
    signatures = house.signatures(now)
    context = subject_context(message.subject, house.rules.templates)
    machine = origin(message, house.reader.machines, house.reader.own)
    there = known(house.store, message, house.studio.address, machine.original_id)
    if there.answers is None and has_subject_of(SURVEY, message.subject, house.rules.templates):
        there = replace(there, answers=SURVEY)
    steps = take_in(message, machine, key, there, house.reader, context, signatures)
    if steps.intake.order is None and not steps.intake.disagree and _of_staff(steps):
        named = by_order(steps.intake.words, orders_named(house.store, steps.intake.words), None)
        if named and (first := named[0][0]):
            return take_in(message, machine, key, replace(there, order=first), house.reader, context, signatures)
        inside = enclosed(message, steps.words, house.reader.words, house.reader.trust)
        if order := order_of_client(house.store, [one.sender for one in inside]):
            return take_in(message, machine, key, replace(there, order=order), house.reader, context, signatures)
    if steps.intake.named:
        return replace(steps, intake=replace(steps.intake, answered=answered(house, message)))
    return steps


def _of_staff(steps: Steps) -> bool:
    return "staff" in steps.intake.roles and steps.intake.kind == "person"


def circumstances(
    house: House, actor: str, roles: tuple[str, ...], now: datetime, named: str, **more: Any
) -> Circumstances:
    """What carrying out needs besides the order; `named` is a text with all addresses that could be given a right."""
    return Circumstances(
        actor=actor, roles=roles, now=now, today=house.today(now), rules=house.rules.process, ids=house.ids,
        report=lambda what, order: report(house, what, order, roles, now), next_invoice=next_invoice(house.store),
        timezone=house.studio.timezone, director=house.times.sales_director,
        studio=frozenset((*house.reader.roles, house.studio.address)) | managers_in(house.store, named), **more,
    )  # fmt: skip


def decided(house: House, steps: Steps, now: datetime) -> Decision:
    """What is decided about a mail that was read; nothing has happened yet."""
    intake = steps.intake
    message = steps.message
    files = [(a.filename or "file", a.content_type, a.data, a.inline) for a in message.attachments]
    signatures = house.signatures(now) if intake.proven else None
    inside = (
        enclosed(message, steps.words, house.reader.words, house.reader.trust, signatures) if _of_staff(steps) else ()
    )
    named = f"{intake.words} {intake.held.sender}" if intake.held else intake.words
    at = circumstances(
        house, intake.sender, intake.roles, now, named, attachments=tuple(file[:3] for file in files if not file[3]),
        inline=tuple(file[:3] for file in files if file[3]), enclosed=inside, mail=intake.mail,
        waiting=tuple(held_of_order(house.store, intake.held.order)) if intake.held and intake.held.order else (),
        addressed=orders_named(house.store, intake.words) if _of_staff(steps) else {},
    )  # fmt: skip
    return decide(intake, house.policy, at)


def set_aside(house: House, raw: RawMail, error: str, now: datetime) -> Handled:
    """Keep a mail that failed three times, put it to a person, and go on."""
    key = house.archive.put(raw.data)
    because = f"set aside: handling it failed three times ({error})"
    message = _parsed(raw)
    for _ in range(_TRIES):
        id, message, seen = _seen(house, message)
        if seen is not None:
            return Handled(seen["folder"], seen["verdict"], seen["because"], again=True)
        decision, before, sifted, outgoing = _aside(house, message, key, because, now)
        record = (id, _record(message, decision, before, key, raw, now))
        try:
            commit(house, decision, before, outgoing, now, record=record, cursor=_cursor(raw), counts=sifted.counts)
        except Conflict:
            continue
        fields = {"event": "mail.odd", "message_id": message.message_id, "uid": raw.uid, "reason": error}
        log.error("set aside", extra={**fields, "order": before.ref if before else None})
        return Handled("odd", "hold", because)
    raise Conflict(f"mail {message.message_id or key}: the store changed {_TRIES} times while it was set aside")


def _aside(
    house: House, message: Message, key: str, because: str, now: datetime
) -> tuple[Decision, Order | None, Sifted, tuple[Outgoing, ...]]:
    """The mail held, with its order and a notice if that can be done: what fails may be the reading or the notice."""
    try:
        intake = read(house, message, key, now).intake
        decision = put_aside(house, message, key, because, now, intake)
        sifted = sift(house, decision.sends, decision.order, intake, now)
        return decision, intake.order, sifted, written(house, sifted.goes, decision.order, now, sifted.waits)
    except StoreError:
        raise
    except Exception as error:
        log.exception(
            "not read", extra={"event": "mail.unread", "message_id": message.message_id, "reason": fault(error)}
        )
    decision = put_aside(house, message, key, because, now, None)
    try:
        sifted = sift(house, decision.sends, None, None, now)
        return decision, None, sifted, written(house, sifted.goes, None, now, sifted.waits)
    except ConfigError as error:
        log.exception("not told", extra={"event": "mail.untold", "reason": fault(error)})
        return decision, None, Sifted(()), ()


def _parsed(raw: RawMail) -> Message:
    message = parse(raw.data)
    return replace(message, defects=(*message.defects, "too-big"), size=raw.size) if raw.truncated else message


def _id(message: Message) -> str:
    """What a mail is known by: its Message-ID, or where it has none the hash of what its author wrote.

    Not of its bytes: a mail that is delivered twice differs in the headers of its way.
    """
    return message.message_id or fingerprint(message)


def _seen(house: House, message: Message) -> tuple[str, Message, Mapping[str, Any] | None]:
    """The id of a mail and its record, if it was handled before; another mail under the same id is a defect."""
    row = house.store.get("mails", _id(message))
    if row is None or row["fingerprint"] == fingerprint(message):
        return _id(message), message, row
    other = f"{_id(message)[:400]} {message.sha256}"
    odd = replace(message, defects=tuple(dict.fromkeys((*message.defects, "same-id"))))
    return other, odd, house.store.get("mails", other)


def _decided(house: House, message: Message, id: str, kept: Future[str], raw: RawMail, now: datetime) -> Handled:
    steps = read(house, message, message.sha256, now)
    decision = decided(house, steps, now)
    before = steps.intake.order
    about = decision.order or before
    sends = with_original(house, decision.sends, message, raw.data)
    sifted = sift(house, sends, about, steps.intake, now)
    outgoing = written(house, sifted.goes, about, now, sifted.waits)
    for _, other in decision.others:  # at the word of staff: no limit is for them
        outgoing += written(house, other.sends, other.order, now)
    key = kept.result()  # on disk, before anything rests on it
    record = (id, _record(message, decision, before, key, raw, now))
    commit(house, decision, before, outgoing, now, record=record, cursor=_cursor(raw), counts=sifted.counts)
    if sifted.waits:
        over = {"event": "answers.over", "order": about.ref if about else None, "reason": OVER}
        log.warning("%d mails wait in the outbox", len(sifted.waits), extra=over)
    log.info(
        "%s", decision.verdict,
        extra={
            "event": "mail.decided", "verdict": decision.verdict, "reason": named(decision.because), "uid": raw.uid,
            "message_id": message.message_id, "order": before.ref if before else None,
            "request": steps.intake.request.about if steps.intake.request else None,
        },
    )  # fmt: skip
    return Handled(decision.folder, decision.verdict, decision.because)


def _record(
    message: Message, decision: Decision, before: Order | None, key: str, raw: RawMail, now: datetime
) -> dict[str, Any]:
    order = decision.order or before
    return {
        "mail": key,
        "fingerprint": fingerprint(message),
        "order": order.ref if order else None,
        "state": decision.verdict,
        "verdict": decision.verdict,
        "because": decision.because,
        "folder": decision.folder,
        "from": message.from_addr,
        "at": utc(now),
        "uid": f"{raw.mailbox} {raw.uidvalidity} {raw.uid}",
    }


def _cursor(raw: RawMail) -> tuple[str, dict[str, Any]]:
    return raw.mailbox, {"uidvalidity": raw.uidvalidity, "uid": raw.uid}
