"""Loops come to rest, floods reach nobody, machines and strangers are not answered; and no mail is lost by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any, cast

import pytest

from mailbot.adapters.loopback import Loopback
from tests.walks.programs import new
from tests.walks.test_main_walk import ask_design
from tests.walks.world import ANN, BOT, REF, SAM, ImapServer, World, kinds, text_of, the, world

UNCLEAR = "Approved once the hem is fixed, I think."
MIA = "mia@studio.example"
_MACHINE_SIGNS = ("Auto-Submitted", "X-Mailbot-Kind", "X-Mailbot-Order", "List-Id", "List-Unsubscribe")


@pytest.fixture
def there(pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """A studio whose order is Mia's; Sam is asked where there is no order."""
    with world(pymap_server, tmp_path) as made:
        made.import_order(account_manager={"name": "Mia Berg", "email": MIA})
        made.run()
        yield made


def passed_on(mail: EmailMessage, **headers: str) -> EmailMessage:
    """The same mail with other headers; an empty one is taken out."""
    copy = cast(EmailMessage, message_from_bytes(mail.as_bytes(policy=SMTP), policy=default))
    for name, value in headers.items():
        del copy[name.replace("_", "-")]
        if value:
            copy[name.replace("_", "-")] = value
    return copy


# --- loops --------------------------------------------------------------------------------------------------------


class Peer(World):
    """A studio of its own domain, with its own mailbox, relay, store and border."""

    def __init__(self, server: ImapServer, relay: Loopback, folder: Path, domain: str) -> None:
        self.domain = domain
        super().__init__(server, relay, folder)

    def _settings(self, **settings: str) -> str:
        text = super()._settings(**settings).replace(self.user, "@@")
        return text.replace("studio.example", self.domain).replace("@@", self.user)

    @property
    def bot(self) -> str:
        return f"orders@{self.domain}"

    def take(self, mail: EmailMessage) -> None:
        """The border accepts a mail of the other one, and finds it authentic."""
        sender = str(mail["From"]).rpartition("@")[2].rstrip(">")
        result = f"Authentication-Results: mx.{self.domain}; dmarc=pass header.from={sender}\r\n"
        received = f"Received: from out.{sender} by mx.{self.domain}; Mon, 05 Jan 2026 10:00:00 +0000\r\n"
        self.server.deliver(self.user, (result + received).encode() + mail.as_bytes(policy=SMTP))


@contextmanager
def two_studios(server: ImapServer, folder: Path) -> Iterator[tuple[Peer, Peer]]:
    """Each has the other's mailbot for the account manager of its order."""
    with ExitStack() as stack:
        peers = []
        for domain in ("one.example", "two.example"):
            (folder / domain).mkdir()
            relay = stack.enter_context(Loopback([f"orders@{domain}"]))
            peers.append(Peer(server, relay, folder / domain, domain))
        one, two = peers
        for peer, other in ((one, two), (two, one)):
            peer.import_order(account_manager={"name": "The other", "email": other.bot})
            peer.run()
        yield one, two


def written_to_each_other(
    one: Peer, two: Peer, gateway: Callable[[EmailMessage], EmailMessage], seconds: int = 5
) -> list[EmailMessage]:
    """The mails that went between them until both rest, so many seconds for each turn."""
    went: list[EmailMessage] = []
    for _ in range(60):
        turn = [(peer, mail) for peer in (one, two) for mail in peer.run()]
        crossing = [(mail, two if peer is one else one) for peer, mail in turn]
        crossing = [(mail, to) for mail, to in crossing if to.bot in str(mail["To"])]
        if not crossing:
            return went
        for mail, to in crossing:
            went.append(mail)
            to.take(gateway(mail))
        for peer in (one, two):
            peer.later(seconds=seconds)
    raise AssertionError(f"they do not come to rest: {len(went)} mails")


def stripped(mail: EmailMessage) -> EmailMessage:
    """As by a gateway that takes out whatever tells that a machine wrote it."""
    return passed_on(mail, **{name.replace("-", "_"): "" for name in _MACHINE_SIGNS})


def test_two_mailbots_do_not_answer_each_other(pymap_server: Any, tmp_path: Path) -> None:
    with two_studios(pymap_server, tmp_path) as (one, two):
        one.write(ANN, f"Gowns [{REF}]", UNCLEAR)
        assert len(written_to_each_other(one, two, lambda mail: mail)) == 1


