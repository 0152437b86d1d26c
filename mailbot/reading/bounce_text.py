"""The dialects of delivery reports in plain words: which addresses failed, and why, according to the notice.

A notice is what stands above the mail that is returned. Servers write their reports in some dozens of ways, but all
of them set the address at the head of a line, behind a label, in the transcript of the SMTP session or in the sentence
that says what went wrong. These four places are looked at in that order; the first that names somebody counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mailbot.reading.delivery_status import MAX_RECIPIENTS, FailedRecipient, class_of_reply, status_in
from mailbot.reading.wording import begins_with, find_phrase, fold, place_of
from mailbot.rules.machines import Bounces

MAX_NOTICE = 16 * 1024
_MAX_LINE = 1000
_MAX_LINES = 1500
_NOT = r"\s<>()\[\],;:\"`|*@，；：（）＜＞、。「」『』【】\u200b"  # what no address holds where it stands in a text
_ADDRESS = rf"[^{_NOT}'=][^{_NOT}]{{0,63}}@[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,252}}[A-Za-z0-9])?"
_ANY = re.compile(_ADDRESS)
_AT_HEAD = re.compile(
    rf"[ \t>*•+-]*(?:\d+[.)] )?[\[<\"']?(?:mailto:|smtp:|rfc822;)?({_ADDRESS})[\]>\"']?(?=$|[\s:;,.(<\[/])",
    re.IGNORECASE,
)
_X400 = re.compile(rf"(?i)(?:dda:|;|/)smtp[=:]({_ADDRESS})")
_TRANSCRIPT = re.compile(rf"(?i)(?:rcpt to: ?<?({_ADDRESS})|(?:^|[ (\[])[45]\d\d[ -].{{0,80}}?<?({_ADDRESS}))")
_HEADER_LINE = re.compile(
    r"(?i)(received|return-path|from|to|subject|message-id|date|mime-version|content-type|reply-to|x-[a-z-]+|dkim-signature):"
)
_OF_ORIGINAL = re.compile(r"(?i)(received|from|subject|message-id|date|return-path):")
_RULE = " \t-=_*#>|.:"


def split_notice(text: str, rules: Bounces) -> tuple[str, str]:
    """The notice of a report and the returned mail below it, "" when there is none."""
    lines = text[: 4 * MAX_NOTICE].split("\n")[:_MAX_LINES]
    for index, line in enumerate(lines):
        if _is_marker(line, rules) or _is_header_block(lines, index):
            after = index if _HEADER_LINE.match(line) else index + 1
            return "\n".join(lines[:index])[:MAX_NOTICE], "\n".join(lines[after:])
    return "\n".join(lines)[:MAX_NOTICE], ""


def _is_marker(line: str, rules: Bounces) -> bool:
    bare = fold(line.strip(_RULE)) if 5 < len(line) < 100 else ""
    return any(
        (at := place_of(bare, phrase)) and at[0] == 0 and len(bare) - at[1] < 50
        for phrase in rules.original_below
        if phrase[:3] in bare
    )


def _is_header_block(lines: list[str], index: int) -> bool:
    """Whether the header of a mail begins here: a Received or Return-Path and two more, in five fields."""
    if not re.match(r"(?i)(received: |return-path:|date: |from: |message-id:)", lines[index]) or not index:
        return False
    names = [match[1].lower() for line in lines[index : index + 25] if (match := _OF_ORIGINAL.match(line))]
    return len(set(names)) >= 3 and bool({"received", "return-path", "message-id"} & set(names))


def recipients_in(
    notice: str, rules: Bounces, not_these: frozenset[str], known: tuple[str, ...] = ()
) -> tuple[FailedRecipient, ...]:
    """Whom the notice names as failed or delayed. `not_these` never are; `known` come from a header and are taken."""
    lines = [line[:_MAX_LINE] for line in notice.split("\n")]
    action = action_of(notice, rules)
    places = _places(lines, rules, not_these)
    whole = fold(notice)
    addresses = known or tuple(dict.fromkeys(address for address, _ in places))
    return tuple(
        FailedRecipient(address, action, _status(address, lines, places, whole))
        for address in addresses[:MAX_RECIPIENTS]
    )


def is_listed(notice: str, rules: Bounces, not_these: frozenset[str]) -> bool:
    """Whether an address stands as an item of its own, or behind a label: no person writes so in passing."""
    lines = [line[:_MAX_LINE] for line in notice.split("\n")]
    labels = tuple(label for label in rules.recipient_labels if label.endswith((":", "：")))
    found = {
        a
        for line in lines
        if "@" in line
        for a in (*_at_head(line, rules), *_behind_label(line, labels, rules.not_recipients))
    }
    return bool(found - not_these)


def action_of(notice: str, rules: Bounces) -> str:
    """`delayed` when the notice only warns, else `failed`."""
    folded = fold(notice)
    if not find_phrase(folded, rules.delayed):
        return "failed"
    return "failed" if find_phrase(folded, rules.final) else "delayed"


def _places(lines: list[str], rules: Bounces, not_these: frozenset[str]) -> list[tuple[str, int]]:
    """(address, line) of the first of the kinds of places that names somebody."""
    kinds: tuple[Callable[[str], Iterator[str]], ...] = (
        lambda line: _at_head(line, rules),
        lambda line: _behind_label(line, rules.recipient_labels, rules.not_recipients),
        _in_transcript,
        lambda line: _in_sentence(line, rules),
        lambda line: _behind_label(line, rules.original_labels, rules.not_recipients),
    )
    named = [(n, line) for n, line in enumerate(lines) if "@" in line]
    for kind in kinds:
        found = [(address, n) for n, line in named for address in kind(line) if address not in not_these]
        if found:
            return found
    # A sentence may run over the end of its line.
    joined = " ".join(lines)
    sentence = [address for address in _in_sentence(joined, rules) if address not in not_these]
    return [(address, 0) for address in sentence]


def _at_head(line: str, rules: Bounces) -> Iterator[str]:
    match = _AT_HEAD.match(line)
    if match and not begins_with(fold(line[match.end() :]), rules.goes_on):
        yield match[1].lower()
    for named in _X400.finditer(line):
        yield named[1].lower()


def _behind_label(line: str, labels: tuple[str, ...], others: tuple[str, ...]) -> Iterator[str]:
    for match in _ANY.finditer(line):
        before = fold(line[max(0, match.start() - 60) : match.start()]).rstrip("<[(\"' ")
        before = before.removesuffix("mailto:").removesuffix("smtp:").rstrip("<[(\"' ")
        if _ends_with(before, labels) and not _ends_with(before, others):
            yield match[0].lower()


def _ends_with(before: str, phrases: tuple[str, ...]) -> bool:
    for phrase in phrases:
        if before.endswith(phrase) and (len(before) == len(phrase) or not before[-len(phrase) - 1].isalnum()):
            return True
    return False


def _in_transcript(line: str) -> Iterator[str]:
    if "mail from" in line.lower():
        return
    for match in _TRANSCRIPT.finditer(line):
        yield (match[1] or match[2]).lower()


def _in_sentence(line: str, rules: Bounces) -> Iterator[str]:
    if not find_phrase(fold(line[: 4 * _MAX_LINE]), rules.failed):
        return
    for match in _ANY.finditer(line):
        before = fold(line[max(0, match.start() - 40) : match.start()]).rstrip("<[(\"' ")
        if not any(place_of(before, phrase) for phrase in rules.not_recipients):
            yield match[0].lower()


def _status(address: str, lines: list[str], places: list[tuple[str, int]], whole: str) -> str | None:
    """The code nearest below the address, up to the next address; else the only one in the notice."""
    at = next((n for found, n in places if found == address), None)
    if at is None:
        at = next((n for n, line in enumerate(lines) if address in line.lower()), None)
    if at is not None:
        end = next((n for found, n in places if n > at and found != address), len(lines))
        block = " ".join(lines[at:end])
        code = status_in(block) or class_of_reply(block)
        if code:
            return code
    return status_in(whole) or class_of_reply(whole) if len({a for a, _ in places} | {address}) == 1 else None
