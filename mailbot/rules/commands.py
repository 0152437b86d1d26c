"""rules/commands.toml: the wordings of the commands that staff give, and of the answers that settle a held reply.

What a command does is in `orders`; the ids and slots here are closed sets, so that a file can never invent an effect.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from mailbot.rules import RuleModel

CommandId = Literal[
    "phase", "percent", "done", "doing", "next", "blocker", "unblock", "ask", "milestone-due", "milestone-done",
    "change-order", "item", "days", "send", "issue", "situation", "impact", "plan", "option", "recommend",
    "answer-by", "severity", "fitting", "fitting-note", "fitting-cancel", "fit", "vouch", "photo", "satisfaction",
    "paid", "part-paid", "promise", "dispute-over", "dispute", "pause", "resume", "hold-weekly", "status", "due",
    "undo", "invoice-file", "po-number", "close", "close-anyway", "help", "ready",
    "remark", "drop", "line", "bill",
    "approver", "approver-unlimited", "approver-off", "delegate", "delegate-off", "accept", "accept-off",
    "updates-off", "updates-on", "write-again",
]  # fmt: skip
ClientSaysId = Literal["undo", "unsubscribe"]
AnswerId = Literal["approve", "decline", "changes", "choose", "dismiss", "add"]
Role = Literal["staff", "finance", "director"]
Slot = Literal[
    "text", "phase", "percent", "number", "milestone", "date", "time", "money", "days", "invoice", "change_order",
    "issue", "option", "way", "thing", "address", "principal", "in_all",
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


class Topic(RuleModel):
    """What one wants to do: a heading of `help`."""

    id: str = Field(pattern=r"^[a-z]+$")
    title: str = Field(min_length=1)


class CommandRule(Form):
    """A command; `help` shows its example, and says what it does, under `topic` or below what opens its block."""

    id: CommandId
    example: str
    does: str = Field(min_length=1)
    topic: str | None = None
    who: tuple[Role, ...] = ("staff",)
    block: tuple[str, ...] = ()  # counts only inside these blocks
    opens: str | None = None


class AnswerRule(Form):
    """What settles a held reply; `also`: its sender becomes an approver, or is accepted without proof from now on."""

    id: AnswerId
    also: Literal["", "add", "accept"] = ""


class ClientRule(Form):
    """What a client may say to mailbot itself. It counts when it is the whole mail but for `courtesy` around it."""

    id: ClientSaysId
    courtesy: tuple[str, ...] = ()


class RatingRule(Form):
    """What a client may say of how satisfied they are, and the score that it is."""

    score: int = Field(ge=0, le=100)


class CommandRules(RuleModel):
    """The whole of rules/commands.toml. What `turns_round` a rating makes it none."""

    topics: tuple[Topic, ...]
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

    @field_validator("commands")
    @classmethod
    def _each_stands_in_help(cls, rules: tuple[CommandRule, ...], info: ValidationInfo) -> tuple[CommandRule, ...]:
        topics = {topic.id for topic in info.data.get("topics", ())}
        opened = {rule.opens for rule in rules if rule.opens}
        lost = [r.id for r in rules if not ((r.topic in topics) if not r.block else set(r.block) <= opened)]
        if lost and topics:
            raise ValueError(f"{lost[0]!r} would not stand in help: it needs a topic, or a block that a command opens")
        return rules
