"""Numbers in words: "seventy-five pounds" is a price like any other, "two" the same as 2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mailbot.reading.phrasing import CURRENCY
from mailbot.rules.replies import ReplyRules

HUNDRED, THOUSAND = 100, 1000
MOST_WORDS = 8  # in one number


@dataclass(frozen=True, slots=True)
class Numerals:
    """The words of a language's numbers; `spelt` finds those that name a price."""

    values: Mapping[str, int]
    spelt: re.Pattern[str] | None

    def words_of(self, number: int) -> Iterator[str]:
        """The words that mean this number."""
        return (word for word, value in self.values.items() if value == number)


@lru_cache(maxsize=32)
def numerals(rules: ReplyRules, language: str) -> Numerals:
    """The numbers of a language, from `[numerals]` of its file; none where it has none."""
    named = rules.file(language).numerals
    values = {word.strip(): int(value) for value, words in named.items() for word in words.split(",")}
    if not values:
        return Numerals({}, None)
    word, large = _either(values), _either(word for word, value in values.items() if value >= THOUSAND)
    more = rf"(?:(?:[ -]|[ ]and[ ])(?:{word})){{0,{MOST_WORDS}}}"
    spelt = rf"\b(?:(?:{word}){more}[ ](?:{large})\b{more}|(?:an?[ ])?(?:{word}){more}(?=\s?{CURRENCY}))"
    return Numerals(values, re.compile(spelt, re.I) if large else None)


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def in_digits(text: str, known: Numerals) -> str:
    """The text with its prices in digits: `two hundred and ten euros` -> `210 euros`, `two grand` -> `2000`."""
    return known.spelt.sub(lambda match: str(_value(match.group(), known.values)), text) if known.spelt else text


def _value(text: str, values: Mapping[str, int]) -> int:
    total = current = 0
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        value = values.get(word)
        if value is None:
            continue
        if value == THOUSAND:
            total, current = total + max(current, 1) * THOUSAND, 0
        elif value == HUNDRED:
            current = max(current, 1) * HUNDRED
        else:
            current += value
    return total + current
