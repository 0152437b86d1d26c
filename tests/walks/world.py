"""A studio's world for a walk: a real IMAP server, a real SMTP relay, settings on disk, the command line, a clock.

Everything is done as a user does it: mail comes in by the server, mailbot is called by its command line.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, default
from pathlib import Path
from typing import Any, Protocol, cast

from click.testing import CliRunner
from imapclient import IMAPClient

from mailbot.adapters.loopback import Accepted, Loopback
from mailbot.cli import main
from tests.walks.nursery import Child, mailbot
from tests.walks.programs import PROGRAMS, new

BOT, SAM, ANN = "orders@studio.example", "sam@studio.example", "ann@client.example"
REF = "ORD-2041"
ORDER = {
    "ref": REF, "project": "Cinderella ball gowns",
    "client": {
        "name": "Ann Lee", "emails": [ANN], "approvers": [ANN], "timezone": "America/New_York", "locale": "en_US",
    },
    "account_manager": {"name": "Sam Ortiz", "email": SAM},
    "currency": "USD", "total": "12000.00", "signed": "2026-01-05", "delivery": "2026-03-20", "phase": "Design",
    "milestones": [
        {"key": "design", "name": "Design approval", "due": "2026-01-16", "approval": True},
        {"key": "fabric", "name": "Fabric approval", "due": "2026-01-30", "approval": True},
        {"key": "first-fitting", "name": "First fitting", "due": "2026-02-06", "approval": False},
        {"key": "final-fitting", "name": "Final fitting", "due": "2026-03-06", "approval": True},
        {"key": "delivery", "name": "Delivery", "due": "2026-03-20", "approval": False},
    ],
}  # fmt: skip
_UNREAL = {b"\\Noselect", b"\\NonExistent"}  # parents that are only a name
_BORDER = (
    "Authentication-Results: mx.studio.example; dmarc={result} header.from={domain}\r\n"
    "Received: from out.{domain} (out.{domain} [192.0.2.7]) by mx.studio.example with ESMTPS id 4Fx;\r\n"
    "\tMon, 05 Jan 2026 10:00:00 +0000\r\n"
)


class ImapServer(Protocol):
    imap: int
    password: str

    def new_user(self) -> str: ...
    def deliver(self, user: str, data: bytes) -> None: ...


class World:
    """`at` is the clock that the command line is given; it moves when the test moves it."""

    def __init__(self, server: ImapServer, relay: Loopback, folder: Path, **settings: str) -> None:
        self.server, self.relay, self.folder = server, relay, folder
        self.user = server.new_user()
        self.at = datetime(2026, 1, 6, 15, 0, tzinfo=UTC)
        self.config = folder / "mailbot.toml"
        self.config.write_text(self._settings(**settings), "utf-8")
        self._read = 0
        self._count = itertools.count(1)

    def _settings(
        self, mode: str = "auto", unproven: str = "hold", after: str = "move", store: str = "", trust: str = ""
    ) -> str:
        url = f'[store]\nurl = "{store}"' if store else ""
        return f"""
