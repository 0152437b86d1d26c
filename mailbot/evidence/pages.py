"""The record as people read it: one page of HTML, and the same as text.

The words are templates/evidence/, always the shipped ones: so anybody with this version of mailbot can make the pages
anew from the rows and see that they say what the rows say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailbot.rules.templates import Templates
from mailbot.writing.letters import fill


def html_page(record: Mapping[str, Any], templates: Templates) -> str:
    """The record as a page. Raises ConfigError for a template that cannot be filled."""
    return fill(templates, "evidence/record.html.j2", {"record": record}, html=True)


def text_page(record: Mapping[str, Any], templates: Templates) -> str:
    """The record as text; what others wrote is set in. Raises ConfigError as `html_page` does."""
    lines = fill(templates, "evidence/record.txt.j2", {"record": record}, html=False).splitlines()
    kept = [line.rstrip() for n, line in enumerate(lines) if line.strip() or (n and lines[n - 1].strip())]
    return "\n".join(kept).strip() + "\n"
