"""A body as lines that know how deep they are quoted: the first step of finding the sender's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_CHARACTERS = 1_000_000
MAX_LINES = 30_000
MAX_OWN_LINES = 2_000  # nobody types more; each is looked at closely

_MARKS = re.compile(r"[ \t]{0,4}((?:[>»›＞][ \t]?)+)")
_INITIALS = re.compile(r"[ \t]{0,2}([A-Za-z][\w.-]{0,15}(?:>[ \t]?)+)")
_INVISIBLE = re.compile("[\u200b\u2060-\u2064\ufeff\u00ad\u180e\u034f]")
_OVERRIDES = re.compile("[\u202d\u202e]")
_DIRECTIONS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000\t\x0b\x0c]")
_JOINS_WORDS = re.compile("[A-Za-z][\u200b\u200c\u2060-\u2064\ufeff\u00ad\u180e\u034f]+[A-Za-z]")


@dataclass(slots=True)
class Line:
    """One line. `text` is without quote marks and blanks around, `raw` as it came; `why` it is cut, "" while own."""

    text: str
    depth: int
    raw: str
    why: str = ""
    header: tuple[str, str] | None = None  # name and value, once looked at

    @property
    def indent(self) -> int:
        return len(self.raw) - len(self.raw.lstrip(" "))


def plain(text: str) -> tuple[str, list[str]]:
    """The text without invisible characters, every blank as a space, and the doubts that those raise.

    Marks of direction are ordinary in Hebrew and Arabic and around addresses; an override is not, and neither is a
    zero-width character inside a Latin word (one between emoji, or in Persian and Indian scripts, is spelling).
    """
    doubts: list[str] = []
    if "&nbsp;" in text:
        text = text.replace("&nbsp;", " ")
    if text.isascii():
        return text.replace("\t", "    "), doubts
    if _OVERRIDES.search(text):
        doubts.append("direction-characters")
    if _JOINS_WORDS.search(text):
        doubts.append("zero-width-characters")
    text = _DIRECTIONS.sub("", text)
    text = _INVISIBLE.sub("", text)
    text = text.replace("\t", "    ").replace("\u2028", "\n").replace("\u2029", "\n").replace("\u0085", "\n")
    return _SPACES.sub(" ", text), doubts


def lines_of(text: str) -> list[Line]:
    """The lines of a plain text with their depth of quotation."""
    lines = [_line(raw) for raw in text.split("\n")]
    if ">From " in text:
        _unquote_mbox_from(lines)
    if "|" in text:
        _mark_runs(lines, "|", _bar)
    _mark_runs(lines, ">", _initials)
    return lines


def unflowed(text: str, delsp: bool) -> str:
    """The text with format=flowed undone (RFC 3676): a line that ends in a space goes on in the next of its depth."""
    out: list[list[str]] = []
    joins, depth = False, 0
    for raw in text.split("\n"):
        marks = len(raw) - len(raw.lstrip(">"))
        content = raw[marks:].removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        kept = content[:-1] if flows and delsp else content
        if joins and marks == depth and content != "-- ":
            out[-1].append(kept)
        else:
            out.append([">" * marks + " " if marks else "", kept])
        joins, depth = flows, marks
    return "\n".join("".join(pieces) for pieces in out)


def _line(raw: str) -> Line:
    text = raw.strip()
    if text[:1] in (">", "»", "›", "＞"):
        found = _MARKS.match(raw)
        if found:
            marks = found[1]
            return Line(raw[found.end() :].strip(), len(marks) - marks.count(" ") - marks.count("\t"), raw)
    return Line(text, 0, raw)


def _unquote_mbox_from(lines: list[Line]) -> None:
    """ ">From " at the start of an unquoted line is how mbox files write "From "."""
    for at, line in enumerate(lines):
        if line.raw.startswith(">From ") and not any(n.depth for n in lines[max(0, at - 1) : at + 2] if n is not line):
            line.raw = line.text = line.raw[1:]
            line.depth = 0


def _mark_runs(lines: list[Line], sign: str, prefix_of: Callable[[Line], str]) -> None:
    """Quotes marked in a rarer way: two or more lines in a row that begin alike."""
    if sum(1 for line in lines if sign in line.text and not line.depth) < 2:
        return
    start = 0
    while start < len(lines):
        prefix = prefix_of(lines[start]) if sign in lines[start].text and not lines[start].depth else ""
        if not prefix:
            start += 1
            continue
        end = start
        while end < len(lines) and (prefix_of(lines[end]) == prefix or lines[end].text == prefix.strip()):
            end += 1
        if end - start >= 2:
            for line in lines[start:end]:
                line.text = line.text[len(prefix) :].strip()
                line.depth = 1
        start = max(end, start + 1)


def _bar(line: Line) -> str:
    table = line.text.endswith("|") and len(line.text) > 1
    return "|" if line.text.startswith("|") and not table else ""


def _initials(line: Line) -> str:
    found = _INITIALS.match(line.text)
    return found[1].strip() if found else ""


def initials_quote(line: Line) -> bool:
    """A line such as "Ann> text": quoted, when it follows an announcement."""
    return _INITIALS.match(line.text) is not None


def runs(lines: list[Line]) -> Iterator[tuple[int, int]]:
    """The stretches of own lines that hold some text, as (start, end)."""
    start = 0
    while start < len(lines):
        if lines[start].why or not lines[start].text:
            start += 1
            continue
        end = start
        while end < len(lines) and not lines[end].why:
            end += 1
        yield start, end
        start = end
