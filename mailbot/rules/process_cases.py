"""rules/process.cases.toml: what the numbers of process.toml mean, as dates that a person can check in a calendar.

`planning.cases` carries them out. Times are wall times in New York, or in the zone that the case names.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import NaiveDatetime

from mailbot.rules import RuleModel
from mailbot.rules.process import FigureId, Role

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


class PreparationCase(RuleModel):
    """When `who` is asked whether `key` is ready for its milestone on `due`: the first time, and once more."""

    key: str
    who: Role
    due: date
    asked: NaiveDatetime
    again: NaiveDatetime | None = None


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
    """When a mail goes that came up at `ready`; with `after`, when another one went to the client at that moment."""

    ready: NaiveDatetime
    goes: NaiveDatetime
    after: NaiveDatetime | None = None


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


class DelegationCase(RuleModel):
    """Whether a client says by these words that somebody decides in their place."""

    words: str
    names: bool


class OtherTermsCase(RuleModel):
    """Whether a mail to a client names another price or day by these words."""

    words: str
    names: bool


class IssueOptionsCase(RuleModel):
    """Whether a notice may offer so many ways out."""

    count: int
    fits: bool


class InvoiceCase(RuleModel):
    """An amount of a contract without its tax, and how a client in `territory` is told of it."""

    amount: Decimal
    net: Decimal
    tax: Decimal
    tax_name: str = "VAT"
    tax_note: str = ""
    locale: str = LOCALE
    territory: str
    paper: str
    own_file_kb: int | None = None
    collection_kb: int | None = None


class PhotoLimitsCase(RuleModel):
    most: int
    quality: int
    megapixels: dict[str, int]


class PhotoCase(RuleModel):
    size: tuple[int, int]
    shown: tuple[int, int] | None = None


class DigestCase(RuleModel):
    """The first digest after `now`, the last day that it looks ahead to, the most lines: in all, and of one order."""

    now: NaiveDatetime
    goes: NaiveDatetime
    until: date
    most_lines: tuple[int, int]


class ReportCase(RuleModel):
    """The first report after `now`, the last moment at which an update of the Friday before it is on time, the most
    misses that it names."""

    now: NaiveDatetime
    goes: NaiveDatetime
    on_time_until: NaiveDatetime
    most_misses: int


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
    preparations: tuple[PreparationCase, ...] = ()
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
    delegation: tuple[DelegationCase, ...] = ()
    other_terms: tuple[OtherTermsCase, ...] = ()
    issue_options: tuple[IssueOptionsCase, ...] = ()
    photos: tuple[PhotoCase, ...] = ()
    photo_limits: tuple[PhotoLimitsCase, ...] = ()
    invoices: tuple[InvoiceCase, ...] = ()
    digest: tuple[DigestCase, ...] = ()
    report: tuple[ReportCase, ...] = ()
    figures: tuple[FigureCase, ...] = ()
    undo: tuple[UndoCase, ...] = ()
    held: tuple[HeldCase, ...] = ()
    outbox: tuple[OutboxCase, ...] = ()
