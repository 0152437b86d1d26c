"""Rules of one language, compiled: words to classes of words, clauses to strings over which patterns are tried.

Each set of classes is one character, so that a clause is a short string. A language is compiled when a sentence first
needs it; its patterns (`patterns`) become automata when they are first tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mailbot.errors import ConfigError
from mailbot.reading.patterns import HARMLESS, KINDS, CompiledRule, Lexeme, Lexicon, Pattern, join
from mailbot.reading.phrasing import Token
from mailbot.reading.soundness import file_problems
from mailbot.reading.vocabulary import Vocabulary, phrases, spelt_words, vocabulary, without_accents
from mailbot.rules.replies import Context, Meaning, ReplyFile, ReplyRules

FIRST_CHARACTER = 1
MARKS = {",": "comma", "...": "dots"}
ALSO: Mapping[str, frozenset[str]] = {
    "sameprice": frozenset({"money"}),  # an agreed price is money, too; any other is another price
    "money": frozenset({"otherprice"}),
    "full": frozenset({"intens", "asis", "yes"}),  # "100 %"
    "initial": frozenset({"unknown", "name"}),
}
THINGS = frozenset({"stuff", "topic", "unit", "small", "folk", "did", "weather", "forename", "title"})


NO_EXTRA: Lexicon = {}


@dataclass(frozen=True, slots=True)
class Word:
    """Tokens `start` to `end` (exclusive) that the grammar took as one; `options`: those that it points at."""

    char: str
    classes: frozenset[str]
    start: int
    end: int
    options: frozenset[int] = frozenset()


Key = tuple[str, frozenset[str]]


@dataclass(slots=True)
class Grammar:
    """What one language's file says, ready to be used. `whole` and `part`: for each context, "" for all.

    `lexemes` holds each phrase, `extra` what a context has beside or instead of these.
    """

    language: str
    vocabulary: Vocabulary
    lexemes: dict[tuple[str, ...], Lexeme] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    extra: dict[str, dict[tuple[str, ...], Lexeme]] = field(default_factory=dict)
    kinds: dict[str, Lexeme] = field(default_factory=dict)
    whole: dict[str, Pattern] = field(default_factory=dict)
    part: dict[str, dict[Meaning, Pattern]] = field(default_factory=dict)

    def knows(self, word: str) -> bool:
        return (word,) in self.lexemes


class Grammars(Mapping[str, Grammar]):
    """The grammars of all languages, each compiled when a sentence first needs it; the vocabularies are cheap."""

    def __init__(self, rules: ReplyRules) -> None:
        self._files = {file.language: file for file in rules.files}
        self._english = rules.files[0]
        self._vocabularies: dict[str, Vocabulary] = {}
        self.compiled: dict[str, Grammar] = {}

    def __getitem__(self, language: str) -> Grammar:
        """Raises ConfigError with all problems of this language's patterns."""
        if language not in self.compiled:
            file = self._files[language]
            if problems := file_problems(file, self._english):
                raise ConfigError(problems)
            self.compiled[language] = _compile(file, self._english, self.vocabulary(language))
        return self.compiled[language]

    def __contains__(self, language: object) -> bool:
        return language in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def vocabulary(self, language: str) -> Vocabulary:
        """The words of a language."""
        if language not in self._vocabularies:
            self._vocabularies[language] = vocabulary(self._files[language])
        return self._vocabularies[language]


@lru_cache(maxsize=4)
def grammars(rules: ReplyRules) -> Grammars:
    """The grammars of these rules, kept."""
    return Grammars(rules)


def _compile(file: ReplyFile, english: ReplyFile, known: Vocabulary) -> Grammar:
    grammar = Grammar(file.language, known)
    own = [CompiledRule(rule, f"{file.language}/{rule.id}") for rule in file.rule]
    lent = [] if file is english else [CompiledRule(r, f"en/{r.id}") for r in english.rule if r.shared]
    only = {name: context for context, names in {**english.only, **file.only}.items() for name in names}
    classes, spelt = _classes(file, english)
    _number_lexemes(grammar, classes, spelt, only)
    alphabet = {
        lexeme.char: lexeme for lexicon in (grammar.lexemes, *grammar.extra.values()) for lexeme in lexicon.values()
    }
    alphabet |= {lexeme.char: lexeme for lexeme in grammar.kinds.values()}
    _add_patterns(grammar, [*own, *lent], {**english.macros, **file.macros}, alphabet)
    return grammar


def _add_patterns(
    grammar: Grammar, rules: Sequence[CompiledRule], macros: Mapping[str, str], alphabet: Mapping[str, Lexeme]
) -> None:
    for context in ("", *sorted({c for one in rules for c in one.rule.contexts})):
        chosen = [one for one in rules if (context in one.rule.contexts if context else not one.rule.contexts)]
        grammar.whole[context] = join([(one, one.rule.whole) for one in chosen], macros, alphabet)
        grammar.part[context] = {
            meaning: join(
                [(one, one.rule.part) for one in chosen if one.rule.means == meaning],
                macros,
                alphabet,
                again=meaning not in HARMLESS,
            )
            for meaning in sorted({one.rule.means for one in chosen if one.rule.part})
        }


