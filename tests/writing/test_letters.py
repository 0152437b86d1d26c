"""Every letter is written, its two parts say the same, and nothing from outside can make it say something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import lxml.html
import pytest

from mailbot.errors import ConfigError
from mailbot.writing.check import sample_send
from mailbot.writing.kinds import KINDS
from mailbot.writing.render import StudioInfo, render
from mailbot.writing.words import Words, locale_for, zone_of
from tests.writing.reading_back import html_of, parsed

ALL = [(kind, full) for kind in KINDS for full in (True, False)]
AMOUNT = re.compile(r"[$€£]\d[\d.,]*\d")
DATE = re.compile(r"(?:[A-Z][a-z]+day, )?[A-Z][a-z]{2,8} \d{1,2}, \d{4}")
TIME = re.compile(r"\b\d{1,2}:\d{2}\s?[AP]M\b")
REFERENCE = re.compile(r"\b(?:ORD|CO|INV|ISS|H)-\d+\b")
HOSTILE = {
    "markup": "<Ada & Co> {{7*7}} {% for x in range(10**9) %}{{ order }}{% endfor %}{# #} <script>alert(1)</script>\"'",
    "characters": "Zoë 👗👩🏽‍🎨 ＡＢＣ نور \u202eevil\u202c עדה half \ud83d surrogate " + "x" * 300,
    "headers": "a\r\nBcc: thief@evil.example\n\nDear thief,\x00\x1b[31m\u2028b [ORD-1] Re: =?utf-8?q?=0D=0ABcc=3A_x?=",
}


def visible(html: str) -> str:
    """The words of the page without its inbox line, which repeats facts."""
    tree = lxml.html.fromstring(html)
    for unseen in tree.xpath('//head | //td[@class="summary"]'):
        unseen.drop_tree()
    return plain(" ".join(tree.itertext()))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'")).strip()


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = [inner for name, inner in value.items() if name not in ("subject", "mail_subject")]
    if isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize(("kind", "full"), ALL)
def test_text_and_html_hold_the_same_facts(write, kind, full):
    mail = write(kind, full=full)
    text, page = plain(mail.text), visible(html_of(mail))
    for pattern in (AMOUNT, DATE, TIME, REFERENCE):
        assert set(pattern.findall(text)) == set(pattern.findall(page)), pattern.pattern


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_of_the_data_stands_in_both_parts_or_in_neither(write, templates, kind):
    mail = write(kind)
    text, page = plain(mail.text), visible(html_of(mail))
    words = Words(locale_for("en", "en_US"), zone_of("America/New_York"), zone_of("America/New_York"), "USD")
    for leaf in leaves(sample_send(templates, kind).data):
        for form in _forms(leaf, words):
            assert (form in text) == (form in page), form


def _forms(leaf: Any, words: Words) -> list[str]:
    if isinstance(leaf, Decimal):
        return [words.money(leaf)]
    if isinstance(leaf, datetime):
        return [words.time(leaf), words.date(leaf)]
    if isinstance(leaf, date):
        return [words.date(leaf), words.short(leaf)]
    return [plain(part) for part in leaf.split("\n") if part] if isinstance(leaf, str) else []


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (
            "change-order",
            ["$450.00", "$2,200.00", "$2,650.00", "$12,000.00", "$14,650.00", "$1,325.00", "5 days later"],
        ),
        ("change-order", ["Friday, March 20, 2026", "Wednesday, March 25, 2026", "CO-1", "Sequins on the train"]),
        ("approval-request", ["Fabric approval", "Friday, January 30, 2026", "silk-ivory.jpg", "Construction"]),
        ("issue-notice", ["1.", "2.", "3.", "$380.00", "Thursday, March 26, 2026", "6 days later", "works better"]),
        ("fitting-invite", ["Friday, February 6, 2026, 2:00 PM (New York)", "4:00 PM", "41 Mercer Street"]),
        (
            "receipt",
            ["$14,650.00", "Wednesday, March 25, 2026", "undo", "Friday, January 23, 2026, 1:40 PM (New York)"],
        ),
        ("reminder-firm", ["$3,000.00", "7 days", "Saturday, February 14, 2026", "Account 123 456 789"]),
        ("weekly-update", ["Friday, March 20, 2026", "Friday, March 13, 2026", "Pattern (now)", "Fabric approval"]),
        ("held", ["could the bow be a touch smaller?", "changes", "decline", "dismiss", "choose 1", "H-1"]),
        ("booked", ["$12,000.00", "$14,650.00", "undo CO-1", "dmarc=pass by mx.studio.example", "approved"]),
        ("escalation-collection", ["$3,000.00", "15 days", "Friday, February 13, 2026", "paid INV-2 on 2026-01-22"]),
        ("report", ["50%", "100%", "ISS-2 was told after 31 hours"]),
        ("digest", ["€2,125.00", "Silk held at customs", "H-1", "9 days"]),
    ],
)
def test_what_a_letter_must_say_stands_in_both_parts(write, kind, facts):
    mail = write(kind)
    for part in (plain(mail.text), visible(html_of(mail))):
        assert [fact for fact in facts if plain(fact) not in part] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_what_they_are(write, order, templates, kind, name):
    bad = HOSTILE[name]
    client = order.client.model_copy(update={"name": bad})
    named = order.model_copy(update={"project": bad, "client": client})
    data = {key: bad if isinstance(value, str) else value for key, value in sample_send(templates, kind).data.items()}
    keep = ("why", "verdict", "kind", "mode", "state", "currency")
    mail = write(kind, order=named, data={key: value for key, value in data.items() if key not in keep})
    message = parsed(mail)
    assert mail.data.isascii()
    assert message.keys().count("To") == 1
    assert "Bcc" not in message
    assert not message.defects
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    page = html_of(mail)
    tree = lxml.html.fromstring(page)
    assert not tree.xpath("//script")
    assert "<Ada & Co>" not in page  # escaped, always
    assert not re.search("Co(>|&gt;) 49", page + mail.text + mail.subject)  # data, never a template
    assert not re.search("[\u202a-\u202e\x00\x1b]", page + mail.text)


def test_the_given_order_of_magnitude_holds_for_all_html(write):
    sizes = {kind: len(html_of(write(kind)).encode()) for kind in KINDS}
    assert max(sizes.values()) < 60_000, sizes


def test_held_can_be_answered_with_one_word_by_link(write):
    links = lxml.html.fromstring(html_of(write("held"))).xpath("//a/@href")
    bodies = [parse_qs(urlsplit(link).query)["body"][0] for link in links]
    assert bodies == ["choose 1", "choose 2", "decline", "changes", "dismiss"]
    assert {unquote(urlsplit(link).path) for link in links} == {"orders+k7m2q9x4t6@studio.example"}
    assert all(parse_qs(urlsplit(link).query)["subject"][0].endswith("[ORD-2041]") for link in links)


def test_held_without_options_offers_to_approve(write):
    links = lxml.html.fromstring(html_of(write("held", full=False))).xpath("//a/@href")
    assert [parse_qs(urlsplit(link).query)["body"][0] for link in links] == ["approve", "decline", "changes", "dismiss"]


def test_nothing_in_a_letter_is_hidden_or_fetched(write):
    for kind in KINDS:
        page = html_of(write(kind))
        assert not re.search(r"display:\s*none|font-size:\s*0|visibility:\s*hidden", page), kind
        assert not re.search(r"https?://|src=\"(?!cid:)", page), kind


def test_styles_are_written_into_the_elements(write):
    tree = lxml.html.fromstring(html_of(write("change-order")))
    assert all("font-family" in heading.get("style", "") for heading in tree.xpath("//h1 | //h2"))
    assert len(tree.xpath("//style")) == 2


def test_layout_tables_are_marked_as_such_and_the_page_names_its_language(write):
    tree = lxml.html.fromstring(html_of(write("change-order")))
    layout = [table for table in tree.xpath("//table") if not table.xpath("./tr/th | ./tbody/tr/th")]
    assert layout
    assert all(table.get("role") == "presentation" for table in layout)
    assert (tree.get("lang"), tree.get("dir")) == ("en", "ltr")


def test_the_timeline_shows_the_phase_in_both_parts(write):
    mail = write("weekly-update")
    current = lxml.html.fromstring(html_of(mail)).xpath('//td[@aria-current="step"]')
    assert [plain(cell.text_content()) for cell in current] == ["Pattern (now)"]
    assert "Design (done) > Pattern (now) > Construction > Fitting > Final" in mail.text


def test_a_quiet_week_is_said_to_be_one(write):
    quiet = {"done": [], "doing": [], "coming": [], "dates": [], "owed": [], "on_track": True}
    mail = write("weekly-update", full=False, data=quiet)
    for part in (plain(mail.text), visible(html_of(mail))):
        assert "There is nothing new to show this week. Work goes on as planned." in part
        assert "on track for delivery on Friday, March 20, 2026" in part
        assert "Completed" not in part


@pytest.mark.parametrize(
    "verdict", ["approve", "decline", "changes", "choose", "confirm", "reschedule", "paid", "dispute"]
)
def test_a_receipt_for_every_decision(write, verdict):
    mail = write("receipt", full=False, data={"verdict": verdict})
    assert "CO-1, Sequins on the train" in mail.text


@pytest.mark.parametrize(
    "why", ["unclear", "question", "which-option", "unproven", "closed", "superseded", "nothing-open"]
)
def test_coming_back_for_every_reason_says_that_nothing_was_decided(write, why):
    text = write("question-back", full=False, data={"why": why}).text
    assert "nothing has been decided" in text or "nothing has changed" in text


def test_an_appointment_names_both_clocks_where_they_differ(write, order):
    far = order.client.model_copy(update={"timezone": "Europe/Berlin", "locale": "en_GB"})
    mail = write("fitting-invite", order=order.model_copy(update={"client": far}))
    for part in (plain(mail.text), visible(html_of(mail))):
        assert "Friday, 6 February 2026, 14:00 (New York)" in part
        assert "Friday, 6 February 2026, 20:00 (Berlin) to 22:00" in part


def test_amounts_and_dates_are_written_as_the_client_writes_them(write, order):
    client = order.client.model_copy(update={"locale": "nl_NL", "timezone": "Europe/Amsterdam"})
    text = write("change-order", order=order.model_copy(update={"client": client, "currency": "EUR"})).text
    assert "14.650,00" in text  # an English letter with Dutch habits, as there is no Dutch one
    assert "Friday, 20 March 2026" in text


def test_amounts_are_never_rounded(write):
    assert "$2,650.005" in write("change-order", data={"amount": Decimal("2650.005")}).text


def test_facts_that_are_missing_or_unknown_are_refused(write, templates, studio, order):
    send = sample_send(templates, "invoice")
    options = {"studio": studio, "templates": templates, "now": datetime.fromisoformat("2026-01-22T18:40:00Z")}
    for data in ({"number": "INV-1"}, {**send.data, "amuont": Decimal("1.00")}):
        bad = type(send)(key="k", kind="invoice", to=send.to, order="ORD-2041", data=data)
        with pytest.raises(TypeError, match=r"amount|amuont"):
            render(bad, order=order, message_id="a@b", **options)
    with pytest.raises(TypeError, match="about an order"):
        render(send, order=None, message_id="a@b", **options)


def test_staff_read_studio_time(write):
    mail = write("held", studio=StudioInfo("Atelier Süd", "orders@studio.example", "Europe/Vienna", "en_GB"))
    assert "Thursday, 22 January 2026, 19:40 (Vienna)" in mail.text


def test_an_address_that_cannot_be_written_to_is_refused(write):
    for bad in ("ann@client.example\r\nBcc: x@y", "ünn@client.example", "ann", "a b@client.example", "<a@b>"):
        with pytest.raises(ConfigError, match="no address"):
            write("receipt", to=(bad,))


def test_help_is_a_tap_away_on_a_phone(write):
    rows = [{"name": "ask design", "text": "the client is asked", "below": False}]
    parts = [{"title": "Questions to the client", "commands": True, "rows": rows}]
    asked = {"command": "help", "ok": True, "said": "as text", "hint": "", "report": parts}
    mail = write("command-result", data={"results": [asked]})
    page = html_of(mail)
    assert re.search(r'<a[^>]*href="mailto:[^"]*ORD-2041[^"]*body=ask%20design"[^>]*>ask design</a>', page)
    assert "Questions to the client\n-----------------------\n\nask design\n    the client is asked\n" in mail.text
    assert "as text" not in page + mail.text
    assert "1 done" not in page + mail.text
