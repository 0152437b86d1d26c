"""Did the one named in From really send it? Only our own border's word counts, and only when all of it says so.

Believed is a DMARC pass (RFC 7489) in the Authentication-Results (RFC 8601) of a configured server, for exactly the one
domain in From. Every refusal has its own reason. A token, a Reply-To, a signature or a display name proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from authres import AuthenticationResultsHeader
from authres.core import AuthResError

from mailbot.reading.message import Message
from mailbot.reading.trace import believed

_MAX_RESULTS = 16 * 1024
# Microsoft 365 writes no authserv-id; this stands in its place, so that one grammar reads both forms.
_MICROSOFT = "microsoft365.invalid"
_ADDRESS = re.compile(r"[^\s@<>()\[\]:;,\\\"]{1,64}@([^\s@<>()\[\]:;,\\\"]{1,253})")
_LOOKS_LIKE_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\\\"'@＠﹫]{1,64}\s?[@＠﹫]\s?[^\s<>()\[\]:;,\\\"'@＠﹫]{1,253}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_QUOTED_ID = re.compile(r'^"([\w.-]+)"')  # the grammar allows it, authres does not read it
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose Authentication-Results are believed: these authserv-ids, and Microsoft 365's form without one if asked."""

    authserv_ids: tuple[str, ...] = ()
    microsoft365: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the sender is proven; `how` says by what, or is the named reason why not."""

    ok: bool
    how: str


class _Unproven(Exception):
    """Carries the reason; never leaves this module."""


def prove(message: Message, trust: Trust) -> Proof:
    """Whether the border vouches for the address in From. Never raises; no trusted server, no proof."""
    try:
        return Proof(True, _vouched(_from_domain(message), message, trust))
    except _Unproven as why:
        return Proof(False, str(why))


# --- what From says -----------------------------------------------------------------------------------------------


def _from_domain(message: Message) -> str:
    """The domain of the one address in From as an A-label (RFC 5890)."""
    if not message.from_headers:
        raise _Unproven("no From header")
    if message.from_headers > 1:
        raise _Unproven("two From headers")
    if len(message.from_) > 1:
        raise _Unproven("several addresses in From")
    address = message.from_[0].addr if message.from_ else ""
    match = _ADDRESS.fullmatch(address)
    if not match:
        raise _Unproven("the address in From cannot be read")
    _plain_form(address, message)
    return _a_label(match[1])


def _plain_form(address: str, message: Message) -> None:
    """Refuses a From that names another address beside, or is not `Name <address>`, `address` or `address (Name)`."""
    value = (message.header("From") or "").strip()
    name = message.from_[0].name
    others = {found.lower() for text in (value, name) for found in _LOOKS_LIKE_ADDRESS.findall(text)} - {address}
    if others:
        raise _Unproven("another address stands in the display name of From")
    bare = _COMMENT.sub(" ", _QUOTED.sub(" ", value)).strip()
    head, found, tail = bare.lower().rpartition(address)
    angled = head.endswith("<") and tail.startswith(">")
    head, tail = (head[:-1], tail[1:]) if angled else (head, tail)
    if not found or tail.strip() or set(head) & set('<>:;@"') or (head.strip() and not angled):
        raise _Unproven("From is not written as one plain address")


def _a_label(domain: str) -> str:
    try:
        ascii_domain = domain.lower() if domain.isascii() else _encoded(domain.lower())
    except UnicodeError:
        raise _Unproven("the domain in From cannot be read") from None
    if not _DOMAIN.fullmatch(ascii_domain):
        raise _Unproven("the domain in From cannot be read")
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
        raise _Unproven("no server is trusted to prove senders")
    written = believed(message.headers, ids, trust.microsoft365)
    if not written:
        raise _Unproven("no Authentication-Results of our border")
    headers = list(_ours(written, ids, trust.microsoft365))
    if not headers:
        raise _Unproven("no Authentication-Results of a trusted server")
    results = [(header.authserv_id.lower(), result) for header in headers for result in header.results]
    _composite(results)
    return _dmarc(domain, results)


def _ours(written: tuple[str, ...], ids: tuple[str, ...], microsoft365: bool) -> Iterator[AuthenticationResultsHeader]:
    """The believed headers of configured servers, parsed; one of ours that cannot be read refuses the whole mail."""
    for value in written:
        text = _QUOTED_ID.sub(r"\1", value[:_MAX_RESULTS].strip().rstrip(";").rstrip())
        if microsoft365 and _has_no_id(text):
            text = f"{_MICROSOFT}; {text}"
        try:
            header = AuthenticationResultsHeader.parse(f"Authentication-Results: {text}")
        except AuthResError:
            if any(one in value.lower() for one in ids) or text.startswith(_MICROSOFT):
                raise _Unproven("the Authentication-Results cannot be read") from None
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
        if _method(result) == "compauth" and _value(result) == "fail":
            raise _Unproven("compauth=fail")


def _dmarc(domain: str, results: list[tuple[str, Any]]) -> str:
    """The proof by DMARC; the worst result counts, and each must name exactly the domain in From."""
    dmarc = [(by, result) for by, result in results if _method(result) == "dmarc"]
    if not dmarc:
        raise _Unproven("no DMARC result in the Authentication-Results")
    for by, result in dmarc:
        if _value(result) != "pass":
            raise _Unproven(f"dmarc={_value(result)} by {_name(by)}")
    for _, result in dmarc:
        named = {str(p.value).lower() for p in result.properties if (p.type, p.name) == ("header", "from")}
        if not named:
            raise _Unproven("dmarc=pass names no domain")
        if named != {domain}:
            raise _Unproven(f"dmarc=pass is for {', '.join(sorted(named))}, not for {domain}")
    return f"dmarc=pass by {_name(dmarc[0][0])}"


def _method(result: Any) -> str:
    return str(result.method).lower()


def _value(result: Any) -> str:
    return str(result.result).lower()[:40]


def _name(authserv_id: str) -> str:
    return "Microsoft 365" if authserv_id == _MICROSOFT else authserv_id
