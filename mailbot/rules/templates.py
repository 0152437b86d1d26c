"""templates/**: the wording of every mail, with its subjects and samples, read into memory.

The studio overrides file by file: a file of the same name in its folder stands for the shipped one, and a new one (a
letter in another language, `client/de/invoice.txt.j2`) is added. What the templates mean is in `writing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot.errors import ConfigError, Problem
from mailbot.rules import find, read_toml, shipped

SUFFIX = ".j2"


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one template, and the file that it came from, for messages."""

    text: str
    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """All templates: `files` by name ("client/invoice.txt.j2"), `subjects` by language and kind, `samples` by kind.

    Compared by identity, so that what is compiled from them can be kept.
    """

    files: Mapping[str, Source]
    subjects: Mapping[str, Mapping[str, str]]
    samples: Mapping[str, Any]
    subjects_path: str = "subjects.toml"
    samples_path: str = "samples.toml"


def load_templates(folder: Path | None = None) -> Templates:
    """The shipped templates, with the studio's own from `folder`. Raises ConfigError with every unreadable file."""
    problems: list[Problem] = []
    files = _files(shipped("templates"), problems) | (_files(folder, problems) if folder else {})
    paths = [find(name, folder, "templates") for name in ("subjects.toml", "samples.toml")]
    subjects, samples = (_table(path, problems) for path in paths)
    if problems:
        raise ConfigError(problems)
    return Templates(files, subjects, samples, *map(str, paths))


def _files(root: Path, problems: list[Problem]) -> dict[str, Source]:
    files = {}
    for path in sorted(root.rglob(f"*{SUFFIX}")):
        try:
            files[path.relative_to(root).as_posix()] = Source(path.read_text("utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(f"cannot be read: {error}", str(path), mend="save it as UTF-8 text"))
    return files


def _table(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return read_toml(path)
    except ConfigError as error:
        problems.extend(error.problems)
        return {}
