"""The patterns of rule files as automata over words: all patterns of many rules are tried at once, in linear time.

A pattern is written as words, `[class]`, `[class|class]`, `[^class]`, `<macro>`, `(a|b)`, `?`, `*`, `+`, and `...`
for any words. Its positions are numbered, and states (sets of positions) are made when a text first leads to them, so
that what no mail needs is never built, and no text can make a pattern backtrack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mailbot.rules.replies import Meaning, Rule

WORD = re.compile(r"[^\W\d_]+|:[a-z_]+:")
PIECES = re.compile(r"\[[^\]]*\]|<[a-z-]+>|\.\.\.|[()|?*+]|[^\s\[\]<>()|?*+]+")
ANYTHING = "..."
MOST_STATES = 20_000  # what hostile texts can make an automaton keep
HARMLESS: frozenset[Meaning] = frozenset({"news", "courtesy", "praise", "agreed", "unrelated"})

KINDS = (
    "ref", "mail", "money", "percent", "time", "isodate", "phone", "version", "nth", "measure", "plus", "number",
    "arrow", "unknown", "name", "subject", "comma", "ask", "loud", "dots", "mark", "opt", "sameprice", "otherprice",
    "full", "initial",
)  # fmt: skip  # the classes that no file fills but the reader does


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a pattern: `one` word, a `macro`, a row (`seq`) or choice (`or`) of parts, or a part with `?*+`."""

    kind: str
    piece: str = ""
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A known word or phrase, or a kind of token: its character, its classes, and itself if a pattern spells it out."""

    char: str
    classes: frozenset[str]
    word: str = ""


Lexicon = Mapping[tuple[str, ...], Lexeme]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    rule: Rule
    name: str


@lru_cache(maxsize=20_000)
def parsed(pattern: str) -> Node:
    """The pattern as a tree. Its shape must be sound (`soundness` says whether it is)."""
    open_: list[list[list[Node]]] = [[[]]]  # the brackets, each with its alternatives so far
    for piece in PIECES.findall(pattern):
        row = open_[-1][-1]
        if piece == "(":
            open_.append([[]])
        elif piece == "|":
            open_[-1].append([])
        elif piece == ")":
            closed = _either(open_.pop())
            open_[-1][-1].append(closed)
        elif piece in "?*+":
            row.append(Node(piece, parts=(row.pop(),)))
        elif piece == ANYTHING:
            row.append(Node("*", parts=(Node("one", piece),)))
        else:
            row.append(Node("macro", piece[1:-1]) if piece.startswith("<") else Node("one", piece))
    return _either(open_[0])


def _either(alternatives: Sequence[list[Node]]) -> Node:
    nodes = tuple(Node("seq", parts=tuple(parts)) for parts in alternatives)
    return nodes[0] if len(nodes) == 1 else Node("or", parts=nodes)


@dataclass(slots=True, eq=False)
class State:
    """Where a text has led: what may follow (each piece with the positions after it) and the rule that ends here."""

    onward: dict[str, frozenset[int]]
    rule: int | None
    moves: dict[str, State] = field(default_factory=dict)


class Automaton:
    """Patterns, each of a rule (by number), as positions; `alphabet` gives each character's lexeme.

    `again`: a match may begin at any word, not at the first alone.
    """

    def __init__(
        self,
        patterns: Iterable[tuple[int, str]],
        macros: Mapping[str, str],
        alphabet: Mapping[str, Lexeme],
        *,
        again: bool,
    ) -> None:
        self._macros, self._alphabet = macros, alphabet
        self._pieces: list[str | int | None] = []  # of each position: a piece, the rule that ends there, or nothing
        self._onward: list[tuple[int, ...]] = []
        ends: dict[int, int] = {}
        entries: list[int] = []
        for rule, pattern in patterns:
            if rule not in ends:
                ends[rule] = self._position(rule, ())
            entries += self._enter(parsed(pattern), (ends[rule],))
        self._states: dict[frozenset[int], State] = {}
        self._first = self._reached(entries)
        self._again = self._first if again else frozenset()
        self.start = self._state(self._first)

    def _position(self, piece: str | int | None, onward: tuple[int, ...]) -> int:
        self._pieces.append(piece)
        self._onward.append(onward)
        return len(self._pieces) - 1

    def _enter(self, node: Node, onward: tuple[int, ...]) -> tuple[int, ...]:
        """The positions by which a node is entered, when `onward` are those that follow it."""
        match node.kind:
            case "one":
                return (self._position(node.piece, onward),)
            case "macro":
                return self._enter(parsed(self._macros[node.piece]), onward)
            case "seq":
                for part in reversed(node.parts):
                    onward = self._enter(part, onward)
                return onward
            case "or":
                return tuple(entry for part in node.parts for entry in self._enter(part, onward))
            case "?":
                return (*self._enter(node.parts[0], onward), *onward)
        loop = self._position(None, ())
        entries = self._enter(node.parts[0], (loop,))
        self._onward[loop] = (*entries, *onward)
        return (loop,) if node.kind == "*" else entries

    def _reached(self, entries: Iterable[int]) -> frozenset[int]:
        """The positions that wait for a word or end a rule, when these are entered."""
        found: set[int] = set()
        open_ = list(entries)
        while open_:
            at = open_.pop()
            if at not in found:
                found.add(at)
                if self._pieces[at] is None:
                    open_ += self._onward[at]
        return frozenset(at for at in found if self._pieces[at] is not None)

    def _state(self, positions: frozenset[int]) -> State:
        state = self._states.get(positions)
        if state is None:
            onward: dict[str, set[int]] = {}
            ends: list[int] = []
            for at in positions:
                piece = self._pieces[at]
                if isinstance(piece, str):
                    onward.setdefault(piece, set()).update(self._onward[at])
                elif piece is not None:
                    ends.append(piece)
            state = State({piece: frozenset(after) for piece, after in onward.items()}, min(ends, default=None))
            self._states[positions] = state
        return state

    def step(self, state: State, char: str) -> State:
        """The state after one more word; worked out once."""
        lexeme = self._alphabet[char]
        entries = [at for piece, after in state.onward.items() if _fits(piece, lexeme) for at in after]
        if len(self._states) > MOST_STATES:
            self._states.clear()
            self.start.moves.clear()
        state.moves[char] = after = self._state(self._reached(entries) | self._again)
        return after


def _fits(piece: str, lexeme: Lexeme) -> bool:
    if piece.startswith("["):
        inverse, names = _names(piece)
        return names.isdisjoint(lexeme.classes) is inverse
    return piece in (ANYTHING, lexeme.word)


@lru_cache(maxsize=20_000)
def _names(piece: str) -> tuple[bool, frozenset[str]]:
    """Whether `[^a|b]` excludes, and the classes."""
    return piece.startswith("[^"), frozenset(piece[1:-1].lstrip("^").split("|"))


@dataclass(slots=True)
class Pattern:
    """The patterns of many rules, made an automaton when first used."""

    rules: tuple[CompiledRule, ...]
    make: Callable[[], Automaton]
    made: Automaton | None = None

    @property
    def automaton(self) -> Automaton:
        if self.made is None:
            self.made = self.make()
        return self.made

    def covers(self, text: str, start: int, end: int) -> CompiledRule | None:
        """The first rule of which a pattern covers all of this stretch."""
        automaton = self.automaton
        state = automaton.start
        for at in range(start, end):
            state = state.moves.get(text[at]) or automaton.step(state, text[at])
            if state.rule is None and not state.onward:
                return None
        return None if state.rule is None else self.rules[state.rule]

    def found_in(self, text: str, start: int, end: int) -> CompiledRule | None:
        """The rule of which a pattern is seen first in this stretch: anywhere, or at its beginning if made so."""
        automaton = self.automaton
        state = automaton.start
        for at in range(start, end):
            if state.rule is not None:
                break
            state = state.moves.get(text[at]) or automaton.step(state, text[at])
            if not state.onward and state.rule is None:
                return None
        return None if state.rule is None else self.rules[state.rule]


def join(
    rules: Sequence[tuple[CompiledRule, Sequence[str]]],
    macros: Mapping[str, str],
    alphabet: Mapping[str, Lexeme],
    *,
    again: bool = False,
) -> Pattern:
    """One pattern of the patterns of these rules. Where several fit, the first rule counts."""
    used = [(one, patterns) for one, patterns in rules if patterns]
    numbered = [(number, pattern) for number, (_one, patterns) in enumerate(used) for pattern in patterns]
    return Pattern(tuple(one for one, _ in used), lambda: Automaton(numbered, macros, alphabet, again=again))
