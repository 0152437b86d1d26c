"""The order and everything that hangs on it, as frozen data.

Money is `Decimal` in the order's currency, dates are local to the studio, times are aware and in UTC.
Nothing here changes anything: `evolve` makes the next order from this one and an event.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

MilestoneStatus = Literal["planned", "asked", "approved", "changes", "done"]
ChangeOrderStatus = Literal["draft", "sent", "approved", "declined", "changes", "superseded"]
InvoiceStatus = Literal["planned", "sent", "paid", "frozen", "cancelled"]
IssueStatus = Literal["draft", "told", "chosen", "closed"]
RequestState = Literal["open", "answered", "superseded", "withdrawn", "expired"]
How = Literal["replied", "vouched", "held-confirmed", "staff"]
Appointment = Literal["none", "offered", "confirmed", "refused", "cancelled"]
AskedKind = Literal["milestone", "change-order", "issue", "invoice", "fitting", "weekly"]
Label = Literal[
    "approve", "changes", "decline", "question", "none", "dispute", "choose", "paid", "confirm", "reschedule",
    "autoreply",
]  # fmt: skip
Verdict = Literal[
    "approve", "decline", "changes", "choose", "paid", "dispute", "question", "confirm", "reschedule",
    "command", "note", "hold", "ignore",
]  # fmt: skip


class Frozen(BaseModel):
    """Base of all data in the house: immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Frozen):
    name: str
    email: str


class Limit(Frozen):
    """Up to what an approver may decide: `each` decision, and all of theirs on the order together. None: no limit."""

    address: str
    each: Decimal | None = None
    in_all: Decimal | None = None


class Client(Frozen):
    """Who ordered. `approvers` may decide, some up to `limits`; all `emails` get the mails. Addresses are as
    `addresses.normal` has them."""

    name: str
    emails: tuple[str, ...]
    approvers: tuple[str, ...]
    timezone: str
    locale: str
    limits: tuple[Limit, ...] = ()


class Billing(Frozen):
    """What invoices name besides the client: to whom they are made out, the client's own number; "" for nothing."""

    name: str = ""
    address: str = ""  # its lines
    tax_id: str = ""
    po_number: str = ""


class Delegate(Frozen):
    """Who decides in the place of an approver ("": of any), until the end of a day in the client's zone.

    `ended_at`: it was called off, or another took its place.
    """

    address: str
    instead_of: str
    until: date
    each: Decimal | None = None
    named_by: str
    named_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class Accepted(Frozen):
    """An address whose answers count without proof when they come to a question's own address; never about money."""

    address: str
    by: str
    at: AwareDatetime


class Bounced(Frozen):
    """Mail to an address came back, at these moments. `off`: it is written to no more, and this is why."""

    address: str
    at: tuple[AwareDatetime, ...]
    off: str = ""


class Note(Frozen):
    """Something noted. A line of the weekly update has a number, for good: no two of an order have the same."""

    at: AwareDatetime
    text: str
    number: int = 0


class Milestone(Frozen):
    key: str
    name: str
    due: date
    approval: bool
    at: str | None = None  # wall time of an appointment, "14:00", in studio time
    status: MilestoneStatus = "planned"
    approved_by: str | None = None
    approved_at: AwareDatetime | None = None
    how: How | None = None
    done_on: date | None = None
    wishes: tuple[str, ...] = ()  # the client's words, whole, each time changes were asked
    appointment: Appointment = "none"  # of a fitting: `at` is its wall time, `starts` and `ends` the moments
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    invites: int = 0  # invitations and cancellations sent: the next one's SEQUENCE (RFC 5545, 3.8.7.4)
    place: str = ""  # of the appointment, and what the client is told about it
    note: str = ""
    fit_notes: tuple[Note, ...] = ()  # what was seen and is to be altered
    ready: tuple[str, ...] = ()  # keys of its preparations that are done


class Item(Frozen):
    text: str
    amount: Decimal


class ChangeOrder(Frozen):
    number: str  # CO-1
    title: str
    items: tuple[Item, ...] = ()
    days: int = 0
    status: ChangeOrderStatus = "draft"
    revision: int = 1
    approved_by: str | None = None
    approved_at: AwareDatetime | None = None
    how: How | None = None
    about: str | None = None  # the issue whose chosen option it is

    @property
    def amount(self) -> Decimal:
        return sum((item.amount for item in self.items), Decimal(0)) if self.items else Decimal("0.00")


