"""The reader's rules against labelled replies: the project's own cases, or a studio's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import click

from mailbot.app.check import rule_findings
from mailbot.cli.common import print_json, show_findings, with_at, with_config, with_json
from mailbot.errors import ConfigError, Problem
from mailbot.reading.scoring import Score, score
from mailbot.rules import load, shipped
from mailbot.rules.replies import CASE_LABELS, CONTEXTS, load_replies, load_reply_cases
from mailbot.rules.words import WordRules
from mailbot.settings import load_settings

_NEEDED = ("context", "text", "label")


@click.group()
def rules() -> None:
    """The rules that replies are read by."""


@rules.command("test")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_json
@with_at
@with_config
def test(files: tuple[Path, ...], as_json: bool, at: datetime | None, config: Path) -> None:
    """Read the labelled replies of FILES (JSON Lines); exit 1 when one is falsely booked."""
    folder = load_settings(config).paths.rules if config.is_file() else None
    problems: list[Problem] = []
    cases = [case for file in files for case in _cases(file, problems)]
    if problems:
        raise ConfigError(problems)
    scored = score(cases, load_replies(folder), load(WordRules, "own_words.toml", folder))
    if as_json:
        print_json(scored.as_json())
    else:
        _show(scored)
    if scored.false("approve") or scored.false("choose") or scored.false("paid"):
        raise SystemExit(1)


def _cases(file: Path, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """The cases of a file; what is wrong with it goes to `problems`."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(f"cannot be read: {error}", str(file)))
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            problems.append(Problem(f"is not JSON: {error}", str(file), line=number, mend="one JSON object a line"))
            continue
        if wrong := _wrong(case):
            problems.append(Problem(wrong, str(file), line=number, mend="see docs/rules.md"))
        else:
            yield {"id": f"{file.name}:{number}", **case}


def _wrong(case: Any) -> str | None:
    """What is wrong with a row, if anything: every row is an object with a text, a known context and a known label."""
    missing = [key for key in _NEEDED if not isinstance(case, dict) or not isinstance(case.get(key), str)]
    if missing:
        return f"lacks {', '.join(missing)}"
    for key, known in (("context", CONTEXTS), ("label", get_args(CASE_LABELS))):
        if case[key] not in known:
            return f"{case[key]!r} is no {key}: one of {', '.join(known)}"
    return None


def _show(scored: Score) -> None:
    for (expected, got), count in sorted(scored.confusion().items()):
        click.echo(f"{expected:12} read as {got:12} {count:5}")
    for result in scored.results:
        if not result.right:
            click.echo(f"\n{result.id}: {result.expected} read as {result.reading.label}\n  {result.text!r}")
            click.echo(f"  {result.reading.because}")
    told = scored.as_json()
    click.echo(f"\n{told['right']} of {told['cases']} right or safe")
    for name in ("false_approvals", "false_choices", "false_payments"):
        click.echo(f"{name.replace('_', ' ')}: {', '.join(told[name]) or 'none'}")


@rules.command("check")
@with_json
@with_at
@with_config
def check(as_json: bool, at: datetime | None, config: Path) -> None:
    """Rules with all their cases, and every template with its sample; exit 1 when one does not hold."""
    paths = load_settings(config).paths if config.is_file() else None
    findings = list(rule_findings(paths.rules if paths else None, paths.templates if paths else None))
    show_findings(findings, as_json)


@rules.command("learn")
@click.argument("languages", nargs=-1)
@with_config
def learn(languages: tuple[str, ...], config: Path) -> None:
    """Learn from the labelled sentences and answers in rules/ how they bear on a yes; all languages unless named."""
    from mailbot.app.learn import learn_language
    from mailbot.reading.learning import ROUNDS

    folder = load_settings(config).paths.rules if config.is_file() else None
    replies = load_replies(folder)
    cases = load_reply_cases(replies, folder)
    for language in languages or tuple(file.language for file in replies.files):
        with click.progressbar(
            length=2 * ROUNDS, label=language, file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            told = learn_language(
                language, replies, [case for of, case in cases if of == language], folder or shipped("rules"),
                lambda: bar.update(1),
            )  # fmt: skip
        click.echo(f"{language}: {told}")


COMMANDS = (rules,)
