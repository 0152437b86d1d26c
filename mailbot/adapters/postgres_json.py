"""Documents as JSONB, which holds neither NUL nor lone surrogates: other people's mail has both.

Such a character is written as U+001A (substitute) and its four hex digits, U+001A itself too; reading turns them back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

MARK: Final = "\x1a"
_UNHELD: Final = re.compile("[\x00\x1a\ud800-\udfff]")
_UNHELD_IN_JSON: Final = re.compile(r"\\u0000|\\u001a|[" + "\ud800-\udfff]")
_MARKED: Final = re.compile(MARK + "([0-9a-f]{4})")

_dumped = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode


def packed(document: Mapping[str, Any]) -> str:
    """The document as JSON text that JSONB takes. Raises TypeError or ValueError for what is no JSON."""
    text = _dumped(document)
    return _dumped(_each_text(json.loads(text), packed_text)) if _UNHELD_IN_JSON.search(text) else text


def unpacked(text: str) -> dict[str, Any]:
    """The document as it was before `packed`."""
    document: dict[str, Any] = json.loads(text)
    return _each_text(document, _unpacked_text) if "\\u001a" in text else document


def packed_text(text: str) -> str:
    """A text as it stands in a packed document: what an index field is compared with."""
    return _UNHELD.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)


def _unpacked_text(text: str) -> str:
    return _MARKED.sub(lambda found: chr(int(found[1], 16)), text)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {change(key): _each_text(one, change) for key, one in value.items()}
    return value
