"""The embedded store: the contract, TinyDB's own habits over it, and files that are not right."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tinydb import Query, TinyDB, where
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from mailbot.adapters import tiny, tiny_file
from mailbot.adapters.store import SCHEMA, Conflict, Store, StoreError
from mailbot.adapters.tiny import TinyStore
from mailbot.adapters.tiny_tables import RowDB, RowStorage
from mailbot.errors import ConfigError
from tests.adapters.store_contract import StoreContract
from tests.adapters.store_documents import claim, enqueue, entry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "mailbot.db"


@pytest.fixture
def tiny_store(path: Path) -> Iterator[TinyStore]:
    store = TinyStore(path)
    yield store
    store.close()


class TestTinyStore(StoreContract):
    @pytest.fixture
    def source(self, path: Path) -> str:
        return f"from mailbot.adapters.tiny import TinyStore\nstore = TinyStore({str(path)!r})"

    @pytest.fixture
    def elsewhere(self, source: str) -> str:
        return source.replace("mailbot.db", "other.db")


class TestTinyDB:
    """What users of TinyDB know, in the same rows; each step is also done by stock TinyDB and compared."""

    STEPS: tuple[Callable[[Any], Any], ...] = (
        lambda t: t.insert({"ref": "ORD-1", "total": 5, "tags": ["silk"]}),
        lambda t: t.insert_multiple([{"ref": "ORD-2", "total": 7}, {"ref": "ORD-3", "total": 9}]),
        lambda t: t.insert(Document({"ref": "ORD-9", "total": 1}, doc_id=9)),
        lambda t: t.insert({"ref": "ORD-10"}),
        lambda t: t.search(Query().ref == "ORD-2"),
        lambda t: t.search((where("total") > 5) & ~(where("ref") == "ORD-3")),
        lambda t: t.search(Query().tags.any(["silk"])),
        lambda t: t.get(Query().ref == "ORD-3"),
        lambda t: t.get(doc_id=9),
        lambda t: t.get(doc_id=99),
        lambda t: t.get(doc_ids=[1, 3, 77]),
        lambda t: t.contains(Query().ref == "ORD-1"),
        lambda t: t.contains(doc_id=2),
        lambda t: t.update({"total": 6}, Query().ref == "ORD-1"),
        lambda t: t.update(lambda doc: doc.update(total=doc.get("total", 0) + 1)),
        lambda t: t.update({"seen": True}, doc_ids=[1, 2, 77]),
        lambda t: t.update_multiple([({"x": 1}, where("ref") == "ORD-1"), ({"y": 2}, where("ref") == "ORD-1")]),
        lambda t: t.upsert({"ref": "ORD-2", "note": "u"}, Query().ref == "ORD-2"),
        lambda t: t.upsert({"ref": "ORD-4"}, Query().ref == "ORD-4"),
        lambda t: t.upsert(Document({"total": 100}, doc_id=3)),
        lambda t: t.count(Query().total > 6),
        lambda t: t.remove(Query().ref == "ORD-2"),
        lambda t: t.remove(doc_ids=[9, 77]),
        lambda t: t.all(),
        lambda t: [doc.doc_id for doc in t],
        len,
        lambda t: t.truncate(),
        lambda t: (len(t), t.insert({"ref": "again"})),
    )  # fmt: skip

    @pytest.mark.parametrize("name", ["orders", "mine"])
    def test_every_step_as_in_stock_tinydb(self, tiny_store: TinyStore, name: str) -> None:
        rows, stock = tiny_store.db.table(name), TinyDB(storage=MemoryStorage).table(name)
        for number, step in enumerate(self.STEPS):
            assert step(rows) == step(stock), f"step {number}"
            assert {doc.doc_id: doc for doc in rows} == {doc.doc_id: doc for doc in stock}, f"after step {number}"

    def test_the_store_and_tinydb_share_rows(self, tiny_store: TinyStore) -> None:
        orders = tiny_store.db.table("orders")
        with tiny_store.transaction() as tx:
            tx.put("orders", "ORD-1", {"ref": "ORD-1", "closed": "no"})
        assert orders.search(Query().ref == "ORD-1") == [{"ref": "ORD-1", "closed": "no"}]
        orders.update({"closed": "yes"}, Query().ref == "ORD-1")
        orders.insert({"ref": "ORD-2", "closed": "no"})
        assert tiny_store.find("orders", "closed", "yes") == [{"ref": "ORD-1", "closed": "yes"}]
        assert tiny_store.get("orders", "ORD-2") == {"ref": "ORD-2", "closed": "no"}
        with pytest.raises(Conflict):
            orders.insert({"ref": "ORD-2"})
        with pytest.raises(TypeError):
            orders.update({"closed": True}, Query().ref == "ORD-1")
        assert tiny_store.find("orders", "closed", "yes")[0].key == "ORD-1"

    def test_no_result_is_remembered_past_a_change_elsewhere(self, path: Path) -> None:
        one, two = RowDB(path), RowDB(path)
        assert one.table("mine", cache_size=50).search(Query().a == 1) == []
        assert two.table("mine").insert({"a": 1}) == 1
        assert one.table("mine").search(Query().a == 1) == [{"a": 1}]
        assert one.table("mine").insert({"a": 2}) == 2
        one.close()
        two.close()

    def test_a_step_that_fails_leaves_nothing(self, tiny_store: TinyStore) -> None:
        mine = tiny_store.db.table("mine")
        mine.insert_multiple([{"n": 1}, {"n": 2}])
        with pytest.raises(ZeroDivisionError):
            mine.update(lambda doc: doc.update(n=doc["n"] + 1 // (2 - doc["n"])))
        with pytest.raises(ValueError, match="not a Mapping"):
            mine.insert_multiple([{"n": 3}, 4])
        assert mine.all() == [{"n": 1}, {"n": 2}]

    def test_tinydb_inside_a_transaction_is_part_of_it(self, tiny_store: TinyStore) -> None:
        def half() -> None:
            with tiny_store.transaction():
                tiny_store.db.table("mine").insert({"n": 1})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            half()
        assert len(tiny_store.db.table("mine")) == 0

    def test_the_database_itself(self, path: Path) -> None:
        with RowDB(path) as db:
            db.insert({"n": 1})
            db.table("mine").insert({"n": 2})
            assert {"_default", "mine", "orders"} <= db.tables()
            assert (len(db), list(db)) == (1, [{"n": 1}])
            db.drop_table("mine")
            assert "mine" not in db.tables()
            assert len(db.table("mine")) == 0
            with pytest.raises(ValueError, match="'_default'"):
                db.table("_DEFAULT").insert({"n": 1})
            db.drop_tables()
            assert len(db) == 0
        with TinyStore(path).transaction() as tx:
            tx.put("orders", "ORD-1", {"ref": "ORD-1"})

    def test_stock_tables_work_over_the_storage(self, path: Path) -> None:
        with TinyDB(path, storage=RowStorage) as db:
            assert db.table("orders").insert({"ref": "ORD-1"}) == 1
            assert db.table("orders").update({"closed": "no"}, Query().ref == "ORD-1") == [1]
        assert TinyStore(path).find("orders", "closed", "no") == [{"ref": "ORD-1", "closed": "no"}]

    def test_a_large_table_is_read_by_pages(self, tiny_store: TinyStore) -> None:
        mine = tiny_store.db.table("mine")
        mine.insert_multiple({"n": n} for n in range(1201))
        assert [doc["n"] for doc in mine] == list(range(1201))
        assert mine.count(Query().n >= 600) == 601


class TestTheFile:
    """Files that are ours, not ours, damaged, newer; and what it is set to."""

    def test_is_private_and_durable(self, tiny_store: TinyStore, path: Path) -> None:
        enqueue(tiny_store, entry("a"))
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        with tiny_store.db.file.reading() as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)

    def test_another_programs_database(self, path: Path) -> None:
        path.parent.mkdir()
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE bookmarks(x)")
        before = path.read_bytes()
        with pytest.raises(ConfigError, match="another program"):
            TinyStore(path)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("content", [b'{"_default": {}}' * 99, b"SQLite format 3\x00" + b"\x07" * 5000])
    def test_not_a_database(self, path: Path, content: bytes) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=r"cannot be used as the store.*-> name another file"):
            TinyStore(path)
        assert path.read_bytes() == content

    def test_damage_shows_as_what_it_is(self, path: Path) -> None:
        store = TinyStore(path)
        with store.transaction() as tx:
            for n in range(300):
                tx.put("orders", f"ORD-{n}", {"closed": "no", "words": "x" * 3000})
        store.close()  # which leaves one file
        copy = path.parent / "copy.db"
        content = bytearray(path.read_bytes())
        content[200_000:400_000] = b"\xa5" * 200_000
        copy.write_bytes(content)
        damaged = TinyStore(copy)
        assert damaged.check()
        with pytest.raises(ConfigError, match=r"copy\.db.*malformed"):
            list(damaged.all("orders"))

    @pytest.mark.parametrize("place", ["a-file/mailbot.db", "a-folder"])
    def test_a_place_that_cannot_be_written(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "a-file").write_text("")
        (tmp_path / "a-folder").mkdir()
        with pytest.raises(ConfigError, match="cannot be used as the store"):
            TinyStore(tmp_path / place)

    def test_a_newer_file_is_left_alone(self, path: Path) -> None:
        TinyStore(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 99")
        with pytest.raises(ConfigError, match=r"newer mailbot .*-> update mailbot"):
            TinyStore(path)

    def test_an_older_file_is_brought_up_to_date(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def step(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE orders SET doc = json_set(doc, '$.step', 'done')")

        with TinyStore(path).transaction() as tx:
            tx.put("orders", "ORD-1", {"ref": "ORD-1", "total": "5.00"})
        monkeypatch.setattr(tiny_file, "STEPS", (*tiny_file.STEPS, step))
        monkeypatch.setitem(SCHEMA, "orders", ("closed", "next_due", "ref"))
        store = TinyStore(path)
        assert store.find("orders", "ref", "ORD-1") == [{"ref": "ORD-1", "total": "5.00", "step": "done"}]
        with store.db.file.reading() as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (2,)

    def test_a_step_that_fails_changes_nothing(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def step(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM orders")
            raise ZeroDivisionError

        with TinyStore(path).transaction() as tx:
            tx.put("orders", "ORD-1", {})
        with monkeypatch.context() as patch:
            patch.setattr(tiny_file, "STEPS", (*tiny_file.STEPS, step))
            with pytest.raises(ZeroDivisionError):
                TinyStore(path)
        assert TinyStore(path).get("orders", "ORD-1") == {}

    def test_a_new_file_opened_by_many_at_once(self, path: Path) -> None:
        stores: list[Store] = []
        threads = [threading.Thread(target=lambda: stores.append(TinyStore(path))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(stores) == 8
        assert enqueue(stores[0], entry("a")) == [True]
        assert enqueue(stores[7], entry("a")) == [False]

    def test_busy_for_too_long_says_so(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tiny_file, "BUSY_SECONDS", 0.05)
        one, two = TinyStore(path), TinyStore(path)
        with one.transaction() as tx:
            tx.put("orders", "ORD-1", {})
            with pytest.raises(StoreError, match="locked"), two.transaction():
                pass
            assert two.get("orders", "ORD-1") is None
            assert claim(two, "w") == []
        with two.transaction() as tx:
            assert tx.get("orders", "ORD-1") == {}


def test_what_was_deleted_is_not_in_the_files(tiny_store: TinyStore, path: Path) -> None:
    with tiny_store.transaction() as tx:
        for n in range(50):
            tx.put("mails", str(n), {"words": f"secret {n} " + "x" * 3000})
    with tiny_store.transaction() as tx:
        for n in range(50):
            tx.put("mails", str(n), {"words": "gone"})
    files = [path, path.with_name(path.name + "-wal")]
    assert any(b"secret" in file.read_bytes() for file in files)
    tiny_store.scrub()
    assert not any(b"secret" in file.read_bytes() for file in files if file.exists())
    assert tiny_store.get("mails", "7") == {"words": "gone"}
    assert tiny_store.check() == []


def test_claiming_and_finding_use_indexes(tiny_store: TinyStore) -> None:
    with tiny_store.db.file.reading() as connection:
        plans = [
            connection.execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()
            for sql, values in (
                (tiny._QUEUED, ("t", 1)),
                (tiny._RUN_OUT, ("t",)),
                (tiny._UNSENT, ("unknown",)),
                ("SELECT doc FROM orders WHERE next_due >= ? AND next_due < ? ORDER BY next_due, key", ("a", "b")),
            )
        ]
    for plan in plans:
        assert "SCAN" not in str(plan)
        assert "TEMP B-TREE" not in str(plan)
