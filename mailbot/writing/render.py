"""A Send becomes a Mail: the reader's language chosen, the templates filled, the headers that answers come back by.

The facts of a letter are `data` (what samples.toml lists for its kind, no more and no less), the order, the studio and
the account manager. Rendering comes before the commit: what cannot be rendered is held, never half done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import css_inline

from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.rules.languages import languages_of
from mailbot.rules.templates import Templates
from mailbot.writing.invite import invitation
from mailbot.writing.kinds import KINDS, Kind
from mailbot.writing.letters import BRACKETED, clean, fill, fill_subject, line
from mailbot.writing.mail import Envelope, Letter, Mail, Picture, build
from mailbot.writing.words import Words, locale_for, zone_of

SUBJECT_LENGTH = 200
DEFAULT_LANGUAGE = "en"
QUESTION = "question"  # the first sentence of every letter


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues invoices, as they name it, in lines; "" where nothing is said. `fonts` are files for their PDF.

    `einvoice`: the PDF carries the invoice as data; `country`, `vat_id` and `iban` are for that.
    """

    address: str = ""
    tax_id: str = ""
    payment: str = ""
    fonts: tuple[bytes, ...] = ()
    einvoice: bool = False
    country: str = ""
    vat_id: str = ""
    iban: str = ""


@dataclass(frozen=True, slots=True)
class StudioInfo:
    """The studio as its letters show it. `separator` stands between mailbox and token in a Reply-To ("+");
    "" where the server knows no such addresses: answers then come back by their ids and the line at the foot."""

    name: str
    address: str
    timezone: str
    locale: str
    separator: str = "+"
    issuer: Issuer = Issuer()


def render(
    send: Send, *, studio: StudioInfo, templates: Templates, now: datetime, order: Order | None, message_id: str,
    one_click: str = "",
) -> Mail:  # fmt: skip
    """The mail for `send`, dated `now`. `order` is the order as the reader is to see it, None where there is none.

    `message_id` is without angle brackets, `one_click` the https address that ends a subscription. Raises ConfigError
    for a template that cannot be filled or an address that cannot be written to, TypeError for data that are not those
    of the kind.
    """
    kind = KINDS[send.kind]
    if order is None and kind.reader == "client":
        raise TypeError(f"{kind.name} is about an order")
    reader = order.client.locale if order and kind.reader == "client" else studio.locale
    languages = languages_for(templates, kind, reader, studio.locale)
    words = _words(kind, studio, order, languages[-1], reader)
    pictures, files = _pictures(send, message_id)
    context = _context(send, studio, order, words) | {
        "data": _complete(kind, send.data, templates), "kind": kind.name, "languages": languages,
        "now": now.astimezone(words.home), "cids": {picture.filename: picture.cid for picture in pictures},
    }  # fmt: skip
    subject = _subject(send, fill_subject(templates, languages, kind.name, context))
    reply_to = _reply_to(send, studio)
    context |= {"subject": subject, "reply": lambda body="": _reply_link(reply_to or studio.address, subject, body)}
    name = template_of(templates, kind, languages)
    text = _tidy(fill(templates, f"{name}.txt.j2", context, html=False))
    html = inline_styles(fill(templates, f"{name}.html.j2", context, html=True))
    envelope = Envelope(
        message_id, studio.name, studio.address, send.to, send.cc, reply_to, now.astimezone(words.home),
        send.in_reply_to, send.references, _own_headers(send, kind, studio, reply_to, one_click),
    )  # fmt: skip
    return build(envelope, Letter(subject, text, html, pictures, files, _calendar(send, studio, now)))


def languages_for(templates: Templates, kind: Kind, *locales: str) -> tuple[str, ...]:
    """The first of `locales` in whose language this kind is written, as ("de_AT", "de"); English where there is none.

    The last is the language; what stands before it may have sentences of the region.
    """
    for name in locales:
        languages = languages_of(name)
        if _written(templates, kind, languages):
            return languages
    return (DEFAULT_LANGUAGE,)


def inline_styles(html: str) -> str:
    """HTML with its style sheet written into the elements; sheets marked `data-css-inline="keep"` stay as well."""
    return _inliner().inline(html)


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def template_of(templates: Templates, kind: Kind, languages: Sequence[str]) -> str:
    """The name of the letter of a kind, without its ending; a language may have one of its own."""
    own = (f"{kind.reader}/{language}/{kind.name}" for language in languages)
    whole = (name for name in own if all(f"{name}.{part}.j2" in templates.files for part in ("txt", "html")))
    return next(whole, f"{kind.reader}/{kind.name}")


def _written(templates: Templates, kind: Kind, languages: Sequence[str]) -> bool:
    """Whether this kind has a subject in one of `languages`, and words or a letter of its own."""
    subject = any(kind.name in templates.subjects.get(language, {}) for language in languages)
    words = any(f"{kind.name}.{QUESTION}" in templates.words.get(language, {}) for language in languages)
    return subject and (words or template_of(templates, kind, languages) != f"{kind.reader}/{kind.name}")


