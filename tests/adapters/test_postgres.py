"""PostgreSQL as the store: the contract, and what only a server has: locks, lost connections, rights, passwords."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from urllib.parse import quote

import psycopg
import pytest

from mailbot.adapters import postgres as engine
from mailbot.adapters import postgres_server
from mailbot.adapters.postgres import PostgresStore
from mailbot.adapters.store import SCHEMA, Doc, StoreError
from mailbot.errors import ConfigError
from tests.adapters.store_contract import StoreContract
from tests.adapters.store_documents import NOW, claim, enqueue, entry
from tests.servers.postgres import PASSWORD, Postgres


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture
def pg(url: str) -> Iterator[PostgresStore]:
    store = PostgresStore(url)
    yield store
    store.close()


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def source(self, url: str) -> str:
        return f"from mailbot.adapters.postgres import PostgresStore\nstore = PostgresStore({url!r})"

    @pytest.fixture
    def elsewhere(self, postgres: Postgres) -> str:
        url = postgres.new_database()
        return f"from mailbot.adapters.postgres import PostgresStore\nstore = PostgresStore({url!r})"


class TestLocks:
    """Transactions that meet."""

    def meet(self, one: PostgresStore, key: str) -> list[Doc | None]:
        """What a second transaction reads, asked while the first has read the key and before it writes it."""
        reading = threading.Event()
        seen: list[Doc | None] = []

        def second() -> None:
            reading.wait(10)
            with one.transaction() as tx:
                doc = tx.get("orders", key)
                seen.append(doc)
                tx.put("orders", key, {"closed": f"after {doc and doc['closed']}"})

        thread = threading.Thread(target=second)
        thread.start()
        with one.transaction() as tx:
            tx.get("orders", key)
            reading.set()
            thread.join(0.3)
            assert seen == [], "it waits"
            tx.put("orders", key, {"closed": "first"})
        thread.join(10)
        return seen

    def test_a_row_that_was_read_waits_for_its_reader(self, pg: PostgresStore) -> None:
        with pg.transaction() as tx:
            tx.put("orders", "ORD-1", {"closed": "no"})
        assert self.meet(pg, "ORD-1") == [{"closed": "first"}]
        assert pg.get("orders", "ORD-1") == {"closed": "after first"}

    def test_so_does_a_row_that_was_not_there(self, pg: PostgresStore) -> None:
        assert self.meet(pg, "ORD-1") == [{"closed": "first"}]
        assert pg.get("orders", "ORD-1") == {"closed": "after first"}

    def test_nobody_adds_what_another_has_found_absent(self, pg: PostgresStore) -> None:
        def add() -> None:
            with pg.transaction() as second:
                second.put("orders", "ORD-1", {"closed": "second"})

        with ThreadPoolExecutor(1) as pool:
            with pg.transaction() as tx:
                assert tx.get("orders", "ORD-1") is None
                adding = pool.submit(add)
                with pytest.raises(TimeoutError):
                    adding.result(timeout=0.3)
                tx.add("orders", "ORD-1", {"closed": "first"})
            adding.result(timeout=5)
        assert pg.get("orders", "ORD-1") == {"closed": "second"}

    def test_one_attempt_is_one_mark_whoever_is_faster(self, pg: PostgresStore) -> None:
        enqueue(pg, entry("a"))
        (row,) = claim(pg, "w")
        with ThreadPoolExecutor(1) as pool:
            with pg.transaction():
                assert pg.mark("w", row.id, "sending", NOW)
                marking = pool.submit(pg.mark, "w", row.id, "sending", NOW)
                with pytest.raises(TimeoutError):
                    marking.result(timeout=0.3)
            assert not marking.result(timeout=5)
        (row,) = pg.outbox("sending")
        assert row.attempts == 1

    def test_different_rows_do_not_wait(self, pg: PostgresStore) -> None:
        with pg.transaction() as tx:
            tx.put("orders", "ORD-1", {})

            def other() -> None:
                with pg.transaction() as second:
                    second.put("orders", "ORD-2", {})

            with ThreadPoolExecutor(1) as pool:
                pool.submit(other).result(timeout=5)
            assert pg.get("orders", "ORD-2") == {}

    def test_a_lease_that_is_new_is_given_once(self, pg: PostgresStore) -> None:
        barrier = threading.Barrier(8)

        def ask(n: int) -> int | None:
            barrier.wait()
            return pg.lease("planner", f"w{n}", NOW, timedelta(minutes=1))

        with ThreadPoolExecutor(8) as pool:
            fences = list(pool.map(ask, range(8)))
        assert sorted(fences, key=str) == [1, *[None] * 7]

    def test_a_deadlock_ends_one_of_the_two(self, pg: PostgresStore) -> None:
        barrier = threading.Barrier(2)

        def work(first: str, second: str) -> str:
            try:
                with pg.transaction() as tx:
                    tx.put("orders", first, {})
                    barrier.wait()
                    tx.put("orders", second, {"closed": first})
            except StoreError as error:
                return str(error)
            return "done"

        with ThreadPoolExecutor(2) as pool:
            one, two = pool.submit(work, "A", "B"), pool.submit(work, "B", "A")
            ends = sorted((one.result(), two.result()), key=lambda end: end == "done")
        assert "deadlock detected" in ends[0]
        assert ends[0].endswith("try again")
        assert ends[1] == "done"

    def test_busy_for_too_long_says_so(self, pg: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres_server, "BUSY_SECONDS", 0.05)
        other = PostgresStore(url)
        enqueue(pg, entry("a"), entry("b"))
        with pg.transaction() as tx:
            tx.put("orders", "ORD-1", {})
            row = tx.get("outbox", "a")
            assert row is not None
            with pytest.raises(StoreError, match="lock timeout"), other.transaction() as second:
                second.put("orders", "ORD-1", {})
            assert [claimed.key for claimed in claim(other, "w")] == ["b"], "who claims waits for nobody"
        with other.transaction() as second:
            assert second.get("orders", "ORD-1") == {}
        other.close()

    def test_a_silent_transaction_is_ended(self, pg: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres_server, "IDLE_SECONDS", 1)

        def silent() -> None:
            with pg.transaction() as tx:
                tx.put("orders", "ORD-1", {})
                threading.Event().wait(1.5)

        with pytest.raises(StoreError, match="idle-in-transaction"):
            silent()
        assert pg.get("orders", "ORD-1") is None

    def test_a_failed_statement_is_never_committed_in_silence(self, pg: PostgresStore) -> None:
        def half() -> None:
            with pg.transaction() as tx:
                tx.put("orders", "ORD-1", {})
                with suppress(psycopg.Error):
                    pg.database.execute(b"SELECT 1 / 0")

        with pytest.raises(StoreError, match="nothing was done"):
            half()
        assert pg.get("orders", "ORD-1") is None


class TestTheConnection:
    """What may be connected to, and what becomes of a connection."""

    @pytest.mark.parametrize(
        "url",
        ["postgresql://u:tops%zzecret@localhost/x", "postgresql://u:topsecret@localhost:port/x", "host=x topsecret"],
    )
    def test_a_password_in_a_wrong_url_does_not_show(self, url: str) -> None:
        with pytest.raises((ConfigError, StoreError)) as caught:
            PostgresStore(url)
        assert "secret" not in str(caught.value)
        assert "store.url" in str(caught.value) or "localhost" in str(caught.value)

    def test_a_refused_password_does_not_show(self, postgres: Postgres, url: str) -> None:
        with pytest.raises(StoreError, match="password authentication failed") as caught:
            PostgresStore(f"postgresql://mailbot:top-secret@127.0.0.1:{postgres.port}/{name_of(url)}")
        assert "top-secret" not in str(caught.value)
        assert f"postgresql://mailbot@127.0.0.1/{name_of(url)}" in str(caught.value)

    def test_the_password_comes_from_the_environment(
        self, postgres: Postgres, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        store = PostgresStore(f"postgresql://mailbot@localhost:{postgres.port}/{name_of(url)}")
        assert store.check() == []
        store.close()

    def test_a_server_without_tls_gets_nothing(self, postgres: Postgres, url: str) -> None:
        ours = f"postgresql://mailbot:{quote(PASSWORD, safe='')}@localhost:{postgres.port}/{name_of(url)}"
        PostgresStore(ours).close()
        with pytest.raises(StoreError, match="does not support SSL"):
            PostgresStore(f"{ours}?sslmode=verify-full&sslrootcert=system")

    def test_nobody_there(self) -> None:
        with pytest.raises(StoreError, match=r"refused.*try again"):
            PostgresStore("postgresql://mailbot@127.0.0.1:1/mailbot")

    def test_a_server_that_was_started_anew(self, pg: PostgresStore, postgres: Postgres) -> None:
        with pg.transaction() as tx:
            tx.put("orders", "ORD-1", {"closed": "no"})
            postgres_of = pg.database.current
        assert postgres_of is not None

        def cut() -> None:
            with pg.transaction() as tx:
                tx.put("orders", "ORD-1", {"closed": "yes"})
                postgres.stop()
                tx.put("orders", "ORD-2", {})

        try:
            with pytest.raises(StoreError, match="try again"):
                cut()
            with pytest.raises(StoreError, match="try again"):
                pg.get("orders", "ORD-1")
        finally:
            postgres.start()
        assert pg.get("orders", "ORD-1") == {"closed": "no"}
        assert pg.get("orders", "ORD-2") is None
        postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mailbot'")
        with pg.transaction() as tx:
            assert tx.get("orders", "ORD-1") == {"closed": "no"}, "a connection that died meanwhile is made anew"

    def test_many_threads_leave_few_connections(self, pg: PostgresStore, postgres: Postgres) -> None:
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda n: pg.lease(f"l{n}", "a", NOW, timedelta(minutes=1)), range(200)))
        assert len(pg.database._kept) <= postgres_server.KEPT


class TestTheTables:
    def test_opened_by_many_at_once(self, url: str) -> None:
        with ThreadPoolExecutor(8) as pool:
            stores = list(pool.map(lambda _: PostgresStore(url), range(8)))
        assert enqueue(stores[0], entry("a")) == [True]
        assert enqueue(stores[7], entry("a")) == [False]
        for store in stores:
            store.close()

    def test_live_in_a_schema_of_their_own(self, postgres: Postgres, url: str) -> None:
        postgres.execute("CREATE TABLE public.orders (theirs integer)", name_of(url))
        store = PostgresStore(url)
        with store.transaction() as tx:
            tx.put("orders", "ORD-1", {})
        assert postgres.execute("SELECT * FROM public.orders", name_of(url)) == []
        store.close()

    def test_newer_ones_are_left_alone(self, pg: PostgresStore, url: str) -> None:
        pg.database.execute(b"UPDATE mailbot.version SET number = 99")
        with pytest.raises(ConfigError, match=r"newer mailbot .*-> update mailbot"):
            PostgresStore(url)

    def test_a_new_index_is_made_on_opening(self, pg: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with pg.transaction() as tx:
            tx.put("orders", "ORD-1", {"ref": "ORD-1"})
        monkeypatch.setitem(SCHEMA, "orders", ("closed", "next_due", "ref"))
        again = PostgresStore(url)
        assert again.find("orders", "ref", "ORD-1") == [{"ref": "ORD-1"}]
        again.close()

    def test_a_database_that_is_not_utf8(self, postgres: Postgres) -> None:
        postgres.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        with pytest.raises(ConfigError, match=r"LATIN1, which cannot hold every mail -> make one"):
            PostgresStore(postgres.url("latin"))

    def test_a_user_who_may_not(self, postgres: Postgres, url: str) -> None:
        postgres.execute("CREATE USER guest")
        with pytest.raises(ConfigError, match=r"permission denied.* -> let this user make"):
            PostgresStore(url.replace("mailbot@", "guest@"))

    def test_check_names_what_is_wrong(self, pg: PostgresStore, postgres: Postgres, url: str) -> None:
        assert pg.check() == []
        pg.database.execute(b'DROP INDEX mailbot."orders.closed"')
        pg.database.execute(b"DROP TABLE mailbot.held")
        postgres.execute(f"ALTER DATABASE {name_of(url)} SET synchronous_commit = off")
        again = PostgresStore.__new__(PostgresStore)  # opening would mend it
        again.database = postgres_server.Database(url)
        wrong = again.check()
        assert wrong[:2] == ["held is missing", "orders.closed is missing"]
        assert "held.state is missing" in wrong
        assert "synchronous_commit is off: a power cut may lose what was committed" in wrong
        assert any(line.startswith("held cannot be read") for line in wrong)
        again.close()

    def test_texts_compare_by_code_point(self, pg: PostgresStore) -> None:
        rows = pg.database.execute(
            b"SELECT DISTINCT collation_name FROM information_schema.columns"
            b" WHERE table_schema = 'mailbot' AND data_type = 'text'"
        )
        assert rows.fetchall() == [("C",)]
        with pg.transaction() as tx:
            for key in ("b", "B", "é", "a"):
                tx.put("orders", key, {"closed": key})
        assert [doc.key for doc in pg.find("orders", "closed", "", "~~")] == ["B", "a", "b"]
        assert [doc.key for doc in pg.all("orders")] == ["B", "a", "b", "é"]

    def test_long_values_are_found(self, pg: PostgresStore) -> None:
        refs = ",".join(f"ORD-{n}-\U0001f457" for n in range(3000))
        enqueue(pg, entry("digest", order=refs))
        assert [doc.key for doc in pg.find("outbox", "order", refs)] == ["digest"]
        assert [row.key for row in pg.outbox(order="ORD-2999-\U0001f457")] == ["digest"]
        assert pg.find("outbox", "order", refs + "x") == []

    def test_all_reads_by_pages(self, pg: PostgresStore) -> None:
        with pg.transaction() as tx:
            for n in range(1201):
                tx.put("mails", f"{n:04d}", {})
        assert [doc.key for doc in pg.all("mails")] == [f"{n:04d}" for n in range(1201)]

    def test_claiming_and_finding_use_indexes(self, pg: PostgresStore) -> None:
        find = engine._statement("range", "orders", "next_due")
        unsent = f"{engine._UNSENT} ORDER BY due, key".encode()
        of_order = f"{engine._ROWS} ORDER BY due, key".encode()
        for sql, values, index in (
            (engine._CLAIM, {"now": "t", "n": 1, "change": "{}"}, "outbox.unsent"),
            (find, {"lo": "a", "hi": "b"}, "orders.next_due"),
            (unsent, {"state": "unknown", "order": None}, "outbox.unsent"),
            (of_order, {"state": None, "order": "ORD-1"}, "outbox.orders"),
        ):
            with pg.transaction():
                pg.database.execute(b"SET LOCAL enable_seqscan = off")
                plan = str(pg.database.execute(b"EXPLAIN " + sql, values).fetchall())
            assert index in plan, plan
