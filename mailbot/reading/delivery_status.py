"""The machine's part of a delivery report (RFC 3464, RFC 6533): which recipient, what happened, with which status.

Read by fields and tolerantly, for reports come with broken structure, fields out of place and words of their own. A
status is only given where one is stated, or where its class follows from an SMTP reply code (RFC 3463).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_TEXT = 64 * 1024
MAX_RECIPIENTS = 200
_FIELD = re.compile(
    r"(?im)^[ \t]*((?:final|original)-recipient|x-actual-recipient|action|status|diagnostic-code|will-retry-until)"
    r"[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+[^\n]*)*)"
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'|@][^\s<>()\[\],;:\"|@]{0,250}@[^\s<>()\[\],;:\"'|@]{1,250}")
_STATUS = re.compile(r"(?<![\w.\-:/])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)(?![\w])")
_REPLY = re.compile(r"(?<![\w.\-:/])([45])([0-5])\d(?=[ \-:,;)'\"]|$)(?!\.\d)")
_BLANK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """What a report says of one address: `action` as in RFC 3464 (delivered, relayed and expanded are no failures).

    `address` is the final one in lower case, `original` what we had written to where the report tells it and it is
    another; `status` an enhanced code such as 5.1.1, or None.
    """

    address: str
    action: str
    status: str | None
    original: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report: by which sign it is one, whom it names, the Message-ID of the mail that came back."""

    because: str
    recipients: tuple[FailedRecipient, ...]
    original_id: str | None


def read_status(text: str, actions: Mapping[str, str], default: str = "failed") -> tuple[FailedRecipient, ...]:
    """The recipients named by the fields of a delivery report, in their order, each address once.

    `actions` gives the word of RFC 3464 for what servers write; `default` is the action where none is stated.
    """
    text = text[:MAX_TEXT].replace("\r\n", "\n")
    found: dict[str, FailedRecipient] = {}
    for fields in _groups(text):
        recipient = _recipient(fields, actions, default)
        if recipient and recipient.address not in found and len(found) < MAX_RECIPIENTS:
            found[recipient.address] = recipient
    return tuple(found.values())


def _groups(text: str) -> Iterator[dict[str, str]]:
    """The fields of one recipient after the other. A blank line ends a group; one without a recipient is added on."""
    current: dict[str, str] = {}
    for block in _BLANK.split(text):
        fields: dict[str, str] = {}
        for match in _FIELD.finditer(block + "\n"):
            fields.setdefault(match[1].lower(), " ".join(match[2].split()))
        if not fields:
            continue
        if current and (_names_someone(fields) and _names_someone(current)):
            yield current
            current = fields
        else:
            current = {**fields, **current}
    if current:
        yield current


def _names_someone(fields: Mapping[str, str]) -> bool:
    return "final-recipient" in fields or "original-recipient" in fields


def _recipient(fields: Mapping[str, str], actions: Mapping[str, str], default: str) -> FailedRecipient | None:
    original = address_in(fields.get("original-recipient", ""))
    address = (
        address_in(fields.get("final-recipient", "")) or original or address_in(fields.get("x-actual-recipient", ""))
    )
    if not address:
        return None
    if original and "." not in address.rpartition("@")[2]:  # a name inside of their house
        address = original
    status = _best_status(fields.get("status", ""), fields.get("diagnostic-code", ""))
    action = _action(fields, actions, status, default)
    return FailedRecipient(address, action, status, original if original != address else "")


def _action(fields: Mapping[str, str], actions: Mapping[str, str], status: str | None, default: str) -> str:
    word = re.match(r"[a-z]*", fields.get("action", "").lower())
    known = actions.get(word[0]) if word else None
    if known:
        return known
    if status and status.startswith("2"):
        return "delivered"
    return "delayed" if "will-retry-until" in fields else default


def _best_status(stated: str, diagnostic: str) -> str | None:
    """The stated status; the diagnostic's where that is of the same class and says more, or where none is stated."""
    own, told = status_in(stated), status_in(diagnostic)
    if own and told and own[0] == told[0] and own.endswith(".0.0"):
        return told
    return own or told or class_of_reply(diagnostic)


def status_in(text: str) -> str | None:
    """The most telling enhanced status code (RFC 3463) in `text`: x.0.0 only when there is no other."""
    codes = [f"{int(m[1])}.{int(m[2])}.{int(m[3])}" for m in _STATUS.finditer(text.replace("#", " "))]
    errors = [code for code in codes if code[0] != "2"] or codes
    return next((code for code in errors if not code.endswith(".0.0")), next(iter(errors), None))


def class_of_reply(text: str) -> str | None:
    """x.0.0 for the first SMTP reply code (RFC 5321) in `text`: the class is all that follows from it."""
    match = _REPLY.search(text)
    return f"{match[1]}.0.0" if match else None


def address_in(value: str) -> str:
    """The address in `rfc822; <ann@client.example>`, in lower case; "" for none (as for X.400 names)."""
    match = _ADDRESS.search(value.split(";", 1)[-1]) or _ADDRESS.search(value)
    return match[0].strip(".").lower() if match else ""
