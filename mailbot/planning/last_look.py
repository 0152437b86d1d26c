"""The last look at a mail that was planned and has waited in the outbox: is it still needed, and may it go now.

What is not needed any more is withdrawn, and stays on record with the words that stand here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from mailbot.orders.model import Invoice, Order
from mailbot.planning.calendar import at_once, local_day
from mailbot.planning.dunning import ladder
from mailbot.planning.occurrence import StudioTimes
from mailbot.planning.spacing import TO_CLIENTS, free
from mailbot.planning.weekly import send_time
from mailbot.rules.process import ProcessRules

_ASKS = frozenset({"approval-request", "change-order", "issue-notice", "fitting-invite"})
_TO_BE_PAID = frozenset(
    {"invoice", "reminder-due", "reminder-friendly", "reminder-firm", "pause-notice", "escalation-collection"}
)


def no_longer(kind: str, about: str | None, key: str, order: Order, rules: ProcessRules, now: datetime) -> str | None:
    """Why the mail of `kind` with the outbox key `key` is not needed at `now`; None while it is.

    `about` is what it is about, `order` as it stands at `now`.
    """
    if order.closed and (kind in TO_CLIENTS or kind in _ASKS):
        return f"{order.ref} is closed"
    if kind in _TO_BE_PAID:
        invoice = order.invoice(about or "")
        return _settled(kind, invoice, order, rules, now) if invoice else None
    if kind in _ASKS or kind in ("nudge", "call-client"):
        return _answered(kind, key, order)
    if kind == "weekly-update":
        return _past(date.fromisoformat(about or ""), order)
    if kind == "survey" and order.satisfaction is not None:
        return "the client has said how satisfied they are"
    if kind == "issue-clock" and (issue := order.issue(about or "")) and (issue.told_at or issue.status == "closed"):
        return f"the client has been told of {issue.number}"
    return None


def not_before(
    kind: str,
    about: str | None,
    order: Order,
    rules: ProcessRules,
    now: datetime,
    studio: StudioTimes,
    taken: Mapping[str, Sequence[datetime]],
) -> datetime:
    """The moment from which a mail that waited may go: `now`, or when the client's hours and other mails let it.

    `taken` are the readers, each with the moments at which other mails went to them.
    """
    client, hours = order.client, rules.client_hours
    if kind == "weekly-update":
        late = now - send_time(date.fromisoformat(about or ""), rules.weekly, studio)
        if late <= timedelta(minutes=rules.report.on_time_minutes):
            return now
    any_day = kind in ("weekly-update", "pause-notice")
    when = at_once(now, hours, client.timezone, None if any_day else client.locale)
    return when if kind == "pause-notice" else free(when, taken, taken, hours, client, any_day=any_day)


def _settled(kind: str, invoice: Invoice, order: Order, rules: ProcessRules, now: datetime) -> str | None:
    """Why nothing is to be said about `invoice` any more, or something else is."""
    if invoice.status in ("paid", "cancelled", "frozen"):
        return f"{invoice.number} is {'disputed' if invoice.status == 'frozen' else invoice.status} by now"
    if kind == "pause-notice" and not order.paused:
        return "work goes on"
    if not kind.startswith("reminder"):
        return None
    if invoice.promised and local_day(now, order.client.timezone) <= invoice.promised:
        return f"{invoice.number} is promised until {invoice.promised}"
    return _overtaken(kind, invoice, rules) or _about_to_be(invoice, order, rules, now)


def _overtaken(kind: str, invoice: Invoice, rules: ProcessRules) -> str | None:
    """The higher step of the ladder that was taken while this reminder waited."""
    own = max((n for n, step in enumerate(rules.ladder) if kind in [mail.kind for mail in step.mails]), default=-1)
    taken = {step.step for step in invoice.steps}
    later = [step.step for step in rules.ladder[own + 1 :] if step.step in taken]
    return f"{later[-1]} has taken its place" if later else None


def _about_to_be(invoice: Invoice, order: Order, rules: ProcessRules, now: datetime) -> str | None:
    """The step that is still to come on this very day: two mails about an invoice do not go on one day."""
    zone = order.client.timezone
    today = [
        step.step for step, when in ladder(invoice, order, rules, now) if local_day(when, zone) == local_day(now, zone)
    ]
    return f"{today[-1]} takes its place today" if today else None


def _answered(kind: str, key: str, order: Order) -> str | None:
    """Why a question need not be put or brought to mind; its token stands in the key."""
    parts = key.split("/")
    request = next((r for r in order.requests if r.token in parts), None)
    if request is None:
        return None
    if request.state != "open":
        return f"the question about {request.about} is {request.state} by now"
    if kind in _ASKS:
        return None
    if any(one.token == request.token for one in order.unsettled):
        return f"an answer about {request.about} waits for a person"
    if kind == "nudge" and order.paused:
        return "work is paused"
    if kind == "nudge" and parts[-1] != f"nudge-{len(request.nudged)}":
        return f"reminder {len(request.nudged)} has taken its place"
    return None


def _past(week: date, order: Order) -> str | None:
    """Why the update of `week` does not go out: held, or a later one has."""
    if week in order.weekly_held:
        return f"the update of {week} is held"
    later = max(order.weekly_sent, default=week)
    return f"the update of {later} has taken its place" if later > week else None
