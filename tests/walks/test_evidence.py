"""The evidence of an order, from a real mailbox to a zip that stands for itself; and what is done to it shows."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mailbot.cli import main
from tests.walks.test_main_walk import ask_design
from tests.walks.world import ANN, REF, SAM, World, the, world


@pytest.fixture
def there(pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """A studio where something was asked, answered, taken back, asked again, held, settled."""
    with world(pymap_server, tmp_path) as made:
        made.import_order()
        made.run()
        walked(made)
        yield made


def walked(made: World) -> None:
    asked = the("approval-request", ask_design(made))
    made.cli("do", REF, "done Toile <b>of</b> the \N{DRESS}")
    made.answer(asked, "Approved!")
    receipt = the("receipt", made.run())
    made.later(hours=1)
    made.answer(receipt, "undo")
    made.run()
    made.later(hours=1)
    made.answer(asked, "Approved once the ivory is a little warmer.")
    held = the("held", made.run())
    made.answer(held, "approve", sender=SAM)
    made.run()


def zipped(made: World, name: str = "x.zip") -> Path:
    file = made.folder / name
    made.cli("evidence", REF, "--out", str(file), at=False)
    return file


def checked(file: Path | str, *config: str) -> tuple[int, Any]:
    """`evidence FILE --verify --json` in a place without settings."""
    result = CliRunner().invoke(main, ["evidence", str(file), "--verify", "--json", *config])
    assert not result.exception or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, json.loads(result.stdout)


def test_the_record_says_what_was_shown_answered_proven_decided_and_taken_back(there: World) -> None:
    told = there.cli("evidence", REF, at=False)
    for needle in (
        f"The record of {REF}, Cinderella ball gowns", "The client was asked: design", "Hash of what was shown:",
        "| Approved!", "Toile <b>of</b> the \N{DRESS}", "How proven: dmarc=pass by mx.studio.example",
        "Decided by: en/", "TAKEN BACK by ann@client.example", f"How proven: confirmed by {SAM}", "Settled by:",
        "| Approved once the ivory is a little warmer.", "How it ended: sent", "Given: held-confirmed",
    ):  # fmt: skip
        assert needle in told, told
    assert (
        told.index("The client was asked: design") < told.index("| Approved!") < told.index("A decision was taken back")
    )


def test_as_data_it_holds_the_same(there: World) -> None:
    told = json.loads(there.cli("evidence", REF, "--json", at=False))
    first, second = told["decisions"]
    assert (first["facts"]["verdict"], first["by"], first["facts"]["taken_back_by"]) == ("approve", ANN, ANN)
    assert (second["facts"]["how"], second["facts"]["confirmed_by"]) == ("held-confirmed", SAM)
    assert "taken_back_by" not in second["facts"]
    assert told["chain"]["events"] == len([entry for entry in told["timeline"] if entry["event"]])
    assert [entry["at"] for entry in told["timeline"]] == sorted(entry["at"] for entry in told["timeline"])
    assert all(mail["file"] for mail in told["mails"])


def test_the_zip_holds_every_mail_as_it_was_and_stands_for_itself(there: World, tmp_path: Path) -> None:
    file = zipped(there)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        mails = [archive.read(name) for name in names if name.startswith("mails/")]
        page = archive.read("record.html").decode()
    received = [message_from_bytes(mail, policy=default) for mail in mails]
    sent = {accepted.data for accepted in there.accepted()}
    assert len([mail for mail in mails if mail in sent]) == len(there.json("outbox", "list"))
    assert [str(mail["From"]) for mail in received].count(ANN) == 3
    assert "Toile &lt;b&gt;of&lt;/b&gt; the \N{DRESS}" in page
    assert all(f'href="{name}"' in page for name in names if name.startswith("mails/"))
    code, told = checked(file)
    assert (code, told["whole"], told["problems"], told["notes"]) == (0, True, [], [])
    assert told["mails"] == len(mails)
    assert told["order"] == REF


def test_the_same_state_gives_the_same_bytes(there: World) -> None:
    assert zipped(there).read_bytes() == zipped(there, "y.zip").read_bytes()
    there.later(hours=1)
    there.cli("do", REF, "percent 40")
    assert zipped(there).read_bytes() != (there.folder / "y.zip").read_bytes()


def test_the_store_is_checked_with_its_archive(there: World) -> None:
    code, told = checked(REF, "--config", str(there.config))
    assert (code, told["problems"]) == (0, [])
    files = sorted((there.folder / "data" / "archive").glob("??/*.gz"))
    kept = files[0].read_bytes()
    files[0].write_bytes(gzip.compress(gzip.decompress(kept) + b"x"))
    assert checked(REF, "--config", str(there.config))[1]["problems"] == [f"mail {files[0].stem} was altered"]
    files[0].unlink()
    assert checked(REF, "--config", str(there.config))[1]["problems"] == [f"mail {files[0].stem} is missing"]
    result = CliRunner().invoke(
        main, ["evidence", REF, "--out", str(there.folder / "z.zip"), "--config", str(there.config)]
    )
    assert result.exit_code == 1, "it is written, and says what is wrong"
    assert checked(there.folder / "z.zip")[1]["problems"] == [f"mail {files[0].stem} is missing"]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE events SET doc = replace(doc, 'Approved!', 'Declined!')", "was altered"),
        ("DELETE FROM events WHERE id = 3", "is missing or out of order"),
        ("DELETE FROM events WHERE id = (SELECT max(id) FROM events)", "but"),
        ("UPDATE events SET doc = json_set(doc, '$.event.by', 'eve@evil.example') WHERE id = 2", "event 2"),
        ("UPDATE orders SET doc = json_set(doc, '$.order.total', '1.00')", "not what its events make: total"),
        ("UPDATE orders SET doc = json_set(doc, '$.order.nonsense', '1.00')", "the order cannot be read"),
    ],
)
def test_who_writes_into_the_store_is_found(there: World, sql: str, told: str) -> None:
    with closing(sqlite3.connect(there.folder / "data" / "mailbot.db")) as db, db:
        assert db.execute(sql).rowcount
    code, found = checked(REF, "--config", str(there.config))
    assert code == 1
    assert any(told in problem for problem in found["problems"]), found


def test_wrong_use_is_told(there: World) -> None:
    assert "there is no order" in CliRunner().invoke(main, ["evidence", "ORD-9", "--config", str(there.config)]).stderr
    nowhere = ["evidence", REF, "--out", str(there.folder / "no" / "x.zip"), "--config", str(there.config)]
    assert CliRunner().invoke(main, nowhere).exit_code == 2
    over = ["evidence", REF, "--out", str(there.folder / "data" / "mailbot.db"), "--config", str(there.config)]
    assert "is something else" in CliRunner().invoke(main, over).stderr
    unchecked = CliRunner().invoke(main, ["evidence", "no.zip", "--config", str(there.config)])
    assert (unchecked.exit_code, "--verify" in unchecked.stderr) == (2, True)
    (there.folder / "no.zip").write_bytes(b"nonsense")
    code, told = checked(there.folder / "no.zip")
    assert (code, told["whole"]) == (1, False)
    assert "altered or cut off" in told["problems"][0]
