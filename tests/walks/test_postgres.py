"""The main walk with its record in PostgreSQL, and daemons of several machines on one store."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.adapters.store import StoreError
from mailbot.app import alone as lock
from mailbot.app.alone import alone
from mailbot.app.house import House, open_house
from mailbot.errors import ConfigError
from mailbot.settings import StoreSettings, load_settings
from tests.servers.fixtures import Pymap
from tests.servers.postgres import PASSWORD, Postgres
from tests.walks.test_daemon import daemon
from tests.walks.test_main_walk import ask_design, milestone
from tests.walks.world import REF, World, kinds, the, world


@pytest.fixture
def shared(pymap_server: Pymap, postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    """A studio whose store is PostgreSQL, with one order on record."""
    with world(pymap_server, tmp_path, store=postgres.new_database()) as made:
        made.import_order()
        made.run()
        yield made


def opened(shared: World) -> House:
    return open_house(load_settings(shared.config))


def said(shared: World, *words: str) -> str:
    """All that a command in a process of its own prints, errors too."""
    out, errors = shared.process(*words).communicate(timeout=120)
    return (out + errors).decode()


def test_asked_answered_booked_and_confirmed(shared: World) -> None:
    asked = the("approval-request", ask_design(shared))
    shared.later(hours=1)
    shared.answer(asked, "Approved!")
    assert kinds(shared.run()) == ["booked", "receipt"]
    assert milestone(shared, "design")["status"] == "approved"
    assert shared.run() == []
    assert not list(shared.folder.glob("data/*.db")), "nothing is kept beside it"
    house = opened(shared)
    revisions = [entry["revision"] for entry in house.store.audit(REF)]
    assert revisions == list(range(1, len(revisions) + 1))
    assert house.store.check() == []
    house.close()


def test_what_is_not_plain_is_held_and_settled(shared: World) -> None:
    shared.answer(the("approval-request", ask_design(shared)), "Approved once the hem is fixed.")
    assert kinds(shared.run()) == ["held"]
    (entry,) = shared.json("held")
    shared.cli("held", "approve", entry["id"])
    assert kinds(shared.run()) == ["booked", "receipt"]
    assert milestone(shared, "design")["status"] == "approved"


def test_check_and_a_url_with_a_password(shared: World, postgres: Postgres) -> None:
    assert "OK   store: postgresql:///test" in said(shared, "check")
    wrong = shared.config.read_text("utf-8").replace("mailbot@/", f"mailbot:{PASSWORD[:9]}@127.0.0.1/")
    shared.config.write_text(wrong.replace(f"host={postgres.root}&", ""), "utf-8")
    for command in ("check", "status"):
        told = said(shared, command)
        assert "password authentication failed" in told
        assert PASSWORD[:9] not in told


def test_without_the_extra_it_says_what_to_install(shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "mailbot.adapters.postgres":
            raise ModuleNotFoundError("No module named 'psycopg'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"No module named 'psycopg' -> pip install 'mailbot\[postgres\]'"):
        opened(shared)


@pytest.mark.parametrize("url", ["mysql://u:topsecret@h/d", "postgresql://u:topsecret@db.example/d"])
def test_a_store_that_cannot_be(shared: World, url: str) -> None:
    lines = shared.config.read_text("utf-8").splitlines()
    shared.config.write_text("\n".join(f'url = "{url}"' if x.startswith("url =") else x for x in lines), "utf-8")
    with pytest.raises(ConfigError, match=r"\[store\.url\]: .* -> ") as caught:
        opened(shared)
    assert "secret" not in str(caught.value)


def test_one_runs_the_other_stands_by(shared: World) -> None:
    first, second = opened(shared), opened(shared)
    with alone(first):
        with pytest.raises(StoreError, match=r"another mailbot is running .* stands by"), alone(second):
            pass
        assert "error: another mailbot is running" in said(shared, "run", "--once")
    with alone(second):
        pass
    first.close()
    second.close()


def test_a_daemon_gives_the_lease_back_when_it_is_stopped(shared: World) -> None:
    with daemon(shared) as running:
        running.until("daemon.start")
        assert "another mailbot is running" in said(shared, "run", "--once")
        code, _ = running.stop()
    assert code == 0
    shared.run()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@h:5/d", "postgresql://u:se?cret@h:5/d", "postgresql://u:se/cret@h:5/d",
        "postgresql://h:5/d?user=u&password=secret", "postgresql://h:5/d?host=@x&password=secret",
    ],
)  # fmt: skip
def test_what_is_shown_of_a_url_holds_no_secret(url: str) -> None:
    shown = StoreSettings(url=url).shown
    assert "secret" not in shown
    assert "cret" not in shown
    assert shown.startswith("postgresql://")


def test_a_lease_is_kept_while_its_holder_lives(shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LEASE", timedelta(seconds=0.6))
    first, second = opened(shared), opened(shared)
    with alone(first):
        threading.Event().wait(1.5)
        with pytest.raises(StoreError, match="another mailbot is running"), alone(second):
            pass
    first.close()
    second.close()


def test_who_loses_the_lease_stops(shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LEASE", timedelta(seconds=0.6))
    house, stop = opened(shared), threading.Event()

    def robbed() -> None:
        with alone(house, stop.set):
            (lease,) = house.store.all("leases")
            with house.store.transaction() as tx:
                tx.put("leases", lease.key, {"owner": "another", "until": "9", "fence": 2})
            assert stop.wait(5)

    with pytest.raises(StoreError, match="taken the mailbox over"):
        robbed()
    house.close()