def _context(send: Send, studio: StudioInfo, order: Order | None, words: Words) -> dict[str, Any]:
    """What every letter may use, whatever its kind; docs/templates.md lists it."""
    return {
        "studio": studio, "order": order, "words": words, "about": send.about,
        "language": words.locale.language, "direction": words.locale.text_direction,
        "ref": " / ".join(part for part in (_only(send.order), send.about, send.token) if part),
    }  # fmt: skip


def _words(kind: Kind, studio: StudioInfo, order: Order | None, language: str, reader: str) -> Words:
    client = order is not None and kind.reader == "client"
    zone = order.client.timezone if order and client else studio.timezone
    home = zone_of(studio.timezone)
    currency = order.currency if order else ""
    return Words(locale_for(language, reader), zone_of(zone, studio.timezone), home, currency)


def _complete(kind: Kind, data: Mapping[str, Any], templates: Templates) -> dict[str, Any]:
    """`data` with None for each optional fact that is not there. The sample of the kind is its schema."""
    sample = templates.samples.get(kind.name, {})
    needed, optional = set(sample.get("data", {})), set(sample.get("optional", {}))
    if missing := needed - set(data):
        raise TypeError(f"{kind.name} needs {', '.join(sorted(missing))}")
    if unknown := set(data) - needed - optional:
        raise TypeError(f"{kind.name} does not know {', '.join(sorted(unknown))}; it takes {sorted(needed | optional)}")
    return {**dict.fromkeys(optional), **data}


def _only(orders: str | None) -> str | None:
    """The order that a mail is about; None where it is about several or none."""
    return None if orders and "," in orders else orders


def _reply_to(send: Send, studio: StudioInfo) -> str | None:
    return _address(send.token, studio) if send.token else None


def _address(token: str, studio: StudioInfo) -> str:
    """The studio's address with a token in it, where its server knows such addresses."""
    box, _, domain = studio.address.rpartition("@")
    return f"{box}{studio.separator}{token}@{domain}" if studio.separator and token else studio.address


def _calendar(send: Send, studio: StudioInfo, now: datetime) -> tuple[str, bytes] | None:
    """The method and the bytes of what goes along for the reader's calendar."""
    if send.invite is None:
        return None
    organizer = _address(send.invite.token, studio)
    return send.invite.method, invitation(send.invite, organizer, studio.name, send.to, now)


def _reply_link(address: str, subject: str, body: object) -> str:
    link = f"mailto:{quote(address, safe='@+')}?subject={quote('Re: ' + subject)}"
    return f"{link}&body={quote(clean(str(body)))}" if body else link


def _subject(send: Send, filled: str) -> str:
    """A subject on one line, with the order's tag at its end and nowhere else."""
    words = BRACKETED.sub(r"(\1)", line(filled))
    tag = f" [{only}]" if (only := _only(send.order)) else ""
    room = SUBJECT_LENGTH - len(tag)
    return (words if len(words) <= room else words[: room - 1].rstrip() + "…") + tag


def _own_headers(
    send: Send, kind: Kind, studio: StudioInfo, reply_to: str | None, one_click: str
) -> tuple[tuple[str, str], ...]:
    headers = [
        ("X-Mailbot-Kind", kind.name),
        ("X-Mailbot-Order", send.order or ""),
        ("Auto-Submitted", "auto-replied" if kind.answers else "auto-generated"),
    ]
    if kind.subscription:
        box, _, domain = studio.address.rpartition("@")
        request = quote(f"unsubscribe [{send.order}]" if send.order else "unsubscribe")
        headers += [
            ("List-Id", f"<{kind.name}.{box}.{domain}>"),
            ("List-Unsubscribe", f"<mailto:{reply_to or studio.address}?subject={request}>" + _also(one_click)),
        ]
        headers += [("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if one_click else []
    return tuple(headers)


def _also(one_click: str) -> str:
    return f", <{one_click}>" if one_click else ""


def _pictures(send: Send, message_id: str) -> tuple[tuple[Picture, ...], tuple[tuple[str, str, bytes], ...]]:
    """The attachments that the letter shows, with the ids that its HTML finds them by, and the others."""
    shown = {photo["file"] for photo in send.data.get("photos") or ()}
    pictures = tuple(
        Picture(f"p{number}.{message_id}", name, content_type, data)
        for number, (name, content_type, data) in enumerate(send.attachments)
        if name in shown and content_type.startswith("image/")
    )
    named = {picture.filename for picture in pictures}
    return pictures, tuple(file for file in send.attachments if file[0] not in named)


def _tidy(text: str) -> str:
    """No blanks at line ends, never more than one blank line: what a template's blocks leave behind."""
    lines = [one.rstrip() for one in text.strip().split("\n")]
    kept = [one for i, one in enumerate(lines) if one or lines[i - 1]]
    return "\n".join(kept) + "\n"
