"""A fresh mailbox on each real server, as a mailbot would use it, and short words to look into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from mailbot.adapters.imap import ImapSettings, Mailbox, RawMail
from tests.servers.dovecot import Dovecot


def mail(name: str, body: bytes = b"Approved!", message_id: str = "") -> bytes:
    """A small mail whose subject is `name`."""
    head = f"From: ann@client.example\r\nTo: orders@studio.example\r\nSubject: {name}\r\n"
    return head.encode() + f"Message-ID: <{message_id or name}@client.example>\r\n\r\n".encode() + body + b"\r\n"


@dataclass
class Account:
    """A fresh mailbox on one of the servers."""

    server: Any
    user: str
    opened: list[Mailbox] = field(default_factory=list)

    def settings(self, **changes: Any) -> ImapSettings:
        """How to reach it in plain text, with `changes`."""
        basic = {"host": "127.0.0.1", "port": self.server.imap, "security": "none", "read_timeout": 10.0}
        return ImapSettings(**({"user": self.user, "password": self.server.password} | basic | changes))

    def open(self, **changes: Any) -> Mailbox:
        """A connected mailbox, closed at the end of the test."""
        box = Mailbox(self.settings(**changes))
        self.opened.append(box)
        box.connect()
        return box

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the INBOX."""
        for data in mails:
            self.server.deliver(self.user, data)


@pytest.fixture(params=["dovecot", "pymap_server"])
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account on each server in turn."""
    server = request.getfixturevalue(request.param)
    made = Account(server, server.new_user())
    yield made
    for box in made.opened:
        box.close()


@pytest.fixture
def dove(dovecot: Dovecot) -> Iterator[Account]:
    """An account on Dovecot."""
    made = Account(dovecot, dovecot.new_user())
    yield made
    for box in made.opened:
        box.close()


def subjects(mails: list[RawMail]) -> list[str]:
    """The subjects, in order."""
    lines = [line for raw in mails for line in raw.data.split(b"\r\n") if line.startswith(b"Subject: ")]
    return [line.removeprefix(b"Subject: ").decode() for line in lines]


def read_all(box: Mailbox, after: int = 0) -> list[RawMail]:
    """Everything above a UID."""
    return list(box.fetch(box.waiting(after)))


def folder(account: Account, name: str) -> list[RawMail]:
    """What is in another folder of the account, flags untouched."""
    return read_all(account.open(folder=name, after="leave"))


def flags(account: Account, name: str = "INBOX") -> list[set[str]]:
    """The flags of all mails in a folder, \\Recent aside."""
    return [set(e.flags) - {"\\Recent"} for e in account.open(folder=name, after="leave").waiting(0)]
