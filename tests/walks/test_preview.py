"""`mailbot preview`: what it shows is what goes out, and looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mailbot.writing.kinds import KINDS
from tests.walks.test_command_line import mailbot
from tests.walks.world import REF, World, world
from tests.writing.browser import chromium

NOWHERE = ("--config", "none.toml")


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture takes longer than all else."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def here(pymap_server: Any, tmp_path: Path, no_browser: None) -> Iterator[World]:
    """A studio with one order, on the embedded server."""
    with world(pymap_server, tmp_path) as made:
        made.import_order()
        made.run()
        yield made


def kept(here: World) -> dict[str, bytes]:
    """Every file of the studio."""
    return {str(file): file.read_bytes() for file in sorted((here.folder / "data").rglob("*")) if file.is_file()}


def previewed(here: World, kind: str, *args: str) -> tuple[dict[str, Any], bytes]:
    made = here.json("preview", kind, *args, "--out", str(here.folder / "out"))
    (mail,) = [Path(file) for file in made["files"] if Path(file).name == f"{kind}.eml"]
    return made, mail.read_bytes()


def test_what_it_shows_is_what_goes_out(here: World) -> None:
    before = kept(here)
    at = {row["kind"]: row["at"] for row in reversed(here.json("due", "--until", "2026-01-31"))}
    told = {kind: previewed(here, kind, REF) for kind in ("draft-weekly", "weekly-update", "reminder-friendly")}
    for kind in ("invoice", "pause-notice", "escalation-pause", "escalation-collection"):
        assert previewed(here, kind, REF)[0]["source"] == "next", kind
    assert kept(here) == before
    for kind, (made, mail) in told.items():
        assert (made["source"], made["order"], made["kind"]) == ("next", REF, kind)
        here.at = datetime.fromisoformat(at[kind])
        here.run()
        (row,) = [row for row in here.json("outbox") if row["kind"] == kind]
        sent, data = previewed(here, row["id"])
        assert (sent["source"], sent["kind"]) == ("outbox", kind)
        assert data == mail


def test_what_waits_or_is_not_to_come_or_is_not_there(here: World) -> None:
    made, mail = previewed(here, "approval-request", REF)
    assert made["source"] == "sample"
    assert f"[{REF}]".encode() in mail
    assert b"To: ann@client.example" in mail
    here.config.write_text(here.config.read_text("utf-8").replace('mode = "auto"', 'mode = "hold"'), "utf-8")
    here.cli("do", REF, "ask design")
    made, _ = previewed(here, "approval-request", REF)
    assert made["source"] == "outbox"
    assert "held" in made["because"]
    for line, told in ((["invoice", "ORD-9"], "ORD-9"), (["M-999"], "mailbot outbox"), (["M-1", REF], "outbox")):
        result = mailbot("preview", *line, "--config", here.config)
        assert result.exit_code == 2
        assert told in result.stderr


def test_a_kind_that_there_is_not_is_told_with_the_nearest_and_all() -> None:
    result = mailbot("preview", "invoce", *NOWHERE)
    assert result.exit_code == 2
    assert "did you mean invoice?" in result.stderr
    assert ", ".join(KINDS) in result.stderr


def test_without_a_kind_they_are_listed() -> None:
    shown = mailbot("preview", *NOWHERE)
    assert shown.exit_code == 0
    assert [row.split()[0] for row in shown.stdout.splitlines()[1:]] == list(KINDS)


def test_the_files_of_a_sample_with_its_picture(tmp_path: Path) -> None:
    chromium()
    assert mailbot("preview", "invoice", "--out", tmp_path, *NOWHERE).exit_code == 0
    endings = {"eml", "html", "txt", "views.html", "INV-2.pdf", "png"}
    assert {file.name for file in tmp_path.iterdir()} == {f"invoice.{ending}" for ending in endings}
    with Image.open(tmp_path / "invoice.png") as picture:
        assert picture.width == 600
        assert 500 < picture.height < 2000
        (most, colour) = max(picture.convert("RGB").getcolors(1 << 20))
    assert colour == (255, 255, 255)  # of the card, on which the letter stands
    assert most > 100_000


@pytest.mark.usefixtures("no_browser")
def test_without_a_browser_the_rest_is_there(tmp_path: Path) -> None:
    result = mailbot("preview", "survey", "--out", tmp_path, *NOWHERE)
    assert result.exit_code == 0
    assert "no Chromium" in result.stderr
    assert not (tmp_path / "survey.png").exists()


def test_without_a_display_the_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = mailbot("preview", "survey", *NOWHERE)
    (page,) = tmp_path.iterdir()
    assert f"open it in a browser: {page}" in result.stdout
    assert page.stat().st_mode & 0o077 == 0
