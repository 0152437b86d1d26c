"""Mails inside mails: who wrote them and in which words, in many languages; nothing of it is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.orders.circumstances import Enclosed
from mailbot.reading.enclosed import enclosed
from mailbot.reading.message import parse
from mailbot.reading.own_words import own_words
from mailbot.reading.proof import Trust
from mailbot.rules import load
from mailbot.rules.words import WordRules
from tests.walks.forwards import SHAPES, forward
from tests.walks.programs import new

RULES = load(WordRules, "own_words.toml")
TRUST = Trust(("mx.studio.example",))
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "mail" / "forwards.jsonl"


def inside(mail: EmailMessage | bytes) -> tuple[Enclosed, ...]:
    message = parse(mail if isinstance(mail, bytes) else mail.as_bytes())
    return enclosed(message, own_words(message, RULES), RULES, TRUST)


def typed(text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sam@studio.example", "orders@studio.example", "Fwd"
    mail.set_content(text)
    return mail


def original() -> EmailMessage:
    ann, now = "Ann Lee <ann@client.example>", datetime(2026, 1, 6, tzinfo=UTC)
    words = "Yes, approved!\n\nAnn\n\nOn Mon, Jan 5, 2026 Sam <sam@studio.example> wrote:\n> Shall we decline?"
    return new(ann, "sam@studio.example", "Sketches", words, now, 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_words_of_who_wrote_it_are_found_without_what_they_quote(shape: str) -> None:
    mail = forward(typed(""), original(), "FYI", shape)
    (found,) = inside(mail)
    assert found.sender == "ann@client.example"
    assert " ".join(found.words.split()) == "Yes, approved! Ann"
    assert (found.data is not None) == (shape == "attached")


def test_what_its_headers_prove_counts_for_nothing() -> None:
    stamped = original()
    stamped["Authentication-Results"] = "mx.studio.example; dmarc=pass header.from=client.example"
    (found,) = inside(forward(typed(""), stamped, "FYI", "attached"))
    assert "not believed" in found.proof


@pytest.mark.parametrize(
    "text",
    [
        "percent 40\nAnn Lee <ann@client.example> will come on Monday.",
        "From: here it looks good\nSubject: to change",
        "On Monday Ann and Bob wrote:\n> yes",
        "> quoted without any announcement: ann@client.example",
        "",
    ],
)
def test_what_is_no_forward_is_none(text: str) -> None:
    assert inside(typed(text)) == ()


def test_forwards_of_many_programs_in_many_languages_are_understood() -> None:
    if not SHARED.exists():
        pytest.skip("../shared/mail/forwards.jsonl is not there")
    cases = [json.loads(line) for line in SHARED.read_text("utf-8").splitlines()]
    found = [inside(typed(case["text"])) for case in cases]
    right = [one for one in found if one and one[0].sender == "john.doe@acme.com"]
    assert len(right) >= len(cases) - 2
    assert all(one[0].sender == "john.doe@acme.com" for one in found if one)
