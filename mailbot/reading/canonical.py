"""A mail as signatures cover it (RFC 6376, 3.4): its headers one by one, and its body in canonical form.

A signature is checked over these bytes, while the words are read from the parsed `Message`. Where the two could differ
on what is a header and where the body begins, neither is believed: a forger would give each a mail of its own.
"""

from __future__ import annotations

import hashlib
import re

from mailbot.reading.message import MAX_HEADERS, Message
from mailbot.reading.mime import MAX_BYTES

Header = tuple[bytes, bytes]  # the name as written, and the value with its folding and its line end

_MAX_BLOCK = 256 * 1024
_END = re.compile(rb"\r?\n\r?\n")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NAME = re.compile(rb"([\x21-\x39\x3b-\x7e]+):")


class Refused(Exception):
    """What is signed, or how, is not believed; carries the reason. `unanswered`: no name server has answered."""

    def __init__(self, reason: str, *, unanswered: bool = False) -> None:
        super().__init__(reason)
        self.unanswered = unanswered


class Signable:
    """The headers of a mail, from the top, and the hashes of its body, each made once."""

    def __init__(self, headers: tuple[Header, ...], body: bytes) -> None:
        self.headers = headers
        self.body = body
        self._hashes: dict[bytes, bytes] = {}

    def named(self, name: bytes) -> tuple[Header, ...]:
        """All headers of this name (lower case), from the top."""
        return tuple(header for header in self.headers if header[0].lower() == name)

    def body_hash(self, form: bytes) -> bytes:
        """SHA-256 of the body in its form `simple` or `relaxed`."""
        if form not in self._hashes:
            body = _relaxed(self.body) if form == b"relaxed" else _simple(self.body)
            self._hashes[form] = hashlib.sha256(body).digest()
        return self._hashes[form]


def signable(message: Message) -> Signable:
    """What signatures of `message` may cover. Raises Refused when it could be taken apart in two ways."""
    data = message.raw.lstrip(b"\r\n")
    end = _END.search(data, 0, _MAX_BLOCK)
    if end is None or "too-big" in message.defects:
        raise Refused("it is too big, or has no body")
    headers = _headers(data[: end.start()])
    names = [name.decode("ascii") for name, _ in headers]
    if len(headers) >= MAX_HEADERS or names != [name for name, _ in message.headers]:
        raise Refused("its headers can be read in two ways")
    body = data[end.end() :]
    if bare := body.count(b"\n") - body.count(b"\r\n"):
        if len(data) + bare > MAX_BYTES:
            raise Refused("it is too big, or has no body")
        body = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return Signable(headers, body)


def _headers(block: bytes) -> tuple[Header, ...]:
    lines = block.replace(b"\r\n", b"\n").split(b"\n")
    found: list[tuple[bytes, list[bytes]]] = []
    for line in lines:
        name = _NAME.match(line)
        goes_on = line[:1] in (b" ", b"\t") and bool(line.strip()) and bool(found)
        if _CONTROLS.search(line) or not (name or goes_on):
            raise Refused("its headers can be read in two ways")
        if name:
            found.append((name[1], [line[name.end() :]]))
        else:
            found[-1][1].append(line)
    return tuple((name, b"\r\n".join(lines) + b"\r\n") for name, lines in found)


def _simple(body: bytes) -> bytes:
    """Without empty lines at its end, and with one line end there."""
    kept = len(body.rstrip(b"\r\n"))
    if body.endswith(b"\n"):  # a CR alone is no line end
        kept = max(kept, body.rfind(b"\r\r", kept) + 1)
    return (body[:kept] if body.endswith(b"\n") else body) + b"\r\n"


def _relaxed(body: bytes) -> bytes:
    """Runs of blanks as one, none at the end of a line; an empty body stays empty."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:  # each time half of a run: no pattern is as fast, and as small
        body = body.replace(b"  ", b" ")
    plain = _simple(body.replace(b" \r\n", b"\r\n"))
    return b"" if plain == b"\r\n" else plain
