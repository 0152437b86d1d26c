"""The demo does what it tells, and leaves every mail to look at."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from mailbot.app.demo_mails import MailFolder
from mailbot.app.evidence import check_file


@pytest.fixture
def quiet() -> Iterator[None]:
    """The demo silences mailbot's log; other tests want it back."""
    level = logging.getLogger("mailbot").level
    yield
    logging.getLogger("mailbot").setLevel(level)


@pytest.mark.usefixtures("pymap_server", "quiet")  # the first says so where pymap is not installed
def test_the_demo_shows_the_whole_walk(tmp_path: Path) -> None:
    from mailbot.app.demo import Demo

    told: list[str] = []
    with Demo(tmp_path / "out", told.append) as walk:
        walk.play()
    story = "\n".join(told)
    assert "design is approved, the order is in phase Pattern" in story
    assert "total 12000.00 -> 13250.00 USD, delivery 2026-03-20 -> 2026-03-25" in story
    assert "fabric is changes; no held replies wait" in story
    assert "INV-1 is paid, the order goes on" in story
    assert "events is whole" in story
    assert check_file(tmp_path / "out" / "ORD-2041.zip").problems == ()
    ladder = ("reminder-due", "reminder-friendly", "reminder-firm", "pause-notice")
    days = [days_of(story, kind) for kind in ladder]
    assert [len(one) for one in days] == [1, 1, 1, 1]
    assert days == sorted(days)
    assert len({day for one in days for day in one}) == 4
    mails = sorted((tmp_path / "out").glob("*.eml"))
    index = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert len(mails) == int(story.split(" mails, in and out")[0].rpartition(" ")[2])
    assert all(mail.name in index and mail.with_suffix(".html").is_file() for mail in mails)
    assert message_from_bytes(mails[0].read_bytes())["X-Mailbot-Kind"] == "invoice"


def days_of(story: str, kind: str) -> set[str]:
    """The days under whose headings this kind goes to the client of the first order."""
    scenes = story.split("\n\n")
    return {scene.split()[1] for scene in scenes if f"mailbot sends {kind} to ann@client.example" in scene}


def test_it_removes_nothing_but_what_an_earlier_demo_left(tmp_path: Path) -> None:
    for name in (
        "001-invoice.eml",
        "001-invoice.html",
        "index.html",
        "thesis.html",
        "001-invoice.pdf",
        "2026-taxes.eml",
    ):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "photos").mkdir()
    MailFolder(tmp_path)
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {"thesis.html", "001-invoice.pdf", "2026-taxes.eml", "photos"}
