"""A backup made while mailbot runs, put back into either engine: the record as it was, the outbox on hold."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mailbot.app.alone import alone
from mailbot.app.house import open_house
from mailbot.cli import main
from mailbot.settings import load_settings
from tests.servers.postgres import Postgres
from tests.walks.test_evidence import checked, walked
from tests.walks.world import REF, World, world

ENGINES = ("tinydb", "postgresql")


@pytest.fixture(params=ENGINES)
def studio(request: pytest.FixtureRequest, pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """A studio with an order that has been worked on; two mails wait in the outbox."""
    with world(pymap_server, tmp_path, store=url(request, request.param)) as made:
        made.import_order()
        made.run()
        walked(made)
        made.cli("do", REF, "ask fabric", "percent 40")
        yield made


def url(request: pytest.FixtureRequest, engine: str) -> str:
    """A new, empty store of the engine."""
    if engine == "tinydb":
        return ""
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new_database()


def elsewhere(made: World, store: str) -> Path:
    """The same studio with another store and another archive."""
    folder = made.folder / "elsewhere"
    folder.mkdir()
    text = made.config.read_text("utf-8").partition("\n[store]\n")[0]
    (folder / "mailbot.toml").write_text(text + (f'\n[store]\nurl = "{store}"\n' if store else ""), "utf-8")
    return folder / "mailbot.toml"


def backed_up(studio: World) -> Path:
    """A backup of the studio as it is now."""
    file = studio.folder / "backup.zip"
    studio.cli("backup", str(file))
    return file


def call(config: Path, *args: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, args), "--config", str(config)])


def told(config: Path, *args: str | Path) -> Any:
    result = call(config, *args, "--json")
    assert result.exit_code == 0, result.output + result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("target", ENGINES)
def test_restored_it_is_as_it_was_and_nothing_goes_out_by_itself(
    studio: World, request: pytest.FixtureRequest, target: str
) -> None:
    file = backed_up(studio)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = elsewhere(studio, url(request, target))
    done = told(other, "restore", file)
    assert (done["rows"]["orders"], done["on_hold"], done["same_rules"]) == (1, 1, True)
    assert told(other, "status", REF) == studio.status()
    before = {row["id"]: row for row in studio.json("outbox")}
    after = {row["id"]: row for row in told(other, "outbox")}
    assert {id for id, row in before.items() if row != after[id]} == {
        i for i, r in before.items() if r["state"] == "queued"
    }
    assert [row["state"] for row in after.values() if row["error"]] == ["held"]
    assert checked(REF, "--config", str(other))[1]["problems"] == []
    (waiting,) = [row["id"] for row in after.values() if row["state"] == "held"]
    assert call(other, "outbox", "retry", waiting).exit_code == 0
    assert told(other, "outbox", "list", "--state", "queued")[0]["id"] == waiting
    again = call(other, "restore", file)
    assert again.exit_code == 2
    assert "not empty" in again.stderr


@pytest.mark.parametrize("studio", ["tinydb"], indirect=True)
@pytest.mark.parametrize("target", ENGINES)
def test_a_store_that_a_daemon_works_on_is_left_alone(
    studio: World, request: pytest.FixtureRequest, target: str
) -> None:
    file, other = backed_up(studio), elsewhere(studio, url(request, target))
    house = open_house(load_settings(other))
    with alone(house):
        refused = call(other, "restore", file)
        assert (refused.exit_code, "on this store" in refused.stderr) == (2, True), refused.stderr
        assert "Traceback" not in refused.output
    assert call(other, "restore", file).exit_code == 0
    house.close()


def test_it_is_whole_while_others_write(studio: World) -> None:
    script = f"""
from mailbot.cli import main
for n in range(4):
    main(["do", {REF!r}, f"percent {{n}}", "--config", {str(studio.config)!r}], standalone_mode=False)
"""
    working = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL)
    files: list[Path] = []
    while working.poll() is None or not files:
        files.append(studio.folder / f"{len(files)}.zip")
        studio.cli("backup", str(files[-1]))
    assert working.returncode == 0
    config = elsewhere(studio, "")
    for file in {files[0], files[len(files) // 2], files[-1]}:
        told(config, "restore", file)
        assert checked(REF, "--config", str(config))[1]["problems"] == []
        for left in (config.parent / "data").glob("mailbot.db*"):
            left.unlink()


@pytest.mark.parametrize("studio", ["tinydb"], indirect=True)
def test_a_backup_that_was_altered_or_cut_off_is_refused_and_leaves_nothing(studio: World) -> None:
    file, bad = backed_up(studio), studio.folder / "bad.zip"
    config = elsewhere(studio, "")
    data = file.read_bytes()
    harms = {
        "cut": data[: len(data) // 2],
        "nonsense": b"nonsense",
        "empty": b"",
        "flipped": data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
    }
    for harm in harms.values():
        bad.write_bytes(harm)
        result = call(config, "restore", bad)
        assert (result.exit_code, "error: " in result.stderr) == (2, True)
        assert "Traceback" not in result.output
    with zipfile.ZipFile(file) as source:
        kept = {info.filename: source.read(info) for info in source.infolist()}
    gone = next(name for name in kept if name.startswith("archive/"))
    for name, text, said in (
        (
            "rows/events.jsonl",
            kept["rows/events.jsonl"].replace(b"Approved!", b"Declined!"),
            "events.jsonl was altered",
        ),
        (gone, None, f"{gone} is missing"),
        ("rows/more.jsonl", b"{}", "more.jsonl was added"),
        ("backup.json", kept["backup.json"].replace(b'"format": 1', b'"format": 9'), "another mailbot"),
    ):
        with zipfile.ZipFile(bad, "w") as target:
            for other, content in {**kept, name: text}.items():
                if content is not None:
                    target.writestr(other, content)
        assert said in call(config, "restore", bad).stderr
    assert told(config, "order", "list") == []


@pytest.mark.parametrize("studio", ["tinydb"], indirect=True)
def test_a_damaged_mail_is_named_and_the_rest_is_saved(studio: World) -> None:
    mail = next((studio.folder / "data" / "archive").glob("??/*.gz"))
    mail.write_bytes(b"damaged")
    result = call(studio.config, "backup", studio.folder / "x.zip")
    assert result.exit_code == 1
    assert f"not in the backup: {mail}" in result.stderr
    assert told(elsewhere(studio, ""), "restore", studio.folder / "x.zip")["rows"]["orders"] == 1


@pytest.mark.parametrize("studio", ["tinydb"], indirect=True)
def test_a_place_that_cannot_be_written_is_told(studio: World) -> None:
    result = call(studio.config, "backup", studio.folder / "no" / "x.zip")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    store = studio.folder / "data" / "mailbot.db"
    for words in (["backup", store], ["export", "--out", store]):
        result = call(studio.config, *words)
        assert (result.exit_code, "is something else" in result.stderr) == (2, True)
    assert studio.status()["ref"] == REF
    for _ in range(2):
        studio.cli("backup", str(studio.folder / "again.zip"))


def test_export_is_a_row_a_line(studio: World) -> None:
    lines = [json.loads(line) for line in studio.cli("export", at=False).splitlines()]
    assert {line["table"] for line in lines} == {"orders", "events", "held", "outbox"}
    (order,) = [line["row"]["order"] for line in lines if line["table"] == "orders"]
    assert order["percent_complete"] == 40
    assert len([line for line in lines if line["table"] == "events"]) == order["revision"]
    out = studio.folder / "all.jsonl"
    studio.cli("export", "--out", str(out), at=False)
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == lines
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