def _classes(file: ReplyFile, english: ReplyFile) -> tuple[dict[tuple[str, ...], set[str]], dict[str, str]]:
    """Every phrase with its classes; and the words that patterns spell out, by how clients write them."""
    classes: dict[tuple[str, ...], set[str]] = {}
    for name, text in file.words.items():
        for phrase in phrases(text):
            classes.setdefault(phrase, set()).add(name)
    own = spelt_words(file)
    for word in own:
        classes.setdefault((word,), set())
    spelt = {word: word for word in own} | {word: word for word in sorted(spelt_words(english)) if (word,) in classes}
    for phrase, names in list(classes.items()):
        bare = tuple(without_accents(word) for word in phrase)
        if bare != phrase and bare not in classes:
            classes[bare] = set(names)
            if len(phrase) == 1 and phrase[0] in spelt:
                spelt[bare[0]] = phrase[0]
    return classes, spelt


def _number_lexemes(
    grammar: Grammar, classes: Mapping[tuple[str, ...], set[str]], spelt: Mapping[str, str], only: Mapping[str, Context]
) -> None:
    """A character for each set of classes, and one of its own for each word that a pattern spells out."""
    general: dict[tuple[str, ...], Key] = {}
    extra: dict[tuple[Context, tuple[str, ...]], Key] = {}
    for phrase, names in classes.items():
        word = spelt.get(phrase[0], "") if len(phrase) == 1 else ""
        everywhere = frozenset(name for name in names if name not in only)
        if everywhere or word or not names:
            general[phrase] = (word, everywhere)
        for context in {only[name] for name in names if name in only}:
            extra[context, phrase] = (word, frozenset(n for n in names if only.get(n, context) == context))
        grammar.longest[phrase[0]] = max(grammar.longest.get(phrase[0], 0), len(phrase))
    grammar.kinds = {
        kind: Lexeme(chr(FIRST_CHARACTER + i), frozenset({kind}) | ALSO.get(kind, frozenset()))
        for i, kind in enumerate(KINDS)
    }
    first = FIRST_CHARACTER + len(KINDS)
    keys = dict.fromkeys((*general.values(), *extra.values()))
    lexemes = {key: Lexeme(chr(first + at), key[1], key[0]) for at, key in enumerate(keys)}
    grammar.lexemes = {phrase: lexemes[key] for phrase, key in general.items()}
    for (context, phrase), key in extra.items():
        grammar.extra.setdefault(context, {})[phrase] = lexemes[key]


def lex(
    grammar: Grammar,
    tokens: Sequence[Token],
    subject_words: frozenset[str],
    options: Mapping[int, frozenset[int]],
    context: str,
) -> list[Word]:
    """Tokens as the words of this grammar, longest phrase first; `subject_words` are those of the mail's subject.

    `options` are the tokens (by index) that point at options: each is a word of the class `opt`.
    """
    words: list[Word] = []
    at = 0
    while at < len(tokens):
        if at in options:
            word = Word(grammar.kinds["opt"].char, grammar.kinds["opt"].classes, at, at + 1, options[at])
        else:
            word = _word_at(grammar, tokens, at, subject_words, grammar.extra.get(context, NO_EXTRA))
        words.append(word)
        at = word.end
    return words


def _word_at(
    grammar: Grammar,
    tokens: Sequence[Token],
    at: int,
    subject_words: frozenset[str],
    extra: Mapping[tuple[str, ...], Lexeme],
) -> Word:
    text = tokens[at].text
    length = min(grammar.longest.get(text, 0), len(tokens) - at)
    while length:
        phrase = tuple(token.text for token in tokens[at : at + length])
        lexeme = extra.get(phrase) or grammar.lexemes.get(phrase)
        if lexeme and length == 1 and text in subject_words and lexeme.classes <= THINGS:
            break
        if lexeme:
            return Word(lexeme.char, lexeme.classes, at, at + length)
        length -= 1
    lexeme = _single(grammar, tokens[at], subject_words, first=at == 0)
    return Word(lexeme.char, lexeme.classes, at, at + 1)


def _single(grammar: Grammar, token: Token, subject_words: frozenset[str], *, first: bool) -> Lexeme:
    """A token that starts no known phrase: a misspelt known word, a word of the subject, a name, a number, a mark.

    The first word of a sentence has its capital for another reason than being a name.
    """
    if token.kind == "word":
        if token.text in subject_words:
            return grammar.kinds["subject"]
        meant = grammar.vocabulary.meant(token.text) or _without_doubles(grammar, token.text)
        if meant:
            return grammar.lexemes[(meant,)]
        if token.name and len(token.text) == 1:
            return grammar.kinds["initial"]
        return grammar.kinds["name" if token.name and not first and grammar.language != "de" else "unknown"]
    if token.kind == "mark":
        return grammar.kinds[MARKS.get(token.text, "mark")]
    return grammar.kinds.get(token.kind, grammar.kinds["unknown"])


def _without_doubles(grammar: Grammar, word: str) -> str | None:
    single = re.sub(r"(.)\1", r"\1", word)
    end = re.sub(r"(.)\1$", r"\1", word)
    return next((form for form in (end, single) if form != word and grammar.knows(form)), None)
