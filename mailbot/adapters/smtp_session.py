"""Where mail is handed over and how to get in: settings, TLS, log-in. Nothing here knows about mails.

A connection is encrypted and its certificate verified, or it is refused: STARTTLS is never optional (RFC 8314), since
whoever stands in between could strip the offer. Without TLS only this machine is spoken to. No password and no token
ever stands in a message: a server may echo what it was sent.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import aiosmtplib

from mailbot.adapters.imap_session import is_loopback
from mailbot.errors import ConfigError, DeliveryError, MailboxError, Problem

# What the library raises when the server refuses, vanishes or answers nonsense. A certificate that is not accepted and
# a plain time-out are OSErrors, not the library's own.
SERVER_FAULTS = (aiosmtplib.SMTPException, OSError)
TEXT_LIMIT = 300


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One submission server. `password` may be a function that returns a fresh OAuth2 access token (it may block).

    Times in seconds: `timeout` for each answer (RFC 5321, 4.5.3.2, asks for minutes; before the mail's end is sent a
    time-out costs nothing but another try), `end_timeout` for the answer to the whole mail. `provider` names its limits
    in rules/delivery.toml; without it they follow from the host.
    """

    host: str
    port: int = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: str | Callable[[], str] = field(default="", repr=False)
    ca_file: Path | None = None
    timeout: float = 60.0
    end_timeout: float = 480.0
    local_hostname: str = ""
    provider: str = ""

    def __post_init__(self) -> None:
        """Raise ConfigError with every setting that cannot work."""
        if problems := _problems(self):
            raise ConfigError(problems)

    @property
    def place(self) -> str:
        """host:port, as it stands in messages."""
        return f"{self.host}:{self.port}"


def _problems(settings: SmtpSettings) -> list[Problem]:
    problems = []
    if settings.security == "none" and not is_loopback(settings.host):
        what = f"no encryption to {settings.host}: passwords and mail would be readable on the way"
        problems.append(Problem(what, key="smtp.security", mend='set security = "tls" or "starttls"'))
    if isinstance(settings.password, str) and any(c in settings.password for c in "\r\n\0"):
        what = "the password holds a line break or NUL"
        problems.append(Problem(what, key="smtp.password", mend="remove it from the variable or file"))
    if settings.password and not settings.user:
        problems.append(Problem("there is a password but no user", key="smtp.user", mend="name the account"))
    if settings.ca_file is not None and not settings.ca_file.is_file():
        what = f"there is no file {settings.ca_file}"
        problems.append(Problem(what, key="smtp.ca_file", mend="name a file of PEM certificates"))
    problems += [
        Problem(f"{key} is {value}", key=f"smtp.{key}", mend="set a number of seconds above 0")
        for key, value in (("timeout", settings.timeout), ("end_timeout", settings.end_timeout))
        if value <= 0
    ]
    return problems


async def open_session(settings: SmtpSettings) -> aiosmtplib.SMTP:
    """A connection that is encrypted (unless on this machine), greeted and logged in.

    Raises DeliveryError: nothing was sent. `permanent` when the log-in was refused: a person must mend it.
    """
    smtp = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        timeout=settings.timeout,
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",  # never None, which would mean: if the server happens to offer it
        tls_context=None if settings.security == "none" else _context(settings.ca_file),
        local_hostname=settings.local_hostname or _own_name(),
    )
    try:
        await smtp.connect()
        if smtp.is_ehlo_or_helo_needed:
            await smtp.ehlo()
    except SERVER_FAULTS as error:
        hang_up(smtp)
        raise DeliveryError(failure(settings, "connecting", error)) from error
    if settings.user:
        await _log_in(smtp, settings)
    return smtp


def hang_up(smtp: aiosmtplib.SMTP) -> None:
    """Drop the connection without a word and without sending what may still wait in our buffer."""
    transport = smtp.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    smtp.close()


