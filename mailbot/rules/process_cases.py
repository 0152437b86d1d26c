"""rules/process.cases.toml: what the numbers of process.toml mean, as dates that a person can check in a calendar.

`planning.cases` carries them out. Times are wall times in New York, or in the zone that the case names.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import NaiveDatetime

from mailbot.rules import RuleModel
from mailbot.rules.process import FigureId

ZONE, LOCALE = "America/New_York", "en_US"


class PhasesCase(RuleModel):
    first: str
    last: str


class MilestoneCase(RuleModel):
    key: str
    signed: date
    delivery: date
    due: date
    moves_to: str | None = None
    fitting_hours: int | None = None


class PaymentCase(RuleModel):
    kind: str
    total: Decimal
    signed: date
    delivery: date
    amount: Decimal
    due: date


class LadderCase(RuleModel):
    """An unpaid invoice due on `due`: when `step` goes, or which higher step comes first, so that it does not."""

    step: str
    due: date
    goes: NaiveDatetime | None = None
    zone: str = ZONE
    locale: str = LOCALE
    overtaken_by: str | None = None


class HoursCase(RuleModel):
    ready: NaiveDatetime
    goes: NaiveDatetime


class WeeklyCase(RuleModel):
    now: NaiveDatetime
    draft: NaiveDatetime
    goes: NaiveDatetime


class RequestCase(RuleModel):
    asked: NaiveDatetime
    nudges: tuple[NaiveDatetime, ...]
    call: NaiveDatetime
    expires: NaiveDatetime


class IssueCase(RuleModel):
    """How grave an issue is whose impact is written so; `text` is its title or situation."""

    impact: str
    severity: Literal["minor", "major"]
    text: str = ""


class IssueClockCase(RuleModel):
    raised: NaiveDatetime
    remind: NaiveDatetime


class ChangeOrderCase(RuleModel):
    total: Decimal
    amount: Decimal
    deposit: Decimal | None = None


class FrequentChangesCase(RuleModel):
    """Whether the change order that is the `count`-th is flagged."""

    count: int
    flagged: bool


class SatisfactionCase(RuleModel):
    done: NaiveDatetime
    asked: NaiveDatetime
    scale: tuple[int, int]
    unhappy: tuple[int, int]


class DissatisfactionCase(RuleModel):
    """Whether these words of a client make the account manager call."""

    words: str
    calls: bool


class IssueOptionsCase(RuleModel):
    """Whether a notice may offer so many ways out."""

    count: int
    fits: bool


class PhotoLimitsCase(RuleModel):
    most: int
    quality: int
    megapixels: dict[str, int]


class PhotoCase(RuleModel):
    size: tuple[int, int]
    shown: tuple[int, int] | None = None


class DigestCase(RuleModel):
    """The first digest after `now`, and the last day that it looks ahead to."""

    now: NaiveDatetime
    goes: NaiveDatetime
    until: date


class ReportCase(RuleModel):
    """The first report after `now`, and the last moment at which an update of the Friday before it is on time."""

    now: NaiveDatetime
    goes: NaiveDatetime
    on_time_until: NaiveDatetime


class FigureCase(RuleModel):
    id: FigureId
    value: Decimal
    met: bool


class UndoCase(RuleModel):
    booked: NaiveDatetime
    until: NaiveDatetime


class HeldCase(RuleModel):
    """A reply held at `held`: when its first reminders go out."""

    held: NaiveDatetime
    reminders: tuple[NaiveDatetime, ...]
    attached_kb: int


class OutboxCase(RuleModel):
    attempted: NaiveDatetime
    in_doubt: NaiveDatetime


class ProcessCases(RuleModel):
    """The whole of rules/process.cases.toml."""

    phases: tuple[PhasesCase, ...] = ()
    milestones: tuple[MilestoneCase, ...] = ()
    payments: tuple[PaymentCase, ...] = ()
    ladder: tuple[LadderCase, ...] = ()
    client_hours: tuple[HoursCase, ...] = ()
    weekly: tuple[WeeklyCase, ...] = ()
    requests: tuple[RequestCase, ...] = ()
    issues: tuple[IssueCase, ...] = ()
    issue_clock: tuple[IssueClockCase, ...] = ()
    change_orders: tuple[ChangeOrderCase, ...] = ()
    frequent_changes: tuple[FrequentChangesCase, ...] = ()
    satisfaction: tuple[SatisfactionCase, ...] = ()
    dissatisfaction: tuple[DissatisfactionCase, ...] = ()
    issue_options: tuple[IssueOptionsCase, ...] = ()
    photos: tuple[PhotoCase, ...] = ()
    photo_limits: tuple[PhotoLimitsCase, ...] = ()
    digest: tuple[DigestCase, ...] = ()
    report: tuple[ReportCase, ...] = ()
    figures: tuple[FigureCase, ...] = ()
    undo: tuple[UndoCase, ...] = ()
    held: tuple[HeldCase, ...] = ()
    outbox: tuple[OutboxCase, ...] = ()
