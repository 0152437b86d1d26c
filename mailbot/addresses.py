"""Mail addresses in the one form in which they are compared, however a program or a person wrote them.

Two spellings are one address only where every mail server must take them for one: what stands before a plus, dots, or
letters that merely look alike are never passed over.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile(r"[^\s@<>()\[\]:;,\\\"]{1,64}@[^\s@<>()\[\]:;,\\\"]{1,253}")
_END = re.compile(r"(?<=[^.])\.$")
_QUOTED = re.compile(r'"([^\s@<>()\[\]:;,.\\"]+(?:\.[^\s@<>()\[\]:;,.\\"]+)*)"')


def folded(text: str) -> str:
    """`text` in lower case, of ASCII only: Unicode folds other letters into ours, like the Kelvin sign."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def normal(address: str) -> str:
    """`address` as it is compared: in lower case, its domain as A-labels (RFC 5890) without a dot at its end, its local
    part without quotes that it does not need (RFC 5321, 4.1.2). Never raises: what is no address is only folded."""
    local, at, domain = folded(address.strip()).rpartition("@")
    if not at:
        return domain
    quoted = _QUOTED.fullmatch(local)
    return f"{unicodedata.normalize('NFC', quoted[1] if quoted else local)}@{_a_labels(_END.sub('', domain))}"


def checked(value: str, example: str) -> str:
    """`value` as it is compared. Raises ValueError for what is no plain address, naming `example` as one."""
    address = normal(value)
    domain = address.rpartition("@")[2]
    if not _PLAIN.fullmatch(address) or "." not in domain.strip("."):
        raise ValueError(f"is no mail address, like {example}")
    if not domain.isascii():
        raise ValueError("has a domain with characters that can be read in two ways: write it in its form `xn--...`")
    return address


def _a_labels(domain: str) -> str:
    """IDNA; a domain with characters that would become others on the way (wide letters, ligatures) stays as it is."""
    if domain.isascii():
        return domain
    lower = "".join(c if c.lower().isascii() else c.lower() for c in domain)
    try:
        encoded = lower.encode("idna").decode("ascii")
        return encoded if encoded.encode().decode("idna") == lower else domain
    except UnicodeError:
        return domain
