"""Which language a reply is in, by the words that each language knows, and the spelling that is mended in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from mailbot.errors import ConfigError
from mailbot.reading.grammar import Grammars
from mailbot.reading.soundness import rewrite_problems
from mailbot.rules.replies import ReplyRules

MAIN_BONUS, HINT_BONUS = 0.15, 0.05  # in doubt a sentence is in the language of the rest, the rest in the client's
NEARLY_ALL, ENOUGH_WORDS = 0.8, 4  # so many words in common are no chance
MOST_WORDS = 300  # so many tell the language of a text
_WORDS = re.compile(r":[a-z_]+:|(?<=')[^\W\d_]\b|([^\W\d_]+'?)")

Rewrites = Sequence[tuple[re.Pattern[str], str]]


def words_of(text: str) -> list[str]:
    """The words of a plain text as they are typed; one before an apostrophe keeps it, one letter after it is none."""
    return [match[1].lower() for match in _WORDS.finditer(text) if match[1]][:MOST_WORDS]


def best_language(words: Iterable[str], made: Grammars, hint: str, main: str = "") -> str:
    """The language that knows most of these words; `main` and `hint` win where it is close.

    Where the first of them (else English) knows nearly all words, and where others cannot win any more, these are not
    even looked into.
    """
    words = list(words)
    first = main or hint or "en"
    if not words:
        return first
    if len(words) >= ENOUGH_WORDS and _share(words, made, first) >= NEARLY_ALL:
        return first
    best, best_rank = first, (-1.0, False, False, False)
    for language in dict.fromkeys((first, hint or "en", *made)):
        bonus = MAIN_BONUS if language == main else HINT_BONUS if language == hint else 0.0
        tie = (language == main, language == hint, language == "en")
        if (1 + bonus, *tie) > best_rank and (rank := (_share(words, made, language) + bonus, *tie)) > best_rank:
            best, best_rank = language, rank
    return best


def _share(words: Sequence[str], made: Grammars, language: str) -> float:
    known = made.vocabulary(language)
    return sum(known.knows(word) or (word[-1] == "'" and known.knows(word[:-1])) for word in words) / len(words)


@lru_cache(maxsize=32)
def rewrites(rules: ReplyRules, language: str) -> Rewrites:
    """What mends the spelling of a text in this language: its own rules, then those for all. Raises ConfigError."""
    file = rules.file(language)
    if problems := rewrite_problems(file):
        raise ConfigError(problems)
    everywhere = [pair for one in rules.files for pair in one.everywhere.items()]
    return tuple((re.compile(old, re.I), new) for old, new in (*file.rewrite.items(), *everywhere))


def rewritten(text: str, mended: Rewrites) -> str:
    """The text with its spelling mended."""
    for pattern, new in mended:
        text = pattern.sub(new, text)
    return text
