"""The walks are walked on an IMAP server in this process and on a real Dovecot."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot.app import house
from tests.walks.world import World, world


@pytest.fixture(scope="session", autouse=True)
def rules_are_read_once() -> Iterator[None]:
    """The command line reads all rules at each call; within one run of the tests they do not change."""
    real = house.load_rules
    house.load_rules = functools.cache(real)
    yield
    house.load_rules = real


@pytest.fixture(params=["pymap_server", "dovecot"])
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A studio with one order on record."""
    with world(request.getfixturevalue(request.param), tmp_path) as made:
        made.import_order()
        made.run()
        yield made


@pytest.fixture(params=["pymap_server", "dovecot"])
def studio_now(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A studio with one order, at the time that it is: for a daemon, which goes by the clock."""
    with world(request.getfixturevalue(request.param), tmp_path) as made:
        made.at = datetime.now(UTC)
        made.import_order()
        made.run()
        yield made
