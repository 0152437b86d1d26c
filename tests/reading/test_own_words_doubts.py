# ruff: noqa: E501 - mail as programs write it, one line each
"""Words that may be somebody's and are not plainly his answer: each is a named doubt, and what only looks alike is none."""

from __future__ import annotations

import pytest

from mailbot.reading.message import parse
from mailbot.reading.own_words import OwnWords, own_words, own_words_of_html, own_words_of_text, shown
from mailbot.rules import load
from mailbot.rules.words import WordRules

RULES = load(WordRules, "own_words.toml")
OURS = """Dear Ann Lee,

Design approval: may we go ahead with it as shown?

Project: Cinderella ball gowns
Reply to this mail with a yes, or write what should change. Once we have your yes, the next phase begins.

Kind regards,
Sam Ortiz"""
HEAD = "On Sat, Jan 10, 2026 at 10:00 AM Sam Ortiz <orders@studio.example> wrote:"
BLOCK = "From: Sam Ortiz <orders@studio.example>\nSent: Saturday, January 10, 2026 10:00 AM\nTo: Ann\nSubject: Design\n"
BANNER = "CAUTION: This email originated from outside of the organization. Do not click links."


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def read(body: str, kind: str = "plain") -> OwnWords:
    """An answer to OURS."""
    mail = parse(f"Content-Type: text/{kind}; charset=utf-8\n\n{body}".encode())
    return own_words(mail, RULES, [OURS], answers_ours=True)


@pytest.mark.parametrize(
    "edited",
    [
        f"{HEAD}\n{marked(OURS)}\n> No, wait.\n",
        f"{HEAD}\n> only if it is cheaper\n{marked(OURS)}\n",
        f"{HEAD}\n{marked(OURS.replace('as shown?', 'as shown? Yes, in blue.'))}\n",
        f"{HEAD}\n{marked(OURS.replace('Kind regards', 'no' + chr(10) + 'Kind regards'))}\n",
        f"{BLOCK}\n{OURS.replace('Project:', 'Not before May.' + chr(10) + 'Project:')}",
        f"{BLOCK}\n{OURS}\n\nBut talk to me about the price first.",
        f"> but not the sleeves\n\n{HEAD}\n{marked(OURS)}",
    ],
)
def test_words_that_were_written_into_the_quotation(edited: str) -> None:
    assert "words-in-quotation" in read(f"Approved\n\n{edited}").doubts


@pytest.mark.parametrize(
    "quoted",
    [
        f"{HEAD}\n{marked(OURS)}\n",
        f"{HEAD}\n{marked(OURS.partition('Reply')[0])}",
        f"{HEAD}\n{marked(BANNER + chr(10) + chr(10) + OURS)}\n",
        f"{HEAD}\n{marked('[EXTERNAL]' + chr(10) + OURS)}\n",
        f"{HEAD}\n{marked(OURS.replace('as shown?', 'as shown?' + chr(10)))}\n",
        f"{HEAD}\n{marked(OURS).replace('Once we', chr(10) + 'Once we')}\n",
        f"{HEAD}\n{marked(OURS.replace('Ann Lee', 'Ann Lee<mailto:ann@client.example>'))}\n",
        f"{BLOCK}\n{OURS.replace(chr(10) + chr(10), chr(10))}",
        f"> Message du 10/01/26 10:00\n> De : Sam <orders@studio.example>\n> A : ann@client.example\n> Objet : Design\n>\n{marked(OURS)}",
    ],
)  # fmt: skip
def test_our_own_mail_as_programs_quote_it_is_no_doubt(quoted: str) -> None:
    assert (read(f"Approved\n\n{quoted}").text, read(f"Approved\n\n{quoted}").doubts) == ("Approved", ())


def test_what_others_wrote_may_be_quoted_when_the_mail_answers_them() -> None:
    body = f"Approved\n\nOn Sat, Jan 10, 2026 Bob <bob@client.example> wrote:\n> Shall we?\n{marked(marked(OURS))}"
    mail = parse(f"Content-Type: text/plain\n\n{body}".encode())
    assert own_words(mail, RULES, [OURS]).doubts == ()


