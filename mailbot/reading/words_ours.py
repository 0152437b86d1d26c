"""Our own mails, to find them again in a reply that quotes without marking: re-wrapped, unlinked, in another encoding.

A client may answer with the words of an option, so one sentence of ours is his when he writes it. Several in the order
in which we sent them are a quotation.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from mailbot.reading.words_agree import tokens
from mailbot.reading.words_lines import Line

_MAX_SENT = 100_000
_GAP = 120  # characters of ours that may be missing between two lines of a quotation: a link, a picture's name
_LONG_LINE = 4
_QUOTATION_WORDS = 12
_SURE_WORDS = 40
_PIECE = 3
_LONGEST_PIECE = 40


class Ours:
    """The words of what we sent, in order, with the place where each of our lines begins."""

    def __init__(self, sent: Sequence[str]) -> None:
        self._starts: list[int] = []
        pieces: list[str] = []
        size = 0
        for line in (line for text in sent for line in text[:_MAX_SENT].split("\n")):
            words = " ".join(tokens(line))
            if words:
                self._starts.append(size)
                pieces.append(words)
                size += len(words) + 1
        self._line_starts = frozenset(self._starts)
        self._words = f" {' '.join(pieces)} "

    def __bool__(self) -> bool:
        return bool(self._starts)

    def find(self, words: list[str], after: int = 0) -> tuple[int, int] | None:
        """Where these words stand in ours, one after the other, at `after` or later."""
        at = self._words.find(f" {' '.join(words)} ", max(0, after - 1)) if words else -1
        return None if at < 0 else (at, at + len(" ".join(words)) + 1)

    def stands_before(self, words: list[str], start: int) -> int | None:
        """Where these words begin, when they stand right before `start` in ours."""
        at = start - len(" ".join(words)) - 1
        return at if words and at >= 0 and self.find(words, at) == (at, start) else None

    def cover(self, lines: Sequence[Line]) -> bool:
        """Most of the longer lines are ours."""
        found = [self.find(words) is not None for line in lines if len(words := tokens(line.text)) >= _LONG_LINE]
        return bool(found) and sum(found) / len(found) >= 0.6

    def hold_any(self, lines: Sequence[Line]) -> bool:
        """One of the longer lines at least is ours, or none is long."""
        long = [words for line in lines if len(words := tokens(line.text)) >= _LONG_LINE]
        return not long or any(self.find(words) for words in long)

    def goes_on(self, above: Line, line: Line) -> bool:
        """Our words run on from one line to the next: they were one line before a program wrapped it."""
        before, words = tokens(above.text)[-_LONG_LINE:], tokens(line.text)
        return len(before) == _LONG_LINE and bool(words) and self.find([*before, *words]) is not None

    def continues(self, words: list[str], after: int) -> tuple[int, int] | None:
        """Where these words stand soon after a place in ours: right there, or at the start of one of our lines."""
        found = self.find(words, after)
        while found is not None and found[0] - after <= _GAP:
            if found[0] <= after or found[0] in self._line_starts:
                return found
            found = self.find(words, found[0] + 2)  # `find` looks from one place before
        return None

    def made_of(self, words: list[str]) -> bool:
        """The words are pieces of ours set side by side, each of several words: cells of a table, joined lines."""
        at = 0
        while at < len(words):
            end = min(len(words), at + _LONGEST_PIECE)
            while end - at >= _PIECE and self.find(words[at:end]) is None:
                end -= 1
            if end - at < _PIECE:
                return False
            at = end
        return True

    def lines_between(self, start: int, end: int) -> int:
        """How many of our lines the words from `start` to `end` are taken from."""
        return bisect_right(self._starts, end - 2) - bisect_right(self._starts, start) + 1


def cut_ours(lines: list[Line], ours: Ours) -> int:
    """Sets `why` on the own lines that are a run of ours. Returns how many words were cut."""
    own = [line for line in lines if line.text and not line.why]
    words = [tokens(line.text) for line in own]
    cut = at = 0
    while at < len(own):
        first, end, span = _run(words, at, ours)
        size = sum(len(line) for line in words[first:end])
        if size >= _SURE_WORDS or (size >= _QUOTATION_WORDS and span >= 2):
            for line in own[first:end]:
                line.why = "ours"
            cut += size
        at = max(end, at + 1)
    return cut


def _run(words: list[list[str]], at: int, ours: Ours) -> tuple[int, int, int]:
    """The lines around `at` that follow each other in ours: first, end, and from how many of our lines they are."""
    place = ours.find(words[at]) if len(words[at]) >= _LONG_LINE else None
    if place is None:
        return at, at, 0
    start, first, end = place[0], at, at + 1
    while first and (before := ours.stands_before(words[first - 1], start)) is not None:
        start, first = before, first - 1
    while end < len(words):
        following = ours.find(words[end], place[1]) if words[end] else place
        if following is None or following[0] - place[1] > _GAP:
            break
        place, end = following, end + 1
    return first, end, ours.lines_between(start, place[1])
