"""An order, a studio, and a planner that does what the daemon does: plan, enqueue by key, sleep until the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.orders.events import Event, OrderImported
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Client, Invoice, Order, Person, Request
from mailbot.planning.due import plan
from mailbot.planning.occurrence import Occurrence, StudioTimes
from mailbot.planning.project import plan_invoices, plan_milestones
from mailbot.rules.process import ProcessRules, load_process

RULES = load_process()
NEW_YORK = "America/New_York"
STUDIO = StudioTimes(
    NEW_YORK, "en_US", "dana@studio.example", "finance@studio.example", "ops@studio.example", "lee@studio.example"
)
MONDAY = date(2026, 1, 5)


def moment(text: str, zone: str = NEW_YORK) -> datetime:
    """A wall time such as "2026-01-05 10:00" in `zone`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def wall(at: datetime, zone: str = NEW_YORK) -> str:
    """A moment as a wall time in `zone`."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def new_order(
    *,
    imported: datetime | None = None,
    signed: date = MONDAY,
    delivery: date = date(2026, 3, 20),
    zone: str = NEW_YORK,
    locale: str = "en_US",
    invoices: Iterable[Invoice] | None = None,
    **fields: Any,
) -> Order:
    """An order of 12,000.00 as it stands after its import, by default at 10:00 of the day of signing."""
    milestones = plan_milestones(signed, delivery, RULES)
    planned = plan_invoices(
        total=Decimal("12000.00"), currency="USD", signed=signed, delivery=delivery, milestones=milestones,
        rules=RULES, numbers=["INV-1", "INV-2", "INV-3"],
    )  # fmt: skip
    emails = ("ann@client.example", "bo@client.example")
    event = OrderImported(
        at=imported or datetime.combine(signed, time(10), ZoneInfo(NEW_YORK)).astimezone(UTC), by="shell:sam",
        ref="ORD-2041", project="Cinderella ball gowns",
        client=Client(name="Ann Lee", emails=emails, approvers=emails[:1], timezone=zone, locale=locale),
        account_manager=Person(name="Sam Ortiz", email="sam@studio.example"),
        currency="USD", total=Decimal("12000.00"), signed=signed, delivery=delivery, phase="Design",
        milestones=milestones, invoices=planned if invoices is None else tuple(invoices),
    )  # fmt: skip
    return evolve(None, event).model_copy(update=fields)


def invoice(due: date | str, **fields: Any) -> Invoice:
    """A planned invoice INV-9 of 3,000.00."""
    day = date.fromisoformat(due) if isinstance(due, str) else due
    return Invoice(number="INV-9", kind="final", amount=Decimal("3000.00"), due=day).model_copy(update=fields)


def request(asked: datetime, **fields: Any) -> Request:
    """The design put to the client at `asked`, open for 30 days."""
    plain = Request(
        token="abcdefghijklmnop", kind="milestone", about="design", revision="r", asked_at=asked,
        expires_at=asked + timedelta(days=30), asked_by="sam@studio.example", shown="Sketches",
    )  # fmt: skip
    return plain.model_copy(update=fields)


@dataclass
class Planner:
    """The daemon's loop over one order: what it would send, each key once, with the time at which it went."""

    order: Order
    rules: ProcessRules = RULES
    studio: StudioTimes = STUDIO
    sent: list[tuple[datetime, Occurrence]] = field(default_factory=list)
    batches: list[tuple[Occurrence, ...]] = field(default_factory=list)
    next_due: datetime | None = None
    planned: list[tuple[datetime, Occurrence]] = field(default_factory=list)  # what was planned, new or not

    def look(self, now: datetime) -> tuple[Occurrence, ...]:
        """One transaction at `now`: what is due goes into the outbox, unless its key is there already."""
        planned = plan(self.order, self.rules, now, self.studio)
        known = {occurrence.key for _, occurrence in self.sent}
        new = tuple(o for o in planned.occurrences if o.key not in known)
        self.order, self.next_due = planned.order, planned.next_due
        self.sent += [(now, o) for o in new]
        self.batches.append(new)
        self.planned += [(now, o) for o in planned.occurrences]
        return new

    def run(self, start: datetime, end: datetime) -> Planner:
        """The daemon up from `start` to `end`, waking when the next thing is due."""
        self.look(start)
        while self.next_due is not None and self.next_due <= end:
            self.look(self.next_due)
        return self

    def happens(self, *events: Event) -> None:
        """Something is booked, as by a mail: planned in the same transaction, as the daemon does."""
        for event in events:
            self.order = evolve(self.order, event)
        self.look(events[-1].at)

    def keys(self, *kinds: str) -> list[str]:
        return [o.key for _, o in self.sent if not kinds or o.kind in kinds]

    def story(self, *kinds: str, zone: str = NEW_YORK) -> list[str]:
        """What went out, as "2026-01-05 10:00 invoice"."""
        return [f"{wall(at, zone)} {o.kind}" for at, o in self.sent if not kinds or o.kind in kinds]
