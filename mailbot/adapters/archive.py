"""Every mail in and out as it was, under the SHA-256 of its bytes: written once, never changed, checked when read.

`ab/ab12….gz` under the archive's folder, gzip, so that it can be read without mailbot. A file appears under its name
only when all of it is on disk.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import tempfile
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from mailbot.adapters.disk import sync, whole_file
from mailbot.adapters.store import StoreError
from mailbot.errors import ConfigError, Problem

_KEY = re.compile(r"[0-9a-f]{64}")
_LEFT_OVER_SECONDS = 86_400.0  # an unfinished file this old belongs to a process that died


class ArchiveError(Exception):
    """A mail that should be in the archive is missing, or is no longer what was put there."""


class Archive:
    """A folder of mails. Any number of threads and processes may use it at once."""

    def __init__(self, path: Path) -> None:
        """Makes the folder (0700) if need be. Raises ConfigError when it cannot be written."""
        self.path = path
        self._unfinished = path / ".unfinished"
        self._hands = ThreadPoolExecutor(max_workers=4, thread_name_prefix="archive")
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._unfinished.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._unfinished):
                pass  # there is no surer way to know that it can be written
            self._sweep()
        except OSError as error:
            mend = "name another folder in [archive] path, or make it writable for this user"
            what = f"cannot be used as the archive: {error}"
            raise ConfigError([Problem(what, str(path), "archive.path", mend=mend)]) from None

    def put(self, data: bytes) -> str:
        """Keeps the bytes; their key. On disk on return. Raises StoreError when that cannot be done now."""
        key = hashlib.sha256(data).hexdigest()
        place = self._place(key)
        try:
            if place.exists():
                sync(place.parent)  # who wrote it may not have come so far
            else:
                self._write(place, data)
        except OSError as error:
            raise StoreError(f"a mail cannot be put into the archive: {error}") from error
        return key

    def put_meanwhile(self, data: bytes) -> Future[str]:
        """As `put`, while the caller does something else: on disk once `result()` returns the key or raises."""
        return self._hands.submit(self.put, data)

    def get(self, key: str) -> bytes:
        """The bytes that were put. Raises ArchiveError when they are not there or not what they were."""
        try:
            data = gzip.decompress(self._place(key).read_bytes())
        except FileNotFoundError:
            raise ArchiveError(f"{key} is not in the archive {self.path}") from None
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveError(f"{self._place(key)} cannot be read: {error}") from None
        if hashlib.sha256(data).hexdigest() != key:
            raise ArchiveError(f"{self._place(key)} was altered: it is not what was put there")
        return data

    def packed(self, key: str) -> bytes:
        """The bytes as they lie on disk, gzip. Raises ArchiveError as `get` does."""
        self.get(key)
        return self._place(key).read_bytes()

    def each_key(self) -> Iterator[str]:
        """The keys of all that is there, sorted by folder; what is put meanwhile may be among them."""
        for folder in sorted(self.path.glob("??")):
            yield from sorted(file.stem for file in folder.glob("*.gz") if _KEY.fullmatch(file.stem))

    def remove(self, key: str) -> bool:
        """Takes the bytes away for good; False when there were none. Raises StoreError when that cannot be done now."""
        place = self._place(key)
        try:
            place.unlink()
            sync(place.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"a mail cannot be removed from the archive: {error}") from error
        return True

    def has(self, key: str) -> bool:
        """Whether the archive has something under the key."""
        return _KEY.fullmatch(key) is not None and self._place(key).exists()

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.has(key)

    def _place(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ArchiveError(f"{key!r} is not a key of the archive")
        return self.path / key[:2] / f"{key}.gz"

    def _write(self, place: Path, data: bytes) -> None:
        if not place.parent.is_dir():
            place.parent.mkdir(mode=0o700, exist_ok=True)
            sync(self.path)
        with whole_file(place, self._unfinished) as part:
            part.write_bytes(gzip.compress(data, compresslevel=3, mtime=0))

    def _sweep(self) -> None:
        oldest = time.time() - _LEFT_OVER_SECONDS
        for entry in os.scandir(self._unfinished):
            with suppress(FileNotFoundError):  # another process sweeps, or its owner has just finished it
                if entry.stat().st_mtime < oldest:
                    Path(entry.path).unlink()