[studio]
name = "Atelier Nord"
address = "{BOT}"
timezone = "America/New_York"
staff = ["{SAM}"]
sales_director = "dana@studio.example"
finance = "finance@studio.example"
[imap]
host = "127.0.0.1"
port = {self.server.imap}
security = "none"
user = "{self.user}"
password_env = "MAILBOT_TEST_PASSWORD"
after = "{after}"
[smtp]
host = "127.0.0.1"
port = {self.relay.relay_port}
security = "none"
[trust]
authserv_ids = ["mx.studio.example"]
unproven = "{unproven}"
{trust}
[sending]
mode = "{mode}"
{url}
"""

    def cli(self, *args: str, code: int = 0, at: bool = True) -> str:
        """Call mailbot in this process; its standard output."""
        line = [*args, "--config", str(self.config), *(["--at", self.at.isoformat()] if at else [])]
        result = CliRunner(env={"MAILBOT_TEST_PASSWORD": self.server.password}).invoke(main, line)
        assert result.exit_code == code, f"{line}: {result.exit_code}\n{result.output}\n{result.stderr}"
        return result.stdout

    def json(self, *args: str, code: int = 0) -> Any:
        """Call mailbot with --json; what it printed."""
        return json.loads(self.cli(*args, "--json", code=code))

    def process(self, *args: str, errors: Path | None = None) -> Child:
        """Call mailbot in a process of its own; it starts warm."""
        return self.child(functools.partial(mailbot, *args, "--config", str(self.config)), errors)

    def child(self, work: Callable[[], object], errors: Path | None = None) -> Child:
        """A process of its own in this world; it starts warm. What it logs goes to the file `errors`."""
        return Child(work, {"MAILBOT_TEST_PASSWORD": self.server.password}, self.folder, errors)

    def program(self, *args: str, errors: Path) -> subprocess.Popen[bytes]:
        """Call mailbot as a shell does, from cold."""
        env = {**os.environ, "MAILBOT_TEST_PASSWORD": self.server.password}
        line = [sys.executable, "-m", "mailbot", *args, "--config", str(self.config)]
        with errors.open("wb") as log:
            return subprocess.Popen(line, env=env, stdout=log, stderr=log)

    def import_order(self, **changes: Any) -> None:
        file = self.folder / "order.json"
        file.write_text(json.dumps({**ORDER, **changes}), "utf-8")
        self.cli("order", "import", str(file))

    def deliver(self, mail: EmailMessage | bytes, *, proven: bool = True) -> bytes:
        """The border accepts a mail for the bot and says whether its sender is authentic."""
        data = mail if isinstance(mail, bytes) else mail.as_bytes(policy=SMTP)
        sender = str(BytesHeaderParser().parsebytes(data)["From"] or "nobody@nowhere.example")
        domain = sender.rpartition("@")[2].rstrip(">")
        stamped = _BORDER.format(result="pass" if proven else "fail", domain=domain).encode() + data
        self.server.deliver(self.user, stamped)
        return stamped

    def write(self, sender: str, subject: str, text: str, *, proven: bool = True) -> None:
        """Somebody writes a new mail to the bot."""
        self.deliver(new(sender, BOT, subject, text, self.at, next(self._count)), proven=proven)

    def answer(
        self, asked: EmailMessage, words: str, *, sender: str = ANN, program: str = "gmail", proven: bool = True
    ) -> EmailMessage:
        """Somebody answers a mail of mailbot's with an ordinary mail program."""
        mail = PROGRAMS[program](asked, sender, words, self.at, next(self._count))
        self.deliver(mail, proven=proven)
        return mail

    def run(self) -> list[EmailMessage]:
        """One full pass; the mails that went out in it."""
        self.cli("run", "--once")
        return self.went_out()

    def went_out(self) -> list[EmailMessage]:
        """The mails that have gone out since the last look."""
        mails = [cast(EmailMessage, message_from_bytes(m.data, policy=default)) for m in self.accepted()[self._read :]]
        self._read += len(mails)
        return mails

    def accepted(self) -> list[Accepted]:
        return self.relay.sent

    def status(self) -> Any:
        return self.json("status", REF)

    def folders(self) -> dict[str, int]:
        """How many mails are in each folder of the mailbox."""
        with IMAPClient("127.0.0.1", port=self.server.imap, ssl=False) as client:
            client.login(self.user, self.server.password)
            names = [name for flags, _, name in client.list_folders() if not _UNREAL & set(flags)]
            return {name: client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for name in names}

    def later(self, **spans: float) -> None:
        self.at += timedelta(**spans)


def kinds(mails: list[EmailMessage]) -> list[str]:
    """The kinds of these mails, sorted."""
    return sorted(str(mail["X-Mailbot-Kind"]) for mail in mails)


def the(kind: str, mails: list[EmailMessage]) -> EmailMessage:
    """The one mail of a kind among these."""
    (mail,) = [mail for mail in mails if mail["X-Mailbot-Kind"] == kind]
    return mail


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def world(server: ImapServer, folder: Path, **settings: str) -> Iterator[World]:
    """A world on a running IMAP server, with a relay of its own."""
    with Loopback([BOT], authentic=["client.example"]) as relay:
        yield World(server, relay, folder, **settings)