class Option(Frozen):
    text: str
    days: int = 0
    amount: Decimal = Decimal("0.00")


class Issue(Frozen):
    number: str
    title: str
    severity: Literal["minor", "major"] = "minor"
    because: str = ""  # why it is major
    status: IssueStatus = "draft"
    situation: str = ""
    impact: str = ""
    plan: str = ""
    options: tuple[Option, ...] = ()
    recommended: int | None = None  # from 1
    option: int | None = None  # chosen, from 1
    answer_by: date | None = None
    raised_at: AwareDatetime | None = None
    told_at: AwareDatetime | None = None


class Step(Frozen):
    """One step of the dunning ladder that went out: its name in rules/process.toml, and the day."""

    step: str
    on: date


class Invoice(Frozen):
    number: str  # INV-1; unique in the studio
    kind: str  # deposit, mid-project, final, change-order-deposit, change-order, credit
    amount: Decimal
    due: date
    milestone: str | None = None  # the due date follows it until the invoice is sent
    status: InvoiceStatus = "planned"
    sent_on: date | None = None
    steps: tuple[Step, ...] = ()
    promised: date | None = None
    paid_on: date | None = None
    paid: Decimal = Decimal("0.00")
    why: str | None = None  # of a dispute
    change_order: str | None = None
    no_pause: bool = False  # resumed by the director while unpaid
    left: bool = False  # fell due before the import, and another after it: goes out when staff say so
    file: str | None = None  # archive key of the studio's own PDF, which goes out instead of mailbot's


class Request(Frozen):
    """One thing asked of the client. `token` is its id everywhere: address, Message-ID, body."""

    token: str
    kind: AskedKind
    about: str  # milestone key, CO-1, ISS-1, INV-1
    revision: str  # hash of exactly what was shown
    asked_at: AwareDatetime
    expires_at: AwareDatetime
    state: RequestState = "open"
    asked_by: str = ""  # the account manager
    shown: str = ""  # the text of what was asked, as the client saw it
    options: tuple[str, ...] = ()
    answered_at: AwareDatetime | None = None
    answer: str | None = None
    nudged: tuple[date, ...] = ()
    escalated: date | None = None  # the AM was told to call
    reopened_at: AwareDatetime | None = None  # its answer was taken back


class Shift(Frozen):
    """By how many days a decision moved the due date of a milestone (its key) or an invoice (its number)."""

    what: str
    days: int


class Booked(Frozen):
    """A decision on record with what it changed, so that it can be taken back whatever has happened since."""

    token: str
    kind: str
    about: str
    verdict: Verdict
    at: AwareDatetime
    by: str
    status: str = ""  # of the milestone, change order or issue, before
    status_after: str = ""
    phase: str  # before
    phase_after: str
    added: Decimal  # to the contract total
    days: int  # by which delivery moved
    shifts: tuple[Shift, ...] = ()
    invoices: tuple[str, ...] = ()  # numbers of those that it changed, new ones among them
    new_invoices: tuple[str, ...] = ()
    undone_at: AwareDatetime | None = None
    undone_by: str | None = None

    def same(self, token: str, kind: str, about: str) -> bool:
        """Whether it answered this request about this thing; one given elsewhere has no request: its token is ""."""
        return (self.token, self.kind, self.about) == (token, kind, about)


class Blocker(Frozen):
    number: int
    text: str
    since: date


class Unsettled(Frozen):
    """A held reply (its id) to a request (its token) that waits for a person: the client has answered, we have not."""

    held: str
    token: str


class Photo(Frozen):
    """A picture for the next weekly update: the archive key of its prepared bytes (JPEG), and what it shows."""

    mail: str
    text: str


