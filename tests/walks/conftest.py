"""The walks are walked on an IMAP server in this process and on a real Dovecot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.walks.world import World, world


@pytest.fixture(scope="session", autouse=True)
def _quick(rules_are_read_once: None) -> None:
    """Each walk calls the command line many times."""


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
