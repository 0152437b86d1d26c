"""What a client says of an invoice: it is paid, and finance looks; they do not agree, and its reminders are frozen.

Neither is an answer to a request. Nothing counts as paid at a client's word; a dispute only keeps mails back, so it
needs no approver, but a proven client who was asked to pay that very invoice.
"""

from __future__ import annotations

import re

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.circumstances import Circumstances
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.model import Invoice, Order
from mailbot.orders.payments import disputed

_NUMBER = re.compile(r"\bINV-?(\w{1,12})\b", re.IGNORECASE)


def claimed(mail: Intake, finance: str, designer: str | None, at: Circumstances) -> Decision | None:
    """What comes of a client's word about an invoice; None where it is none, or a person must read it."""
    order, said = mail.order, mail.reading
    if order is None or said is None or mail.request is not None or mail.role != "client":
        return None
    if not mail.proven or mail.doubts or mail.retitled or not said.understood or said.conditional:
        return None
    invoice = _answered(mail, order) or (_named(mail, order) if _numbers(mail.words) else None)
    if said.label == "dispute" and invoice and invoice.status != "paid":
        return _dispute(mail, order, invoice, designer, at)
    invoice = invoice or _named(mail, order)
    if said.label == "paid" and invoice:
        return _paid(mail, order, invoice, finance, at)
    return None


def _answered(mail: Intake, order: Order) -> Invoice | None:
    """The invoice that was sent with the mail that is answered, else the one that the subject names."""
    named = (order.invoice(number) for number in [mail.about or "", *_numbers(mail.subject)])
    return next((one for one in named if one and one.status not in ("planned", "cancelled")), None)


def _named(mail: Intake, order: Order) -> Invoice | None:
    """The one invoice that the words name; where they name none, the only one that is to be paid."""
    out = [i for i in order.live_invoices if i.status in ("sent", "frozen")]
    named = [i for i in out if i.number in _numbers(mail.words)] if _numbers(mail.words) else out
    return named[0] if len(named) == 1 else None


def _numbers(text: str) -> list[str]:
    return [f"INV-{number.upper()}" for number in _NUMBER.findall(text[:4000])]


def _paid(mail: Intake, order: Order, invoice: Invoice, finance: str, at: Circumstances) -> Decision:
    event = _recorded(mail, f"{invoice.number} is paid, they say", at)
    after = evolve(order, event)
    if invoice.status == "paid":
        return Decision("paid", f"{invoice.number} is paid already", after, (event,))
    sends = (
        notices.heard(after, mail, "paid", invoice.number),
        notices.payment_claim(after, mail, invoice, finance, at.now),
    )
    return Decision("paid", f"{invoice.number}: finance is asked", after, (event,), sends)


def _dispute(mail: Intake, order: Order, invoice: Invoice, designer: str | None, at: Circumstances) -> Decision:
    events: tuple[e.Event, ...] = (_recorded(mail, f"{invoice.number} is disputed", at),)
    if invoice.status != "frozen":
        events = (*events, disputed(invoice, " ".join(mail.words.split())[:500], at, by=mail.sender))
    after = order
    for event in events:
        after = evolve(after, event)
    sends = (
        notices.heard(after, mail, "dispute", invoice.number),
        notices.unhappy_client(after, mail, designer, at.now, frozen=invoice.number),
    )
    return Decision("dispute", f"{invoice.number}: its reminders are frozen", after, events, sends)


def _recorded(mail: Intake, because: str, at: Circumstances) -> e.MailRecorded:
    return e.MailRecorded(
        at=at.now, by=mail.sender, mail=mail.mail, direction="in", kind=mail.kind, because=because, from_client=True
    )
