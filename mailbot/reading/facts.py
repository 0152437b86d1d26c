"""What was asked, as facts, and whether an approving clause names the same number, price, date, version and thing.

An approval at another price, of another change order or of one of two things is no approval of what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from mailbot.reading.clauses import Clause
from mailbot.reading.numerals import Numerals
from mailbot.reading.phrasing import Sentence, Token, amount, number, sentences
from mailbot.reading.vocabulary import without_accents
from mailbot.rules.replies import Meaning

REF_RANGE = re.compile(r"\bco[\s#-]?(\d{1,4})\s*(?:to|-|bis|à|a|through|thru)\s*(?:co[\s#-]?)?(\d{1,4})\b")
REF_MORE = re.compile(r"\bco[\s#-]?\d{1,4}((?:\s*(?:,|&|\+|/|and|und|et|y|e|en)\s*(?:co[\s#-]?)?\d{1,4}\b)+)")
MOST_IN_RANGE = 20
LONG_NUMBER = 5  # digits from which a number beside a payment is a reference
COMPARED = ("kind-", "day-")  # classes of which what was asked and what is answered must have one in common
LATER_VERSIONS = frozenset("23456789bcdefgh")
PLACES = frozenset(
    {
        "page",
        "pages",
        "clause",
        "section",
        "paragraph",
        "article",
        "sheet",
        "slide",
        "seite",
        "página",
        "pagina",
        "blatt",
        "po",
    }
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Numbers in what was asked. `items`: the words of each thing, where several things were asked at once."""

    refs: frozenset[int]
    invoices: frozenset[int]
    amounts: frozenset[Decimal]
    numbers: frozenset[int]
    versions: frozenset[str]
    dates: frozenset[int]
    words: frozenset[str]
    items: tuple[frozenset[str], ...]


def facts_of(subject: str, about: str | None, price: Decimal | None) -> Facts:
    """The facts in a subject (already plain text), with the request's own number and price."""
    tokens = [token for sentence in sentences(subject) for token in sentence.tokens]
    refs = _refs(subject, tokens)
    invoices = {n for token in tokens if _is_invoice(token.text) and (n := number(token.text)) is not None}
    if about and (own := number(about)) is not None:
        refs |= {own} if about.lower().startswith("co") else set()
        invoices |= {own} if _is_invoice(about.lower()) else set()
    amounts = {value for token in tokens if token.kind == "money" and (value := amount(token.text)) is not None}
    if price is not None:
        amounts.add(price)
    numbers = {n for t in tokens if t.kind in ("number", "measure", "version") and (n := number(t.text)) is not None}
    dates = {n for t in tokens if t.kind in ("nth", "number", "isodate", "time") and (n := number(t.text)) is not None}
    dates |= {n - 12 for n in dates if 12 < n < 24}
    versions = {_version(token) for token in tokens if token.kind == "version"}
    words = {w for token in tokens if token.kind == "word" for w in (token.text, without_accents(token.text))}
    return Facts(
        frozenset(refs), frozenset(invoices), frozenset(amounts), frozenset(numbers), frozenset(versions),
        frozenset(dates), frozenset(words), tuple(_items(subject)),
    )  # fmt: skip


def with_spelt_numbers(facts: Facts, known: Numerals) -> Facts:
    """The facts with each number in words as well, and each word of a number as that number."""
    spelt = {word for number in facts.numbers for word in known.words_of(number)}
    counted = {value for word, value in known.values.items() if word in facts.words}
    return replace(facts, words=facts.words | spelt, numbers=facts.numbers | counted)


def _refs(subject: str, tokens: Sequence[Token]) -> set[int]:
    refs = {n for token in tokens if token.kind == "ref" and token.text.startswith("co") and (n := number(token.text))}
    for match in REF_RANGE.finditer(subject):
        first, last = int(match[1]), int(match[2])
        if first < last <= first + MOST_IN_RANGE:
            refs.update(range(first, last + 1))
    for match in REF_MORE.finditer(subject):
        refs.update(int(n) for n in re.findall(r"\d{1,4}", match[1]))
    return refs


def _version(token: Token) -> str:
    """`version 2.1`, `rev b`, `fassung 3` -> 21, b, 3."""
    return re.sub(r"[^\da-z]", "", re.sub(r"^[^\W\d_]+\.?(?=[\s#\d])", "", token.text))


def _items(subject: str) -> list[frozenset[str]]:
    """`Approval: bodice, skirt and sleeves` -> the three things, by their words; nothing when only one was asked."""
    topic = re.sub(r"\([^()]*\)", " ", subject).split(":")[-1]
    topic = re.sub(r"^.*\b(?:approve|approval of|approval for|sign off|confirm)\b", " ", topic)
    if ":" not in subject and not re.search(r"&|\+|\b(?:and|und|et|y|ed?|en)\b", topic):
        return []  # "Dining table, walnut": one thing and what it is like
    parts = re.split(r",|&|\band\b|\bund\b|\bet\b|\by\b|\bed?\b|\ben\b|\+", topic)
    things = [frozenset(re.findall(r"[^\W\d_]{3,}", part)) for part in parts]
    things = [thing for thing in things if thing]
    return things if len(things) > 1 else []


