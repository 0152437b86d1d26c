"""Signs in headers, as rules/machines.toml has them: `Name` or `Name: value`, without parameters, `*` for any rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mailbot.reading.message import Message

_PARAMETERS = re.compile(r"[;(].*", re.DOTALL)


def signs_in(message: Message, signs: Iterable[str]) -> Iterator[str]:
    """Those of `signs` that the mail's headers carry, as `Name: value`."""
    present = _present(message.headers)
    for sign in signs:
        name, colon, wanted = sign.partition(":")
        for value in _values(present, name.lower()):
            if not colon or _fits(value, wanted.strip().lower()):
                yield f"{name.rstrip('*')}: {value}"[:100] if value else name
                break


def first_sign(message: Message, signs: Iterable[str]) -> str | None:
    """The first of `signs` that the mail carries, or None."""
    return next(signs_in(message, signs), None)


def plain_value(value: str) -> str:
    """A header's value without comments and parameters, in lower case."""
    return _PARAMETERS.sub("", value).strip().lower()


def local_part_in(address: str, names: Iterable[str]) -> bool:
    """Whether the local part of `address` is one of `names` (`*` for any rest)."""
    local = address.rpartition("@")[0] or address
    return bool(local) and any(_fits(local, name) for name in names)


@lru_cache(maxsize=8)
def _present(headers: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    """The plain values by lower-case name. Several lists of signs are looked for in one mail."""
    present: dict[str, list[str]] = {}
    for name, value in headers:
        present.setdefault(name.lower(), []).append(plain_value(value))
    return present


def _values(present: dict[str, list[str]], name: str) -> list[str]:
    if name.endswith("*"):
        return [value for key, values in present.items() if key.startswith(name[:-1]) for value in values]
    return present.get(name, [])


def _fits(value: str, wanted: str) -> bool:
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted
