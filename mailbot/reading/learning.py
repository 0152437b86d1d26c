"""Learning how sentences bear on a yes: the weights of reading/bearing, from labelled sentences.

Multinomial logistic regression (softmax), one sentence at a time with steps that shrink per weight (AdaGrad, Duchi et
al. 2011), in a fixed order: the same sentences and rules give the same weights. Features that occur once are left out,
so that no sentence is learned by heart.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from mailbot.reading.bearing import Part, chances, features, parts
from mailbot.reading.decision import Asked, heard_sentences
from mailbot.rules.bearing import KINDS, Kind, Weights
from mailbot.rules.replies import ReplyRules

ROUNDS = 8
STEP = 0.4
SHRINK = 1e-5  # of each weight at each step: what few sentences say counts little
OFTEN = 2  # how often a feature must occur
DIGITS = 2
Sample = tuple[Kind, Mapping[str, float]]


def samples(sentences: Sequence[tuple[Kind, str]], language: str, rules: ReplyRules) -> list[Sample]:
    """Each labelled sentence as its features, read as an answer to a milestone's approval."""
    asked = Asked("milestone_approval", locale=language)
    found: list[Sample] = []
    for kind, text in sentences:
        for sentence, clauses, spoken in heard_sentences(text, asked, rules):
            if spoken == language:
                found.extend((one, features(part)) for one, part in _labelled(kind, parts(sentence, clauses)))
    return found


def _labelled(kind: Kind, found: Sequence[Part]) -> Iterator[tuple[Kind, Part]]:
    """Of a sentence that says yes and something else, it is the rest that is an aside or the danger."""
    if len(found) == 1:
        yield kind, found[0]
        return
    yes, rest = found
    yield "consent", yes
    yield "danger" if kind == "danger" else "aside", rest


def learn(known: Sequence[Sample], progress: Callable[[], object]) -> Weights:
    """Weights from samples. `progress` is called after each of ROUNDS."""
    counts = Counter(name for _, found in known for name in found)
    kept = [(kind, {n: v for n, v in found.items() if counts[n] >= OFTEN}) for kind, found in known]
    rows = {name: [0.0] * len(KINDS) for name, count in sorted(counts.items()) if count >= OFTEN}
    steps = {name: [1e-6] * len(KINDS) for name in rows}
    bias, bias_steps = [0.0] * len(KINDS), [1e-6] * len(KINDS)
    now = Weights(rows, bias)
    for turn in range(ROUNDS):
        for at in _order(len(kept), turn):
            kind, found = kept[at]
            likely = chances(now, found)
            wrong = [getattr(likely, name) - (name == kind) for name in KINDS]
            for name, value in found.items():
                _step(rows[name], steps[name], wrong, value)
            _step(bias, bias_steps, wrong, 1.0)
        progress()
    return Weights({name: _rounded(row) for name, row in rows.items()}, _rounded(bias))


def _order(length: int, turn: int) -> list[int]:
    """Each turn in another order, and that always the same."""
    return sorted(range(length), key=lambda at: hashlib.md5(b"%d %d" % (turn, at), usedforsecurity=False).digest())


def _step(row: list[float], steps: list[float], wrong: Sequence[float], value: float) -> None:
    for at, error in enumerate(wrong):
        slope = error * value + SHRINK * row[at]
        steps[at] += slope * slope
        row[at] -= STEP * slope / math.sqrt(steps[at])


def _rounded(row: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(one, DIGITS) for one in row)
