"""What the sender typed, without what is quoted, forwarded or appended; and what was cut, with the reason.

A quoted "reply APPROVED to go ahead" that leaks is a false approval, a cut "once the hem is fixed" is one as well. So
where it is uncertain whose words these are, they stay or a doubt is raised, and a doubt holds the mail for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.reading.words_history import mark_history
from mailbot.reading.words_lines import MAX_CHARACTERS, Line, lines_of, plain, unflowed
from mailbot.reading.words_tail import cut_banners, cut_tails
from mailbot.rules.words import WordRules

_BLANK_RUN = re.compile(r"\n(?:[ ]*\n){2,}")


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines that are not the sender's own words now, and why: quoted, attribution, headers, signature ..."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What was typed ("" when nothing was), what was cut in the order of the mail, and named reasons to hold."""

    text: str
    cut: tuple[Cut, ...]
    doubts: tuple[str, ...]


def own_words_of_text(
    text: str, rules: WordRules, sent: Sequence[str] = (), *, flowed: bool = False, delsp: bool = False
) -> OwnWords:
    """The own words of a plain text. `sent`: texts of our own mails that this may quote. Linear in the size."""
    doubts = []
    if len(text) > MAX_CHARACTERS:
        text, doubts = text[:MAX_CHARACTERS], ["too-long"]
    text, found = plain(text)
    if flowed:
        text = unflowed(text, delsp)
    return _of_lines(lines_of(text), rules, sent, doubts + found)


def _of_lines(lines: list[Line], rules: WordRules, sent: Sequence[str], doubts: list[str]) -> OwnWords:
    cut_banners(lines, rules)
    doubts = doubts + mark_history(lines, rules) + cut_tails(lines, rules)
    return OwnWords(_text(lines), _cuts(lines), tuple(dict.fromkeys(doubts)))


def _text(lines: list[Line]) -> str:
    own = "\n".join(line.raw.rstrip() for line in lines if not line.why and line.text != "ᐧ")
    return _BLANK_RUN.sub("\n\n", own.strip())


def _cuts(lines: list[Line]) -> tuple[Cut, ...]:
    cuts: list[Cut] = []
    block: list[str] = []
    why = ""
    for line in [*lines, Line("", 0, "", "end")]:
        if line.why != why:
            if why and any(block):
                cuts.append(Cut("\n".join(block), why))
            block, why = [], line.why
        if line.why:
            block.append(line.raw)
    return tuple(cuts)
