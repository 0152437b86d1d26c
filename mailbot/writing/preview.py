"""A mail as its readers see it: what several mail programs make of it, side by side on one page.

Each view stands in a frame that runs no scripts and loads nothing: what a mail holds is other people's words.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Literal

from mailbot.rules.templates import Templates
from mailbot.writing.letters import fill

Scheme = Literal["light", "dark"]
HEADERS = ("From", "To", "Cc", "Reply-To", "Date", "Subject")
WIDE, NARROW = 600, 360
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width: 0)", "(max-width: 0)"


@dataclass(frozen=True, slots=True)
class Shown:
    """The parts of a mail that are looked at. `headers` are decoded, `html` has its pictures in it, `files` are the
    name and the bytes of what goes along."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class View:
    """One way in which the mail is seen: a page of its own, so many pixels wide."""

    title: str
    width: int
    page: str


def shown(data: bytes) -> Shown:
    """What there is to see in a mail of ours."""
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101  by its policy
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    return Shown(
        tuple((name, str(message[name])) for name in HEADERS if message[name]),
        str(text.get_content()) if text else "",
        _with_pictures(message, str(html.get_content())) if html else "",
        tuple(_files(message)),
    )


def views(html: str) -> tuple[View, ...]:
    """How the HTML part looks, from the usual case to the worst."""
    return (
        View("Light, 600 pixels", WIDE, guarded(html)),
        View("Dark, 600 pixels", WIDE, guarded(html, scheme="dark")),
        View("Phone, 360 pixels", NARROW, guarded(html)),
        View("Pictures blocked", WIDE, guarded(html, pictures=False)),
        View("Styles stripped", WIDE, guarded(html, styles=False)),
    )


def guarded(html: str, *, scheme: Scheme = "light", pictures: bool = True, styles: bool = True) -> str:
    """A page that loads nothing and runs nothing, as it looks in a light or dark mail program, with or without its
    pictures and styles. Its policy stands before all else, so nothing in it can come first."""
    images, sheets = "data:" if pictures else "'none'", "'unsafe-inline'" if styles else "'none'"
    policy = f"default-src 'none'; form-action 'none'; img-src {images}; style-src {sheets}"
    page = _SCHEME.sub(lambda found: _ALWAYS if found[1].lower() == scheme else _NEVER, html)
    return (
        f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>:root {{ color-scheme: {scheme} !important }}</style>{page}"
    )


def page(mail: Shown, title: str, because: str, templates: Templates) -> str:
    """The views of a mail side by side, as one page; `because` says where its facts come from. Raises ConfigError."""
    context = {"mail": mail, "title": title, "because": because, "views": views(mail.html) if mail.html else ()}
    return fill(templates, "preview/page.html.j2", context, html=True)


def _with_pictures(message: EmailMessage, html: str) -> str:
    for part in message.walk():
        if (cid := str(part["Content-ID"] or "").strip("<> ")) and part.get_content_maintype() == "image":
            picture = b64encode(_bytes(part)).decode()
            html = html.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{picture}")
    return html


def _files(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.walk() if message.is_multipart() else ():
        if part.get_content_type() == "text/calendar":
            yield "invitation.ics", _bytes(part)
    for part in message.iter_attachments() if message.get_content_type() == "multipart/mixed" else ():
        yield part.get_filename() or "attachment", _bytes(part)


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return part.get_content().as_bytes()  # type: ignore[no-any-return]  # of a mail the library knows no type
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""
