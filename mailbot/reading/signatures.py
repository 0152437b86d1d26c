"""DKIM signatures verified here (RFC 6376, 8301, 8463): did the domain in From sign this mail, and what of it?

The library reckons; what a signature must be to be believed is decided here, more strictly than the RFC does: it is of
exactly the domain in From, over the whole body, and over what tells one mail from another.
"""

from __future__ import annotations

import base64
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dkim

from mailbot.reading.canonical import Header, Refused, Signable
from mailbot.reading.signature_fields import Signature, Signer, dkim_signature, domain_of, tags_of
from mailbot.reading.signing_keys import LookUp, SigningKey, key_of

_MAX_SIGNATURES = 10  # that are read
_MAX_ALIGNED = 4  # whose keys are looked up
_NEEDED = (b"from", b"date", b"subject", b"message-id")  # who, when, in which matter, and that it is no other mail
_BOUNDARY = re.compile(rb"""(?i);\s*boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""")
_PLAIN_CODES = (b"", b"7bit", b"8bit", b"binary")
_SILENT = logging.Logger("dkim", logging.CRITICAL + 1)  # the library would log what mails and records hold


@dataclass(frozen=True, slots=True)
class Signatures:
    """What is needed to verify: the keys by their names, the time, and whose seals (RFC 8617) are believed."""

    look_up: LookUp
    now: datetime
    sealers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds. `signed` names the headers (lower case) of which every one in the mail is covered."""

    how: str
    signed: frozenset[str]


def verified(mail: Signable, domain: str, by: Signatures) -> Verified:
    """The first signature of `domain` (in A-labels) that holds. Raises Refused with what is wrong with each."""
    reasons: list[str] = []
    unanswered = False
    for header in _aligned(mail, domain):
        try:
            signature = dkim_signature(header, by.now)
            signed = covered(mail, signature)
            key = check_message(mail, signature, by.look_up)
            shown = f"{signature.signer.algorithm.decode()}, {key.bits} bits, selector {signature.signer.selector}"
            return Verified(f"dkim=pass d={domain} verified here ({shown})", signed)
        except Refused as reason:
            reasons.append(str(reason))
            unanswered = reason.unanswered
        if unanswered:
            break  # one long wait for a mail
    raise Refused("; ".join(dict.fromkeys(reasons)), unanswered=unanswered)


def has_signature_of(mail: Signable, domain: str) -> bool:
    """Whether anything in `mail` says to be a signature of `domain` (in A-labels), or cannot be read."""
    return any(domain_of(tags_of(header)) in (domain, "") for header in mail.named(b"dkim-signature"))


def _aligned(mail: Signable, domain: str) -> list[Header]:
    """The signatures that say to be of exactly this domain. Raises Refused when there is none.

    DMARC may also take one of a domain above or beside it (RFC 7489, 3.1.1). Which domains belong together is told only
    by a list of public suffixes, which grows stale; `co.uk`, or a host of many shops, must not speak for those below.
    """
    headers = mail.named(b"dkim-signature")[:_MAX_SIGNATURES]
    signers = [domain_of(tags_of(header)) for header in headers]
    found = [header for header, signer in zip(headers, signers, strict=True) if signer == domain]
    if not found:
        others = ", ".join(dict.fromkeys(filter(None, signers)))
        raise Refused(f"no signature of {domain}" + (f", only of {others}" if others else ""))
    return found[:_MAX_ALIGNED]


def covered(mail: Signable, signature: Signature) -> frozenset[str]:
    """The headers that are covered, all of their name. Raises Refused when what is needed is not, or can be changed."""
    there = Counter(name.lower() for name, _ in mail.headers)
    named = Counter(signature.names)
    missing = [name for name in _NEEDED if not 1 == there[name] <= named[name]]
    if missing:
        names = ", ".join(name.decode().title() for name in missing)
        raise Refused(f"the signature of {signature.signer.domain} does not cover {names}")
    signed = {name for name in there if there[name] <= named[name]}
    if not {b"content-type", b"content-transfer-encoding"} & set(there) <= signed and not _framed(mail):
        raise Refused(f"the signature of {signature.signer.domain} does not cover Content-Type")
    return frozenset(name.decode() for name in signed)


def _framed(mail: Signable) -> bool:
    """Whether the body can be read in one way only, although its type is not signed (Google signs it not).

    With another boundary, what stood in a quotation would be a part of its own, and what stood above would vanish: so
    the body must begin with the boundary, or have no parts at all.
    """
    types, codes = mail.named(b"content-type"), mail.named(b"content-transfer-encoding")
    if len(types) > 1 or len(codes) > 1:
        return False
    kind = types[0][1].strip().lower() if types else b"text/plain"
    if not kind.startswith(b"multipart/"):
        return kind.startswith((b"text/plain", b"text/html"))
    found = _BOUNDARY.search(types[0][1])
    boundary = (found[1] or found[2]) if found else b""
    plain = all(code.strip().lower() in _PLAIN_CODES for _, code in codes)
    return bool(boundary) and plain and mail.body.lstrip(b"\r\n").split(b"\r\n", 1)[0].rstrip() == b"--" + boundary


def check_message(mail: Signable, signature: Signature, look_up: LookUp) -> SigningKey:
    """The key by which `signature` holds over headers and body. Raises Refused when it does not."""
    domain = signature.signer.domain
    if mail.body_hash(signature.body_form) != base64.b64decode(signature.body_hash):
        raise Refused(f"the body was altered after {domain} had signed it")
    key = check_headers(signature.signer, mail.headers, signature.names, signature.header, look_up)
    if key.whole_domain_only and signature.identity != domain:
        raise Refused(f"the key of {domain} is not for {signature.identity[:100]}")
    return key


def check_headers(
    signer: Signer, headers: Sequence[Header], names: Sequence[bytes], own: Header, look_up: LookUp
) -> SigningKey:
    """The key by which the signature in the header `own` holds over those of `headers` that `names` picks, from the
    bottom (RFC 6376, 5.4.2). Raises Refused when it does not."""
    key = key_of(signer.selector, signer.domain, signer.algorithm, look_up)
    engine = dkim.DKIM(logger=_SILENT)
    engine.headers = list(headers)
    fields = {
        b"a": signer.algorithm, b"b": signer.value, b"c": signer.form, b"d": signer.domain.encode(),
        b"s": signer.selector.encode(),
    }  # fmt: skip
    try:
        holds = engine.verify_sig(fields, list(names), own, lambda _name, timeout: key.record)
    except Exception:  # the library raises many kinds of them on what no signer writes
        holds = False
    if not holds:
        raise Refused(f"the signature of {signer.domain} does not hold: a header was altered, or it is forged")
    return key
