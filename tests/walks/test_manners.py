"""The manners of sending: an hour between two mails, never at night, only what is still needed, and as `due` said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.walks.world import ANN, ORDER, REF, ImapServer, World, kinds, world

OTHER = "ORD-2042"


@pytest.fixture
def studio(pymap_server: ImapServer, tmp_path: Path) -> Iterator[World]:
    """A studio without orders yet, on Tuesday 6 January 2026, 10:00 in New York."""
    with world(pymap_server, tmp_path) as made:
        yield made


@pytest.fixture
def careful(pymap_server: ImapServer, tmp_path: Path) -> Iterator[World]:
    """A studio that releases each mail to a client, with one order on record."""
    with world(pymap_server, tmp_path, mode="hold") as made:
        made.import_order()
        made.run()
        yield made


def take_on(studio: World, *orders: dict[str, Any]) -> Any:
    file = studio.folder / "orders.json"
    file.write_text(json.dumps([{**ORDER, **order} for order in orders]), "utf-8")
    return studio.json("order", "import", str(file))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def passes(studio: World, until: datetime) -> list[tuple[str, str, str | None]]:
    """A pass whenever `due` says that something goes out, up to `until`: when what went out, and about which order."""
    seen: list[tuple[str, str, str | None]] = []
    while coming := [one for one in studio.json("due", "--until", f"{until:%Y-%m-%d}") if at_of(one) <= until]:
        studio.at = max(studio.at, at_of(coming[0]))
        seen += [(f"{studio.at:%m-%d %H:%M}", str(m["X-Mailbot-Kind"]), m["X-Mailbot-Order"]) for m in studio.run()]
    return seen


def at_of(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["at"])


def row_of(studio: World, key: str) -> Any:
    (row,) = [row for row in studio.json("outbox") if row["key"] == key]
    return row


def to_ann(mails: list[EmailMessage]) -> list[str]:
    return kinds([mail for mail in mails if ANN in str(mail["To"])])


def test_what_due_says_is_what_goes_out_an_hour_apart(studio: World) -> None:
    """Two orders of one client: their invoices and reminders keep clear of each other, the updates are on time."""
    take_on(studio, {}, {"ref": OTHER})
    until = at("2026-01-13 23:00")
    told = [
        (f"{at_of(row):%m-%d %H:%M}", row["kind"], row["order"] or None)
        for row in studio.json("due", "--until", "2026-01-13")
        if row["order"]  # the rounds of the studio are another matter
    ]
    went = [one for one in passes(studio, until) if one[2] and one[1] not in ("digest", "report")]
    assert sorted(went) == sorted(told)
    assert [one for one in sorted(went) if one[1] != "draft-weekly"] == [
        ("01-06 15:00", "invoice", REF), ("01-06 16:00", "invoice", OTHER),
        ("01-09 21:00", "weekly-update", REF), ("01-09 21:00", "weekly-update", OTHER),
        ("01-12 14:00", "reminder-friendly", REF), ("01-12 15:00", "reminder-friendly", OTHER),
        ("01-13 14:00", "reminder-firm", REF), ("01-13 15:00", "reminder-firm", OTHER),
    ]  # fmt: skip


def test_an_order_that_comes_late_gets_the_latest_invoice_once(studio: World) -> None:
    studio.at = at("2026-02-18 15:00")
    done = take_on(studio, {})
    assert done["left"] == [{"order": REF, "invoice": "INV-1"}]
    assert to_ann(studio.run()) == ["invoice"]
    assert [i["status"] for i in studio.status()["invoices"]] == ["planned", "sent", "planned"]
    studio.later(days=1)
    assert to_ann(studio.run()) == []
    studio.cli("do", REF, "send INV-1")
    (sent,) = studio.run()
    assert "INV-1" in str(sent["Subject"])
    assert "not sent again" in studio.cli("do", REF, "send INV-1")


def test_what_the_studio_has_sent_itself_is_not_sent_again(studio: World) -> None:
    studio.at = at("2026-02-18 15:00")
    payments = [
        {"kind": "deposit", "amount": "6000.00", "due": "2026-01-05", "sent_on": "2026-01-05", "paid_on": "2026-01-07"},
        {"kind": "mid-project", "amount": "3000.00", "due": "2026-02-13", "sent_on": "2026-02-10"},
        {"kind": "final", "amount": "3000.00", "due": "2026-03-20", "milestone": "delivery"},
    ]
    assert take_on(studio, {"payments": payments})["left"] == []
    assert to_ann(studio.run()) == ["reminder-friendly"]  # the step of this day, and none of those before it
    assert [i["status"] for i in studio.status()["invoices"]] == ["paid", "sent", "planned"]


def test_paid_while_it_waits_it_is_withdrawn_and_stays_on_record(careful: World) -> None:
    held = row_of(careful, "INV-1/invoice")
    assert held["state"] == "held"
    careful.cli("do", REF, "paid INV-1")
    careful.cli("outbox", "retry", held["id"])
    assert "invoice" not in kinds(careful.run())
    row = row_of(careful, "INV-1/invoice")
    assert (row["state"], row["error"]) == ("failed", "withdrawn: INV-1 is paid by now")


def test_what_a_person_releases_goes_at_once(careful: World) -> None:
    careful.cli("do", REF, "ask design")
    careful.at = at("2026-01-07 03:00")  # 22:00 in New York
    for row in careful.json("outbox", "list", "--state", "held"):
        careful.cli("outbox", "retry", row["id"])
    assert to_ann(careful.run()) == ["approval-request", "invoice"]


def test_what_the_server_did_not_take_keeps_its_distance_afterwards(studio: World) -> None:
    """Two invoices wait for the server; when it is back the first goes, and the second an hour after it, by day."""
    take_on(studio, {}, {"ref": OTHER})
    port = studio.relay.relay_port
    settings = studio.config.read_text("utf-8")
    studio.config.write_text(settings.replace(f"port = {port}", "port = 1"), "utf-8")
    studio.cli("run", "--once", code=1)
    studio.later(hours=1)
    studio.cli("run", "--once", code=1)
    studio.config.write_text(settings, "utf-8")
    studio.at = at("2026-01-07 07:00")  # at night
    assert to_ann(studio.run()) == []
    studio.at = at("2026-01-07 14:00")
    assert to_ann(studio.run()) == ["invoice"]
    studio.later(minutes=59)
    assert to_ann(studio.run()) == []
    studio.later(minutes=1)
    assert to_ann(studio.run()) == ["invoice"]
    assert {row["state"] for row in studio.json("outbox")} == {"sent"}


def test_answers_do_not_wait(studio: World) -> None:
    studio.import_order()
    studio.cli("do", REF, "ask design")
    (asked,) = studio.run()
    assert asked["X-Mailbot-Kind"] == "approval-request"  # the invoice waits its hour
    studio.later(minutes=10)
    studio.answer(asked, "Approved!")
    assert to_ann(studio.run()) == ["receipt"]
    studio.later(minutes=50)
    assert to_ann(studio.run()) == ["invoice"]


def test_an_invoice_that_was_not_released_is_not_late(careful: World) -> None:
    """The ladder counts from the day on which the invoice went out: nobody is reminded of what they never got."""
    for _ in range(3):
        careful.later(days=7)
        assert not {"pause-notice", "escalation-pause", "escalation-collection"} & set(kinds(careful.run()))
    assert [s for i in careful.status()["invoices"] for s in i["steps"]] == []
    assert "reminder" not in careful.cli("due", "--until", "2026-02-02")
    careful.cli("outbox", "retry", row_of(careful, "INV-1/invoice")["id"])
    assert "invoice" in kinds(careful.run())  # on 27 January
    careful.at = at("2026-02-03 15:00")
    careful.run()
    careful.later(hours=1)  # the invoice of the fitting came first
    careful.run()
    assert [s["step"] for i in careful.status()["invoices"] for s in i["steps"]] == ["reminder-firm"]
