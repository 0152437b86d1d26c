"""Every letter in a real browser: nothing sticks out, everything can be read, light and dark, without pictures."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest

from mailbot.writing.kinds import KINDS
from tests.writing.browser import MODES, chromium, look
from tests.writing.reading_back import html_of, parsed

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4


def with_pictures(mail) -> str:
    """The page with its pictures in it, as a mail program shows them."""
    page = html_of(mail)
    for part in parsed(mail).walk():
        if part["Content-ID"]:
            picture = base64.b64encode(part.get_content()).decode()
            page = page.replace("cid:" + part["Content-ID"].strip("<>"), "data:image/png;base64," + picture)
    return page


def without_styles(page: str) -> str:
    """The page as the strictest mail programs leave it: no sheet, no style."""
    return re.sub(r"<style.*?</style>| style=\"[^\"]*\"", "", page, flags=re.DOTALL)


def in_arabic(templates):
    """The English letters, passed off as Arabic ones: laid out from right to left."""
    return replace(
        templates,
        subjects={**templates.subjects, "ar": templates.subjects["en"]},
        words={**templates.words, "ar": templates.words["en"]},
    )


def to_clients():
    return [kind for kind in KINDS.values() if kind.reader == "client"]


@pytest.fixture(scope="module", params=MODES)
def seen(request, write, order, templates, tmp_path_factory):
    chromium()
    pages = {kind: with_pictures(write(kind)) for kind in KINDS}
    if request.param == "light":  # shapes are the same in the dark
        pages |= abroad(write, order, templates)
    if request.param == "no-images":  # the others look as they do in the light
        stripped = {f"{kind}, stripped": without_styles(page) for kind, page in pages.items()}
        pages = {place: page for place, page in pages.items() if "<img" in page} | stripped
    return request.param, look(pages, request.param, tmp_path_factory.mktemp("looks"))


def abroad(write, order, templates):
    """Each letter to clients in the other languages, from right to left, and full of endless words."""
    pages = {}
    for locale in ("de_DE", "es_ES"):
        known = order.model_copy(update={"client": order.client.model_copy(update={"locale": locale})})
        pages |= {f"{kind.name}, {locale}": html_of(write(kind.name, order=known)) for kind in to_clients()}
    client = order.client.model_copy(update={"name": "نور الهدى", "locale": "ar_EG"})
    words = dict.fromkeys(("title", "what", "milestone", "number"), WORD)
    mirrored = in_arabic(templates)
    for kind in (kind.name for kind in to_clients()):
        known = order.model_copy(update={"project": WORD, "client": client})
        data = {name: value for name, value in words.items() if name in templates.samples[kind]["data"]}
        pages[f"{kind}, long"] = with_pictures(write(kind, order=known, data=data))
        pages[f"{kind}, from right to left"] = with_pictures(write(kind, order=known, templates=mirrored))
    return pages


def test_nothing_sticks_out(seen):
    _, seen_pages = seen
    pages = dict(seen_pages)
    pages.pop(("bounce-notice, stripped", 360), None)  # holds an address that only styles can break
    assert {place: page.wide for place, page in pages.items() if page.overflow > 0 or page.wide} == {}


def test_everything_can_be_read(seen):
    _, pages = seen
    worst = {place: page.contrasts[0] for place, page in pages.items() if page.contrasts[0][0] < 4.5}
    assert worst == {}


def test_dark_is_dark_and_light_is_light(seen):
    mode, pages = seen
    expected = "rgb(33, 36, 41)" if mode == "dark" else "rgb(255, 255, 255)"
    assert {page.background for page in pages.values()} == {expected}


def test_pictures_have_words_for_when_they_are_not_shown(seen):
    mode, pages = seen
    shown = pages["weekly-update", 360].images
    assert shown == [[0 if mode == "no-images" else 534, "Bodice of the lead gown"]]


def test_the_timeline_stands_in_a_row_and_on_a_phone_in_a_column(seen):
    _, pages = seen
    assert len(set(pages["weekly-update", 600].columns)) == 1
    assert len(set(pages["weekly-update", 360].columns)) == 5


def test_letters_from_right_to_left_are_mirrored(write, order, templates):
    client = order.client.model_copy(update={"locale": "ar_EG"})
    page = html_of(
        write("change-order", order=order.model_copy(update={"client": client}), templates=in_arabic(templates))
    )
    assert '<html lang="ar" dir="rtl"' in page
    assert "text-align: right" in page
    assert "padding-left: 16px" in page
