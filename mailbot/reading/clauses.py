"""From a reply's text to its clauses, each with what it means by which rule.

A sentence is cut at commas, dashes and conjunctions. The longest stretch of pieces that a rule covers wholly is one
clause. What no rule covers is left over: searched for signals (negation, condition, wish ...), which give it a meaning
that never approves; without any signal it is news if it has the marks of news, otherwise it is `unclear`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mailbot.reading.asides import NOTHING_KNOWN, Lexicon, classes, units_of
from mailbot.reading.grammar import Grammar, Word, lex
from mailbot.reading.options import OptionTable, mentions
from mailbot.reading.patterns import HARMLESS, CompiledRule
from mailbot.reading.phrasing import Sentence, Token
from mailbot.reading.weighing import harmless, is_reason
from mailbot.rules.replies import Meaning

SEPARATORS = frozenset({"comma", "dots", "mark", "and", "but", "so"})
NO_ASIDES: Mapping[str, Lexicon] = {}
WITH_ASIDES = frozenset({"milestone_approval", "change_order", "weekly_update", "issue_options", "invoice_reminder"})
MOST_PIECES = 6
LONGEST_CLAUSE = 36
PLAIN_WISHES = frozenset(
    {"changev", "stuff", "measure", "money", "percent", "except", "approve", "approvd", "go", "strongyes", "arrow"}
)
HARD_WISHES = frozenset({"changev", "compar", "except", "arrow", "measure", "percent", "money"})
LONGEST_SIGNATURE = 8
LONGEST_NAME = 3
JOINERS = frozenset({"of", "and", "the", "for", "to", "von", "van", "de", "di", "der", "da", "du"})
NEVER_SIGNED = frozenset({"stuff", "subject", "number", "measure", "arrow"})
FORENAMES = frozenset({"forename", "vorname"})
NAMELIKE = frozenset({"name", "unknown", "forename"})
RESTATED = classes(
    """stuff topic unit small folk objn did weather forename title terms changev compar counted part addv remark attr
    unknown subject name infov logistics smalltalk billv acct changen qty fair renewed joint"""
)
SIGNABLE = frozenset({"unclear", "courtesy", "news"})


@dataclass(frozen=True, slots=True)
class Clause:
    """One understood (or left over) stretch of a sentence. `words` and `tokens` are those of the stretch."""

    meaning: Meaning
    rule: str
    text: str
    words: tuple[Word, ...]
    tokens: tuple[Token, ...]
    sentence: int
    covered: bool

    def has(self, name: str) -> bool:
        return any(name in word.classes for word in self.words)


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence as the grammar sees it; `text` is the one-character-a-word string.

    `subject` holds the words of the mail's subject, `known` the vocabulary of asides.
    """

    sentence: Sentence
    number: int
    words: tuple[Word, ...]
    text: str
    plain: str
    subject: frozenset[str]
    known: Lexicon


def clauses_of(
    plain: str,
    found: Sequence[Sentence],
    grammar_of: Mapping[int, Grammar],
    subject_words: frozenset[str],
    context: str,
    table: OptionTable | None = None,
    asides: Mapping[str, Lexicon] = NO_ASIDES,
) -> list[Clause]:
    """All clauses of all sentences, in order. `grammar_of` gives each sentence's grammar, `asides` the vocabularies."""
    clauses: list[Clause] = []
    for number, sentence in enumerate(found):
        grammar = grammar_of[number]
        pointed = mentions(sentence, table, grammar) if table else {}
        words = lex(grammar, sentence.tokens, subject_words, pointed, context)
        if not table:
            words = [_restated(word, sentence.tokens, grammar, subject_words) for word in words]
        if "?" in sentence.end:
            ask = grammar.kinds["ask"]
            words.append(Word(ask.char, ask.classes, len(sentence.tokens), len(sentence.tokens)))
        known = asides.get(grammar.language, NOTHING_KNOWN)
        chars = "".join(word.char for word in words)
        span = Span(sentence, number, tuple(words), chars, plain, subject_words, known)
        own = _sentence_clauses(span, grammar, context)
        if clauses and _signature(found, number, own, clauses[-1]):
            own = [replace(clause, meaning="courtesy", rule="signature", covered=True) for clause in own]
        clauses.extend(own)
    return clauses


def _restated(word: Word, tokens: Sequence[Token], grammar: Grammar, subject_words: frozenset[str]) -> Word:
    """A word of the mail's subject is what was asked, whatever it may mean elsewhere ("delivery", "walnut", "more")."""
    once = word.end - word.start == 1 and word.start < len(tokens)
    if not once or tokens[word.start].text not in subject_words or not word.classes <= RESTATED:
        return word
    subject = grammar.kinds["subject"]
    return Word(subject.char, subject.classes, word.start, word.end)


