"""Pictures of pages, made by Chromium where this machine has one; nothing is fetched from anywhere. Scripts are
for the page itself to forbid."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HEIGHT = 8000  # of what is looked at; what is empty below the page is cut off
MARGIN = 24
SECONDS = 60
_FLAGS = (
    "--headless", "--disable-gpu", "--hide-scrollbars", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--virtual-time-budget=5000",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--blink-settings=preferredColorScheme=1",
)  # fmt: skip


def chromium() -> str | None:
    """The program, or None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def picture(program: str, page: str, width: int) -> bytes:
    """`page` as a PNG, `width` pixels wide and as high as the page. Raises OSError where it cannot be had."""
    with TemporaryDirectory(prefix="mailbot-") as name:
        folder = Path(name)
        (folder / "page.html").write_text(page, "utf-8")
        made = folder / "page.png"
        command = [
            program, *_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else []), f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},{HEIGHT}", f"--screenshot={made}", (folder / "page.html").as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)  # noqa: S603  of ours alone
            return _cropped(made.read_bytes(), width)
        except subprocess.SubprocessError as error:
            raise OSError(f"{program} made no picture: {error}") from None


def _cropped(png: bytes, width: int) -> bytes:
    """The picture without what is empty below the last thing in it."""
    with Image.open(io.BytesIO(png)) as opened:
        whole = opened.convert("RGB")
    ground = Image.new("RGB", whole.size, whole.getpixel((0, whole.height - 1)))
    box = ImageChops.difference(whole, ground).getbbox()
    height = min(whole.height, (box[3] if box else 0) + MARGIN)
    out = io.BytesIO()
    whole.crop((0, 0, width, height)).save(out, "PNG", optimize=True)
    return out.getvalue()
