"""What reading a zip raises that was cut off, altered, or made to do harm."""

from __future__ import annotations

import zipfile
import zlib
from typing import Final

DAMAGED: Final = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, OverflowError, zlib.error,
)  # fmt: skip
