"""A client asks to be forgotten: nothing of theirs is left in the store's files or the archive, and all is whole."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.adapters.archive import Archive
from mailbot.adapters.postgres import PostgresStore
from mailbot.adapters.store import SCHEMA, StoreError
from mailbot.cli import main
from tests.servers.postgres import Postgres
from tests.walks.test_evidence import checked, walked, zipped
from tests.walks.world import ANN, REF, SAM, World, world

embedded = pytest.mark.parametrize("closed", ["tinydb"], indirect=True)
PERSONAL = (b"ann@client", b"Ann Lee", b"warmer", b"Ann asked", b"ann@")  # nothing so short that chance may write it


@pytest.fixture(params=["tinydb", "postgresql"])
def closed(request: pytest.FixtureRequest, pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """A studio with an order that was asked about, answered, and closed."""
    url = ""
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    with world(pymap_server, tmp_path, store=url) as made:
        made.import_order()
        made.run()
        walked(made)
        made.write("ann@client.example", "Hello", "What about another gown?")
        made.cli("do", REF, "pause Ann asked us to wait", "resume", "close anyway")
        made.run()
        for held in made.json("held"):
            made.cli("held", "dismiss", held["id"])
        made.run()
        yield made


def call(made: World, *args: str, stdin: str | None = None) -> Result:
    line = [*args, "--config", str(made.config)]
    return CliRunner(env={"MAILBOT_TEST_PASSWORD": made.server.password}).invoke(main, line, input=stdin)


def contents(made: World) -> bytes:
    """Every byte of the store and of the archive, unpacked."""
    rows = b""
    url = made.config.read_text("utf-8").partition('url = "')[2].partition('"')[0]
    if url:
        store = PostgresStore(url)
        rows = "\n".join(f"{doc.key} {dict(doc)}" for table in SCHEMA for doc in store.all(table)).encode()
        store.close()
    files = [file.read_bytes() for file in (made.folder / "data").glob("mailbot.db*")]
    mails = [gzip.decompress(file.read_bytes()) for file in (made.folder / "data" / "archive").glob("??/*.gz")]
    return b"\n".join([rows, *files, *mails])


def found(made: World) -> list[bytes]:
    text = contents(made)
    return [word for word in PERSONAL if word in text]


def test_nothing_of_the_client_is_left_and_the_record_is_whole(closed: World) -> None:
    before = zipped(closed)
    assert found(closed) == list(PERSONAL)
    done = closed.json("forget", ANN, "--yes")
    assert done["orders"] == [REF]
    assert done["mails"] > 10
    assert found(closed) == []
    code, told = checked(REF, "--config", str(closed.config))
    assert (code, told["problems"]) == (0, [])
    after = zipped(closed, "after.zip")
    assert checked(after)[0] == 0
    assert checked(before)[0] == 0, "what was given away before still stands for itself"
    text = closed.cli("evidence", REF, at=False)
    for needle in (
        "Personal data were removed", "TAKEN BACK by [removed]",
        "design: approve, by [removed] (held-confirmed; approver; confirmed by sam@studio.example; dmarc=pass",
        "How proven: dmarc=pass by mx.studio.example", "Client: [removed] <[removed]>", SAM,
        "(removed)  SHA-256",
    ):  # fmt: skip
        assert needle in text, text
    status = closed.status()
    assert (status["total"], status["client"]["emails"]) == ("12000.00", ["[removed]"])
    assert closed.json("outbox")[0]["state"] == "sent"


@embedded
def test_by_name_and_only_who_is_meant(closed: World) -> None:
    assert "nothing of 'Bob Lee'" in call(closed, "forget", "Bob Lee", "--yes").stderr
    assert call(closed, "forget", "Ann Lee").exit_code == 2, "nobody was asked"
    assert found(closed) != []
    assert call(closed, "forget", "ann  lee", "--yes").exit_code == 0
    assert found(closed) == []


@embedded
def test_an_open_order_refuses_and_says_what_to_do(closed: World) -> None:
    other = {"ref": "ORD-2044", "client": {"name": "Ann Lee", "emails": [ANN]}}
    closed.import_order(**other, milestones=[])
    result = call(closed, "forget", ANN, "--yes")
    assert result.exit_code == 2
    assert "ORD-2044 is open -> `mailbot do ORD-2044 close`" in result.stderr
    assert found(closed) == list(PERSONAL)
    closed.cli("do", "ORD-2044", "ask fabric", "close anyway")
    (waiting,) = [row for row in closed.json("outbox") if row["state"] == "queued"]
    assert f"`mailbot outbox drop {waiting['id']}`" in call(closed, "forget", ANN, "--yes").stderr
    closed.cli("outbox", "drop", waiting["id"])
    closed.cli("forget", ANN, "--yes")
    assert found(closed) == []


@embedded
def test_a_record_that_was_altered_is_not_washed(closed: World) -> None:
    with closing(sqlite3.connect(closed.folder / "data" / "mailbot.db")) as db, db:
        db.execute("UPDATE events SET doc = replace(doc, 'Approved!', 'Declined!')")
    result = call(closed, "forget", ANN, "--yes")
    assert result.exit_code == 2
    assert "was altered" in result.stderr


def test_what_a_crash_left_is_done_the_next_time(closed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(self: Archive, key: str) -> bool:
        raise StoreError("the power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(Archive, "remove", dies)
        assert call(closed, "forget", ANN, "--yes").exit_code == 1
    assert checked(REF, "--config", str(closed.config))[0] == 1, "mails are there whose removal is on record"
    call(closed, "forget", ANN, "--yes")
    assert checked(REF, "--config", str(closed.config))[0] == 0
    assert found(closed) == []


def test_who_writes_again_can_be_forgotten_again(closed: World) -> None:
    closed.cli("forget", ANN, "--yes")
    closed.later(days=1)
    closed.write(ANN, f"Hello again [{REF}]", "This is Ann. Do you remember me?")
    closed.run()
    assert found(closed) != []
    for held in closed.json("held"):
        closed.cli("held", "dismiss", held["id"])
    closed.run()
    assert call(closed, "forget", ANN, "--yes").exit_code == 0
    assert checked(REF, "--config", str(closed.config))[1]["problems"] == []
