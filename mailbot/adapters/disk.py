"""Files that are whole or not there, whatever happens to the process or the power."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mailbot.errors import ConfigError, Problem

ZIP: Final = b"PK\x03\x04"  # what every zip begins with that holds a file


def may_be_written(place: Path, begins: bytes) -> None:
    """Raises ConfigError when there is a file in the place that is not empty and does not begin as ours do: it would be
    lost (the store itself, for one)."""
    try:
        with place.open("rb") as there:
            start = there.read(len(begins))
    except OSError:
        return  # nothing there; or what stands against writing shows when it is written
    if start and start != begins:
        raise ConfigError([Problem("is there already, and is something else", str(place), mend="name another file")])


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
