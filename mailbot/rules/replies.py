"""rules/replies*.toml: the words and clauses by which a client's reply is understood, a file for each language.

A file holds words (classes of words and phrases), macros (patterns with a name) and rules (what a clause of that form
means). The meanings are a closed set, so a file can never invent an effect. English is `replies.toml`; the files of
other languages have the same form, and use English's macros and those of its rules that are marked `shared`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from mailbot.errors import ConfigError, Problem
from mailbot.rules import RuleModel, find, load
from mailbot.rules.bearing import BearingRules, load_bearing

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

    `rewrite` mends the spelling of texts in this language, `everywhere` that of all texts; `emoji` names pictures.
    `only`: the classes whose phrases exist only where this was asked, so that they are in nobody else's way. `beside`:
    where this was asked a clause that is not understood takes nothing from an answer beside it unless it has a word of
    one of these classes.
    """

    language: str = Field(pattern=r"^[a-z]{2}$")
    words: dict[str, str] = Field(default_factory=dict)
    macros: dict[str, str] = Field(default_factory=dict)
    rewrite: dict[str, str] = Field(default_factory=dict)
    everywhere: dict[str, str] = Field(default_factory=dict)
    emoji: dict[str, str] = Field(default_factory=dict)
    fuzzy: tuple[str, ...] = ()
    numerals: dict[Annotated[str, Field(pattern=r"^[0-9]{1,4}$")], str] = Field(default_factory=dict)
    only: dict[Context, tuple[str, ...]] = Field(default_factory=dict)
    beside: dict[Context, tuple[str, ...]] = Field(default_factory=dict)
    rule: tuple[Rule, ...] = ()


class WordFile(RuleModel):
    """The vocabulary by which a clause is weighed that no rule of its language covers: class -> words and phrases."""

    language: str = Field(pattern=r"^[a-z]{2}$")
    words: dict[str, str] = Field(default_factory=dict)


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
    asides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language -> class -> words and phrases
    bearing: BearingRules | None = None  # the second opinion; None: the rules alone

    def file(self, language: str) -> ReplyFile:
        """The file of `language`; raises KeyError when there is none."""
        return next((f for f in self.files if f.language == language), None) or _missing(language)


def _missing(language: str) -> ReplyFile:
    raise KeyError(language)


def load_replies(folder: Path | None = None) -> ReplyRules:
    """The reply rules of all languages, each file the studio's own where `folder` has it, without their cases.

    Raises ConfigError with all problems: wrong keys, two rules of one id. Patterns are looked at by `rules check`.
    """
    files: list[ReplyFile] = []
    problems: list[Problem] = []
    for language in LANGUAGES:
        try:
            files.append(load(ReplyFile, file_name(language), folder))
        except ConfigError as error:
            problems.extend(error.problems)
    asides = _asides(folder, problems)
    bearing: BearingRules | None = None
    try:
        bearing = load_bearing(LANGUAGES, folder)
    except ConfigError as error:
        problems.extend(error.problems)
    problems.extend(_twice(files))
    if problems:
        raise ConfigError(problems)
    return ReplyRules(tuple(files), asides, bearing)


def _asides(folder: Path | None, problems: list[Problem]) -> dict[str, dict[str, str]]:
    """The vocabularies of asides by language; a language may have none."""
    found: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        name = file_name(language, "words")
        if not find(name, folder).is_file():
            continue
        try:
            found[language] = load(WordFile, name, folder).words
        except ConfigError as error:
            problems.extend(error.problems)
    return found


def load_reply_cases(rules: ReplyRules, folder: Path | None = None) -> tuple[tuple[str, Case], ...]:
    """The cases of all languages, each with its language.

    Raises ConfigError with all problems: wrong keys, a rule without a case, a case of a rule that does not exist.
    """
    cases: list[tuple[str, Case]] = []
    problems: list[Problem] = []
    for file in rules.files:
        try:
            found = load(CaseFile, file_name(file.language, "cases"), folder)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        cases.extend((file.language, case) for case in found.case)
        problems.extend(_uncovered(file, rules.files[0], found.case))
    if problems:
        raise ConfigError(problems)
    return tuple(cases)


def file_name(language: str, part: str = "") -> str:
    """`replies.toml`, `replies.de.toml`, `replies.de.cases.toml`."""
    return ".".join(["replies", *([language] if language != "en" else []), *([part] if part else []), "toml"])


def _twice(files: list[ReplyFile]) -> Iterator[Problem]:
    for file in files:
        ids = [rule.id for rule in file.rule]
        for one in sorted({i for i in ids if ids.count(i) > 1}):
            yield Problem(f"two rules are called {one!r}", file_name(file.language), one, mend="rename one")


def _uncovered(file: ReplyFile, english: ReplyFile, cases: tuple[Case, ...]) -> Iterator[Problem]:
    """Each rule must be named by a case of its own file, and each case must name rules that exist."""
    name = file_name(file.language, "cases")
    known = {rule.id for rule in file.rule}
    covered = {rule for case in cases for rule in case.rules}
    for one in sorted(known - covered):
        yield Problem(f"the rule {one!r} has no case", name, mend=f'add a [[case]] with rules = ["{one}"]')
    for one in sorted(covered - known - {rule.id for rule in english.rule}):
        yield Problem(f"a case names the rule {one!r}, which does not exist", name, mend="name one that does")
