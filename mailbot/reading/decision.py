"""What did the client decide? The own words of a reply, and what had been asked, read as one label with its reason.

Every clause must be understood, as the answer, as courtesy or as news that changes nothing; otherwise the reply is not
understood: it is held, with a guess. Doubt never approves. The grammar is in rules/replies*.toml, clauses are found in
`clauses`, numbers are compared in `facts`, options are matched in `options`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from mailbot.reading.asked import Asked, Heard, Reading
from mailbot.reading.clauses import best_language, clauses_of
from mailbot.reading.facts import COMPARED, facts_of, mark_agreed
from mailbot.reading.grammar import Grammar, grammars, phrases
from mailbot.reading.judging import judge
from mailbot.reading.options import OptionTable, option_table, put_numbers_for_quotes
from mailbot.reading.phrasing import Sentence, plain, sentences
from mailbot.rules.replies import ReplyRules

LONGEST = 20_000
MOST_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Tables:
    """What all languages share, compiled once: emoji, rewrites, kinds of things."""

    emoji: dict[str, str]
    rewrites: tuple[tuple[re.Pattern[str], str], ...]
    kinds: dict[str, frozenset[str]]
    asks_else: frozenset[str]


@lru_cache(maxsize=4)
def tables(rules: ReplyRules) -> Tables:
    """The emoji, rewrites and kinds of all files together."""
    emoji = {char: name for file in rules.files for name, chars in file.emoji.items() for char in chars.split()}
    rewrites = tuple((re.compile(old, re.I), new) for file in rules.files for old, new in file.rewrite.items())
    kinds: dict[str, set[str]] = {}
    for grammar in grammars(rules).values():
        for phrase, lexeme in grammar.lexemes.items():
            for name in lexeme.classes:
                if name.startswith(COMPARED):
                    kinds.setdefault(name, set()).update(phrase)
    else_phrases = (" ".join(p) for file in rules.files for p in phrases(file.words.get("elseask", "")))
    return Tables(emoji, rewrites, {name: frozenset(words) for name, words in kinds.items()}, frozenset(else_phrases))


def read(words: str, asked: Asked, rules: ReplyRules) -> Reading:
    """What `words` decide about what was `asked`. Never raises on any text; linear in its length."""
    if len(words) > LONGEST:
        return Reading("question", None, False, "too-long: more text than is read", None, "en", False)
    heard = hear(words, asked, rules)
    if heard is None:
        return Reading("question", None, False, "too-long: more words than are read", None, "en", False)
    judged = judge(heard)
    conditional = judged.label == "changes" and bool(heard.of("condition", "approve", "yes"))
    return replace(judged, conditional=conditional)


def hear(words: str, asked: Asked, rules: ReplyRules) -> Heard | None:
    """The clauses of `words`, each in the language that knows its words best; None when there are too many words."""
    table = tables(rules)
    text = plain(words, table.emoji, table.rewrites)
    subject = plain(
        re.sub(r"(?i)^\s*((re|aw|fw|fwd|wg|rv|res|antw|sv|tr|r|i)\s*:\s*)+", "", asked.subject),
        table.emoji,
        table.rewrites,
    )
    facts = facts_of(subject.lower(), asked.about, asked.amount)
    made = grammars(rules)
    table_of = _option_table(asked, table, made) if asked.context == "issue_options" else None
    if table_of:
        text = put_numbers_for_quotes(text, table_of)
    found = sentences(text) if table_of else [mark_agreed(sentence, facts) for sentence in sentences(text)]
    tokens = [token for sentence in found for token in sentence.tokens]
    if len(tokens) > MOST_TOKENS:
        return None
    hint = (asked.locale or "")[:2].lower()
    hint = hint if hint in made else ""
    main, _ = best_language(tokens, made, hint)
    grammar_of = {i: made[_sentence_language(s, made, hint, main)] for i, s in enumerate(found)}
    clauses = clauses_of(text, found, grammar_of, facts.words, asked.context, table_of)
    return Heard(tuple(clauses), asked, facts, table.kinds, main, text, _asks_else(subject, table))


def _asks_else(subject: str, table: Tables) -> bool:
    words = " ".join(["", *re.findall(r"[^\W_]+", subject.lower()), ""])
    return any(f" {phrase} " in words for phrase in table.asks_else)


def _option_table(asked: Asked, table: Tables, made: dict[str, Grammar]) -> OptionTable:
    return option_table([plain(option, table.emoji, table.rewrites) for option in asked.options], made["en"])


def _sentence_language(sentence: Sentence, made: dict[str, Grammar], hint: str, main: str) -> str:
    return best_language(sentence.tokens, made, hint, main)[0]


__all__ = ["Asked", "Reading", "hear", "read"]
