"""How mail programs write a reply: the shapes of Gmail, Outlook, Apple Mail and a plain one, around given words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape


def _start(sender: str, to: str, subject: str, now: datetime, number: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{number}.{now:%Y%m%d%H%M%S}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["MIME-Version"] = "1.0"
    return mail


def new(sender: str, to: str, subject: str, text: str, now: datetime, number: int) -> EmailMessage:
    """A mail that answers nothing."""
    mail = _start(sender, to, subject, now, number)
    mail.set_content(text)
    return mail


def _reply(asked: EmailMessage, sender: str, now: datetime, number: int) -> EmailMessage:
    mail = _start(sender, str(asked["Reply-To"] or asked["From"]), f"Re: {asked['Subject']}", now, number)
    mail["In-Reply-To"] = asked["Message-ID"]
    mail["References"] = " ".join(filter(None, [asked["References"], asked["Message-ID"]]))
    return mail


def _bodies(asked: EmailMessage) -> tuple[str, str]:
    plain, html = asked.get_body(("plain",)), asked.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


def _html(words: str) -> str:
    return escape(words).replace("\n", "<br>\n")


def plain(asked: EmailMessage, sender: str, words: str, now: datetime, number: int) -> EmailMessage:
    """mutt, Thunderbird in plain text: attribution and `>`."""
    mail = _reply(asked, sender, now, number)
    quoted = "\n".join(f"> {line}" for line in _bodies(asked)[0].splitlines())
    mail.set_content(f"{words}\n\nOn {now:%d/%m/%Y %H:%M}, {asked['From']} wrote:\n{quoted}\n")
    return mail


def gmail(asked: EmailMessage, sender: str, words: str, now: datetime, number: int) -> EmailMessage:
    """Gmail: multipart/alternative, attribution wrapped, div.gmail_quote."""
    mail = _reply(asked, sender, now, number)
    text, html = _bodies(asked)
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    line = f"On {now:%a, %b %d, %Y at %I:%M %p} {asked['From']}"
    mail.set_content(f"{words}\n\n{line}\nwrote:\n\n{quoted}\n")
    body = f'<div dir="ltr">{_html(words)}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    body += f'{escape(line)} wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{html}'
    mail.add_alternative(f"{body}</blockquote></div>", subtype="html")
    return mail


def outlook(asked: EmailMessage, sender: str, words: str, now: datetime, number: int) -> EmailMessage:
    """Outlook for Windows: a header block behind a rule, nothing marked."""
    mail = _reply(asked, sender, now, number)
    text, html = _bodies(asked)
    block = [
        f"From: {asked['From']}",
        f"Sent: {now:%A, %B %d, %Y %I:%M %p}",
        f"To: {sender}",
        f"Subject: {asked['Subject']}",
    ]
    mail.set_content(f"{words}\n\n" + "\n".join(block) + f"\n\n{text}")
    rule = '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">'
    lines = "<br>".join(f"<b>{escape(b.partition(':')[0])}:</b>{escape(b.partition(':')[2])}" for b in block)
    body = f'<div class="WordSection1"><p class="MsoNormal">{_html(words)}</p>{rule}{lines}</p></div>{html}</div>'
    mail.add_alternative(f"<html><body>{body}</body></html>", subtype="html")
    return mail


def apple(asked: EmailMessage, sender: str, words: str, now: datetime, number: int) -> EmailMessage:
    """Apple Mail on a phone: words, device line, blockquote type=cite."""
    mail = _reply(asked, sender, now, number)
    text, html = _bodies(asked)
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    line = f"On {now:%b %d, %Y, at %H:%M}, {asked['From']} wrote:"
    mail.set_content(f"{words}\n\nSent from my iPhone\n\n> {line}\n> \n{quoted}\n")
    body = (
        f'<div dir="ltr">{_html(words)}</div><div dir="ltr"><br></div>Sent from my iPhone<br><blockquote type="cite">'
    )
    mail.add_alternative(
        f'{body}{escape(line)}<br><br></blockquote><blockquote type="cite">{html}</blockquote>', subtype="html"
    )
    return mail


PROGRAMS: dict[str, Callable[[EmailMessage, str, str, datetime, int], EmailMessage]] = {
    "plain": plain,
    "gmail": gmail,
    "outlook": outlook,
    "apple": apple,
}
