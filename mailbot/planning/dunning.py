"""The one step that an unpaid invoice is due: the invoice itself, reminders, pause, collection.

Days are counted from the due date or from the day the invoice was really sent, whichever is later, in the client's
zone. The ladder is climbed one step at a time and never down: after an outage, a promise or a long weekend the highest
step that has come due is taken, and those below it are not made up for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from mailbot.orders.events import Event, InvoiceChanged, OrderPaused
from mailbot.orders.model import Invoice, Order, Step
from mailbot.planning.calendar import ONE_DAY, at, at_once, late, local_day, working_day
from mailbot.planning.occurrence import BY, Occurrence, StudioTimes, addresses
from mailbot.rules.process import LadderStep, ProcessRules, StepMail


def upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Iterator[Occurrence]:
    """For each unpaid invoice the mails of the step that is due and of the next one after `now`."""
    for invoice in order.invoices:
        for step, when in ladder(invoice, order, rules, now):
            yield from _mails(step, when, invoice, order, studio)


def ladder(
    invoice: Invoice, order: Order, rules: ProcessRules, now: datetime
) -> tuple[tuple[LadderStep, datetime], ...]:
    """The step that is due and the next to come, each with the moment (UTC) at which it is taken; both may be missing.

    What is due may still wait for the client's working hours: then its moment is after `now`.
    """
    times = [(step, _planned(step, invoice, order, rules)) for step in _pending(invoice, order, rules)]
    come = [(step, when) for step, when in times if when <= now]
    next_ones = [(step, when) for step, when in times if when > now]
    due = [(step, _late(step, when, order, rules, now)) for step, when in come[-1:]]
    return (*due, *sorted(next_ones, key=lambda pair: pair[1])[:1])


def take(step: LadderStep, invoice: Invoice, order: Order, now: datetime) -> tuple[Event, ...]:
    """What it means that the mails of `step` go out at `now`; nothing when the step was taken already."""
    today = local_day(now, order.client.timezone)
    if step.does == "invoice":
        if invoice.status != "planned":
            return ()
        sent = invoice.model_copy(update={"status": "sent", "sent_on": today})
        return (InvoiceChanged(at=now, by=BY, invoice=sent, what="sent"),)
    if any(taken.step == step.step for taken in invoice.steps):
        return ()
    steps = (*invoice.steps, Step(step=step.step, on=today))
    climbed = invoice.model_copy(update={"status": "sent", "steps": steps})
    changed = InvoiceChanged(at=now, by=BY, invoice=climbed, what=step.step)
    if step.does != "pause" or order.paused:
        return (changed,)
    late = (today - base(invoice)).days
    return changed, OrderPaused(at=now, by=BY, why=f"{invoice.number} is unpaid {late} days after it was due")


def sent_later(invoice: Invoice, order: Order, went: datetime, now: datetime) -> InvoiceChanged | None:
    """What it means that the mail of an invoice went out at `went`: if it had waited, the ladder counts from then."""
    day = local_day(went, order.client.timezone)
    if invoice.status != "sent" or invoice.steps or invoice.sent_on is None or day <= invoice.sent_on:
        return None
    return InvoiceChanged(at=now, by=BY, invoice=invoice.model_copy(update={"sent_on": day}), what="sent")


def base(invoice: Invoice) -> date:
    """The day from which the ladder counts: when it fell due or was really sent, whichever is later."""
    return max(invoice.due, invoice.sent_on or invoice.due)


def _pending(invoice: Invoice, order: Order, rules: ProcessRules) -> Sequence[LadderStep]:
    """The steps that are still ahead of `invoice` on the ladder, lowest first; none when nothing is to be paid."""
    disputed = invoice.status == "frozen" and (invoice.promised is None or invoice.why is not None)
    if invoice.status in ("paid", "cancelled") or invoice.left or disputed or invoice.amount <= 0:
        return ()
    if invoice.status == "planned":
        return [step for step in rules.ladder if step.does == "invoice"]
    taken = {step.step for step in invoice.steps}
    names = [step.step for step in rules.ladder]
    reached = max((place for place, name in enumerate(names) if name in taken), default=-1)
    return [
        step
        for place, step in enumerate(rules.ladder)
        if place > reached and step.does != "invoice"
        and not (step.does == "pause" and invoice.no_pause)
        and _day(step, invoice, order) > _last_day(invoice)
    ]  # fmt: skip


def _last_day(invoice: Invoice) -> date:
    """The day of the last mail about `invoice`: two never go on one day."""
    days = [step.on for step in invoice.steps] + ([invoice.sent_on] if invoice.sent_on else [])
    return max(days, default=date.min)


def _day(step: LadderStep, invoice: Invoice, order: Order) -> date:
    """The day on which `step` is taken, in the client's zone, were it not for a promise."""
    day = base(invoice) + timedelta(days=step.day)
    return working_day(day, order.client.locale) if step.working_days else day


