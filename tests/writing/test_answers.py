"""Letters and the reader of replies agree: what a button writes is understood, and nothing that a letter says would
be taken for the client's decision if it leaked out of a quotation."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest

from mailbot.reading.asked import Asked
from mailbot.reading.decision import read
from mailbot.rules.replies import ReplyRules
from mailbot.writing.kinds import KINDS
from tests.replies import shipped_replies
from tests.writing.reading_back import html_of
from tests.writing.test_languages import ways

CONTEXTS = sorted({kind.context for kind in KINDS.values() if kind.context})
OPTIONS = (
    "Wait for the original silk",
    "Take the satin that we have in stock",
    "Have silk flown in from Lyon",
)


@pytest.fixture(scope="module")
def rules() -> ReplyRules:
    return shipped_replies()


@pytest.fixture(scope="module")
def label_of(rules: ReplyRules) -> Callable[[str, str, str], str]:
    """What a piece of a letter is read as; letters have many pieces in common."""
    return functools.cache(lambda piece, context, locale: read(piece, asked(context, locale), rules).label)


def asked(context: str, locale: str) -> Asked:
    return Asked(context, options=OPTIONS if context == "issue_options" else (), about="CO-1", locale=locale)


@pytest.fixture(params=["en_US", "de_DE", "es_ES"])
def locale(request) -> str:
    return request.param


@pytest.fixture
def theirs(order, locale):
    """The order of a client of this locale."""
    return order.model_copy(update={"client": order.client.model_copy(update={"locale": locale})})


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("approval-request", ["approve", "changes"]),
        ("change-order", ["approve", "changes"]),
        ("fitting-invite", ["confirm", "reschedule"]),
        ("issue-notice", ["choose", "choose", "choose"]),
    ],
)
def test_what_a_button_writes_is_understood(write, rules, theirs, locale, kind, labels):
    links = lxml.html.fromstring(html_of(write(kind, order=theirs))).xpath("//a/@href")
    bodies = [parse_qs(urlsplit(link).query)["body"][0] for link in links]
    context = KINDS[kind].context or ""
    readings = [read(body, asked(context, locale), rules) for body in bodies]
    assert [reading.understood for reading in readings] == [True] * len(labels)
    assert [reading.label for reading in readings] == labels
    if kind == "issue-notice":
        assert [reading.option for reading in readings] == [1, 2, 3]


def pieces(mail) -> Iterator[str]:
    """Every line, sentence, label and button of a letter that could leak into a reply; bare numbers say nothing."""
    tree = lxml.html.fromstring(html_of(mail))
    labels = [element.text_content() for element in tree.xpath("//h1 | //h2 | //p | //li | //th | //a | //strong")]
    for text in (*mail.text.split("\n"), *labels):
        yield text.strip()
        yield from re.split(r"(?<=[.:;?!])\s+", text.strip())


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.reader == "client"])
def test_nothing_that_a_letter_says_reads_as_a_yes(write, label_of, templates, theirs, locale, kind):
    context = KINDS[kind].context
    said = {piece for way in ways(templates, kind) for piece in pieces(write(kind, order=theirs, **way))}
    found = [
        (context, piece, label)
        for context in ([context] if context else CONTEXTS)
        for piece in said
        if re.search(r"[^\W\d_]{2}", piece)
        and (label := label_of(piece, context, locale)) in ("approve", "paid", "confirm")
    ]
    assert found == []


def test_only_the_options_themselves_read_as_a_choice(write, rules, theirs, locale):
    for piece in set(pieces(write("issue-notice", order=theirs))):
        reading = read(piece, asked("issue_options", locale), rules)
        named = any(option in piece for option in OPTIONS) or re.fullmatch(r"\d\.", piece)
        assert reading.label != "choose" or named, piece
