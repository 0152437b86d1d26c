"""What a walk does not meet: mails about several orders, and what changes between the look and the removal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mailbot.adapters.archive import Archive
from mailbot.adapters.store import OutboxEntry, StoreError
from mailbot.adapters.tiny import TinyStore
from mailbot.app.evidence import gather
from mailbot.app.forget import forget, look
from mailbot.app.records import Records, order_of
from mailbot.errors import ConfigError
from mailbot.orders import events as e
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Client, utc
from mailbot.settings import Settings
from tests.orders.world import ANN, NOW, SAM, imported, stored

BOB = "bob@globe.example"
LATER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Ann's closed order, Bob's open one, and a digest about both."""
    server = {"host": "127.0.0.1", "port": 1, "security": "none"}
    studio = {"name": "Atelier Nord", "address": "orders@studio.example", "timezone": "America/New_York"}
    settings = Settings.model_validate({"studio": studio, "imap": server, "smtp": server})
    made = Records(settings, TinyStore(tmp_path / "mailbot.db"), Archive(tmp_path / "archive"))
    put(made, imported(salt="5a" * 16), e.OrderClosed(at=NOW, by=SAM))
    bob = Client(name="Bob", emails=(BOB,), approvers=(BOB,), timezone="Europe/Berlin", locale="de_DE")
    put(made, imported(ref="ORD-2044", client=bob, salt="5b" * 16))
    key = made.archive.put(b"Subject: Your orders\r\n\r\nAnn Lee waits; so does Bob\r\n")
    entry = OutboxEntry(
        key="digest/1", kind="digest", order="ORD-2041,ORD-2044", to=(SAM,), due=utc(NOW), mail=key,
        message_id="d1@studio.example", sender="orders@studio.example", recipients=(SAM,), state="shadow",
    )  # fmt: skip
    with made.store.transaction() as tx:
        tx.enqueue(entry)
        tx.put("threads", entry.message_id, {"order": None, "token": None, "subject": "x", "text": "Ann Lee waits"})
    yield made
    made.store.close()


def put(records: Records, *events: e.Event) -> None:
    one, rows = stored(events)
    with records.store.transaction() as tx:
        for row in rows:
            tx.log(one.ref, row["revision"], row["event"], row["before"], row["hash"])
        order: dict[str, Any] = {"ref": one.ref, "closed": "yes" if one.closed else "no", "next_due": None}
        tx.put("orders", one.ref, {**order, "order": one.model_dump(mode="json")})
        for email in one.client.emails:
            tx.put("people", f"{email} {one.ref} client", {"email": email, "order": one.ref, "role": "client"})


def test_a_mail_about_several_orders_goes_and_is_on_the_record_of_all(records: Records) -> None:
    (digest,) = records.store.outbox()
    done = forget(records, look(records, ANN), LATER, "shell:sam")
    assert done.mails == 1
    assert digest.mail not in records.archive
    for ref in ("ORD-2041", "ORD-2044"):
        case = gather(records, ref)
        assert case.check().problems == ()
        (removal,) = [entry["event"] for entry in case.rows.events if entry["event"]["type"] == "DataRemoved"]
        assert removal["mails"] == [digest.mail]
    bob = order_of(records.store, "ORD-2044")
    assert bob is not None
    assert bob.client.emails == (BOB,)
    assert (records.store.get("threads", "d1@studio.example") or {})["text"] == "[removed]"


def test_an_order_that_is_no_longer_as_it_was_looked_at_is_left_alone(records: Records) -> None:
    found = look(records, ANN)
    before = records.store.audit("ORD-2041")
    with records.store.transaction() as tx:
        row = tx.get("orders", "ORD-2041")
        assert row is not None
        tx.put("orders", "ORD-2041", {**row, "order": {**row["order"], "closed": False}})
    with pytest.raises(StoreError, match=r"changed meanwhile .*ORD-2041 is open.* try again"):
        forget(records, found, LATER, "shell:sam")
    assert records.store.audit("ORD-2041") == before


def test_two_people_of_one_name_are_not_forgotten_together(records: Records) -> None:
    other = Client(name="Ann Lee", emails=("lee@x.example",), approvers=(), timezone="Europe/Berlin", locale="de_DE")
    put(records, imported(ref="ORD-2050", client=other, salt="5c" * 16), e.OrderClosed(at=NOW, by=SAM))
    with pytest.raises(ConfigError, match=r"several of the name.*ann@client\.example, lee@x\.example"):
        look(records, "Ann Lee")
    assert look(records, "lee@x.example").orders == ("ORD-2050",)


def test_the_order_that_stays_goes_on(records: Records) -> None:
    forget(records, look(records, ANN), LATER, "shell:sam")
    bob = order_of(records.store, "ORD-2044")
    assert bob is not None
    after = evolve(bob, e.PercentSet(at=LATER, by=SAM, percent=40))
    assert after.salt == "5b" * 16
    assert after.revision == 3
