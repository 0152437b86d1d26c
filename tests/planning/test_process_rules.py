"""rules/process.toml makes sense, its cases hold, and no number in it can be changed without a case that says so."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailbot.errors import ConfigError
from mailbot.planning.cases import load_process_cases, wrong_cases
from mailbot.rules import find, read_toml, validate
from mailbot.rules.process import ProcessRules, load_process
from mailbot.rules.process_cases import ProcessCases

PATH = find("process.toml")
SHIPPED = read_toml(PATH)
CASES = load_process_cases()


def edited(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The shipped rules with values at paths such as "ladder.2.day" replaced."""
    data = copy.deepcopy(SHIPPED)
    for path, value in changes:
        *parents, last = path.split(".")
        place: Any = data
        for name in parents:
            place = place[int(name)] if isinstance(place, list) else place[name]
        place[int(last) if isinstance(place, list) else last] = value
    return data


def problems(*changes: tuple[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as error:
        validate(ProcessRules, edited(*changes), PATH)
    return [str(problem) for problem in error.value.problems]


def test_the_shipped_rules_and_all_their_cases_hold() -> None:
    assert wrong_cases(load_process(), CASES) == ()


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("phases", [], "[phases]"),
        ("phases.1", "Design", "phase 'Design' is there more than once"),
        ("milestones.1.key", "design", "milestone 'design' is there more than once"),
        ("milestones.1.key", "signing", "payments use that word"),
        ("milestones.0.moves_to", "Dyeing", "moves to 'Dyeing', which is no phase"),
        ("milestones.1.moves_to", "Design", "moves_to of 'fabric' must be above that of 'design'"),
        ("milestones.1.to_week", 2, "to_week of 'fabric' must be above that of 'design'"),
        ("payments.0.share", 40, "the shares add up to 90 %, not 100 %"),
        ("payments.1.due", "fitting", "is due with 'fitting', which is no milestone"),
        ("payments.1.kind", "deposit", "payment 'deposit' is there more than once"),
        ("ladder.3.day", 5, "day of 'reminder-firm' must be above that of 'reminder-friendly'"),
        ("ladder.1.step", "invoice", "step 'invoice' is there more than once"),
        ("ladder.0.does", "remind", "the first step must be the invoice itself"),
        ("ladder.3.does", "pause", "does 'pause' is there more than once"),
        ("ladder.3.mails.0.kind", "digest", "[ladder.3.mails.0.kind]"),
        ("ladder.3.mails.0.to", ["boss"], "[ladder.3.mails.0.to.0]"),
        ("client_hours.closes", "07:00", "opens <= mail < closes"),
        ("digest.time", 830, 'a time is written "HH:MM"'),
        ("digest.time", "8:30", 'a time is written "HH:MM"'),
        ("digest.time", "25:00", "[digest.time]"),
        ("weekly.day", "Freitag", "[weekly.day]"),
        ("weekly.draft_day", "Friday", "the draft must go out before the update"),
        ("weekly.dya", "Friday", "did you mean 'day'?"),
        ("requests.nudges", -1, "[requests.nudges]"),
        ("issues.remind_hours_before", 24, "must be less than tell_within_hours"),
        ("satisfaction.highest", 1, "must be above lowest"),
        ("report.figures.1.id", "weekly", "figure 'weekly' is there more than once"),
        ("satisfaction.milestone", "party", "'party' is no milestone"),
        ("undo.hours", "two days", "[undo.hours]"),
    ],
)
def test_what_makes_no_sense_is_named_with_file_and_key(path: str, value: Any, says: str) -> None:
    found = problems((path, value))
    assert any(says in text for text in found), found
    assert all(str(PATH) in text for text in found)


def test_all_problems_come_at_once() -> None:
    found = problems(("payments.0.share", 40), ("ladder.3.day", 5), ("digest.time", 830), ("undo.hours", 0))
    keys = ["[payments]", "[ladder]", "[digest.time]", "[undo.hours]"]
    assert [any(key in text for text in found) for key in keys] == [True] * 4
    assert len(found) == 4


def _numbers(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number, day and time of the file, with its path."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value + 1
    elif isinstance(value, str) and value[2:3] == ":":
        yield path, value[:3] + "45"
    elif value in ("Monday", "Thursday", "Friday"):
        yield path, "Wednesday"


@pytest.mark.parametrize(("path", "value"), list(_numbers(SHIPPED)))
def test_no_number_changes_unnoticed(path: str, value: Any) -> None:
    """Each number moved a little makes no sense any more, or some case fails."""
    try:
        rules = validate(ProcessRules, edited((path, value)), PATH)
    except ConfigError:
        return
    assert wrong_cases(rules, CASES), f"{path} = {value} is noticed by no case"


def test_a_rule_without_a_case_is_wrong() -> None:
    found = [str(problem) for problem in wrong_cases(load_process(), ProcessCases())]
    assert any("the step 'pause' has no case" in text for text in found)
    assert any("the milestone 'fabric' has no case" in text for text in found)
    assert any("the payment 'deposit' has no case" in text for text in found)
    assert any("the table weekly has no case" in text for text in found)


def test_the_studios_own_file_stands_for_the_shipped_one(tmp_path: Path) -> None:
    text = PATH.read_text("utf-8").replace('time = "08:30"', 'time = "07:15"')
    (tmp_path / "process.toml").write_text(text, "utf-8")
    assert load_process(tmp_path).digest.time.hour == 7
    assert load_process().digest.time.hour == 8
