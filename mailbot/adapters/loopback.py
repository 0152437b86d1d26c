"""A small world of mail inside this process, for `mailbot demo` and for tests: real servers on loopback ports.

Three of them in one thread with an event loop of its own: an IMAP server (pymap, in memory), a border server that takes
mail from the world for the studio by SMTP and says whom it has authenticated, and a relay that takes what the studio
sends and keeps it. Needs the extra `demo`: import it late.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session

from mailbot.adapters.loopback_imap import MemoryImap
from mailbot.errors import ConfigError

HOST = "127.0.0.1"
PASSWORD = "loopback"  # noqa: S105 - of mailboxes that live in memory, for one process
BIGGEST = 64 << 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that the relay has taken: when (UTC), the envelope, the bytes as they came."""

    at: datetime
    sender: str
    recipients: tuple[str, ...]
    data: bytes


class Loopback:
    """The three servers: `imap_port`, `border_port`, `relay_port` on 127.0.0.1 once started.

    `users` are the mailboxes, whole addresses, all with PASSWORD; the first is the bot's. Whatever is addressed to its
    domain and to nobody else lands there (catch-all); `name+token@` goes to `name@`. `authentic` are domains of senders
    that the border vouches for. `on_sent` is called for each mail the relay takes, in the servers' thread: it must not
    wait for these servers.
    """

    password = PASSWORD

    def __init__(
        self, users: Iterable[str], authentic: Iterable[str] = (), on_sent: Callable[[Accepted], None] | None = None
    ) -> None:
        """Start nothing yet. Raises ConfigError when there is no user."""
        self.users = tuple(user.lower() for user in users)
        if not self.users:
            raise ConfigError("the loopback servers need at least one mailbox")
        self.domain = self.users[0].partition("@")[2]
        self.authserv_id = f"mx.{self.domain}"
        self.authentic = frozenset(domain.lower() for domain in authentic) | {self.domain}
        self.sent: list[Accepted] = []
        self.imap_port = self.border_port = self.relay_port = 0
        self._on_sent = on_sent
        self._imap = MemoryImap(self.users, PASSWORD)
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loopback mail servers", daemon=True)

    def __enter__(self) -> Loopback:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen on free ports; returns when all three do."""
        self._thread.start()
        self._run(self._listen()).result(60)

    def stop(self) -> None:
        """Close all connections and end the thread, in a second at most. The mailboxes are gone then."""
        if self._thread.is_alive():
            self._run(self._end()).result(5)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        self._loop.close()

    def deliver(self, user: str, data: bytes) -> int:
        """Put a mail into a user's INBOX as it is, past the border; returns its UID. Raises KeyError: no such user."""
        return self._run(self._imap.deliver(user, data)).result(60)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails in a user's folder, oldest first; none when there is no such folder."""
        return self._run(self._imap.mails(user, folder)).result(60)

    def mailbox_for(self, address: str) -> str | None:
        """The user an address leads to: exactly, or without its +tag, or by the catch-all; None: it is not ours."""
        local, _, domain = address.lower().partition("@")
        for user in (address.lower(), f"{local.partition('+')[0]}@{domain}"):
            if user in self.users:
                return user
        return self.users[0] if domain == self.domain else None

    async def take(self, user: str, data: bytes) -> None:
        """The border has accepted a mail for `user`."""
        await self._imap.deliver(user, data)

    def keep(self, mail: Accepted) -> None:
        """The relay has accepted a mail."""
        self.sent.append(mail)
        if self._on_sent:
            self._on_sent(mail)

    def _run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _listen(self) -> None:
        border, relay = await self._smtp(_Border(self)), await self._smtp(_Relay(self))
        self._servers = [await self._imap.listen(HOST), border, relay]
        self.imap_port, self.border_port, self.relay_port = (s.sockets[0].getsockname()[1] for s in self._servers)

    async def _smtp(self, handler: _Border | _Relay) -> asyncio.Server:
        return await self._loop.create_server(lambda: _Smtp(handler, self), HOST, 0)

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=1) if tasks else None
        await asyncio.sleep(0)  # lets the closed connections' last callbacks run


class _Smtp(SMTP):
    """aiosmtpd's server, less strict about long lines: real mail has them."""

    line_length_limit = 1 << 16

    def __init__(self, handler: _Border | _Relay, world: Loopback) -> None:
        super().__init__(
            handler, data_size_limit=BIGGEST, enable_SMTPUTF8=True, hostname=world.authserv_id, loop=world._loop
        )


class _Border:
    """What stands between the world and the studio: takes mail for its addresses only and says who is proven."""

    def __init__(self, world: Loopback) -> None:
        self._world = world

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept the addresses that lead to a mailbox."""
        if self._world.mailbox_for(address) is None:
            return f"550 5.1.1 <{address}> no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        """Deliver a copy to each recipient's mailbox, under the border's own headers."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        for address in envelope.rcpt_tos:
            user = self._world.mailbox_for(address)
            if user is not None:
                await self._world.take(user, self._headers(session, envelope, address, content) + content)
        return "250 2.0.0 delivered"

    def _headers(self, session: Session, envelope: Envelope, address: str, content: bytes) -> bytes:
        """Return-Path, Delivered-To, Authentication-Results (RFC 8601), Received: what such servers put on top."""
        me, peer = self._world.authserv_id, session.peer[0] if session.peer else "unknown"
        lines = (
            f"Return-Path: <{envelope.mail_from or ''}>",
            f"Delivered-To: {address}",
            f"Authentication-Results: {me}; {self._verdict(envelope.mail_from or '', content)}",
            f"Received: from {session.host_name} ([{peer}]) by {me} with ESMTP for <{address}>;",
            f"\t{format_datetime(datetime.now(UTC))}",
        )
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")

    def _verdict(self, mail_from: str, content: bytes) -> str:
        """dmarc=pass for one From address of an authentic domain whose envelope is of that domain too."""
        headers = BytesHeaderParser().parsebytes(content)
        domains = {a.rpartition("@")[2].lower() for _, a in getaddresses(map(str, headers.get_all("From", [])))}
        domain = domains.pop() if len(domains) == 1 else ""
        aligned = mail_from.rpartition("@")[2].lower() == domain
        if domain in self._world.authentic and aligned:
            return f"dmarc=pass header.from={domain}"
        return f"dmarc=fail header.from={domain}" if domain else "dmarc=permerror"


class _Relay:
    """Takes whatever the studio sends, to whomever, and keeps it."""

    def __init__(self, world: Loopback) -> None:
        self._world = world

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self._world.keep(Accepted(datetime.now(UTC), envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return "250 2.0.0 accepted"
