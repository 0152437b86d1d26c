"""What becomes of an invoice at the word of staff and finance: paid, paid in part, promised, disputed, no longer so."""

from __future__ import annotations

import re
from datetime import date

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.commands import Command
from mailbot.orders.model import Invoice, Order
from mailbot.rules.process import ProcessRules


def paid(order: Order, command: Command, at: Circumstances) -> Step:
    """`paid INV-1 on 2026-01-07`: all of it. Work that waited for it goes on."""
    invoice = _known(order, command.args["invoice"])
    on = _day(invoice, command, at)
    if invoice.status == "paid":
        return Step(f"{invoice.number} is paid already ({invoice.paid_on})")
    return _paid(order, invoice, on, at)


def part_paid(order: Order, command: Command, at: Circumstances) -> Step:
    """`paid 1500.00 of INV-2`: a part. Reminders go on, for the rest; with the last part it is paid."""
    invoice, part = _unpaid(order, command.args["invoice"]), command.args["money"]
    on, left = _day(invoice, command, at), invoice.amount - invoice.paid
    if part <= 0:
        raise Refused(f"{part} is no payment")
    if part > left:
        raise Refused(f"only {left} {order.currency} of {invoice.number} are to be paid")
    if part == left:
        return _paid(order, invoice, on, at)
    part_of = invoice.model_copy(update={"paid": invoice.paid + part})
    event = e.InvoiceChanged(**stamp(at), invoice=part_of, what="part-paid")
    return Step(f"{part} {order.currency} of {invoice.number} are paid ({on}); {left - part} are left", (event,))


def bill(order: Order, command: Command, at: Circumstances) -> Step:
    """`send INV-1`: an invoice that was left to staff, or is not due yet, goes out now."""
    invoice = _unpaid(order, command.args["invoice"])
    if invoice.status != "planned":
        return Step(f"{invoice.number} went out on {invoice.sent_on}, and is not sent again")
    if order.closed:
        raise Refused("the order is closed")
    billed = invoice.model_copy(update={"due": at.today, "milestone": None, "left": False})
    event = e.InvoiceChanged(**stamp(at), invoice=billed, what="billed")
    return Step(f"{invoice.number} goes to the client in their working hours, due today", (event,))


def promise(order: Order, command: Command, at: Circumstances) -> Step:
    """`promise INV-2 until 2026-02-20`: reminders wait until then."""
    invoice, until = _unpaid(order, command.args["invoice"]), command.args["date"]
    if until < at.today:
        raise Refused(f"{until} is past; a promise is for a day to come")
    promised = invoice.model_copy(update={"promised": until})
    event = e.InvoiceChanged(**stamp(at), invoice=promised, what="promise")
    return Step(f"{invoice.number} is promised until {until}; reminders wait", (event,))


def dispute(order: Order, command: Command, at: Circumstances) -> Step:
    """`dispute INV-2 The client says the hem is wrong`: no reminder goes until it is settled."""
    invoice = _unpaid(order, command.args["invoice"])
    event = disputed(invoice, command.args["text"], at)
    return Step(f"{invoice.number} is disputed; its reminders are frozen", (event,))


def disputed(invoice: Invoice, why: str, at: Circumstances, by: str = "") -> e.InvoiceChanged:
    """The event that `invoice` is disputed, by the client (`by`) or as staff say."""
    frozen = invoice.model_copy(update={"status": "frozen", "why": why})
    return e.InvoiceChanged(at=at.now, by=by or at.actor, invoice=frozen, what="dispute")


def dispute_over(order: Order, command: Command, at: Circumstances) -> Step:
    """`dispute INV-2 settled`: the ladder goes on where it stood, one step at a time."""
    invoice = _unpaid(order, command.args["invoice"])
    if invoice.status != "frozen":
        return Step(f"{invoice.number} is not disputed")
    again = invoice.model_copy(update={"status": "sent" if invoice.sent_on else "planned", "why": None})
    event = e.InvoiceChanged(**stamp(at), invoice=again, what="dispute-over")
    return Step(f"{invoice.number} is no longer disputed; its reminders go on", (event,))


def _paid(order: Order, invoice: Invoice, on: date, at: Circumstances) -> Step:
    whole = invoice.model_copy(update={"status": "paid", "paid_on": on, "paid": invoice.amount})
    events: tuple[e.Event, ...] = (e.InvoiceChanged(**stamp(at), invoice=whole, what="paid"),)
    said = f"{invoice.number} is paid ({on})"
    if any(one.number == invoice.number for _, one in order.waiting_work):
        said += f"; the work on {invoice.change_order} begins"
    if order.paused and invoice.number in order.paused.split() and not _still_late(order, invoice, at.rules):
        notice = notices.resume_notice(order, invoice.number, invoice.number, invoice.amount)
        return Step(f"{said}; work resumes", (*events, e.OrderResumed(**stamp(at))), (notice,))
    return Step(said, events)


def _still_late(order: Order, paid: Invoice, rules: ProcessRules) -> bool:
    """Whether another unpaid invoice has come to the step that pauses work."""
    pausing = {step.step for step in rules.ladder if step.does == "pause"}
    others = (i for i in order.invoices if i.number != paid.number and i.status == "sent" and not i.no_pause)
    return any(pausing & {step.step for step in invoice.steps} for invoice in others)


def _day(invoice: Invoice, command: Command, at: Circumstances) -> date:
    on: date = command.args.get("date", at.today)
    if on > at.today and not re.search(rf"\b{on.year}\b", command.line):
        on = _a_year_before(on)  # without a year: what is paid is past
    if on > at.today:
        raise Refused(f"{on} is still to come; `promise {invoice.number} until {on}` records a promise")
    return on


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # February 29
        return day


def _known(order: Order, number: str) -> Invoice:
    if found := order.invoice(number):
        if found.status == "cancelled":
            raise Refused(f"{number} was cancelled; nothing is to be paid on it")
        return found
    known = ", ".join(i.number for i in order.invoices) or "none"
    raise Refused(f"this order has no {number} (it has: {known})")


def _unpaid(order: Order, number: str) -> Invoice:
    invoice = _known(order, number)
    if invoice.status == "paid":
        raise Refused(f"{number} is paid already")
    return invoice
