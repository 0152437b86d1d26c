"""Pictures of the main letters for docs/letters.md: `make screenshots`. Each shows a letter at 600 pixels, in the dark,
and on a phone of 360 pixels, from its sample; all from one hand, so that what changes in them is the letters."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from mailbot.adapters.chromium import chromium, picture
from mailbot.rules.templates import load_templates
from mailbot.writing.check import sample_mail
from mailbot.writing.preview import NARROW, WIDE, guarded, shown

FOLDER = Path(__file__).parents[2] / "docs" / "letters"
KINDS = (
    "weekly-update", "approval-request", "change-order", "issue-notice", "invoice", "reminder-friendly", "booked",
    "held", "digest", "report",
)  # fmt: skip
GAP, SCALE, QUALITY = 16, 0.6, 40


def sheet(program: str, html: str) -> bytes:
    """The three views of a letter side by side, as WebP."""
    pages = ((guarded(html), WIDE), (guarded(html, scheme="dark"), WIDE), (guarded(html), NARROW))
    views = [Image.open(io.BytesIO(picture(program, page, width))) for page, width in pages]
    size = (sum(view.width + GAP for view in views) - GAP, max(view.height for view in views))
    whole = Image.new("RGB", size, "#c9c9c9")
    at = 0
    for view in views:
        whole.paste(view, (at, 0))
        at += view.width + GAP
    out = io.BytesIO()
    whole.resize((int(size[0] * SCALE), int(size[1] * SCALE)), Image.Resampling.LANCZOS).save(
        out, "WEBP", quality=QUALITY, method=6
    )
    return out.getvalue()


def main() -> int:
    """Write all pictures into docs/letters."""
    program = chromium()
    if program is None:
        print("there is no Chromium on this machine: apt-get install chromium", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    templates = load_templates()
    for kind in KINDS:
        (FOLDER / f"{kind}.webp").write_bytes(sheet(program, shown(sample_mail(templates, kind).data).html))
    return 0


if __name__ == "__main__":
    sys.exit(main())
