"""What every store must do, whatever engine keeps it. An engine's tests subclass `StoreContract` and give `source`.

Nothing is mocked: other threads are threads, other processes are processes, and the kill is a kill -9.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.adapters.store import Conflict, OutboxEntry, OutboxRow, Store, safe_key, shown_state
from mailbot.orders.model import utc

NOW = datetime(2026, 1, 16, 21, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
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
    def process(self, source: str) -> Work:
        """Starts a process that runs Python lines on the same store."""

        def start(lines: str) -> subprocess.Popen[str]:
            text = source + "\n" + textwrap.dedent(lines)
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

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


class Outbox(Engine):
    """Once only, one holder at a time, never silently lost."""

    def test_the_same_key_is_sent_once(self, store: Store) -> None:
        assert enqueue(store, entry("ORD-1/weekly/2026-01-16"), entry("ORD-1/weekly/2026-01-16")) == [True, False]
        (row,) = claim(store, "a")
        assert store.mark("a", row.id, "sending", NOW)
        assert store.mark("a", row.id, "sent", NOW)
        assert enqueue(store, entry("ORD-1/weekly/2026-01-16")) == [False]
        (row,) = store.outbox()
        assert (row.state, row.attempts, row.sent_at, row.owner) == ("sent", 1, utc(NOW), None)

    def test_a_row_is_found_by_id_key_and_order(self, store: Store) -> None:
        enqueue(store, entry("digest/2026-01-16", order="ORD-1,ORD-2"), entry("other", order=None))
        row = store.outbox_get("digest/2026-01-16")
        assert row is not None
        assert store.outbox_get(row.id) == row
        assert store.outbox(order="ORD-2") == [row]
        assert store.outbox("queued", "ORD-2") == [row]
        assert store.outbox("sent", "ORD-2") == []
        assert store.outbox(order="ORD") == []
        assert len(store.outbox()) == 2
        assert store.outbox_get("M-99999") is None
        assert store.outbox_get("") is None

    def test_claims_what_is_due_oldest_first(self, store: Store) -> None:
        enqueue(
            store, entry("c", NOW), entry("a", NOW - 2 * MINUTE), entry("later", NOW + MINUTE), entry("b", NOW - MINUTE)
        )
        enqueue(store, entry("held", state="held"), entry("shadow", state="shadow"))
        assert [row.key for row in claim(store, "w", n=2)] == ["a", "b"]
        assert [row.key for row in claim(store, "w", n=2)] == ["c"]
        assert claim(store, "w") == []
        assert [row.key for row in claim(store, "w", NOW + MINUTE)] == ["later"]

    def test_who_lost_the_lease_must_not_send(self, store: Store) -> None:
        enqueue(store, entry("a"))
        (row,) = claim(store, "first")
        assert claim(store, "second", NOW + 4 * MINUTE) == []
        (again,) = claim(store, "second", NOW + 5 * MINUTE)
        assert (again.id, again.owner) == (row.id, "second")
        assert not store.mark("first", row.id, "sending", NOW + 6 * MINUTE)
        assert store.mark("second", row.id, "sending", NOW + 6 * MINUTE)
        assert not store.mark("first", row.id, "sent", NOW + 7 * MINUTE)
        assert not store.mark("second", "M-99", "sending", NOW)

    def test_only_moves_that_exist(self, store: Store) -> None:
        enqueue(store, entry("a"))
        (row,) = claim(store, "w")
        assert not store.mark("w", row.id, "sent", NOW), "sent without an attempt on record"
        with pytest.raises(ValueError, match="leased"):
            store.mark("w", row.id, "leased", NOW)
        assert store.mark("w", row.id, "sending", NOW)
        assert not store.mark("w", row.id, "sending", NOW), "one attempt is one mark"

    def test_a_mail_that_is_being_sent_is_never_claimed(self, store: Store) -> None:
        enqueue(store, entry("a"))
        (row,) = claim(store, "w")
        store.mark("w", row.id, "sending", NOW)
        assert claim(store, "other", NOW + timedelta(days=365)) == []

    def test_refused_for_now_comes_again_when_due(self, store: Store) -> None:
        enqueue(store, entry("a"))
        (row,) = claim(store, "w")
        store.mark("w", row.id, "sending", NOW)
        assert store.mark("w", row.id, "queued", NOW, error="451 try later", due=NOW + 5 * MINUTE)
        assert claim(store, "w", NOW + 4 * MINUTE) == []
        (row,) = claim(store, "w", NOW + 5 * MINUTE)
        assert (row.attempts, row.error) == (1, "451 try later")
        store.mark("w", row.id, "sending", NOW + 5 * MINUTE)
        assert store.mark("w", row.id, "failed", NOW + 5 * MINUTE, error="550 no such user")
        (row,) = store.outbox("failed")
        assert (row.attempts, row.error) == (2, "550 no such user")

    def test_an_attempt_whose_end_nobody_saw_is_in_doubt(self, store: Store) -> None:
        enqueue(store, entry("a"), entry("b"))
        a, b = claim(store, "w")
        store.mark("w", a.id, "sending", NOW)
        store.mark("w", b.id, "sending", NOW)
        store.mark("w", b.id, "unknown", NOW, error="connection lost after DATA")
        assert [row.key for row in store.in_doubt(NOW + 9 * MINUTE, 10 * MINUTE)] == ["b"]
        assert [row.key for row in store.in_doubt(NOW + 10 * MINUTE, 10 * MINUTE)] == ["a", "b"]
        (sending,) = store.outbox("sending")
        assert shown_state(sending, NOW + 9 * MINUTE) == "sending"
        assert shown_state(sending, NOW + 10 * MINUTE) == "unknown"

    def test_doubt_is_resolved_by_proof_or_by_a_person(self, store: Store) -> None:
        enqueue(store, entry("a"), entry("b"), entry("c"))
        for row in claim(store, "w"):
            store.mark("w", row.id, "sending", NOW)
        a, b, c = store.outbox("sending")
        later = NOW + 11 * MINUTE
        assert not store.resolve(a.id, "queued", NOW + MINUTE), "it may still be on its way"
        assert store.resolve(a.id, "sent", later)
        assert store.resolve(b.id, "queued", later, due=later)
        assert store.resolve(c.id, "failed", later, error="dropped by sam@studio.example")
        assert not store.mark("w", b.id, "sent", later), "the worker is late: a person has decided"
        assert not store.resolve(a.id, "queued", later), "a mail that was sent stays sent"
        assert [row.key for row in claim(store, "w2", later)] == ["b"]
        assert not store.resolve("M-99", "sent", later)
        assert store.in_doubt(later, 10 * MINUTE) == []

    def test_held_mail_waits_to_be_released(self, store: Store) -> None:
        enqueue(store, entry("a", state="held"), entry("b", state="held"))
        a, b = store.outbox("held")
        assert store.resolve(a.id, "queued", NOW, due=NOW + MINUTE)
        assert store.resolve(b.id, "failed", NOW, error="dropped")
        assert [row.key for row in claim(store, "w", NOW + MINUTE)] == ["a"]
        assert store.resolve(b.id, "queued", NOW, due=NOW), "a drop can be taken back"

    def test_each_mail_has_one_holder_among_threads(self, store: Store) -> None:
        enqueue(store, *(entry(f"k{i:03d}", NOW - i * MINUTE) for i in range(120)))

        def worker(name: str) -> list[str]:
            got = []
            while rows := claim(store, name, n=7):
                got += [row.id for row in rows if store.mark(name, row.id, "sending", NOW)]
            return got

        with ThreadPoolExecutor(4) as pool:
            shares = list(pool.map(worker, ["w1", "w2", "w3", "w4"]))
        ids = [id for share in shares for id in share]
        assert len(ids) == len(set(ids)) == 120
        assert len(store.outbox("sending")) == 120


class LeasesAndRecord(Engine):
    """Who may work, and what happened."""

    def test_a_lease_has_one_owner_and_a_growing_fence(self, store: Store) -> None:
        assert store.lease("planner", "a", NOW, MINUTE) == 1
        assert store.lease("planner", "a", NOW + MINUTE / 2, MINUTE) == 1, "renewed"
        assert store.lease("planner", "b", NOW + MINUTE, MINUTE) is None
        assert store.lease("mailbox", "b", NOW, MINUTE) == 1, "another lease"
        assert store.lease("planner", "b", NOW + 2 * MINUTE, MINUTE) == 2, "it has run out"
        assert store.lease("planner", "a", NOW + 2 * MINUTE, MINUTE) is None
        assert not store.release("planner", "a")
        assert store.release("planner", "b")
        assert store.lease("planner", "a", NOW + 2 * MINUTE, MINUTE) == 3

    def test_events_are_kept_in_order_and_once(self, store: Store) -> None:
        for order in ("ORD-1", "ORD-10", "ORD-1/000000005/x"):
            log(store, order, 12)
        expected = [
            {"order": "ORD-1", "revision": n, "before": f"h{n - 1}", "hash": f"h{n}", "event": {"percent": n}}
            for n in range(1, 13)
        ]
        assert store.audit("ORD-1") == expected
        assert store.audit("ORD-1", after=10) == expected[10:]
        assert store.audit("ORD-1", after=12) == store.audit("ORD-2") == []
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.log("ORD-1", 12, {"percent": 99}, "h11", "h12")
        assert store.audit("ORD-1") == expected

    @pytest.mark.parametrize(("order", "revision"), [("ORD-1", -1), ("ORD-1", 10**9), ("x" * 600, 1), ("\0", 1)])
    def test_events_that_would_not_sort_are_refused(self, store: Store, order: str, revision: int) -> None:
        with pytest.raises(ValueError, match="not an order and a revision"), store.transaction() as tx:
            tx.log(order, revision, {}, "", "")


class Together(Engine):
    """Threads, processes and their sudden end."""

    def test_numbers_have_no_gaps_across_processes_and_threads(self, store: Store, process: Work) -> None:
        lines = """
            from concurrent.futures import ThreadPoolExecutor
            def one(_):
                with store.transaction() as tx:
                    number = tx.next_number("invoice")
                    tx.add("mails", str(number), {})
                return number
            with ThreadPoolExecutor(3) as pool:
                print(*pool.map(one, range(60)))
        """
        running = [process(lines), process(lines)]
        numbers = [int(number) for one in running for number in one.communicate(timeout=30)[0].split()]
        assert sorted(numbers) == list(range(1, 121))
        assert len(list(store.all("mails"))) == 120

    def test_nothing_is_lost_or_half_done_by_kills(self, store: Store, process: Work) -> None:
        killed = process(KILLED)
        promised = killed.communicate(timeout=60)[0].split()
        assert killed.returncode == 0
        assert int(promised[0]) >= 20, "kills that met work"
        last = int(promised[1])
        counter = store.get("counters", "work")
        assert counter is not None
        assert counter["last"] >= last, "what was promised is there"
        done = [str(n) for n in range(1, counter["last"] + 1)]
        assert sorted(doc.key for doc in store.all("mails")) == sorted(done)
        assert sorted(row.key for row in store.outbox()) == sorted(done)
        assert [str(e["revision"]) for e in store.audit("ORD-1")] == done
        order = store.get("orders", "ORD-1")
        assert order is not None
        assert str(order["revision"]) == done[-1]
        assert store.check() == []


KILLED = """
    import os, random, signal, time
    from tests.adapters.store_contract import entry
    store.close()

    def work(say):
        while True:
            with store.transaction() as tx:
                number = tx.next_number("work")
                tx.put("orders", "ORD-1", {"revision": number, "closed": "no", "words": "x" * 6000})
                tx.add("mails", str(number), {"order": "ORD-1"})
                tx.log("ORD-1", number, {"type": "PercentSet"}, "", "h")
                tx.enqueue(entry(str(number)))
            os.write(say, b"%d\\n" % number)

    met = promised = 0
    for _ in range(40):
        hear, say = os.pipe()
        if not (child := os.fork()):
            work(say)
        os.close(say)
        time.sleep(random.uniform(0.01, 0.09))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(hear) as heard:
            told = heard.read().split()
        met += bool(told)
        promised = max([promised, *map(int, told)])
    print(met, promised)
"""


class StoreContract(Documents, Outbox, LeasesAndRecord, Together):
    """All of it."""


def test_safe_keys_stay_apart() -> None:
    keys = ["a", "a\x00", "a\\x00b", "x" * 500, "x" * 501, "x" * 502, "é" * 600, "\udcff"]
    assert len({safe_key(key) for key in keys}) == len(keys)
    assert all(len(safe_key(key)) <= 500 for key in keys)
