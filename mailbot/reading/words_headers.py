"""Header blocks above older mail: "From: .. / Sent: .. / To: .. / Subject: ..", in any language, form and order.

Known by their names (rules/own_words.toml), or in an unknown language by an address and a date among lines that look
like headers. A client's own list of that form stays: it has no sender and no subject.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.reading.words_lines import Line
from mailbot.rules.words import WordRules

ADDRESS = re.compile(r"[^\s<>\"(),;:@]{1,64}@[^\s<>\"(),;:@]{1,190}")
# A date in figures, a date with CJK units, a year beside another number, or a time.
WHEN = re.compile(
    r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}|\d\s?[年년]|(?<!\d)(?:19|20|25|13|14)\d\d(?!\d)"
    r"|\d{1,2}[:.]\d\d(?!\d)|\d{1,2}h\d\d"
)
MAX_LINE = 2000
_HEADER = re.compile(r"[\W_]{0,6}?([^\W\d_][^:：<>@\d\n]{0,40}?)[\s*_]*[:：][\s*_]*(.*)$", re.DOTALL)
_BOXED_ADDRESS = re.compile(r"(?:<|\[mailto:|&lt;)\s*[^\s<>@]{1,64}@[^\s<>@]{1,190}")


@dataclass(frozen=True, slots=True)
class Mark:
    """Lines `start` to `end` (not included) that announce older mail. `kind`: attribution, headers or separator."""

    start: int
    end: int
    kind: str
    doubt: str = ""


def header_block(lines: list[Line], at: int, rules: WordRules) -> Mark | None:
    """A run of header lines: three known names, or two with an address and a date, or the like in an unknown tongue."""
    roles: list[str] = []
    values: list[str] = []
    unknown = 0
    first = rules.header_roles.get(_header(lines[at])[0])
    end = index = at
    while index is not None and index < len(lines) and index - at < 40:
        name, value = _header(lines[index])
        if not name or lines[index].depth != lines[at].depth:
            break
        role = rules.header_roles.get(name)
        unknown += role is None
        if role:
            roles.append(role)
        values.append(value)
        end = index + 1
        following = _next_header(lines, end, bool(role), rules)
        if following is None:
            break
        index = following
    if (first is None and len(roles) >= 2) or (first and roles.count(first) > 1 and first != "other"):
        return None  # a typed line of the same form stands above the block
    return _judged(at, end, set(roles) - {"other"}, unknown, " \n".join(values))


def bare_headers(lines: list[Line], at: int, rules: WordRules) -> Mark | None:
    """The names of the headers on lines of their own, below the sender and the date, as Notes writes them."""
    ahead = range(at + 1, min(len(lines), at + 12))
    end = next((i + 2 for i in ahead if rules.header_roles.get(lines[i].text.lower()) == "subject"), None)
    start = at
    above = [i for i in range(max(0, at - 5), at) if lines[i].text]
    while above and (ADDRESS.search(lines[above[-1]].text) or WHEN.search(lines[above[-1]].text)):
        start = above.pop()
    return Mark(start, end, "headers") if end and start < at else None


def _judged(at: int, end: int, roles: set[str], unknown: int, values: str) -> Mark | None:
    addressed = "@" in values and ADDRESS.search(values) is not None
    when = WHEN.search(values) is not None
    if len(roles) >= 3 and (addressed or "subject" in roles):
        return Mark(at, end, "headers")
    if len(roles) == 2 and "from" in roles and addressed and when:
        return Mark(at, end, "headers")
    if len(roles) == 2 and "subject" in roles and "from" in roles and (addressed or when):
        return Mark(at, end, "headers")
    if len(roles) + unknown >= 3 and unknown and when and _BOXED_ADDRESS.search(values):
        return Mark(at, end, "headers", "unknown-headers" if not roles else "")
    return None


def _header(line: Line) -> tuple[str, str]:
    """The name (lower case) and value of a line that looks like a header; ("", "") for others. Kept with the line."""
    if line.header is None:
        found = _HEADER.match(line.text[:MAX_LINE]) if ":" in line.text or "：" in line.text else None
        line.header = (found[1].strip().lower(), found[2].strip()) if found else ("", "")
    return line.header


def _next_header(lines: list[Line], end: int, known: bool, rules: WordRules) -> int | None:
    """The next header line: straight below, or a known one after a blank line or up to three wrapped lines."""
    if end < len(lines) and _header(lines[end])[0]:
        return end
    for index in range(end, min(len(lines), end + 4)):
        if not known or lines[index].depth != lines[end - 1].depth:
            return None
        name, _ = _header(lines[index])
        if name in rules.header_roles:
            return index
    return None


def headers_in_line(lines: list[Line], at: int, rules: WordRules) -> Mark | None:
    """Three names of headers in one line, with an address: what is left of a block when its line breaks are lost."""
    text = lines[at].text[:MAX_LINE]
    if text.count(":") < 3 or "@" not in text:
        return None
    head = _HEADER.match(text)
    if not head or head[1].strip().lower() not in rules.header_roles:
        return None
    roles = {rules.header_roles[m[1].lower()] for m in rules.header_in_line.finditer(text)} - {"other"}
    roles.add(rules.header_roles[head[1].strip().lower()])
    return Mark(at, at + 1, "headers") if len(roles) >= 3 else None
