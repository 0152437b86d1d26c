"""Learning how sentences bear on a yes: the weights of reading/bearing, from labelled sentences.

Multinomial logistic regression (softmax), one sentence at a time with steps that shrink per weight (AdaGrad, Duchi et
al. 2011), in a fixed order: the same sentences and rules give the same weights. Features that occur once are left out,
so that no sentence is learned by heart.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mailbot.reading.bearing import HARMLESS, SAYS_YES, Part, chances, features, parts
from mailbot.reading.decision import Asked, heard_sentences
from mailbot.rules.bearing import KINDS, Answer, Kind, Weights
from mailbot.rules.replies import Case, ReplyRules

ROUNDS = 8
STEP = 0.4
SHRINK = 1e-5  # of each weight at each step: what few sentences say counts little
TAUGHT = 3  # how often a case is told
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


def samples_of_cases(cases: Iterable[Case], language: str, rules: ReplyRules) -> list[Sample]:
    """The cases beside the rules as samples, each several times: what a rule stands for is not to be doubted."""
    found: list[Sample] = []
    for case in cases:
        if rules.bearing is None or case.context not in rules.bearing.limits.contexts:
            continue
        asked = Asked(case.context, case.subject, locale=language)
        said = [one for one in heard_sentences(case.text, asked, rules) if one[2] == language]
        for sentence, clauses, _ in said if case.label == "approve" or len(said) == 1 else ():
            if case.label != "approve" and all(clause.meaning in HARMLESS for clause in clauses):
                continue  # praise alone is no yes, but no danger to one
            weighed = parts(sentence, clauses)
            for kind, part in _labelled(_kind(case, weighed, len(said)), weighed):
                found.extend([(kind, features(part))] * TAUGHT)
    return found


def _kind(case: Case, weighed: Sequence[Part], sentences: int) -> Kind:
    if case.label != "approve":
        return "danger"
    return "consent" if any(map(_says_yes, weighed)) or sentences == 1 else "aside"


def _labelled(kind: Kind, found: Sequence[Part]) -> Iterator[tuple[Kind, Part]]:
    """Of a sentence that says yes and something else, it is the rest that is an aside or the danger."""
    if len(found) == 1:
        yield kind, found[0]
        return
    yes, rest = found
    yield "consent", yes
    yield "danger" if kind == "danger" else "aside", rest


def samples_of_answers(answers: Iterable[Answer], language: str, rules: ReplyRules) -> list[Sample]:
    """The sentences of whole answers as samples: what says yes in a plain yes, and what makes another answer none: the
    sentence that stands alone, or alone beside a yes.

    What stands beside a plain yes is not taught: "ninety by sixty" is harmless where it was agreed, and only there.
    """
    found: list[Sample] = []
    for answer in answers:
        heard = heard_sentences(answer.text, Asked(answer.context, locale=language), rules)
        every = [part for sentence, clauses, _ in heard for part in parts(sentence, clauses)]
        rest = [part for part in every if not _says_yes(part)]
        if answer.yes:
            found.extend(("consent", features(part)) for part in every if len(every) == 1 or _says_yes(part))
        elif len(rest) == 1 or len(every) == 1:
            found.append(("danger", features((rest or every)[0])))
    return found


def _says_yes(part: Part) -> bool:
    return any(clause.meaning in SAYS_YES for clause in part.clauses)


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
