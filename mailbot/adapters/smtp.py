"""Handing one mail to the server, and knowing afterwards what became of it.

Four ends (`Outcome.state`): the server took it; not now; no; and unknown, when the line broke or fell silent after the
mail's end may have been read (RFC 5321, 4.2.5 and 4.5.3.2.6). The final dot is therefore written last and by itself:
whatever fails before it is a mail that was certainly not delivered and can be sent again.

A cancelled or timed-out exchange leaves an answer on the line that would be taken for the next mail's. So a connection
is only used again after a complete answer; otherwise it is dropped.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import aiosmtplib
from aiosmtplib.email import parse_address
from aiosmtplib.protocol import SMTPProtocol

from mailbot.adapters.smtp_session import SERVER_FAULTS, SmtpSettings, failure, hang_up, one_line, open_session
from mailbot.errors import DeliveryError

__all__ = ["Connection", "Outcome", "Refusal", "SmtpSettings"]

Answer = asyncio.Task[aiosmtplib.SMTPResponse]
State = Literal["sent", "deferred", "failed", "unknown", "withdrawn"]
CLOSING, START_INPUT = 421, 354
CHUNK = 1 << 16
PROBE_AFTER = 1.0  # seconds of idleness after which a connection is asked whether it is still there
PROBE_TIMEOUT, QUIT_TIMEOUT = 5.0, 1.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A recipient that the server did not take, with its reply."""

    address: str
    code: int
    said: str

    @property
    def permanent(self) -> bool:
        """5xx: trying again changes nothing."""
        return self.code >= 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail. `said`: the server's reply or what went wrong, one line, for a person to read.

    `sent` may have `refused` recipients: the others got it, and it must not be sent again. `unknown` may have been
    delivered. `deferred` certainly was not; `failed` certainly was not and will not be. `withdrawn`: it was not tried,
    since the reason for it was gone.
    """

    state: State
    said: str
    code: int | None = None
    refused: tuple[Refusal, ...] = ()


class Connection:
    """One connection, opened when needed and kept for the next mail. One mail at a time: a second `send` waits."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self._smtp: aiosmtplib.SMTP | None = None
        self._turn = asyncio.Lock()
        self._mails = 0  # sent over this connection
        self._alive_at = 0.0  # of the loop's clock: the last complete answer
        self._reset_due = False  # an envelope was begun and not finished

    @property
    def is_open(self) -> bool:
        """Whether it looks usable; the server may have gone without a word."""
        return self._smtp is not None and self._smtp.is_connected

    @property
    def idle_seconds(self) -> float:
        """How long ago the last complete answer came."""
        return asyncio.get_running_loop().time() - self._alive_at

    async def ready(self) -> None:
        """Open it, or make sure that an idle one is still there. Raises DeliveryError: nothing was sent."""
        async with self._turn:
            await self._ready()

    async def send(self, sender: str, recipients: Sequence[str], data: bytes) -> Outcome:
        """Hand over one mail (`data`: headers and body) from `sender` to `recipients`; the end, whatever it is.

        A server's faults are outcomes. Raises only what is a bug, and CancelledError; the connection is dropped then,
        and the mail is to be counted as `unknown`.
        """
        async with self._turn:
            try:
                return await self._send(sender, tuple(recipients), data)
            except BaseException:
                self.abort()
                raise

    async def close(self) -> None:
        """Say QUIT, for at most a second, and close. Never raises for what the server does."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            await smtp.quit(timeout=QUIT_TIMEOUT)
        except SERVER_FAULTS:
            pass
        finally:
            hang_up(smtp)

    def abort(self) -> None:
        """Drop the line at once. A `send` under way ends by itself with `deferred` or `unknown`."""
        smtp, self._smtp = self._smtp, None
        self._mails, self._reset_due = 0, False
        if smtp is not None:
            hang_up(smtp)

    async def _ready(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and (self._reset_due or self.idle_seconds > PROBE_AFTER):
            await self._probe()
        if self._smtp is None or not self._smtp.is_connected:
            self.abort()
            self._smtp = await open_session(self.settings)
            self._answered()
        return self._smtp

    async def _probe(self) -> None:
        """RSET: it ends an envelope that was begun, and shows whether the server is still there."""
        try:
            if self._smtp is not None:
                await self._smtp.rset(timeout=min(PROBE_TIMEOUT, self.settings.timeout))
            self._reset_due = False
            self._answered()
        except SERVER_FAULTS:
            self.abort()

    def _answered(self) -> None:
        self._alive_at = asyncio.get_running_loop().time()

    async def _send(self, sender: str, recipients: tuple[str, ...], data: bytes) -> Outcome:
        try:
            smtp = await self._ready()
        except DeliveryError as error:
            return Outcome("deferred", str(error))
        try:
            payload = wire_form(data)
            options = _options(smtp, (sender, *recipients), payload)
        except ValueError as error:
            return Outcome("failed", one_line(error))
        try:
            self._reset_due = True
            await _mail(smtp, sender, options)
        except SERVER_FAULTS as error:
            if self._mails and not _is_refusal(error):  # an old connection that died: nothing was lost yet
                self.abort()
                return await self._send(sender, recipients, data)
            return self._ended(error, "announcing the mail")
        return await self._to_recipients(smtp, recipients, payload)

    async def _to_recipients(self, smtp: aiosmtplib.SMTP, recipients: tuple[str, ...], payload: bytes) -> Outcome:
        try:
            refused = [r for r in [await _rcpt(smtp, address) for address in recipients] if r]
            if len(refused) == len(recipients):
                return self._none_taken(tuple(refused))
            start = await smtp.execute_command(b"DATA")
        except SERVER_FAULTS as error:
            return self._ended(error, "naming the recipients")
        if start.code != START_INPUT:
            return self._ended(aiosmtplib.SMTPDataError(start.code, start.message), "beginning the mail")
        outcome = await self._hand_over(smtp, payload)
        return Outcome(outcome.state, outcome.said, outcome.code, tuple(refused))

    async def _hand_over(self, smtp: aiosmtplib.SMTP, payload: bytes) -> Outcome:
        """The mail itself, then its final dot. Only what fails after the dot is `unknown`."""
        protocol = smtp.protocol
        if protocol is None:
            return self._ended(aiosmtplib.SMTPServerDisconnected("gone"), "sending the mail")
        answer = asyncio.create_task(protocol.read_response())
        answer.add_done_callback(_look)
        try:
            await self._body(protocol, re.sub(rb"(?m)^\.", b"..", payload), answer)
            protocol.write(b".\r\n")
        except SERVER_FAULTS as error:
            self.abort()
            return self._ended(error, "sending the mail")
        try:
            return await self._end(answer)
        except SERVER_FAULTS as error:
            self.abort()
            return Outcome("unknown", failure(self.settings, "waiting for the receipt", error))
        finally:
            answer.cancel()

    async def _body(self, protocol: SMTPProtocol, payload: bytes, answer: Answer) -> None:
        """Write everything but the final dot. Raises one of SERVER_FAULTS: then the server cannot have the mail."""
        for start in range(0, len(payload), CHUNK):
            protocol.write(payload[start : start + CHUNK])
            await _flushed(protocol, answer, self.settings.timeout)
            if answer.done():  # before the end: a refusal, or nonsense
                raise aiosmtplib.SMTPDataError(*answer.result())

    async def _end(self, answer: Answer) -> Outcome:
        done, _ = await asyncio.wait({answer}, timeout=self.settings.end_timeout)
        if not done:
            raise TimeoutError
        reply = answer.result()
        if not 200 <= reply.code < 600 or 300 <= reply.code < 400:
            raise aiosmtplib.SMTPDataError(*reply)
        if reply.code >= 400:
            return self._ended(aiosmtplib.SMTPDataError(*reply), "sending the mail")
        self._mails += 1
        self._reset_due = False
        self._answered()
        return Outcome("sent", one_line(f"{reply.code} {reply.message}"), reply.code)

    def _none_taken(self, refused: tuple[Refusal, ...]) -> Outcome:
        if any(r.code == CLOSING for r in refused):
            self.abort()
        state: State = "failed" if all(r.permanent for r in refused) else "deferred"
        said = "; ".join(f"{r.address}: {r.code} {r.said}" for r in refused)
        return Outcome(state, one_line(said), refused[0].code, refused)

    def _ended(self, error: BaseException, doing: str) -> Outcome:
        """A fault before the mail's end, or a refusal of it: certainly not delivered."""
        if not _is_refusal(error):
            self.abort()
        code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None
        state: State = "failed" if code and 500 <= code < 600 else "deferred"
        return Outcome(state, failure(self.settings, doing, error), code)


