"""Is a mail the automatic answer of someone who is away?

A subject such as `Automatic reply:` tells it, or a header together with the words. Many programs set neither: then the
whole mail must be an absence and nothing else, for people write by hand that they are away and approve all the same.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from mailbot.reading.calendar_names import names
from mailbot.reading.headers import first_sign
from mailbot.reading.message import Message
from mailbot.reading.wording import begins_with, find_phrase, fold
from mailbot.rules.machines import MachineRules

_MAX_TEXT = 8 * 1024
_TOP = 700
_TYPICAL = 2  # sentences that an absence has at least, where nothing but its words tells it
_QUOTED = re.compile(r"(?m)^\s*>.*$|^\s*-{3,}.*(?s:.*)|^\s*_{5,}(?s:.*)")
_SENTENCE = re.compile(r"[。！？]|\n+|(?<=[.!?])\s+(?![a-z\d])")
_NUMBER = re.compile(r"(?:^|\s)\d{1,2}\.$")  # `12.` before the name of a month ends no sentence
_SIGNATURE = re.compile(r"(?m)^-- ?$")
_DETAIL = re.compile(r"[\d+()./\s:|@-]*|\S+@\S+|https?://\S+|\S+: ?[\d+()./\s-]+|www\.\S+")
_SHORT = 5  # words: a greeting, a name, a job title, a line of an address


def is_absence(message: Message, text: str, rules: MachineRules) -> str | None:
    """The reason why the mail is an absence, or None. `text` is its plain body."""
    subject, own = fold(message.subject[:1000]), _without_quotes(text)
    folded = fold(own)
    absences = rules.absences
    if begins_with(subject, rules.prefixes.forward):
        return None
    found = begins_with(subject, absences.subjects)
    said = find_phrase(folded, absences.phrases)
    sign = first_sign(message, rules.headers)
    if sign and (said or found or begins_with(subject, absences.weak_subjects)):
        return f"header {sign}"
    if found:
        return f"subject {found!r}"
    claimed = find_phrase(folded[:_TOP], absences.says)
    if claimed and not _is_own(folded, rules):
        return f"it says so: {claimed!r}"
    if not said:
        return None
    fitting, foreign = _sentences(own, rules)
    signs = sum(map(bool, (first_sign(message, rules.hints), begins_with(subject, absences.weak_subjects))))
    if foreign <= signs - 1 or (foreign == 0 and fitting >= _TYPICAL):
        return f"the whole mail says so: {said!r}"
    return None


def _without_quotes(text: str) -> str:
    return _QUOTED.sub("", text[:_MAX_TEXT])


def _sentences(text: str, rules: MachineRules) -> tuple[int, int]:
    """How many sentences say that one is away or whom to ask meanwhile, and how many say something else.

    Greetings are neither, nor are short lines after the last sentence that fits: they are the signature's.
    """
    body = _SIGNATURE.split(text, maxsplit=1)[0]
    sentences = list(_split(body, rules.returns.languages))
    known = [_is_known(fold(one), rules) for one in sentences]
    last = max((n for n, one in enumerate(known) if one), default=-1)
    foreign = sum(
        1
        for n, one in enumerate(sentences)
        if not known[n] and (_is_own(fold(one), rules) or not _is_aside(one, before_the_end=n < last, first=n == 0))
    )
    return sum(known), foreign


def _split(body: str, languages: tuple[str, ...]) -> Iterator[str]:
    """The sentences and lines of a text."""
    months, _ = names(languages)
    start = 0
    for match in _SENTENCE.finditer(body):
        if "\n" in match[0] or not _before_month(body, start, match, months):
            if piece := body[start : match.end()].strip():
                yield piece
            start = match.end()
    if rest := body[start:].strip():
        yield rest


def _before_month(body: str, start: int, match: re.Match[str], months: Container[str]) -> bool:
    word = body[match.end() : match.end() + 20].split(maxsplit=1)
    return bool(_NUMBER.search(body, start, match.start()) and word and fold(word[0]).strip(".,") in months)


def _is_known(sentence: str, rules: MachineRules) -> bool:
    """An absence's sentence, whole: one that goes on with `but` or `and` to something else is not."""
    if _is_own(sentence, rules):
        return False
    return bool(find_phrase(sentence, rules.absences.phrases) or begins_with(sentence, rules.absences.around))


def _is_own(sentence: str, rules: MachineRules) -> bool:
    return find_phrase(sentence, rules.absences.own_words) is not None


def _is_aside(sentence: str, *, before_the_end: bool, first: bool) -> bool:
    words = sentence.split()
    if _DETAIL.fullmatch(sentence):
        return True
    if first and (sentence.endswith((",", "!", ":", "，", "、")) or len(words) <= 2):
        return len(words) <= _SHORT
    is_sentence = sentence[-1] in ".!?。！？" and len(words) > 2
    return not before_the_end and not is_sentence and len(words) <= _SHORT + 2 and len(sentence) < 80
