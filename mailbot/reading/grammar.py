"""Rules of one language, compiled: words to classes of words, patterns over classes to regular expressions.

Each word or phrase of a file becomes one character, each class of words a set of these, so that a clause is a short
string and a pattern an ordinary regular expression over it. Patterns are written in the rule files as words, `[class]`,
`[class|class]`, `<macro>`, `(a|b)`, `?`, `*`, `+`, and `...` for any words. Nothing in a pattern can nest without end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mailbot.errors import ConfigError, Problem
from mailbot.reading.patterns import PIECES, WORD, CompiledRule, Lexeme, Lexicon, Pattern, Sets, join, sound
from mailbot.reading.phrasing import Token
from mailbot.rules.replies import Context, Meaning, ReplyFile, ReplyRules

FIRST_CHARACTER = 1
LONGEST_PHRASE = 7
KINDS = (
    "ref", "mail", "money", "percent", "time", "isodate", "phone", "version", "nth", "measure", "plus", "number",
    "arrow", "unknown", "name", "subject", "comma", "ask", "loud", "dots", "mark", "opt", "sameprice", "otherprice",
)  # fmt: skip
MARKS = {",": "comma", "...": "dots"}
ALSO = {"sameprice": "money", "money": "otherprice"}  # an agreed price is money, too; any other is another price
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
    lexemes: dict[tuple[str, ...], Lexeme] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    extra: dict[str, dict[tuple[str, ...], Lexeme]] = field(default_factory=dict)
    kinds: dict[str, Lexeme] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)
    whole: dict[str, Pattern] = field(default_factory=dict)
    part: dict[str, dict[Meaning, Pattern]] = field(default_factory=dict)

    def knows(self, word: str) -> bool:
        return (word,) in self.lexemes


def expand(phrase: str) -> Iterator[str]:
    """`go(es|) ahead` -> `goes ahead`, `go ahead`."""
    match = re.search(r"\(([^()]*)\)", phrase) if "(" in phrase else None
    if not match:
        yield " ".join(phrase.split())
        return
    for one in match.group(1).split("|"):
        yield from expand(phrase[: match.start()] + one + phrase[match.end() :])


def without_accents(word: str) -> str:
    """`aprobación` -> `aprobacion`: as people type who have no such keys."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def phrases(text: str) -> Iterator[tuple[str, ...]]:
    """The phrases of a class, each as its words; commas separate them."""
    for part in text.split(","):
        for phrase in expand(part.strip()):
            if phrase:
                yield tuple(re.findall(r":[a-z_]+:|[^\W\d_]+'(?=\s|$)|[^\W\d_]+|[^\s\w]|\d+", phrase))


@lru_cache(maxsize=4)
def grammars(rules: ReplyRules) -> dict[str, Grammar]:
    """The grammars of all languages, compiled once for these rules. Raises ConfigError for a pattern that is wrong."""
    problems: list[Problem] = []
    english = rules.files[0]
    made = {file.language: _compile(file, english, problems) for file in rules.files}
    if problems:
        raise ConfigError(problems)
    return made


def _compile(file: ReplyFile, english: ReplyFile, problems: list[Problem]) -> Grammar:
    grammar = Grammar(file.language)
    own = [CompiledRule(rule, f"{file.language}/{rule.id}") for rule in file.rule]
    lent = [] if file is english else [CompiledRule(r, f"en/{r.id}") for r in english.rule if r.shared]
    macros = {**english.macros, **file.macros}
    classes, spelt = _classes(file, own, macros if file is english else file.macros)
    only = {name: context for context, names in {**english.only, **file.only}.items() for name in names}
    _number_lexemes(grammar, classes, spelt, only)
    _near_misses(grammar, file)
    known = set(file.words) | set(english.words) | set(KINDS)
    sets = Sets([grammar.lexemes, *grammar.extra.values()], grammar.kinds.values(), macros, known)
    usable = [one for one in [*own, *lent] if sound(one, sets, file, problems)]
    for context in ("", *sorted({c for one in usable for c in one.rule.contexts})):
        chosen = [one for one in usable if (context in one.rule.contexts if context else not one.rule.contexts)]
        grammar.whole[context] = join([(one, one.rule.whole) for one in chosen], sets)
        meanings = {one.rule.means for one in chosen if one.rule.part}
        grammar.part[context] = {
            meaning: join([(one, one.rule.part) for one in chosen if one.rule.means == meaning], sets)
            for meaning in sorted(meanings)
        }
    return grammar


