"""Whether the patterns of a rule file are well formed: all that is wrong with them, before any mail is read by them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mailbot.errors import Problem
from mailbot.reading.patterns import KINDS, PIECES
from mailbot.rules.replies import ReplyFile, ReplyRules, file_name

MEND = "see docs/rules.md"
DEEPEST = 20


def pattern_problems(rules: ReplyRules) -> list[Problem]:
    """What is wrong with the patterns and rewrites of all languages."""
    return [
        problem for file in rules.files for problem in (*rewrite_problems(file), *file_problems(file, rules.files[0]))
    ]


def rewrite_problems(file: ReplyFile) -> list[Problem]:
    """What is wrong with the regular expressions of one language, and with those that it has for all."""
    written = [(f"rewrite.{old}", old) for old in file.rewrite] + [
        (f"everywhere.{old}", old) for old in file.everywhere
    ]
    return [
        Problem(f"{old!r} is not a regular expression: {fault}", file_name(file.language), key, mend=MEND)
        for key, old in written
        if (fault := _expression_fault(old))
    ]


def _expression_fault(expression: str) -> str | None:
    try:
        re.compile(expression, re.I)
    except re.error as error:
        return str(error)
    return None


def file_problems(file: ReplyFile, english: ReplyFile) -> list[Problem]:
    """What is wrong with the macros and rules of one language."""
    macros = {**english.macros, **file.macros}
    known = {*file.words, *english.words, *KINDS}
    written = [(f"macros.{name}", [text]) for name, text in file.macros.items()]
    written += [(f"rule.{rule.id}", [*rule.whole, *rule.part]) for rule in file.rule]
    return [
        Problem(f"{pattern!r}: {fault}", file_name(file.language), key, mend=MEND)
        for key, patterns in written
        for pattern in patterns
        if (fault := _fault(pattern, macros, known))
    ] + [
        Problem(f"the macro <{name}> is part of itself", file_name(file.language), f"macros.{name}", mend=MEND)
        for name in file.macros
        if name in _within(name, macros)
    ]


def _fault(pattern: str, macros: Mapping[str, str], known: set[str]) -> str | None:
    pieces = PIECES.findall(pattern)
    for piece in pieces:
        if piece.startswith("<") and piece[1:-1] not in macros:
            return f"there is no macro {piece}"
        if piece.startswith("["):
            unknown = [name for name in piece[1:-1].lstrip("^").split("|") if name not in known]
            if unknown:
                return f"there is no class [{unknown[0]}]"
    return _shape_fault(pieces)


def _shape_fault(pieces: Sequence[str]) -> str | None:
    """Brackets that do not pair, or `?`, `*`, `+` with nothing before them."""
    depth = 0
    for before, piece in zip(("(", *pieces), pieces, strict=False):
        depth += (piece == "(") - (piece == ")")
        if depth > DEEPEST:
            return "brackets are nested too deep"
        if depth < 0 or (piece in "?*+" and before in ("(", "|", "?", "*", "+")):
            return f"{piece!r} stands where it cannot"
    return "a bracket is not closed" if depth else None


def _within(name: str, macros: Mapping[str, str]) -> set[str]:
    """The macros that this one is made of, at any depth."""
    found: set[str] = set()
    open_ = list(_named(macros[name]))
    while open_:
        inner = open_.pop()
        if inner not in found:
            found.add(inner)
            open_ += _named(macros.get(inner, ""))
    return found


def _named(pattern: str) -> Iterator[str]:
    return (piece[1:-1] for piece in PIECES.findall(pattern) if piece.startswith("<"))
