"""rules/commands.toml: the wordings of the commands that staff give, and of the answers that settle a held reply.

What a command does is in `orders`; the ids and slots here are closed sets, so that a file can never invent an effect.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from mailbot.rules import RuleModel

CommandId = Literal[
    "phase", "percent", "done", "doing", "next", "blocker", "unblock", "ask", "milestone-due", "milestone-done",
    "change-order", "item", "days", "send", "issue", "situation", "impact", "plan", "option", "recommend", "answer-by",
    "severity", "fitting", "fitting-cancel", "vouch", "photo", "satisfaction", "paid", "promise", "dispute", "pause",
    "resume", "hold-weekly", "status", "due", "undo", "close", "close-anyway", "help",
]  # fmt: skip
ClientSaysId = Literal["undo"]
AnswerId = Literal["approve", "decline", "changes", "choose", "dismiss"]
Role = Literal["staff", "finance", "director"]
Slot = Literal[
    "text", "phase", "percent", "number", "milestone", "date", "time", "money", "days", "invoice", "change_order",
    "issue", "option", "way", "thing", "address",
]  # fmt: skip
SLOTS: tuple[str, ...] = Slot.__args__  # type: ignore[attr-defined]
_SLOT = re.compile(r"\{(\w+)\}")


class Form(RuleModel):
    """Wordings of one meaning."""

    forms: tuple[str, ...] = Field(min_length=1)

    @field_validator("forms")
    @classmethod
    def _slots_are_known(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted({s for form in forms for s in _SLOT.findall(form) if s not in SLOTS})
        if unknown:
            raise ValueError(f"unknown slot {', '.join(unknown)}; known: {', '.join(SLOTS)}")
        return forms


class CommandRule(Form):
    id: CommandId
    example: str
    who: tuple[Role, ...] = ("staff",)
    block: tuple[str, ...] = ()  # counts only inside these blocks
    opens: str | None = None


class AnswerRule(Form):
    id: AnswerId


class ClientRule(Form):
    """What a client may say to mailbot itself. It counts when it is the whole mail but for `courtesy` around it."""

    id: ClientSaysId
    courtesy: tuple[str, ...] = ()


class RatingRule(Form):
    """What a client may say of how satisfied they are, and the score that it is."""

    score: int = Field(ge=0, le=100)


class CommandRules(RuleModel):
    """The whole of rules/commands.toml. What `turns_round` a rating makes it none."""

    commands: tuple[CommandRule, ...]
    answers: tuple[AnswerRule, ...]
    client: tuple[ClientRule, ...] = ()
    ratings: tuple[RatingRule, ...] = ()
    turns_round: tuple[str, ...] = ()

    @field_validator("commands", "answers", "client", "ratings")
    @classmethod
    def _no_form_twice(cls, rules: tuple[Form, ...]) -> tuple[Form, ...]:
        seen: set[str] = set()
        twice = sorted({f for rule in rules for f in rule.forms if f in seen or seen.add(f)})  # type: ignore[func-returns-value]
        if twice:
            raise ValueError(f"{twice[0]!r} stands in two rules")
        return rules
