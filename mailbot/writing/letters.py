"""Templates compiled: one environment for HTML, which always escapes, one for text, which never does.

The sentences of a letter to a client are small templates of their own, one set for each language: `say` fills them in.
Both are sandboxed and refuse names that are not there. What comes from outside is data, never a template, and is
rid of control and direction characters before it stands in a letter. Block tags that have a line for themselves
vanish with it; a text line that ends in one must close it with `+%}`, or its line break would vanish as well
(`check` finds those).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from mailbot.errors import ConfigError, Problem
from mailbot.rules.templates import Source, Templates
from mailbot.writing.timeline import timeline
from mailbot.writing.words import Words

SUBJECT, SENTENCE = "subject:", "sentence:"
ALL_LETTERS = "letter"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ufeff]")
PREFIXES = re.compile(r"(?:[^\W\d_]{1,4}(?:\[\d{1,3}\])?\s?:\s*)+")
BRACKETED = re.compile(r"\[([^\[\]]{0,80})\]")
TEMPLATE_FAULTS = (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError)
FORMATS = (
    "money", "day", "date", "short", "time", "moment", "at_home", "home_day", "home_time", "days", "number", "percent",
)  # fmt: skip


def clean(value: Any) -> Any:
    """What a template shows, without control, direction and half characters; markup stays markup."""
    if not isinstance(value, str) or value.isprintable():
        return value  # the usual case: all that is taken out is not printable
    text = CONTROLS.sub("", str(value).replace("\r\n", "\n")).encode("utf-8", "replace").decode()
    return Markup(text) if isinstance(value, Markup) else text  # noqa: S704  markup before, and only characters taken out


def line(value: str) -> str:
    """`value` on one line, for a subject or a label."""
    return " ".join(clean(value.replace("\r", " ").replace("\v", " ").replace("\f", " ")).split())


def thread(subject: str) -> str:
    """The subject of a conversation: on one line, without Re:, Fwd: and bracketed tags, at most 200 characters."""
    bare = line(BRACKETED.sub(" ", line(subject[:1000])))
    prefix = PREFIXES.match(bare)
    return bare[prefix.end() if prefix else 0 :][:200]


def fill(templates: Templates, name: str, context: dict[str, Any], *, html: bool) -> str:
    """The template `name` filled with `context`. Raises ConfigError with the file and line that cannot be filled."""
    try:
        return environment(templates, html).get_template(name).render(context)
    except TEMPLATE_FAULTS as error:
        raise ConfigError([problem(templates, name, error)]) from error


def fill_subject(templates: Templates, languages: Sequence[str], kind: str, context: dict[str, Any]) -> str:
    """The subject of a kind in the first of `languages` that has one. Raises ConfigError naming its key."""
    language = next((one for one in languages if kind in templates.subjects.get(one, {})), languages[-1])
    key = f"{language}.{kind}"
    try:
        return environment(templates, False).get_template(SUBJECT + key).render(context)
    except TEMPLATE_FAULTS as error:
        found = problem(templates, key, error)
        raise ConfigError([Problem(found.what, templates.subjects_path, key, mend=found.mend)]) from error


def fill_sentence(
    templates: Templates, languages: Sequence[str], kind: str, key: str, context: dict[str, Any],
    otherwise: str | None = None,
) -> str:  # fmt: skip
    """The sentence `key` of a kind as plain text, or `otherwise` where there is none. Raises ConfigError naming it."""
    found = _find_sentence(templates, languages, kind, key)
    if found is None:
        if otherwise is None:
            raise ConfigError([Problem("there is no such sentence", f"words.{languages[-1]}.toml", f"{kind}.{key}")])
        return otherwise
    name, sentence = found
    try:
        made = environment(templates, False).get_template(name)
        return made.render(context) if has_facts(sentence) else sentence.text
    except TEMPLATE_FAULTS as error:
        raise ConfigError([problem(templates, name, error)]) from error


@lru_cache(maxsize=8)
def environment(templates: Templates, html: bool) -> ImmutableSandboxedEnvironment:
    """The environment for HTML or for text, with the filters that docs/templates.md lists."""
    made = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda name: _source(templates, name)),
        autoescape=html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=clean, cache_size=-1,
    )  # fmt: skip
    for name in FORMATS:
        made.filters[name] = _format(name)
    made.filters["thread"] = thread
    made.filters["line"] = line
    made.filters["lines"] = _lines if html else _indented
    made.filters["strong"] = _strong if html else str
    made.globals["timeline"] = timeline
    made.globals["say"] = _say(templates, made, html)
    return made


def has_facts(sentence: Source) -> bool:
    """Whether a sentence has anything to fill in; most are plain words, and nothing need be compiled for them."""
    return "{" in sentence.text


def problem(templates: Templates, name: str, error: Exception) -> Problem:
    """A template's error as a Problem, with the file and the line of the innermost template concerned."""
    sources = [*templates.files.values(), *(one for words in templates.words.values() for one in words.values())]
    known = {_place(source): source for source in sources}
    where = _place(templates.files[name]) if name in templates.files else name
    at: int | None = None
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename in known:
            where, at = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, TemplateSyntaxError):
        where, at = error.filename or where, error.lineno
    what = (error.message if isinstance(error, TemplateError) else None) or f"{type(error).__name__}: {error}"
    found = known.get(where, Source("", where))
    line = None if found.key else at
    return Problem(what, found.path, found.key, line, "docs/templates.md lists what a letter may use")


