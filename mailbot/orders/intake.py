"""What is known of a mail before it is decided: who wrote it, in which role, how proven, about what, in which words.

Plain data: `reading` fills it, `decide` reads it. A `Decision` is what comes of it: events, mails and a verdict,
nothing of which has happened yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from mailbot.orders import events as e
from mailbot.orders.model import Held, Order, Request, Verdict
from mailbot.orders.sends import Send

Role = Literal["client", "staff", "finance", "director", "stranger"]
Folder = Literal["done", "held", "odd"]


class Reading(Protocol):
    """What the words say, as `reading.decision.read` gives it."""

    @property
    def label(self) -> str: ...
    @property
    def option(self) -> int | None: ...
    @property
    def certain(self) -> bool: ...
    @property
    def understood(self) -> bool: ...
    @property
    def because(self) -> str: ...
    @property
    def guess(self) -> str | None: ...
    @property
    def conditional(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """What a calendar program says of an event: `answer` is accepted, declined, tentative, or what else it wrote.

    `attendee` is whose answer it is ("" when that is not said), `starts` and `ends` are in UTC, where they are moments.
    """

    method: str  # REPLY, COUNTER, ...
    uid: str
    sequence: int
    answer: str
    attendee: str
    starts: datetime | None
    ends: datetime | None
    comment: str


class Failed(NamedTuple):
    """A recipient whom a mail of ours did not reach, and the status (RFC 3463) that was stated, or ""."""

    address: str
    status: str


@dataclass(frozen=True, slots=True)
class Intake:
    """A mail as it comes to be decided.

    `mail` is its key in the archive; `kind` whether a person wrote it, and if not what did; `roles` all that the sender
    is; `matched` how it was matched to `request` (or why not); `routed` that its address carried the request's token,
    `by_tag` that only the tag in its subject led there. `context` is what its subject alone would mean, `retitled` what
    that says beyond ours; `written` is its Date.
    """

    mail: str
    message_id: str
    references: tuple[str, ...]
    subject: str
    sender: str
    kind: str
    kind_because: str
    failed: tuple[Failed, ...]
    defects: tuple[str, ...]
    proven: bool
    proof: str
    role: Role
    roles: tuple[str, ...]
    to_client: bool
    words: str
    doubts: tuple[str, ...]
    order: Order | None
    request: Request | None
    held: Held | None
    matched: str
    disagree: bool
    routed: bool
    by_tag: bool
    context: str | None
    written: datetime | None
    retitled: str
    reading: Reading | None
    uncontested: bool = False  # not proven, and our border found nothing against the sender
    calendar: CalendarAnswer | None = None
    answers: str | None = None  # the kind of our mail that it answers, and what that was about
    about: str | None = None
    named: str = ""  # what the words name by themselves, as they write it, where no clue leads to it
    answered: (
        tuple[str, ...] | None
    ) = ()  # where `named`: what people wrote in its thread; None where it is not on record
    silence: str | None = None  # the header by which it asks that no machine answers it


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to happen: `order` as it will stand after `events`; `held` is a new entry, `settled` one that is done.

    `keeps` are files that go into the archive along with it. `others`: the same mail of staff commanded other orders;
    each stands with what is decided of it.
    """

    verdict: Verdict
    because: str
    order: Order | None = None
    events: tuple[e.Event, ...] = ()
    sends: tuple[Send, ...] = ()
    held: Held | None = None
    settled: Held | None = None
    folder: Folder = "done"
    keeps: tuple[bytes, ...] = ()
    others: tuple[tuple[Order, Decision], ...] = ()
