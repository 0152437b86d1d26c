"""What the documents say is so: commands, options, files, settings and names exist, and sessions print what is shown.

A session is a fenced block `console`; its lines that begin with `$` are run, in order and in one folder. In
what is shown `...` stands for any text, on a line of its own for any lines.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from shlex import split

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from mailbot.adapters.store import SCHEMA
from mailbot.cli import main
from mailbot.rules import load
from mailbot.rules.commands import CommandRules
from mailbot.settings import Settings
from mailbot.writing.kinds import KINDS
from tests.walks.crash_driver import POINTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").glob("*.md")])
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
TYPED = re.compile(r"(?:^|[\s/])mailbot ((?:--config \S+ )?[a-z]+(?: .*)?)$")
OURS = re.compile(r"(mailbot|rules|templates|tests|docs|deploy|benchmarks)/[\w./-]*")
every_document = pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.relative_to(ROOT).as_posix())


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose(doc: Path) -> str:
    """A document without its fenced blocks."""
    return FENCE.sub("", doc.read_text("utf-8"))


def blocks(doc: Path, kind: str) -> list[str]:
    return [body for found, body in FENCE.findall(doc.read_text("utf-8")) if found == kind]


def rows(part: str) -> Iterator[list[str]]:
    """The rows of the tables in `part`, cell by cell; `\\|` is a stroke within a cell."""
    for line in part.splitlines():
        if line.startswith("|") and not line.startswith("| ---"):
            yield [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def section(name: str, heading: str) -> str:
    """The part of a document under `heading`, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    _, found, rest = text(name).partition(f"\n{heading}\n")
    assert found, f"{name} has no {heading}"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


# --- the command line ---------------------------------------------------------------------------------------------


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command of mailbot with the words that lead to it, groups as well."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands())


