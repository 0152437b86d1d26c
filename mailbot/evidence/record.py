"""The readable record of an order as data: what was shown, answered, decided, taken back, sent, in the order of time.

Every value is one that stands in the rows or in a mail; the words around them are templates/evidence/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.evidence.rows import Row, Rows, went_out_at
from mailbot.orders.model import utc
from mailbot.orders.verify import mails_of
from mailbot.reading.message import parse
from mailbot.writing.words import zone_of

_TEXTS = ("shown", "words")
_BESIDE = ("type", "at", "by", "salt", "token", "texts", *_TEXTS)  # shown elsewhere, or for machines
_NOTHING: tuple[Any, ...] = (None, "", [], {}, False)
_FIRST = (
    "number", "key", "name", "title", "text", "about", "subject", "to", "kind", "verdict", "became", "option", "how",
    "proof", "because", "confirmed_by", "taken_back_by", "taken_back_at", "amount", "days", "status", "state", "due",
    "revision", "options", "asked_by", "asked_at",
)  # fmt: skip
"""What is said first of a thing; the rest follows by name: an engine may have stored them in any order."""
_RANK = {name: rank for rank, name in enumerate(_FIRST)}
_PICTURES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png"}  # of the work, kept beside the mails
_HEAD = (
    "ref", "project", "client", "account_manager", "currency", "contract_total", "total", "signed", "delivery", "phase",
    "percent_complete", "paused", "closed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail or picture of the record: its `file` beside it (None where it was removed, or is not there), its head."""

    key: str
    direction: str
    file: str | None
    sender: str = ""
    to: str = ""
    subject: str = ""


def mail_of(key: str, direction: str, number: int, data: bytes | None) -> Mail:
    """The mail (or picture) with the archive's key `key`, the `number`th of the record; `data` None: there is none."""
    if data is None:
        return Mail(key, direction, None)
    name = f"mails/{number:03d}-{direction}-{key[:12]}"
    if picture := next((ending for start, ending in _PICTURES.items() if data.startswith(start)), None):
        return Mail(key, direction, name + picture)
    head = parse(data)
    sender, to = (", ".join(a.addr for a in group if a.addr) for group in (head.from_, (*head.to, *head.cc)))
    return Mail(key, direction, f"{name}.eml", sender, to, head.subject[:500])


def record(rows: Rows, mails: Sequence[Mail]) -> dict[str, Any]:
    """The record of `rows`; `mails` are those that they name, in that order. Times in UTC, and as the studio had them.

    Raises ValueError, KeyError or TypeError for rows that mailbot has not written.
    """
    by_key = {mail.key: mail for mail in mails}
    zone = zone_of(str(rows.studio["timezone"]))
    timeline = sorted((*_events(rows), *_came_in(rows, by_key), *_went_out(rows, by_key)), key=_place)
    for entry in timeline:
        moment = datetime.fromisoformat(entry["at"])
        entry["at"], entry["local"] = utc(moment), moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %z")
        entry["files"] = [f for key in entry.pop("mails") if (f := by_key[key].file)]
        entry.pop("place")
    return {
        "studio": dict(rows.studio),
        "order": {name: rows.order[name] for name in _HEAD},
        "decisions": [one for one in timeline if one["type"] == "DecisionBooked"],
        "timeline": timeline,
        "mails": [
            {
                "file": mail.file, "sha256": mail.key, "direction": mail.direction, "from": mail.sender, "to": mail.to,
                "subject": mail.subject,
            }
            for mail in mails
        ],
        "removed": sorted(rows.removed),
        "chain": {"events": len(rows.events), "last": rows.events[-1]["hash"] if rows.events else ""},
    }  # fmt: skip


