"""The folder that the demo leaves: every mail in and out as .eml and .html, in order, and an index of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from html import escape
from pathlib import Path

_OURS = re.compile(r"\d{3}-[a-z-]+\.(eml|html)|index\.html")
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Every mail of the demo</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em }}
td {{ padding: .2em .8em .2em 0; vertical-align: top }} tr.in td {{ background: #f3f1ea }}
</style>
<h1>Every mail of the demo</h1>
<p>In the order in which they came and went, by the demo's clock. Shaded: written by people. The rest is mailbot's.</p>
<table>
{rows}
</table></html>
"""
_ROW = (
    '<tr class="{way}"><td>{at:%a %d %b %H:%M}<td>{sender}<td>{to}<td>{kind}'
    '<td><a href="{name}.html">{subject}</a><td><a href="{name}.eml">.eml</a></tr>'
)


@dataclass
class MailFolder:
    """`path` is made if need be. What an earlier demo left there is removed, and nothing else."""

    path: Path
    count: int = 0
    _rows: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Raise OSError when the folder cannot be written."""
        self.path.mkdir(parents=True, exist_ok=True)
        for file in self.path.iterdir():
            if _OURS.fullmatch(file.name):
                file.unlink()

    def keep(self, mail: EmailMessage, data: bytes, to: str, at: datetime) -> None:
        """Write one mail, and the index with it. `at` is the demo's time."""
        self.count += 1
        kind = str(mail["X-Mailbot-Kind"] or "")
        name = f"{self.count:03}-{kind or 'from-' + re.sub('[^a-z]', '', str(mail['From']).partition('@')[0])}"
        (self.path / f"{name}.eml").write_bytes(data)
        html, text = mail.get_body(("html",)), mail.get_body(("plain",))
        plain = f"<meta charset='utf-8'><pre>{escape(text.get_content())}</pre>" if text else ""
        (self.path / f"{name}.html").write_text(html.get_content() if html else plain, "utf-8")
        row = _ROW.format(
            way="out" if kind else "in", at=at, sender="mailbot" if kind else escape(str(mail["From"])), to=escape(to),
            kind=kind, name=name, subject=escape(str(mail["Subject"])),
        )  # fmt: skip
        self._rows.append(row)
        (self.path / "index.html").write_text(_PAGE.format(rows="\n".join(self._rows)), "utf-8")
