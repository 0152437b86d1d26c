"""Free loopback ports, waiting until a server listens on one, and a fast disk for what it keeps."""

from __future__ import annotations

import os
import shutil
import socket
import time
from pathlib import Path
from typing import NoReturn

import pytest


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def await_port(port: int, seconds: float = 10.0) -> None:
    """Return when something listens on the port. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port} after {seconds} s")


def not_available(what: str) -> NoReturn:
    """A server that the tests need is not on this machine: skip here, fail where everything must run (CI)."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}: in CI nothing may be left out (python tests/servers/install.py)")
    pytest.skip(f"{what} (python tests/servers/install.py)")


def fast_disk() -> str:
    """Memory where there is enough of it: servers and stores sync to disk as they should, and there are many."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK | os.X_OK)
    return str(memory) if usable and shutil.disk_usage(memory).free > 2 << 30 else "/tmp"
