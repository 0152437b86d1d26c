"""The whole store verified: what is altered, missing, added or left over is found, and named by its order."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mailbot.cli import main
from tests.walks.test_evidence import walked
from tests.walks.world import ORDER, REF, World, world


@pytest.fixture
def there(pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """A studio with two orders, of which one has seen much, and mail about no order."""
    with world(pymap_server, tmp_path) as made:
        made.import_order()
        made.import_order(ref="ORD-7", project="Capes", client={**ORDER["client"], "emails": ["bo@cape.example"]})  # type: ignore[dict-item]
        made.run()
        walked(made)
        made.write("jo@nowhere.example", "A question", "Do you make gloves?")
        made.run()
        yield made


def verified(made: World) -> tuple[int, Any]:
    result = CliRunner().invoke(main, ["evidence", "--verify", "--json", "--config", str(made.config)])
    return result.exit_code, json.loads(result.stdout)


def wrong(made: World) -> dict[str | None, str]:
    """What is wrong, by order."""
    code, found = verified(made)
    assert code == 1
    assert not found["whole"]
    return {one["order"]: "; ".join(one["problems"]) for one in found["wrong"]}


def rewritten(made: World, sql: str) -> None:
    with closing(sqlite3.connect(made.folder / "data" / "mailbot.db")) as db, db:
        assert db.execute(sql).rowcount > 0


def test_a_store_that_is_whole(there: World) -> None:
    code, found = verified(there)
    assert (code, found["whole"], found["orders"], found["wrong"]) == (0, True, 2, [])
    assert found["mails"] > 10
    assert found["events"] > 10
    said = there.cli("evidence", "--verify", at=False)
    assert said == f"2 orders, {found['events']} events and {found['mails']} mails, as they were written\n"


@pytest.mark.parametrize(
    ("sql", "order", "told"),
    [
        ("UPDATE events SET doc = replace(doc, 'Approved!', 'Declined!')", REF, "was altered"),
        (f"DELETE FROM events WHERE key = '{REF}/000000003'", REF, "is missing or out of order"),
        ("UPDATE orders SET doc = json_set(doc, '$.order.total', '1.00') WHERE key = 'ORD-7'", "ORD-7", "total"),
        ("DELETE FROM orders WHERE key = 'ORD-7'", None, "there is no order ORD-7"),
        ("DELETE FROM events WHERE key LIKE 'ORD-7/%'", "ORD-7", "0 are on record"),
        ("UPDATE mails SET doc = json_set(doc, '$.order', 'ORD-9')", None, "there is no order ORD-9"),
    ],
)
def test_who_writes_into_the_store_is_found(there: World, sql: str, order: str | None, told: str) -> None:
    rewritten(there, sql)
    found = wrong(there)
    assert told in found[order], found
    assert {one for one in found if one} <= {order}


def test_a_mail_about_no_order_counts_too(there: World) -> None:
    with closing(sqlite3.connect(there.folder / "data" / "mailbot.db")) as db:
        (key,) = db.execute("SELECT doc ->> '$.mail' FROM mails WHERE doc ->> '$.order' IS NULL").fetchone()
    file = there.folder / "data" / "archive" / key[:2] / f"{key}.gz"
    file.write_bytes(gzip.compress(b"something else"))
    assert f"mail {key} was altered" in wrong(there)[None]
    file.unlink()
    assert f"mail {key} is missing" in wrong(there)[None]


def test_a_line_for_each_order_that_is_wrong(there: World) -> None:
    rewritten(there, "UPDATE orders SET doc = json_set(doc, '$.order.phase', 'Final')")
    result = CliRunner().invoke(main, ["evidence", "--verify", "--config", str(there.config)])
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [REF, "ORD-7"]
    assert result.stdout == ""


def test_what_was_removed_with_a_clients_data_is_not_missed(there: World) -> None:
    for ref in (REF, "ORD-7"):
        there.cli("do", ref, "close anyway")
    there.run()
    for held in there.json("held"):
        there.cli("held", "dismiss", held["id"])
    there.run()
    there.cli("forget", "jo@nowhere.example", "--yes")
    there.cli("forget", "ann@client.example", "--yes")
    code, found = verified(there)
    assert (code, found["wrong"]) == (0, [])


def test_it_says_what_it_needs() -> None:
    result = CliRunner().invoke(main, ["evidence"])
    assert result.exit_code == 2
    assert "which order?" in result.stderr
