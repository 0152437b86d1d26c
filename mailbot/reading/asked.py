"""The data of reading a decision: what was asked, what was heard, what it was read as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.orders.model import Label
from mailbot.reading.clauses import Clause
from mailbot.reading.facts import Facts
from mailbot.rules.replies import Meaning


@dataclass(frozen=True, slots=True)
class Asked:
    """What had been asked. `context` is one of rules.replies.CONTEXTS; `subject` is that of the reply."""

    context: str
    subject: str = ""
    options: tuple[str, ...] = ()
    about: str | None = None
    locale: str | None = None
    amount: Decimal | None = None
    dates: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. Not `understood`: a person decides, `guess` is what it looks like, `label` is the safe one.

    `option` counts from 1; `certain` is False for a payment that is on its way today; `because` names the rule and
    quotes the words.
    """

    label: Label
    option: int | None
    certain: bool
    because: str
    guess: str | None
    language: str
    understood: bool
    conditional: bool = False  # changes are asked for in the form of an approval: a person decides which it is


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply's clauses with what they are judged against."""

    clauses: tuple[Clause, ...]
    asked: Asked
    facts: Facts
    kinds: Mapping[str, frozenset[str]]
    language: str
    plain: str
    asks_else: bool  # the subject asks something else than an approval ("Shall I remind you on Monday?")
    approving: tuple[str, ...] = ("approve", "approvd")  # classes of words that approve whatever the subject asks

    def of(self, *meanings: Meaning) -> list[Clause]:
        return [clause for clause in self.clauses if clause.meaning in meanings]