def _signature(found: Sequence[Sentence], number: int, own: Sequence[Clause], before: Clause) -> bool:
    """Names as people sign: on a line of their own, after a farewell, or several names in a row, with their titles."""
    block = _line(found, number)
    classes = [word.classes for clause in own for word in clause.words]
    if before.has("bye") and "\n" in found[number - 1].end and _first_and_last_name(block, classes):
        return True
    if any(sentence.end.strip(".\n ") for sentence in block) or any(c.meaning not in SIGNABLE for c in own):
        return False
    titled = any("title" in names for names in classes)
    words = [t for sentence in block for t in sentence.tokens if t.kind == "word" and t.text not in JOINERS]
    if not words or len(words) > LONGEST_SIGNATURE or any(t.text == ":" for s in block for t in s.tokens):
        return False
    if any(names & NEVER_SIGNED for names in classes) or (not titled and any("objn" in names for names in classes)):
        return False
    parting = before.has("bye") or before.has("thanks")
    certain = titled or any("forename" in names for names in classes) or any(len(token.text) == 1 for token in words)
    if before.rule != "signature" and not (certain or (parting and any(names & NAMELIKE for names in classes))):
        return False
    if number + len(block) < len(found) and not (titled or parting or before.rule == "signature"):
        return False
    if not all(token.name for token in words):
        named = parting and all(names & {"forename", "title"} for names in classes)
        return (before.has("bye") or named) and len(words) <= LONGEST_NAME
    initial = len(words[0].text) == 1 and number + len(block) == len(found)
    return "\n" in found[number - 1].end or parting or initial or len(words) > 1 or before.rule == "signature"


def _first_and_last_name(block: Sequence[Sentence], classes: Sequence[frozenset[str]]) -> bool:
    """`Claire Petit`, `Giulia Neri`: below a farewell a first name makes a name of what follows it."""
    tokens = [token for sentence in block for token in sentence.tokens]
    named = bool(classes) and bool(classes[0] & FORENAMES) and not classes[0] & NEVER_SIGNED
    return named and len(tokens) in (2, LONGEST_NAME) and all(token.kind == "word" and token.name for token in tokens)


def _line(found: Sequence[Sentence], number: int) -> Sequence[Sentence]:
    """The sentences from this one to the end of its line."""
    end = next((i for i in range(number, len(found)) if "\n" in found[i].end), len(found) - 1)
    return found[number : end + 1]


def _sentence_clauses(span: Span, grammar: Grammar, context: str) -> list[Clause]:
    clauses: list[Clause] = []
    left: list[tuple[int, int]] = []
    for start, end, covered in _cover(span, grammar, context):
        if covered is None:
            left.append((start, end))
            continue
        clauses.extend(_left_overs(span, left, grammar, context))
        left = []
        clauses.append(_covered(span, start, end, covered, grammar, context))
    clauses.extend(_left_overs(span, left, grammar, context))
    return clauses


def _covered(span: Span, start: int, end: int, by: CompiledRule, grammar: Grammar, context: str) -> Clause:
    """What a rule covers; news of a mail gone astray is none."""
    if by.rule.means == "news" and context in WITH_ASIDES and _names(span, start, end, grammar, frozenset({"astray"})):
        return _clause(span, start, end, "unclear", "astray", False)
    return _clause(span, start, end, by.rule.means, by.name, True)


def _names(span: Span, start: int, end: int, grammar: Grammar, classes: frozenset[str]) -> bool:
    """Whether the vocabulary of asides has one of these classes for what is said here."""
    words = span.words[start:end]
    known = units_of(words, span.sentence.tokens, grammar, span.known, span.subject) if span.known.classes else []
    return any(unit.of(classes) for unit in known)


def _left_overs(span: Span, left: Sequence[tuple[int, int]], grammar: Grammar, context: str) -> Iterator[Clause]:
    """Pieces in a row that no rule covers: asides each for itself, what lies between them searched for signals."""
    if len(left) > 1 and (whole := _aside(span, left[0][0], left[-1][1], grammar, context, False)):
        yield _clause(span, left[0][0], left[-1][1], whole, "aside", True)
        return
    rest: list[tuple[int, int]] = []
    lived = False
    for start, end in left:
        verdict = _aside(span, start, end, grammar, context, lived)
        lived = verdict is not None
        if verdict is None:
            rest.append((start, end))
            continue
        if rest:
            yield _left_over(span, rest[0][0], rest[-1][1], grammar, context)
            rest = []
        yield _clause(span, start, end, verdict, "aside", True)
    if rest:
        yield _left_over(span, rest[0][0], rest[-1][1], grammar, context)


def _aside(span: Span, start: int, end: int, grammar: Grammar, context: str, lived: bool) -> Meaning | None:
    words = span.words[start:end]
    if context not in WITH_ASIDES or not span.known.classes or any(word.options for word in words):
        return None
    units = units_of(words, span.sentence.tokens, grammar, span.known, span.subject)
    told = harmless(units, lived)
    return "news" if told is None and context == "issue_options" and is_reason(units) else told


def _rule_for(span: Span, start: int, end: int, grammar: Grammar, context: str) -> CompiledRule | None:
    """The rule that covers these words wholly; those made for this context come first."""
    for pattern in (grammar.whole.get(context), grammar.whole[""]):
        rule = pattern.covers(span.text, start, end) if pattern else None
        if rule:
            return rule
    return None


