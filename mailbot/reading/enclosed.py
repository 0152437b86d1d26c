"""Somebody's mail inside another: attached whole (message/rfc822), or forwarded in the text below its header lines.

Its words are found, and never mixed with those of who passed it on. What the headers inside a mail say proves nothing:
it is noted, and believed by nobody. A signature that holds is noted as what it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailbot.addresses import normal
from mailbot.orders.circumstances import Enclosed
from mailbot.reading.message import Message, parse
from mailbot.reading.own_words import OwnWords, own_words, own_words_of_text
from mailbot.reading.proof import Trust, prove
from mailbot.reading.words_headers import ADDRESS
from mailbot.rules.words import WordRules

if TYPE_CHECKING:  # imported late: most installations verify no signatures
    from mailbot.reading.signatures import Signatures

_MOST = 5
_HEADER = re.compile(r"[\W_]{0,6}([^\W\d_][^:：<>@\d\n]{0,40}?)[\s*_]*[:：][\s*_]*(.*)$")
_BLOCK = 12  # lines that a header block is looked for in
_IN_ONE_LINE = 3  # names of headers in a line whose breaks were lost
_LONGEST = 2000
_INLINE = "forwarded in the text: nothing shows who wrote it but the word of who forwarded it"


def enclosed(
    message: Message, words: OwnWords, rules: WordRules, trust: Trust, signatures: Signatures | None = None
) -> tuple[Enclosed, ...]:
    """The mails inside `message`, attached ones first. `words` are its own, with what was cut from them; `signatures`:
    how those of attached mails are verified, if they are."""
    attached = tuple(enclosed_mail(data, rules, trust, signatures) for data in message.embedded[:_MOST])
    inline = _inline(words, rules)
    return (*(one for one in attached if one.sender), *((inline,) if inline else ()))


def enclosed_mail(data: bytes, rules: WordRules, trust: Trust, signatures: Signatures | None = None) -> Enclosed:
    """A mail that was attached as a file. Its sender is "" when it names none, or several."""
    message = parse(data)
    return Enclosed(
        sender=message.from_addr, subject=message.subject, words=own_words(message, rules).text,
        proof=f"attached as it came; {_shown(message, trust, signatures)}", data=data,
    )  # fmt: skip


def _shown(message: Message, trust: Trust, signatures: Signatures | None) -> str:
    """What shows who wrote an attached mail."""
    signed = prove(message, Trust(), signatures)
    if signed.ok:
        return signed.how
    proof = prove(message, trust)
    said = f"its headers say {proof.how}" if proof.ok else "its headers prove nothing"
    return f"{said}, which is not believed inside another mail"


def _inline(words: OwnWords, rules: WordRules) -> Enclosed | None:
    """The mail in what was cut from the words of who forwards it: below its header lines, else below an announcement
    ("On Monday Ann Lee <...> wrote:")."""
    lines = [line.strip() for line in _unquoted("\n".join(cut.text for cut in words.cut)).split("\n")]
    for at, line in enumerate(lines):
        roles, length = _headers(lines[at : at + _BLOCK], line, rules)
        if roles:
            return _found(roles, "\n".join(lines[at + length :]), rules)
    for at, cut in enumerate(words.cut):
        if cut.why == "attribution":
            body = _unquoted("\n".join(one.text for one in words.cut[at + 1 :]))
            return _found({"from": cut.text, "date": cut.text}, body, rules)
    return None


def _found(roles: dict[str, str], body: str, rules: WordRules) -> Enclosed | None:
    addresses = {normal(found.removeprefix("mailto:")) for found in ADDRESS.findall(roles.get("from", "")[:2000])}
    if len(addresses) != 1 or not {"subject", "date", "to"} & set(roles):
        return None
    said = own_words_of_text("\n".join(line.strip() for line in body.split("\n")), rules).text
    return Enclosed(sender=addresses.pop(), subject=roles.get("subject", ""), words=said, proof=_INLINE)


def _headers(block: list[str], first: str, rules: WordRules) -> tuple[dict[str, str], int]:
    """The header lines at the start of `block`: their values by role, and how many lines they take. None: ({}, 0)."""
    names = list(rules.header_in_line.finditer(first[:_LONGEST]))
    if len(names) >= _IN_ONE_LINE:
        ends = [*(name.start() for name in names[1:]), len(first)]
        parts = zip(names, ends, strict=True)
        return {rules.header_roles[n[1].lower()]: first[n.end() : end].strip() for n, end in parts}, 1
    if not _role(first, rules):
        return {}, 0
    found = [(i, role) for i, line in enumerate(block) if (role := _role(line, rules))]
    return {role: value for _, (role, value) in reversed(found)}, found[-1][0] + 1


def _role(line: str, rules: WordRules) -> tuple[str, str] | None:
    """The role (from, to, date, subject ...) and value of a header line, in any language; None for another line."""
    found = _HEADER.match(line[:_LONGEST])
    role = rules.header_roles.get(found[1].strip().lower()) if found else None
    return (role, found[2].strip()) if found and role else None


def _unquoted(text: str) -> str:
    """`text` without the marks of quotation, where (as Apple Mail forwards) all that has words is quoted."""
    lines = text.split("\n")
    if any(line.strip() and not line.lstrip().startswith(">") for line in lines):
        return text
    return "\n".join(line.lstrip()[1:].removeprefix(" ") for line in lines)
