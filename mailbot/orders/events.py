"""What happened to an order, in the past tense.

An event carries its consequences (the new phase, the new total), worked out by `decide` from the rules of that day, so
that replaying a year later gives the same order whatever the rules say by then. Each is stored with the hash of the one
before it (`link` in `seal`): removal, alteration and reordering show.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from mailbot.orders.model import (
    Billing,
    Blocker,
    ChangeOrder,
    Client,
    Frozen,
    How,
    Invoice,
    Issue,
    Milestone,
    Order,
    Person,
    Photo,
    Request,
    Verdict,
)  # fmt: skip


class _Event(Frozen):
    at: AwareDatetime
    by: str  # an address, "mailbot" or "shell:USER"


class OrderImported(_Event):
    type: Literal["OrderImported"] = "OrderImported"
    ref: str
    project: str
    client: Client
    account_manager: Person
    currency: str
    total: Decimal
    signed: date
    delivery: date
    phase: str
    milestones: tuple[Milestone, ...]
    invoices: tuple[Invoice, ...]
    billing: Billing = Billing()
    salt: str = ""  # random: what personal texts of this order's events are sealed with


class RequestOpened(_Event):
    """The client was asked; an open request about the same thing is superseded by this one."""

    type: Literal["RequestOpened"] = "RequestOpened"
    request: Request


class RequestClosed(_Event):
    type: Literal["RequestClosed"] = "RequestClosed"
    token: str
    state: Literal["withdrawn", "expired", "superseded"]


class DecisionBooked(_Event):
    """The client decided. `by` is the client; `confirmed_by` the AM who settled a held reply, if one did."""

    type: Literal["DecisionBooked"] = "DecisionBooked"
    token: str
    kind: str
    about: str
    verdict: Verdict
    how: How
    proof: str  # how the sender was proven
    authority: str = ""  # by what right they decided
    because: str  # rule ids or a named reason
    words: str  # the client's own words
    mail: str  # archive key of the mail
    option: int | None = None
    confirmed_by: str | None = None
    phase: str | None = None  # consequences
    total: Decimal | None = None
    delivery: date | None = None
    milestones: tuple[Milestone, ...] = ()  # the moved ones, as they are afterwards
    invoices: tuple[Invoice, ...] = ()  # new or changed


class DecisionUndone(_Event):
    """A booked decision was taken back; what else had followed from it stands in `followed`, in words.

    The consequences are those of today: the total less what the decision added, whatever was decided in between.
    """

    type: Literal["DecisionUndone"] = "DecisionUndone"
    token: str
    kind: str
    about: str
    verdict: Verdict  # the one that is taken back
    through: str  # archive key of the client's mail, or "command"
    proof: str
    because: str
    words: str
    from_client: bool
    status: str  # of the milestone, change order or issue, again
    expires_at: AwareDatetime | None  # of the request, which is open again; None where there is none
    phase: str | None = None  # consequences
    total: Decimal | None = None
    delivery: date | None = None
    milestones: tuple[Milestone, ...] = ()  # moved back, as they are afterwards
    invoices: tuple[Invoice, ...] = ()  # changed, cancelled or new
    followed: tuple[str, ...] = ()


class ReplyHeld(_Event):
    type: Literal["ReplyHeld"] = "ReplyHeld"
    held: str
    token: str | None
    guess: str | None
    because: str
    mail: str


class HeldSettled(_Event):
    type: Literal["HeldSettled"] = "HeldSettled"
    held: str
    answer: str
    through: str  # archive key of the AM's mail, or "shell"


class MailRecorded(_Event):
    """A mail that decided nothing is on record: an answer without decision, or correspondence."""

    type: Literal["MailRecorded"] = "MailRecorded"
    mail: str
    direction: Literal["in", "out"]
    kind: str
    because: str = ""
    from_client: bool = False
    to_client: bool = False  # staff have written to the client: a reminder can wait


class PhaseSet(_Event):
    type: Literal["PhaseSet"] = "PhaseSet"
    phase: str


class PercentSet(_Event):
    type: Literal["PercentSet"] = "PercentSet"
    percent: int


class ProgressNoted(_Event):
    type: Literal["ProgressNoted"] = "ProgressNoted"
    what: Literal["done", "doing", "coming", "remark"]
    text: str


class ProgressCorrected(_Event):
    """A line of the weekly update has other words from now on; "": it is struck out."""

    type: Literal["ProgressCorrected"] = "ProgressCorrected"
    number: int
    text: str


class BlockerRaised(_Event):
    type: Literal["BlockerRaised"] = "BlockerRaised"
    blocker: Blocker


class BlockerCleared(_Event):
    type: Literal["BlockerCleared"] = "BlockerCleared"
    number: int


class MilestonesChanged(_Event):
    """Moved, done or planned anew: the milestones as they are afterwards, with what depends on them."""

    type: Literal["MilestonesChanged"] = "MilestonesChanged"
    milestones: tuple[Milestone, ...]
    phase: str | None = None
    delivery: date | None = None
    invoices: tuple[Invoice, ...] = ()
    why: str = ""


class ApproverChanged(_Event):
    """Somebody may decide for the client from now on, up to these limits; or not any more."""

    type: Literal["ApproverChanged"] = "ApproverChanged"
    what: Literal["named", "removed"]
    address: str
    each: Decimal | None = None
    in_all: Decimal | None = None


class DelegateChanged(_Event):
    """Somebody decides in the place of an approver until a day; or not any more."""

    type: Literal["DelegateChanged"] = "DelegateChanged"
    what: Literal["named", "ended"]
    address: str
    instead_of: str = ""
    until: date | None = None
    each: Decimal | None = None


class AcceptanceChanged(_Event):
    """The answers of an address count without proof, with a token and never about money; or not any more."""

    type: Literal["AcceptanceChanged"] = "AcceptanceChanged"
    what: Literal["accepted", "ended"]
    address: str


class AddressChanged(_Event):
    """Mail to an address came back; it may be `off` now, written to no more; or it is written to `again`."""

    type: Literal["AddressChanged"] = "AddressChanged"
    what: Literal["bounced", "off", "again"]
    address: str
    status: str = ""  # RFC 3463, where one was stated


class SubscriptionChanged(_Event):
    """An address gets no weekly updates of the order any more, or gets them again."""

    type: Literal["SubscriptionChanged"] = "SubscriptionChanged"
    what: Literal["ended", "resumed"]
    address: str


class FitNoted(_Event):
    """What was seen at a fitting and is to be altered."""

    type: Literal["FitNoted"] = "FitNoted"
    milestone: str  # its key
    text: str


class PreparationReady(_Event):
    """Something that a milestone needs is ready: its key in rules/process.toml, and what was said about it."""

    type: Literal["PreparationReady"] = "PreparationReady"
    milestone: str  # its key
    preparation: str
    text: str = ""


class ChangeOrderChanged(_Event):
    """Drafted, given items, or made into a new revision."""

    type: Literal["ChangeOrderChanged"] = "ChangeOrderChanged"
    change_order: ChangeOrder


class IssueChanged(_Event):
    type: Literal["IssueChanged"] = "IssueChanged"
    issue: Issue


class IssueTold(_Event):
    """The notice of an issue went out at `sent_at`: the mail server has taken it."""

    type: Literal["IssueTold"] = "IssueTold"
    issue: str
    sent_at: AwareDatetime


class InvoiceChanged(_Event):
    """Sent, reminded, paid, promised, disputed: the invoice as it is afterwards."""

    type: Literal["InvoiceChanged"] = "InvoiceChanged"
    invoice: Invoice
    what: str  # sent, reminder-due, ..., paid, promise, dispute


class BillingChanged(_Event):
    """To whom invoices are made out, or the client's number that they name, is another from now on."""

    type: Literal["BillingChanged"] = "BillingChanged"
    billing: Billing


