# ruff: noqa: E501 - mail as programs write it, one line each
"""The sender's own words of HTML and of whole mails: structure first, hidden text noticed, both parts compared."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mailbot.reading.message import parse
from mailbot.reading.own_words import OwnWords, own_words, own_words_of_html
from mailbot.rules import load
from mailbot.rules.words import WordRules

RULES = load(WordRules, "own_words.toml")
MAILS = Path(__file__).parent.parent / "mail"
OLD = "<p>Reply APPROVED to go ahead.</p>"
HEADERS = (
    "<b>From:</b> Sam &lt;orders@studio.example&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Ann<br><b>Subject:</b> x"
)

PROGRAMS = {
    "gmail": f'<div dir="ltr">ok</div><br><div class="gmail_quote"><div class="gmail_attr">On Tue, Sam wrote:<br></div><blockquote class="gmail_quote" style="border-left:1px solid #ccc">{OLD}</blockquote></div>',
    "gmail forward": f'<div>ok<br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Sam<br></div>{OLD}<blockquote>x</blockquote></div></div>',
    "outlook desktop": f'<div class="WordSection1"><p>ok</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>{HEADERS}</p></div>{OLD}</div>',
    "outlook mac": f'<p>ok</p><div style="border:none;border-top:solid #B5C4DF 1.0pt"><p>{HEADERS}</p></div>{OLD}',
    "outlook web": f'<div>ok</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg">{HEADERS}</div><div>{OLD}</div>',
    "outlook web, rewritten": f'<div>ok</div><hr><div id="x_divRplyFwdMsg">{HEADERS}</div><div>{OLD}</div>',
    "outlook mobile": f'<div>ok</div><div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container">{OLD}</div>',
    "hotmail": f'<div>ok</div><hr id="stopSpelling">Date: Tue<br>From: x{OLD}',
    "apple": f'ok<div><br><blockquote type="cite"><div>On 3 Mar 2026, Sam wrote:</div>{OLD}</blockquote></div>',
    "yahoo": f'<div>ok</div><div id="ydp1234abcdyahoo_quoted_1" class="ydp1234abcdyahoo_quoted">On Tuesday, Sam wrote:{OLD}</div>',
    "proton": f'<div>ok</div><div class="protonmail_quote">On Tuesday, March 3rd, 2026 at 9:14 AM, Sam &lt;orders@studio.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">{OLD}</blockquote></div>',
    "thunderbird": f'<p>ok</p><div class="moz-cite-prefix">Am 03.03.26 schrieb Sam:<br></div><blockquote type="cite" cite="mid:x">{OLD}</blockquote>',
    "thunderbird forward": f'<p>ok</p><div class="moz-forward-container">-------- Forwarded Message --------{OLD}</div>',
    "zimbra": f'<div>ok</div><hr data-marker="__DIVIDER__"><div data-marker="__QUOTED_TEXT__">{OLD}</div>',
    "gmx": f'<div>ok</div><div name="quote" style="margin:10px"><b>Gesendet:</b> x{OLD}</div>',
    "notes": f"ok<br><br><font size=1 color=#5f5f5f>From: </font><font size=1>Sam &lt;orders@studio.example&gt;</font><br><font size=1>To: </font>Ann<br><font size=1>Date: </font>03/03/2026 09:14<br><font>Subject: </font>x<br><hr>{OLD}",
    "spark": f'<div name="messageBodySection">ok</div><div name="messageReplySection">On Mar 3, 2026, Sam wrote:<br><blockquote type="cite" class="spark_quote">{OLD}</blockquote></div>',
    "roundcube": f'<p>ok</p><p id="reply-intro">On 2026-03-03 09:14, Sam wrote:</p><blockquote type="cite">{OLD}</blockquote>',
    "tutanota": f'ok<br><br>3 Mar 2026, 09:14 by orders@studio.example:<br><blockquote class="tutanota_quote">{OLD}</blockquote>',
    "mail.ru": f'<div>ok</div><blockquote style="border-left:1px solid #0857A6">Вторник, 3 марта 2026 от Sam:{OLD}</blockquote>',
    "unmarked": f"<div>ok</div><div>On Tue, 3 Mar 2026 at 09:14, Sam &lt;orders@studio.example&gt; wrote:</div>{OLD}",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_quotation_of_every_program_is_known_by_its_structure(program: str) -> None:
    words = own_words_of_html(PROGRAMS[program], RULES)
    text = words.text.replace("On 3 Mar 2026, Sam wrote:", "").strip()
    assert "APPROVED" not in words.text
    assert text.split("\n")[0] == "ok"
    assert any("APPROVED" in cut.text for cut in words.cut)


def test_answers_between_the_quotes_of_gmail_are_kept() -> None:
    html = '<div class="gmail_quote"><div class="gmail_attr">On Tue, Sam wrote:</div><blockquote>Silk?</blockquote><div>Yes</div><blockquote>Friday?</blockquote><div>No</div></div>'
    words = own_words_of_html(html, RULES)
    assert (words.text.split(), words.doubts) == (["Yes", "No"], ("interleaved",))


@pytest.mark.parametrize(
    "style",
    [
        "display:none", "visibility: hidden", "font-size:0", "font-size: 1px", "color:#ffffff", "color: white", "mso-hide:all",
        "opacity:0", "max-height:0;overflow:hidden", "position:absolute;left:-9999px", "color:rgb(255, 255, 254)",
        "color:#123456;background:#123456",
    ],
)  # fmt: skip
def test_hidden_text_is_cut_and_a_reason_to_hold(style: str) -> None:
    words = own_words_of_html(f'<p>Not approved<span style="{style}"> unless: approved</span></p>', RULES)
    assert (words.text, words.doubts) == ("Not approved", ("hidden-text",))


def test_text_hidden_by_a_style_sheet_is_noticed() -> None:
    words = own_words_of_html("<style>.x{display:none}</style><p>No<i class=x> yes</i></p>", RULES)
    assert (words.text, words.doubts) == ("No", ("hidden-text",))


@pytest.mark.parametrize(
    "style", ["color:#333", "font-size:12px", "background:white", "line-height:0.9", "opacity:0.9"]
)
def test_visible_text_is_no_doubt(style: str) -> None:
    assert own_words_of_html(f'<p style="{style}">ok</p>', RULES) == OwnWords("ok", (), ())


def test_hidden_text_in_what_is_quoted_is_ours_and_no_doubt() -> None:
    html = '<p>ok</p><blockquote type="cite"><div style="display:none">preheader</div></blockquote>'
    assert own_words_of_html(html, RULES).doubts == ()


def test_numbers_of_a_list_are_words() -> None:
    assert own_words_of_html("<ol><li>Yes</li><li>No</li></ol>", RULES).text == "1. Yes\n2. No"


@pytest.mark.parametrize(
    ("name", "typed", "doubts"),
    [
        ("gmail_reply", "Approved, but once the hem is fixed.\n\n- Ann", ()),
        ("parts_contradict", "Not approved, please change the hem", ("text-html-differ",)),
        ("hidden_text", "Not approved.", ("hidden-text",)),
        ("embedded_forward", "See attached.", ()),
        ("flowed", "We approve, once the hem is fixed.", ()),
        ("outlook_html_only", "Option 2.", ()),
        ("bidi_override", "devorppa", ("direction-characters",)),
        ("apple_text_picture_text", "Approved as in\nbut two inches shorter.", ()),
    ],
)
def test_whole_mails(name: str, typed: str, doubts: tuple[str, ...]) -> None:
    words = own_words(parse((MAILS / f"{name}.eml").read_bytes()), RULES)
    assert (words.text, words.doubts) == (typed, doubts)


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>a", "<p>a", "<ol><li>a", "<blockquote>", "<table><tr><td>", "<", "&", "<i hidden>a</i>"]
)
def test_a_megabyte_of_markup_takes_less_than_two_seconds(piece: str) -> None:
    started = time.process_time()
    own_words_of_html((piece * (1_000_000 // len(piece) + 1))[:1_000_000], RULES)
    assert time.process_time() - started < 2


def test_text_too_deep_to_be_read_is_a_doubt() -> None:
    assert "too-deep" in own_words_of_html("<div>" * 5000 + "Approved" + "</div>" * 5000, RULES).doubts
