"""A raw mail as a tree of parts, within bounds of time and memory whatever the bytes are.

The standard library's parser keeps every line of every attachment as an object of its own. So the bodies are lifted out
first: what it parses is a skeleton of headers and boundary lines, in which one line stands for each body. The limits
are those of the contract: 25 MB and 200 nested parts are read, more is set aside and named in `defects`.
"""

from __future__ import annotations

import binascii
import email
import hashlib
import re
from dataclasses import dataclass
from email.errors import (
    CloseBoundaryNotFoundDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import Message as Part

MAX_BYTES = 25 * 1024 * 1024
MAX_PARTS = 200
_READ_OF_TOO_BIG = 1024 * 1024  # enough to show a person what the mail is about
_MAX_SKELETON_LINES = 20_000
_MAX_BOUNDARY_LINES = 5_000
_MAX_HEADER_BYTES = 256 * 1024
_MAX_PART_HEADER_BYTES = 16 * 1024

_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_MULTIPART = re.compile(rb"(?i)content-type:\s*multipart/")
_CUT_OFF = (CloseBoundaryNotFoundDefect, NoBoundaryInMultipartDefect, StartBoundaryNotFoundDefect)


@dataclass(frozen=True, slots=True)
class Tree:
    """The parts of a mail. `raw` gives the body of a leaf as it stood in the mail, `decoded` without its encoding."""

    root: Part
    defects: tuple[str, ...]
    _data: bytes
    _marker: re.Pattern[bytes]
    _lifted: tuple[tuple[int, int], ...]

    def raw(self, part: Part) -> bytes:
        """The bytes of a leaf, or of the content of a message/* part, still encoded."""
        payload = part.get_payload()
        if isinstance(payload, list):
            blocks = [sub.get_payload() for sub in payload if isinstance(sub, Part)]
            text = "\n".join(block for block in blocks if isinstance(block, str))
        else:
            text = payload if isinstance(payload, str) else ""
        return self._marker.sub(self._body, text.encode("latin-1", "replace"))

    def decoded(self, part: Part) -> tuple[bytes, bool]:
        """The bytes of a leaf with base64 or quoted-printable undone; False when they break off or are no such code."""
        encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        return _decode(self.raw(part), encoding)

    def _body(self, match: re.Match[bytes]) -> bytes:
        start, end = self._lifted[int(match[1])]
        return self._data[start:end]


def tree(data: bytes) -> Tree:
    """The parts of a raw mail. Never raises; time and memory grow with the size and no faster."""
    defects: list[str] = []
    if len(data) > MAX_BYTES:
        defects.append("too-big")
        data = data[:_READ_OF_TOO_BIG]
    data = data.lstrip(b"\r\n")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    skeleton, marker, lifted = _lift(data)
    skeleton, whole = _bounded(skeleton)
    whole = whole and len(lifted) < _MAX_BOUNDARY_LINES
    if not whole:
        defects.append("too-many-parts")
    try:
        root = email.message_from_string(skeleton.decode("latin-1"))
    except RecursionError:
        root, whole = Part(), False
        defects.append("too-many-parts")
    if not defects and any(isinstance(d, _CUT_OFF) for part in root.walk() for d in part.defects):
        defects.append("truncated-mime")
    return Tree(root, tuple(dict.fromkeys(defects)), data, marker, tuple(lifted))


def _lift(data: bytes) -> tuple[bytes, re.Pattern[bytes], list[tuple[int, int]]]:
    """The skeleton of a mail, the pattern of the lines that stand for bodies, and where in `data` those are.

    A boundary begins a line with two hyphens, so a body never runs past such a line. The name of the lines is made from
    the hash of the mail: nobody can write a mail that holds it.
    """
    name = b"lifted-" + hashlib.sha256(data).hexdigest()[:24].encode() + b"-"
    out: list[bytes] = []
    lifted: list[tuple[int, int]] = []
    start, limit = 0, _MAX_HEADER_BYTES
    while start < len(data) and len(out) <= 2 * _MAX_BOUNDARY_LINES:
        found = data.find(b"\n--", start)
        end = len(data) if found < 0 else found + 1
        body = _body_start(data, start, end, limit)
        out.append(data[start:body])
        if body < end:
            out.append(b"%s%d\n" % (name, len(lifted)))
            lifted.append((body, _without_newline(data, body, end)))
        start, limit = end, _MAX_PART_HEADER_BYTES
    return b"".join(out), re.compile(re.escape(name) + rb"(\d+)"), lifted


def _body_start(data: bytes, start: int, end: int, limit: int) -> int:
    blank = _BLANK_LINE.search(data, start, min(end, start + limit))
    return blank.end() if blank else min(end, start + limit)


def _without_newline(data: bytes, start: int, end: int) -> int:
    if end > start and data[end - 1 : end] == b"\n":
        end -= 1
        if end > start and data[end - 1 : end] == b"\r":
            end -= 1
    return end


def _bounded(skeleton: bytes) -> tuple[bytes, bool]:
    """The skeleton, cut at what is beyond the limits; False when something was cut."""
    for count, match in enumerate(_MULTIPART.finditer(skeleton), start=1):
        if count > MAX_PARTS:
            return skeleton[: match.start()], False
    if skeleton.count(b"\n") > _MAX_SKELETON_LINES:
        lines = skeleton.split(b"\n", _MAX_SKELETON_LINES)
        return b"\n".join(lines[:-1]), False
    return skeleton, True


def _decode(raw: bytes, encoding: str) -> tuple[bytes, bool]:
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw), True
    if encoding == "base64":
        return _base64(raw)
    return raw, True


def _base64(raw: bytes) -> tuple[bytes, bool]:
    code = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    whole, rest = divmod(len(code), 4)
    if rest == 1:
        code = code[: whole * 4]
    try:
        return binascii.a2b_base64(code + b"=" * (-len(code) % 4)), rest != 1
    except binascii.Error:
        return b"", False
