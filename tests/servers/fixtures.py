"""The fixtures that hand out real servers; tests/conftest.py registers them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.servers.dovecot import Dovecot, program
from tests.servers.ports import not_available

if TYPE_CHECKING:
    from tests.servers.postgres import Postgres


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running Dovecot; take `dovecot.new_user()` for a mailbox of one's own."""
    executable = program()
    if executable is None:
        not_available("Dovecot is not installed")
    server = Dovecot(executable)
    yield server
    server.stop()


class Pymap:
    """The loopback servers with Dovecot's interface: `imap`, `password`, `new_user`, `deliver`."""

    def __init__(self) -> None:
        from mailbot.adapters.loopback import Loopback  # late: pymap is not to be had for every Python

        self._names = itertools.count(1)
        users = [f"orders{n}@studio.example" for n in range(1, 1_000)]
        self.loopback = Loopback(users)
        self.loopback.start()
        self.imap, self.password = self.loopback.imap_port, self.loopback.password

    def new_user(self) -> str:
        """A mailbox that no other test has used."""
        return self.loopback.users[next(self._names) - 1]

    def deliver(self, user: str, data: bytes) -> None:
        """Put a mail into the user's INBOX."""
        self.loopback.deliver(user, data)


@pytest.fixture(scope="session")
def pymap_server() -> Iterator[Pymap]:
    """pymap in this process; take `pymap_server.new_user()` for a mailbox of one's own."""
    try:
        server = Pymap()
    except ModuleNotFoundError as error:
        not_available(f"{error.name} is not installed")
    yield server
    server.loopback.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL; take `postgres.new_database()` for a database of one's own."""
    try:
        from tests.servers.postgres import Postgres, programs  # late: psycopg is an extra
    except ModuleNotFoundError as error:
        not_available(f"{error.name} is not installed")
    found = programs()
    if found is None:
        not_available("PostgreSQL is not installed")
    server = Postgres(found)
    yield server
    server.remove()
