"""Every letter before the judges that others use: axe-core for people, html-validate for programs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mailbot.writing.kinds import KINDS
from tests.writing.browser import TOOLS, barriers, tool
from tests.writing.reading_back import html_of
from tests.writing.test_looks import in_arabic, with_pictures

BAD = ("html-has-lang", "image-alt", "color-contrast")


@pytest.fixture(scope="module")
def found(write, order, templates, tmp_path_factory):
    """Good pages and bad ones, judged in one run: what is found on each that it is found on."""
    arabic = order.model_copy(update={"client": order.client.model_copy(update={"locale": "ar_EG"})})
    pages = {kind: with_pictures(write(kind)) for kind in KINDS}
    pages["from right to left"] = html_of(write("weekly-update", order=arabic, templates=in_arabic(templates)))
    pages["html-has-lang"] = html_of(write("receipt")).replace(' lang="en"', "")
    pages["image-alt"] = with_pictures(write("weekly-update")).replace(' alt="', ' data-alt="')
    pages["color-contrast"] = html_of(write("receipt")).replace("color: #5d6169", "color: #bbbbbb")
    return barriers(pages, "light", tmp_path_factory.mktemp("barriers"))


def test_nobody_is_kept_from_reading_a_letter(found):
    assert {name: faults for name, faults in found.items() if name not in BAD} == {}


def test_the_judge_of_barriers_sees_them(found):
    for name in BAD:
        assert any(fault.startswith(name) for fault in found[name]), name


def test_every_letter_is_valid_html(write, tmp_path):
    """But for what old mail programs need: tests/tools/htmlvalidate.json allows styles and colours in the elements, the
    conditional comments of Outlook, roles on plain elements, and titles as long as a subject."""
    program = tool(".bin/html-validate")
    for kind in KINDS:
        (tmp_path / f"{kind}.html").write_text(html_of(write(kind)), "utf-8")
    (tmp_path / "bad.html").write_text("<!DOCTYPE html>\n<p><p align></div>", "utf-8")
    rules, told = TOOLS.parent / "htmlvalidate.json", tmp_path / "told.json"
    files = sorted(tmp_path.glob("*.html"))
    command = [program, "--config", rules, f"--formatter=json={told}", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert told.exists(), done.stderr
    faults = [
        (Path(page["filePath"]).stem, one["ruleId"])
        for page in json.loads(told.read_text("utf-8"))
        for one in page["messages"]
    ]
    assert {page for page, _ in faults} == {"bad"}, faults