def wire_form(data: bytes) -> bytes:
    """`data` with CRLF line ends throughout and at its end (RFC 5321, 2.3.8: a bare CR or LF can hide a command)."""
    data = re.sub(rb"\r\n|\n|\r", b"\r\n", data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _is_refusal(error: BaseException) -> bool:
    """A complete 4xx or 5xx answer after which the connection can be used; 421 closes it (RFC 5321, 3.8)."""
    return isinstance(error, aiosmtplib.SMTPResponseException) and 400 <= error.code < 600 and error.code != CLOSING


def _options(smtp: aiosmtplib.SMTP, addresses: Sequence[str], payload: bytes) -> list[str]:
    """The parameters of MAIL that this mail needs. Raises ValueError when the server cannot take it at all."""
    if not addresses[1:]:
        raise ValueError("the mail has no recipient")
    for address in addresses:
        if parse_address(address) != address:
            raise ValueError(f"{address!r} is not an address")
    options = []
    if smtp.supports_extension("size"):
        _fits(len(payload), smtp.esmtp_extensions.get("size", ""))
        options.append(f"SIZE={len(payload)}")
    if not payload.isascii():
        if not smtp.supports_extension("8bitmime"):
            raise ValueError("the mail has 8-bit bytes and the server takes none (no 8BITMIME)")
        options.append("BODY=8BITMIME")
    if not all(address.isascii() for address in addresses):
        if not smtp.supports_extension("smtputf8"):
            raise ValueError("an address is not ASCII and the server takes none such (no SMTPUTF8)")
        options.append("SMTPUTF8")
    return options


def _fits(size: int, announced: str) -> None:
    """RFC 1870: 0, or no number, means no fixed limit."""
    limit = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
    if 0 < limit < size:
        raise ValueError(f"the mail has {size} bytes, the server takes {limit}")


async def _mail(smtp: aiosmtplib.SMTP, sender: str, options: Sequence[str]) -> None:
    await smtp.mail(sender, options=options, encoding="utf-8" if "SMTPUTF8" in options else "ascii")


async def _rcpt(smtp: aiosmtplib.SMTP, address: str) -> Refusal | None:
    try:
        await smtp.rcpt(address, encoding="ascii" if address.isascii() else "utf-8")
    except aiosmtplib.SMTPRecipientRefused as error:
        return Refusal(address, error.code, one_line(error.message))
    return None


async def _flushed(protocol: SMTPProtocol, answer: Answer, timeout: float) -> None:
    """Wait until our buffer is with the system, so that the dot is not written behind a line that is stuck.

    Raises TimeoutError after `timeout` seconds without progress, ConnectionError when the line is gone.
    """
    loop = asyncio.get_running_loop()
    left, since = -1, loop.time()
    while not answer.done():
        transport = protocol.transport
        if not isinstance(transport, asyncio.WriteTransport) or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("gone")
        waiting = transport.get_write_buffer_size()
        if not waiting:
            return
        if waiting != left:
            left, since = waiting, loop.time()
        elif loop.time() - since > timeout:
            raise TimeoutError
        await asyncio.sleep(0.005)


def _look(answer: Answer) -> None:
    """Take note of an exception, so that asyncio does not report one as never retrieved."""
    if not answer.cancelled():
        answer.exception()
