"""Where older mail begins: announcements of a quotation, header blocks, separators; by their words and by their shape.

Each function looks at one place in the lines and gives the index after the mark, or None.
"""

from __future__ import annotations

import re

from mailbot.reading.words_headers import ADDRESS, MAX_LINE, WHEN, Mark, bare_headers, header_block, headers_in_line
from mailbot.reading.words_lines import Line, initials_quote
from mailbot.rules.words import WordRules

_DATE_AHEAD = re.compile(r"[\W_]*(?:[^\W\d_]+[\W_]+){0,5}[^\W\d_]{0,3}\d")
_OLD_GMAIL = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d\d)?(?: GMT[+-]\d\d:\d\d)? \S.*")
_SENTENCE_END = re.compile(r"[^\W\d_]{5}[.!?]\s+[\"“(]?[A-ZÀ-ÞА-Я]")
_SENTENCE = re.compile(r"[^\W\d_]{4}[.!?…]$")
_NUMERIC_DATE = re.compile(r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}|\d\s?[年년]")
_YEAR = re.compile(r"(?<!\d)(?:19|20|25|13|14)\d\d(?!\d)")
_DAY = re.compile(r"(?<![\d:.])\d{1,2}(?!\d|[:.]\d)")
_RULE = re.compile(r"[\s*]*[-_=*#~–—─━]{3,}[\s*]*$")
_FRAMED = re.compile(r"[\s*]*[-_=*]{3,}[^-_=*]{1,60}[-_=*]{3,}[\s*]*$")
_PREVIEW = re.compile(r".{0,120}-{2,3}\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}[^-]{0,30}-{2,3}")  # Notes, above its headers
_DECORATION = " \t-_=*~#<>[]()–—─━|:：.\"'"
_DASHED = re.compile(r"[\s>*<\[(]*[-_=*~#–—─━]{2,}")
_MAX_ANNOUNCEMENT = 500


def mark_at(lines: list[Line], at: int, rules: WordRules) -> Mark | None:
    """The mark that begins at this line, if one does."""
    text = lines[at].text
    if len(text) > MAX_LINE:
        return headers_in_line(lines, at, rules)
    first, last = text[0], text[-1]
    if len(text) < 16 and rules.header_roles.get(text.lower()) == "to":
        return bare_headers(lines, at, rules)
    if (first in "-_=*#>~–—<[(─━" or last in ":：-–—*") and _is_separator(text, rules):
        return Mark(at, at + 1, "separator")
    if ":" in text[:60] or "：" in text[:60]:
        mark = header_block(lines, at, rules) or headers_in_line(lines, at, rules)
        if mark:
            return mark
    if "@" in text or last in ":：-" or _DATE_AHEAD.match(text):
        end = _attribution(lines, at, rules)
        if end is not None:
            return Mark(_with_name_above(lines, at), end, "attribution")
    return None


def split_joined(lines: list[Line], rules: WordRules) -> None:
    """Sets apart what Yahoo on a phone writes behind an announcement, after three blanks on the same line."""
    for at in range(len(lines) - 1, -1, -1):
        head, gap, rest = lines[at].raw[:MAX_LINE].partition(":   ") if "@" in lines[at].raw else ("", "", "")
        if gap and rest.strip() and not lines[at].depth and _announces(f"{head.strip()}:", False, rules):
            rest = lines[at].raw[len(head) + 1 :]
            lines[at : at + 1] = [Line(f"{head.strip()}:", 0, f"{head}:"), Line(rest.strip(), 0, rest)]


def holds_mark(text: str, rules: WordRules) -> bool:
    """An announcement, or several names of headers, somewhere within a line."""
    if "@" not in text or ":" not in text or len(text) > MAX_LINE:
        return False
    address = ADDRESS.search(text)
    after = text[address.end() : address.end() + 60] if address else ""
    if ":" in after and rules.verb.match(after.lstrip(" >)]").split(":")[0]):
        return True
    return len({rules.header_roles[m[1].lower()] for m in rules.header_in_line.finditer(text)} - {"other"}) >= 4


def is_rule(text: str) -> bool:
    """A line of dashes, underscores or the like and nothing else."""
    return _RULE.match(text) is not None


def belongs_to_mark(text: str, rules: WordRules) -> bool:
    """A line that, standing right above a mark, is part of it: dashes, words between dashes, a separator's words."""
    return (
        is_rule(text)
        or _FRAMED.match(text) is not None
        or _PREVIEW.match(text) is not None
        or rules.separator.fullmatch(text.strip(_DECORATION)) is not None
    )


def next_line(lines: list[Line], at: int) -> int | None:
    """The index of the first line from `at` that has text."""
    return next((i for i in range(at, min(len(lines), at + 40)) if lines[i].text), None)


# --- "On <date>, <name> wrote:" ----------------------------------------------------------------------------------


def _attribution(lines: list[Line], at: int, rules: WordRules) -> int | None:
    """The index after an announcement that begins here, on one line or wrapped over up to six."""
    joined, closed = "", True
    pieces: list[str] = []
    index = at
    for _ in range(6):
        line = lines[index]
        text = line.text
        if line.depth != lines[at].depth:  # "> wrote:" where the bracket of an address was wrapped off
            if closed:
                return None
            text = line.raw.strip()
        joined = f"{joined} {text}".strip()
        pieces.append(text)
        if len(joined) > _MAX_ANNOUNCEMENT:
            return None
        closed = joined.count("<") <= joined.count(">")
        if index > at and _typed_before(lines[at].text, text):
            return None
        follows = closed and _quote_follows(lines, index + 1, lines[at].depth)
        if _announces(joined, follows, rules):
            return index + 1 if _one_announcement(pieces, follows, rules) else None
        index = _next_piece(lines, index, joined)
        if index < 0:
            return None
    return None


