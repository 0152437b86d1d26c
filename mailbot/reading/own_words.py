"""What the sender typed, without what is quoted, forwarded or appended; and what was cut, with the reason.

A quoted "reply APPROVED to go ahead" that leaks is a false approval, a cut "once the hem is fixed" is one as well. So
where it is uncertain whose words these are, they stay or a doubt is raised, and a doubt holds the mail for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbot.reading.message import Message
from mailbot.reading.words_agree import beyond, same, tokens
from mailbot.reading.words_history import mark_history
from mailbot.reading.words_html import lines_of_html, texts_of_html
from mailbot.reading.words_lines import MAX_CHARACTERS, MAX_LINES, Line, lines_of, plain, unflowed
from mailbot.reading.words_marks import split_joined
from mailbot.reading.words_ours import Ours, cut_ours
from mailbot.reading.words_quoted import words_of_others
from mailbot.reading.words_tail import cut_banners, cut_tails, said_below, said_in_notices
from mailbot.rules.words import WordRules

_APPENDED = frozenset({"signature", "device line", "footer", "banner"})
_QUOTED = frozenset({"quoted", "older mail", "attribution", "headers", "separator"})
_QUOTED_OR_OLDER = _QUOTED | {"unmarked history", "below the headers", "below the separator"}
_POINTER_REACH = 5_000
_LOOKED_AT = 20_000
_EMPTY_BOX = re.compile(r"^[ ]{0,8}(?:[-*•] )?(?:\[[ _]{0,3}\]|[☐□◻⬜▢]|\([ ]{0,3}\))[ ]{0,8}\w", re.MULTILINE)
_BLANK_RUN = re.compile(r"\n(?:[ ]*\n){2,}")


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines that are not the sender's own words now, and why: quoted, attribution, headers, signature ..."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What was typed ("" when nothing was), what was cut in the order of the mail, and named reasons to hold.

    `below` are sentences that stand in what was cut as a signature, or for a picture; `among` those that stand in a
    notice of the sender's firm and do not sound like one.
    """

    text: str
    cut: tuple[Cut, ...]
    doubts: tuple[str, ...]
    below: tuple[str, ...] = ()
    among: tuple[str, ...] = ()


def own_words(message: Message, rules: WordRules, sent: Sequence[str] = (), *, answers_ours: bool = False) -> OwnWords:
    """The own words of a mail: from its HTML, whose structure tells most, checked against its text part.

    `sent`: what our own mails say that this may quote (`shown`); `answers_ours`: it can quote nothing else. Never
    raises; time is linear in the size.
    """
    read = _Reader(rules, sent, answers_ours)
    from_text = None
    if message.text is not None and (message.text.strip() or message.html is None):
        from_text = read.text(message.text, flowed=message.format_flowed, delsp=message.delsp)
    from_html = read.html(message.html) if message.html is not None else None
    if from_html is None or from_text is None:
        words = from_html or from_text or OwnWords("", (), ())
    else:
        words = _agreed(from_html, from_text)
    doubts = dict.fromkeys((*words.doubts, *doubts_of_subject(message.subject, rules), *_doubts_of_parts(message)))
    return replace(words, doubts=tuple(doubts))


def own_words_of_html(source: str, rules: WordRules, sent: Sequence[str] = ()) -> OwnWords:
    """The own words of an HTML body."""
    return _Reader(rules, sent).html(source)


def own_words_of_text(
    text: str, rules: WordRules, sent: Sequence[str] = (), *, flowed: bool = False, delsp: bool = False
) -> OwnWords:
    """The own words of a plain text. `sent`: texts of our own mails that this may quote. Linear in the size."""
    return _Reader(rules, sent).text(text, flowed=flowed, delsp=delsp)


def shown(text: str, html: str) -> str:
    """All that a mail of ours says in one or the other of its parts, the words before the letter as well: what an
    answer to it may quote."""
    return "\n".join([text, *texts_of_html(html)])


def doubts_of_subject(subject: str, rules: WordRules) -> list[str]:
    """A calendar's answer to an invitation, by how its subject begins: not everyone sends a calendar along."""
    return ["calendar-subject"] if rules.calendar_subject.match(subject) else []


def _doubts_of_parts(message: Message) -> list[str]:
    """Parts beside the body that some readers show as a part of it."""
    doubts = ["several-texts"] if "several-texts" in message.defects else []
    for one in message.attachments:
        if one.content_type == "text/calendar" and not one.filename:
            doubts.append("calendar-part")
        if one.content_type in ("text/plain", "text/html") and one.inline and one.data.strip():
            doubts.append("text-attached")
    return doubts


