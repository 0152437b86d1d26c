"""Where a mailbox is and how to get in: settings, TLS, log-in. Nothing here knows about mails.

A connection is encrypted and its certificate verified, or it is refused; there is no falling back (RFC 8314). Without
TLS only this machine is spoken to. No password or token ever stands in a message: a server may echo what it was sent.
"""

from __future__ import annotations

import imaplib
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from imapclient import IMAPClient, SocketTimeout

from mailbot.errors import ConfigError, MailboxError, Problem

MEGABYTE = 1 << 20

# What the library raises when the server refuses, vanishes or answers nonsense (ValueError: it could not be parsed).
SERVER_FAULTS = (imaplib.IMAP4.error, OSError, EOFError, ValueError)


class LoginRefused(MailboxError):
    """The server is there but does not let us in: trying again changes nothing until a person mends the settings."""


class Refused(MailboxError):
    """The server said NO to one command (over quota, no such folder). The connection is still good."""


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """One mailbox. `password` may be a function that returns a fresh OAuth2 access token. Times in seconds."""

    host: str
    user: str
    password: str | Callable[[], str] = field(repr=False)
    port: int = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    folder: str = "INBOX"
    after: Literal["move", "flag", "leave"] = "move"
    done: str = "mailbot/Done"
    held: str = "mailbot/Held"
    odd: str = "mailbot/Odd"
    ca_file: Path | None = None
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    idle_seconds: float = 300.0  # RFC 2177 allows 29 minutes; many a NAT forgets a silent connection after five
    noop_seconds: float = 5.0
    batch_bytes: int = 8 * MEGABYTE
    max_bytes: int = 25 * MEGABYTE

    def __post_init__(self) -> None:
        """Raise ConfigError with every setting that cannot work."""
        if problems := _problems(self):
            raise ConfigError(problems)

    @property
    def place(self) -> str:
        """host:port, as it stands in messages."""
        return f"{self.host}:{self.port}"


def _problems(settings: ImapSettings) -> list[Problem]:
    problems = []
    if settings.security == "none" and not is_loopback(settings.host):
        what = f"no encryption to {settings.host}: passwords and mail would be readable on the way"
        problems.append(Problem(what, key="imap.security", mend='set security = "tls" or "starttls"'))
    if isinstance(settings.password, str) and any(c in settings.password for c in "\r\n\0"):
        what = "the password holds a line break or NUL"
        problems.append(Problem(what, key="imap.password", mend="remove it from the variable or file"))
    if not 0 < settings.idle_seconds <= 300:
        what = f"idle_seconds is {settings.idle_seconds}"
        problems.append(Problem(what, key="imap.idle_seconds", mend="set 1 to 300"))
    return problems


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine: localhost, 127.0.0.0/8 or ::1. Other names are not looked up."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_session(settings: ImapSettings) -> IMAPClient:
    """A logged-in connection, no folder selected. Raises MailboxError; LoginRefused when it is the credentials."""
    client = _connect(settings)
    try:
        if settings.security == "starttls":
            _start_tls(client, settings)
        _log_in(client, settings)
    except BaseException:
        hang_up(client)
        raise
    return client


def hang_up(client: IMAPClient) -> None:
    """Close the connection without a word; it may be dead already."""
    try:
        client.shutdown()
    except SERVER_FAULTS:
        client._imap.sock.close()


def failure(settings: ImapSettings, doing: str, error: BaseException) -> str:
    """One line: which server, what was being done, what went wrong, and the mend where there is one."""
    why, mend = _why(error)
    return f"IMAP {settings.place}: {doing}: {why}" + (f" -> {mend}" if mend else "")


def _why(error: BaseException) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        mend = "use the name in its certificate as host, or set ca_file when it is an authority of your own"
        return f"its certificate is not accepted: {error.verify_message}", mend
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}", "port 993 speaks TLS at once, port 143 wants starttls"
    if isinstance(error, TimeoutError):
        return "no answer in time", "is the server reachable from here?"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused", "is the port right, is the server running?"
    if isinstance(error, socket.gaierror):
        return "no such host", "is the name right, does DNS answer?"
    if isinstance(error, imaplib.IMAP4.abort) and "EOF" in str(error):
        return "the server closed the connection", ""
    return f"{type(error).__name__}: {str(error)[:300]}", ""


def _context(settings: ImapSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


def _connect(settings: ImapSettings) -> IMAPClient:
    timeout = SocketTimeout(connect=settings.connect_timeout, read=settings.read_timeout)
    tls = settings.security == "tls"
    try:
        context = _context(settings) if tls else None
        client = IMAPClient(settings.host, settings.port, ssl=tls, ssl_context=context, timeout=timeout)
    except SERVER_FAULTS as error:
        raise MailboxError(failure(settings, "connecting", error)) from error
    client._imap.debug = 0  # imapclient sets 5: imaplib would format every line, and half of our CPU with it
    client.normalise_times = False  # aware times
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return client


def _start_tls(client: IMAPClient, settings: ImapSettings) -> None:
    if not client.has_capability("STARTTLS"):
        why = "the server does not offer STARTTLS (or something on the way removes it), nothing was sent"
        raise MailboxError(f'IMAP {settings.place}: {why} -> use port 993 with security = "tls"')
    try:
        client.starttls(_context(settings))
    except SERVER_FAULTS as error:
        raise MailboxError(failure(settings, "starting TLS", error)) from error


def _log_in(client: IMAPClient, settings: ImapSettings) -> None:
    token = callable(settings.password)
    secret = settings.password() if callable(settings.password) else settings.password
    try:
        if token:
            _log_in_by_token(client, settings.user, secret)
        elif (settings.user + secret).isascii():
            client.login(settings.user, secret)
        else:
            client.plain_login(settings.user, secret)  # LOGIN is ASCII only; SASL PLAIN is UTF-8
    except SERVER_FAULTS as error:
        raise _not_let_in(settings, error, secret) from None  # the chain could show what was sent


def _not_let_in(settings: ImapSettings, error: Exception, secret: str) -> MailboxError:
    """LoginRefused when the credentials are wrong; MailboxError when the line broke or it is busy (RFC 5530)."""
    cause = error.__context__ or error  # imapclient wraps a broken connection into its LoginError too
    if isinstance(cause, imaplib.IMAP4.abort) or not isinstance(cause, imaplib.IMAP4.error):
        return MailboxError(failure(settings, "logging in", cause).replace(secret, "***"))
    said = cause.args[0] if cause.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    text = text.replace(secret, "***")[:300]
    if any(code in text.upper() for code in ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")):
        return MailboxError(f"IMAP {settings.place}: logging in as {settings.user}: {text}")
    return LoginRefused(
        f"IMAP {settings.place}: log-in as {settings.user} refused: {text} -> mend user or password in [imap]"
    )


def _log_in_by_token(client: IMAPClient, user: str, token: str) -> None:
    """XOAUTH2 or OAUTHBEARER (RFC 7628). A refusal comes as a challenge that wants one empty answer before the NO."""
    if client.has_capability("AUTH=XOAUTH2"):
        name, first, then = "XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1", ""
    elif client.has_capability("AUTH=OAUTHBEARER"):
        quoted = user.replace("=", "=3D").replace(",", "=2C")
        name, first, then = "OAUTHBEARER", f"n,a={quoted},\1auth=Bearer {token}\1\1", "\1"
    else:
        raise imaplib.IMAP4.error("the server offers neither XOAUTH2 nor OAUTHBEARER")
    answers = iter((first, then))
    client.sasl_login(name, lambda _challenge: next(answers, None))
