"""What staff and finance say of the invoices themselves: the client's number on them, a PDF of the studio's own."""

from __future__ import annotations

import hashlib

from mailbot.orders import events as e
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.commands import Command
from mailbot.orders.model import Invoice, Order

PDF = b"%PDF-"  # how such a file begins, whatever its name says
_LONGEST = 200


def po_number(order: Order, command: Command, at: Circumstances) -> Step:
    """`po number 4500017`: the client's purchase order; the invoices that are still to go out name it."""
    number = " ".join(command.args["text"].split())
    if len(number) > _LONGEST or not number.isprintable():
        raise Refused(f"that is no number: at most {_LONGEST} characters, on one line")
    billing = order.billing.model_copy(update={"po_number": number})
    planned = ", ".join(i.number for i in order.live_invoices if i.status == "planned")
    said = f"invoices name {number}" + (f": {planned}" if planned else "; all that are known have gone out")
    return Step(said, (e.BillingChanged(**stamp(at), billing=billing),))


def own_file(order: Order, command: Command, at: Circumstances) -> Step:
    """`invoice INV-2`: the PDF that came along goes to the client in the place of the one that mailbot would make."""
    invoice = _planned(order, command.args["invoice"])
    name, data = _pdf(at)
    key = hashlib.sha256(data).hexdigest()
    if key == invoice.file:
        return Step(f"{name} is there already for {invoice.number}")
    changed = e.InvoiceChanged(**stamp(at), invoice=invoice.model_copy(update={"file": key}), what="file")
    instead = ", instead of the file that you sent before" if invoice.file else ""
    said = f"{invoice.number} goes out with {name}{instead}; see that it is over {invoice.amount} {order.currency}"
    return Step(said, (changed,), keeps=(data,))


def _planned(order: Order, number: str) -> Invoice:
    invoice = order.invoice(number)
    if invoice is None:
        known = ", ".join(i.number for i in order.invoices) or "none"
        raise Refused(f"this order has no {number} (it has: {known})")
    if invoice.status != "planned":
        when = f"went out on {invoice.sent_on}" if invoice.sent_on else f"is {invoice.status}"
        raise Refused(f"{number} {when}; send the client your file yourself")
    return invoice


def _pdf(at: Circumstances) -> tuple[str, bytes]:
    """The one PDF among what was attached."""
    found = [file for file in (*at.attachments, *at.inline) if file[2].startswith(PDF)]
    if len(found) != 1:
        raise Refused("attach the PDF to this mail" if not found else "attach one PDF only, and send a mail for each")
    most = at.rules.invoices.own_file_up_to_kb
    if len(found[0][2]) > most * 1024:
        raise Refused(f"{found[0][0]} is larger than {most} KB")
    return found[0][0], found[0][2]
