"""rules/commands.toml against its cases: each line means what its case says, every rule has a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import Field

from mailbot.errors import Problem
from mailbot.orders.commands import Command, Misfit, Place, client_says, parse
from mailbot.orders.survey import rating_of
from mailbot.rules import RuleModel, load
from mailbot.rules.commands import CommandRules

CASES = "commands.cases.toml"
TODAY = date(2026, 1, 5)
NAMES = ("Ann Lee", "Sam Ortiz")  # the client and the account manager of the cases


class Case(RuleModel):
    line: str
    means: str | None = None
    args: dict[str, str] = Field(default_factory=dict)
    inside: str | None = None
    locale: str = "en_US"


class ClientCase(RuleModel):
    words: str
    means: str | None = None


class RatingCase(RuleModel):
    words: str
    score: int | None = None


class Cases(RuleModel):
    cases: tuple[Case, ...]
    ratings: tuple[RatingCase, ...] = ()
    client: tuple[ClientCase, ...] = ()


def wrong_cases(rules: CommandRules, phases: tuple[str, ...], folder: Path | None = None) -> list[Problem]:
    """What does not hold: cases, examples, and commands without a case. `phases` are those of the process."""
    file = load(Cases, CASES, folder)
    covered = {case.means for case in file.cases}
    bare: list[str] = [r.id for r in rules.commands if r.id not in covered]
    bare += [f"client {r.id}" for r in rules.client if r.id not in {case.means for case in file.client}]
    bare += [f"rating {r.score}" for r in rules.ratings if r.score not in {case.score for case in file.ratings}]
    missing = [Problem(f"{id} has no case", CASES, mend="add one") for id in bare]
    return [
        *_wrong(file.cases, rules, phases),
        *_client(file.client, rules),
        *_ratings(file.ratings, rules),
        *_examples(rules, phases),
        *missing,
    ]


def _wrong(cases: tuple[Case, ...], rules: CommandRules, phases: tuple[str, ...]) -> Iterator[Problem]:
    for case in cases:
        place = Place(case.locale, TODAY, phases)
        got = _read(case.line, case.inside, rules, place)
        said = {key: str(value) for key, value in got.args.items()} if isinstance(got, Command) else {}
        means = got.id if isinstance(got, Command) else None
        if (means, said) != (case.means, dict(case.args)):
            what = f"{case.line!r} means {means} {said}, not {case.means} {dict(case.args)}"
            yield Problem(what, CASES, mend="mend the case, or the forms in commands.toml")


def _client(cases: tuple[ClientCase, ...], rules: CommandRules) -> Iterator[Problem]:
    for case in cases:
        if (got := client_says(case.words, rules, NAMES)) != case.means:
            what = f"{case.words!r} of a client means {got}, not {case.means}"
            yield Problem(what, CASES, mend="mend the case, or [[client]] in commands.toml")


def _ratings(cases: tuple[RatingCase, ...], rules: CommandRules) -> Iterator[Problem]:
    for case in cases:
        if (got := rating_of(case.words, rules, NAMES)) != case.score:
            what = f"{case.words!r} in answer to the survey is {got}, not {case.score}"
            yield Problem(what, CASES, mend="mend the case, or [[ratings]] in commands.toml")


def _examples(rules: CommandRules, phases: tuple[str, ...]) -> Iterator[Problem]:
    for rule in rules.commands:
        opener = next((r.example for r in rules.commands if r.opens and r.opens in rule.block), None)
        got = _read(rule.example, opener, rules, Place("en_US", TODAY, phases))
        if not isinstance(got, Command) or got.id != rule.id:
            yield Problem(f"the example of {rule.id} is not understood as it", "commands.toml", rule.id, mend="mend it")


def _read(line: str, inside: str | None, rules: CommandRules, place: Place) -> Command | Misfit | None:
    read = parse(f"{inside}\n{line}" if inside else line, rules, place)
    first = read[0] if read else None
    if inside and isinstance(first, Command):
        return first.block[0] if first.block else None
    return first
