"""Is a mail the automatic answer of someone who is away?

A subject such as `Automatic reply:` tells it, or a header together with the words. Many programs set neither: then the
whole mail must be an absence and nothing else, for people write by hand that they are away and approve all the same.
"""

from __future__ import annotations

import re

from mailbot.reading.headers import first_sign
from mailbot.reading.message import Message
from mailbot.reading.wording import begins_with, find_phrase, fold
from mailbot.rules.machines import MachineRules

_MAX_TEXT = 8 * 1024
_TOP = 700
_QUOTED = re.compile(r"(?m)^\s*>.*$|^\s*-{3,}.*(?s:.*)|^\s*_{5,}(?s:.*)")
_SENTENCE = re.compile(r"(?<=\D[.!?])\s+|[。！？]|\n+")
_SIGNATURE = re.compile(r"(?m)^-- ?$")
_DETAIL = re.compile(r"[\d+()./\s:|@-]*|\S+@\S+|https?://\S+|\S+: ?[\d+()./\s-]+|www\.\S+")
_SHORT = 5  # words: a greeting, a name, a job title, a line of an address


def is_absence(message: Message, text: str, rules: MachineRules) -> str | None:
    """The reason why the mail is an absence, or None. `text` is its plain body."""
    subject, own = fold(message.subject[:1000]), _without_quotes(text)
    absences = rules.absences
    if begins_with(subject, rules.prefixes.forward):
        return None
    found = begins_with(subject, absences.subjects)
    said = find_phrase(fold(own), absences.phrases)
    sign = first_sign(message, rules.headers)
    if sign and (said or found or begins_with(subject, absences.weak_subjects)):
        return f"header {sign}"
    if found:
        return f"subject {found!r}"
    if claimed := find_phrase(fold(own)[:_TOP], absences.says):
        return f"it says so: {claimed!r}"
    if not said:
        return None
    unknown = _foreign_sentences(own, rules)
    hint = first_sign(message, rules.hints)
    weak = begins_with(subject, absences.weak_subjects)
    if unknown == 0 or (unknown == 1 and hint and weak):
        return f"the whole mail says so: {said!r}"
    return None


def _without_quotes(text: str) -> str:
    return _QUOTED.sub("", text[:_MAX_TEXT])


def _foreign_sentences(text: str, rules: MachineRules) -> int:
    """How many sentences say something else than that one is away, whom to ask meanwhile, and greetings.

    Short lines after the last sentence of that sort are the signature's.
    """
    body = _SIGNATURE.split(text, maxsplit=1)[0]
    sentences = [one.strip() for one in _SENTENCE.split(body) if one and one.strip()]
    known = [_is_known(fold(one), rules) for one in sentences]
    last = max((n for n, one in enumerate(known) if one), default=-1)
    return sum(
        1
        for n, one in enumerate(sentences)
        if not known[n] and not _is_aside(one, before_the_end=n < last, first=n == 0)
    )


def _is_known(sentence: str, rules: MachineRules) -> bool:
    """An absence's sentence, whole: one that goes on with `but` or `and` to something else is not."""
    if find_phrase(sentence, rules.absences.own_words):
        return False
    return bool(find_phrase(sentence, rules.absences.phrases) or begins_with(sentence, rules.absences.around))


def _is_aside(sentence: str, *, before_the_end: bool, first: bool) -> bool:
    words = sentence.split()
    if _DETAIL.fullmatch(sentence):
        return True
    if first and sentence.endswith((",", "!", ":", "，", "、")):
        return len(words) <= _SHORT
    return not before_the_end and len(words) <= _SHORT + 2 and len(sentence) < 80
