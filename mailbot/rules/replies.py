"""rules/replies*.toml: the words and clauses by which a client's reply is understood, a file for each language.

A file holds words (classes of words and phrases), macros (patterns with a name) and rules (what a clause of that form
means). The meanings are a closed set, so a file can never invent an effect. English is `replies.toml`; the files of
other languages have the same form, and use English's macros and those of its rules that are marked `shared`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from mailbot.errors import ConfigError, Problem
from mailbot.rules import RuleModel, find, load, read_toml, shipped, validate

Meaning = Literal[
    "approve", "yes", "praise", "courtesy", "news", "agreed", "unrelated", "partial",
    "condition", "change", "decline", "stop", "question", "later", "hearsay", "receipt", "complaint", "sarcasm",
    "unsure", "paid", "paying", "not-paid", "fits", "elsewhen", "choice", "no-choice", "reject-all",
    "automatic", "unclear",
]  # fmt: skip
CASE_LABELS = Literal[
    "approve", "changes", "decline", "question", "none", "dispute", "choose", "paid", "confirm", "reschedule",
    "autoreply",
]  # fmt: skip
CONTEXTS = (
    "milestone_approval", "change_order", "issue_options", "invoice_reminder", "weekly_update", "fitting_availability",
)  # fmt: skip
Context = Literal[
    "milestone_approval", "change_order", "issue_options", "invoice_reminder", "weekly_update", "fitting_availability"
]
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "nl")


class Rule(RuleModel):
    """What a clause means: `whole` patterns must cover all of it, `part` patterns may occur anywhere in it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    means: Meaning
    whole: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    contexts: tuple[Context, ...] = ()
    shared: bool = False


class ReplyFile(RuleModel):
    """One language's rules. `words`: class -> phrases, separated by commas, `a(b|c)` for variants.

    `only`: the classes whose phrases exist only where this was asked, so that they are in nobody else's way.
    """

    language: str = Field(pattern=r"^[a-z]{2}$")
    words: dict[str, str] = Field(default_factory=dict)
    macros: dict[str, str] = Field(default_factory=dict)
    rewrite: dict[str, str] = Field(default_factory=dict)
    emoji: dict[str, str] = Field(default_factory=dict)
    fuzzy: tuple[str, ...] = ()
    only: dict[Context, tuple[str, ...]] = Field(default_factory=dict)
    rule: tuple[Rule, ...] = ()

    @field_validator("rewrite")
    @classmethod
    def _expressions(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern in value:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
        return value


class Case(RuleModel):
    """A reply and what it must be read as; `rules` names the rules that it is the case of."""

    text: str
    label: CASE_LABELS
    rules: tuple[str, ...] = ()
    context: Context = "milestone_approval"
    subject: str = ""
    options: tuple[str, ...] = ()
    option: int | None = None
    certain: bool | None = None


class CaseFile(RuleModel):
    case: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ReplyRules:
    """All languages' files, English first; compared by identity, so that what is compiled from it can be kept."""

    files: tuple[ReplyFile, ...]
    cases: tuple[tuple[str, Case], ...] = ()

    def file(self, language: str) -> ReplyFile:
        """The file of `language`; raises KeyError when there is none."""
        return next((f for f in self.files if f.language == language), None) or _missing(language)


def _missing(language: str) -> ReplyFile:
    raise KeyError(language)


def load_replies(folder: Path | None = None) -> ReplyRules:
    """The reply rules of all languages with their cases, each file the studio's own where `folder` has it.

    Raises ConfigError with all problems: wrong keys, two rules of one id, a rule without a case.
    """
    files: list[ReplyFile] = []
    cases: list[tuple[str, Case]] = []
    problems: list[Problem] = []
    for language in LANGUAGES:
        try:
            file, own = load_language(language, folder)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        files.append(file)
        cases.extend((language, case) for case in own)
    problems.extend(_twice(files))
    problems.extend(_uncovered(files, cases))
    if problems:
        raise ConfigError(problems)
    return ReplyRules(tuple(files), tuple(cases))


def load_language(language: str, folder: Path | None = None) -> tuple[ReplyFile, tuple[Case, ...]]:
    """One language's rules and cases. Raises ConfigError when a file is missing or wrong."""
    file = load(ReplyFile, file_name(language), folder)
    path = find(file_name(language, "cases"), folder)
    cases = validate(CaseFile, read_toml(path), path).case
    return file, cases


def file_name(language: str, part: str = "") -> str:
    """`replies.toml`, `replies.de.toml`, `replies.de.cases.toml`."""
    return ".".join(["replies", *([language] if language != "en" else []), *([part] if part else []), "toml"])


def _twice(files: list[ReplyFile]) -> Iterator[Problem]:
    for file in files:
        ids = [rule.id for rule in file.rule]
        for one in sorted({i for i in ids if ids.count(i) > 1}):
            yield Problem(f"two rules are called {one!r}", file_name(file.language), one, mend="rename one")


def _uncovered(files: list[ReplyFile], cases: list[tuple[str, Case]]) -> Iterator[Problem]:
    """Each rule must be named by a case of its own file, and each case must name rules that exist."""
    for file in files:
        name = file_name(file.language, "cases")
        known = {rule.id for rule in file.rule}
        covered = {rule for language, case in cases if language == file.language for rule in case.rules}
        for rule in file.rule:
            if rule.id not in covered:
                yield Problem(
                    f"the rule {rule.id!r} has no case", name, mend=f'add a [[case]] with rules = ["{rule.id}"]'
                )
        english = {rule.id for f in files if f.language == "en" for rule in f.rule}
        for one in sorted(covered - known - english):
            yield Problem(f"a case names the rule {one!r}, which does not exist", name, mend="name one that does")


__all__ = ["CONTEXTS", "LANGUAGES", "Case", "CaseFile", "ReplyFile", "ReplyRules", "Rule", "load_replies", "shipped"]
