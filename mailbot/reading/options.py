"""Which option did the client choose? By number, letter, ordinal, price, wording or description.

`mentions` finds the words of a sentence that point at options, before the grammar looks at it: these become words of
the class `opt`, each with the options that it can mean. `judge_options` then judges clauses like any other; a choice
stands when what its words point at has exactly one option in common and nothing that was said weighs against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mailbot.reading.grammar import Grammar
from mailbot.reading.phrasing import Sentence, Token, amount, number, sentences
from mailbot.reading.vocabulary import without_accents

LETTERS = "abcdefgh"
SHORTEST_QUOTE = 8
UNKNOWN_OPTION = 0
LARGEST_LIST = 9  # a small bare number names an option, a larger one may be a price or a day of its text
NEVER = ("neg", "if", "except", "hedge", "ask")


@dataclass(frozen=True, slots=True)
class OptionTable:
    """The options that were put to the client: each word's options, each price's, and which costs most and least."""

    count: int
    words: Mapping[str, frozenset[int]]
    quotes: tuple[tuple[str, int], ...]
    dearest: int | None
    cheapest: int | None


def option_table(options: Sequence[str], grammar: Grammar) -> OptionTable:
    """The table of the options' plain texts. Words that all options share point at all."""
    words: dict[str, set[int]] = {}
    quotes: list[tuple[str, int]] = []
    prices: list[Decimal] = []
    for at, text in enumerate(options, 1):
        lower = text.lower()
        main = lower.split("(")[0].strip(" .")
        quotes += [(quote, at) for quote in dict.fromkeys((lower, main)) if len(quote) >= SHORTEST_QUOTE]
        tokens = [token for sentence in sentences(lower) for token in sentence.tokens]
        for token in tokens:
            for key in _keys(token):
                if not _small(key, grammar):
                    words.setdefault(key, set()).add(at)
        prices.append(_price(lower, tokens))
    distinct = {word: frozenset(where) for word, where in words.items()}
    return OptionTable(
        len(options), distinct, tuple(sorted(quotes, key=lambda q: -len(q[0]))), _only(prices, max), _only(prices, min)
    )


def _keys(token: Token) -> tuple[str, ...]:
    if token.kind == "word":
        return tuple({token.text, stem(token.text)})
    if token.kind in ("money", "number", "nth", "measure", "time", "version", "isodate"):
        value = amount(token.text) if token.kind == "money" else number(token.text)
        return (f"{value:f}" if isinstance(value, Decimal) else str(value),)
    return ()


