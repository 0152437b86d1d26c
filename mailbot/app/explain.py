"""What mailbot makes of a mail and why, step by step, changing nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mailbot.app.rulebook import Rules, reader_of
from mailbot.orders.circumstances import Circumstances
from mailbot.orders.decide import Policy, decide
from mailbot.orders.requests import Ids
from mailbot.reading.automatic import origin
from mailbot.reading.intake import Known, Steps, take_in
from mailbot.reading.message import parse
from mailbot.writing.subjects import subject_context

if TYPE_CHECKING:
    from mailbot.app.house import House

FIELDS = (
    "file", "kind", "from", "role", "proven", "own_words", "order", "about", "request", "reading", "verdict", "because",
    "failed_recipients", "mails", "error",
)  # fmt: skip


def explain(data: bytes, file: str, house: House | None, rules: Rules, now: datetime) -> dict[str, Any]:
    """The object of the contract for one mail; without a house, with the shipped rules and no orders."""
    message = parse(data)
    if house is not None:
        from mailbot.app.receive import decided, read

        steps = read(house, message, message.sha256, now)
        decision = decided(house, steps, now)
    else:
        context = subject_context(message.subject, rules.templates)
        reader = reader_of(rules, None)
        machine = origin(message, reader.machines, reader.own)
        steps = take_in(message, machine, message.sha256, Known(), reader, context)
        at = Circumstances(
            "", (), now, now.date(), rules.process, Ids(b"explain", "localhost"), lambda _what, _order: ()
        )
        decision = decide(steps.intake, Policy(rules.commands, fallback=""), at)
    mails = [{"kind": s.kind, "to": [*s.to, *s.cc]} for s in decision.sends] if house else []
    return {
        **_steps(steps), "file": file, "verdict": decision.verdict, "because": decision.because, "mails": mails,
        "error": None,
    }  # fmt: skip


def failed(file: str, error: str) -> dict[str, Any]:
    """The object for a file that cannot be read."""
    return {**dict.fromkeys(FIELDS), "file": file, "error": error}


def _steps(steps: Steps) -> dict[str, Any]:
    intake, reading = steps.intake, steps.reading
    return {
        "kind": steps.origin.kind,
        "from": steps.message.from_addr or None,
        "role": intake.role,
        "proven": {"ok": steps.proof.ok, "how": steps.proof.how},
        "own_words": steps.words.text,
        "order": intake.order.ref if intake.order else None,
        "about": intake.request.about if intake.request else None,
        "request": intake.request.token if intake.request else None,
        "reading": None
        if reading is None
        else {"label": reading.label, "option": reading.option, "because": reading.because},
        "failed_recipients": [
            {"address": f.address, "action": f.action, "status": f.status} for f in steps.origin.failed
        ],
    }
