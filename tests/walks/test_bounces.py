"""Mail that comes back: the account manager is told, nothing more goes to that address, and no mail is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailbot.adapters.smtp import Outcome, Refusal
from mailbot.app.house import open_house
from mailbot.app.undelivered import settled
from mailbot.settings import load_settings
from tests.walks.test_odd_mail import bounce_of
from tests.walks.world import ANN, REF, SAM, World, kinds, text_of, the, world

BEN = "ben@client.example"


@pytest.fixture
def there(pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """An order whose client reads at two addresses."""
    with world(pymap_server, tmp_path) as made:
        client = {"name": "Ann Lee", "emails": [ANN, BEN], "approvers": [ANN, BEN]}
        made.import_order(client={**client, "timezone": "America/New_York", "locale": "en_US"})
        made.run()
        yield made


def ask(there: World) -> EmailMessage:
    there.cli("do", REF, "ask design")
    there.later(minutes=61)
    return the("approval-request", there.run())


def lost(there: World, mail: EmailMessage, *addresses: str, status: str = "5.1.1") -> list[EmailMessage]:
    for number, address in enumerate(addresses):
        report = bounce_of(mail, address).replace(b"5.1.1", status.encode())
        there.deliver(report.replace(b"<dsn@", b"<dsn%d.%d@" % (number, there.at.timestamp())))
    return there.run()


def test_nothing_more_goes_to_an_address_that_there_is_not(there: World) -> None:
    asked = ask(there)
    assert asked["To"] == f"{ANN}, {BEN}"
    told = the("bounce-notice", lost(there, asked, ANN))
    assert "No more mail goes to this address" in text_of(told)
    assert ask(there)["To"] == BEN
    there.cli("do", REF, f"write to {ANN} again")
    assert ask(there)["To"] == f"{ANN}, {BEN}"


def test_where_nobody_is_left_the_mail_waits_for_a_person(there: World) -> None:
    assert kinds(lost(there, ask(there), ANN, BEN)) == ["bounce-notice", "bounce-notice"]
    there.cli("do", REF, "ask fabric")
    out = there.run()
    assert [str(mail["To"]) for mail in out] == [SAM]
    (waits,) = [row for row in there.json("outbox") if row["state"] == "held"]
    assert waits["error"] == f"mail to {ANN}, {BEN} comes back"
    there.cli("outbox", "retry", waits["id"])
    assert kinds(there.run()) == ["approval-request"]


def test_who_writes_is_written_to(there: World) -> None:
    asked = ask(there)
    lost(there, asked, ANN)
    there.answer(asked, "Approved!")
    assert ANN in the("receipt", there.run())["To"]


def test_a_full_mailbox_counts_only_when_it_comes_again_and_again(there: World) -> None:
    for times in (1, 2, 3):
        asked = ask(there)
        assert ANN in asked["To"], times
        lost(there, asked, ANN, status="5.2.2")
        there.later(days=1)
    assert ask(there)["To"] == BEN


def test_a_report_about_a_mail_that_we_never_sent_silences_nobody(there: World) -> None:
    asked = ask(there)
    del asked["Message-ID"]
    asked["Message-ID"] = "<made-up@studio.example>"
    forged = bounce_of(asked, ANN)
    there.deliver(forged.replace(b"Undelivered Mail Returned", f"[{REF}] Undelivered Mail Returned".encode()))
    there.run()
    assert ANN in ask(there)["To"]


def test_only_the_clients_addresses_are_left_out(there: World) -> None:
    lost(there, ask(there), SAM, "mallory@elsewhere.example")
    there.answer(ask(there), "Approved once the hem is fixed")
    assert SAM in [str(mail["To"]) for mail in there.run()]


def test_an_address_that_the_server_refuses_is_one_that_there_is_not(there: World) -> None:
    ask(there)
    house = open_house(load_settings(there.config))
    (row,) = [row for row in house.store.outbox() if row.kind == "approval-request"]
    settled(house, row, Outcome("sent", "250 ok", refused=(Refusal(ANN, 550, "550 5.1.1 no such user"),)), there.at)
    settled(house, row, Outcome("sent", "250 ok", refused=(Refusal(BEN, 450, "450 4.2.0 later"),)), there.at)
    house.close()
    assert kinds(there.run()) == ["bounce-notice", "undelivered"]
    assert ask(there)["To"] == BEN
