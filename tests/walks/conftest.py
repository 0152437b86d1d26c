"""The walks are walked on an IMAP server in this process and on a real Dovecot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walks.world import World, world


@pytest.fixture(params=["pymap_server", "dovecot"])
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A studio with one order on record."""
    with world(request.getfixturevalue(request.param), tmp_path) as made:
        made.import_order()
        made.run()
        yield made