def stem(word: str) -> str:
    """A word without its commonest endings, so that "waiting" is "wait" and "letters" is "letter"."""
    word = without_accents(word)
    for ending in ("ing", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _small(word: str, grammar: Grammar) -> bool:
    classes = _classes(grammar, word)
    return "small" in classes or bool(classes.intersection(NEVER))


def _price(text: str, tokens: Sequence[Token]) -> Decimal:
    money = [value for token in tokens if token.kind == "money" and (value := amount(token.text)) is not None]
    less = re.search(r"reduc|refund|less|minus|off\b|-\s?[$€£]", text)
    return (-money[0] if less else money[0]) if money else Decimal(0)


def _only(prices: Sequence[Decimal], choose: object) -> int | None:
    extreme = max(prices, default=Decimal(0)) if choose is max else min(prices, default=Decimal(0))
    return prices.index(extreme) + 1 if prices.count(extreme) == 1 else None


def put_numbers_for_quotes(text: str, table: OptionTable) -> str:
    """A reply that repeats an option's text says its number."""
    for quote, at in table.quotes:
        position = text.lower().find(quote)
        if position >= 0:
            text = f"{text[:position]} option {at} {text[position + len(quote) :]}"
    return text


def mentions(sentence: Sentence, table: OptionTable, grammar: Grammar) -> dict[int, frozenset[int]]:
    """Index of each token that points at options -> these options (0: a number that is not on the list)."""
    found: dict[int, frozenset[int]] = {}
    for at, token in enumerate(sentence.tokens):
        pointed = _by_number(sentence.tokens, at, table, grammar) or _by_description(token, table)
        if pointed:
            found[at] = pointed
    return found


def _by_number(tokens: Sequence[Token], at: int, table: OptionTable, grammar: Grammar) -> frozenset[int]:
    token = tokens[at]
    if _counts_something(tokens, at, grammar):
        return frozenset()
    if token.kind in ("version", "number", "nth"):
        letter = re.search(r"(?:^|[\s#])([a-h])$", token.text)
        value = LETTERS.index(letter[1]) + 1 if letter else number(token.text)
        known = token.kind == "number" and "." in token.text
        return frozenset() if value is None or known else _in_range(value, table, token)
    if token.kind != "word":
        return frozenset()
    return _by_word(tokens, at, table, grammar)


def _in_range(value: int, table: OptionTable, token: Token) -> frozenset[int]:
    if 1 <= value <= table.count:
        return frozenset({value})
    described = table.words.get(str(value))
    if described and value > LARGEST_LIST:
        return described
    return frozenset({UNKNOWN_OPTION}) if token.kind == "version" or value <= LARGEST_LIST else frozenset()


def _by_word(tokens: Sequence[Token], at: int, table: OptionTable, grammar: Grammar) -> frozenset[int]:
    """`B`, `two` after "option", `second`, `last`, `latter`, `pricier`: words of classes that say which."""
    word, before = tokens[at].text, tokens[at - 1].text if at else ""
    if len(word) == 1 and word in LETTERS[: table.count] and _stands_alone(tokens, at, grammar):
        return frozenset({LETTERS.index(word) + 1})
    for name in _classes(grammar, word):
        if name.startswith("count-") and (_has(grammar, before, "optn") or (at == 0 and len(tokens) <= 3)):
            return _in_range(int(name[6:]), table, Token("", "version", 0, 0))
        if name.startswith("rank-"):
            return _ranked(name[5:], table)
    return frozenset()


def _ranked(rank: str, table: OptionTable) -> frozenset[int]:
    places: dict[str, int | None] = {
        "last": table.count,
        "former": 1 if table.count == 2 else None,
        "latter": 2 if table.count == 2 else None,
        "middle": 2 if table.count == 3 else None,
        "dearest": table.dearest,
        "cheapest": table.cheapest,
    }
    place = places[rank] if rank in places else int(rank)
    if place is None:
        return frozenset()
    return frozenset({place if place <= table.count else UNKNOWN_OPTION})


def _counts_something(tokens: Sequence[Token], at: int, grammar: Grammar) -> bool:
    """`3 weeks`, `1 sec`, `2 of the 3`, `4 May`, `on the 4th`: a number that is no option."""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if tokens[at].kind == "nth":
        return not (_has(grammar, after, "optn") or after == "one" or len(tokens) <= 3)
    if tokens[at].kind == "word" and any(name.startswith("rank-") for name in _classes(grammar, tokens[at].text)):
        return False
    return tokens[at].kind in ("number", "word") and any(_has(grammar, after, name) for name in ("unit", "month"))


def _stands_alone(tokens: Sequence[Token], at: int, grammar: Grammar) -> bool:
    """Whether a single letter is no article: "B", "option A", "go with A", "A please", but not "a bit"."""
    word = tokens[at].text
    article = _has(grammar, word, "small")
    last = at + 1 == len(tokens) or tokens[at + 1].kind != "word" or _has(grammar, tokens[at + 1].text, "please")
    return last if article else True


def _has(grammar: Grammar, word: str, name: str) -> bool:
    return name in _classes(grammar, word)


def _classes(grammar: Grammar, word: str) -> frozenset[str]:
    lexeme = grammar.extra.get("issue_options", {}).get((word,)) or grammar.lexemes.get((word,))
    return lexeme.classes if lexeme else frozenset()


def _by_description(token: Token, table: OptionTable) -> frozenset[int]:
    for key in _keys(token):
        if key in table.words:
            return table.words[key]
    return frozenset()