def _place(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """Where an entry stands: by time; what came in before what was made of it, and that before what went out."""
    return (datetime.fromisoformat(entry["at"]), *entry["place"])


def _entry(type: str, at: str, by: str, place: tuple[Any, ...], **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"facts": {}, "texts": {}, "mails": (), "event": None, "hash": None}
    return {"type": type, "at": at, "by": by, "place": place, **plain, **more}


def _events(rows: Rows) -> Iterator[dict[str, Any]]:
    held = {row["id"]: row for row in rows.held}
    decisions = iter(rows.order["decisions"])
    for entry in rows.events:
        event, revision = entry["event"], entry["revision"]
        beside = dict(event)
        if event["type"] == "DecisionBooked":
            beside |= _taken_back(next(decisions, {}))
        if (waits := held.get(event.get("held", ""))) and event["type"] == "ReplyHeld":
            beside |= {"about": waits["about"], "words": waits["words"], "settled_as": waits["settled_as"]}
        yield _entry(
            event["type"], event["at"], event["by"], (0, revision, 1, ""), facts=facts(beside), texts=_texts(beside),
            mails=mails_of(entry), event=revision, hash=entry["hash"],
        )  # fmt: skip


def _taken_back(decision: Mapping[str, Any]) -> dict[str, Any]:
    return {"taken_back_at": decision.get("undone_at"), "taken_back_by": decision.get("undone_by")}


def _came_in(rows: Rows, mails: Mapping[str, Mail]) -> Iterator[dict[str, Any]]:
    led_to: dict[str, int] = {}  # the first event that came of a mail: it stands before that
    for entry in rows.events:
        for key in mails_of(entry):
            led_to.setdefault(key, entry["revision"])
    for row in rows.mails:
        told = {"subject": mails[row["mail"]].subject, "became": row["verdict"], "because": row["because"]}
        shown, place = facts({**told, "mail": row["mail"]}), (0, led_to.get(row["mail"], 0), 0, row["id"])
        yield _entry("MailIn", row["at"], row["from"], place, facts=shown, mails=(row["mail"],))


def _went_out(rows: Rows, mails: Mapping[str, Mail]) -> Iterator[dict[str, Any]]:
    for row in rows.outbox:
        told = {"subject": mails[row["mail"]].subject, "to": row["to"]}
        ended = {name: row[name] for name in ("kind", "about", "state", "attempts", "error", "sent_at", "mail")}
        place, at = (1, _number(row), 0, row["key"]), went_out_at(row)
        yield _entry("MailOut", at, "mailbot", place, facts=facts({**told, **ended}), mails=(row["mail"],))


def _number(row: Row) -> int:
    """The number in the id of a mail of the outbox, in which they were queued: 12 of M-12."""
    digits = str(row["id"]).removeprefix("M-")
    return int(digits) if digits.isdecimal() else 0


def facts(event: Row) -> dict[str, Any]:
    """The facts of an event by their names, each a text or a list of texts; what is empty is left out."""
    found: dict[str, Any] = {}
    for name, value in _ordered(event):
        if name == "request":
            found |= facts({k: v for k, v in value.items() if k != "state"})
        elif name == "texts" and value:
            found["texts_removed"] = [f"{one['path']} of event {one['revision']}" for one in value]
        elif name not in _BESIDE and value not in (None, "", [], {}, False):
            found[name] = [_line(one) for one in value] if isinstance(value, list) else _line(value)
    return found


def _ordered(thing: Row) -> list[tuple[str, Any]]:
    return sorted(thing.items(), key=lambda item: (_RANK.get(item[0], len(_RANK)), item[0]))


def _texts(event: Row) -> dict[str, str]:
    inner = event.get("request") or {}
    found = {name: event.get(name) or inner.get(name) for name in _TEXTS}
    return {name: str(text) for name, text in found.items() if text}


def _line(value: Any) -> str:
    """A value on one line: of a thing with parts, its parts with their names."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name.replace('_', ' ')} {_line(one)}" for name, one in _ordered(value) if one not in _NOTHING
        )
    if isinstance(value, list | tuple):
        return "; ".join(map(_line, value))
    return "yes" if value is True else str(value)
