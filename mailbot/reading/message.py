"""A raw mail as one frozen `Message`: headers, addresses, body, attachments.

The standard library's tolerant policy splits the parts (`mime`), mail-parser reads the address headers, for what people
send is often not what RFC 5322 asks for. An embedded message never mixes into the body. A defect is data, never an
exception: whoever decides holds the mail because of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailparser.utils import decode_header_part, get_addresses

from mailbot.addresses import folded, normal
from mailbot.reading import mime
from mailbot.reading.bodies import Attachment, Body, decode_text

__all__ = ["Address", "Attachment", "Message", "decode_text", "parse"]

MAX_HEADERS = 1000
_TRACE = frozenset(
    {"received", "authentication-results", "return-path", "received-spf", "dkim-signature", "auto-submitted"}
)
_MAX_VALUE = 16 * 1024
_MAX_RECIPIENTS_VALUE = 64 * 1024
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to")
_ID = re.compile(r"<([^<>\s]{1,995})>")
_BARE_ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,254}@[^\s<>,;:\"()]{1,254}")
_FOLD = re.compile(r"\r?\n(?=[ \t])|[\r\n]")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the name as decoded, the address in lower case, "" when there is none that can be read."""

    name: str
    addr: str


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as received. `sha256` is that of the raw bytes, ids are without angle brackets, `date` is aware or None.

    `text` and `html` are the two bodies, decoded, with \\n line ends; `parts` every leaf with its decoded bytes;
    `embedded` whole messages that were attached. `defects` names what is wrong: truncated-mime, too-big,
    too-many-parts, no-from, two-froms, bad-charset, several-texts. `raw` is all of it, for who verifies signatures.
    """

    sha256: str
    size: int
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    from_: tuple[Address, ...]
    from_headers: int
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    date: datetime | None
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    format_flowed: bool
    delsp: bool
    attachments: tuple[Attachment, ...]
    embedded: tuple[bytes, ...]
    parts: tuple[tuple[str, bytes], ...]
    defects: tuple[str, ...]
    raw: bytes = field(repr=False)

    @property
    def from_addr(self) -> str:
        """The one address that the mail says it is from, in `normal` form; "" when it names none or several."""
        addresses = {normal(address.addr) for address in self.from_ if address.addr}
        return addresses.pop() if len(addresses) == 1 and self.from_headers == 1 else ""

    def header(self, name: str) -> str | None:
        """The first header of this name (in any case), or None."""
        return next(iter(self.header_all(name)), None)

    def header_all(self, name: str) -> tuple[str, ...]:
        """All headers of this name (in any case), from the top."""
        low = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == low)


def parse(data: bytes) -> Message:
    """A raw mail (RFC 5322, MIME) as a `Message`. Never raises; what cannot be read is named in `defects`."""
    tree = mime.tree(data)
    raw_headers = [(name, _unicode(value)) for name, value in tree.root.raw_items()][:MAX_HEADERS]
    body = Body(tree)
    froms = _raw_all(raw_headers, "from")
    from_ = _addresses(froms)
    defects = list(tree.defects) + body.defects
    if not any(address.addr for address in from_):
        defects.append("no-from")
    if len(froms) > 1 or len({address.addr for address in from_}) > 1:
        defects.append("two-froms")
    headers = tuple((name, value if _is_trace(name) else _decoded(value)) for name, value in raw_headers)
    flowed = body.flowed
    return Message(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        message_id=_message_id(headers),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        from_=from_,
        from_headers=len(froms),
        sender=_addresses(_raw_all(raw_headers, "sender")),
        reply_to=_addresses(_raw_all(raw_headers, "reply-to")),
        to=_addresses(_raw_all(raw_headers, "to")),
        cc=_addresses(_raw_all(raw_headers, "cc")),
        delivered_to=_delivered_to(headers),
        subject=next((value for name, value in headers if name.lower() == "subject"), ""),
        date=_date(headers),
        headers=headers,
        text=body.text,
        html=body.html,
        format_flowed=bool(flowed),
        delsp=flowed == "delsp",
        attachments=tuple(body.attachments),
        embedded=tuple(body.embedded),
        parts=tuple(body.parts),
        defects=tuple(dict.fromkeys(defects)),
        raw=data,
    )


# --- headers ------------------------------------------------------------------------------------------------------


def _is_trace(name: str) -> bool:
    """Whether servers write it: no encoded words stand there (RFC 2047, 5), whatever a sender smuggles in."""
    return name.lower() in _TRACE or name.lower().startswith("arc-")


def _unicode(value: object) -> str:
    """A header value as it was read in latin-1: unfolded, 8-bit text as UTF-8, else cp1252."""
    raw = str(value)[:_MAX_RECIPIENTS_VALUE]
    text = _FOLD.sub("", raw).strip()
    if text.isascii():
        return text
    octets = text.encode("latin-1", "replace")
    return _first_decoding(octets, ("utf-8", "cp1252"))


def _decoded(value: str) -> str:
    if "=?" not in value or len(value) > _MAX_VALUE:
        return value
    text: str = decode_header_part(value)
    return _FOLD.sub(" ", text).strip() or value


def _raw_all(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name]


def _addresses(values: list[str]) -> tuple[Address, ...]:
    return tuple(address for value in values for address in _mailboxes(value))


def _mailboxes(value: str) -> Iterator[Address]:
    """The mailboxes of one header; those that no parser reads still as an `Address` with what looks like one."""
    try:
        pairs = get_addresses(value, decode_names=True)
    except (RecursionError, ValueError, IndexError, LookupError):
        pairs = []
    read = [Address(str(name), folded(str(addr).strip())) for name, addr in pairs if name or addr]
    if any("@" in address.addr for address in read):
        yield from read
        return
    found = _BARE_ADDRESS.findall(value[:_MAX_VALUE])
    if len(set(found)) == 1:
        yield Address(_decoded(value.split("<", 1)[0]).strip(' "'), folded(found[0]))
    elif value:
        yield Address(_decoded(value), "")


def _message_id(headers: tuple[tuple[str, str], ...]) -> str:
    value = next((value for name, value in headers if name.lower() == "message-id"), "")
    found = _ID.search(value)
    return found[1] if found else value.strip("<> \t")[:995]


def _ids(headers: tuple[tuple[str, str], ...], wanted: str) -> tuple[str, ...]:
    values = (value for name, value in headers if name.lower() == wanted)
    return tuple(dict.fromkeys(found for value in values for found in _ID.findall(value)))


def _delivered_to(headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    values = (value for name, value in headers if name.lower() in _DELIVERED)
    return tuple(
        dict.fromkeys(folded(found) for value in values for found in _BARE_ADDRESS.findall(value[:_MAX_VALUE]))
    )


def _date(headers: tuple[tuple[str, str], ...]) -> datetime | None:
    value = next((value for name, value in headers if name.lower() == "date"), "")
    try:
        date = parsedate_to_datetime(value[:200])
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _first_decoding(octets: bytes, charsets: tuple[str, ...]) -> str:
    for charset in charsets:
        try:
            return octets.decode(charset)
        except UnicodeDecodeError:
            continue
    return octets.decode("latin-1")
