"""Is a mail a delivery report, about whom, and about which mail of ours?

First the form of RFC 3464, also where its structure is broken; then the dialects, which need a sign of a daemon and
words of a failure, for people forward reports and talk about them. flufl.bounce is asked where nobody was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message as StdMessage
from email.parser import BytesParser, Parser

from flufl.bounce import scan_message

from mailbot.reading.bounce_text import action_of, is_listed, recipients_in, split_notice
from mailbot.reading.delivery_status import (
    FailedRecipient,
    Report,
    address_in,
    class_of_reply,
    read_status,
    status_in,
)
from mailbot.reading.headers import first_sign, local_part_in, plain_value
from mailbot.reading.message import Message, parse
from mailbot.reading.notifications import read_notification
from mailbot.reading.plain import plain_text
from mailbot.reading.wording import begins_with, find_phrase, fold
from mailbot.rules.machines import Bounces, MachineRules

_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_REPORT = "multipart/report"
_RECIPIENT_PARTS = (*_STATUS_PARTS, "message/disposition-notification")
_OTHER_REPORTS = ("feedback-report", "disposition-notification")
_ID = re.compile(r"(?im)^[ \t>]*message-id:\s*<([^<>\s]{1,900})>")
_FIELDS_IN_TEXT = re.compile(
    r"(?im)^[ \t]*final-recipient[ \t]*:.{1,300}(?:\n.{0,300}){0,12}?^[ \t]*(?:action|status)[ \t]*:"
)
_ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,253}")


def read_bounce(message: Message, rules: MachineRules) -> Report | None:
    """`message` as a delivery report, or None when it is none. Never raises."""
    text = plain_text(message)
    notification = read_notification(text)
    if notification is not None:
        return notification
    notice, returned = split_notice(text, rules.bounces)
    because = _sign(message, rules, notice, text)
    if because is None:
        return _wrapped(message, rules)
    recipients = _recipients(message, rules.bounces, notice, returned, text)
    return Report(because, recipients, _original_id(message, notice, returned))


def _wrapped(message: Message, rules: MachineRules) -> Report | None:
    """A report that a gateway has put as a whole into a mail of the same daemon."""
    if len(message.embedded) != 1 or not _is_daemon(message, rules.bounces):
        return None
    inner = parse(message.embedded[0])
    if inner.from_addr != message.from_addr or not (inner.header("Content-Type") or "").lower().startswith(_REPORT):
        return None
    return read_bounce(inner, rules)


# --- is it one? ---------------------------------------------------------------------------------------------------


def _sign(message: Message, rules: MachineRules, notice: str, text: str) -> str | None:
    """By what the mail is told to be a report; None when a person wrote it, or another kind of machine."""
    content_type = (message.header("Content-Type") or "").lower()
    kinds = {kind for kind, _ in message.parts}
    if any(other in kind for kind in (content_type, *kinds) for other in _OTHER_REPORTS):
        return _rejection(message, rules.bounces, notice)
    if content_type.startswith(_REPORT) and ("report-type" not in content_type or "delivery-status" in content_type):
        return "report (RFC 3464)" if kinds & set(_STATUS_PARTS) else "multipart/report"
    passed_on = _passed_on(message, rules, notice)
    if kinds & set(_STATUS_PARTS) and not passed_on:
        return "part message/delivery-status"
    if local_part_in(message.from_addr, rules.bounces.daemons):
        return f"sender {message.from_addr}"
    if passed_on or begins_with(fold(message.subject), rules.absences.subjects):
        return None
    return _dialect(message, rules.bounces, notice, text)


def _rejection(message: Message, rules: Bounces, notice: str) -> str | None:
    """A delivery agent that refuses in the form of a receipt (RFC 8098), as Dovecot's does when a mailbox is full."""
    said = find_phrase(fold(notice), rules.failed)
    subject = begins_with(fold(message.subject), rules.subjects)
    return f"receipt that refuses, {said!r}" if said and subject and _is_daemon(message, rules) else None


