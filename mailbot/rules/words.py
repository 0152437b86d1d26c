"""rules/own_words.toml: what programs write into a reply, and the compiled form in which `reading` asks for it.

Lists are lower case and matched without regard to case. Every pattern is one alternation, compiled once for a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

from pydantic import Field, field_validator

from mailbot.rules import RuleModel

Phrases = tuple[str, ...]


class Attributes(Protocol):
    """An element of HTML, as far as its names are asked."""

    def get(self, key: str, /) -> str | None: ...


_STAR = r"(?:(?! - |[.!?;,:] ).){0,60}"
_EXCUSE = r"(?:\W{1,4}(?:please |pls |kindly )?(?:excuse|pardon|forgive|ignore)\b[^.!?]{0,80})?"


def _alternation(phrases: Iterable[str]) -> str:
    """The phrases as one group, the longest first, so that the longest that fits is found."""
    return "(?:" + "|".join(re.escape(p) for p in sorted(set(phrases), key=lambda p: (-len(p), p))) + ")"


class _Lists(RuleModel):
    @field_validator("*")
    @classmethod
    def _lower(cls, phrases: Phrases) -> Phrases:
        wrong = [p for p in phrases if p != p.lower().strip() or not p]
        if wrong:
            raise ValueError(f"must be lower case, without blanks around: {', '.join(map(repr, wrong))}")
        return phrases


class Attribution(_Lists):
    verbs: Phrases
    first_person: Phrases


class Headers(_Lists):
    from_: Phrases = Field(alias="from")
    to: Phrases
    cc: Phrases
    date: Phrases
    subject: Phrases
    other: Phrases


class Separators(_Lists):
    original: Phrases
    forwarded: Phrases
    reply_above: Phrases


class Signatures(_Lists):
    devices: Phrases
    notices: Phrases
    notice_words: Phrases
    notice_asides: Phrases
    footers: Phrases
    banner_tags: Phrases
    banner_phrases: Phrases


class Pointers(_Lists):
    below: Phrases
    instructions: Phrases
    unfinished: Phrases


class Subjects(_Lists):
    calendar: Phrases


class Html(_Lists):
    quote_classes: Phrases
    quote_ids: Phrases
    quote_names: Phrases
    quote_attributes: Phrases
    container_classes: Phrases
    container_names: Phrases
    announcement_classes: Phrases
    announcement_ids: Phrases
    divider_ids: Phrases
    divider_attributes: Phrases
    divider_styles: Phrases
    signature_classes: Phrases
    signature_ids: Phrases
    descriptions: Phrases


class HtmlNames:
    """The names of elements, as sets to ask. Attributes are `name=value`, the name and the value in lower case."""

    def __init__(self, lists: Html) -> None:
        self.quote_classes = frozenset(lists.quote_classes)
        self.quote_ids = frozenset(lists.quote_ids)
        self.quote_names = frozenset(lists.quote_names)
        self.quote_attributes = _pairs(lists.quote_attributes)
        self.container_classes = frozenset(lists.container_classes)
        self.container_names = frozenset(lists.container_names)
        self.announcement_classes = frozenset(lists.announcement_classes)
        self.announcement_ids = frozenset(lists.announcement_ids)
        self.divider_ids = frozenset(lists.divider_ids)
        self.divider_attributes = _pairs(lists.divider_attributes)
        self.divider_styles = lists.divider_styles
        self.signature_classes = frozenset(lists.signature_classes)
        self.signature_ids = frozenset(lists.signature_ids)
        self._descriptions = lists.descriptions

    def is_quote(self, classes: set[str], ident: str, element: Attributes) -> bool:
        """All in the element is quoted."""
        return (
            not classes.isdisjoint(self.quote_classes)
            or ident in self.quote_ids
            or (element.get("name") or "").lower() in self.quote_names
            or self.has(element, self.quote_attributes)
        )

    def is_container(self, classes: set[str], element: Attributes) -> bool:
        """The element holds a quotation and its announcement."""
        return (
            not classes.isdisjoint(self.container_classes)
            or (element.get("name") or "").lower() in self.container_names
        )

    def is_announcement(self, classes: set[str], ident: str) -> bool:
        return not classes.isdisjoint(self.announcement_classes) or ident in self.announcement_ids

    def is_signature(self, classes: set[str], ident: str) -> bool:
        return not classes.isdisjoint(self.signature_classes) or ident in self.signature_ids

    def describes(self, alt: str) -> bool:
        """A program has described a picture by itself."""
        low = alt.lower()
        return any(phrase in low for phrase in self._descriptions)

    @staticmethod
    def has(element: Attributes, pairs: tuple[tuple[str, str], ...]) -> bool:
        """Whether the element has one of these attributes with this value."""
        return any((element.get(name) or "").lower() == value for name, value in pairs)


def _pairs(attributes: Phrases) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, _, value in (a.partition("=") for a in attributes))


class WordRules(RuleModel):
    """rules/own_words.toml. The patterns are compiled at first use and kept."""

    attribution: Attribution
    headers: Headers
    separators: Separators
    signatures: Signatures
    pointers: Pointers
    subjects: Subjects
    html: Html

    @cached_property
    def html_names(self) -> HtmlNames:
        return HtmlNames(self.html)

    @cached_property
    def verb(self) -> re.Pattern[str]:
        """A verb of announcement as a word of its own, anywhere."""
        return re.compile(r"(?<![^\W\d])" + _alternation(self.attribution.verbs) + r"(?![^\W\d_])", re.IGNORECASE)

    @cached_property
    def first_person(self) -> re.Pattern[str]:
        return re.compile(r"\b" + _alternation(self.attribution.first_person) + r"\b", re.IGNORECASE)

    @cached_property
    def header_roles(self) -> dict[str, str]:
        """The name of a header line, as written in any language, to its role: from, to, cc, date, subject, other."""
        lists = self.headers
        roles = {
            "other": lists.other, "cc": lists.cc, "to": lists.to, "date": lists.date,
            "subject": lists.subject, "from": lists.from_,
        }  # fmt: skip
        return {name: role for role, names in roles.items() for name in names}

    @cached_property
    def header_in_line(self) -> re.Pattern[str]:
        """A header's name and its colon somewhere in a line: several of them make a header block in one line."""
        names = [n for n in self.header_roles if len(n) > 1]
        return re.compile(
            r"(?:(?<![^\W\d_])|(?<=[a-z\d>][^\W\d_]{0}))" + f"({_alternation(names)})[*_]*\\s?[:：]", re.I
        )

    @cached_property
    def separator(self) -> re.Pattern[str]:
        """The words of a separator, original or forwarded, at the start of a line that lost its dashes."""
        phrases = (*self.separators.original, *self.separators.forwarded)
        return re.compile(f"({_alternation(phrases)})(?![^\\W\\d_])", re.IGNORECASE)

    @cached_property
    def reply_above(self) -> re.Pattern[str]:
        return re.compile(_alternation(self.separators.reply_above), re.IGNORECASE)

    @cached_property
    def device(self) -> re.Pattern[str]:
        """A whole line, its links and brackets taken off."""
        lines = "|".join(re.escape(p).replace(r"\*", _STAR) for p in self.signatures.devices)
        return re.compile(f"(?:{lines}){_EXCUSE}[.!]*", re.IGNORECASE)

    @cached_property
    def device_starts(self) -> frozenset[str]:
        """The first letters of device lines, three at most, to pass over other lines quickly."""
        return frozenset(p.split("*")[0][:3] for p in self.signatures.devices if not p.startswith("*"))

    @cached_property
    def device_ends(self) -> frozenset[str]:
        return frozenset(p[-3:] for p in self.signatures.devices if p.startswith("*"))

    @cached_property
    def notice(self) -> re.Pattern[str]:
        return re.compile(_alternation(self.signatures.notices), re.IGNORECASE)

    @cached_property
    def footer(self) -> re.Pattern[str]:
        return re.compile(_alternation(self.signatures.footers) + r"(?![^\W\d_])", re.IGNORECASE)

    @cached_property
    def instruction(self) -> re.Pattern[str]:
        """How one is told what to answer: nobody writes it as the answer."""
        return re.compile(r"(?<![^\W\d_])" + _alternation(self.pointers.instructions) + r"(?![^\W\d_])", re.IGNORECASE)

    @cached_property
    def unfinished(self) -> re.Pattern[str]:
        """The end of a paragraph that breaks off: more was said, or was going to be."""
        return re.compile(
            r"(?<![^\W\d_])" + _alternation(self.pointers.unfinished) + r"[\s.,:;…–—-]*(?:\n[ ]*\n|$)", re.IGNORECASE
        )

    @cached_property
    def calendar_subject(self) -> re.Pattern[str]:
        """`Accepted: ` and the like at the beginning of a subject."""
        return re.compile(r"\s*" + _alternation(self.subjects.calendar) + r"\s*[:：]", re.IGNORECASE)

    @cached_property
    def banner_tags(self) -> frozenset[str]:
        return frozenset(self.signatures.banner_tags)


class WordCase(RuleModel):
    """What must hold for every phrase of a list, `{}` standing for it: what was typed in a text or an HTML body.

    A case with a `subject` is about the doubt that it raises, and nothing else.
    """

    list: str
    text: str = ""
    html: str = ""
    subject: str = ""
    typed: str
    doubt: str = ""


class WordCases(RuleModel):
    """rules/own_words.cases.toml."""

    case: tuple[WordCase, ...]
