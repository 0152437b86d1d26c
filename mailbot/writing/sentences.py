"""The sentences of letters to clients, one set for each language, held against each other: what is missing or unknown.

English is the measure: every other language has the sentences that English has, for each kind that it is written in.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from mailbot.errors import Problem
from mailbot.rules.templates import Source, Templates
from mailbot.writing.kinds import KINDS
from mailbot.writing.letters import ALL_LETTERS
from mailbot.writing.render import DEFAULT_LANGUAGE, template_of

FILLED = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
MARKUP = re.compile("[<>&]")


def sentence_problems(templates: Templates) -> Iterator[Problem]:
    """Sentences that no letter has, that a language lacks, and those with markup in them, which text would show."""
    english = templates.words.get(DEFAULT_LANGUAGE, {})
    for language, sentences in templates.words.items():
        for place, source in sentences.items():
            if MARKUP.search(FILLED.sub("", source.text)):
                mend = "a sentence stands in text and HTML: write it plain"
                yield Problem("there is markup in this sentence", source.path, place, mend=mend)
            if place not in english or place.split(".")[0] not in (*KINDS, ALL_LETTERS):
                yield _unknown(place, source, english)
        if "_" not in language:  # a set for a region has only what is said in another way there
            yield from _missing(templates, language)


def _unknown(place: str, source: Source, english: Mapping[str, Source]) -> Problem:
    near = difflib.get_close_matches(place, list(english), n=1)
    mend = f"did you mean {near[0]!r}?" if near else "words.en.toml has all that there are"
    return Problem("there is no such sentence", source.path, place, mend=mend)


def _missing(templates: Templates, language: str) -> Iterator[Problem]:
    """What the letters that have a subject in `language` cannot say in it; those of its own say what they say."""
    sentences = templates.words[language]
    kinds = [KINDS[name] for name in templates.subjects.get(language, {}) if name in KINDS]
    shared = [kind.name for kind in kinds if language not in template_of(templates, kind, (language,)).split("/")]
    written = {ALL_LETTERS, *shared}
    path = next((source.path for source in sentences.values()), f"words.{language}.toml")
    for place, source in templates.words.get(DEFAULT_LANGUAGE, {}).items():
        if place not in sentences and place.split(".")[0] in written:
            yield Problem("this sentence is missing", path, place, mend=f"in English it is {source.text!r}")