def options(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def named(doc: Path) -> Iterator[str]:
    """The command lines that a document names: `mailbot ...` in the text, and lines of its blocks."""
    for span in SPAN.findall(prose(doc)):
        if span.startswith("mailbot "):
            yield span
    for kind, body in FENCE.findall(doc.read_text("utf-8")):
        for line in body.replace("\\\n", " ").splitlines():
            found = TYPED.search(line.strip("$ '"))
            if found and (kind != "console" or line.startswith("$")):
                yield f"mailbot {found[1]}"


def problem(line: str) -> str | None:
    """What is wrong with a command line; None when each word of it exists."""
    words = [word for word in split(line.partition(" # ")[0].replace("...", "")) if word][1:]
    where, known = [], options(main)
    while words and words[0].startswith("--"):
        if words[0] not in known:
            return f"mailbot has no {words[0]}"
        words = words[2:]
    while words and (*where, words[0]) in COMMANDS:
        where.append(words.pop(0))
    if not where:
        return None if not words or words[0].isupper() else f"there is no command {words[0]}"
    command = COMMANDS[tuple(where)]
    if words and isinstance(command, click.Group) and words[0].islower() and not words[0].startswith("-"):
        known_here = ", ".join(sorted(command.list_commands(click.Context(command))))
        return f"{' '.join(where)} has no command {words[0]} (it has: {known_here})"
    missing = [word for word in words if word.startswith("--") and word not in options(command) | {"--help"}]
    return f"{' '.join(where)} has no {missing[0]}" if missing else None


def not_there_yet() -> set[str]:
    """The commands that the README says are missing."""
    return {span for span in SPAN.findall(section("README.md", "## Not there yet")) if span.startswith("mailbot ")}


@every_document
def test_commands_that_are_named_exist(doc: Path) -> None:
    missing = tuple(not_there_yet())
    wrong = {line: problem(line) for line in named(doc) if not line.startswith(missing)}
    assert not {line: why for line, why in wrong.items() if why}


def test_what_is_said_to_be_missing_is_missing() -> None:
    assert [line for line in not_there_yet() if problem(line) is None] == []
    spans = SPAN.findall(section("README.md", "## Not there yet"))
    heads = {rule.forms[0].split("{")[0].strip(" :") for rule in load(CommandRules, "commands.toml").commands}
    assert [span for span in spans if span.strip(":") in heads] == []


def test_every_command_and_option_stands_in_the_reference() -> None:
    shell = section("docs/commands.md", "## In the shell")
    spans = SPAN.findall(shell)
    usual = {"--json", "--at", "--config", "-h", "--help"}
    for path, command in COMMANDS.items():
        if path[-1] == "list" and len(path) == 2 and path[0] in ("held", "outbox"):
            continue  # what the group does by itself
        line = " ".join(("mailbot", *path))
        own = [span for span in spans if span == line or span.startswith(f"{line} ")]
        assert own, f"docs/commands.md does not say what `{line}` is"
        row = next((" ".join(cells) for cells in rows(shell) if any(f"`{span}`" in cells[0] for span in own)), shell)
        for option in options(command) - usual:
            assert not option.startswith("--") or option in row, f"docs/commands.md: what is {line} {option}?"


def test_options_beside_a_command_are_its_own() -> None:
    for cells in rows(section("docs/commands.md", "## In the shell")):
        first = next((span for span in SPAN.findall(cells[0]) if span.startswith("mailbot ")), None)
        for span in SPAN.findall(" ".join(cells[1:])) if first else ():
            if span.startswith("--"):
                assert problem(f"{first} {span.split()[0]}") is None, f"{first} {span}"


# --- the language of staff ----------------------------------------------------------------------------------------


def test_every_command_of_staff_stands_in_the_reference_with_who_may_say_it() -> None:
    three = (cells for cells in rows(section("docs/commands.md", "## By mail")) if len(cells) == 3)
    table = {SPAN.findall(cells[0])[0]: cells for cells in three if SPAN.findall(cells[0])}
    rules = load(CommandRules, "commands.toml").commands
    assert set(table) <= {rule.example for rule in rules}
    for rule in rules:
        assert rule.example in table, f"docs/commands.md: add a row for `{rule.example}` ({rule.id})"
        others = set(rule.who) - {"staff"}
        said = {word.strip() for word in table[rule.example][2].split(",") if word.strip()}
        assert said == others, f"`{rule.example}` is also for {', '.join(sorted(others)) or 'nobody else'}"


def test_every_answer_to_a_held_reply_stands_in_the_reference() -> None:
    spans = {span.split()[0] for span in SPAN.findall(section("docs/commands.md", "### A reply that was held"))}
    assert {answer.id for answer in load(CommandRules, "commands.toml").answers} <= spans


# --- files, settings, names ---------------------------------------------------------------------------------------


@every_document
def test_files_that_are_named_exist(doc: Path) -> None:
    assert not [target for target in LINK.findall(doc.read_text("utf-8")) if not reached(doc, target)]
    spans = (span for span in SPAN.findall(prose(doc)) if OURS.fullmatch(span))
    assert not [span for span in spans if not re.search(r"[A-Z]{3}", span) and not (ROOT / span).exists()]
    bare = re.findall(r"(?<![\w/`.])(?:rules|templates|tests)/[\w./-]+\.(?:toml|py)\b", prose(doc))
    assert not [name for name in bare if not (ROOT / name).exists()]


def reached(doc: Path, target: str) -> bool:
    """Whether a link leads somewhere: a file, and a heading in it."""
    name, _, heading = target.partition("#")
    if name.startswith(("http:", "https:", "mailto:")):
        return True
    file = (doc.parent / name).resolve() if name else doc
    if not file.exists() or not heading:
        return file.exists()
    titles = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@every_document
def test_no_path_of_somebodys_machine(doc: Path) -> None:
    assert not re.findall(r"(?<![\w.])/(?:work|home|root|tmp|Users|mnt)/[\w.-]*", doc.read_text("utf-8"))


def keys(model: type[BaseModel] = Settings, path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def test_every_setting_is_explained_and_no_other() -> None:
    said = {span for cells in rows(section("docs/running.md", "## Settings")) for span in SPAN.findall(cells[0])}
    assert said == set(keys())


def test_every_table_of_the_store_and_every_crash_point_is_explained() -> None:
    store = section("docs/architecture.md", "## The store")
    assert {span for cells in rows(store) for span in SPAN.findall(cells[0])} == set(SCHEMA)
    crashes = section("docs/architecture.md", "## What happens when it dies")
    said = [span for cells in rows(crashes) if len(cells) == 4 for span in SPAN.findall(cells[3])]
    assert sorted(said) == sorted(POINTS)


def test_the_way_of_a_mail_names_what_is_in_the_code() -> None:
    for cells in rows(section("docs/architecture.md", "## The way of a mail")):
        files = [ROOT / span for span in SPAN.findall(cells[-1])]
        for span in SPAN.findall(cells[0]):
            for name in span.split("."):
                assert any(name in defined(file) for file in files), f"{name} is not in {cells[-1]}"


@every_document
def test_a_name_that_is_said_to_be_in_a_module_is_there(doc: Path) -> None:
    said = re.findall(r"`([A-Za-z_][\w.]*)`(?: there)? (?:in|of) `([\w/]+\.py)`", " ".join(prose(doc).split()))
    assert not [(name, file) for name, file in said if not set(name.split(".")) <= defined(place(file))]


def place(name: str) -> Path:
    """The module of this name: from the root, or from the package as the decisions write it."""
    return ROOT / name if (ROOT / name).exists() else ROOT / "mailbot" / name


def defined(file: Path) -> set[str]:
    """The names that a module defines: its functions, classes and methods, and what it assigns."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    made = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return made | {node.name for node in nodes if isinstance(node, kinds)}


def test_modes_of_kinds_name_kinds() -> None:
    wanted = re.findall(r"`([a-z-]+) = \"(?:hold|shadow|auto)\"`", section("docs/running.md", "## First days"))
    named_kinds = [name for name in wanted if name != "mode"]
    assert named_kinds
    assert not [name for name in named_kinds if not any(k == name or k.startswith(f"{name}-") for k in KINDS)]


# --- deploy/ ------------------------------------------------------------------------------------------------------

DEPLOYED = sorted(path for path in (ROOT / "deploy").iterdir() if path.is_file())


@pytest.mark.parametrize("file", [*DEPLOYED, *DOCS], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_overrides_in_the_environment_name_settings(file: Path) -> None:
    known = set(keys())
    said = re.findall(r"\bMAILBOT_([A-Z0-9_]+?__[A-Z0-9_]+)\b", file.read_text("utf-8"))
    wrong = [name for name in said if name.lower().replace("__", ".") not in known]
    assert [name for name in wrong if name != "SECTION__KEY"] == []


def test_the_image_is_built_from_what_is_there() -> None:
    lines = [line.split() for line in text("deploy/Dockerfile").splitlines()]
    copied = [name for words in lines if words[:1] == ["COPY"] and "--from=build" not in words for name in words[1:-1]]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert ["USER", "10001:10001"] in lines
    assert {"mailbot", "rules", "templates", "requirements.lock", "LICENSE"} <= set(copied)


def test_the_unit_starts_the_daemon_with_few_rights() -> None:
    unit = text("deploy/mailbot.service")
    (start,) = re.findall(r"^ExecStart=\S+/(mailbot .+)$", unit, re.MULTILINE)
    assert problem(start) is None
    for line in ("User=mailbot", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "UMask=0077"):
        assert f"\n{line}\n" in unit
    assert len(re.findall(r"^LoadCredential=(?:imap|smtp):", unit, re.MULTILINE)) == 2


# --- sessions -----------------------------------------------------------------------------------------------------

SESSIONS = [doc for doc in DOCS if blocks(doc, "console")]


@pytest.mark.usefixtures("rules_are_read_once")
@pytest.mark.parametrize("doc", SESSIONS, ids=lambda doc: doc.relative_to(ROOT).as_posix())
def test_sessions_print_what_is_shown(doc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for body in blocks(doc, "json"):
        (tmp_path / "order.json").write_text(body, "utf-8")
    for line, shown in (step for body in blocks(doc, "console") for step in steps(body)):
        words = split(line.replace("make demo", "mailbot demo"))
        assert words[0] == "mailbot", f"{line}: only mailbot can be run here"
        result = CliRunner().invoke(main, words[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}"
        assert shows(shown, result.stdout), f"{line} printed\n{result.stdout}\nnot\n{shown}"


@pytest.mark.usefixtures("rules_are_read_once")
def test_what_check_is_shown_to_print_is_what_it_prints() -> None:
    (shown,) = blocks(ROOT / "README.md", "text")
    lines = [line for line in shown.splitlines() if line.startswith(("OK   rules", "OK   templates"))]
    assert lines == CliRunner().invoke(main, ["rules", "check", "--config", "none.toml"]).stdout.splitlines()


def steps(body: str) -> Iterator[tuple[str, str]]:
    """Each command line of a session, with what is shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield line, shown


def shows(shown: str, printed: str) -> bool:
    """Whether this was printed: `...` alone is any lines, within a line any text; blanks may be more."""
    lines = printed.splitlines()
    reached = {0}  # how many lines of what was printed those so far may have shown
    for line in shown.splitlines():
        if line == "...":
            reached = set(range(min(reached, default=len(lines) + 1), len(lines) + 1))
        else:
            words = r" +".join(re.escape(part).replace(r"\.\.\.", ".*") for part in line.split())
            reached = {at + 1 for at in reached if at < len(lines) and re.fullmatch(rf" *{words} *", lines[at])}
    return len(lines) in reached
