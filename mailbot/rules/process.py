"""rules/process.toml: phases, milestones, payments, the ladder of reminders, and every day and hour of the process.

The file chooses numbers, names and recipients out of closed sets; what a step means is in `planning` and `orders`.
Each list is checked for sense as a whole, so that all problems of the file are found at once, each with its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from mailbot.rules import RuleModel, load
from mailbot.rules.invoices import InvoiceRules
from mailbot.rules.issues import DelegationRules, DissatisfactionRules, IssueRules, OtherTermsRules
from mailbot.rules.languages import languages_of
from mailbot.rules.photos import PhotoRules

Role = Literal["client", "account_manager", "sales_director", "finance", "operations", "lead_designer"]
Does = Literal["invoice", "remind", "pause", "collect"]
LadderMailKind = Literal[
    "invoice", "reminder-due", "reminder-friendly", "reminder-firm", "pause-notice", "escalation-pause",
    "escalation-collection",
]  # fmt: skip
RequestKind = Literal["milestone", "change-order", "issue", "invoice", "fitting", "weekly"]
FigureId = Literal["weekly", "issues", "milestones", "satisfaction", "payments"]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SIGNING = "signing"


def _wall_time(value: object) -> object:
    """Only "HH:MM" (or a TOML time): a bare number would be read as seconds after midnight."""
    if isinstance(value, time) or (isinstance(value, str) and len(value) == 5 and value[2] == ":"):
        return value
    raise ValueError('a time is written "HH:MM", for example "08:30"')


WallTime = Annotated[time, BeforeValidator(_wall_time)]
Days = Annotated[int, Field(ge=0, le=366)]
Hours = Annotated[int, Field(ge=1, le=24 * 31)]
Percent = Annotated[Decimal, Field(gt=0, le=100)]


class PreparationRule(RuleModel):
    """What has to be ready for a milestone: `who` is asked `days` before it, and `ready KEY` ticks it off."""

    key: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    text: str = Field(min_length=1)
    who: Literal["lead_designer", "operations", "account_manager"]
    days: int = Field(ge=1, le=60)


class MilestoneRule(RuleModel):
    """A milestone of an order that names none; without weeks it is due on the date of delivery."""

    key: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str = Field(min_length=1)
    to_week: int | None = Field(default=None, ge=1, le=52)
    approval: bool
    fitting_hours: int | None = Field(default=None, ge=1, le=12)  # length of the appointment; None: not a fitting
    moves_to: str | None = None
    action: str | dict[str, str] | None = None  # what the client has to do for it, by language or in any
    preparations: tuple[PreparationRule, ...] = ()

    def action_for(self, *locales: str) -> str | None:
        """What the client has to do for it, in the first of the languages of `locales` that it is told in."""
        if not isinstance(self.action, dict):
            return self.action
        told = (self.action.get(name) for locale in (*locales, "en") for name in languages_of(locale))
        return next((action for action in told if action), None)


class PaymentRule(RuleModel):
    """A part of the contract's price: `share` in percent, due at signing or with a milestone."""

    kind: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    share: Percent
    due: str


class StepMail(RuleModel):
    kind: LadderMailKind
    to: tuple[Role, ...] = Field(min_length=1)


class LadderStep(RuleModel):
    """One step for an unpaid invoice, `day` days after it fell due (negative: before)."""

    step: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    day: int = Field(ge=-60, le=366)
    does: Does
    working_days: bool  # moves to the client's next working day
    mails: tuple[StepMail, ...] = Field(min_length=1)


class ClientHours(RuleModel):
    """Wall times in the client's zone, and how far apart mails are that go to one address by themselves."""

    mail: WallTime
    opens: WallTime
    closes: WallTime
    apart_minutes: int = Field(ge=0, le=24 * 60)

    @field_validator("closes")
    @classmethod
    def _closes_after_mail(cls, closes: time, info: ValidationInfo) -> time:
        opens, mail = info.data.get("opens"), info.data.get("mail")
        if opens and mail and not opens <= mail < closes:
            raise ValueError("the hours must hold: opens <= mail < closes")
        return closes


