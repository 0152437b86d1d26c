"""The public key of a signature, as its domain publishes it in DNS (RFC 6376, 3.6.1; RFC 8463): it fits, or why not.

What a stranger publishes is hostile too: a key of a million bits, or with an endless exponent, would take hours to use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from mailbot.reading.canonical import Refused

# The TXT records of a name, each as one string: () when it has none, None when no name server could say.
LookUp = Callable[[str], Sequence[bytes] | None]

_LEAST_BITS, _MOST_BITS = 1024, 4096  # RFC 8301, 3.2, asks for 1024 at least and for the reading of 4096
_MOST_EXPONENT = 2**32
_MAX_RECORD = 2048
_TYPES = {b"rsa-sha256": b"rsa", b"ed25519-sha256": b"ed25519"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that may be used: its record, and its size for people to see."""

    record: bytes
    bits: int
    whole_domain_only: bool  # t=s: not for an identity (i=) below the domain


def key_of(selector: str, domain: str, algorithm: bytes, look_up: LookUp) -> SigningKey:
    """The key for a signature made with `algorithm`. Raises Refused: missing, withdrawn, weak, for something else."""
    name = f"{selector}._domainkey.{domain}"
    records = look_up(name)
    if records is None:
        raise Refused(f"no name server has answered for {name}", unanswered=True)
    if len(records) != 1:
        raise Refused(f"there are {len(records)} keys at {name}" if records else f"there is no key at {name}")
    tags = _tags(records[0], name)
    _fit(tags, name, algorithm)
    return SigningKey(records[0], _bits(records[0], name), b"s" in _listed(tags.get(b"t", b"")))


def _tags(record: bytes, name: str) -> dict[bytes, bytes]:
    try:
        if len(record) <= _MAX_RECORD:
            return dict(parse_tag_value(record))
    except (InvalidTagValueList, IndexError):
        pass
    raise Refused(f"the key at {name} cannot be read")


def _fit(tags: dict[bytes, bytes], name: str, algorithm: bytes) -> None:
    """Raises Refused for a key that is none for this signature, however well it would fit as a number."""
    if tags.get(b"v", b"DKIM1") != b"DKIM1" or b"p" not in tags:
        raise Refused(f"the key at {name} cannot be read")
    if not tags[b"p"]:
        raise Refused(f"the key at {name} has been withdrawn")
    if b"y" in _listed(tags.get(b"t", b"")):
        raise Refused(f"the key at {name} is for tests only")
    if tags.get(b"k", b"rsa") != _TYPES[algorithm]:
        raise Refused(f"the key at {name} is of another kind")
    if not {b"*", b"email"} & _listed(tags.get(b"s", b"*")) or b"sha256" not in _listed(tags.get(b"h", b"sha256")):
        raise Refused(f"the key at {name} is for something else")


def _listed(value: bytes) -> set[bytes]:
    return {one.strip().lower() for one in value.split(b":")}


def _bits(record: bytes, name: str) -> int:
    """The size of the key. Raises Refused when it is no key, or one that is weak or made to be slow."""
    try:
        key, bits, kind, _ = dkim.evaluate_pk(name, record)
    except Exception:  # the library raises a dozen kinds of them on a broken key
        raise Refused(f"the key at {name} cannot be read") from None
    if kind == b"rsa" and not _is_sound(key, bits):
        raise Refused(f"the key at {name} is too weak, or none that anybody uses ({bits} bits)")
    return int(bits)


def _is_sound(key: Any, bits: int) -> bool:
    odd = key["modulus"] % 2 == 1 and key["publicExponent"] % 2 == 1
    return odd and _LEAST_BITS <= bits <= _MOST_BITS and 3 <= key["publicExponent"] < _MOST_EXPONENT