def _passed_on(message: Message, rules: MachineRules, notice: str) -> bool:
    """Whether a person answers or forwards it: by the subject, or by a line such as `Forwarded message` in the text."""
    if local_part_in(message.from_addr, rules.bounces.daemons):
        return False
    subject = fold(message.subject)
    if begins_with(subject, rules.prefixes.reply) or begins_with(subject, rules.prefixes.forward):
        return True
    automatic = plain_value(message.header("Auto-Submitted") or "")
    if automatic == "auto-forwarded":
        return True
    return not _null_sender(message, rules.bounces) and any(
        _forward_line(line, rules) for line in notice.split("\n")[:200]
    )


def _forward_line(line: str, rules: MachineRules) -> bool:
    bare = fold(line.strip(" \t-_=*>:")) if 6 < len(line) < 90 else ""
    return (
        bool(bare)
        and begins_with(bare, rules.prefixes.forwarded_below) is not None
        and line.strip()[:2] in ("--", "__", "==")
    )


def _dialect(message: Message, rules: Bounces, notice: str, text: str) -> str | None:
    """A report in plain words: a sign of a daemon and words of a failure."""
    header = first_sign(message, rules.headers)
    subject = begins_with(fold(message.subject), rules.subjects)
    sender = _is_daemon(message, rules)
    null = _null_sender(message, rules)
    said = find_phrase(fold(notice), (*rules.failed, *rules.delayed))
    code = status_in(notice) or class_of_reply(notice)
    addressed = bool(_ADDRESS.search(notice))
    evidence = f"{said!r}" if said else f"code {code}"
    if header and (said or code):
        return f"header {header.split(':')[0]}, {evidence}"
    if sender and ((subject and (said or code or addressed)) or (said and code) or (null and (said or code))):
        return f"sender {message.from_addr or '<>'}, {evidence if said or code else 'subject'}"
    if null and subject and (said or code or addressed):
        return f"no return path, subject {message.subject[:40]!r}"
    if null and said and code and addressed:
        return f"no return path, {evidence}"
    if subject and said and _returns_own(message):
        return f"subject {message.subject[:40]!r}, {evidence}, a mail of the recipient returned"
    if subject and said and (is_listed(notice, rules, _never_failed(message)) or _FIELDS_IN_TEXT.search(text)):
        return f"subject {message.subject[:40]!r}, {evidence}"
    return None


def _returns_own(message: Message) -> bool:
    """Whether the attached mail is one that the receiver of this report had written."""
    if len(message.embedded) != 1:
        return False
    sender = address_in(str(_head_of(message.embedded[0]).get("From", "")))
    return sender in {address.addr for address in message.to}


def _is_daemon(message: Message, rules: Bounces) -> bool:
    sender = (message.header("From") or "").strip()
    if message.from_headers and sender.endswith("<>"):
        return True
    names = [fold(address.name) for address in message.from_]
    return local_part_in(message.from_addr, rules.postmasters) or any(begins_with(n, rules.names) for n in names if n)


def _null_sender(message: Message, rules: Bounces) -> bool:
    """Whether the envelope has no sender (RFC 5321, 4.5.5), or a daemon's."""
    path = message.header("Return-Path")
    if path is None:
        return False
    address = path.strip().strip("<>").strip().lower()
    return not address or local_part_in(address, rules.daemons)


# --- about whom? --------------------------------------------------------------------------------------------------


def _recipients(message: Message, rules: Bounces, notice: str, returned: str, text: str) -> tuple[FailedRecipient, ...]:
    """From the surest source to the weakest; the first that names somebody counts."""
    default = action_of(notice, rules)
    for kind, data in message.parts:
        if kind in _RECIPIENT_PARTS and (found := read_status(data.decode("utf-8", "replace"), rules.actions, default)):
            return tuple(_with_status(one, notice, rules) for one in found)
    if _FIELDS_IN_TEXT.search(text) and (found := read_status(text, rules.actions, default)):
        return found
    never = _never_failed(message)
    named = tuple(_in_header(message))
    if found := recipients_in(notice, rules, never, named):
        return found
    others = [a for a in (*_second_opinion(message), *_of_returned(message, returned)) if a not in never]
    return recipients_in(notice, rules, never, tuple(others[:1])) if others else ()


