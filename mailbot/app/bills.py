"""What goes along with a mail about an invoice: where to pay, and the invoice as a PDF, mailbot's or finance's."""

from __future__ import annotations

import logging
from dataclasses import replace

from mailbot.adapters.archive import ArchiveError
from mailbot.app.faults import fault
from mailbot.app.house import House
from mailbot.errors import ConfigError
from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.writing.invoice import KIND, invoice_pdf

log = logging.getLogger(__name__)


def billed(house: House, send: Send, order: Order) -> Send:
    """`send` with what the studio says of paying, where its kind says that; an invoice with its PDF.

    Where that cannot be had, the mail waits for a person, who finds the reason with it.
    """
    issuer = house.studio.issuer
    if issuer.payment and "payment" in house.rules.templates.samples.get(send.kind, {}).get("optional", {}):
        send = replace(send, data={**send.data, "payment": issuer.payment})
    if send.kind != KIND:
        return send
    try:
        return _with_file(house, send, order)
    except (ConfigError, ArchiveError) as error:
        fields = {"event": "tick.invoice", "order": order.ref, "reason": fault(error)}
        log.warning("no PDF", extra=fields)
        return replace(send, waits=f"there is no PDF with it: {error}")


def _with_file(house: House, send: Send, order: Order) -> Send:
    invoice = order.invoice(send.about or "")
    if invoice and invoice.file:
        data = house.archive.get(invoice.file)
    elif house.settings.invoice.pdf:
        data = invoice_pdf(
            send.data, order, studio=house.studio, templates=house.rules.templates, rules=house.rules.process.invoices
        )
    else:
        return send
    return replace(send, attachments=((f"{send.data['number']}.pdf", "application/pdf", data),))