def failure(settings: SmtpSettings, doing: str, error: BaseException) -> str:
    """One line: which server, what was being done, what went wrong, and the mend where there is one."""
    why, mend = _why(_root(error))
    return f"SMTP {settings.place}: {doing}: {why}" + (f" -> {mend}" if mend else "")


def one_line(text: object) -> str:
    """What a server said, as one line of bounded length without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())[:TEXT_LIMIT]


@cache
def _context(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def _own_name() -> str:
    """The name for EHLO (RFC 5321, 4.1.3): the host's if it is a full one. DNS is not asked: that can take seconds."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _root(error: BaseException) -> BaseException:
    """The library wraps what the socket raised; that is what tells a person what to mend."""
    cause = error.__cause__
    return cause if isinstance(cause, OSError) and not isinstance(cause, aiosmtplib.SMTPException) else error


def _why(error: BaseException) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        mend = "use the name in its certificate as host, or set ca_file when it is an authority of your own"
        return f"its certificate is not accepted: {error.verify_message}", mend
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}", "port 465 speaks TLS at once, port 587 wants starttls"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"the server said {error.code} {one_line(error.message)}", ""
    if isinstance(error, TimeoutError):
        return "no answer in time", "is the server reachable from here?"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused", "is the port right, is the server running?"
    if isinstance(error, socket.gaierror):
        return "no such host", "is the name right, does DNS answer?"
    if isinstance(error, aiosmtplib.SMTPException) and "STARTTLS" in str(error):
        why = "the server does not offer STARTTLS (or something on the way removes it), nothing was sent"
        return why, 'use port 465 with security = "tls"'
    if isinstance(error, ConnectionError):
        return "the server closed the connection", ""
    return f"{type(error).__name__}: {one_line(error)}", ""


async def _log_in(smtp: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
    secret = ""
    try:
        if callable(settings.password):
            secret = await _token(settings.password, settings)
            await _log_in_by_token(smtp, settings.user, secret)
        else:
            secret = settings.password
            await smtp.login(settings.user, secret)
    except BaseException as error:
        hang_up(smtp)
        if isinstance(error, SERVER_FAULTS):
            raise _not_let_in(settings, error, secret) from None  # the chain could show what was sent
        raise


async def _token(fresh: Callable[[], str], settings: SmtpSettings) -> str:
    """A fresh access token; what the function raises (the network, a revoked grant) is not the mail's fault."""
    try:
        return await asyncio.to_thread(fresh)
    except Exception as error:
        ours = isinstance(error, ConfigError | DeliveryError | MailboxError)  # another's text may show what was asked
        why = f"no access token: {one_line(error) if ours else type(error).__name__}"
        raise DeliveryError(f"SMTP {settings.place}: logging in as {settings.user}: {why}") from None


async def _log_in_by_token(smtp: aiosmtplib.SMTP, user: str, token: str) -> None:
    if "xoauth2" not in smtp.server_auth_methods:
        raise aiosmtplib.SMTPNotSupported("the server does not offer XOAUTH2")
    await smtp.auth_xoauth2(user, token)


def _not_let_in(settings: SmtpSettings, error: BaseException, secret: str) -> DeliveryError:
    """Permanent when the credentials are wrong (5xx, RFC 4954); not when the line broke or the server is busy."""
    refused = isinstance(error, aiosmtplib.SMTPAuthenticationError) and error.code >= 500
    text = failure(settings, f"logging in as {settings.user}", error)
    if refused:
        text += " -> mend user or password in [smtp]"
    return DeliveryError(_without(text, settings.user, secret), permanent=refused)


def _without(text: str, user: str, secret: str) -> str:
    """`text` without the secret, in clear or in the forms in which it went over the line."""
    clear = (secret, f"\0{user}\0{secret}", f"user={user}\1auth=Bearer {secret}\1\1")
    sent = [base64.b64encode(form.encode()).decode() for form in clear]
    for form in (*sent, secret):
        text = text.replace(form, "***") if secret else text
    return text
