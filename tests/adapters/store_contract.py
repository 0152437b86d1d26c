"""What every store must do, whatever engine keeps it. An engine's tests subclass `StoreContract` and give `source`.

Nothing is mocked: other threads are threads, other processes are processes, and the kill is a kill -9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from mailbot.adapters.store import Conflict, Store, StoredRow, shown_state
from mailbot.orders.model import utc
from tests.adapters.store_documents import MINUTE, NOW, Documents, Engine, Work, claim, enqueue, entry, log


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

    def test_marks_in_one_transaction_are_all_made_or_none(self, store: Store) -> None:
        enqueue(store, entry("a"), entry("b"))
        a, b = claim(store, "w")
        with pytest.raises(ValueError, match="leased"), store.transaction():
            store.mark("w", a.id, "leased" if store.mark("w", a.id, "sending", NOW) else "sent", NOW)
        assert {row.state for row in store.outbox()} == {"leased"}
        with store.transaction():
            assert [store.mark("w", row.id, "sending", NOW) for row in (a, b)] == [True, True]
        assert {row.state for row in store.outbox()} == {"sending"}

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


class Copies(Engine):
    """All rows as of one moment, and put into another store."""

    def test_a_snapshot_is_of_one_moment_while_work_goes_on(self, store: Store, process: Work) -> None:
        working = process("""
            for _ in range(300):
                with store.transaction() as tx:
                    number = tx.next_number("work")
                    tx.add("mails", str(number), {"words": "x" * 2000})
                    tx.enqueue(entry(str(number)))
        """)
        seen = []
        while working.poll() is None or not seen:
            with store.snapshot() as rows:
                kept = list(rows)
            counted = [row.doc["last"] for row in kept if row.table == "counters"]
            mails, sent = ([row for row in kept if row.table == table] for table in ("mails", "outbox"))
            assert [len(mails), len(sent)] == (counted * 2 or [0, 0])
            seen.append(len(mails))
        assert working.returncode == 0
        assert len(set(seen)) > 1, "it was looked at while work went on"

    def test_what_is_written_later_is_not_in_it(self, store: Store, reopen: Callable[[], Store]) -> None:
        other = reopen()
        enqueue(store, entry("before"))
        with store.snapshot() as rows:
            enqueue(other, entry("after"))
            assert [row.key for row in rows] == ["before"]
        enqueue(store, entry("later"))
        assert len(store.outbox()) == 3

    def test_a_snapshot_left_early_leaves_nothing_behind(self, store: Store) -> None:
        enqueue(store, entry("a"), entry("b"))

        def left() -> None:
            with store.snapshot() as rows:
                assert next(rows)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            left()
        enqueue(store, entry("c"))
        assert len(store.outbox()) == 3

    def test_put_into_an_empty_store_all_is_as_it_was(self, store: Store, empty: Store) -> None:
        odd = {"closed": "no", "name": "Ålesund \ud83d \x00 \x1a", "nested": {"amounts": ["12.00", 7, None, True]}}
        with store.transaction() as tx:
            tx.put("orders", "ORD-1", odd)
            tx.put("meta", "secret", {"hex": "ab"})
            tx.put("mails", "x" * 9999, {"order": "ORD-1"})
            tx.enqueue(entry("gone"))
            tx.next_number("invoice")
        log(store, "ORD-1", 3)
        enqueue(store, entry("a"), entry("b"))
        with store.transaction() as tx:
            tx.delete("outbox", "gone")
        with empty.transaction() as tx:
            tx.put("meta", "secret", {"hex": "cd"})  # what any store has from its first opening on
        empty.lease("run", "a", NOW, MINUTE)
        with store.snapshot() as rows:
            empty.load(rows)
        assert empty.outbox() == store.outbox()
        assert empty.audit("ORD-1") == store.audit("ORD-1")
        for table, key in (("orders", "ORD-1"), ("meta", "secret"), ("mails", "x" * 9999), ("counters", "invoice")):
            assert empty.get(table, key) == store.get(table, key) != None, table  # noqa: E711
        assert enqueue(empty, entry("b"), entry("c")) == [False, True]
        ids = [row.id for row in sorted(empty.outbox(), key=lambda row: row.number)]
        assert len(set(ids)) == 3
        assert [empty.outbox_get(id).key for id in ids] == ["a", "b", "c"], "and numbers go on"  # type: ignore[union-attr]
        assert empty.check() == []

    @pytest.mark.parametrize("table", ["orders", "outbox", "meta", "counters", "people"])
    def test_a_store_that_is_not_empty_is_left_as_it_is(self, store: Store, empty: Store, table: str) -> None:
        with empty.transaction() as tx:
            tx.put("meta", "secret", {"hex": "ab"})
            tx.put(table, "mine", {})
        enqueue(store, entry("a"))
        with pytest.raises(Conflict, match=table), store.snapshot() as rows:
            empty.load(rows)
        assert [doc.key for doc in empty.all(table) if doc.key != "secret"] == ["mine"]
        assert empty.get("meta", "secret") == {"hex": "ab"}
        assert empty.get("outbox", "a") is None

    def test_rows_that_are_loaded_are_all_there_or_none(self, store: Store, empty: Store) -> None:
        def torn() -> Iterator[StoredRow]:
            yield StoredRow("orders", "ORD-1", None, {"closed": "no"})
            yield StoredRow("outbox", "a", 7, {"state": "sent", "due": "", "order": None})
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            empty.load(torn())
        assert list(empty.all("orders")) == list(empty.all("outbox")) == []
        with store.snapshot() as rows:
            empty.load(rows)


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
        numbers = [int(number) for one in running for number in one.communicate(timeout=120)[0].split()]
        assert sorted(numbers) == list(range(1, 121))
        assert len(list(store.all("mails"))) == 120

    def test_nothing_is_lost_or_half_done_by_kills(self, store: Store, process: Work) -> None:
        killed = process(KILLED)
        promised = killed.communicate(timeout=300)[0].split()
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
    from tests.adapters.store_documents import entry
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

    kills = met = promised = 0
    while kills < 40 or (met < 20 and kills < 1000):  # on a busy machine many die before they have done anything
        kills += 1
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


class StoreContract(Documents, Outbox, LeasesAndRecord, Copies, Together):
    """All of it."""
