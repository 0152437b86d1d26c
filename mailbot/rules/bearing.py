"""rules/bearing*: how far the second opinion on a sentence goes, and what it has learned from labelled sentences.

`bearing.toml` holds the limits, `sentences.LANGUAGE.tsv` the labelled sentences (a kind, a tab, the sentence) and
`bearing.LANGUAGE.json` the weights that `mailbot rules learn` made of them. A language may have none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from mailbot.errors import ConfigError, Problem
from mailbot.rules import RuleModel, find, load

Kind = Literal["aside", "consent", "danger"]
KINDS: tuple[Kind, ...] = ("aside", "consent", "danger")
DANGERS = ("changes", "decline", "question", "none", "dispute")  # labels of sentences that are dangers to a yes
Context = Literal["milestone_approval", "change_order"]


class Limits(RuleModel):
    """Chances from 0 to 1; bearing.toml says what each is for."""

    contexts: tuple[Context, ...]
    doubt: float = Field(gt=0, le=1)
    doubt_yes: float = Field(gt=0, le=1)
    aside: float = Field(ge=0, lt=0.5)
    words: int = Field(ge=1)
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class BearingRules:
    """`learned`: language -> the JSON of its weights, read when the language is first met."""

    limits: Limits
    learned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned of one language: feature -> a weight for each of KINDS, in that order."""

    weights: Mapping[str, Sequence[float]]
    bias: Sequence[float]


def load_bearing(languages: Sequence[str], folder: Path | None = None) -> BearingRules:
    """The limits and what was learned, each file the studio's own where `folder` has it. Raises ConfigError."""
    limits = load(Limits, "bearing.toml", folder)
    paths = {language: find(weights_name(language), folder) for language in languages}
    return BearingRules(limits, {name: path.read_text("utf-8") for name, path in paths.items() if path.is_file()})


def weights_name(language: str) -> str:
    return f"bearing.{language}.json"


def sentences_name(language: str) -> str:
    return f"sentences.{language}.tsv"


def weights_of(text: str) -> Weights:
    """The JSON of a weights file as data. Raises ValueError, KeyError when it is none."""
    found = json.loads(text)
    return Weights(found["weights"], found["bias"])


def as_text(weights: Weights) -> str:
    """Weights as the JSON of their file, a feature a line, so that changes can be seen."""
    rows = ",\n".join(f"{json.dumps(name, ensure_ascii=False)}:{list(row)}" for name, row in weights.weights.items())
    return f'{{"bias":{list(weights.bias)},"weights":{{\n{rows}\n}}}}\n'


def read_sentences(path: Path) -> tuple[tuple[Kind, str], ...]:
    """The labelled sentences of a file. Raises ConfigError with every line that is wrong."""
    problems: list[Problem] = []
    found: list[tuple[Kind, str]] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        label, tab, sentence = line.partition("\t")
        kind: Kind | None = "danger" if label in DANGERS else next((one for one in KINDS[:2] if one == label), None)
        if kind and tab and sentence.strip():
            found.append((kind, sentence.strip()))
        elif line.strip():
            mend = f"write one of {', '.join((*KINDS[:2], *DANGERS))}, a tab, the sentence"
            problems.append(Problem(f"is no labelled sentence: {line[:60]!r}", str(path), line=number, mend=mend))
    if problems:
        raise ConfigError(problems)
    return tuple(found)
