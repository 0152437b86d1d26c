"""What did the client decide? The own words of a reply, and what had been asked, read as one label with its reason.

Every clause must be understood, as the answer, as courtesy or as news that changes nothing; otherwise the reply is not
understood: it is held, with a guess. Doubt never approves. The grammar is in rules/replies*.toml, clauses are found in
`clauses`, numbers are compared in `facts`, options are matched in `options`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from mailbot.reading.asides import lexicon
from mailbot.reading.asked import Asked, Heard, Reading
from mailbot.reading.bearing import VALUES, second_opinion
from mailbot.reading.clauses import Clause, clauses_of
from mailbot.reading.facts import COMPARED, Facts, facts_of, mark_agreed, with_spelt_numbers
from mailbot.reading.grammar import Grammars, grammars
from mailbot.reading.judging import judge
from mailbot.reading.languages import best_language, rewrites, rewritten, words_of
from mailbot.reading.numerals import in_digits, numerals
from mailbot.reading.options import OptionTable, option_table, put_numbers_for_quotes
from mailbot.reading.phrasing import Sentence, plain, sentences
from mailbot.reading.vocabulary import phrases, without_accents
from mailbot.rules.replies import Meaning, ReplyFile, ReplyRules

LONGEST = 20_000
MOST_TOKENS = 1_000
ANSWERS = frozenset[Meaning]({"paid", "paying", "fits", "choice"})
LISTED = re.compile(r"(?m)^[ \t]{0,9}\(?\d{1,2}[.)][ \t]{1,9}(?=[^\W\d_])")  # the number of a line in a list
QUESTION = re.compile(r"[^-\u2013\u2014,;:.!?]+(?=\?)")  # of a subject: its part before a question mark
PREFIXES = re.compile(r"(?i)^\s*((re|aw|fw|fwd|wg|rv|res|antw|sv|tr|r|i)\s*:\s*)+")


@dataclass(frozen=True, slots=True)
class Tables:
    """What all languages share, made once: emoji, kinds of things, and what a subject says when it asks something else
    than an approval. By language, where it is known: what it says when it asks for one, and what approves by itself."""

    emoji: dict[str, str]
    kinds: dict[str, frozenset[str]]
    asks_else: tuple[str, ...]
    asks_approval: dict[str, tuple[str, ...]]
    approving: dict[str, tuple[str, ...]]
    beside: dict[tuple[str, str], frozenset[str]]  # by language and what was asked


@lru_cache(maxsize=4)
def tables(rules: ReplyRules) -> Tables:
    """The emoji and kinds of all files together."""
    emoji = {char: name for file in rules.files for name, chars in file.emoji.items() for char in chars.split()}
    kinds: dict[str, set[str]] = {}
    for file in rules.files:
        for name, text in file.words.items():
            if name.startswith(COMPARED):
                words = {word for phrase in phrases(text) for word in phrase}
                kinds.setdefault(name, set()).update(words, map(without_accents, words))
    return Tables(
        emoji,
        {name: frozenset(words) for name, words in kinds.items()},
        tuple(phrase for file in rules.files for phrase in _spoken(file, "elseask")),
        {file.language: known for file in rules.files if (known := _spoken(file, "approvalask"))},
        {file.language: ("saysapproved",) for file in rules.files if "saysapproved" in file.words},
        {(file.language, asked): frozenset(names) for file in rules.files for asked, names in file.beside.items()},
    )


def _spoken(file: ReplyFile, name: str) -> tuple[str, ...]:
    """The phrases of a class, each with a space around it."""
    return tuple(f" {' '.join(phrase)} " for phrase in phrases(file.words.get(name, "")))


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


@dataclass(frozen=True, slots=True)
class Said:
    """A reply cut into sentences and clauses by the rules alone; `language_of`: the language of each sentence."""

    plain: str
    found: tuple[Sentence, ...]
    clauses: tuple[Clause, ...]
    language_of: dict[int, str]
    main: str
    subject: str
    facts: Facts


def hear(words: str, asked: Asked, rules: ReplyRules) -> Heard | None:
    """The clauses of `words`, each in the language that knows its words best; None when there are too many words."""
    said = _said(words, asked, rules)
    if said is None:
        return None
    clauses, table = said.clauses, tables(rules)
    if rules.bearing and asked.context in rules.bearing.limits.contexts:
        clauses = tuple(second_opinion(clauses, said.found, said.language_of, rules.bearing))
    clauses = _beside_an_answer(clauses, said.language_of, asked.context, table)
    heard = Heard(clauses, asked, said.facts, table.kinds, said.main, said.plain, _asks_else(said, table))
    return replace(heard, approving=table.approving.get(said.main, heard.approving))


def _beside_an_answer(
    clauses: tuple[Clause, ...], language_of: Mapping[int, str], context: str, table: Tables
) -> tuple[Clause, ...]:
    """The clauses; what is not understood is news beside an answer, where no word of it is to be feared."""
    if not any(clause.meaning in ANSWERS for clause in clauses):
        return clauses
    wary = {at: table.beside.get((language, context)) for at, language in language_of.items()}
    return tuple(
        replace(clause, meaning="news", rule="beside-an-answer")
        if clause.meaning == "unclear" and (names := wary[clause.sentence]) and _is_harmless(clause, names)
        else clause
        for clause in clauses
    )


def _is_harmless(clause: Clause, wary: frozenset[str]) -> bool:
    values = any(token.kind in VALUES for token in clause.tokens)
    return not values and not any(word.classes & wary for word in clause.words)


def heard_sentences(words: str, asked: Asked, rules: ReplyRules) -> Iterator[tuple[Sentence, list[Clause], str]]:
    """Each sentence with the clauses that the rules alone found in it, and its language: what learning is given."""
    said = _said(words, asked, rules)
    for number, sentence in enumerate(said.found if said else ()):
        assert said  # noqa: S101  there are sentences
        yield sentence, [one for one in said.clauses if one.sentence == number], said.language_of[number]


def _said(words: str, asked: Asked, rules: ReplyRules) -> Said | None:
    table, made = tables(rules), grammars(rules)
    hint = (asked.locale or "")[:2].lower()
    hint = hint if hint in made else ""
    typed = plain(words, table.emoji)
    main = best_language(words_of(typed), made, hint)
    mended = rewrites(rules, main)
    counting = numerals(rules, main)
    text = in_digits(rewritten(typed, mended), counting)
    subject = in_digits(rewritten(plain(PREFIXES.sub("", asked.subject), table.emoji), mended), counting)
    facts = with_spelt_numbers(facts_of(subject.lower(), asked.about, asked.amount), counting)
    table_of = _option_table(asked, table, rules) if asked.context == "issue_options" else None
    text = put_numbers_for_quotes(text, table_of) if table_of else LISTED.sub("", text)
    found = sentences(text) if table_of else [mark_agreed(sentence, facts) for sentence in sentences(text)]
    if sum(len(sentence.tokens) for sentence in found) > MOST_TOKENS:
        return None
    language_of = {i: _language_of(sentence, made, hint, main) for i, sentence in enumerate(found)}
    grammar_of = {i: made[language] for i, language in language_of.items()}
    asides = {grammar.language: lexicon(rules, grammar.language) for grammar in grammar_of.values()}
    clauses = clauses_of(text, found, grammar_of, facts.words, asked.context, table_of, asides)
    return Said(text, tuple(found), tuple(clauses), language_of, main, subject, facts)


def _asks_else(said: Said, table: Tables) -> bool:
    """Whether a bare yes would answer something else than "may we go ahead?": another question, or an announcement."""
    if any(phrase in _words(said.subject) for phrase in table.asks_else):
        return True
    asked, for_approval = QUESTION.findall(said.subject), table.asks_approval.get(said.main)
    return bool(asked and for_approval) and not any(phrase in _words(asked[-1]) for phrase in for_approval or ())


def _words(subject: str) -> str:
    return " ".join(["", *re.findall(r"[^\W_]+", subject.lower()), ""])


def _option_table(asked: Asked, table: Tables, rules: ReplyRules) -> OptionTable:
    mended = rewrites(rules, "en")
    texts = [rewritten(plain(option, table.emoji), mended) for option in asked.options]
    return option_table(texts, grammars(rules)["en"])


def _language_of(sentence: Sentence, made: Grammars, hint: str, main: str) -> str:
    return best_language((token.text for token in sentence.tokens if token.kind == "word"), made, hint, main)


__all__ = ["Asked", "Reading", "hear", "heard_sentences", "read"]
