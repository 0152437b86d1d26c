"""Files that are whole or not there, whatever happens to the process or the power."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(place: Path, unfinished: Path | None = None) -> Iterator[Path]:
    """A new file (0600) to be written, which becomes `place` on leaving: synced, renamed, its folder synced.

    It is written in the folder `unfinished` (on the same disk; default: that of `place`). After an exception nothing of
    it is left. Raises OSError.
    """
    descriptor, name = tempfile.mkstemp(dir=unfinished or place.parent, prefix=".", suffix=".part")
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
        sync(part)
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(place.parent)


def sync(path: Path) -> None:
    """Makes a file's bytes, or a folder's names, survive a power cut. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