@pytest.mark.parametrize(("seconds", "most"), [(5, 20), (60, 50)])
def test_two_mailbots_come_to_rest_where_nothing_tells_that_they_are_machines(
    pymap_server: Any, tmp_path: Path, seconds: int, most: int
) -> None:
    with two_studios(pymap_server, tmp_path) as (one, two):
        one.write(ANN, f"Gowns [{REF}]", UNCLEAR)
        went = written_to_each_other(one, two, stripped, seconds)
        assert most / 2 < len(went) <= most + 1
        waits = [row for peer in (one, two) for row in peer.json("outbox") if row["state"] == "held"]
        assert waits
        assert {row["error"] for row in waits} == {"over the limit of answers to one address"}
        told = [row for peer in (one, two) for row in peer.json("outbox") if row["kind"] == "notice"]
        assert {address.partition("@")[0] for row in told for address in row["to"]} == {"sam"}
        one.later(hours=20)
        two.later(hours=20)
        assert kinds(one.run() + two.run()) in ([], ["draft-weekly"], ["weekly-update"])


# --- floods -------------------------------------------------------------------------------------------------------


def test_a_flood_reaches_nobody_and_loses_nothing(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    for _ in range(30):
        there.answer(asked, UNCLEAR)
    out = there.run()
    assert kinds(out) == ["held"] * 10 + ["notice"]
    assert the("notice", out)["To"] == MIA
    assert ANN in str(the("notice", out)["Subject"])
    assert "10 mails in 10 minutes" in text_of(the("notice", out))
    assert len(there.json("held")) == 30
    assert len([row for row in there.json("outbox") if row["state"] == "held"]) == 20
    there.later(minutes=11)
    there.answer(asked, UNCLEAR)
    assert kinds(there.run()) == ["held"]


def test_it_is_told_once_a_day(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    told = []
    for _ in range(3):
        for _ in range(12):
            there.answer(asked, UNCLEAR)
        told += [mail for mail in there.run() if mail["X-Mailbot-Kind"] == "notice"]
        there.later(minutes=11)
    assert len(told) == 1


def test_what_is_plain_is_booked_in_the_middle_of_a_flood_and_confirmed(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    for number in range(12):
        there.write(f"{number}@nowhere.example", f"[{REF}]", UNCLEAR)
        there.answer(asked, UNCLEAR, sender=f"x{number}@client.example")
    there.run()
    there.answer(asked, "Approved!")
    out = there.run()
    assert kinds(out) == ["receipt"]  # the copy for the account manager waits with the rest
    assert there.status()["phase"] == "Pattern"


def test_what_is_promised_or_ordered_is_never_limited(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    for _ in range(12):
        there.answer(asked, UNCLEAR)
    there.run()
    out: list[str] = []
    for _ in range(12):
        there.cli("do", REF, "ask fabric")
        out += kinds(there.run())
    assert out == ["approval-request"] * 12
    there.later(days=4)
    assert "weekly-update" in kinds(there.run())


def test_a_question_that_was_put_anew_before_it_went_out_goes_out_once(there: World) -> None:
    for _ in range(3):
        there.cli("do", REF, "ask fabric")
    assert kinds(there.run()) == ["approval-request"]
    asked = [row for row in there.json("outbox") if row["kind"] == "approval-request"]
    assert sorted(str(row["error"])[:10] for row in asked) == ["None", "withdrawn:", "withdrawn:"]


def test_a_mail_that_waits_is_sent_by_hand(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    for _ in range(11):
        there.answer(asked, UNCLEAR)
    there.run()
    (waits,) = [row for row in there.json("outbox") if row["state"] == "held"]
    there.cli("outbox", "retry", waits["id"])
    assert kinds(there.run()) == ["held"]


def test_counts_are_thrown_away_when_they_are_past(there: World) -> None:
    from mailbot.app.house import open_house
    from mailbot.settings import load_settings

    there.write(SAM, f"[{REF}]", "status")
    there.run()
    house = open_house(load_settings(there.config))
    counts = list(house.store.all("answers"))
    assert counts
    assert SAM not in str([(row.key, dict(row)) for row in counts])
    there.later(hours=11)
    there.run()
    assert not list(house.store.all("answers"))
    house.close()


# --- machines, and our own mail -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["Return-Path: <>", "Precedence: bulk", "X-Auto-Response-Suppress: All", "List-Id: <staff.studio.example>"],
)
def test_a_mail_that_asks_for_silence_is_read_and_not_answered(there: World, header: str) -> None:
    mail = new(SAM, BOT, f"[{REF}]", "percent 35", there.at, 901)
    name, _, value = header.partition(": ")
    mail[name] = value
    there.deliver(mail)
    assert kinds(there.run()) == []
    assert there.status()["percent_complete"] == 35


def test_a_decision_is_confirmed_all_the_same(there: World) -> None:
    mail = the("approval-request", ask_design(there))
    answer = new(ANN, str(mail["Reply-To"]), f"Re: {mail['Subject']}", "Approved!", there.at, 902)
    answer["Precedence"] = "bulk"
    there.deliver(answer)
    assert kinds(there.run()) == ["booked", "receipt"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Message_ID": "<rewritten.1@relay.example>"},
        {"Message_ID": "<rewritten.2@lists.example>", "From": "Atelier via Team <team@lists.example>"},
        {
            "Message_ID": "<rewritten.3@lists.example>", "From": "team@client.example", "X_Mailbot_Kind": "",
            "Auto_Submitted": "",
        },
        {
            "Message_ID": "<rewritten.4@lists.example>", "From": f"Atelier via Ann <{ANN}>", "X_Mailbot_Kind": "",
            "Auto_Submitted": "", "Reply_To": "", "X_Original_From": BOT,
        },
    ],
    ids=["id-rewritten", "list", "headers-gone", "forward-rule"],
)  # fmt: skip
def test_our_own_mail_that_comes_back_does_nothing(there: World, headers: dict[str, str]) -> None:
    mail = the("approval-request", ask_design(there))
    there.deliver(passed_on(mail, **headers))
    assert kinds(there.run()) == []
    assert there.json("held") == []


def test_a_rule_that_passes_our_mail_on_in_the_name_of_staff_is_not_answered(there: World) -> None:
    there.answer(the("approval-request", ask_design(there)), UNCLEAR)
    held = the("held", there.run())
    quoted = f"-----Original Message-----\nFrom: {BOT}\nSent: Tuesday\nTo: {MIA}\nSubject: {held['Subject']}\n\n"
    there.write(MIA, f"FW: {held['Subject']}", quoted + text_of(held))
    assert kinds(there.run()) == []


def bounce(sent: EmailMessage, address: str, number: int) -> bytes:
    """What a server reports of a mail that it could not deliver."""
    return (
        f"From: MAILER-DAEMON@mx.studio.example\r\nTo: {BOT}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <{number}@mx.studio.example>\r\nAuto-Submitted: auto-replied\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nNo such user.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.studio.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {sent['Message-ID']}\r\n\r\n--b--\r\n"
    ).encode()


def test_a_bounce_is_told_to_somebody_who_can_be_reached(there: World) -> None:
    there.answer(the("approval-request", ask_design(there)), UNCLEAR)
    held = the("held", there.run())
    there.deliver(bounce(held, MIA, 1))
    notice = the("bounce-notice", there.run())
    assert notice["To"] == SAM
    there.deliver(bounce(notice, SAM, 2))
    third = the("bounce-notice", there.run())
    assert third["To"] == MIA
    both = bounce(third, MIA, 3).replace(b"Status: 5.1.1\r\n", b"Status: 5.1.1\r\n\r\n" + _failed(SAM), 1)
    there.deliver(both)
    assert kinds(there.run()) == []


def _failed(address: str) -> bytes:
    return f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n".encode()


# --- strangers ----------------------------------------------------------------------------------------------------


def test_a_stranger_is_shown_to_a_person_once_a_day_and_not_answered(there: World) -> None:
    there.write("jo@nowhere.example", "A question", "Do you make christening gowns as well?")
    shown = the("notice", there.run())
    assert shown["To"] == SAM
    assert "christening gowns" in text_of(shown)
    there.later(hours=2)
    there.write("jo@nowhere.example", "A question", "Hello?")
    assert kinds(there.run()) == []
    there.later(hours=24)
    there.write("jo@nowhere.example", "A question", "Hello again?")
    assert "notice" in kinds(there.run())
    assert there.json("held") == []


def test_a_stranger_who_names_an_order_is_shown_to_its_account_manager(there: World) -> None:
    there.write("jo@nowhere.example", f"Gowns [{REF}]", "Are they ready?")
    assert the("notice", there.run())["To"] == MIA


def test_an_approver_at_another_address_is_held_and_hears_nothing(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    there.answer(asked, "Approved!", sender="ann.lee@home.example")
    out = there.run()
    assert [(mail["X-Mailbot-Kind"], mail["To"]) for mail in out] == [("held", MIA)]
    assert re.search(r"may not decide|not proven", there.json("held")[0]["because"])


def test_a_flood_of_strangers_is_limited(there: World) -> None:
    for number in range(40):
        there.write(f"{number}@spam.example", "Buy now", "Cheap silk!")
    out = there.run()
    assert kinds(out) == ["notice"] * 11
    assert sum("A flood" in str(mail["Subject"]) for mail in out) == 1