def _with_status(one: FailedRecipient, notice: str, rules: Bounces) -> FailedRecipient:
    """The status from the notice where the report states none."""
    if one.status or one.action not in ("failed", "delayed"):
        return one
    told = recipients_in(notice, rules, frozenset(), (one.address,))
    return FailedRecipient(one.address, one.action, told[0].status if told else None, one.original)


def _never_failed(message: Message) -> frozenset[str]:
    """Who wrote the report and who receives it: neither is the recipient that failed."""
    people = (*message.from_, *message.sender, *message.reply_to, *message.to)
    return frozenset(address.addr for address in people if address.addr)


def _in_header(message: Message) -> Iterator[str]:
    for name in ("X-Failed-Recipients", "X-Mailer-Daemon-Recipients", "X-Bounced-Address"):
        for value in message.header_all(name):
            found = [address_in(one) for one in value.split(",")[:50]]
            if any(found):
                yield from dict.fromkeys(one for one in found if one)
                return


def _of_returned(message: Message, returned: str) -> list[str]:
    """The one recipient of the returned mail; nobody where it had several."""
    raw = next(iter(message.embedded), b"") or next(
        (d for kind, d in message.parts if kind == "text/rfc822-headers"), b""
    )
    parsed = _head_of(raw or returned.encode("utf-8", "replace"))
    for name in ("X-Failed-Recipients", "To"):
        found = {address_in(one) for one in str(parsed.get(name, "")).split(",")[:50]} - {""}
        if found:
            return sorted(found) if len(found) == 1 else []
    own = [found.lower() for value in message.header_all("X-Original-To") for found in _ADDRESS.findall(value)]
    return own[:1]


def _head_of(raw: bytes) -> StdMessage:
    text = raw[:16384].decode("utf-8", "replace")
    return Parser().parsestr(text.lstrip("\n"), headersonly=True)


def _second_opinion(message: Message) -> list[str]:
    """What flufl.bounce finds. It raises on some mails, and guesses on others: its word is taken last and alone."""
    try:
        found = scan_message(_rebuilt(message))
        return sorted(address for raw in found if (address := address_in(raw.decode("ascii", "replace"))))
    except Exception:  # a foreign library that reads hostile mail
        return []


def _rebuilt(message: Message) -> StdMessage:
    """The mail in the standard library's form, flat: its headers, and its parts as it had them."""
    mail = StdMessage()
    for name, value in message.headers[:200]:
        if not name.lower().startswith("content-") and value.isascii():
            mail[name] = value
    mail["Content-Type"] = "multipart/report"
    for kind, data in message.parts[:20]:
        head = f"Content-Type: {kind}\n\n".encode("ascii", "replace")
        mail.attach(BytesParser().parsebytes(head + b"\n".join(data[:16384].split(b"\n")[:400])))
    return mail


# --- about which mail? --------------------------------------------------------------------------------------------


def _original_id(message: Message, notice: str, returned: str) -> str | None:
    """The Message-ID of the mail that came back: of the returned part, of the text below the notice, of the notice."""
    headers = [data for kind, data in message.parts if kind in ("text/rfc822-headers", "message/global-headers")]
    for raw in (*message.embedded[:1], *headers[:1]):
        if match := _ID.search(raw[:65536].decode("utf-8", "replace").split("\n\n")[0].replace("\r", "")):
            return match[1]
    for text in (returned[:32768], notice):
        if match := _ID.search(text):
            return match[1]
    return next(iter((*message.in_reply_to, *reversed(message.references))), None)