class WeeklyRules(RuleModel):
    """The draft goes to the account manager on the last `draft_day` before the update's `day`. Studio time."""

    draft_day: Weekday
    draft: WallTime
    day: Weekday
    send: WallTime

    @property
    def weekday(self) -> int:
        return WEEKDAYS.index(self.day)

    @property
    def draft_weekday(self) -> int:
        return WEEKDAYS.index(self.draft_day)

    @field_validator("send")
    @classmethod
    def _draft_comes_first(cls, send: time, info: ValidationInfo) -> time:
        same_day = info.data.get("day") == info.data.get("draft_day")
        draft = info.data.get("draft")
        if same_day and draft and draft >= send:
            raise ValueError("the draft must go out before the update")
        return send


class DigestRules(RuleModel):
    """The digest of a working morning; `most_lines` is how long it may become, over all orders and for one of them."""

    time: WallTime
    days_ahead: Days
    most_lines: int = Field(ge=10, le=500)
    most_lines_of_order: int = Field(ge=3, le=100)


class FigureRule(RuleModel):
    id: FigureId
    name: str = Field(min_length=1)
    target: Decimal = Field(gt=0)


class ReportRules(RuleModel):
    """The weekly report to the Sales Director, and what counts as success. Studio time."""

    day: Weekday
    time: WallTime
    on_time_minutes: int = Field(ge=0, le=24 * 60)
    most_misses: int = Field(ge=1, le=200)
    figures: tuple[FigureRule, ...] = Field(min_length=1)

    @property
    def weekday(self) -> int:
        return WEEKDAYS.index(self.day)

    @field_validator("figures")
    @classmethod
    def _each_once(cls, figures: tuple[FigureRule, ...]) -> tuple[FigureRule, ...]:
        _complain(_twice("figure", [figure.id for figure in figures]))
        return figures


class RequestRules(RuleModel):
    """Reminders of what was asked: `nudges` times, then the account manager is told to call."""

    expire_after_days: int = Field(ge=1, le=366)
    nudge_after_working_days: int = Field(ge=1, le=60)
    nudges: int = Field(ge=0, le=10)
    nudged_kinds: tuple[RequestKind, ...]


class UndoRules(RuleModel):
    hours: Hours


class ChangeOrderRules(RuleModel):
    deposit_over_percent: Percent
    deposit_share_percent: Percent
    frequent_from: int = Field(ge=1)


class SatisfactionRules(RuleModel):
    milestone: str
    ask_after_working_days: int = Field(ge=0, le=60)
    lowest: int
    highest: int
    unhappy_to: int  # whoever answers so low is called

    @field_validator("highest")
    @classmethod
    def _scale_rises(cls, highest: int, info: ValidationInfo) -> int:
        if highest <= info.data.get("lowest", highest - 1):
            raise ValueError("must be above lowest")
        return highest


class HeldRules(RuleModel):
    """Replies that wait for a person: when they are reminded, and up to which size they see the mail itself."""

    remind_after_working_days: int = Field(ge=1, le=60)
    again_after_working_days: int = Field(ge=1, le=60)
    attach_up_to_kb: int = Field(ge=0, le=10_000)


class OutboxRules(RuleModel):
    in_doubt_minutes: int = Field(ge=1, le=24 * 60)