def _place(source: Source) -> str:
    """What a template is called in the trace of an error: its file, and the key of a sentence there."""
    return f"{source.path}: {source.key}" if source.key else source.path


def _source(templates: Templates, name: str) -> tuple[str, str, Callable[[], bool]] | None:
    if name.startswith(SENTENCE):
        language, _, place = name.removeprefix(SENTENCE).partition(":")
        sentence = templates.words[language][place]
        return (sentence.text, _place(sentence), lambda: True)
    if name.startswith(SUBJECT):
        language, _, kind = name.removeprefix(SUBJECT).partition(".")
        subject = templates.subjects.get(language, {}).get(kind)
        return (subject, templates.subjects_path, lambda: True) if subject else None
    source = templates.files.get(name)
    return (source.text, source.path, lambda: True) if source else None


def _format(name: str) -> Callable[..., Any]:
    @pass_context
    def written(context: Context, value: Any, *more: Any) -> str:
        return _formatted(context["words"], name, repr(value), value, *more)

    return written


@lru_cache(maxsize=4096)
def _formatted(words: Words, name: str, form: str, value: Any, *more: Any) -> str:
    """Babel takes its time, and a value stands in text, HTML and the staff's copy. `form` is there to tell apart what
    is equal and written differently: 12.5 and 12.50, and the two 1:30 of the night in which summer time ends."""
    text: str = getattr(words, name)(value, *more)
    return text


def _say(templates: Templates, made: ImmutableSandboxedEnvironment, html: bool) -> Callable[..., str]:
    @pass_context
    def say(context: Context, key: str, otherwise: str | None = None, **more: Any) -> str:
        """The sentence `key` of this letter, in its language; `more` are names that it uses besides the letter's."""
        found = _find_sentence(templates, context["languages"], context["kind"], key)
        if found is None:
            if otherwise is None:
                where = f"words.{context['languages'][-1]}.toml"
                raise UndefinedError(f"there is no sentence {context['kind']}.{key} in {where}")
            return otherwise
        name, sentence = found
        said = made.get_template(name).render(context.get_all(), **more) if has_facts(sentence) else sentence.text
        return Markup(said) if html else said  # noqa: S704  the environment has escaped what stands in it

    return say


def _find_sentence(templates: Templates, languages: Sequence[str], kind: str, key: str) -> tuple[str, Source] | None:
    """A sentence and its name as a template: of `kind` or of all letters, in the first of `languages` that has it."""
    for place in (f"{kind}.{key}", f"{ALL_LETTERS}.{key}"):
        for language in languages:
            if sentence := templates.words.get(language, {}).get(place):
                return f"{SENTENCE}{language}:{place}", sentence
    return None


def _strong(value: str) -> Markup:
    return Markup("<strong>{}</strong>").format(value)


def _lines(value: str) -> Markup:
    """Text from outside with its line breaks, as HTML."""
    return Markup("<br>\n").join(escape(part) for part in clean(value).strip().split("\n"))


def _indented(value: str, prefix: str = "    ") -> str:
    """Text from outside, each line set in: it cannot be mistaken for the letter's own lines."""
    return "\n".join((prefix + part).rstrip() for part in clean(value).strip().split("\n"))
