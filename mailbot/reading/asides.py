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


def classes(names: str) -> frozenset[str]:
    """Names of classes, as they are written in a row."""
    return frozenset(names.split())


HARD = classes(
    """hard astray if except want compar hold decline hear hedge sarc complain auto terms bad neg no later question
    changev approve approvd appn go strongyes confirm please measure percent arrow version ref plus phone mail ask
    payv"""
)
WORK = classes("work objn subject stuff asis sameprice part")
LIFE = classes("life home food folk topic weather")
HUMAN = classes("human person forename title name")
PEOPLE = HUMAN | {"me", "you"}
HELPING = classes("be have do was")
EVIDENCE = LIFE | {"act", "did", "state", "away", "human", "person", "forename"}
QUIET = HELPING | classes(
    """func timey intens interj greet thanks bye comma mark dots and so but of det poss weekday month time nth isodate
    ps attr loud when grumble aside aux notv link polite our joint fair"""
)
COUNTS = frozenset({"number", "qty"})
WHEN = frozenset({"timey", "weekday", "month", "time"})
GOOD = frozenset({"good", "praise"})
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


def one_of(units: Sequence[Unit], names: Set[str]) -> bool:
    return any(unit.of(names) for unit in units)


def unknown_words(units: Sequence[Unit]) -> int:
    """How many words are unknown; a name in the middle of a sentence is none."""
    return sum(unit.unknown and not (unit.capital and at) for at, unit in enumerate(units))


def names_the_work(units: Sequence[Unit]) -> bool:
    """`it`, `that`, `them`: not where it only points at a time or a person ("this week", "that dog")."""
    for at, unit in enumerate(units):
        if unit.of({"meansit"}):
            after = units[at + 1 : at + 3]
            if unit.text == "it" and at == 0 and is_weather(units):
                continue
            if unit.text not in ("this", "that", "these", "those") or not one_of(after, LIFE | HUMAN | WHEN):
                return True
    return False


def counted(units: Sequence[Unit]) -> bool:
    """Numbers count people, things of life or time: "64 people", "two dogs", never "14" alone."""
    for at, unit in enumerate(units):
        if unit.of(COUNTS) and not unit.of({"timey"}):
            after = next((u for u in units[at + 1 :] if not u.of({"intens", "attr", "and"})), None)
            hour = after is None and at > 0 and units[at - 1].of({"conn"})
            if not hour and (after is None or not after.of(EVIDENCE | WHEN)):
                return False
    return True


def is_weather(units: Sequence[Unit]) -> bool:
    """`it is raining`, `it has been a mad week`."""
    if units[0].text != "it" or len(units) < 3 or not units[1].of(HELPING | {"notv"}) or unknown_words(units):
        return False
    rest = units[2:]
    return one_of(rest, LIFE | WHEN) and all(u.of(QUIET | LIFE | {"act"}) for u in rest if not u.of({"state"}))
