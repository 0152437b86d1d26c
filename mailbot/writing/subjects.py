"""What an answer is about, told from its subject: the last resort, when no token, id or tag says it.

The shapes are those of templates/subjects.toml, in every language: whatever stands in `{{ }}` may be any text, with a
digit in it where a number or a date stands there. So a studio that words its subjects anew is understood as well.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mailbot.rules.templates import Templates
from mailbot.writing.kinds import KINDS
from mailbot.writing.letters import thread

PIECE = re.compile(r"\{%\s*if\b.*?%\}.*?\{%\s*endif\s*%\}|\{%.*?%\}|\{\{\s*(.*?)\s*\}\}")
WITH_DIGIT = re.compile(r"(?:number|\|\s*(?:home_day|date|day|short|moment|money|days))$")
LENGTH = 200


def subject_context(subject: str, templates: Templates) -> str | None:
    """The context that a reply with this subject answers ("change_order"), None where its shape is none of ours.

    Re:, Fwd: and bracketed tags are passed over, letters' case too. The first shape of subjects.toml that fits, wins.
    """
    bare = thread(subject[: 2 * LENGTH])[:LENGTH]
    return next((context for shape, context in _shapes(templates) if shape.fullmatch(bare)), None)


def has_subject_of(kind: str, subject: str, templates: Templates) -> bool:
    """Whether a subject has the shape of this kind's, in any language; marks and tags are passed over."""
    bare = thread(subject[: 2 * LENGTH])[:LENGTH]
    sources = (subjects[kind] for subjects in templates.subjects.values() if kind in subjects)
    return any((shape := _shape(source)) and shape.fullmatch(bare) for source in sources)


@lru_cache(maxsize=8)
def _shapes(templates: Templates) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (shape, context)
        for subjects in templates.subjects.values()
        for kind, source in subjects.items()
        if kind in KINDS and (context := KINDS[kind].context) and (shape := _shape(source))
    )


def _shape(source: str) -> re.Pattern[str] | None:
    """A subject's template as a pattern; None where hardly anything of it is fixed, so that everything would fit."""
    parts, at, fixed = [], 0, 0
    for piece in PIECE.finditer(source):
        before = source[at : piece.start()]
        fixed += sum(letter.isalpha() for letter in before)
        parts += [re.escape(before), _hole(piece[1])]
        at = piece.end()
    rest = source[at:]
    fixed += sum(letter.isalpha() for letter in rest)
    return re.compile("".join([*parts, re.escape(rest)]), re.IGNORECASE) if fixed >= 2 else None


def _hole(expression: str | None) -> str:
    if expression is None:
        return ".{0,40}"
    return r"(?=.{0,60}\d).{1,60}" if WITH_DIGIT.search(expression) else ".{1,120}"
