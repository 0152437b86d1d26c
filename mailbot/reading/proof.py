"""Did the one named in From really send it? Our own border's word counts; where it says nothing, a signature may.

Believed is a DMARC pass (RFC 7489) in the Authentication-Results (RFC 8601) of a configured server, for exactly the one
domain in From; else, where that is asked for, a signature of that domain that is verified here. Every refusal has its
own reason. A token, a Reply-To, a name below the words or a display name proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authres import AuthenticationResultsHeader
from authres.core import AuthResError

from mailbot.reading.message import Message
from mailbot.reading.results import Failed, Silent, Unproven, against, method, parsed, passed, plain, value
from mailbot.reading.trace import believed

if TYPE_CHECKING:  # imported late: most installations verify no signatures
    from mailbot.reading.signatures import Signatures

# Microsoft 365 writes no authserv-id; this stands in its place, so that one grammar reads both forms.
_MICROSOFT = "microsoft365.invalid"
_ADDRESS = re.compile(r"[^\s@<>()\[\]:;,\\\"]{1,64}@([^\s@<>()\[\]:;,\\\"]{1,253})")
_LOOKS_LIKE_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\\\"'@＠﹫]{1,64}\s?[@＠﹫]\s?[^\s<>()\[\]:;,\\\"'@＠﹫]{1,253}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose Authentication-Results are believed: these authserv-ids, and Microsoft 365's form without one if asked."""

    authserv_ids: tuple[str, ...] = ()
    microsoft365: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the sender is proven; `how` says by what, or is the named reason why not.

    `signed`: a signature proves it and covers every header of these names (lower case); None: the border vouches.
    `uncontested`: not proven, because our border found nothing for the sender, and nothing against them either.
    """

    ok: bool
    how: str
    signed: frozenset[str] | None = None
    uncontested: bool = False


def prove(message: Message, trust: Trust, signatures: Signatures | None = None) -> Proof:
    """Whether the address in From is that of who sent the mail. Never raises.

    The border is asked first. What it says against the sender stands; where it says nothing, `signatures` (None: they
    are not looked at) may prove them, and where DMARC failed on the way, the seal of a forwarder that is believed.
    """
    try:
        domain = _from_domain(message)
        return Proof(True, _vouched(domain, message, trust))
    except (Silent, Failed) as why:
        return _signed(message, domain, signatures, why) if signatures else _refused(why, str(why))
    except Unproven as why:
        return Proof(False, str(why))


def _signed(message: Message, domain: str, signatures: Signatures, why: Unproven) -> Proof:
    """The proof by a signature of `domain`, or by a seal; with all reasons when there is none."""
    from mailbot.reading.canonical import Refused, signable
    from mailbot.reading.seals import sealed
    from mailbot.reading.signatures import has_signature_of, verified

    reasons = [str(why)]
    try:
        mail = signable(message)
    except Refused as reason:
        return _refused(why, f"{why}; {reason}", against=message.header("DKIM-Signature") is not None)
    ways = [verified] if isinstance(why, Silent) else []
    if signatures.sealers and mail.named(b"arc-seal"):
        ways.append(sealed)
    for way in ways:
        try:
            found = way(mail, domain, signatures)
            return Proof(True, found.how, found.signed)
        except Refused as reason:
            reasons.append(str(reason))
            if reason.unanswered:
                break
    return _refused(why, "; ".join(reasons), against=has_signature_of(mail, domain))


def _refused(why: Unproven, reasons: str, *, against: bool = False) -> Proof:
    """Not proven; `against`: there is a signature of theirs, and it does not hold."""
    return Proof(False, reasons, uncontested=isinstance(why, Silent) and not why.against and not against)


# --- what From says -----------------------------------------------------------------------------------------------


def _from_domain(message: Message) -> str:
    """The domain of the one address in From as an A-label (RFC 5890)."""
    if not message.from_headers:
        raise Unproven("no From header")
    if message.from_headers > 1:
        raise Unproven("two From headers")
    if len(message.from_) > 1:
        raise Unproven("several addresses in From")
    address = message.from_[0].addr if message.from_ else ""
    match = _ADDRESS.fullmatch(address)
    if not match:
        raise Unproven("the address in From cannot be read")
    _plain_form(address, message)
    return _a_label(match[1])


def _plain_form(address: str, message: Message) -> None:
    """Refuses a From that names another address beside, or is not `Name <address>`, `address` or `address (Name)`."""
    value = (message.header("From") or "").strip()
    name = message.from_[0].name
    others = {found.lower() for text in (value, name) for found in _LOOKS_LIKE_ADDRESS.findall(text)} - {address}
    if others:
        raise Unproven("another address stands in the display name of From")
    bare = _COMMENT.sub(" ", _QUOTED.sub(" ", value)).strip()
    head, found, tail = bare.lower().rpartition(address)
    angled = head.endswith("<") and tail.startswith(">")
    head, tail = (head[:-1], tail[1:]) if angled else (head, tail)
    if not found or tail.strip() or set(head) & set('<>:;@"') or (head.strip() and not angled):
        raise Unproven("From is not written as one plain address")


def _a_label(domain: str) -> str:
    try:
        ascii_domain = domain.lower() if domain.isascii() else _encoded(domain.lower())
    except UnicodeError:
        raise Unproven("the domain in From cannot be read") from None
    if not _DOMAIN.fullmatch(ascii_domain):
        raise Unproven("the domain in From cannot be read")
    return ascii_domain


def _encoded(domain: str) -> str:
    """IDNA; a domain with characters that vanish or become others on the way (blanks of no width) is refused."""
    encoded = domain.encode("idna")
    if encoded.decode("idna") != domain:
        raise UnicodeError(domain)
    return encoded.decode("ascii")


# --- what the border says -----------------------------------------------------------------------------------------


def _vouched(domain: str, message: Message, trust: Trust) -> str:
    ids = tuple(one.lower() for one in trust.authserv_ids)
    if not ids and not trust.microsoft365:
        raise Silent("no server is trusted to prove senders")
    written = believed(message.headers, ids, trust.microsoft365)
    if not written:
        raise Silent("no Authentication-Results of our border")
    headers = list(_ours(written, ids, trust.microsoft365))
    if not headers:
        raise Silent("no Authentication-Results of a trusted server")
    results = [(_name(header.authserv_id), result) for header in headers for result in header.results]
    _composite(results)
    try:
        return f"dmarc=pass by {passed(domain, results)}"
    except Silent as why:
        if found := against(domain, results):
            raise Silent(f"{why}; {found} for {domain}", against=True) from None
        raise


def _ours(written: tuple[str, ...], ids: tuple[str, ...], microsoft365: bool) -> Iterator[AuthenticationResultsHeader]:
    """The believed headers of configured servers, parsed; one of ours that cannot be read refuses the whole mail."""
    for text in map(plain, written):
        own = f"{_MICROSOFT}; {text}" if microsoft365 and _has_no_id(text) else text
        try:
            header = parsed(own)
        except AuthResError:
            if any(one in text.lower() for one in ids) or own.startswith(_MICROSOFT):
                raise Unproven("the Authentication-Results cannot be read") from None
            continue
        if header.authserv_id.lower() in (*ids, *((_MICROSOFT,) if microsoft365 else ())):
            yield header


def _has_no_id(text: str) -> bool:
    """`spf=pass (...) ...; dkim=...`: the first thing is a result, where RFC 8601 asks for the server's name."""
    first = text
    while (without := _COMMENT.sub(" ", first)) != first:
        first = without
    return bool(re.match(r"\s*[A-Za-z][\w-]*\s*=", first))


def _composite(results: list[tuple[str, Any]]) -> None:
    for _, result in results:
        if method(result) == "compauth" and value(result) == "fail":
            raise Unproven("compauth=fail")


def _name(authserv_id: str) -> str:
    low = authserv_id.lower()
    return "Microsoft 365" if low == _MICROSOFT else low
