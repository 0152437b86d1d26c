"""Processes of mailbot that start warm: forked from a parent that has loaded its code, its rules and its letters.

A cold start is two seconds of work, and nothing that the tests of crashes and of the daemon are about. What is forked
is a process like any other: it has its own signals, files and connections, and what kills it kills it alone.
"""

from __future__ import annotations

import functools
import gc
import itertools
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

_PARENT = "tests.walks.nursery_parent"  # what the parent imports before its first child
_CONTEXT = multiprocessing.get_context("forkserver")
_COUNT = itertools.count(1)


class Child:
    """A process that does `work`; the part of subprocess.Popen that tests of mailbot need. Its output is in files."""

    def __init__(self, work: Callable[[], object], env: Mapping[str, str], folder: Path, errors: Path | None) -> None:
        name = folder / f"child-{next(_COUNT)}"
        self._out, self._errors = name.with_suffix(".out"), errors or name.with_suffix(".err")
        _CONTEXT.set_forkserver_preload([_PARENT])
        born = (work, dict(env), str(self._out), str(self._errors))
        self._process = _CONTEXT.Process(target=_born, args=born, daemon=True)
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """How it ended: its exit code, or minus the signal."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """None while it lives."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises TimeoutError when it does not end."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"it lives after {timeout} s: {self._errors.read_text('utf-8')[-2000:]}")
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[bytes, bytes]:
        """All that it has printed, once it has ended."""
        self.wait(timeout)
        return self._out.read_bytes(), self._errors.read_bytes()

    def send_signal(self, number: int) -> None:
        """Any signal, as `kill` in a shell sends it."""
        if self._process.pid and self._process.exitcode is None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()


def mailbot(*args: str) -> None:
    """The command line, in a child."""
    from mailbot.cli import main

    main(list(args), prog_name="mailbot")


def _born(work: Callable[[], object], env: dict[str, str], out: str, errors: str) -> None:
    os.environ.update(env)
    for path, descriptor in ((out, 1), (errors, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdout.flush()
    work()


def warm_parent() -> None:
    """Load in this process what a daemon has loaded when it begins; rules that are not the shipped ones load anew."""
    from mailbot.app import house
    from mailbot.app.warm import warm
    from mailbot.settings import load_settings

    house.load_rules = functools.cache(house.load_rules)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mailbot.toml"
        config.write_text(_SETTINGS, "utf-8")
        opened = house.open_house(load_settings(config))
        warm(opened)
        opened.close()
    gc.freeze()


_SETTINGS = """
[studio]
name = "Atelier Nord"
address = "orders@studio.example"
timezone = "America/New_York"
[imap]
host = "127.0.0.1"
port = 1
security = "none"
[smtp]
host = "127.0.0.1"
port = 1
security = "none"
"""
