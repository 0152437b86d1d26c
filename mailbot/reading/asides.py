"""A clause that no rule covers, weighed by how it is built: is it about people and their lives, or about the work?

Nobody can list what people write beside their yes. What can be told is who a clause is about and what it says of them:
`Poppy is spinning round the kitchen` is news though half of its words are unknown, because a person does something and
neither the ordered thing nor the decision is named. Of the thing itself only praise is harmless. What weighs against an
approval (a wish, a condition, a doubt, a change, somebody else's say) stops both, wherever it stands.
The classes of words are those of rules/replies.words.toml, with the ones of rules/replies.toml where that has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from mailbot.reading.grammar import Grammar, Word
from mailbot.reading.phrasing import Token
from mailbot.reading.vocabulary import phrases
from mailbot.rules.replies import ReplyRules

ABOUT_THE_WORK = frozenset({"work"})
THEMES = frozenset({"home", "food"})  # news only where the order is nothing of the kind
NOT_THEMED = frozenset({"human", "timey", "func", "state", "act", "hard", "person", "good"})
# the classes that say what a word is; the others only say where it may stand, and leave it what it is in replies.toml
TELLING = frozenset(
    {
        "func", "timey", "act", "state", "life", "home", "food", "human", "good", "link", "aux", "notv", "work", "hard",
        "astray", "meansit", "idiom", "fond", "concession", "nostop",
    }
)  # fmt: skip
# what replies.toml knows of a word stays known where the vocabulary of asides has it as well
KEPT = frozenset(
    {
        "me", "you", "person", "poss", "it", "forename", "title", "be", "have", "do", "was", "det", "weekday", "month",
        "love", "interj", "intens", "all", "qty", "praise",
    }
)  # fmt: skip
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Classes of words and phrases; `longest`: the length of the longest phrase that begins with a word."""

    classes: Mapping[Phrase, frozenset[str]]
    longest: Mapping[str, int]


NOTHING_KNOWN = Lexicon({}, {})


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or phrase of a clause with all that is known of it; `capital`: written as names are."""

    text: str
    classes: frozenset[str]
    capital: bool = False

    @property
    def unknown(self) -> bool:
        return not self.classes or self.classes <= {"unknown"}

    @property
    def named(self) -> bool:
        return self.unknown and self.capital

    def of(self, names: Set[str]) -> bool:
        """Whether it is of one of these classes."""
        return not self.classes.isdisjoint(names)


def classes(names: str) -> frozenset[str]:
    """Names of classes, as they are written in a row."""
    return frozenset(names.split())


@lru_cache(maxsize=32)
def lexicon(rules: ReplyRules, language: str) -> Lexicon:
    """The vocabulary of asides in this language; an empty one where there is none."""
    found: dict[Phrase, set[str]] = {}
    for name, text in rules.asides.get(language, {}).items():
        for phrase in phrases(text):
            found.setdefault(phrase, set()).add(name)
    longest: dict[str, int] = {}
    for phrase in found:
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return Lexicon({phrase: frozenset(names) for phrase, names in found.items()}, longest)


def units_of(
    words: Sequence[Word], tokens: Sequence[Token], grammar: Grammar, known: Lexicon, subject: frozenset[str]
) -> list[Unit]:
    """The words of a clause (a stretch of a sentence's `tokens`) as units; `subject`: the words of the mail's subject.

    A phrase of the vocabulary wins over one of the grammar that is not longer.
    """
    themes = {name for word in subject for name in known.classes.get((word,), ()) if name in THEMES}
    starts = {word.start: word for word in words}
    found: list[Unit] = []
    at, end = words[0].start, words[-1].end
    while at < min(end, len(tokens)):
        length = _phrase_length(tokens, at, end, known)
        word = starts.get(at)
        if length and (word is None or length >= word.end - word.start):
            unit = _known_unit(tokens[at : at + length], grammar, known)
        elif word is not None:
            length = word.end - word.start
            unit = Unit(" ".join(t.text for t in tokens[at : word.end]), word.classes, tokens[at].name)
        else:
            lexeme = grammar.lexemes.get((tokens[at].text,))
            length, unit = 1, Unit(tokens[at].text, lexeme.classes if lexeme else frozenset(), tokens[at].name)
        found.append(_in_thread(unit, subject, themes))
        at += length
    if words[-1].start >= len(tokens):  # a question mark stands behind the tokens
        found.append(Unit("?", words[-1].classes))
    return found


def _phrase_length(tokens: Sequence[Token], at: int, end: int, known: Lexicon) -> int:
    for length in range(min(known.longest.get(tokens[at].text, 0), end - at), 0, -1):
        if tuple(token.text for token in tokens[at : at + length]) in known.classes:
            return length
    return 0


def _known_unit(tokens: Sequence[Token], grammar: Grammar, known: Lexicon) -> Unit:
    phrase = tuple(token.text for token in tokens)
    lexeme, names = grammar.lexemes.get(phrase), known.classes[phrase]
    grammars_own = lexeme.classes if lexeme else frozenset[str]()
    kept = grammars_own & KEPT if names & TELLING else grammars_own
    return Unit(" ".join(phrase), names | kept, tokens[0].name)


def _in_thread(unit: Unit, subject: frozenset[str], themes: set[str]) -> Unit:
    """What the subject names, and what is of its kind, is the work in this thread."""
    if unit.classes & NOT_THEMED:
        return unit
    if unit.text in subject or unit.classes & themes:
        return Unit(unit.text, ABOUT_THE_WORK, unit.capital)
    return unit
