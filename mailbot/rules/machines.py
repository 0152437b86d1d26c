"""rules/machines.toml: by which words and headers a machine's mail is told from a person's.

Each list holds phrases of one sense in all languages; `mailbot.reading.wording` says how they are compared. What
follows from a phrase (bounce, absence, ticket ...) is fixed in code. Beside it stands machines.cases.toml: each list
needs a case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from mailbot.errors import ConfigError, Problem
from mailbot.rules import RuleModel, find, read_toml, validate

FILE, CASES = "machines.toml", "machines.cases.toml"
Phrases = tuple[str, ...]
Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]


class Prefixes(RuleModel):
    """How a subject of a person begins who answers or passes a mail on, and the lines above what is passed on."""

    reply: Phrases
    forward: Phrases
    forwarded_below: Phrases


class Bounces(RuleModel):
    """Delivery reports, and the dialects of servers that write none in the form of RFC 3464."""

    daemons: Phrases
    postmasters: Phrases
    names: Phrases
    headers: Phrases
    subjects: Phrases
    failed: Phrases
    delayed: Phrases
    final: Phrases
    original_below: Phrases
    recipient_labels: Phrases
    original_labels: Phrases
    not_recipients: Phrases
    goes_on: Phrases
    actions: dict[str, Action]


class Absences(RuleModel):
    """Answers of those who are away.

    `subjects` and `says` alone tell; for `weak_subjects` and `phrases` the whole mail must fit: each sentence be one of
    `phrases` or `around` and none hold `own_words`.
    """

    subjects: Phrases
    weak_subjects: Phrases
    says: Phrases
    phrases: Phrases
    around: Phrases
    own_words: Phrases


class Returns(RuleModel):
    """How an absence says when it ends: words before (or, as in Japanese, after) a date."""

    languages: Phrases
    back_before: Phrases
    until_before: Phrases
    until_after: Phrases
    tomorrow: Phrases
    ordinals: Phrases


class Tickets(RuleModel):
    """Confirmations of helpdesks and forms."""

    subjects: Phrases
    phrases: Phrases


class Receipts(RuleModel):
    """Confirmations that a mail was read, where they are not reports (RFC 8098)."""

    subjects: Phrases
    phrases: Phrases


class Reactions(RuleModel):
    """An emoji set on a mail, which programs send as a mail."""

    types: Phrases
    subjects: Phrases


class Lists(RuleModel):
    """Lists and bulk mail: so many of the signs must come together."""

    signs: Phrases
    support: Phrases
    discussion: Phrases
    at_least: int = Field(ge=2, le=6)


class Complaints(RuleModel):
    """Complaints about us that a provider passes on without a report (RFC 5965)."""

    subjects: Phrases
    phrases: Phrases
    senders: Phrases


class MachineRules(RuleModel):
    """All of rules/machines.toml."""

    headers: Phrases
    hints: Phrases
    quiet: Phrases
    quiet_lists: Phrases
    authors: Phrases
    no_reply: Phrases
    prefixes: Prefixes
    bounces: Bounces
    absences: Absences
    returns: Returns
    tickets: Tickets
    receipts: Receipts
    reactions: Reactions
    lists: Lists
    complaints: Complaints

    @model_validator(mode="after")
    def _lists_are_sound(self) -> MachineRules:
        for key, phrases in phrase_lists(self):
            if not phrases:
                raise ValueError(f"{key} is empty")
            twice = sorted({p for p in phrases if phrases.count(p) > 1})
            if twice:
                raise ValueError(f"{key} holds {twice[0]!r} twice")
            bad = next((p for p in phrases if not p.strip(" *") or p != p.strip()), None)
            if bad is not None:
                raise ValueError(f"{key}: {bad!r} has no words or blanks at its ends")
        return self


class Failed(RuleModel):
    """A recipient that a case's mail reports on."""

    address: str
    action: Action = "failed"
    status: str | None = None


class MachineCase(RuleModel):
    """A mail and what it must be taken for. `covers` names the lists that it is the case of."""

    name: str
    kind: Literal["person", "automatic", "bounce", "calendar", "reaction", "own"]
    sender: str = Field(alias="from")
    subject: str = ""
    headers: Phrases = ()
    text: str = ""
    because: str = ""
    returns: date | None = None
    failed: tuple[Failed, ...] = ()
    quiet: bool = False  # of a person's mail: whether it is read and not answered
    covers: Phrases = ()

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, value: Phrases) -> Phrases:
        if any(":" not in line for line in value):
            raise ValueError("a header is written 'Name: value'")
        return value


class _CaseFile(RuleModel):
    case: tuple[MachineCase, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Machines:
    """The rules with their cases, checked against each other."""

    rules: MachineRules
    cases: tuple[MachineCase, ...]


def load_machines(folder: Path | None = None) -> Machines:
    """machines.toml and its cases, the studio's own where `folder` has them.

    Raises ConfigError with all problems: wrong keys, empty or doubled phrases, a list without a case.
    """
    path, cases_path = find(FILE, folder), find(CASES, folder)
    rules = validate(MachineRules, read_toml(path), path)
    cases = validate(_CaseFile, read_toml(cases_path), cases_path).case
    problems = list(_uncovered(rules, cases))
    if problems:
        raise ConfigError(problems)
    return Machines(rules, cases)


def phrase_lists(rules: RuleModel, prefix: str = "") -> Iterator[tuple[str, Phrases]]:
    """Every list of phrases with its key as it is written in the file (`absences.subjects`)."""
    for key in type(rules).model_fields:
        value = getattr(rules, key)
        if isinstance(value, RuleModel):
            yield from phrase_lists(value, f"{prefix}{key}.")
        elif isinstance(value, tuple):
            yield f"{prefix}{key}", value


def _uncovered(rules: MachineRules, cases: tuple[MachineCase, ...]) -> Iterator[Problem]:
    keys = [key for key, _ in phrase_lists(rules)]
    covered = {key for case in cases for key in case.covers}
    for key in keys:
        if key not in covered:
            yield Problem("this list has no case", CASES, key, mend="add a case whose `covers` names it")
    for key in sorted(covered - set(keys)):
        yield Problem("a case covers a list that there is not", CASES, key, mend="correct `covers`")
