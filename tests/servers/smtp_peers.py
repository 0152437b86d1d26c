"""SMTP servers that take mail and fail on demand: aiosmtpd with faults at every step, Postfix's smtp-sink for load."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mailbot.adapters.smtp import SmtpSettings
from tests.servers.ports import await_port, free_port, not_available

SINK = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"


@dataclass
class Fault:
    """What happens at `stage`: greeting, EHLO, MAIL, RCPT, DATA, body (after `after` bytes), end (mail is complete).

    It waits `sleep` seconds, says `reply`, cuts the line (`cut`: reset; `close`: in order). `only` is part of the
    command's argument; `times` is how often it happens. With nothing but a sleep the server goes on as usual.
    """

    stage: str
    reply: str = ""
    sleep: float = 0.0
    cut: bool = False
    close: bool = False
    only: str = ""
    after: int = 0
    times: int = 1 << 30


@dataclass
class Peer:
    """An aiosmtpd in the running loop: `async with Peer(...) as peer`. `accepted`: what it took (envelope, bytes).

    `said` are the lines that clients sent. `user`, `password` or `token`: it wants AUTH. `tls`: a context for port 465;
    `starttls`: one for STARTTLS.
    """

    faults: list[Fault] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    user: str = ""
    password: str = ""
    token: str = ""
    size: int = 33_554_432
    smtputf8: bool = False
    port: int = 0
    accepted: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    connections: int = 0
    data_at: list[float] = field(default_factory=list)  # of the loop's clock: when DATA came
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Peer:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    def settings(self, **more: Any) -> SmtpSettings:
        """How to reach it without TLS; time enough for a busy machine, tests of silence ask for less."""
        wanted = {"host": "127.0.0.1", "port": self.port, "security": "none", "timeout": 5.0, "end_timeout": 5.0}
        return SmtpSettings(**{**wanted, **more})

    def fault(self, stage: str, arg: str = "") -> Fault | None:
        """The fault that is due at this stage, counted."""
        for fault in self.faults:
            if fault.stage == stage and fault.only in arg and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        data = bytes(envelope.original_content or b"")
        self.accepted.append((envelope.mail_from or "", tuple(envelope.rcpt_tos), data))
        return "250 2.0.0 Ok: queued as 4242"

    async def auth_XOAUTH2(self, server: SMTP, args: Sequence[str]) -> AuthResult:
        given = await server.challenge_auth("", encode_to_b64=False) if len(args) < 2 else base64.b64decode(args[1])
        if given == f"user={self.user}\1auth=Bearer {self.token}\1\1".encode():
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    def _protocol(self) -> _Faulty:
        wants = {"authenticator": self._log_in, "auth_required": True, "auth_require_tls": False} if self.user else {}
        return _Faulty(
            self,
            hostname="peer",
            tls_context=self.starttls,
            data_size_limit=self.size,
            enable_SMTPUTF8=self.smtputf8,
            **wants,
        )

    def _log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        wanted = LoginPassword(self.user.encode(), self.password.encode())
        return AuthResult(success=isinstance(given, LoginPassword) and given == wanted, handled=False)


class _Faulty(SMTP):
    """aiosmtpd, asking its peer at each step whether something is to go wrong."""

    def __init__(self, peer: Peer, **options: Any) -> None:
        super().__init__(peer, **options)
        self.peer = peer

    async def _goes_wrong(self, stage: str, arg: str | None = "") -> bool:
        fault = self.peer.fault(stage, arg or "")
        if fault is None:
            return False
        await asyncio.sleep(fault.sleep)
        if fault.reply:
            await self.push(fault.reply)
        if self.transport is not None and (fault.cut or fault.close):
            self.transport.abort() if fault.cut else self.transport.close()
        return bool(fault.reply or fault.cut or fault.close)

    async def _handle_client(self) -> None:
        self.peer.connections += 1
        if not await self._goes_wrong("greeting"):
            await super()._handle_client()

    async def smtp_EHLO(self, arg: str) -> None:
        if not await self._goes_wrong("EHLO", arg):
            await super().smtp_EHLO(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        self.peer.said.append(f"MAIL {arg}")
        if not await self._goes_wrong("MAIL", arg):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        self.peer.said.append(f"RCPT {arg}")
        if not await self._goes_wrong("RCPT", arg):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:
        self.peer.said.append("RSET")
        if not await self._goes_wrong("RSET", arg):
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        self.peer.said.append("QUIT")
        if not await self._goes_wrong("QUIT", arg):
            await super().smtp_QUIT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        self.peer.data_at.append(asyncio.get_running_loop().time())
        if await self._goes_wrong("DATA", arg):
            return
        if any(fault.stage == "body" and fault.times > 0 for fault in self.peer.faults):
            await self._break_in_the_body()
            return
        await super().smtp_DATA(arg)

    async def _break_in_the_body(self) -> None:
        await self.push("354 go on")
        after = next(fault.after for fault in self.peer.faults if fault.stage == "body")
        if after:
            await self._reader.readexactly(after)
        await self._goes_wrong("body")

    async def push(self, status: Any) -> None:
        """The receipt of a complete mail goes through here, after it was accepted."""
        if str(status).startswith("250 2.0.0 Ok: queued") and await self._goes_wrong("end"):
            return
        await super().push(status)


class Sink:
    """A running smtp-sink that writes each complete mail to a file of its own; `with Sink(folder) as sink`."""

    def __init__(self, folder: Path, *flags: str) -> None:
        if not os.access(SINK, os.X_OK):
            not_available("smtp-sink is not installed (Postfix)")
        self.folder = folder
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        user = ["-u", "root"] if os.geteuid() == 0 else []
        dump = ["-d", f"{folder}/%H%M%S."]
        self._process = subprocess.Popen([SINK, *user, *dump, *flags, f"127.0.0.1:{self.port}", "200"])
        await_port(self.port)

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def settings(self, **more: Any) -> SmtpSettings:
        """How to reach it."""
        return SmtpSettings(**{"host": "127.0.0.1", "port": self.port, "security": "none", **more})

    def subjects(self) -> list[str]:
        """The subject of every mail that it took, one for each time."""
        found = [re.search(rb"(?m)^Subject: (.*?)\r?$", path.read_bytes()) for path in self.folder.iterdir()]
        return sorted(match[1].decode() for match in found if match)