def _pieces(words: Sequence[Word]) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    start = 0
    for at, word in enumerate(words):
        if word.classes & SEPARATORS and not word.classes & {"keep"}:
            if at > start:
                pieces.append((start, at))
            start = at + 1
    if len(words) > start:
        pieces.append((start, len(words)))
    return pieces


def _cover(span: Span, grammar: Grammar, context: str) -> Iterator[tuple[int, int, CompiledRule | None]]:
    """Stretches of the sentence in order, each with the rule that covers it or None."""
    pieces = _pieces(span.words)
    at = 0
    while at < len(pieces):
        start = pieces[at][0]
        for last in range(min(at + MOST_PIECES, len(pieces)) - 1, at - 1, -1):
            end = pieces[last][1]
            rule = _rule_for(span, start, end, grammar, context) if end - start <= LONGEST_CLAUSE else None
            if rule:
                yield start, end, rule
                at = last + 1
                break
        else:
            yield from _run_on(span, start, pieces[at][1], grammar, context)
            at += 1


def _run_on(
    span: Span, start: int, end: int, grammar: Grammar, context: str
) -> Iterator[tuple[int, int, CompiledRule | None]]:
    """A piece without marks ("yes approved go ahead thanks"): covered by several rules in a row, or not at all."""
    if end - start > LONGEST_CLAUSE:
        yield start, end, None
        return
    # the words from each place on, as rules that cover them one after the other; None when they cannot be covered
    onwards: dict[int, list[tuple[int, int, CompiledRule | None]] | None] = {end: []}
    for at in range(end - 1, start - 1, -1):
        onwards[at] = None
        for stop in range(end, at, -1):
            rest = onwards[stop]
            rule = _rule_for(span, at, stop, grammar, context) if rest is not None else None
            # news needs marks around it: "approved the school trip" is not an approval and some news
            if rest is not None and rule and rule.rule.means not in ("news", "unrelated"):
                onwards[at] = [(at, stop, rule), *rest]
                break
    yield from onwards[start] or [(start, end, None)]


def _clause(span: Span, start: int, end: int, meaning: Meaning, rule: str, covered: bool) -> Clause:
    words = span.words[start:end]
    tokens = span.sentence.tokens[words[0].start : words[-1].end]
    text = span.plain[tokens[0].start : tokens[-1].end] if tokens else "?"
    return Clause(meaning, rule, text, words, tokens, span.number, covered)


def _left_over(span: Span, start: int, end: int, grammar: Grammar, context: str) -> Clause:
    """What no rule covers: danger may be anywhere in it, the mark of harmless news must be at its beginning."""
    signals: dict[Meaning, str] = {}
    for table in (grammar.part.get(context, {}), grammar.part[""]):
        for meaning, pattern in table.items():
            rule = pattern.found_in(span.text, start, end)
            if rule:
                signals.setdefault(meaning, rule.name)
    dangers = _weighed([meaning for meaning in signals if meaning not in HARMLESS], span.words[start:end])
    pick: Meaning = strongest(dangers) if dangers else next((m for m in signals if m in HARMLESS), "unclear")
    if pick == "news" and context in WITH_ASIDES and _names(span, start, end, grammar, frozenset({"hard", "astray"})):
        return _clause(span, start, end, "unclear", "not-understood", False)
    return _clause(span, start, end, pick, signals.get(pick, "not-understood"), pick != "unclear")


def _weighed(dangers: Sequence[Meaning], words: Sequence[Word]) -> list[Meaning]:
    """Signals that another signal of the same clause explains are left out: a question asks, what comes later waits."""
    names = frozenset(name for word in words for name in word.classes)
    lighter: set[Meaning] = set()
    if "ask" in names:
        asks_for_change = bool(names & HARD_WISHES) or ("polite" in names and "infov" not in names)
        if "wh" in names or not asks_for_change:
            lighter |= {"condition", "change", "decline", "stop"}
        elif "change" not in dangers:
            return ["change", *dangers]
    elif "question" in dangers and "infov" in names and not names & HARD_WISHES:
        lighter |= {"change"}
    elif "notyet" in names and "stop" not in dangers:
        lighter |= {"decline", "change", "condition"}
    elif "later" in dangers and not names & PLAIN_WISHES:
        lighter |= {"condition", "change"}
    kept = [meaning for meaning in dangers if meaning not in lighter]
    return kept or list(dangers)


STRENGTH: tuple[Meaning, ...] = (
    "automatic", "sarcasm", "complaint", "stop", "decline", "condition", "elsewhen", "change", "partial",
    "question", "not-paid", "paying", "paid", "reject-all", "no-choice", "choice", "later", "hearsay", "receipt",
    "unsure", "unclear", "fits", "approve", "yes",
)  # fmt: skip


def strongest(meanings: Sequence[Meaning]) -> Meaning:
    """Of several signals in one clause the one that weighs most against an approval."""
    return min(meanings, key=STRENGTH.index)


def quoted(text: str, most: int = 60) -> str:
    """Words as a reason quotes them: one line, cut."""
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