class _Reader:
    """Reads bodies by the same rules, against the same mails of ours."""

    def __init__(self, rules: WordRules, sent: Sequence[str], answers_ours: bool = False) -> None:
        self.rules = rules
        self.ours = Ours(sent)
        self.answers_ours = answers_ours and bool(self.ours)

    def html(self, source: str) -> OwnWords:
        lines, doubts = lines_of_html(source, self.rules)
        for line in lines:
            line.raw, found = plain(line.raw)
            line.text = line.raw.strip()
            doubts += found
        return self._of_lines(lines, doubts, structured=True)

    def text(self, text: str, *, flowed: bool, delsp: bool) -> OwnWords:
        doubts = []
        if len(text) > MAX_CHARACTERS:
            text, doubts = text[:MAX_CHARACTERS], ["too-long"]
        text, found = plain(text)
        if flowed:
            text = unflowed(text, delsp)
        if text.count("\n") > MAX_LINES:
            text = "\n".join(text.split("\n", MAX_LINES)[:MAX_LINES])
            doubts.append("too-long")
        lines = lines_of(text)
        if ":   " in text:
            split_joined(lines, self.rules)
        return self._of_lines(lines, doubts + found)

    def _of_lines(self, lines: list[Line], doubts: list[str], structured: bool = False) -> OwnWords:
        rules, ours = self.rules, self.ours
        cut_banners(lines, rules)
        doubts = doubts + mark_history(lines, rules, ours, structured=structured) + cut_tails(lines, rules)
        if ours and cut_ours(lines, ours) and "unmarked-quote" in doubts:
            doubts.remove("unmarked-quote")
        if self.answers_ours and words_of_others(lines, ours, rules):
            doubts.append("words-in-quotation")
        below = said_below(lines, rules)
        if any(line.text in below for line in lines if line.why == "signature"):
            doubts.append("signature-sentences")
        typed = _text(lines)
        doubts += _doubts_of_words(typed, rules)
        if _points_below(typed, rules) and any(line.why in _QUOTED_OR_OLDER for line in lines):
            doubts.append("answers-in-quote")
        among = tuple(said_in_notices(lines, rules))
        return OwnWords(typed, _cuts(lines), tuple(dict.fromkeys(doubts)), tuple(below), among)


def _agreed(html: OwnWords, text: OwnWords) -> OwnWords:
    """The one reading of a mail that has both parts: the HTML's, unless the text part knows more to be quoted."""
    every = tuple(dict.fromkeys(html.doubts + text.doubts))
    # The text part is made from the HTML by a program, which may say in words what pictures and buttons are.
    doubts = tuple(one for one in every if one != "words-in-quotation" or one in html.doubts)
    typed, plain_typed = tokens(html.text), tokens(text.text)
    below, among = tuple(dict.fromkeys(html.below + text.below)), tuple(dict.fromkeys(html.among + text.among))
    if same(typed, plain_typed) or _differ_in(html, text, _APPENDED):
        return OwnWords(html.text, html.cut, doubts, below, among)
    if not beyond(plain_typed, typed + _tokens_cut(html, _QUOTED)) and not beyond(typed, plain_typed):
        return OwnWords(html.text, html.cut, doubts, below, among)
    if not beyond(typed, plain_typed + _tokens_cut(text, _QUOTED)) and not beyond(plain_typed, typed):
        return OwnWords(text.text, text.cut, every, below, among)
    words = html if html.text or not text.text else text
    return OwnWords(words.text, words.cut, (*every, "text-html-differ"), below, among)


def _differ_in(html: OwnWords, text: OwnWords, whys: frozenset[str]) -> bool:
    """The two differ in nothing but what one of them cut for these reasons."""
    return not beyond(tokens(html.text), tokens(text.text) + _tokens_cut(text, whys)) and not beyond(
        tokens(text.text), tokens(html.text) + _tokens_cut(html, whys)
    )


def _tokens_cut(words: OwnWords, whys: frozenset[str]) -> list[str]:
    return [token for cut in words.cut if cut.why in whys for token in tokens(cut.text)]


def _doubts_of_words(typed: str, rules: WordRules) -> list[str]:
    """What was typed is not said by anybody: a box that is left empty, an instruction, half a sentence."""
    near = typed[:_LOOKED_AT]
    doubts = ["empty-box"] if _EMPTY_BOX.search(near) else []
    doubts += ["instruction"] if rules.instruction.search(near) else []
    doubts += ["breaks-off"] if rules.unfinished.search(near) else []
    return doubts


def _points_below(typed: str, rules: WordRules) -> bool:
    """The sender says that his answers stand in what is quoted."""
    near = typed[:_POINTER_REACH].lower()
    return any(phrase in near for phrase in rules.pointers.below)


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