class RequestNudged(_Event):
    type: Literal["RequestNudged"] = "RequestNudged"
    token: str
    on: date
    escalated: bool = False


class Told(_Event):
    """Something went out that goes out once and changes nothing else: a draft, the clock of an issue, the survey."""

    type: Literal["Told"] = "Told"
    key: str
    kind: str
    because: str


class PhotosAdded(_Event):
    """Pictures, prepared and in the archive, for the next weekly update."""

    type: Literal["PhotosAdded"] = "PhotosAdded"
    photos: tuple[Photo, ...]


class SatisfactionGiven(_Event):
    """The client said how satisfied they are; a later answer takes the place of an earlier one."""

    type: Literal["SatisfactionGiven"] = "SatisfactionGiven"
    rating: int
    words: str
    mail: str  # archive key, "" where staff heard it
    proof: str
    from_client: bool


class WeeklySent(_Event):
    type: Literal["WeeklySent"] = "WeeklySent"
    week: date  # its Friday


class WeeklyHeld(_Event):
    type: Literal["WeeklyHeld"] = "WeeklyHeld"
    week: date


class OrderPaused(_Event):
    type: Literal["OrderPaused"] = "OrderPaused"
    why: str


class OrderResumed(_Event):
    type: Literal["OrderResumed"] = "OrderResumed"


class OrderClosed(_Event):
    type: Literal["OrderClosed"] = "OrderClosed"


class Removed(Frozen):
    """A text that was taken out of an earlier event: where it stood, its seal in the chain, what stands there now."""

    revision: int
    path: str
    seal: str
    left: str


class DataRemoved(_Event):
    """Personal data were removed: texts of events, mails (by their hash), rows of other tables (how many of each)."""

    type: Literal["DataRemoved"] = "DataRemoved"
    texts: tuple[Removed, ...] = ()
    mails: tuple[str, ...] = ()
    rows: dict[str, int] = Field(default_factory=dict)
    salt: str = ""  # for what comes later; "" where the order keeps the one that it has


Event = Annotated[
    OrderImported | RequestOpened | RequestClosed | DecisionBooked | DecisionUndone | ReplyHeld | HeldSettled
    | MailRecorded | PhaseSet | PercentSet | ProgressNoted | BlockerRaised | BlockerCleared | MilestonesChanged
    | FitNoted | ChangeOrderChanged | IssueChanged | IssueTold | InvoiceChanged | RequestNudged | Told | WeeklySent
    | WeeklyHeld | OrderPaused | OrderResumed | OrderClosed | PhotosAdded | SatisfactionGiven | DataRemoved
    | ApproverChanged | DelegateChanged | AcceptanceChanged | BillingChanged | PreparationReady
    | SubscriptionChanged | AddressChanged
    | ProgressCorrected,
    Field(discriminator="type"),
]  # fmt: skip

EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def initial(event: OrderImported) -> Order:
    """The order as imported, before any other event."""
    return Order(
        ref=event.ref, project=event.project, client=event.client, account_manager=event.account_manager,
        currency=event.currency, contract_total=event.total, total=event.total, signed=event.signed,
        delivery=event.delivery, phase=event.phase, milestones=event.milestones, invoices=event.invoices,
        imported_at=event.at, billing=event.billing, salt=event.salt,
    )  # fmt: skip
