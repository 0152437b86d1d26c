"""Authentication-Results (RFC 8601) read: what a server has found out about a sender, and whether that is a DMARC pass.

Whose results are believed is not decided here.
"""

from __future__ import annotations

import re
from typing import Any

from authres import AuthenticationResultsHeader

_MAX_RESULTS = 16 * 1024
_QUOTED_ID = re.compile(r'^"([\w.-]+)"')  # the grammar allows it, authres does not read it
_UNDECIDED = frozenset({"none", "temperror", "permerror", "bestguesspass"})  # the server could not say


class Unproven(Exception):
    """Why a sender is not proven. Final, unless it is one of the two below."""


class Failed(Unproven):
    """DMARC failed: only a forwarder that is believed can explain it."""


class Silent(Unproven):
    """Nothing was found for the sender: something else may prove it. `against`: something was found all the same."""

    def __init__(self, reason: str, *, against: bool = False) -> None:
        super().__init__(reason)
        self.against = against


def plain(value: str) -> str:
    """A header's value, bounded, in the form that the parser reads."""
    return _QUOTED_ID.sub(r"\1", value[:_MAX_RESULTS].strip().rstrip(";").rstrip())


def parsed(text: str) -> AuthenticationResultsHeader:
    """The results in `text` (made `plain`). Raises AuthResError."""
    return AuthenticationResultsHeader.parse(f"Authentication-Results: {text}")


def passed(domain: str, results: list[tuple[str, Any]]) -> str:
    """Who found that DMARC passes for exactly `domain`; the worst result counts. `results`: with who found each.

    Raises Unproven: Failed, Silent, or what contradicts itself.
    """
    dmarc = [(by, result) for by, result in results if method(result) == "dmarc"]
    if not dmarc:
        raise Silent("no DMARC result in the Authentication-Results")
    against = [(by, value(result)) for by, result in dmarc if value(result) != "pass"]
    against.sort(key=lambda one: one[1] in _UNDECIDED)
    if against:
        by, found = against[0]
        raise (Silent if found in _UNDECIDED else Failed)(f"dmarc={found} by {by}")
    for _, result in dmarc:
        named = {str(p.value).lower() for p in result.properties if (p.type, p.name) == ("header", "from")}
        if not named:
            raise Unproven("dmarc=pass names no domain")
        if named != {domain}:
            raise Unproven(f"dmarc=pass is for {', '.join(sorted(named))}, not for {domain}")
    return dmarc[0][0]


def against(domain: str, results: list[tuple[str, Any]]) -> str:
    """What speaks against `domain` where DMARC says nothing: its signature is broken and no other holds, or SPF says
    that it sends from elsewhere; "" when nothing does."""
    found = {(method(result), value(result)) for _, result in results if domain in _domains(result)}
    broken = ("dkim", "fail") in found and ("dkim", "pass") not in found
    return "dkim=fail" if broken else "spf=fail" if ("spf", "fail") in found else ""


def _domains(result: Any) -> set[str]:
    """Of whom a result speaks: who signed, or from whose address it came."""
    told = {("header", "d"), ("header", "i"), ("smtp", "mailfrom"), ("smtp", "mail")}
    values = (str(p.value).lower() for p in result.properties if (p.type, p.name) in told)
    return {value.rpartition("@")[2] for value in values}


def method(result: Any) -> str:
    """What was looked at, like `dmarc`."""
    return str(result.method).lower()


def value(result: Any) -> str:
    """What came out, like `pass`."""
    return str(result.result).lower()[:40]
