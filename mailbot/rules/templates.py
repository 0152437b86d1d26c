"""templates/**: the wording of every mail, with its subjects and samples, read into memory.

The studio overrides file by file: a file of the same name in its folder stands for the shipped one. The sentences of
letters to clients, `client/words.LANGUAGE.toml`, are overridden one by one, and a new language is a new such file.
What the templates mean is in `writing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailbot.errors import ConfigError, Problem
from mailbot.rules import find, read_toml, shipped

SUFFIXES = (".j2", ".typ")  # letters, and the layout of a PDF
WORDS = re.compile(r"words\.([A-Za-z_]{2,20})\.toml")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one template, and the file that it came from, with the key of a sentence there: for messages."""

    text: str
    path: str
    key: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """All templates: `files` by name ("client/invoice.txt.j2"), `subjects` by language and kind, `samples` by kind.

    `words` are the sentences of letters to clients by language ("de", "de_AT") and "KIND.KEY"; those of all kinds are
    under "letter.KEY". Compared by identity, so that what is compiled from them can be kept.
    """

    files: Mapping[str, Source]
    subjects: Mapping[str, Mapping[str, str]]
    samples: Mapping[str, Any]
    subjects_path: str = "subjects.toml"
    samples_path: str = "samples.toml"
    words: Mapping[str, Mapping[str, Source]] = field(default_factory=dict)


def load_templates(folder: Path | None = None) -> Templates:
    """The shipped templates, with the studio's own from `folder`. Raises ConfigError with every unreadable file."""
    problems: list[Problem] = []
    files = _files(shipped("templates"), problems) | (_files(folder, problems) if folder else {})
    paths = [find(name, folder, "templates") for name in ("subjects.toml", "samples.toml")]
    subjects, samples = (_table(path, problems) for path in paths)
    words = _words([shipped("templates"), *([folder] if folder else [])], problems)
    if problems:
        raise ConfigError(problems)
    return Templates(files, subjects, samples, str(paths[0]), str(paths[1]), words)


def _files(root: Path, problems: list[Problem]) -> dict[str, Source]:
    files = {}
    for path in sorted(path for suffix in SUFFIXES for path in root.rglob(f"*{suffix}")):
        try:
            files[path.relative_to(root).as_posix()] = Source(path.read_text("utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(f"cannot be read: {error}", str(path), mend="save it as UTF-8 text"))
    return files


def _words(roots: Iterable[Path], problems: list[Problem]) -> dict[str, dict[str, Source]]:
    """The sentences of each language; those of a later root stand for those of an earlier one."""
    found: dict[str, dict[str, Source]] = {}
    for path in (path for root in roots for path in sorted(root.glob("client/words.*.toml"))):
        name = WORDS.fullmatch(path.name)
        if name is None:
            mend = "name it after a language: words.de.toml"
            problems.append(Problem("is named after no language", str(path), mend=mend))
            continue
        found.setdefault(name[1], {}).update(_sentences(path, problems))
    return found


def _sentences(path: Path, problems: list[Problem]) -> Iterator[tuple[str, Source]]:
    for kind, sentences in _table(path, problems).items():
        for key, text in sentences.items() if isinstance(sentences, dict) else [("", sentences)]:
            if key and isinstance(text, str):
                yield f"{kind}.{key}", Source(text, str(path), f"{kind}.{key}")
            else:
                mend = 'write a table for each kind of mail, with lines key = "..."'
                problems.append(Problem("is no sentence", str(path), f"{kind}.{key}".rstrip("."), mend=mend))


def _table(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return read_toml(path)
    except ConfigError as error:
        problems.extend(error.problems)
        return {}
