"""The wheel is whole: installed by itself, away from the checkout, it has its rules and letters and reads a mail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from mailbot import __version__

ROOT = Path(__file__).resolve().parent.parent
REPLY = b"""From: Ann Lee <ann@client.example>\r
To: orders@studio.example\r
Subject: Re: Cinderella ball gowns - Design approval for your approval\r
Message-ID: <wheel@client.example>\r
\r
Approved!\r
"""


def ran(*line: str | Path, **more: object) -> str:
    """What a command printed; a failure with all it said when it fails."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "MAILBOT_"))}
    done = subprocess.run([*map(str, line)], env=env, capture_output=True, text=True, timeout=120, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout by the locked hatchling."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    ran(*pip, "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return Path(built)


@pytest.fixture(scope="module")
def bin(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel in it; only what mailbot depends on is borrowed from here."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, with_pip=False)
    (site,) = home.glob("lib/python*/site-packages")
    borrowed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (site / "borrowed.pth").write_text("\n".join(borrowed), "utf-8")  # .pth files in there are not read: no checkout
    python = home / "bin" / "python"
    ran(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index",
        "--force-reinstall", "--ignore-installed", wheel)  # fmt: skip
    return home / "bin"


@pytest.mark.parametrize("kind", ["rules", "templates"])
def test_every_rule_and_letter_is_inside_as_it_is(wheel: Path, kind: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {
            name.removeprefix(f"mailbot/data/{kind}/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith(f"mailbot/data/{kind}/")
        }
    here = {path.relative_to(ROOT / kind).as_posix(): path.read_bytes() for path in _files(ROOT / kind)}
    assert inside == here


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_nothing_else_and_the_license_are_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"mailbot", f"mailbot-{__version__}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    modules = {name for name in names if name.endswith(".py")}
    assert modules == {path.relative_to(ROOT).as_posix() for path in (ROOT / "mailbot").rglob("*.py")}


def test_it_runs_by_itself_and_reads_a_mail(bin: Path, tmp_path: Path) -> None:
    where = ran(bin / "python", "-c", "import mailbot; print(mailbot.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(bin.parent)
    assert ran(bin / "mailbot", "--version", cwd=tmp_path).strip() == f"mailbot, version {__version__}"
    (tmp_path / "reply.eml").write_bytes(REPLY)
    told = json.loads(ran(bin / "mailbot", "explain", "reply.eml", "--json", cwd=tmp_path))
    assert (told["kind"], told["own_words"], told["reading"]["label"]) == ("person", "Approved!", "approve")


def test_it_sets_up_a_studio(bin: Path, tmp_path: Path) -> None:
    ran(bin / "mailbot", "init", tmp_path / "studio", "--eject", cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert (tmp_path / "studio" / "rules" / "process.toml").read_bytes() == (ROOT / "rules/process.toml").read_bytes()
    assert (tmp_path / "studio" / "mailbot.toml").read_text("utf-8").count("shadow")
