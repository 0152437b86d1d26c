"""What the reading of a decision has to say about doubts: some turn out to be none, one comes from it.

A sentence in a signature or on a picture is a doubt only where it would change the answer if it were typed; one in a
firm's notice only where it decides something. A picture of a thumb is an answer about a fabric, and none about money.
"""

from __future__ import annotations

import unicodedata

from mailbot.reading.decision import Asked, Reading, read
from mailbot.reading.own_words import OwnWords
from mailbot.rules.replies import ReplyRules

_OF_WHAT_STANDS_BELOW = frozenset({"signature-sentences", "words-on-a-picture"})
_MONEY = frozenset({"change_order", "invoice_reminder"})
_SIGNS = frozenset({"So", "Sk"})  # Unicode's categories of emoji and of what colours their skin


def doubts_of_reading(words: OwnWords, asked: Asked, reading: Reading, rules: ReplyRules) -> tuple[str, ...]:
    """The doubts of `words`, read as `reading` in answer to what was `asked`: without those that change nothing."""
    doubts = words.doubts
    if _OF_WHAT_STANDS_BELOW & set(doubts):
        below = "\n\n".join([words.text, *words.below])
        if _said(read(below, asked, rules)) == _said(reading):
            doubts = tuple(doubt for doubt in doubts if doubt not in _OF_WHAT_STANDS_BELOW)
    if any(_decides(read(sentence, asked, rules)) for sentence in words.among):
        doubts = (*doubts, "words-in-a-notice")
    if asked.context in _MONEY and reading.understood and reading.label != "none":
        spoken = "".join(c for c in words.text if unicodedata.category(c) not in _SIGNS)
        if spoken != words.text and _said(read(spoken, asked, rules)) != _said(reading):
            doubts = (*doubts, "sign-for-money")
    return doubts


def _decides(reading: Reading) -> bool:
    """It says yes or no, or on which condition: no notice does."""
    return reading.conditional or (reading.understood and reading.label in ("approve", "decline", "choose", "paid"))


def _said(reading: Reading) -> tuple[object, ...]:
    return reading.label, reading.option, reading.understood, reading.conditional
