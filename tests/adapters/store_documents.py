"""What every store must do with documents, and what the contract's tests are made of: `Engine`, `entry`, `claim`."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.adapters.store import Conflict, OutboxEntry, OutboxRow, Store, safe_key
from mailbot.orders.model import utc

NOW = datetime(2026, 1, 16, 21, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHARED = (HealthCheck.function_scoped_fixture, HealthCheck.differing_executors)  # a store for all examples of an engine
Work = Callable[..., Any]


def entry(key: str, due: datetime = NOW, **changes: Any) -> OutboxEntry:
    """A mail to send."""
    fields: dict[str, Any] = {
        "key": key, "kind": "weekly-update", "order": "ORD-1", "to": ("ann@client.example",), "due": utc(due),
        "mail": "ab" * 32, "message_id": f"{key}@studio.example", "sender": "orders@studio.example",
        "recipients": ("ann@client.example",),
    }  # fmt: skip
    return OutboxEntry(**fields | changes)


def enqueue(store: Store, *entries: OutboxEntry) -> list[bool]:
    """Puts mails into the outbox, in one transaction."""
    with store.transaction() as tx:
        return [tx.enqueue(one) for one in entries]


def claim(store: Store, owner: str, now: datetime = NOW, n: int = 10) -> list[OutboxRow]:
    """Claims for five minutes."""
    return store.claim(owner, now, 5 * MINUTE, n)


def log(store: Store, order: str, count: int) -> None:
    """Records so many events, each in its transaction."""
    for revision in range(1, count + 1):
        with store.transaction() as tx:
            tx.log(order, revision, {"percent": revision}, f"h{revision - 1}", f"h{revision}")


class Engine:
    """What an engine's tests give."""

    @pytest.fixture
    def source(self) -> str:
        """Python lines that open a store, the same one each time they run in a test, under the name `store`."""
        raise AssertionError("an engine's tests say how its store is opened")

    @pytest.fixture
    def reopen(self, source: str) -> Iterator[Callable[[], Store]]:
        """Opens the store once more, as another process would."""
        opened: list[Store] = []

        def again() -> Store:
            names: dict[str, Any] = {}
            exec(source, names)
            opened.append(names["store"])
            return opened[-1]

        yield again
        for store in opened:
            store.close()

    @pytest.fixture
    def store(self, reopen: Callable[[], Store]) -> Store:
        """A new, empty store."""
        return reopen()

    @pytest.fixture
    def empty(self, elsewhere: str) -> Iterator[Store]:
        """Another store of the same engine, new and empty."""
        names: dict[str, Any] = {}
        exec(elsewhere, names)
        store: Store = names["store"]
        yield store
        store.close()

    @pytest.fixture
    def elsewhere(self) -> str:
        """As `source`, for another store."""
        raise AssertionError("an engine's tests say how another store is opened")

    @pytest.fixture
    def process(self, source: str) -> Work:
        """Starts a process that runs Python lines on the same store."""

        def start(lines: str) -> subprocess.Popen[str]:
            text = source + "\nfrom tests.adapters.store_documents import entry\n" + textwrap.dedent(lines)
            return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)

        return start


