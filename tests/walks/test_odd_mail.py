"""Odd mail never stops the box: it is filed, a person sees it where one must, and the good mail behind it is booked."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.walks.odd_mails import ODD, Odd, nested
from tests.walks.test_main_walk import ask_design, milestone
from tests.walks.world import ANN, BOT, REF, SAM, World, kinds, text_of, the, world


@pytest.mark.parametrize("name", ODD)
def test_an_odd_mail_is_filed_and_reported_and_the_good_one_behind_it_is_booked(studio: World, name: str) -> None:
    an_odd_mail_and_a_good_one(studio, ODD[name]())


def test_five_thousand_nested_parts(dovecot: Dovecot, tmp_path: Path) -> None:
    """Not on the embedded server: it looks into each mail itself, and is lost in this one."""
    with world(dovecot, tmp_path) as studio:
        studio.import_order()
        studio.run()
        an_odd_mail_and_a_good_one(studio, Odd("mailbot/Odd", True, nested(5000)))


def an_odd_mail_and_a_good_one(studio: World, odd: Odd) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.later(minutes=1)
    studio.deliver(odd.data)
    studio.answer(asked, "Approved!")
    before = studio.folders()
    out = studio.run()
    assert milestone(studio, "design")["status"] == "approved"
    told = {"held": odd.held, "notice": odd.shown}
    assert kinds(out) == sorted(["booked", "receipt", *(kind for kind, goes in told.items() if goes)])
    assert len(studio.json("held")) == odd.held
    filed = {folder: count - before.get(folder, 0) for folder, count in studio.folders().items()}
    good = {"mailbot/Done": 1, "INBOX": -2}
    wanted = {**good, odd.folder: good.get(odd.folder, 0) + 1}
    assert {folder: count for folder, count in filed.items() if count} == wanted
    if odd.held:
        (entry,) = studio.json("held")
        assert entry["because"]
        assert "words" in studio.json("held", "show", entry["id"])
        assert entry["because"] in " ".join(text_of(the("held", out)).split())
    assert studio.run() == []


def test_a_mail_without_an_id_that_comes_twice_has_one_effect(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    head = f"From: {ANN}\r\nTo: {asked['Reply-To']}\r\nSubject: Re: {asked['Subject']}\r\n\r\n"
    for _ in range(2):
        studio.deliver(head.encode() + b"Approved!\r\n")
    assert kinds(studio.run()) == ["booked", "receipt"]
    assert milestone(studio, "design")["status"] == "approved"


def test_our_own_mail_that_comes_back_is_ignored(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.deliver(asked)
    assert studio.run() == []
    assert milestone(studio, "design")["status"] == "asked"
    assert studio.folders()["INBOX"] == 0
    assert studio.json("held") == []


def bounce_of(asked: EmailMessage, address: str) -> bytes:
    """A DSN as Postfix writes it (RFC 3464), with our mail's headers inside."""
    report = (
        f"Reporting-MTA: dns; mx.client.example\r\n\r\nFinal-Recipient: rfc822; {address}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
    )
    inside = f"From: {asked['From']}\r\nTo: {address}\r\nSubject: {asked['Subject']}\r\n"
    parts = [
        ("text/plain", "Your message could not be delivered. Approved!\r\n"),
        ("message/delivery-status", report),
        ("text/rfc822-headers", f"{inside}Message-ID: {asked['Message-ID']}\r\n"),
    ]
    body = "".join(f"--dsn\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts)
    head = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.client.example\r\nTo: {BOT}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Message-ID: <dsn@mx.client.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="dsn"'
    )
    return f"{head}\r\n\r\n{body}--dsn--\r\n".encode()


def test_a_bounce_of_our_mail_is_told_to_the_account_manager_and_decides_nothing(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.deliver(bounce_of(asked, ANN))
    out = studio.run()
    assert kinds(out) == ["bounce-notice"]
    assert out[0]["To"] == SAM
    assert ANN in text_of(out[0])
    assert milestone(studio, "design")["status"] == "asked"
    studio.deliver(bounce_of(asked, ANN))
    assert studio.run() == []


@pytest.fixture(params=["pymap_server", "dovecot"])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A studio that has edited the receipt into nonsense."""
    with world(request.getfixturevalue(request.param), tmp_path) as made:
        mine = tmp_path / "templates" / "client" / "receipt.txt.j2"
        mine.parent.mkdir(parents=True)
        mine.write_text("Dear {{ client.nickname }}, {{ data.nothing }}", "utf-8")
        text = made.config.read_text("utf-8") + '[paths]\ntemplates = "templates"\n'
        made.import_order()
        made.run()
        made.config.write_text(text, "utf-8")
        yield made


def test_a_broken_template_holds_and_nothing_is_half_done(broken: World) -> None:
    asked = the("approval-request", ask_design(broken))
    before = broken.status()
    broken.answer(asked, "Approved!")
    broken.write(SAM, f"Numbers [{REF}]", "percent 40")
    out = broken.run()
    after = broken.status()
    assert milestone(broken, "design")["status"] == "asked"
    assert [r["answered"] for r in after["requests"]] == [r["answered"] for r in before["requests"]]
    assert after["percent_complete"] == 40
    (entry,) = broken.json("held")
    assert "receipt.txt.j2" in entry["because"]
    assert kinds(out) == ["command-result", "held"]
    assert "receipt.txt.j2" in text_of(the("held", out))
    assert broken.folders()["mailbot/Odd"] == 1
    assert broken.folders()["INBOX"] == 0


def test_what_was_set_aside_is_settled_once_the_template_is_mended(broken: World) -> None:
    asked = the("approval-request", ask_design(broken))
    broken.answer(asked, "Approved!")
    broken.run()
    broken.config.write_text(broken.config.read_text("utf-8").partition("[paths]")[0], "utf-8")
    (entry,) = broken.json("held")
    assert entry["order"] == REF
    broken.cli("held", "approve", entry["id"])
    assert kinds(broken.run()) == ["booked", "receipt"]
    assert milestone(broken, "design")["status"] == "approved"
