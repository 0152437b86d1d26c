"""What the sender typed, without what is quoted, forwarded or appended; and what was cut, with the reason.

A quoted "reply APPROVED to go ahead" that leaks is a false approval, a cut "once the hem is fixed" is one as well. So
where it is uncertain whose words these are, they stay or a doubt is raised, and a doubt holds the mail for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.reading.message import Message
from mailbot.reading.words_agree import beyond, same, tokens
from mailbot.reading.words_history import mark_history
from mailbot.reading.words_html import lines_of_html
from mailbot.reading.words_lines import MAX_CHARACTERS, MAX_LINES, Line, lines_of, plain, unflowed
from mailbot.reading.words_ours import Ours, cut_ours
from mailbot.reading.words_tail import cut_banners, cut_tails
from mailbot.rules.words import WordRules

_APPENDED = frozenset({"signature", "device line", "footer", "banner"})
_QUOTED = frozenset({"quoted", "older mail", "attribution", "headers", "separator"})
_QUOTED_OR_OLDER = _QUOTED | {"unmarked history", "below the headers", "below the separator"}
_POINTER_REACH = 5_000
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


def own_words(message: Message, rules: WordRules, sent: Sequence[str] = ()) -> OwnWords:
    """The own words of a mail: from its HTML, whose structure tells most, checked against its text part.

    `sent`: the plain texts of our own mails that this may quote. Never raises; time is linear in the size.
    """
    from_text = None
    if message.text is not None and (message.text.strip() or message.html is None):
        flowed, delsp = message.format_flowed, message.delsp
        from_text = own_words_of_text(message.text, rules, sent, flowed=flowed, delsp=delsp)
    from_html = own_words_of_html(message.html, rules, sent) if message.html is not None else None
    if from_html is None or from_text is None:
        return from_html or from_text or OwnWords("", (), ())
    return _agreed(from_html, from_text)


def own_words_of_html(source: str, rules: WordRules, sent: Sequence[str] = ()) -> OwnWords:
    """The own words of an HTML body."""
    lines, doubts = lines_of_html(source, rules)
    for line in lines:
        line.raw, found = plain(line.raw)
        line.text = line.raw.strip()
        doubts += found
    return _of_lines(lines, rules, sent, doubts, structured=True)


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
    if text.count("\n") > MAX_LINES:
        text = "\n".join(text.split("\n", MAX_LINES)[:MAX_LINES])
        doubts.append("too-long")
    return _of_lines(lines_of(text), rules, sent, doubts + found)


def _agreed(html: OwnWords, text: OwnWords) -> OwnWords:
    """The one reading of a mail that has both parts: the HTML's, unless the text part knows more to be quoted."""
    doubts = tuple(dict.fromkeys(html.doubts + text.doubts))
    typed, plain_typed = tokens(html.text), tokens(text.text)
    if same(typed, plain_typed) or _differ_in(html, text, _APPENDED):
        return OwnWords(html.text, html.cut, doubts)
    if not beyond(plain_typed, typed + _tokens_cut(html, _QUOTED)) and not beyond(typed, plain_typed):
        return OwnWords(html.text, html.cut, doubts)
    if not beyond(typed, plain_typed + _tokens_cut(text, _QUOTED)) and not beyond(plain_typed, typed):
        return OwnWords(text.text, text.cut, doubts)
    words = html if html.text or not text.text else text
    return OwnWords(words.text, words.cut, (*doubts, "text-html-differ"))


def _differ_in(html: OwnWords, text: OwnWords, whys: frozenset[str]) -> bool:
    """The two differ in nothing but what one of them cut for these reasons."""
    return not beyond(tokens(html.text), tokens(text.text) + _tokens_cut(text, whys)) and not beyond(
        tokens(text.text), tokens(html.text) + _tokens_cut(html, whys)
    )


def _tokens_cut(words: OwnWords, whys: frozenset[str]) -> list[str]:
    return [token for cut in words.cut if cut.why in whys for token in tokens(cut.text)]


def _of_lines(
    lines: list[Line], rules: WordRules, sent: Sequence[str], doubts: list[str], structured: bool = False
) -> OwnWords:
    ours = Ours(sent)
    cut_banners(lines, rules)
    doubts = doubts + mark_history(lines, rules, ours, structured=structured) + cut_tails(lines, rules)
    if ours and cut_ours(lines, ours) and "unmarked-quote" in doubts:
        doubts.remove("unmarked-quote")
    if _points_below(lines, rules) and any(line.why in _QUOTED_OR_OLDER for line in lines):
        doubts.append("answers-in-quote")
    return OwnWords(_text(lines), _cuts(lines), tuple(dict.fromkeys(doubts)))


def _points_below(lines: list[Line], rules: WordRules) -> bool:
    """The sender says that his answers stand in what is quoted."""
    typed = _text(lines)[:_POINTER_REACH].lower()
    return any(phrase in typed for phrase in rules.pointers.below)


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
