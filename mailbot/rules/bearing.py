"""rules/bearing*: how far the second opinion on a sentence goes, and what it has learned from labelled sentences.

`bearing.toml` holds the limits, `sentences.LANGUAGE.tsv` labelled sentences (a label, a tab, the sentence),
`answers.LANGUAGE.tsv` whole labelled answers (a label, what was asked, the answer, tabs between) and
`bearing.LANGUAGE.json` the weights that `mailbot rules learn` made of them. A language may have none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar, get_args

from pydantic import Field

from mailbot.errors import ConfigError, Problem
from mailbot.rules import RuleModel, find, load

Kind = Literal["aside", "consent", "danger"]
KINDS: tuple[Kind, ...] = ("aside", "consent", "danger")
DANGERS = ("changes", "decline", "question", "none", "dispute")  # labels of sentences that are dangers to a yes
Context = Literal["milestone_approval", "change_order"]
LINE_BREAK = " / "  # how it stands in a file of answers

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole labelled answer: whether it is a plain yes, what had been asked, what was typed."""

    yes: bool
    context: Context
    text: str


def load_bearing(languages: Sequence[str], folder: Path | None = None) -> BearingRules:
    """The limits and what was learned, each file the studio's own where `folder` has it. Raises ConfigError."""
    limits = load(Limits, "bearing.toml", folder)
    paths = {language: find(weights_name(language), folder) for language in languages}
    return BearingRules(limits, {name: path.read_text("utf-8") for name, path in paths.items() if path.is_file()})


def weights_name(language: str) -> str:
    return f"bearing.{language}.json"


def sentences_name(language: str) -> str:
    return f"sentences.{language}.tsv"


def answers_name(language: str) -> str:
    return f"answers.{language}.tsv"


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
    mend = f"write one of {', '.join((*KINDS[:2], *DANGERS))}, a tab, the sentence"
    return _read_lines(path, _sentence, "sentence", mend)


def _sentence(columns: Sequence[str]) -> tuple[Kind, str] | None:
    label, text = columns if len(columns) == 2 else ("", "")
    kind: Kind | None = "danger" if label in DANGERS else next((one for one in KINDS[:2] if one == label), None)
    return (kind, text.strip()) if kind and text.strip() else None


def read_answers(path: Path) -> tuple[Answer, ...]:
    """The labelled answers of a file. Raises ConfigError with every line that is wrong."""
    labels, contexts = ", ".join(("approve", *DANGERS)), ", ".join(get_args(Context))
    mend = f"write one of {labels}, one of {contexts}, the answer; tabs between"
    return _read_lines(path, _answer, "answer", mend)


def _answer(columns: Sequence[str]) -> Answer | None:
    label, asked, text = columns if len(columns) == 3 else ("", "", "")
    context: Context | None = next((one for one in get_args(Context) if one == asked), None)
    if label not in ("approve", *DANGERS) or context is None or not text.strip():
        return None
    return Answer(label == "approve", context, text.strip().replace(LINE_BREAK, "\n"))


def _read_lines(path: Path, read: Callable[[Sequence[str]], T | None], what: str, mend: str) -> tuple[T, ...]:
    problems: list[Problem] = []
    found: list[T] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        one = read(line.split("\t")) if line.strip() else None
        if one is not None:
            found.append(one)
        elif line.strip():
            problems.append(Problem(f"is no labelled {what}: {line[:60]!r}", str(path), line=number, mend=mend))
    if problems:
        raise ConfigError(problems)
    return tuple(found)
