"""rules/process.toml, [issues] and [dissatisfaction]: how long a client may not know of an issue, what makes one major,
and which words of a client's mean that somebody must call.

Major is a delay or an overrun above the limits, read from what the account manager writes as its impact, and whatever
names what is grave by itself: quality, a dispute, a client who is not happy. Which words those are is data as well.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from mailbot.rules import RuleModel

Severity = Literal["minor", "major"]
_DAYS_OF = {"day": 1, "week": 7, "month": 30}
_PART = re.compile(r"[.,;|\n]\s+|[;|\n]")  # a decimal comma is none
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 4000


class Units(RuleModel):
    """The words by which an impact is measured; `numbers` are those that people spell out, from one on."""

    day: tuple[str, ...] = Field(min_length=1)
    week: tuple[str, ...] = Field(min_length=1)
    month: tuple[str, ...] = Field(min_length=1)
    percent: tuple[str, ...] = Field(min_length=1)
    numbers: tuple[str, ...] = ()


class IssueRules(RuleModel):
    tell_within_hours: Annotated[int, Field(ge=1, le=24 * 31)]
    remind_hours_before: Annotated[int, Field(ge=1, le=24 * 31)]
    major_over_days: Annotated[int, Field(ge=0, le=366)]
    major_over_percent: Annotated[Decimal, Field(gt=0, le=100)]
    least_options: int = Field(ge=1, le=9)
    most_options: int = Field(ge=1, le=9)
    grave: tuple[str, ...]
    harmless: tuple[str, ...]
    units: Units

    def severity(self, days: int, percent: Decimal) -> Severity:
        """How grave a delay of `days` or an overrun of `percent` of the budget is."""
        return "major" if days > self.major_over_days or percent > self.major_over_percent else "minor"

    def measured(self, impact: str) -> tuple[int | None, Decimal | None]:
        """The longest delay in days and the largest overrun in percent that `impact` names; None where none."""
        days: list[int] = []
        percents: list[Decimal] = []
        for number, unit in self._measures.findall(impact.casefold()[:_LONGEST]):
            value = Decimal(self._spelt.get(number) or number.replace(",", "."))
            name = self._names[unit]
            if name == "percent":
                percents.append(value)
            else:
                days.append(int((value * _DAYS_OF[name]).to_integral_value(rounding="ROUND_CEILING")))
        return max(days, default=None), max(percents, default=None)

    def grave_word(self, text: str) -> str | None:
        """The word in `text` that is grave by itself, unless its part of the sentence says that it is not so."""
        return _named(text, self.grave, self.harmless)

    def fits(self, options: int) -> bool:
        """Whether a client may be given so many ways to choose from; none at all is a heads-up."""
        return options == 0 or self.least_options <= options <= self.most_options

    @cached_property
    def _spelt(self) -> dict[str, int]:
        return {word: n for n, words in enumerate(self.units.numbers, start=1) for word in words.split()}

    @cached_property
    def _names(self) -> dict[str, str]:
        units = self.units
        named = (("day", units.day), ("week", units.week), ("month", units.month), ("percent", units.percent))
        return {word: name for name, words in named for word in words}

    @cached_property
    def _measures(self) -> re.Pattern[str]:
        numbers = "|".join([r"\d{1,4}(?:[.,]\d{1,2})?", *map(re.escape, self._spelt)])
        units = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        return re.compile(rf"(?<![\w.,])({numbers})\s?-?\s?({units})(?!\w)")

    @field_validator("remind_hours_before")
    @classmethod
    def _reminds_within(cls, before: int, info: ValidationInfo) -> int:
        if before >= info.data.get("tell_within_hours", before + 1):
            raise ValueError("must be less than tell_within_hours")
        return before

    @field_validator("most_options")
    @classmethod
    def _room_for_a_choice(cls, most: int, info: ValidationInfo) -> int:
        if most < info.data.get("least_options", most):
            raise ValueError("must not be less than least_options")
        return most


class TellingWords(RuleModel):
    """Words of a client that bring a mail to a person, and those beside which they say something else."""

    words: tuple[str, ...]
    unless: tuple[str, ...] = ()

    def named(self, text: str) -> str | None:
        """The first of the words that stands in `text` (a client's own); None where there is none."""
        return _named(text, self.words, self.unless)


class DissatisfactionRules(TellingWords):
    """By which words a client is not content."""


class DelegationRules(TellingWords):
    """By which words a client has somebody decide in their place."""


class OtherTermsRules(TellingWords):
    """By which words a mail to a client names another price or day than mailbot has shown."""


def _named(text: str, names: tuple[str, ...], unless: tuple[str, ...]) -> str | None:
    """The first of `names` that stands in a part of `text` where none of `unless` does."""
    for part in _PART.split(text.casefold()[:_LONGEST]):
        words = " ".join(["", *_WORD.findall(part), ""])
        if any(f" {other} " in words for other in unless):
            continue
        if found := next((name for name in names if f" {name} " in words), None):
            return found
    return None
