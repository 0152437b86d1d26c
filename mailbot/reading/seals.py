"""ARC (RFC 8617): what a forwarder found before it changed the mail, sealed by it, if it is one that is believed.

A chain of seals that holds says who sealed, and nothing about whether they can be trusted: anybody can seal anything.
So the last seals must all be those of configured forwarders, and one of them must say itself that DMARC passed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from authres.core import AuthResError

from mailbot.reading.canonical import Header, Refused, Signable
from mailbot.reading.results import Unproven, parsed, passed, plain
from mailbot.reading.signature_fields import domain_of, sealed_signature, signer_of, tags_of
from mailbot.reading.signatures import Signatures, Verified, check_headers, check_message, covered
from mailbot.reading.signing_keys import LookUp

_RESULTS, _MESSAGE, _SEAL = b"arc-authentication-results", b"arc-message-signature", b"arc-seal"
_MOST_SEALS = 10  # RFC 8617, 4.2.1, allows 50; each costs a look-up
_INSTANCE = re.compile(rb"\s*i\s*=\s*(\d{1,2})\s*;")


@dataclass(frozen=True, slots=True)
class _Set:
    """What one forwarder added."""

    results: Header
    message: Header
    seal: Header

    @property
    def sealer(self) -> str:
        return domain_of(tags_of(self.seal))


def sealed(mail: Signable, domain: str, by: Signatures) -> Verified:
    """The chain's proof that the mail came from `domain`. Raises Refused."""
    chain = _chain(mail)
    _whole(chain)
    believed = _believed(chain, domain, by.sealers)
    message = sealed_signature(chain[-1].message, by.now)
    if message.signer.domain != chain[-1].sealer:
        raise Refused("the last seal is not of whom has signed the mail")
    signed = covered(mail, message)
    for number in range(len(chain), 0, -1):  # the last one first: it is of a forwarder that is believed
        _check_seal(chain[:number], by.now, by.look_up)
    check_message(mail, message, by.look_up)
    return Verified(f"arc=pass by {believed}, verified here: dmarc=pass", signed)


def _chain(mail: Signable) -> list[_Set]:
    """The sets of ARC headers, the first forwarder's first. Raises Refused when one is missing or there twice."""
    kinds = {kind: _numbered(mail, kind) for kind in (_RESULTS, _MESSAGE, _SEAL)}
    length = len(kinds[_SEAL])
    numbers = list(range(1, length + 1))
    if not 0 < length <= _MOST_SEALS or any(sorted(found) != numbers for found in kinds.values()):
        raise Refused("the ARC headers are no whole chain")
    return [_Set(kinds[_RESULTS][n], kinds[_MESSAGE][n], kinds[_SEAL][n]) for n in numbers]


def _numbered(mail: Signable, kind: bytes) -> Mapping[int, Header]:
    headers = mail.named(kind)
    found: dict[int, Header] = {}
    for header in headers[: _MOST_SEALS + 1]:
        text = header[1] if kind == _RESULTS else b"i=%s;" % tags_of(header).get(b"i", b"")
        instance = _INSTANCE.match(text)
        number = int(instance[1]) if instance else 0
        if not number or number in found:
            raise Refused("the ARC headers are no whole chain")
        found[number] = header
    return found


def _whole(chain: list[_Set]) -> None:
    """Raises Refused when a forwarder says itself that the chain was broken when it came (cv=), or cannot know."""
    for number, one in enumerate(chain, start=1):
        tags = tags_of(one.seal)
        if tags.get(b"cv") != (b"pass" if number > 1 else b"none"):
            raise Refused("an ARC seal says that the chain is broken")


def _believed(chain: list[_Set], domain: str, sealers: tuple[str, ...]) -> str:
    """The forwarder whose results prove the sender; those after it are believed too. Raises Refused."""
    last = chain[-1].sealer
    if last not in sealers:
        raise Refused(f"the last ARC seal is of {last or 'nobody'}, who is not in trust.arc_sealers")
    for one in reversed(chain):
        if one.sealer not in sealers:
            break
        if _says_pass(one.results, domain):
            return one.sealer
    raise Refused(f"no forwarder that is believed has sealed dmarc=pass for {domain}")


def _says_pass(results: Header, domain: str) -> bool:
    text = _INSTANCE.sub(b"", results[1].replace(b"\r\n", b""), count=1).decode("utf-8", "replace")
    try:
        header = parsed(plain(text))
        passed(domain, [(header.authserv_id, result) for result in header.results])
    except (AuthResError, Unproven):
        return False
    return True


def _check_seal(chain: list[_Set], now: datetime, look_up: LookUp) -> None:
    """Raises Refused when the seal of the last one does not hold over all ARC headers up to it (RFC 8617, 5.1.1)."""
    headers = [header for one in chain for header in (one.results, one.message, one.seal)][:-1]
    seal = chain[-1].seal
    names = [name.lower() for name, _ in headers]
    check_headers(signer_of(tags_of(seal), b"relaxed", now), headers[::-1], names, seal, look_up)
