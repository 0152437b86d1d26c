"""An occurrence becomes a `Send`: the facts of the plan under the names of its letter (templates/samples.toml)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from mailbot.orders.model import Order, Request
from mailbot.orders.notices import title_of
from mailbot.orders.sends import Send
from mailbot.planning.calendar import at, local_day
from mailbot.planning.occurrence import Occurrence, StudioTimes
from mailbot.rules.process import ProcessRules


def send_for(occurrence: Occurrence, order: Order, rules: ProcessRules, studio: StudioTimes) -> Send | None:
    """The mail of `occurrence`; `order` as it stood before. None for what happens without a mail."""
    if occurrence.kind not in _FACTS:
        return None
    request = order.request(occurrence.about or "")
    data = _FACTS[occurrence.kind](occurrence, order, rules, studio)
    return Send(
        occurrence.key, occurrence.kind, occurrence.to, (), order.ref, request.about if request else occurrence.about,
        data, token=request.token if request and occurrence.kind == "nudge" else None,
    )  # fmt: skip


def weekly_facts(occurrence: Occurrence, order: Order, rules: ProcessRules, studio: StudioTimes) -> dict[str, Any]:
    """The facts of a weekly update; also what its draft is rendered from."""
    told = occurrence.data
    return {
        "week": told["week"],
        "phases": list(rules.phases),
        "on_track": told["on_track"],
        "note": "\n".join(told["remark"]) or None,
        "done": [*told["done"], *(one["name"] for one in told["reached"])],
        "doing": list(told["doing"]),
        "coming": list(told["coming"]),
        "dates": [_dated(one, studio) for one in (*told["fittings"], *_without(told["ahead"], told["fittings"]))],
        "owed": [{"what": one["title"], "since": one["asked"]} for one in told["owed"]],
        "reason": told["why"],
        **_paused_by(told["paused"], order),
        "photos": [{"file": photo_name(n), "caption": p.text} for n, p in enumerate(told["photos"], start=1)] or None,
    }


def _paused_by(why: str | None, order: Order) -> dict[str, str | None]:
    """The invoice that work waits for, or else the reason in the words of whoever paused it."""
    unpaid = next((i.number for i in order.invoices if why and i.number in why.split()), None)
    return {"unpaid": unpaid, "paused": None if unpaid else why}


def photo_name(number: int) -> str:
    """What the `number`-th picture of an update is called in it."""
    return f"photo-{number}.jpg"


def _dated(line: dict[str, Any], studio: StudioTimes) -> dict[str, Any]:
    timed = line["at"] is not None
    when = at(line["due"], time.fromisoformat(line["at"]), studio.timezone) if timed else line["due"]
    return {"name": line["name"], "when": when, "timed": timed, "action": line["action"] or ""}


def _without(lines: Any, others: Any) -> list[dict[str, Any]]:
    keys = {other["key"] for other in others}
    return [line for line in lines if line["key"] not in keys]


def _invoice(occurrence: Occurrence, order: Order, _rules: ProcessRules, _studio: StudioTimes) -> dict[str, Any]:
    invoice = order.invoice(occurrence.about or "")
    if invoice is None:
        raise LookupError(f"{order.ref} has no {occurrence.about}")
    day = local_day(occurrence.at, order.client.timezone)
    if occurrence.kind == "invoice":
        milestone = order.milestone(invoice.milestone or "")
        return {
            "number": invoice.number, "kind": invoice.kind, "amount": invoice.amount - invoice.paid, "issued": day,
            "due": invoice.due, "milestone": milestone.name if milestone else None,
            "change_order": invoice.change_order, "paid": invoice.paid or None,
        }  # fmt: skip
    return {
        "number": invoice.number, "amount": invoice.amount - invoice.paid, "due": invoice.due,
        "sent_on": invoice.sent_on or invoice.due, "days_late": occurrence.data["days_late"],
    }  # fmt: skip


def _firm(occurrence: Occurrence, order: Order, rules: ProcessRules, studio: StudioTimes) -> dict[str, Any]:
    pause = next((step.day for step in rules.ladder if step.does == "pause"), None)
    facts = _invoice(occurrence, order, rules, studio)
    left = pause - facts["days_late"] if pause is not None else 0
    on = local_day(occurrence.at, order.client.timezone) + timedelta(days=left)
    return {**facts, "pause_on": on if left > 0 else None}


def _paused(occurrence: Occurrence, order: Order, rules: ProcessRules, studio: StudioTimes) -> dict[str, Any]:
    facts = _invoice(occurrence, order, rules, studio)
    facts.pop("sent_on")
    return {"why": occurrence.because, **facts}


def _escalated(occurrence: Occurrence, order: Order, rules: ProcessRules, studio: StudioTimes) -> dict[str, Any]:
    facts = _invoice(occurrence, order, rules, studio)
    if occurrence.kind == "escalation-pause":
        facts.pop("sent_on")
    return {**facts, "steps": list(occurrence.data["steps"])}


def _request(occurrence: Occurrence, order: Order) -> Request:
    request = order.request(occurrence.about or "")
    if request is None:
        raise LookupError(f"{order.ref} has no request {occurrence.about}")
    return request


def _nudge(occurrence: Occurrence, order: Order, _rules: ProcessRules, _studio: StudioTimes) -> dict[str, Any]:
    request = _request(occurrence, order)
    what = title_of(order, request.kind, request.about)
    return {
        "subject": f"{order.project} - {what}", "what": what, "asked_on": occurrence.data["asked"],
        "second": bool(request.nudged), "options": list(request.options) or None,
        "change": _change(order, request),
    }  # fmt: skip


def _change(order: Order, request: Request) -> dict[str, Any] | None:
    """What a change order that waits for its answer would cost, and what price and date it would make."""
    change = order.change_order(request.about) if request.kind == "change-order" else None
    if change is None:
        return None
    after = order.delivery + timedelta(days=change.days)
    return {"amount": change.amount, "total": order.total + change.amount, "delivery": after}


def _call(occurrence: Occurrence, order: Order, _rules: ProcessRules, _studio: StudioTimes) -> dict[str, Any]:
    request = _request(occurrence, order)
    return {
        "what": title_of(order, request.kind, request.about), "asked_on": occurrence.data["asked"],
        "days": occurrence.data["days"], "nudged": list(request.nudged),
    }  # fmt: skip


def _as_planned(occurrence: Occurrence, _order: Order, _rules: ProcessRules, _studio: StudioTimes) -> dict[str, Any]:
    return dict(occurrence.data)


_FACTS: dict[str, Callable[[Occurrence, Order, ProcessRules, StudioTimes], dict[str, Any]]] = {
    "weekly-update": weekly_facts,
    "invoice": _invoice,
    "reminder-due": _invoice,
    "reminder-friendly": _invoice,
    "reminder-firm": _firm,
    "pause-notice": _paused,
    "escalation-pause": _escalated,
    "escalation-collection": _escalated,
    "nudge": _nudge,
    "call-client": _call,
    "issue-clock": _as_planned,
    "survey": _as_planned,
    "notice": _as_planned,
}
