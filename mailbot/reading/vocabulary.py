"""The words of a language as a set: enough to tell which language a sentence is in, before any grammar is compiled.

Slips of one letter in the file's `fuzzy` words count as these words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.reading.patterns import PIECES, WORD
from mailbot.rules.replies import ReplyFile

NAMES = frozenset({"forename", "vorname"})  # people are called so in any language
SHORTEST_FUZZY = 6
SHORTEST_SLIP = 4
_TOKENS = re.compile(r":[a-z_]+:|[^\W\d_]+'(?=\s|$)|[^\W\d_]+|\d+%?|[^\s\w]")
_INNERMOST = re.compile(r"\(([^()]*)\)")
_ESCAPES = re.compile(r"\\[a-zA-Z]|\(\?\S")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words with which phrases begin, and by their first letter those of which a slip is forgiven."""

    words: frozenset[str]
    fuzzy: dict[str, list[str]] = field(default_factory=dict)

    def knows(self, word: str) -> bool:
        """Whether a phrase begins with this word, rightly spelt or not."""
        return word in self.words or self.meant(word) is not None

    def meant(self, word: str) -> str | None:
        """The fuzzy word of which this is a slip; None when it is none."""
        if len(word) < SHORTEST_SLIP:
            return None
        return next((known for known in self.fuzzy.get(word[0], ()) if _slipped(word, known)), None)


def vocabulary(file: ReplyFile) -> Vocabulary:
    """The vocabulary of one language."""
    words = {first for name, text in file.words.items() if name not in NAMES for first in _first_words(text)}
    words |= spelt_words(file)
    for pattern in file.rewrite:  # what its own rewrites mend is of this language, too
        words.update(re.findall(r"[^\W\d_]{2,}", _ESCAPES.sub(" ", pattern)))
    words |= {without_accents(word) for word in words}
    fuzzy: dict[str, list[str]] = {}
    for name in file.fuzzy:
        for phrase in phrases(file.words.get(name, "")):
            for word in dict.fromkeys((phrase[0], without_accents(phrase[0]))):
                if len(phrase) == 1 and len(word) >= SHORTEST_FUZZY:
                    fuzzy.setdefault(word[0], []).append(word)
    return Vocabulary(frozenset(words), fuzzy)


def spelt_words(file: ReplyFile) -> set[str]:
    """The words that patterns spell out."""
    patterns = [pattern for rule in file.rule for pattern in (*rule.whole, *rule.part)]
    return {
        piece
        for pattern in (*patterns, *file.macros.values())
        for piece in PIECES.findall(pattern)
        if WORD.fullmatch(piece)
    }


def phrases(text: str) -> Iterator[tuple[str, ...]]:
    """The phrases of a class, each as its words; commas separate them, `go(es|) ahead` writes variants."""
    for part in text.split(","):
        for phrase in _expand(part) if "(" in part else (part,):
            words = phrase.split()
            if words:
                yield tuple(words) if "".join(words).isalpha() else tuple(_TOKENS.findall(phrase.strip()))


def _first_words(text: str) -> Iterator[str]:
    for part in text.split(","):
        head = part.strip()
        head = _head(head) if "(" in head else head.partition(" ")[0]
        for word in _expand(head) if "(" in head else (head,):
            first = word if word.isalpha() else next(iter(_TOKENS.findall(word)), "")
            if first:
                yield first


def _head(phrase: str) -> str:
    """The phrase up to the end of its first word; all of it where that word is one of several variants."""
    depth = 0
    for at, char in enumerate(phrase):
        depth += (char == "(") - (char == ")")
        if char == " " and not depth:
            return phrase if phrase.startswith("(") else phrase[:at]
    return phrase


def _expand(phrase: str) -> Iterator[str]:
    match = _INNERMOST.search(phrase)
    if not match:
        yield phrase
        return
    before, after = phrase[: match.start()], phrase[match.end() :]
    for one in match[1].split("|"):
        yield from _expand(before + one + after)


def without_accents(word: str) -> str:
    """`aprobación` -> `aprobacion`: as people type who have no such keys."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _slipped(form: str, word: str) -> bool:
    """Whether `form` is `word` with one letter after the first missing, doubled or swapped with its neighbour."""
    more = len(form) - len(word)
    if not -1 <= more <= 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(form, word, strict=False)) if a != b), min(len(form), len(word)))
    if at == 0:
        return False
    if more < 0:
        return form[at:] == word[at + 1 :]
    if more > 0:
        return at > 1 and form[at] == form[at - 1] and form[at + 1 :] == word[at:]
    return form[at : at + 2] == word[at : at + 2][::-1] and form[at + 2 :] == word[at + 2 :]