def _typed_before(first: str, later: str) -> bool:
    """The first line is not the start of this announcement: it ends a sentence, or a later line has the whole date."""
    if _SENTENCE.search(first):
        return True
    head = later[:60]
    whole = _DATE_AHEAD.match(later) and (_NUMERIC_DATE.search(head) or (_YEAR.search(head) and _DAY.search(head)))
    return bool(whole) and "@" not in first and (later[0].isalpha() or len(first) < 8 or bool(WHEN.search(first)))


def _one_announcement(pieces: list[str], quote_follows: bool, rules: WordRules) -> bool:
    """False when the last lines announce on their own, and those before them are typed."""
    for count in range(1, len(pieces)):
        head, rest = " ".join(pieces[:count]), " ".join(pieces[count:])
        if _announces(rest, quote_follows, rules) and not _goes_on(head, rest):
            return False
    return True


def _goes_on(head: str, rest: str) -> bool:
    """The first half of a wrapped announcement: it has the date or the address, or breaks off within one."""
    if "@" in head or head.count("<") > head.count(">") or rest.startswith("<"):
        return True
    if WHEN.search(head):
        return True
    return len(head) >= 8 and (head[-1] == "," or head[-1].isdigit()) and not _NUMERIC_DATE.match(rest)


def _next_piece(lines: list[Line], index: int, joined: str) -> int:
    """The next line of a wrapped announcement: across blank lines only where an address is still open or follows."""
    following = next_line(lines, index + 1)
    if following is None:
        return -1
    if following == index + 1 or joined.count("<") > joined.count(">"):
        return following
    return following if following - index <= 3 and lines[following].text.startswith("<") else -1


def _quote_follows(lines: list[Line], index: int, depth: int) -> bool:
    following = next_line(lines, index)
    if following is None:
        return False
    return lines[following].depth > depth or (following - index < 2 and initials_quote(lines[following]))


def _announces(joined: str, quote_follows: bool, rules: WordRules) -> bool:
    text = joined.replace("&lt;", "<").replace("&gt;", ">").rstrip("-–—*_ \"'")
    if not text:
        return False
    colon = text[-1] in ":："
    address = ADDRESS.search(text) if "@" in text else None
    when = WHEN.search(text)
    if not (colon or address or when) or not (address or (quote_follows and colon) or _starts_well(text, when)):
        return False
    if colon and when and address and (quote_follows or _boxed(text, address)):
        return _head_is_short(text, address)
    if (
        _OLD_GMAIL.fullmatch(text)
        and (address or "GMT" in text)
        and (address is None or text.endswith((">", address[0])))
    ):
        return True
    if quote_follows and (colon + bool(when) + bool(address)) >= 2 and _head_is_short(text, address):
        return True
    return _says_so(text, colon, bool(when or address), quote_follows, address, rules)


def _says_so(
    text: str, colon: bool, located: bool, quote_follows: bool, address: re.Match[str] | None, rules: WordRules
) -> bool:
    """By a verb of announcement: at the end, or before a colon; without date and address only above marked quotes."""
    verb = next(reversed(list(rules.verb.finditer(text))), None)
    if verb is None or not (colon or not text[verb.end() :].strip(" .:：")):
        return False
    if rules.first_person.search(text) and not quote_follows:
        return False
    if located:
        return _head_is_short(text, address)
    return quote_follows and len(text) < 100


def _boxed(text: str, address: re.Match[str]) -> bool:
    """The address stands in brackets or ends the line, as programs write it and people in a sentence do not."""
    return text[address.start() - 1 : address.start()] in ("<", "(", "[", ":") or not text[address.end() :].strip(
        " .:：)>"
    )


def _starts_well(text: str, when: re.Match[str] | None) -> bool:
    return when is None or _DATE_AHEAD.match(text) is not None


def _head_is_short(text: str, address: re.Match[str] | None) -> bool:
    """What stands before the address is a name, a date and a few words, not a sentence of the client's."""
    head = text[: address.start()] if address else text
    return len(head) < 160 and not _SENTENCE_END.search(head)


def _with_name_above(lines: list[Line], at: int) -> int:
    """An address alone at the start of an announcement: the name was wrapped off onto the line above."""
    if at and lines[at].text.startswith("<") and lines[at - 1].depth == lines[at].depth:
        above = lines[at - 1].text
        if 0 < len(above) < 60 and above[-1] not in ".!?,:;" and (at < 2 or not lines[at - 2].text):
            return at - 1
    return at


# --- "-----Original Message-----" --------------------------------------------------------------------------------


def _ends_in_verb(text: str, rules: WordRules) -> bool:
    return any(found.end() == len(text) for found in rules.verb.finditer(text))


def _is_separator(text: str, rules: WordRules) -> bool:
    core = text.strip(_DECORATION)
    if not core:
        return False
    found = rules.separator.match(core)
    if not found:
        return _FRAMED.match(text) is not None and _ends_in_verb(core, rules)
    rest = core[found.end() :]
    dashed = _DASHED.match(text) is not None
    if not rest:
        return dashed or (text.rstrip("*_ \"'")[-1:] in ":：" and " " in found[0])
    if dashed and (_DASHED.match(rest) or len(rest) < 80):
        return _DASHED.match(rest) is not None or _DASHED.search(text[-4:]) is not None
    return False
