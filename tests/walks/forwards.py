"""How mail programs pass a mail on: attached whole, or in the text below its header lines."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

Shape = Callable[[EmailMessage, EmailMessage, str], None]


def _head(original: EmailMessage, names: tuple[str, str, str, str]) -> list[str]:
    keys = ("From", "Date", "Subject", "To")
    return [f"{name}: {original[key]}" for name, key in zip(names, keys, strict=True)]


def _body(original: EmailMessage) -> str:
    body = original.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def gmail(mail: EmailMessage, original: EmailMessage, words: str) -> None:
    """Gmail: a line of dashes, header lines, nothing quoted; the same in a div."""
    head = ["---------- Forwarded message ---------", *_head(original, ("From", "Date", "Subject", "To"))]
    mail.set_content("\n".join([words, "", *head, "", "", _body(original)]))
    top = "<br>".join(escape(line) for line in words.splitlines())
    inner = "<br>".join(escape(line) for line in [*head, "", "", *_body(original).splitlines()])
    html = f'<div dir="ltr">{top}<br><br><div class="gmail_quote gmail_quote_container">{inner}</div></div>'
    mail.add_alternative(html, subtype="html")


def apple(mail: EmailMessage, original: EmailMessage, words: str) -> None:
    """Apple Mail in plain text: announced, then all of it quoted."""
    head = ["Begin forwarded message:", "", *_head(original, ("From", "Date", "Subject", "To")), ""]
    quoted = "\n".join(f"> {line}".rstrip() for line in [*head, *_body(original).splitlines()])
    mail.set_content(f"{words}\n\n{quoted}\n")


def outlook(mail: EmailMessage, original: EmailMessage, words: str) -> None:
    """Outlook: a header block below the words, in German as well as in English."""
    head = _head(original, ("Von", "Gesendet", "Betreff", "An"))
    mail.set_content("\n".join([words, "", *head, "", _body(original)]))


def attached(mail: EmailMessage, original: EmailMessage, words: str) -> None:
    """Forwarded as an attachment."""
    mail.set_content(words)
    mail.add_attachment(original)


SHAPES: dict[str, Shape] = {"gmail": gmail, "apple": apple, "outlook": outlook, "attached": attached}


def forward(mail: EmailMessage, original: EmailMessage, words: str, shape: str) -> EmailMessage:
    """`original` passed on in `mail`, which has its headers, below `words`."""
    del mail["Content-Type"], mail["Content-Transfer-Encoding"], mail["MIME-Version"]
    SHAPES[shape](mail, original, words)
    return mail


def raw(original: EmailMessage) -> bytes:
    return original.as_bytes(policy=SMTP)
