"""The real servers, for every test that asks for them by name; who shares the work; and nothing is skipped in CI."""

from __future__ import annotations

import functools
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.accounts import account, dove
from tests.servers.fixtures import dovecot, postgres, pymap_server
from tests.servers.ports import fast_disk

__all__ = ["account", "dove", "dovecot", "postgres", "pymap_server"]

WORKERS = 3  # much of the time is waiting for servers and processes, so more than there are cores
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every mailbot that a test starts would compile itself anew


def pytest_configure(config: pytest.Config) -> None:
    """Temporary files lie in memory where there is enough of it: every store is synced to its disk all the time."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", fast_disk())


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The whole suite is shared among workers; a part of it, named on the command line, runs in this process."""
    whole = [Path(name).resolve() for name in config.args] == [config.rootpath / "tests"]
    return WORKERS if whole else 0


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """With CI set no module may leave itself out; workers do not tell of that at the end."""
    report = yield
    if os.environ.get("CI") and report.skipped:
        report.outcome, report.longrepr = "failed", f"{collector.nodeid} was skipped, and CI is set: {report.longrepr}"
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With CI set nothing may be skipped: what was not run has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\n{skipped} tests were skipped, and CI is set: that is a failure")


@pytest.fixture(scope="session")
def letters_are_compiled_once() -> Iterator[None]:
    """Each set of templates compiles its letters, two seconds of work; most of them are the shipped ones."""
    from mailbot.writing import letters  # late: most tests write no letter
    from tests.compiled import Environment

    real = letters.ImmutableSandboxedEnvironment
    letters.ImmutableSandboxedEnvironment = Environment  # type: ignore[misc]
    yield
    letters.ImmutableSandboxedEnvironment = real  # type: ignore[misc]


@pytest.fixture(scope="session")
def rules_are_read_once(letters_are_compiled_once: None) -> Iterator[None]:
    """The command line reads all rules at each call; the shipped ones do not change within a run of the tests."""
    from mailbot.app import check, house  # late: most tests do without the app

    real = house.load_rules
    shipped = functools.cache(real)

    def load_rules(rules: Path | None = None, templates: Path | None = None) -> Any:
        return shipped() if rules is None and templates is None else real(rules, templates)

    for module in (house, check):
        module.load_rules = load_rules
    yield
    for module in (house, check):
        module.load_rules = real
