"""Letters measured in headless Chromium: each in a frame of exactly 600 or 360 pixels, all in one run."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

WIDTHS = (600, 360)
TOOLS = Path(__file__).parents[1] / "tools" / "node_modules"  # put there by tests/servers/install.py
MODES = {
    "light": ["--blink-settings=preferredColorScheme=1"],
    "dark": ["--blink-settings=preferredColorScheme=0"],
    "no-images": ["--blink-settings=preferredColorScheme=1,imagesEnabled=false"],
}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCRIPT = """
function luminance(c) {
  const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
}
function rgba(text) { return text.match(/[\\d.]+/g).map(Number); }
function behind(element, view) {
  for (let e = element; e; e = e.parentElement) {
    const c = rgba(view.getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
}
function contrasts(doc) {
  const found = [];
  for (const e of doc.body.querySelectorAll('*')) {
    const text = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('');
    if (!text) continue;
    const a = luminance(rgba(doc.defaultView.getComputedStyle(e).color));
    const b = luminance(behind(e, doc.defaultView));
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), text.slice(0, 40)]);
  }
  return found.sort((x, y) => x[0] - y[0]).slice(0, 3);
}
function measure() {
  const out = {};
  for (const frame of document.querySelectorAll('iframe')) {
    const doc = frame.contentDocument;
    const wide = [...doc.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > frame.width * 1 + 1
      || e.getBoundingClientRect().left < -1);
    out[frame.id] = {
      overflow: doc.documentElement.scrollWidth - frame.width,
      wide: wide.map(e => e.outerHTML.slice(0, 80)).slice(0, 3),
      contrasts: contrasts(doc), height: doc.documentElement.scrollHeight,
      background: doc.defaultView.getComputedStyle(doc.querySelector('.card')).backgroundColor,
      images: [...doc.images].map(i => [i.naturalWidth, i.alt]), columns: [...doc.querySelectorAll('.timeline td')].map(
        e => Math.round(e.getBoundingClientRect().top)),
    };
  }
  document.title = 'measured';
  document.getElementById('out').textContent = JSON.stringify(out);
}
addEventListener('load', () => setTimeout(measure, 50));
"""
AXE_SCRIPT = """
const OFF = { 'landmark-one-main': { enabled: false }, region: { enabled: false } };  // those of the mail program
async function search() {
  const out = {};
  for (const frame of document.querySelectorAll('iframe')) {
    frame.contentWindow.eval(AXE);
    const options = { resultTypes: ['violations'], rules: OFF };
    const { violations } = await frame.contentWindow.axe.run(frame.contentDocument, options);
    out[frame.id] = violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 120));
  }
  document.getElementById('out').textContent = JSON.stringify(out);
}
addEventListener('load', search);
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the browser made of one page at one width."""

    overflow: int
    wide: list[str]
    contrasts: list[tuple[float, str]]
    height: int
    background: str
    images: list[tuple[int, str]]
    columns: list[int]


def chromium() -> str:
    """The browser's path; skips the test where there is none, fails it in CI."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("no Chromium: CI must look at the letters")
    pytest.skip("no Chromium here: letters were not looked at in a browser (apt install chromium)")


def look(pages: Mapping[str, str], mode: str, folder: Path) -> dict[tuple[str, int], Seen]:
    """Every page at every width, as Chromium lays it out in `mode`."""
    measured = _run(_frames(pages, WIDTHS), SCRIPT, MODES[mode], folder)
    return {(name, int(width)): Seen(**seen) for key, seen in measured.items() for name, width in [key.split("|")]}


def barriers(pages: Mapping[str, str], mode: str, folder: Path) -> dict[str, list[str]]:
    """What axe-core finds in each page that somebody could not read, hear or reach; nothing for a good page."""
    axe = tool("axe-core/axe.min.js").read_text("utf-8").replace("</script", "<\\/script")
    script = f"const AXE = {json.dumps(axe).replace('</', '<' + chr(92) + '/')};{AXE_SCRIPT}"
    found = _run(_frames(pages, WIDTHS[:1]), script, MODES[mode], folder)
    return {key.partition("|")[0]: faults for key, faults in found.items() if faults}


def tool(name: str) -> Path:
    """A file of the tools in tests/tools; skips the test where they are not installed, fails it in CI."""
    path = TOOLS / name
    if not path.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no {name} here: npm ci in tests/tools")
    return path


def _frames(pages: Mapping[str, str], widths: Sequence[int]) -> str:
    return "".join(
        f'<iframe id="{name}|{width}" width="{width}" height="400" srcdoc="{html.escape(page)}"></iframe>'
        for name, page in pages.items()
        for width in widths
    )


def _run(frames: str, script: str, flags: Sequence[str], folder: Path) -> dict[str, Any]:
    """What `script` writes into #out about `frames`, in a Chromium of its own."""
    style = "<style>iframe{border:0;display:block}</style>"
    sheet = folder / "sheet.html"
    sheet.write_text(
        f'<!DOCTYPE html><meta charset="utf-8">{style}{frames}<pre id="out"></pre><script>{script}</script>', "utf-8"
    )
    command = [
        chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-extensions",
        f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=20000", "--window-size=700,900",
        *flags, "--dump-dom", sheet.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    result = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.S)
    assert result, done.stderr
    assert result[1], done.stderr
    measured: dict[str, Any] = json.loads(html.unescape(result[1]))
    return measured
