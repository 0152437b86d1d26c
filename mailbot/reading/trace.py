"""Which Authentication-Results of a mail our own border wrote: everything below the border's Received is the sender's.

Headers are put on top, one hop after the other. Read from the top, the first Received that is not a local delivery is
the border's; what stands above it was written by us, what stands below may have been written by anybody. Local
deliveries behind the border (LMTP, a content filter on the loopback) are passed over, told by what the server writes
and never by what a client may choose as its name.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_LOCAL_HOPS = 8
_MAX_RECEIVED = 4096
# Headers that authors and their servers write. None of them stands above what the border has added.
_SENDERS = frozenset({
    "from", "to", "cc", "bcc", "subject", "date", "message-id", "sender", "reply-to", "in-reply-to",
    "references", "mime-version", "dkim-signature", "domainkey-signature", "x-google-dkim-signature",
    "x-mailer", "user-agent",
})  # fmt: skip
# Google's border writes its results directly below its own Received, and takes away any that came with the mail.
_WRITES_BELOW = frozenset({"mx.google.com"})
_LMTP = re.compile(r"(?i)(UTF8)?LMTPS?A?$")
_ADDRESS_LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]")
_BARE_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_BROKEN = '"'  # stands for what cannot be told from what a client has chosen
_MICROSOFT = (".outlook.com", ".office365.com", ".exchangelabs.com")
_MICROSOFT_BORDER = ".mail.protection.outlook.com"


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received: `name` is what the client called itself, `seen` the comments that the server set beside it."""

    name: str
    seen: str
    by: str
    protocol: str


def believed(
    headers: Sequence[tuple[str, str]], authserv_ids: Sequence[str], microsoft365: bool = False
) -> tuple[str, ...]:
    """The values of the Authentication-Results headers that stand where only the border could have put them, top first.

    `authserv_ids` in lower case. Whose id a header carries is not looked at here.
    """
    found: list[str] = []
    hops = 0
    for index, (name, value) in enumerate(headers):
        low = name.lower()
        if low == "authentication-results":
            found.append(value)
        elif low == "received":
            hops += 1
            hop = read_hop(value)
            if hops > MAX_LOCAL_HOPS or not _inside(hop, authserv_ids, microsoft365):
                if hop.by.lower() in _WRITES_BELOW and hop.by.lower() in authserv_ids:
                    found.extend(_directly_below(headers[index + 1 :]))
                break
        elif low in _SENDERS or low.startswith(("content-", "resent-")):
            break
    return tuple(found)


def _directly_below(headers: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, value in headers:
        if name.lower() == "authentication-results":
            yield value
        elif name.lower() != "received-spf":
            return


def _inside(hop: Hop, authserv_ids: Sequence[str], microsoft365: bool) -> bool:
    """Whether the hop lies behind the border, so that what is below it is ours still."""
    if _LMTP.match(hop.protocol) or _from_loopback(hop):
        return True
    if microsoft365 and _microsoft_internal(hop):
        return True
    # Google hands a mail on inside with no client's name, by an address in place of a name.
    return "mx.google.com" in authserv_ids and not hop.name and _is_address(hop.by) and hop.protocol.upper() == "SMTP"


def _from_loopback(hop: Hop) -> bool:
    """Every address in the client's part is the loopback's: who only calls itself [127.0.0.1] is seen elsewhere."""
    clause = f"{hop.name} {hop.seen}"
    addresses = _ADDRESS_LITERAL.findall(clause) + _BARE_ADDRESS.findall(clause)
    seen = _ADDRESS_LITERAL.findall(hop.seen)
    return bool(seen) and all(_is_loopback(address) for address in addresses)


def _microsoft_internal(hop: Hop) -> bool:
    name, by = hop.name.lower(), hop.by.lower()
    return name.endswith(_MICROSOFT) and by.endswith(_MICROSOFT) and not by.endswith(_MICROSOFT_BORDER)


def _is_loopback(text: str) -> bool:
    return _is_address(text) and ipaddress.ip_address(text).is_loopback


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read_hop(value: str) -> Hop:
    """A Received header (RFC 5321, 4.4): `from NAME (seen) by HOST (...) with PROTOCOL ...`; "" for what is missing.

    Nothing is read where it can be read in two ways: on some servers a client may choose any text as its name, a second
    `by ... with LMTP` as well, and a quote or comment that swallows what the server writes behind it.
    """
    words = list(_words(value[:_MAX_RECEIVED]))
    plain = [word.lower() for word, _ in words]
    if _BROKEN in plain or any(plain.count(once) > 1 for once in ("from", "by", "with", ";")):
        return Hop("", "", "", "")
    if ";" in plain:
        words = words[: plain.index(";")]
    name, seen, at = "", "", 0
    if words and words[0][0].lower() == "from" and len(words) > 1:
        name, seen, at = words[1][0], words[1][1], 2
    by = ""
    if len(words) > at + 1 and words[at][0].lower() == "by":
        by, at = words[at + 1][0], at + 2
    if len(words) > at + 3 and words[at][0].lower() == "via":
        at += 2
    protocol = words[at + 1][0] if by and len(words) > at + 1 and words[at][0].lower() == "with" else ""
    return Hop(name, seen, by, protocol)


def _words(value: str) -> Iterator[tuple[str, str]]:
    """The words of a structured value, `;` among them, each with the comments behind it (nested ones whole)."""
    word, comment = "", ""
    for kind, text in _pieces(value):
        if kind == "comment":
            comment += text
        elif kind == "text" and not (comment or word.endswith(" ")):
            word += text
        elif kind == "blank":
            word += " " if word and not word.endswith(" ") else ""
        else:
            if word.strip():
                yield word.rstrip(), comment
            word, comment = text, ""
        if kind == "alone":
            yield word, ""
            word = ""
    if word.strip():
        yield word.rstrip(), comment


def _pieces(value: str) -> Iterator[tuple[str, str]]:
    """Blanks, comments, other text, and what stands alone: `;`, and a mark where a quote or an endless comment is."""
    at = 0
    while at < len(value):
        char, start = value[at], at
        at = _comment_end(value, at) if char == "(" else at + 1
        if char == "(":
            yield ("comment", value[start:at]) if at else ("alone", _BROKEN)
            if not at:
                return
        elif char in ';"':
            yield "alone", char.replace('"', _BROKEN)
        else:
            yield ("blank" if char.isspace() else "text"), char


def _comment_end(value: str, at: int) -> int:
    """Where the comment that begins at `at` ends; 0 when it does not."""
    depth = 0
    while at < len(value):
        if value[at] == "\\":
            at += 1
        elif value[at] in "()":
            depth += 1 if value[at] == "(" else -1
            if not depth:
                return at + 1
        at += 1
    return 0
