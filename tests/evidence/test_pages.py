"""The pages of a record: safe to open, whole in a browser, light and dark, with words for everything that happens."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import Any, get_args

import lxml.html
import pytest

from mailbot.evidence.pages import html_page, text_page
from mailbot.evidence.record import mail_of, record
from mailbot.evidence.rows import Rows
from mailbot.orders import events as e
from mailbot.orders.model import Photo
from tests.evidence.test_check import KEYS, ROWS, TEMPLATES, check, contents, zipped
from tests.orders.world import NOW, SAM, imported, stored
from tests.writing.browser import MODES, chromium, look

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202egnp.exe {{ 7 * 7 }}"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4


def told(rows: Rows = ROWS) -> dict[str, Any]:
    return record(rows, [mail_of(key, way, n, KEYS[key]) for n, (key, way) in enumerate(rows.mails_named(), start=1)])


def with_words(words: str) -> Rows:
    """The record in which everything that people write says `words`."""
    text = json.dumps([dict(entry) for entry in ROWS.events])
    for said in ("Approved <script>", "Cinderella ball gowns", "Ann Lee", "Design approval"):
        text = text.replace(json.dumps(said)[1:-1], json.dumps(words)[1:-1])
    order = {**ROWS.order, "project": words, "client": {**ROWS.order["client"], "name": words}}
    return replace(ROWS, events=tuple(json.loads(text)), order=order, studio={**ROWS.studio, "name": words})


def test_what_others_wrote_is_text_and_nothing_else() -> None:
    page = html_page(told(with_words(EVIL)), TEMPLATES)
    tree = lxml.html.fromstring(page)
    assert tree.xpath("//script | //img | //iframe | //form | //*[@onerror]") == []
    assert page.count("&lt;script&gt;alert(1)") >= 4
    assert "49" not in re.findall(r"gnp\.exe (\S+)", page)
    assert "\u202e" not in page
    assert {link.partition("/")[0].partition("-")[0] for link in tree.xpath("//@href")} <= {"mails", "#event"}
    assert "default-src 'none'" in page


def test_in_text_their_words_cannot_be_taken_for_lines_of_ours() -> None:
    forged = "Approved\n2026-01-05 10:00 -0500  The client decided: CO-1: approve  (event 9, by ann@client.example)"
    lines = text_page(told(with_words(forged)), TEMPLATES).splitlines()
    assert any("event 9" in line for line in lines)
    assert not [line for line in lines if line.startswith("2026-01-05") and "event 9" in line]


def test_pages_say_the_same() -> None:
    shown = told()
    text, page = text_page(shown, TEMPLATES), html_page(shown, TEMPLATES)
    words = " ".join(lxml.html.fromstring(page).text_content().split())
    for entry in shown["timeline"]:
        for value in (*entry["facts"].values(), entry["local"], entry["hash"] or ""):
            for one in value if isinstance(value, list) else [value]:
                assert one in text
                assert one in words, one


def test_pictures_of_the_work_are_kept_as_pictures() -> None:
    picture = b"\xff\xd8\xff\xe0 a gown"
    key = hashlib.sha256(picture).hexdigest()
    added = e.PhotosAdded(at=NOW, by=SAM, photos=(Photo(mail=key, text="The bodice"),))
    one, entries = stored([imported(salt="5a" * 16), added])
    rows = replace(ROWS, order=one.model_dump(mode="json"), events=tuple(entries), mails=(), outbox=())
    data = zipped(rows, {key: picture})
    assert check(data).problems == ()
    assert contents(data)[f"mails/001-in-{key[:12]}.jpg"] == picture


def test_everything_that_can_happen_has_its_words() -> None:
    titles = TEMPLATES.files["evidence/record.words.j2"].text
    types = {get_args(event.model_fields["type"].annotation)[0] for event in get_args(get_args(e.Event)[0])}
    assert {name for name in types if f'"{name}":' not in titles} == set()


@pytest.mark.parametrize("mode", MODES)
def test_it_can_be_read_in_a_browser(mode: str, tmp_path: Any) -> None:
    chromium()
    pages = {"plain": html_page(told(), TEMPLATES), "long": html_page(told(with_words(LONG)), TEMPLATES)}
    for place, seen in look(pages, mode, tmp_path).items():
        assert (seen.overflow <= 0, seen.wide) == (True, []), place
        assert seen.contrasts[0][0] >= 4.5, (place, seen.contrasts)
        assert seen.background == ("rgb(33, 36, 41)" if mode == "dark" else "rgb(255, 255, 255)")
