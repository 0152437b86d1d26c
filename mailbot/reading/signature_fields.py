"""What a signature says of itself (RFC 6376, 3.5; RFC 8617, 4.1): read from its header, or refused for what it says.

Bounded and strict: what no signer writes is not read, however a more tolerant reader might take it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from dkim.util import InvalidTagValueList, parse_tag_value

from mailbot.reading.canonical import Header, Refused

Tags = dict[bytes, bytes]

_MAX_VALUE = 8 * 1024
_MAX_NAMES = 200
_MANY_BLANKS = re.compile(rb"\s{100}")  # the library would try all ways to part them
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,100}[A-Za-z0-9])?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{20,1600}={0,2}")
_SECONDS = re.compile(rb"\d{1,12}")
_FORMS = (b"simple", b"relaxed")
_ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")  # RFC 8301, 3.1: never rsa-sha1
_SKEW_SECONDS = 600  # by which clocks may differ
_UNREADABLE = "a signature cannot be read"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, by which key. `form` is that of the headers: simple or relaxed."""

    domain: str
    selector: str
    algorithm: bytes
    form: bytes
    value: bytes  # b=


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature over headers and body. `names` are those of the headers (h=, lower case), `identity` is a domain."""

    header: Header
    signer: Signer
    names: tuple[bytes, ...]
    body_form: bytes
    body_hash: bytes
    identity: str


def tags_of(header: Header) -> Tags:
    """The tags of a header; {} when they cannot be read."""
    if len(header[1]) > _MAX_VALUE or _MANY_BLANKS.search(header[1]):
        return {}
    try:
        return dict(parse_tag_value(header[1].replace(b"\r\n", b"")))
    except InvalidTagValueList:
        return {}


def domain_of(tags: Tags) -> str:
    """The signing domain (d=) in lower case; "" when it is none, or not in A-labels."""
    domain = tags.get(b"d", b"").decode("ascii", "replace").lower()
    return domain if _DOMAIN.fullmatch(domain) else ""


def dkim_signature(header: Header, now: datetime) -> Signature:
    """A DKIM-Signature. Raises Refused."""
    tags = tags_of(header)
    if tags.get(b"v") != b"1":
        raise Refused(_UNREADABLE)
    domain = domain_of(tags)
    identity = tags.get(b"i", b"").rpartition(b"@")[2].decode("ascii", "replace").lower() or domain
    if identity != domain and not identity.endswith(f".{domain}"):
        raise Refused(f"the signature of {domain} is for another domain")
    if b"dns/txt" not in (one.strip() for one in tags.get(b"q", b"dns/txt").split(b":")):
        raise Refused(f"the key of {domain} is not in DNS")
    return _over_message(header, tags, identity, now)


def sealed_signature(header: Header, now: datetime) -> Signature:
    """An ARC-Message-Signature. Raises Refused."""
    tags = tags_of(header)
    return _over_message(header, tags, domain_of(tags), now)


def signer_of(tags: Tags, form: bytes, now: datetime) -> Signer:
    """Who signed, how, and that it is in time. Raises Refused."""
    domain, algorithm = domain_of(tags), tags.get(b"a", b"")
    selector = tags.get(b"s", b"").decode("ascii", "replace")
    if not domain or not algorithm or not _SELECTOR.fullmatch(selector):
        raise Refused(_UNREADABLE)
    if algorithm not in _ALGORITHMS:
        raise Refused(f"{algorithm[:20].decode('ascii', 'replace')} is not believed")
    _in_time(tags, domain, now)
    return Signer(domain, selector, algorithm, form, _base64(tags, b"b"))


def _over_message(header: Header, tags: Tags, identity: str, now: datetime) -> Signature:
    headers, _, body = tags.get(b"c", b"simple/simple").partition(b"/")
    signer = signer_of(tags, headers, now)
    if headers not in _FORMS or (body or b"simple") not in _FORMS:
        raise Refused(_UNREADABLE)
    if b"l" in tags:
        raise Refused(f"the signature of {signer.domain} covers only a part of the body (l=)")
    names = tuple(name.strip().lower() for name in tags.get(b"h", b"").split(b":"))
    if len(names) > _MAX_NAMES:
        raise Refused(_UNREADABLE)
    return Signature(header, signer, names, body or b"simple", _base64(tags, b"bh"), identity)


def _in_time(tags: Tags, domain: str, now: datetime) -> None:
    """Raises Refused for a signature that has expired (x=) or is of a time to come (t=)."""
    seconds = {name: tags[name] for name in (b"t", b"x") if name in tags}
    if not all(_SECONDS.fullmatch(value) for value in seconds.values()):
        raise Refused(_UNREADABLE)
    made, ends = int(seconds.get(b"t", 0)), int(seconds.get(b"x", 10**12))
    if made > now.timestamp() + _SKEW_SECONDS:
        raise Refused(f"the signature of {domain} is of a time to come")
    if ends < now.timestamp() - _SKEW_SECONDS or ends < made:
        raise Refused(f"the signature of {domain} has expired")


def _base64(tags: Tags, name: bytes) -> bytes:
    value = re.sub(rb"\s", b"", tags.get(name, b""))
    if not _BASE64.fullmatch(value) or len(value) % 4:
        raise Refused(_UNREADABLE)
    return value
