"""How a sentence bears on a yes beside it: learned from labelled sentences, asked as a second opinion.

Rules say what a clause means; this weighs the whole sentence by its words and their classes, against thousands of
sentences that people write (rules/sentences.*.tsv): a yes itself, an aside that changes nothing, or a danger to the
yes. It can doubt what the rules found harmless, and find harmless what the rules did not understand; it never
overrules what a rule found to weigh against a yes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from mailbot.reading.clauses import Clause
from mailbot.reading.phrasing import Sentence, Token
from mailbot.rules.bearing import BearingRules, Limits, Weights, weights_of
from mailbot.rules.replies import Meaning

SIGNAL = 3.0  # a rule's finding weighs as much as so many words
MOST_CLASSES = 6
VALUES = frozenset(
    ("money", "sameprice", "number", "measure", "percent", "time", "isodate", "nth", "ref", "version", "phone", "mail")
)
NOTHING_SAID = frozenset[Meaning]({"praise", "courtesy", "news", "agreed", "unrelated"})
SAYS_YES = frozenset[Meaning]({"approve", "yes"})
A_YES = SAYS_YES | frozenset[Meaning]({"courtesy"})
HARMLESS = NOTHING_SAID | A_YES

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence, or a part of one, that is weighed: its tokens, whether it asks, what the rules made of it.

    `beside_yes`: another part of its sentence says yes.
    """

    tokens: tuple[Token, ...]
    asks: bool
    clauses: tuple[Clause, ...]
    beside_yes: bool = False


@dataclass(frozen=True, slots=True)
class Chances:
    """Of one sentence, each from 0 to 1, together 1."""

    aside: float
    consent: float
    danger: float


def second_opinion(
    clauses: Sequence[Clause], found: Sequence[Sentence], language_of: Mapping[int, str], rules: BearingRules
) -> list[Clause]:
    """The clauses, some with another meaning: `unclear` where they are doubted, `news` where they are understood after
    all. Sentences of a language of which nothing was learned stay as they are."""
    told: dict[int, Clause] = {}
    for number, sentence in enumerate(found):
        learned = weights(rules, language_of[number])
        for part in parts(sentence, [clause for clause in clauses if clause.sentence == number]) if learned else ():
            assert learned  # noqa: S101  else there are no parts
            likely = chances(learned, features(part))
            told |= {
                id(old): new for old, new in zip(part.clauses, _reconsidered(part, likely, rules.limits), strict=True)
            }
    return [told.get(id(clause), clause) for clause in clauses]


def parts(sentence: Sentence, clauses: Sequence[Clause]) -> list[Part]:
    """What is weighed: the sentence, or where it says yes and something else, the yes and the rest each for itself."""
    asks = "?" in sentence.end
    yes = tuple(clause for clause in clauses if clause.meaning in SAYS_YES)
    rest = tuple(clause for clause in clauses if clause.meaning not in SAYS_YES)
    if not (yes and rest):
        return [Part(sentence.tokens, asks, tuple(clauses))]
    return [Part(tuple(t for c in some for t in c.tokens), asks, some, some is rest) for some in (yes, rest)]


def _reconsidered(part: Part, likely: Chances, limits: Limits) -> Sequence[Clause]:
    own = part.clauses
    meanings = {clause.meaning for clause in own}
    if meanings <= HARMLESS:
        limit = limits.doubt_yes if meanings <= A_YES else limits.doubt
        return own if likely.danger < limit else [_as(clause, "unclear", "doubted") for clause in own]
    if meanings <= HARMLESS | {"unclear"} and likely.danger < limits.aside and _is_plain(part, limits):
        return [_aside(clause) if clause.meaning == "unclear" else clause for clause in own]
    return own


def _is_plain(part: Part, limits: Limits) -> bool:
    """It is long enough to say something, and nothing trails off, is left out or is somebody else's words. What
    stands in one sentence with a yes mostly qualifies it ("approved, payable in May")."""
    if part.beside_yes:
        return False
    words = sum(token.kind == "word" for token in part.tokens)
    return words >= limits.words and not any(token.text in limits.never_with for token in part.tokens)


def _aside(clause: Clause) -> Clause:
    """News; where it names a price, a date or a number it is compared with what was asked."""
    return _as(clause, "agreed" if any(token.kind in VALUES for token in clause.tokens) else "news", "aside")


def _as(clause: Clause, meaning: Meaning, rule: str) -> Clause:
    return replace(clause, meaning=meaning, rule=f"learned/{rule}", covered=meaning != "unclear")


@lru_cache(maxsize=16)
def weights(rules: BearingRules, language: str) -> Weights | None:
    """What was learned of a language; None when that is nothing."""
    return weights_of(rules.learned[language]) if language in rules.learned else None


def chances(learned: Weights, found: Mapping[str, float]) -> Chances:
    """Softmax of the weighted features."""
    sums = list(learned.bias)
    for name, value in found.items():
        for at, weight in enumerate(learned.weights.get(name, ())):
            sums[at] += weight * value
    most = max(sums)
    powers = [math.exp(one - most) for one in sums]
    return Chances(*(power / sum(powers) for power in powers))


def features(part: Part) -> dict[str, float]:
    """Words, pairs of words, classes and pairs of classes, and what the rules found; together of length 1."""
    words = [f"<{t.kind}>" if t.kind in VALUES else t.text for t in part.tokens] + ["?"] * part.asks
    names = {f"w:{word}": 1.0 for word in words}
    names |= {f"w:{a}_{b}": 1.0 for a, b in _pairs(words, "<", ">")}
    for clause in part.clauses:
        names |= {f"m:{clause.meaning}": SIGNAL, f"m:{clause.meaning}:{clause.covered}": SIGNAL}
        names[f"r:{clause.rule}"] = SIGNAL
        classes = [sorted(word.classes)[:MOST_CLASSES] for word in clause.words]
        names |= {f"c:{name}": 1.0 for one in classes for name in one}
        names |= {f"c:{a}_{b}": 1.0 for one, two in _pairs(classes, ["<"], [">"]) for a in one for b in two}
    length = math.sqrt(sum(value * value for value in names.values())) or 1.0
    return {name: value / length for name, value in names.items()}


def _pairs(row: Sequence[T], first: T, last: T) -> Iterable[tuple[T, T]]:
    return pairwise([first, *row, last])


__all__ = ["Chances", "Part", "chances", "features", "parts", "second_opinion", "weights"]
