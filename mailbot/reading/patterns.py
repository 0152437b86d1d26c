"""The patterns of rule files as regular expressions over one character a word.

A pattern is written as words, `[class]`, `[class|class]`, `[^class]`, `<macro>`, `(a|b)`, `?`, `*`, `+`, and `...`
for any words. Each class is a set of characters, so that an ordinary regular expression does the work; it is compiled
when it is first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailbot.errors import Problem
from mailbot.rules.replies import ReplyFile, Rule, file_name

WORD = re.compile(r"[^\W\d_]+|:[a-z_]+:")
PIECES = re.compile(r"\[[^\]]*\]|<[a-z-]+>|\.\.\.|[()|?*+]|[^\s\[\]<>()|?*+]+")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A known word or phrase, or a kind of token: its character and its classes."""

    char: str
    classes: frozenset[str]


Lexicon = Mapping[tuple[str, ...], Lexeme]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    rule: Rule
    name: str


@dataclass(slots=True)
class Pattern:
    """Alternatives of many rules in one expression, compiled when first used; the group that matched tells the rule."""

    source: Callable[[], str]
    rules: tuple[CompiledRule, ...]
    compiled: re.Pattern[str] | None = None

    @property
    def expression(self) -> re.Pattern[str]:
        if self.compiled is None:
            self.compiled = re.compile(self.source(), re.S)
        return self.compiled

    def rule_of(self, match: re.Match[str]) -> CompiledRule:
        return self.rules[int(str(match.lastgroup)[1:])]


class Sets:
    """Turns a pattern into a regular expression for one grammar."""

    def __init__(
        self, lexicons: Sequence[Lexicon], kinds: Iterable[Lexeme], macros: dict[str, str], known: set[str]
    ) -> None:
        self.macros, self.known = macros, known
        self.members: dict[str, set[str]] = {}
        self.checked: set[str] = set()
        self.spelt: dict[str, set[str]] = {}
        for lexicon in lexicons:
            for phrase, lexeme in lexicon.items():
                if len(phrase) == 1:
                    self.spelt.setdefault(phrase[0], set()).add(lexeme.char)
        for lexeme in (*kinds, *(lexeme for lexicon in lexicons for lexeme in lexicon.values())):
            for name in lexeme.classes:
                self.members.setdefault(name, set()).add(lexeme.char)
        self.expanded: dict[str, str] = {}

    def expression(self, pattern: str) -> str:
        if pattern not in self.expanded:
            self.expanded[pattern] = "".join(self._piece(piece) for piece in PIECES.findall(pattern))
        return self.expanded[pattern]

    def fault(self, pattern: str) -> str | None:
        """What is wrong with a pattern; None if nothing is. Macros are looked into once."""
        pieces = PIECES.findall(pattern)
        for piece in pieces:
            if piece.startswith("<") and piece[1:-1] not in self.macros:
                return f"there is no macro {piece}"
            if piece.startswith("["):
                unknown = [name for name in piece[1:-1].lstrip("^").split("|") if name not in self.known]
                if unknown:
                    return f"there is no class [{unknown[0]}]"
        if pattern in self.checked:
            return None
        self.checked.add(pattern)
        inner = (self.fault(self.macros[piece[1:-1]]) for piece in pieces if piece.startswith("<"))
        return next((fault for fault in inner if fault), None) or _shape_fault(pieces)

    def _piece(self, piece: str) -> str:
        if piece == "(":
            return "(?:"
        if piece in (")", "|", "?", "*", "+"):
            return piece
        if piece == "...":
            return ".*"
        if piece.startswith("["):
            return self._set(piece[1:-1])
        if piece.startswith("<"):
            return f"(?:{self.expression(self.macros[piece[1:-1]])})"
        return _any_of(self.spelt.get(piece, set()))

    def _set(self, names: str) -> str:
        chars = {char for name in names.lstrip("^").split("|") for char in self.members.get(name, ())}
        return _any_of(chars, inverse=names.startswith("^"))


def _any_of(chars: set[str], *, inverse: bool = False) -> str:
    if not chars:
        return "." if inverse else "(?!)"
    return f"[{'^' if inverse else ''}{''.join(re.escape(char) for char in sorted(chars))}]"


def _shape_fault(pieces: Sequence[str]) -> str | None:
    """Brackets that do not pair, or `?`, `*`, `+` with nothing before them."""
    depth = 0
    for before, piece in zip(("(", *pieces), pieces, strict=False):
        depth += (piece == "(") - (piece == ")")
        if depth < 0 or (piece in "?*+" and before in ("(", "|", "?", "*", "+")):
            return f"{piece!r} stands where it cannot"
    return "a bracket is not closed" if depth else None


def sound(one: CompiledRule, sets: Sets, file: ReplyFile, problems: list[Problem]) -> bool:
    """Whether all patterns of a rule are well formed; what is wrong with those that are not is put on record."""
    wrong = [(pattern, fault) for pattern in (*one.rule.whole, *one.rule.part) if (fault := sets.fault(pattern))]
    problems += [
        Problem(f"{pattern!r}: {fault}", file_name(file.language), f"rule.{one.rule.id}", mend="see docs/rules.md")
        for pattern, fault in wrong
    ]
    return not wrong


def join(rules: Sequence[tuple[CompiledRule, Sequence[str]]], sets: Sets) -> Pattern:
    used = [(one, patterns) for one, patterns in rules if patterns]

    def source() -> str:
        groups = (
            f"(?P<g{i}>{'|'.join(sets.expression(pattern) for pattern in patterns)})"
            for i, (_one, patterns) in enumerate(used)
        )
        return "|".join(groups) or "(?!)"

    return Pattern(source, tuple(one for one, _ in used))
