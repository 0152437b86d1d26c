"""Labelled replies run through the reader and counted: for `rules test`, `check` and the tests.

Cases are dicts in the form of the labelled samples (JSON Lines): id, context, subject, text, label, safe_labels, and
options, option, certain, lang where they apply. Right is the label or a safe one; a false approval, choice or payment
is one that was read where it is not the label, or another option.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailbot.reading.decision import Asked, Reading, read
from mailbot.reading.own_words import own_words_of_text
from mailbot.rules.replies import Case, ReplyRules
from mailbot.rules.words import WordRules


@dataclass(frozen=True, slots=True)
class Result:
    """One case: what was expected, what was read, and whether that is right or false in a way that costs a customer."""

    id: str
    expected: str
    safe: tuple[str, ...]
    reading: Reading
    option: int | None
    text: str

    @property
    def right(self) -> bool:
        if self.reading.label == "choose":
            return self.expected == "choose" and self.reading.option == self.option
        return self.reading.label == self.expected or self.reading.label in self.safe

    def false(self, label: str) -> bool:
        """Whether `label` (approve, choose, paid) was read where it is not right."""
        return self.reading.label == label and (
            self.expected != label or (label == "choose" and self.reading.option != self.option)
        )


@dataclass(frozen=True, slots=True)
class Score:
    """The results of many cases, in their order."""

    results: tuple[Result, ...]

    @property
    def right(self) -> int:
        return sum(result.right for result in self.results)

    def false(self, label: str) -> list[str]:
        return [result.id for result in self.results if result.false(label)]

    def share(self, label: str) -> float:
        """Of the cases with this label, how many are read as just that (1.0 when there are none)."""
        of = [result for result in self.results if result.expected == label]
        return sum(result.right and result.reading.label == label for result in of) / len(of) if of else 1.0

    def confusion(self) -> Counter[tuple[str, str]]:
        """How often (expected, got) came."""
        return Counter((result.expected, result.reading.label) for result in self.results)

    def as_json(self) -> dict[str, Any]:
        """The form of `rules test --json`."""
        return {
            "cases": len(self.results),
            "right": self.right,
            "false_approvals": self.false("approve"),
            "false_choices": self.false("choose"),
            "false_payments": self.false("paid"),
            "results": [
                {
                    "id": r.id,
                    "expected": r.expected,
                    "got": r.reading.label,
                    "option": r.reading.option,
                    "because": r.reading.because,
                }
                for r in self.results
            ],
        }


def score(cases: Iterable[Mapping[str, Any]], rules: ReplyRules, words: WordRules | None = None) -> Score:
    """Each labelled case read by `rules`. Raises KeyError for a case without context, text or label.

    `words` are the rules that find the own words of each text, as of a mail; without them the text is taken as it is.
    """
    return Score(tuple(_run(_typed(case, words) if words else case, rules) for case in cases))


def _typed(case: Mapping[str, Any], words: WordRules) -> Mapping[str, Any]:
    return {**case, "text": own_words_of_text(case["text"], words).text}


def score_rule_cases(cases: Sequence[tuple[str, Case]], rules: ReplyRules) -> Score:
    """The cases that stand beside the rules, each under its language; ids are `language/number`."""
    rows = (
        {"id": f"{language}/{i}", **case.model_dump(), "lang": language} for i, (language, case) in enumerate(cases, 1)
    )
    return score(rows, rules)


def _run(case: Mapping[str, Any], rules: ReplyRules) -> Result:
    asked = Asked(
        case["context"], case.get("subject") or "", tuple(case.get("options") or ()), locale=case.get("lang") or None
    )
    reading = read(case["text"], asked, rules)
    return Result(
        str(case.get("id", "")), case["label"], tuple(case.get("safe_labels") or ()), reading, case.get("option"),
        case["text"],
    )  # fmt: skip
