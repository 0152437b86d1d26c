"""What programs set around typed words: signatures, device lines, notices, footers of lists and gateways, banners.

A signature that holds a sentence is cut with a doubt; a line of dashes that may be the sender's own cuts nothing but
what is plainly a signature or a footer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mailbot.reading.words_lines import Line, runs
from mailbot.reading.words_marks import is_rule
from mailbot.rules.words import WordRules

_DELIMITERS = frozenset({"--", "—", "–", "-- -", "–-", "__"})
_UNDERSCORES = re.compile(r"_{8,}")
_LINK = re.compile(r"<?\(?(?:https?://|www\.|mailto:)[^\s<>)]*\)?>?|\[cid:[^\]]*\]")
_CONTACT = re.compile(r"https?://|www\.|@|\+?\d[\d\s()./-]{6,}\d|\b(?:tel|fax|mobile?|phone|cell)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TELEPHONE = re.compile(r"(?i)^(?:t|tel|m|mob|p|ph|d|f)\.?:? ?[\d+(][\d ()./-]{5,}$")
_NAME = re.compile(r"(?:[^\W\d_][\w'’-]*\.? ){1,3}[^\W\d_][\w'’-]*")
_TITLE = re.compile(r"(?:[^\W\d_][\w'’.-]*|&)(?:,? (?:[^\W\d_][\w'’.-]*|&)){0,5}")
_JOINS_A_TITLE = frozenset({"of", "and", "the", "for", "in", "&"})
_CARD_LINES = 8
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_NOTICE_LENGTH = 60
_NOTICE_REACH = 3_000
_SIGNATURE_LINES = 12
_BANNER_LINES = 6
_LOOK_AHEAD = 60
_WRAPPED = 80  # a banner's line that is shorter than this ends its paragraph
_PLAIN_FOOTER = 18  # characters of a footer's first words that no typed line begins with by chance


def cut_banners(lines: list[Line], rules: WordRules) -> None:
    """The warnings that a gateway puts on top of mail from outside."""
    top = lines[:_LOOK_AHEAD]
    whole = " ".join([line.text for line in top if not line.depth]).lower()
    wanted = [phrase for phrase in rules.signatures.banner_phrases if phrase in whole]
    for at, line in enumerate(top):
        if line.why or line.depth or not line.text:
            continue
        low = line.text.lower()
        if len(low) < 40 and low.strip("*_ .:") in rules.banner_tags:
            line.why = "banner"
        elif len(low) > 14 and any(_holds(lines, at, phrase) for phrase in wanted):
            _cut_banner(lines, at)


def _holds(lines: list[Line], at: int, phrase: str) -> bool:
    """The phrase begins in this line; it may end in the next."""
    low = lines[at].text.lower()
    if phrase in low or at + 1 == len(lines):
        return phrase in low
    following = lines[at + 1].text.lower()
    return phrase not in following and phrase in f"{low} {following}"


def _cut_banner(lines: list[Line], at: int) -> None:
    """To the end of the sentence: what follows it in the same paragraph may be typed."""
    if at and lines[at - 1].text and len(lines[at - 1].text) < 40 and lines[at - 1].text.isupper():
        lines[at - 1].why = "banner"
    for line in lines[at : at + _BANNER_LINES]:
        if not line.text:
            return
        line.why = "banner"
        if line.text[-1] in ".!])*" or len(line.text) < _WRAPPED:
            return


def cut_tails(lines: list[Line], rules: WordRules) -> list[str]:
    """Sets `why` on what stands below the words in every stretch of own lines. Returns the doubts."""
    doubts: list[str] = []
    for line in lines:
        if not line.why and line.text and is_device(line.text, rules):
            line.why = "device line"
    for start, end in list(runs(lines)):
        doubts += _cut_tail(lines, start, end, rules)
    return doubts


def is_device(text: str, rules: WordRules) -> bool:
    """ "Sent from my phone" and the like, the whole line."""
    if len(text) > 160:
        return False
    bare = _LINK.sub("", text.replace("[", "").replace("]", " ")).strip(" <>()*_|-~")
    low = bare.lower()
    starts = rules.device_starts
    if not (low[:3] in starts or low[:2] in starts or low[:1] in starts or low[-3:] in rules.device_ends):
        return False
    return rules.device.fullmatch(re.sub(r"\s+", " ", bare.replace("()", ""))) is not None


def _cut_tail(lines: list[Line], start: int, end: int, rules: WordRules) -> list[str]:
    doubts: list[str] = []
    for at in range(start, end):
        line = lines[at]
        if line.why or not line.text:
            continue
        if line.text in _DELIMITERS or _UNDERSCORES.fullmatch(line.text):
            doubts += [] if _typed_above(lines, at) or not _paragraphs(lines, at, end) else ["signature-on-top"]
            return _cut(lines, at, end, "signature", doubts)
        if is_rule(line.text) and _ends_the_words(_below(lines, at, end), rules):
            return _cut(lines, at, end, "signature", doubts)
        if not lines[at - 1].text and _typed_above(lines, at) and _is_card(lines, at, end, rules):
            return _cut(lines, at, end, "signature", doubts)
        if _is_appended(lines, at, end, rules, _begins_paragraph(lines, at, start)):
            rest = _after_paragraph(lines, at, end)
            doubts += ["text-below-footer"] if any(is_sentence(r.text, rules) for r in _unknown(rest, rules)) else []
            return _cut(lines, at, end, "footer", doubts)
    return doubts


def said_below(lines: list[Line], rules: WordRules) -> list[str]:
    """The sentences of signatures, above what is known as a notice or a footer, and those that stand for pictures."""
    said = [line.text for line in lines if line.why == "picture"]
    start = 0
    while start < len(lines):
        if lines[start].why != "signature":
            start += 1
            continue
        end = start
        while end < len(lines) and (lines[end].why == "signature" or not lines[end].text):
            end += 1
        for line in _unknown([line for line in lines[start:end] if line.text], rules):
            said += [line.text] if is_sentence(line.text, rules) and not is_device(line.text, rules) else []
        start = end
    return said


def said_in_notices(lines: list[Line], rules: WordRules) -> list[str]:
    """The sentences in notices and footers that are none of theirs, as far as can be told by their words."""
    known = (*rules.signatures.notice_words, *rules.signatures.notice_asides)
    said: list[str] = []
    for paragraph in _paragraphs_of([line for line in lines if line.why == "footer"]):
        if rules.notice.match(paragraph.lstrip("*_[(-• ")):
            said += [s for s in _SENTENCES.split(paragraph)[1:] if not any(word in s.lower() for word in known)]
    return [sentence for sentence in said[:_LOOK_AHEAD] if is_sentence(sentence, rules)]


def _paragraphs_of(lines: Iterable[Line]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in (*lines, None):
        if line is not None and line.text:
            paragraph.append(line.text)
        elif paragraph:
            yield " ".join(paragraph)[:_NOTICE_REACH]
            paragraph = []


def _typed_above(lines: list[Line], at: int) -> bool:
    return any(line.text and not line.why for line in lines[:at])


def _paragraphs(lines: list[Line], at: int, end: int) -> bool:
    """The signature has text after a blank line: with nothing above it, that may be what was typed."""
    near = [bool(line.text) for line in lines[at + 1 : min(end, at + 1 + _LOOK_AHEAD)]]
    return False in near and True in near[near.index(False) :]


def _cut(lines: list[Line], start: int, end: int, why: str, doubts: list[str]) -> list[str]:
    for line in lines[start:end]:
        line.why = line.why or why
    return doubts


def _below(lines: list[Line], at: int, end: int) -> list[Line]:
    """What stands below a line, as far as a signature or footer can reach."""
    near = lines[at + 1 : min(end, at + 1 + _LOOK_AHEAD)]
    return [line for line in near if line.text and not line.why and not is_rule(line.text)]


def _ends_the_words(below: list[Line], rules: WordRules) -> bool:
    """Below a line of dashes stands nothing, or plainly a signature or a footer."""
    if not below:
        return True
    if rules.footer.match(below[0].text) or _is_notice([line.text for line in below], rules):
        return True
    if len(below) > _SIGNATURE_LINES or any(is_sentence(line.text, rules) for line in below):
        return False
    return any(_CONTACT.search(line.text) for line in below)


def _is_card(lines: list[Line], at: int, end: int, rules: WordRules) -> bool:
    """A name, a title and how to reach its owner, in a paragraph of its own at the end: a signature without a mark."""
    card = [lines[at], *_unknown(_below(lines, at, end), rules)]
    if not 2 < len(card) <= _CARD_LINES or not _NAME.fullmatch(card[0].text) or any(line.why for line in card):
        return False
    reached = [line for line in card[1:] if _CONTACT.search(line.text) or _TELEPHONE.search(line.text)]
    titles = [line.text for line in card[1:] if line not in reached]
    return bool(reached) and _named(card[0].text) and all(_TITLE.fullmatch(text) and _named(text) for text in titles)


def _named(text: str) -> bool:
    """Written as names and titles are: each word with a capital."""
    return all(word[0].isupper() or word in _JOINS_A_TITLE for word in text.split())


def _unknown(below: list[Line], rules: WordRules) -> list[Line]:
    """The lines before the first that is known as a notice or a footer."""
    known = (i for i, line in enumerate(below) if rules.footer.match(line.text) or rules.notice.match(line.text))
    return below[: next(known, len(below))]


def _begins_paragraph(lines: list[Line], at: int, start: int) -> bool:
    return at == start or not lines[at - 1].text or lines[at - 1].why != ""


def _after_paragraph(lines: list[Line], at: int, end: int) -> list[Line]:
    while at < end and lines[at].text:
        at += 1
    return _below(lines, at, end)


def _is_appended(lines: list[Line], at: int, end: int, rules: WordRules, begins_paragraph: bool) -> bool:
    text = lines[at].text.lstrip("*_[(-• ")
    footer = rules.footer.match(text)
    if footer and (begins_paragraph or len(footer[0]) >= _PLAIN_FOOTER):
        return True
    if not rules.notice.match(text):
        return False
    paragraph = []
    for line in lines[at : min(end, at + _LOOK_AHEAD)]:
        if not line.text:
            break
        paragraph.append(line.text)
    return _is_notice(paragraph, rules)


def _is_notice(paragraph: list[str], rules: WordRules) -> bool:
    text = " ".join(paragraph).lstrip("*_[(-• ")
    if len(text) < _NOTICE_LENGTH or not rules.notice.match(text):
        return False
    low = text[:_NOTICE_REACH].lower()
    return any(word in low for word in rules.signatures.notice_words)


def is_sentence(text: str, rules: WordRules) -> bool:
    """A line that says something, as far as can be told without its language: a signature has names and numbers."""
    if _CONTACT.search(text) or rules.footer.match(text):
        return False
    words = _WORD.findall(text)
    if not words:
        return False
    if not words[0][0].isupper() and not words[0][0].islower():
        return len(text) > 14 and text[-1] in "。.!?！？।؟"
    lower = sum(word[0].islower() for word in words)
    if text[-1] in ".!?" and len(words) >= 3 and lower >= 1:
        return True
    return (lower == len(words) and lower >= 3) or (len(words) >= 5 and lower / len(words) > 0.6)
