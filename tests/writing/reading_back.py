"""Reads a rendered mail back with the standard library, as any mail program would."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from mailbot.writing.mail import Mail


def parsed(mail: Mail) -> EmailMessage:
    message = message_from_bytes(mail.data, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def html_of(mail: Mail) -> str:
    body = parsed(mail).get_body(("html",))
    assert body is not None
    content: str = body.get_content()
    return content
