"""`rules learn`: the weights of a language's second opinion, made of its labelled sentences and put beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from mailbot.adapters.disk import whole_file
from mailbot.reading.bearing import chances
from mailbot.reading.learning import Sample, learn, samples, samples_of_answers, samples_of_cases
from mailbot.rules import find
from mailbot.rules.bearing import (
    Limits,
    Weights,
    answers_name,
    as_text,
    read_answers,
    read_sentences,
    sentences_name,
    weights_name,
)
from mailbot.rules.replies import Case, ReplyRules

FOLD = 5  # every fifth sentence is kept back once, to see how far the others teach what it is


def learn_language(
    language: str, rules: ReplyRules, cases: Sequence[Case], folder: Path, progress: Callable[[], object]
) -> str:
    """Learn `language` from its sentences and answers and the `cases` of its rules, write the weights into `folder`
    (the studio's rules); what came of it, in a line.

    Raises ConfigError for a sentence or an answer without a label.
    """
    path = find(sentences_name(language), folder)
    if not path.is_file() or rules.bearing is None:
        return f"nothing to learn: there is no {path.name}"
    known = samples(read_sentences(path), language, rules)
    whole = find(answers_name(language), folder)
    answers = read_answers(whole) if whole.is_file() else ()
    taught = [*samples_of_cases(cases, language, rules), *samples_of_answers(answers, language, rules)]
    kept_back = known[::FOLD]
    tried = learn([*taught, *(one for at, one in enumerate(known) if at % FOLD)], progress)
    learned = learn([*taught, *known], progress)
    with whole_file(folder / weights_name(language)) as part:
        part.write_text(as_text(learned), "utf-8")
        part.chmod(0o644)
    through = _below(kept_back, "danger", tried, rules.bearing.limits)
    understood = _below(kept_back, "aside", tried, rules.bearing.limits)
    return (
        f"{len(known)} sentences, {len(answers)} answers, {len(learned.weights)} features; of the sentences kept back,"
        f" {understood:.0%} of the asides and {through:.1%} of the dangers count as harmless where no rule knows them"
    )


def _below(kept_back: list[Sample], kind: str, tried: Weights, limits: Limits) -> float:
    """The share of the sentences of a kind whose danger is below the limit of an aside."""
    of = [found for name, found in kept_back if name == kind]
    return sum(chances(tried, found).danger < limits.aside for found in of) / max(len(of), 1)
