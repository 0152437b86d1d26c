"""What an event hashes to, so that a person's words can be taken out of it later and the chain of hashes still holds.

A link covers the hash before, the order, the revision and the event. Texts that can be personal stand in it as seals:
HMAC-SHA-256 of the text under a salt, which follows from a random one of the order. Without its salt a seal tells
nothing, not even to who guesses the text. When data are removed, texts and the order's salt are thrown away; the seals
of what is gone and the salts of what stays are stored beside the event (`gone`, `salts`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

SALT: Final = "salt"  # the field that holds an order's salt: covered by its plain hash, for it cannot be guessed
WHOLE: Final = frozenset(
    {
        "client.name", "emails", "approvers", "address", "instead_of", "words", "wishes", "shown", "options", "text",
        "situation", "impact", "plan", "why", "followed", "place", "note", "billing.name", "tax_id", "po_number",
    }
)  # fmt: skip
"""What a client wrote, was shown, or is; and what was noted about their order in free words. Goes as a whole."""
MENTIONS: Final = frozenset({"project", "title", "because", "proof", "authority"})
"""What stays, less quoted words and what names the client."""
ADDRESSES: Final = frozenset({"by", "approved_by", "confirmed_by", "asked_by"})
"""Whoever did it: goes where it was the client."""
SEALED: Final = WHOLE | MENTIONS | ADDRESSES

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(data: Any) -> bytes:
    """JSON with sorted keys and no blanks, in UTF-8: the one text that data hash to. Holds lone surrogates, too."""
    return _canonical(data).encode("utf-8", "surrogatepass")


def salt_of(salt: str, revision: int, path: str) -> str:
    """The salt of one text of an order's event, from the order's."""
    return hmac.digest(salt.encode(), f"{revision} {path}".encode(), "sha256").hex()


def seal(text: str, salt: str) -> str:
    """What stands for a text in the chain."""
    return hmac.digest(salt.encode(), text.encode("utf-8", "surrogatepass"), "sha256").hex()


def seal_of_salt(salt: str) -> str:
    """What stands for an order's salt in the chain."""
    return hashlib.sha256(salt.encode()).hexdigest()


def link(
    before: str, order: str, revision: int, event: Mapping[str, Any], salt: str,
    gone: Mapping[str, str] | None = None, salts: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """The hash of the chain after `event` (as JSON has it), which follows on `before`.

    `salt` is the order's at that event; `gone` and `salts` are stored beside an event from which data were removed.
    """
    gone, salts = gone or {}, salts or {}

    def sealed(path: str, text: str) -> dict[str, str]:
        if path in gone:
            return {"seal": gone[path]}
        if path == SALT:
            return {"seal": seal_of_salt(text)}
        return {"seal": seal(text, salts.get(path) or salt_of(salt, revision, path))}

    data = {"before": before, "order": order, "revision": revision, "event": changed(event, sealed)}
    return hashlib.sha256(canonical(data)).hexdigest()


def changed(event: Mapping[str, Any], change: Callable[[str, str], Any]) -> Any:
    """`event` with each of its sealed texts (path, text) put through `change`; empty ones have nothing to seal."""
    return _changed(event, "", "", change)


def texts(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The sealed texts of an event with their paths, like `("client.emails.0", "ann@client.example")`."""
    found: list[tuple[str, str]] = []
    changed(event, lambda path, text: found.append((path, text)))
    return iter(found)


def name_of(path: str) -> str:
    """The field that a path ends in, as the sets above name it: `milestones.2.wishes.0` is `wishes`."""
    parts = [part for part in path.split(".") if not part.isdigit()]
    return ".".join(parts[-2:]) if parts[-1] == "name" else parts[-1]


def _changed(value: Any, path: str, name: str, change: Callable[[str, str], Any]) -> Any:
    if isinstance(value, str):
        return change(path, value) if value and (name in SEALED or path == SALT) else value
    if isinstance(value, Mapping):
        at = f"{path}." if path else ""
        return {k: _changed(v, at + k, f"{name}.{k}" if k == "name" else k, change) for k, v in value.items()}
    if isinstance(value, list):
        return [_changed(one, f"{path}.{n}", name, change) for n, one in enumerate(value)]
    return value
