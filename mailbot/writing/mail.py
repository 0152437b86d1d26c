"""A letter's words and its envelope, as the bytes that go out: 7-bit MIME that every mail program reads alike.

Headers stay on one line of at most 998 characters: when the standard library folds them, it writes long ids as encoded
words, and threads break. Only a Subject or From beyond ASCII is folded, into the short encoded words that RFC 2047
wants. Both bodies are quoted-printable, boundaries follow from the Message-ID: the same Send gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from mailbot.errors import ConfigError, Problem
from mailbot.writing.letters import line

LINE_LENGTH = 998  # RFC 5322, section 2.1.1
ENCODED_LENGTH = 76  # of encoded bodies: RFC 2045, sections 6.7 and 6.8
IDS_LENGTH = 900
ADDRESS = re.compile(r"[!-~]{1,64}@[A-Za-z0-9.:\[\]-]{1,253}")
MESSAGE_ID = re.compile(r"[!-;=?-~]{1,400}")
_LIBRARY = SMTP.clone(max_line_length=LINE_LENGTH)
_LINE_BREAK = re.compile(r"\r(?!\n )|(?<!\r)\n")  # any but that of a folded line
FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


class _Written(EmailPolicy):
    """Takes each header as the text that stands in the mail. The library would parse every header that it is given,
    check it against a class made for its name and put it together again: half the time that a whole letter takes."""

    def header_max_count(self, name: str) -> int | None:
        """`build` sets each header once."""
        return None

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if _LINE_BREAK.search(value):
            raise ValueError(f"a line break in {name} would begin another header")
        return name, value

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        return value

    def fold(self, name: str, value: Any) -> str:
        """As it is; only what does not fit on a line, or is beyond ASCII, is left to the library (RFC 2047, 2231)."""
        if value.isascii() and all(len(one) <= LINE_LENGTH for one in f"{name}: {value}".split("\r\n")):
            return f"{name}: {value}\r\n"
        folded: str = _LIBRARY.header_factory(name, value).fold(policy=_LIBRARY)
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


POLICY = _Written(linesep="\r\n", max_line_length=ENCODED_LENGTH)


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered mail: the bytes to hand to SMTP, who hands them in, and who gets them."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    data: bytes
    text: str
    html: str
    subject: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that stands in the letter, found there as `cid:` and its id."""

    cid: str
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything but the words. Ids are without angle brackets; `extra` are headers of mailbot's own."""

    message_id: str
    sender_name: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    reply_to: str | None
    date: datetime
    in_reply_to: str | None
    references: tuple[str, ...]
    extra: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a mail and what goes with them."""

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    calendar: tuple[str, bytes] | None = None  # its METHOD, and the object (RFC 6047)


def build(envelope: Envelope, letter: Letter) -> Mail:
    """The mail as bytes (RFC 5322, 2045-2049, 2387). Raises ConfigError for an address that cannot stand in one."""
    message = EmailMessage(policy=POLICY)
    for name, value in _headers(envelope, letter.subject):
        message[name] = value
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    _add_pictures(message, letter.pictures)
    if letter.calendar:
        _add_calendar(message, *letter.calendar)
    for filename, content_type, data in letter.attachments:
        _attach(message, filename, content_type, data)
    _name_boundaries(message, envelope.message_id)
    recipients = tuple(dict.fromkeys((*envelope.to, *envelope.cc)))
    data = message.as_bytes()
    return Mail(envelope.message_id, envelope.sender, recipients, data, letter.text, letter.html, letter.subject)


def thread_ids(ids: Iterable[str]) -> str:
    """Message-IDs as a References header of at most 900 characters: the first, which names the thread, and the last.

    Ids that are none (RFC 5322 section 3.6.4), or that hold anything but visible ASCII, are left out.
    """
    good = [f"<{i}>" for i in dict.fromkeys(ids) if MESSAGE_ID.fullmatch(i)]
    kept: list[str] = []
    left = IDS_LENGTH - sum(len(i) + 1 for i in good[:1])
    for one in reversed(good[1:]):
        left -= len(one) + 1
        if left < 0:
            break
        kept.insert(0, one)
    return " ".join([*good[:1], *kept])


def _headers(envelope: Envelope, subject: str) -> list[tuple[str, str]]:
    """Name and text of each header, folded where it must be."""
    for address in (envelope.sender, *envelope.to, *envelope.cc, *filter(None, [envelope.reply_to])):
        if not ADDRESS.fullmatch(address):
            what = f"{address!r} is no address that a mail can be sent to"
            raise ConfigError([Problem(what, key="address", mend="write it as name@domain, in plain letters")])
    answered = thread_ids([envelope.in_reply_to] if envelope.in_reply_to else [])
    headers: list[tuple[str, str]] = [
        ("From", _from(_header_text(envelope.sender_name), envelope.sender)),
        ("To", _addresses(envelope.to)),
        ("Cc", _addresses(envelope.cc)),
        ("Subject", _subject(_header_text(subject))),
        ("Date", format_datetime(envelope.date)),
        ("Message-ID", thread_ids([envelope.message_id])),
        ("In-Reply-To", answered),
        ("References", thread_ids([*envelope.references, *filter(None, [envelope.in_reply_to])])),
        ("Reply-To", _addresses(filter(None, [envelope.reply_to]))),
        *((name, _header_text(value)) for name, value in envelope.extra),
    ]
    return [(name, value) for name, value in headers if value]


def _header_text(value: str) -> str:
    """One line, and nothing in it that a reader would decode as an encoded word (RFC 2047) of its own."""
    return line(value).replace("=?", "= ?")


def _from(name: str, address: str) -> str:
    if name.isascii():
        return _mailbox(name, address)
    return f"{_encoded(name, 'From')}\r\n <{_mailbox('', address)}>"


def _subject(text: str) -> str:
    if text.isascii():
        return text
    words, _, tag = text.rpartition(" [")  # the tag stays readable to plain filters
    if words and tag.isascii():
        return f"{_encoded(words, 'Subject')}\r\n [{tag}"
    return _encoded(text, "Subject")


def _encoded(value: str, name: str) -> str:
    """Text as encoded words of at most 75 characters (RFC 2047, section 2), after the header's name."""
    return Header(value, "utf-8", header_name=name, maxlinelen=75).encode(linesep="\r\n")


