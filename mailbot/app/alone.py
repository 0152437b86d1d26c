"""One process at a time runs the loops: a file lock beside the embedded store, a lease in a store that machines share.

It spares work, and the mailbox two visitors. What is true does not hang on it: a mail is recorded once by its key, an
order changes only from what was read, and a mail is sent by who holds its row.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailbot.adapters.store import Store, StoreError
from mailbot.app.house import House
from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import utc
from mailbot.settings import Settings

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # so long after a sudden death another may begin


@contextmanager
def alone(house: House, lost: Callable[[], None] = lambda: None) -> Iterator[None]:
    """While inside, no other process runs the loops on this store and mailbox.

    Embedded: raises ConfigError when one does. Shared: raises StoreError when one does, so that a supervisor tries
    again and this machine stands by; when the lease is lost a thread calls `lost`, and leaving raises StoreError.
    """
    path = house.settings.store_path
    with _locked(path.with_suffix(".lock")) if path else _leased(house, lost):
        yield


@contextmanager
def unattended(settings: Settings, store: Store) -> Iterator[None]:
    """For what no daemon may see half done. Raises ConfigError when one runs; on an embedded store none can begin."""
    if path := settings.store_path:
        with _locked(path.with_suffix(".lock")):
            yield
        return
    now = utc(datetime.now(UTC))
    if running := [lease.key for lease in store.all("leases") if lease["owner"] and lease["until"] > now]:
        mend = f"stop it first; if it has died, wait {LEASE.seconds} s"
        raise ConfigError([Problem(f"a mailbot works on this store: {running[0]}", settings.store.shown, mend=mend)])
    yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """A lock of the operating system: it is gone with the process that held it, however that died."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            what = "another mailbot is running on this store"
            raise ConfigError([Problem(what, str(path), mend="stop it first")]) from None
        yield
    finally:
        os.close(handle)


@contextmanager
def _leased(house: House, lost: Callable[[], None]) -> Iterator[None]:
    lease = Lease(house)
    if not lease.renew():
        ends = f"it stands by; if that one has died, its lease ends within {LEASE.seconds} s"
        raise StoreError(f"another mailbot is running on this mailbox and store: {ends}")
    thread = threading.Thread(target=lease.keep, args=(lost,), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        lease.ended.set()
        thread.join()
        with suppress(StoreError):  # then it runs out by itself
            lease.give_back()
    if lease.is_lost:
        raise StoreError("another mailbot has taken the mailbox over, or the store was gone for too long")


class Lease:
    """The right to run the loops of one mailbox, renewed three times in its life. By the clock of this machine."""

    def __init__(self, house: House) -> None:
        box = house.settings.imap
        self.store, self.name = house.store, f"run {box.user or house.settings.studio.address} {box.host} {box.folder}"
        self.owner = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
        self.ended, self.is_lost = threading.Event(), False

    def renew(self) -> bool:
        """Take or renew it; False when another holds it. Raises StoreError."""
        return self.store.lease(self.name, self.owner, datetime.now(UTC), LEASE) is not None

    def give_back(self) -> None:
        """So that the next need not wait. Raises StoreError."""
        self.store.release(self.name, self.owner)

    def keep(self, lost: Callable[[], None]) -> None:
        """Renew it until `ended`; when that fails for as long as it lasts, or another has it, call `lost`."""
        renewed = time.monotonic()
        while not self.ended.wait(LEASE.total_seconds() / 3):
            try:
                is_ours = self.renew()
                renewed = time.monotonic() if is_ours else renewed
            except StoreError as error:
                is_ours = time.monotonic() - renewed < LEASE.total_seconds()
                log.warning("%s", error, extra={"event": "lease.trouble", "reason": str(error)})
            if not is_ours:
                log.error("lost", extra={"event": "lease.lost", "reason": self.name})
                self.is_lost = True
                lost()
                return