def mark_agreed(sentence: Sentence, facts: Facts) -> Sentence:
    """The sentence with its agreed prices named as such, and bare numbers of requests as these ("4, 5 and 6")."""
    return replace(sentence, tokens=tuple(_agreed(token, facts) for token in sentence.tokens))


def _agreed(token: Token, facts: Facts) -> Token:
    if token.kind == "money" and amount(token.text) in facts.amounts:
        return replace(token, kind="sameprice")
    if token.kind == "number" and amount(token.text) in facts.amounts and number(token.text) not in facts.numbers:
        return replace(token, kind="sameprice")
    one_of_several = len(facts.refs) > 1 and number(token.text) in facts.refs - facts.numbers
    return replace(token, kind="ref") if token.kind == "number" and one_of_several else token


def objection(clause: Clause, facts: Facts, kinds: Mapping[str, frozenset[str]]) -> tuple[Meaning, str] | None:
    """Why a clause approves something else than was asked: a meaning and a named reason; None if it does not."""
    for at, token in enumerate(clause.tokens):
        if at > 1 and token.kind == "number" and clause.tokens[at - 1].text in PLACES:
            continue
        found = _token_objection(token, facts)
        if found:
            return found
    first = clause.words[0].start if clause.words else 0
    counted = [clause.tokens[w.start - first].text for w in clause.words if "qty" in w.classes]
    if any(word not in facts.words for word in counted):
        return "change", "other-quantity"
    parts = [clause.tokens[w.start - first].text for w in clause.words if "part" in w.classes]
    if any(part not in facts.words and part.removesuffix("s") not in facts.words for part in parts):
        return "unclear", "not-asked"
    for before, word in pairwise(clause.words):
        texts = [token.text for token in clause.tokens[word.start - first : word.end - first]]
        if "anew" in before.classes and "objn" in word.classes and not facts.words.issuperset(texts):
            return "unclear", "not-asked"
    return _other_kind(clause, facts, kinds)


def payment_objection(clause: Clause, facts: Facts) -> tuple[Meaning, str] | None:
    """Why a clause tells of another payment than was asked: another invoice, another sum.

    The day of a payment and its reference are its own.
    """
    first = clause.words[0].start if clause.words else 0
    dated = {at for word in clause.words if "month" in word.classes for at in (word.start - 1, word.end)}
    dated |= {word.end for word in clause.words if "payref" in word.classes}
    for at, token in enumerate(clause.tokens):
        value = number(token.text)
        if _is_invoice(token.text):
            if value not in facts.invoices | facts.numbers:
                return "unclear", "other-number"
        elif token.kind in ("money", "ref", "measure", "percent"):
            if found := _token_objection(token, facts):
                return ("partial" if found[0] == "change" else found[0]), found[1]
        elif token.kind == "number" and first + at not in dated and len(token.text) < LONG_NUMBER:
            known = value in facts.numbers | facts.invoices or amount(token.text) in facts.amounts
            if not known:
                return "partial", "other-quantity"
    return None


def _is_invoice(text: str) -> bool:
    return text.startswith("inv") and number(text) is not None


def _token_objection(token: Token, facts: Facts) -> tuple[Meaning, str] | None:
    value = number(token.text)
    if token.kind == "money":
        price = amount(token.text)
        if price not in facts.amounts:
            return ("change", "other-price") if facts.amounts else ("unclear", "price-not-known")
    elif token.kind == "ref":
        if value not in facts.refs:
            return "unclear", "other-number"
    elif token.kind in ("number", "measure"):
        if value not in facts.numbers | facts.refs | facts.dates:
            return "change", "other-quantity"
    elif token.kind in ("nth", "isodate", "time"):
        if facts.dates and value not in facts.dates:
            return "change", "other-date"
    elif token.kind == "version":
        if _version(token) not in (facts.versions or LATER_VERSIONS):
            return "unclear", "other-version"
    elif token.kind == "percent" and value != 100:
        return "change", "a-part-only"
    return None


def _other_kind(clause: Clause, facts: Facts, kinds: Mapping[str, frozenset[str]]) -> tuple[Meaning, str] | None:
    """The fabric is approved where the design was asked, or Monday where Tuesday was proposed (both are data)."""
    for prefix in COMPARED:
        named = {name for word in clause.words for name in word.classes if name.startswith(prefix)}
        asked = {name for name, words in kinds.items() if name.startswith(prefix) and words & facts.words}
        if named and asked and not named & asked:
            return "unclear", "another-thing"
    return None


def missing(clauses: Sequence[Clause], facts: Facts) -> str | None:
    """The reason when several things were asked and only some are answered; None when all are, or none is named."""
    text = " ".join(clause.text for clause in clauses).lower()
    if any(clause.has("all") for clause in clauses):
        return None
    if len(facts.refs) > 1:
        named = {
            n for c in clauses for t in c.tokens if t.kind in ("ref", "number") and (n := number(t.text)) is not None
        }
        if named and not facts.refs <= named:
            return "one-of-several"
    words = set(re.findall(r"[^\W\d_]{3,}", text))
    hit = [bool(item & words) for item in facts.items]
    common = frozenset.intersection(*facts.items) if facts.items else frozenset()
    return "one-of-several" if any(hit) and not all(hit) and not common & words else None
