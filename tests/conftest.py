"""The real servers, for every test that asks for them by name; and nothing is skipped in CI."""

from __future__ import annotations

import os

import pytest

from tests.servers.accounts import account, dove
from tests.servers.fixtures import dovecot, postgres, pymap_server

__all__ = ["account", "dove", "dovecot", "postgres", "pymap_server"]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With CI set nothing may be skipped: what was not run has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\n{skipped} tests were skipped, and CI is set: that is a failure")