class Order(Frozen):
    """One order as it stands after `revision` events; `hash` is that of the last one."""

    ref: str
    project: str
    client: Client
    account_manager: Person
    currency: str
    contract_total: Decimal  # as signed
    total: Decimal  # with approved change orders
    signed: date
    delivery: date
    phase: str
    percent_complete: int = 0
    milestones: tuple[Milestone, ...] = ()
    change_orders: tuple[ChangeOrder, ...] = ()
    issues: tuple[Issue, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    requests: tuple[Request, ...] = ()
    decisions: tuple[Booked, ...] = ()  # all that were booked, in order, those taken back as well
    delegates: tuple[Delegate, ...] = ()  # all that were named, in order, those of the past as well
    accepted: tuple[Accepted, ...] = ()
    unsubscribed: tuple[str, ...] = ()  # addresses that get no weekly updates any more
    bounced: tuple[Bounced, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    done: tuple[Note, ...] = ()
    doing: tuple[Note, ...] = ()
    coming: tuple[Note, ...] = ()
    remark: tuple[Note, ...] = ()  # what the account manager adds to an update in their own words
    lines: int = 0  # of updates that were ever noted: the number of the last one
    unsettled: tuple[Unsettled, ...] = ()
    photos: tuple[Photo, ...] = ()  # since the last weekly update
    imported_at: AwareDatetime
    last_client_update: AwareDatetime | None = None
    last_contact: AwareDatetime | None = None  # last mail from the client, or to them by staff
    told: tuple[str, ...] = ()  # keys of what goes out once: drafts, the clock of an issue, the survey
    weekly_sent: tuple[date, ...] = ()  # Fridays
    weekly_held: tuple[date, ...] = ()
    paused: str | None = None  # why
    closed: bool = False
    satisfaction: int | None = None
    delay_reason: str | None = None
    billing: Billing = Billing()
    salt: str = ""  # of the seals in the chain
    revision: int = 0
    hash: str = ""

    def milestone(self, key: str) -> Milestone | None:
        return next((m for m in self.milestones if m.key == key), None)

    def change_order(self, number: str) -> ChangeOrder | None:
        return next((c for c in self.change_orders if c.number == number), None)

    def issue(self, number: str) -> Issue | None:
        return next((i for i in self.issues if i.number == number), None)

    def invoice(self, number: str) -> Invoice | None:
        return next((i for i in self.invoices if i.number == number), None)

    def request(self, token: str) -> Request | None:
        return next((r for r in self.requests if r.token == token), None)

    @property
    def late_because(self) -> str | None:
        """Why delivery is later than agreed: as staff said, or the issues whose chosen way moved it."""
        if self.delay_reason:
            return self.delay_reason
        raised = {c.about for c in self.change_orders if c.about and c.status != "approved"}
        chosen = (i for i in self.issues if i.status == "chosen" and i.option and i.number not in raised)
        return "; ".join(i.title for i in chosen if i.option and i.options[i.option - 1].days > 0) or None

    @property
    def live_invoices(self) -> tuple[Invoice, ...]:
        """The invoices that count: a cancelled one only keeps its number on record."""
        return tuple(i for i in self.invoices if i.status != "cancelled")

    @property
    def waiting_work(self) -> tuple[tuple[ChangeOrder, Invoice], ...]:
        """The approved change orders whose work waits for their deposit, each with its invoice."""
        approved = {c.number: c for c in self.change_orders if c.status == "approved"}
        deposits = (i for i in self.live_invoices if i.kind == "change-order-deposit" and i.status != "paid")
        return tuple((approved[i.change_order], i) for i in deposits if i.change_order in approved)

    @property
    def open_requests(self) -> tuple[Request, ...]:
        return tuple(r for r in self.requests if r.state == "open")

    @property
    def next_milestone(self) -> Milestone | None:
        return next((m for m in self.milestones if m.status not in ("approved", "done")), None)


class Held(Frozen):
    """A reply that waits for a person: whose words, what mailbot would have made of them, and why it did not."""

    id: str  # H-1
    order: str | None
    request: str | None  # token
    about: str | None
    sender: str
    subject: str
    words: str
    guess: str | None  # a label, or "choose 2"
    because: str
    mail: str  # archive key
    message_id: str
    at: AwareDatetime
    am: str  # who was asked
    proven: bool = False  # that the sender wrote it
    proof: str = ""  # by what, or why not
    uncontested: bool = False  # not proven, and our border found nothing against the sender
    state: Literal["waiting", "settled"] = "waiting"
    settled_by: str | None = None
    settled_as: str | None = None
    settled_at: AwareDatetime | None = None


def utc(moment: datetime) -> str:
    """An aware time as sortable text in UTC, to the microsecond: what indexes and chains are made of."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
