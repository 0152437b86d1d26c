"""The demo's little world: what the border says, where mail lands, what the relay keeps, and that it ends at once."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest

from mailbot.adapters.loopback import Accepted, Loopback
from mailbot.errors import ConfigError

BOT, SAM, ANN = "orders@studio.example", "sam@studio.example", "ann@client.example"
MAIL = b"From: Ann Lee <ann@client.example>\r\nSubject: Re: gowns\r\n\r\nApproved!\r\n"


@pytest.fixture
def world() -> Iterator[Loopback]:
    """The servers, with the bot, an account manager and a client."""
    with Loopback([BOT, SAM, ANN], ["client.example"]) as made:
        yield made


def hand_in(port: int, sender: str, recipients: list[str], data: bytes = MAIL) -> None:
    """Send a mail as any program would."""
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail(sender, recipients, data)


def only(world: Loopback, user: str = BOT) -> Message:
    """The one mail in a user's INBOX."""
    (data,) = world.mails(user)
    return message_from_bytes(data)


@pytest.mark.parametrize(
    ("recipient", "user"),
    [
        (BOT, BOT),
        ("Orders+tok.123@Studio.Example", BOT),
        ("anything@studio.example", BOT),
        ("sam+x@studio.example", SAM),
        (ANN, ANN),
    ],
)
def test_mail_lands_where_its_address_leads(world: Loopback, recipient: str, user: str) -> None:
    hand_in(world.border_port, ANN, [recipient])
    got = only(world, user)
    assert got["Delivered-To"] == recipient
    assert got["Return-Path"] == f"<{ANN}>"
    assert got.get_payload().strip() == "Approved!"


def test_the_border_does_not_relay(world: Loopback) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"5\.1\.1"):
        hand_in(world.border_port, ANN, ["someone@elsewhere.example"])


@pytest.mark.parametrize(
    ("sender", "from_", "verdict"),
    [
        (ANN, ANN, "dmarc=pass header.from=client.example"),
        (SAM, SAM, "dmarc=pass header.from=studio.example"),
        ("evil@bad.example", ANN, "dmarc=fail header.from=client.example"),
        ("evil@bad.example", "evil@bad.example", "dmarc=fail header.from=bad.example"),
        (ANN, f"{ANN}, evil@bad.example", "dmarc=permerror"),
        ("", ANN, "dmarc=fail header.from=client.example"),
    ],
)
def test_the_border_vouches_for_authentic_senders_only(world: Loopback, sender: str, from_: str, verdict: str) -> None:
    hand_in(world.border_port, sender, [BOT], f"From: {from_}\r\nSubject: x\r\n\r\nhello\r\n".encode())
    assert only(world)["Authentication-Results"] == f"mx.studio.example; {verdict}"


def test_a_forged_verdict_stays_below_the_borders_received(world: Loopback) -> None:
    forged = b"Authentication-Results: mx.studio.example; dmarc=pass header.from=client.example\r\n"
    hand_in(world.border_port, "evil@bad.example", [BOT], forged + MAIL)
    names = [name for name, _ in only(world).items()]
    assert names.index("Received") == names.index("Authentication-Results") + 1
    assert "dmarc=fail" in only(world).get_all("Authentication-Results", [])[0]


def test_the_relay_keeps_what_it_takes_and_tells(world: Loopback) -> None:
    told: list[Accepted] = []
    with Loopback([BOT], on_sent=told.append) as other:
        hand_in(other.relay_port, BOT, [ANN, SAM])
        assert told == other.sent
    assert [(m.sender, m.recipients, m.data) for m in told] == [(BOT, (ANN, SAM), MAIL)]
    assert told[0].at.utcoffset() is not None


def test_without_a_mailbox_there_is_no_world() -> None:
    with pytest.raises(ConfigError):
        Loopback([])


def test_it_ends_within_a_second_though_clients_are_connected() -> None:
    world = Loopback([BOT])
    world.start()
    clients = [smtplib.SMTP("127.0.0.1", world.border_port) for _ in range(3)]
    start = time.monotonic()
    world.stop()
    assert time.monotonic() - start < 10  # a second, and more on a busy machine
    assert not world._thread.is_alive()
    for client in clients:
        client.close()
