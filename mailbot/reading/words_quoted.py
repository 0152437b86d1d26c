"""Whether what is quoted is what we sent: words that somebody wrote into it are an answer, and a person must see it.

Only for an answer to a mail of ours, which quotes nobody: then all that is quoted is ours, or was set around it by a
program on the way (an announcement, headers, a warning, a footer).
"""

from __future__ import annotations

from mailbot.reading.words_agree import tokens
from mailbot.reading.words_headers import WHEN
from mailbot.reading.words_lines import Line
from mailbot.reading.words_marks import mark_at
from mailbot.reading.words_ours import Ours
from mailbot.reading.words_tail import is_device
from mailbot.rules.words import WordRules

_QUOTED = frozenset({"quoted", "older mail", "unmarked history", "below the headers", "below the separator"})
_LONG_LINE = 4  # words: a line of so many is ours wherever it stands, a shorter one only in its place
_LOOKED_AT = 1_500


def words_of_others(lines: list[Line], ours: Ours, rules: WordRules) -> str:
    """The first quoted line that we did not send, "" when all of them are ours. `ours`: the mail that is answered."""
    place, at, looked_at = 0, 0, 0
    while at < len(lines) and looked_at < _LOOKED_AT:
        words = tokens(lines[at].text) if lines[at].why in _QUOTED else []
        if not words:
            at += 1
            continue
        looked_at += 1
        found = _in_place(words, place, ours)
        if found is not None:
            place, at = found, at + 1
            continue
        end = _set_around(lines, at, rules)
        if end == at:
            return lines[at].text
        at = end
    return ""


def _in_place(words: list[str], place: int, ours: Ours) -> int | None:
    """Where in ours the line ends; None when it is not there. Programs join lines and cut them, they add no words."""
    found = ours.continues(words, place)
    if found is None and len(words) >= _LONG_LINE:
        found = ours.find(words, place) or ours.find(words)
        if found is None and ours.made_of(words):
            return place
    return found[1] if found else None


def _set_around(lines: list[Line], at: int, rules: WordRules) -> int:
    """The line after what a program has set here around our mail: a mark, a warning, a footer, a device line."""
    mark = mark_at(lines, at, rules)
    if mark is None and WHEN.search(lines[at].text) and at + 1 < len(lines) and lines[at + 1].text:
        mark = mark_at(lines, at + 1, rules)  # "> Message du 10/01/26" above the headers of Orange
        mark = mark if mark and mark.kind == "headers" else None
    if mark is not None:
        return max(mark.end, at + 1)
    if is_device(lines[at].text, rules):
        return at + 1
    end = at
    while end < len(lines) and lines[end].text and lines[end].why in _QUOTED:
        end += 1
    paragraph = " ".join(line.text for line in lines[at:end][:8]).lower()
    tag = lines[at].text.lower().strip("*_ .:") in rules.banner_tags
    if tag or rules.footer.match(paragraph) or any(p in paragraph for p in rules.signatures.banner_phrases):
        return end
    return at
