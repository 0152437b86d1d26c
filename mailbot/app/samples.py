"""The samples of all kinds of mail, as this studio would send them: its name, its way of paying, its templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from mailbot.app.house import House, studio_of
from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.rules.process import ProcessRules, load_process
from mailbot.rules.templates import Templates, load_templates
from mailbot.settings import Settings
from mailbot.writing.check import SAMPLE_ID, SAMPLE_TIME, sample_order, sample_send, sample_studio
from mailbot.writing.invoice import KIND, invoice_pdf
from mailbot.writing.kinds import KINDS
from mailbot.writing.mail import Mail
from mailbot.writing.render import StudioInfo, render


@dataclass(frozen=True, slots=True)
class Samples:
    """What the samples of all kinds are rendered with. `pdf`: invoices go out with one of mailbot's."""

    studio: StudioInfo
    templates: Templates
    process: ProcessRules
    pdf: bool = True


def samples_of(settings: Settings | None) -> Samples:
    """The samples of the studio of `settings`; without settings, as the shipped files have them. Raises ConfigError."""
    if settings is None:
        templates = load_templates()
        return Samples(sample_studio(templates), templates, load_process())
    paths = settings.paths
    return Samples(
        studio_of(settings), load_templates(paths.templates), load_process(paths.rules), settings.invoice.pdf
    )


def samples_in(house: House) -> Samples:
    """The samples of a studio whose house is open."""
    return Samples(house.studio, house.rules.templates, house.rules.process, house.settings.invoice.pdf)


def kinds(samples: Samples) -> Iterator[dict[str, Any]]:
    """Every kind of mail: its name, who reads it, and the subject of its sample; None where that cannot be rendered."""
    for kind in KINDS.values():
        try:
            subject = _mail(samples, sample_send(samples.templates, kind.name), _order(samples)).subject
        except ConfigError:
            subject = None
        yield {"kind": kind.name, "to": kind.reader, "subject": subject}


def known(kind: str) -> None:
    """Raises ConfigError where there is no such kind of mail."""
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        mend = f"{guess}the kinds: {', '.join(KINDS)}"
        raise ConfigError([Problem(f"there is no kind of mail {kind!r}", mend=mend)])


def sample(samples: Samples, kind: str, order: Order | None = None, to: tuple[str, ...] = ()) -> Mail:
    """The sample of `kind`, with the names of `order`, or of the samples' own as a client of this studio, and all that
    goes along. `to` is who gets it, where that is known. Raises ConfigError."""
    known(kind)
    send = sample_send(samples.templates, kind)
    several = "," in (send.order or "")
    send = replace(send, to=to or send.to, order=order.ref if order and not several else send.order)
    about = order or _order(samples)
    return _mail(samples, _billed(samples, send, about), about)


def _order(samples: Samples) -> Order:
    """The order of the samples, whose client is at home where the studio is."""
    order, studio = sample_order(samples.templates), samples.studio
    at_home = {"locale": studio.locale, "timezone": studio.timezone}
    return order.model_copy(update={"client": order.client.model_copy(update=at_home)})


def _billed(samples: Samples, send: Send, order: Order) -> Send:
    """`send` with what the studio says of paying, and an invoice with its PDF, as mailbot's own mails have them."""
    if "payment" in send.data:
        send = replace(send, data={**send.data, "payment": samples.studio.issuer.payment or None})
    if send.kind != KIND or not samples.pdf:
        return send
    data = invoice_pdf(
        send.data, order, studio=samples.studio, templates=samples.templates, rules=samples.process.invoices
    )
    return replace(send, attachments=((f"{send.data['number']}.pdf", "application/pdf", data),))


def _mail(samples: Samples, send: Send, order: Order) -> Mail:
    several = "," in (send.order or "")
    return render(
        send, studio=samples.studio, templates=samples.templates, now=SAMPLE_TIME, message_id=SAMPLE_ID,
        order=None if several else order,
    )  # fmt: skip