class ProcessRules(RuleModel):
    """The whole of rules/process.toml. `load(ProcessRules, "process.toml", folder)` reads it."""

    phases: tuple[str, ...] = Field(min_length=1)
    milestones: tuple[MilestoneRule, ...] = Field(min_length=1)
    payments: tuple[PaymentRule, ...] = Field(min_length=1)
    ladder: tuple[LadderStep, ...] = Field(min_length=1)
    client_hours: ClientHours
    weekly: WeeklyRules
    digest: DigestRules
    report: ReportRules
    requests: RequestRules
    undo: UndoRules
    change_orders: ChangeOrderRules
    issues: IssueRules
    dissatisfaction: DissatisfactionRules
    delegation: DelegationRules
    other_terms: OtherTermsRules
    satisfaction: SatisfactionRules
    photos: PhotoRules
    invoices: InvoiceRules
    held: HeldRules
    outbox: OutboxRules

    def milestone(self, key: str) -> MilestoneRule | None:
        return next((m for m in self.milestones if m.key == key), None)

    def step(self, name: str) -> LadderStep | None:
        return next((s for s in self.ladder if s.step == name), None)

    @field_validator("phases")
    @classmethod
    def _phases_differ(cls, phases: tuple[str, ...]) -> tuple[str, ...]:
        _complain(_twice("phase", phases))
        return phases

    @field_validator("milestones")
    @classmethod
    def _milestones_make_sense(
        cls, milestones: tuple[MilestoneRule, ...], info: ValidationInfo
    ) -> tuple[MilestoneRule, ...]:
        phases = info.data.get("phases")
        problems = _twice("milestone", [m.key for m in milestones])
        problems += [f"milestone {SIGNING!r} cannot be: payments use that word" for m in milestones if m.key == SIGNING]
        if phases is not None:
            lost = [m for m in milestones if m.moves_to is not None and m.moves_to not in phases]
            problems += [f"milestone {m.key!r} moves to {m.moves_to!r}, which is no phase" for m in lost]
        problems += _twice("preparation", [p.key for m in milestones for p in m.preparations])
        problems += _not_climbing("to_week", [(m.key, m.to_week) for m in milestones if m.to_week is not None])
        if phases:
            moves = [(m.key, phases.index(m.moves_to)) for m in milestones if m.moves_to in phases]
            problems += _not_climbing("moves_to", moves)
        _complain(problems)
        return milestones

    @field_validator("payments")
    @classmethod
    def _payments_make_sense(cls, payments: tuple[PaymentRule, ...], info: ValidationInfo) -> tuple[PaymentRule, ...]:
        problems = _twice("payment", [p.kind for p in payments])
        total = sum(p.share for p in payments)
        if total != 100:
            problems.append(f"the shares add up to {total} %, not 100 %")
        milestones: tuple[MilestoneRule, ...] | None = info.data.get("milestones")
        if milestones is not None:
            known = {SIGNING, *(m.key for m in milestones)}
            problems += [
                f"payment {p.kind!r} is due with {p.due!r}, which is no milestone"
                for p in payments
                if p.due not in known
            ]
        _complain(problems)
        return payments

    @field_validator("ladder")
    @classmethod
    def _ladder_climbs(cls, ladder: tuple[LadderStep, ...]) -> tuple[LadderStep, ...]:
        problems = _twice("step", [s.step for s in ladder])
        problems += _not_climbing("day", [(s.step, s.day) for s in ladder])
        does = [s.does for s in ladder]
        if does[0] != "invoice":
            problems.append('the first step must be the invoice itself: does = "invoice"')
        problems += _twice("does", [d for d in does if d != "remind"])
        _complain(problems)
        return ladder

    @field_validator("satisfaction")
    @classmethod
    def _survey_follows_a_milestone(cls, satisfaction: SatisfactionRules, info: ValidationInfo) -> SatisfactionRules:
        milestones: tuple[MilestoneRule, ...] | None = info.data.get("milestones")
        if milestones is not None and satisfaction.milestone not in {m.key for m in milestones}:
            raise ValueError(f"{satisfaction.milestone!r} is no milestone")
        return satisfaction


def load_process(folder: Path | None = None) -> ProcessRules:
    """rules/process.toml, the studio's own if `folder` has one. Raises ConfigError with every problem in it."""
    return load(ProcessRules, "process.toml", folder)


def _twice(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what} {name!r} is there more than once" for name in dict.fromkeys(names) if names.count(name) > 1]


def _not_climbing(what: str, values: Sequence[tuple[str, int]]) -> list[str]:
    pairs = pairwise(values)
    return [f"{what} of {after!r} must be above that of {before!r}" for (before, a), (after, b) in pairs if b <= a]


def _complain(problems: Iterable[str]) -> None:
    """Raise all problems of a list in one ValueError; pydantic adds the key, `validate` the line."""
    text = "; ".join(problems)
    if text:
        raise ValueError(text)