def _classes(
    file: ReplyFile, rules: Sequence[CompiledRule], macros: Mapping[str, str]
) -> tuple[dict[tuple[str, ...], set[str]], set[str]]:
    """Every phrase with its classes, and the words that patterns spell out (known, too, if in no class)."""
    classes: dict[tuple[str, ...], set[str]] = {}
    for name, text in file.words.items():
        for phrase in phrases(text):
            classes.setdefault(phrase, set()).add(name)
    patterns = [pattern for one in rules for pattern in (*one.rule.whole, *one.rule.part)]
    spelt = {
        piece for pattern in (*patterns, *macros.values()) for piece in PIECES.findall(pattern) if WORD.fullmatch(piece)
    }
    for word in spelt:
        classes.setdefault((word,), set())
    for phrase, names in list(classes.items()):
        bare = tuple(without_accents(word) for word in phrase)
        if bare != phrase:
            classes.setdefault(bare, set(names))
    return classes, spelt


def _number_lexemes(
    grammar: Grammar, classes: Mapping[tuple[str, ...], set[str]], spelt: set[str], only: Mapping[str, Context]
) -> None:
    """A character for each set of classes, and one of its own for each word that a pattern spells out.

    The commonest come first: sets of characters below 256 are compiled much faster.
    """
    general: dict[tuple[str, ...], Key] = {}
    extra: dict[tuple[Context, tuple[str, ...]], Key] = {}
    for phrase, names in classes.items():
        word = phrase[0] if len(phrase) == 1 and phrase[0] in spelt else ""
        everywhere = frozenset(name for name in names if name not in only)
        if everywhere or word or not names:
            general[phrase] = (word, everywhere)
        for context in {only[name] for name in names if name in only}:
            extra[context, phrase] = (word, frozenset(n for n in names if only.get(n, context) == context))
        grammar.longest[phrase[0]] = max(grammar.longest.get(phrase[0], 0), len(phrase))
    grammar.kinds = {
        kind: Lexeme(chr(FIRST_CHARACTER + i), frozenset([kind, ALSO.get(kind, kind)])) for i, kind in enumerate(KINDS)
    }
    keys = dict.fromkeys((*sorted(general.values(), key=lambda key: key[0] != ""), *extra.values()))
    first = FIRST_CHARACTER + len(KINDS)
    lexemes = {key: Lexeme(chr(first + at), key[1]) for at, key in enumerate(keys)}
    grammar.lexemes = {phrase: lexemes[key] for phrase, key in general.items()}
    for (context, phrase), key in extra.items():
        grammar.extra.setdefault(context, {})[phrase] = lexemes[key]


def _near_misses(grammar: Grammar, file: ReplyFile) -> None:
    """Forms of the file's `fuzzy` words with one letter missing, doubled or swapped with its neighbour."""
    for phrase, lexeme in list(grammar.lexemes.items()):
        word = phrase[0]
        if len(phrase) > 1 or len(word) < 6 or not lexeme.classes.intersection(file.fuzzy):
            continue
        for i in range(1, len(word)):
            swapped = word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :]
            for form in (word[:i] + word[i + 1 :], swapped, word[:i] + word[i] + word[i:]):
                if len(form) >= 4 and (form,) not in grammar.lexemes:
                    grammar.near.setdefault(form, word)


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
        meant = grammar.near.get(token.text) or _without_doubles(grammar, token.text)
        if meant:
            return grammar.lexemes[(meant,)]
        return grammar.kinds["name" if token.name and not first and grammar.language != "de" else "unknown"]
    if token.kind == "mark":
        return grammar.kinds[MARKS.get(token.text, "mark")]
    return grammar.kinds.get(token.kind, grammar.kinds["unknown"])


def _without_doubles(grammar: Grammar, word: str) -> str | None:
    single = re.sub(r"(.)\1", r"\1", word)
    end = re.sub(r"(.)\1$", r"\1", word)
    return next((form for form in (end, single) if form != word and grammar.knows(form)), None)