class Documents(Engine):
    """Transactions, keys, indexes."""

    def test_what_is_put_is_there_and_survives_opening_again(self, store: Store, reopen: Callable[[], Store]) -> None:
        doc = {"closed": "no", "name": "Ålesund \ud83d \x00", "nested": {"amounts": ["12.00"], "none": None}}
        with store.transaction() as tx:
            tx.put("orders", "ORD-1", doc)
        assert store.get("orders", "ORD-1") == doc
        found = reopen().get("orders", "ORD-1")
        assert found == doc
        assert found is not None
        assert found.key == "ORD-1"
        assert store.get("orders", "ORD-2") is None

    def test_an_exception_leaves_nothing(self, store: Store) -> None:
        enqueue(store, entry("before"))
        with store.transaction() as tx:
            tx.put("orders", "ORD-1", {"percent": 1})

        def half() -> None:
            with store.transaction() as tx:
                tx.put("orders", "ORD-1", {"percent": 2})
                tx.add("mails", "m1", {"order": "ORD-1"})
                tx.log("ORD-1", 1, {}, "", "h")
                tx.enqueue(entry("after"))
                tx.delete("orders", "ORD-1")
                assert tx.next_number("held") == 1
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            half()
        assert store.get("orders", "ORD-1") == {"percent": 1}
        assert store.get("mails", "m1") is None
        assert store.audit("ORD-1") == []
        assert [row.key for row in store.outbox()] == ["before"]
        with store.transaction() as tx:
            assert tx.next_number("held") == 1, "a number given back is given again"

    def test_reads_outside_see_only_what_is_committed(self, store: Store, reopen: Callable[[], Store]) -> None:
        other = reopen()
        with store.transaction() as tx:
            tx.put("orders", "ORD-1", {})
            assert tx.get("orders", "ORD-1") == {}
            assert other.get("orders", "ORD-1") is None, "and the read does not wait for the writer"
        assert other.get("orders", "ORD-1") == {}

    def test_transactions_do_not_nest(self, store: Store) -> None:
        with store.transaction() as tx, pytest.raises(RuntimeError, match="inside another"), store.transaction():
            pass
        with store.transaction() as tx:
            tx.put("orders", "ORD-1", {})
        assert store.get("orders", "ORD-1") == {}

    def test_add_meets_its_key(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.add("mails", "m1", {"state": "first"})
        with store.transaction() as tx:
            with pytest.raises(Conflict):
                tx.add("mails", "m1", {"state": "second"})
            tx.put("orders", "ORD-1", {})  # the transaction goes on
        assert store.get("mails", "m1") == {"state": "first"}
        assert store.get("orders", "ORD-1") == {}

    def test_delete(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.put("people", "ann@client.example ORD-1", {"email": "ann@client.example", "order": "ORD-1"})
        with store.transaction() as tx:
            assert tx.delete("people", "ann@client.example ORD-1")
            assert not tx.delete("people", "ann@client.example ORD-1")
        assert store.find("people", "email", "ann@client.example") == []

    def test_find_by_value_and_by_range(self, store: Store) -> None:
        due = {"A": "2026-01-03", "B": "2026-01-01", "C": "2026-01-02", "D": None, "F": "2026-01-02"}
        with store.transaction() as tx:
            for key in sorted(due, reverse=True):
                tx.put("orders", key, {"next_due": due[key], "closed": "no"})
            tx.put("orders", "E", {"closed": "yes"})
            assert [doc.key for doc in tx.find("orders", "next_due", "2026-01-01", "2026-01-03")] == ["B", "C", "F"]
        assert [doc.key for doc in store.find("orders", "next_due", "2026-01-02")] == ["C", "F"]
        assert [doc.key for doc in store.find("orders", "next_due", "", "~")] == ["B", "C", "F", "A"]
        assert [doc.key for doc in store.find("orders", "closed", "yes")] == ["E"]
        assert [doc.key for doc in store.all("orders")] == ["A", "B", "C", "D", "E", "F"]

    def test_an_index_follows_its_document(self, store: Store) -> None:
        for value in ("2026-01-01", "2026-01-02", None):
            with store.transaction() as tx:
                tx.put("orders", "A", {"next_due": value})
        assert store.find("orders", "next_due", "", "~") == []

    def test_only_declared_tables_and_indexes(self, store: Store) -> None:
        with pytest.raises(ValueError, match=r"orders\.ref is not indexed"):
            store.find("orders", "ref", "ORD-1")
        with pytest.raises(KeyError):
            store.get("no such table", "x")
        with pytest.raises(TypeError, match=r"orders\.closed .* not bool"), store.transaction() as tx:
            tx.put("orders", "ORD-1", {"closed": False})

    @pytest.mark.parametrize("key", ["", "a'; DROP TABLE mails; --", "nul\x00l", "\udcff lone", "é" * 2000, "x" * 9999])
    def test_other_peoples_ids_are_keys(self, store: Store, key: str) -> None:
        with store.transaction() as tx:
            tx.add("mails", key, {"state": "done"})
        assert store.get("mails", key) == {"state": "done"}
        assert store.get("mails", key + "y") is None
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.add("mails", key, {})

    def test_safe_keys_stay_apart(self) -> None:
        keys = ["a", "a\x00", "a\\x00b", "x" * 500, "x" * 501, "x" * 502, "é" * 600, "\udcff"]
        assert len({safe_key(key) for key in keys}) == len(keys)
        assert all(len(safe_key(key)) <= 500 for key in keys)

    @settings(max_examples=40, deadline=None, suppress_health_check=SHARED)
    @given(data=st.data())
    def test_is_a_dict_with_transactions(self, store: Store, data: st.DataObject) -> None:
        keys, values = st.sampled_from("abcd"), st.none() | st.sampled_from(["", "1", "2", "é"])
        steps = st.lists(st.tuples(st.sampled_from(["put", "add", "delete"]), keys, values), max_size=6)
        with store.transaction() as tx:
            for key in "abcd":
                tx.delete("orders", key)
        model: dict[str, dict[str, Any]] = {}
        for batch, fails in data.draw(st.lists(st.tuples(steps, st.booleans()), max_size=5)):
            after = dict(model)
            try:
                with store.transaction() as tx:
                    apply(tx, after, batch)
                    if fails:
                        raise ZeroDivisionError
                model = after
            except (Conflict, ZeroDivisionError):
                pass
            assert {doc.key: doc for doc in store.all("orders")} == model
            for value in ("", "1", "2", "é"):
                expected = sorted(key for key, doc in model.items() if doc["closed"] == value)
                assert [doc.key for doc in store.find("orders", "closed", value)] == expected


def apply(tx: Any, model: dict[str, dict[str, Any]], batch: list[tuple[str, str, str | None]]) -> None:
    """The same steps to a transaction and to a dict; Conflict where the key is taken."""
    for what, key, value in batch:
        if what == "delete":
            assert tx.delete("orders", key) == (model.pop(key, None) is not None)
            continue
        getattr(tx, what)("orders", key, {"closed": value})
        assert what == "put" or key not in model
        model[key] = {"closed": value}
