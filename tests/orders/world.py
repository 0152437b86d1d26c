"""An order and its circumstances, for tests of rules: made from the shipped rules, with no server anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from mailbot.orders import events as e
from mailbot.orders.carry_out import carry_out
from mailbot.orders.circumstances import Circumstances, Done
from mailbot.orders.commands import Place, parse
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Client, Milestone, Order, Person
from mailbot.orders.requests import Ids
from mailbot.orders.sections import Section
from mailbot.planning.project import plan_invoices
from mailbot.rules import load
from mailbot.rules.commands import CommandRules
from mailbot.rules.process import load_process

NOW = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
RULES = load_process()
COMMANDS = load(CommandRules, "commands.toml")
ANN, SAM = "ann@client.example", "sam@studio.example"


def imported(**changes: Any) -> e.OrderImported:
    """The import of an order: 12,000 USD, five milestones, invoices by the rules."""
    milestones = (
        Milestone(key="design", name="Design approval", due=date(2026, 1, 16), approval=True),
        Milestone(key="fabric", name="Fabric approval", due=date(2026, 1, 30), approval=True),
        Milestone(key="first-fitting", name="First fitting", due=date(2026, 2, 6), approval=False),
        Milestone(key="final-fitting", name="Final fitting", due=date(2026, 3, 6), approval=True),
        Milestone(key="delivery", name="Delivery", due=date(2026, 3, 20), approval=False),
    )
    facts: dict[str, Any] = {
        "total": Decimal("12000.00"), "currency": "USD", "signed": date(2026, 1, 5), "delivery": date(2026, 3, 20),
        "milestones": milestones,
    }  # fmt: skip
    invoices = plan_invoices(**facts, rules=RULES, numbers=(f"INV-{n}" for n in range(1, 9)))
    client = Client(name="Ann Lee", emails=(ANN,), approvers=(ANN,), timezone="America/New_York", locale="en_US")
    return e.OrderImported(
        **{
            "at": NOW, "by": "shell", "ref": "ORD-2041", "project": "Cinderella ball gowns", "client": client,
            "account_manager": Person(name="Sam Ortiz", email=SAM), "phase": "Design", "invoices": invoices, **facts,
            **changes,
        }
    )  # fmt: skip


def order(**changes: Any) -> Order:
    return evolve(None, imported(**changes))


def circumstances(now: datetime = NOW, **changes: Any) -> Circumstances:
    facts: dict[str, Any] = {
        "actor": SAM, "roles": ("staff",), "now": now, "today": now.date(), "rules": RULES,
        "ids": Ids(b"secret", "studio.example"), "next_invoice": 4,
        "report": lambda what, one: (Section(f"{what} of {one.ref}", ()),),
    }  # fmt: skip
    return Circumstances(**{**facts, **changes})


def do(one: Order, text: str, **changes: Any) -> Done:
    """Carry out the commands of `text` on an order."""
    at = circumstances(**changes)
    return carry_out(one, parse(text, COMMANDS, Place("en_US", at.today, RULES.phases, one.currency)), at)


def stored(events: Iterable[e.Event]) -> tuple[Order, list[dict[str, Any]]]:
    """The order that `events` make, and their rows as a store gives them."""
    one: Order | None = None
    rows = []
    for event in events:
        before = one.hash if one else ""
        one = evolve(one, event)
        row = {"order": one.ref, "revision": one.revision, "before": before, "hash": one.hash}
        rows.append({**row, "event": event.model_dump(mode="json")})
    assert one is not None
    return one, json.loads(json.dumps(rows))