def test_what_only_our_html_says_is_ours_as_well() -> None:
    html = "<p>Dear Ann Lee,</p><a>Reply with a yes</a><p>May we go ahead with it as shown?</p>"
    ours = shown(OURS, html)
    body = f"Content-Type: text/html\n\n<p>Approved</p><blockquote type=cite>{html}</blockquote>"
    assert own_words(parse(body.encode()), RULES, [ours], answers_ours=True).doubts == ()
    assert own_words(parse(body.encode()), RULES, [OURS], answers_ours=True).doubts == ("words-in-quotation",)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("[ ] Approved", "empty-box"), ("☐ Approved\n☐ Not approved", "empty-box"), ("( ) yes", "empty-box"),
        ("Reply YES to go ahead", "instruction"), ("Yes, but", "breaks-off"), ("Ja, aber...\n\nAnn", "breaks-off"),
        ("Approved\n\n-- \nAnn Lee\nonly if the price is 400", "signature-sentences"),
    ],
)  # fmt: skip
def test_half_an_answer_is_a_doubt(text: str, doubt: str) -> None:
    assert own_words_of_text(text, RULES).doubts == (doubt,)


@pytest.mark.parametrize(
    "text",
    ["[x] Approved", "Yes (finally)", "But yes, approved", "Approved [as shown]", "Approved\n\n-- \nAnn Lee\nCostumes"],
)
def test_a_whole_answer_is_no_doubt(text: str) -> None:
    assert own_words_of_text(text, RULES).doubts == ()


@pytest.mark.parametrize(
    ("html", "doubt"),
    [
        ("<input type=checkbox> Approved", "form"), ("Approved<textarea>not yet</textarea>", "form"),
        ("Approved<noscript>not yet</noscript>", "hidden-text"), ("Approved<svg><text>not</text></svg>", "hidden-text"),
        ("<s>Not</s> approved", "hidden-text"), ("<del>Not</del> approved", "hidden-text"),
        ("<p>ok</p><!--[if mso]><p>once the hem is fixed</p><![endif]-->", "hidden-text"),
        ("<style>div p > .x:hover{display:none}</style><p>ok <i class=x>not</i></p>", "hidden-text"),
        ("<style>i{font-size:0}</style><p>ok <i>not</i></p>", "hidden-text"),
        ("<style>p::before{content:'Not '}</style><p>ok</p>", "text-by-style"),
        ("ok <img alt='once the hem is fixed'>", "words-on-a-picture"),
        ("<p>ok</p><div class=gmail_signature>Ann<br>only if it is cheaper than that</div>", "signature-sentences"),
    ],
)  # fmt: skip
def test_text_that_not_everybody_sees_is_a_doubt(html: str, doubt: str) -> None:
    assert doubt in own_words_of_html(html, RULES).doubts


@pytest.mark.parametrize(
    "html",
    [
        "ok <img alt='Client Theatre'>", "ok <img alt='A dress on a stand. Description automatically generated'>",
        "ok<!--[if gte mso 9]><xml><o:AllowPNG/><w:View>Normal</w:View></xml><![endif]-->",
        "<style>p.MsoNormal{margin:0;font-size:11pt}</style><p class=MsoNormal>ok</p>",
        "ok<blockquote type=cite><form><input value=x></form><noscript>x</noscript></blockquote>",
        "ok<div class=gmail_signature>Ann Lee<br>Sent with Proton Mail secure email.</div>",
        "<head><title>Re: your mail of today.</title></head><p>ok</p>",
    ],
)  # fmt: skip
def test_what_programs_hide_is_no_doubt(html: str) -> None:
    assert (own_words_of_html(html, RULES).text, own_words_of_html(html, RULES).doubts) == ("ok", ())


@pytest.mark.parametrize(
    ("parts", "doubt"),
    [
        ("alternative|text/plain|ok|text/plain|not ok", "several-texts"),
        ("alternative|text/plain|ok|text/html|<p>not ok</p>|text/html|<p>ok</p>", "several-texts"),
        (
            "mixed|text/plain|ok|text/plain; name=a.txt\nContent-Disposition: inline; filename=a.txt|not ok",
            "text-attached",
        ),
        ("alternative|text/plain|ok|text/calendar; method=REPLY|BEGIN:VCALENDAR", "calendar-part"),
    ],
)
def test_parts_that_say_something_else_are_a_doubt(parts: str, doubt: str) -> None:
    kind, *leaves = parts.split("|")
    inner = "".join(f"--b\nContent-Type: {leaves[i]}\n\n{leaves[i + 1]}\n" for i in range(0, len(leaves), 2))
    mail = f"Subject: x\nContent-Type: multipart/{kind}; boundary=b\n\n{inner}--b--\n"
    assert doubt in own_words(parse(mail.encode()), RULES).doubts


def test_a_sentence_in_a_notice_is_told_from_the_notice() -> None:
    notice = (
        "This email and any attachments are confidential and legally privileged. Please delete it if sent in error."
    )
    assert own_words_of_text(f"ok\n\n{notice}", RULES).among == ()
    assert own_words_of_text(f"ok\n\n{notice} Approved only if the price is 400.", RULES).among == (
        "Approved only if the price is 400.",
    )