def _addresses(addresses: Iterable[str]) -> str:
    return ", ".join(_mailbox("", address) for address in dict.fromkeys(addresses))


@lru_cache(maxsize=1024)
def _mailbox(name: str, address: str) -> str:
    """Name and address as they stand in a header. Parsing the address costs more than all else that a header does."""
    return str(Address(display_name=name, addr_spec=address))


def _add_pictures(message: EmailMessage, pictures: Sequence[Picture]) -> None:
    html = message.get_payload(1)
    assert isinstance(html, EmailMessage)  # noqa: S101  set by add_alternative
    for picture in pictures:
        main, _, sub = picture.content_type.partition("/")
        html.add_related(
            picture.data, maintype=main, subtype=sub, cid=f"<{picture.cid}>", disposition="inline",
            filename=_file_name(picture.filename),
        )  # fmt: skip


def _add_calendar(message: EmailMessage, method: str, data: bytes) -> None:
    """The last alternative: programs with a calendar show it, the others the letter (RFC 6047, section 2.4)."""
    message.add_alternative(data.decode(), subtype="calendar", charset="utf-8", cte="base64", params={"method": method})


def _attach(message: EmailMessage, filename: str, content_type: str, data: bytes) -> None:
    """A file as it is. A mail goes as message/rfc822 where its bytes may stand unencoded (RFC 2046, section 5.2.1)."""
    name = _file_name(filename)
    if content_type == "message/rfc822":
        lines = data.replace(b"\r\n", b"\n").split(b"\n")
        if data.isascii() and b"\0" not in data and all(len(one) <= LINE_LENGTH for one in lines):
            if message.get_content_type() != "multipart/mixed":
                message.make_mixed()
            message.attach(_embedded(lines, name))
            return
        content_type = "application/octet-stream"
    main, _, sub = content_type.partition("/")
    if not re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", content_type) or main in ("multipart", "message"):
        main, sub = "application", "octet-stream"
    message.add_attachment(data, maintype=main, subtype=sub, filename=name)


def _embedded(lines: Sequence[bytes], name: str) -> EmailMessage:
    part = EmailMessage(policy=POLICY)
    part["Content-Type"] = "message/rfc822"
    part.add_header("Content-Disposition", "attachment", filename=name)
    part.set_payload(b"\r\n".join(lines).decode("ascii"))
    return part


def _file_name(name: str) -> str:
    return FILE_NAME.sub("_", line(name))[-120:].strip(". ") or "attachment"


def _name_boundaries(message: EmailMessage, message_id: str) -> None:
    """Boundaries that are the same each time. `=_` never occurs in quoted-printable or base64."""
    mark = hashlib.sha256(message_id.encode()).hexdigest()[:20]
    for number, part in enumerate(part for part in message.walk() if part.get_content_maintype() == "multipart"):
        part.set_boundary(f"=_{mark}.{number}")