def _planned(step: LadderStep, invoice: Invoice, order: Order, rules: ProcessRules) -> datetime:
    """The moment at which `step` is taken; what a promise held back comes on the first working day after it.

    An invoice that came to be after its time goes out at once.
    """
    day, client = _day(step, invoice, order), order.client
    if invoice.promised and step.does != "invoice":
        day = max(day, working_day(invoice.promised + ONE_DAY, client.locale))
    planned = at(day, rules.client_hours.mail, client.timezone)
    if step.does == "invoice" and (born := _born(invoice, order)) > planned:
        return at_once(born, rules.client_hours, client.timezone, client.locale)
    return planned


def _born(invoice: Invoice, order: Order) -> datetime:
    """The moment at which `invoice` came to be: the approval of its change order, else the order's import."""
    change = order.change_order(invoice.change_order) if invoice.change_order else None
    return (change.approved_at if change else None) or order.imported_at


def _late(step: LadderStep, planned: datetime, order: Order, rules: ProcessRules, now: datetime) -> datetime:
    """When a step that has come due is taken: in the client's hours, on a working day if it knows days off."""
    client = order.client
    return late(planned, now, rules.client_hours, client.timezone, client.locale if step.working_days else None)


def _mails(
    step: LadderStep, when: datetime, invoice: Invoice, order: Order, studio: StudioTimes
) -> Iterator[Occurrence]:
    for mail in step.mails:
        key = _key(invoice.number, step, mail)
        yield Occurrence(
            when, mail.kind, order.ref, addresses(mail.to, order, studio), invoice.number, key,
            _because(step, invoice), _data(invoice, order, when), step,
            fixed=not step.working_days, answers=is_answer(mail.kind, invoice),
        )  # fmt: skip


def is_answer(kind: str, invoice: Invoice) -> bool:
    """Whether the mail of `kind` is the client's own agreement answered: the deposit for a change order at once."""
    return kind == "invoice" and invoice.kind == "change-order-deposit"


def invoice_key(number: str, rules: ProcessRules) -> str:
    """The outbox key of the mail that brings the invoice itself."""
    return _key(number, rules.ladder[0], rules.ladder[0].mails[0])


def _key(number: str, step: LadderStep, mail: StepMail) -> str:
    return f"{number}/{step.step}" + (f"/{mail.kind}" if len(step.mails) > 1 else "")


def _because(step: LadderStep, invoice: Invoice) -> str:
    if step.does == "invoice":
        return f"{invoice.number} is due on {invoice.due}: {step.step}, day {step.day:+d}"
    since = f"sent on {invoice.sent_on}" if base(invoice) != invoice.due else f"due on {invoice.due}"
    broken = f", promised for {invoice.promised}" if invoice.promised else ""
    return f"{invoice.number}, {since}{broken}, is not paid: {step.step}, day {step.day:+d}"


def _data(invoice: Invoice, order: Order, when: datetime) -> dict[str, object]:
    """How late `invoice` is on the day of the mail, and the steps that were taken before."""
    day = local_day(when, order.client.timezone)
    return {
        "days_late": max((day - base(invoice)).days, 0),
        "steps": [{"step": step.step, "on": step.on} for step in invoice.steps],
    }
