"""What staff are told when they ask (`status`, `due`, `help`) in short sections, for a letter or for a shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A fact with its name, or a command with what it does; `below`: a line that belongs to the command above it."""

    name: str
    text: str
    below: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Some rows under a heading; `commands`: their names are lines that can be written to mailbot."""

    title: str
    rows: tuple[Row, ...]
    commands: bool = False

    def facts(self) -> dict[str, Any]:
        """As a letter takes it."""
        rows = [{"name": row.name, "text": row.text, "below": row.below} for row in self.rows]
        return {"title": self.title, "commands": self.commands, "rows": rows}


def plain(sections: Sequence[Section]) -> str:
    """The sections as text, a blank line between them."""
    return "\n\n".join("\n".join([section.title, *_lines(section)]) for section in sections)


def _lines(section: Section) -> list[str]:
    if not section.commands:
        return [f"  {row.name}: {row.text}" for row in section.rows]
    return [line for row in section.rows for line in _command(row)]


def _command(row: Row) -> tuple[str, str]:
    inset = "  " * (1 + row.below)
    return f"{inset}{row.name}", f"{inset}    {row.text}"
