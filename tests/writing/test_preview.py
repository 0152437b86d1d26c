"""A mail looked at before it goes out: all its views, whatever it holds, and nothing of it runs or is fetched."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mailbot.writing.kinds import KINDS
from mailbot.writing.preview import Shown, guarded, page, shown, views
from tests.writing.browser import chromium

FRAME = re.compile(r'<iframe ([^>]*?)sandbox srcdoc="([^"]*)"></iframe>')
SCRIPT = "<script>document.title = 'taken over'</script>"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_shown_with_all_views(kind, write, templates):
    mail = write(kind)
    looked = shown(mail.data)
    assert dict(looked.headers)["Subject"] == mail.subject
    assert looked.text.replace("\r\n", "\n") == mail.text
    made = page(looked, kind, "Sample facts.", templates)
    frames = FRAME.findall(made)
    assert [int(re.search(r'width="(\d+)"', attributes)[1]) for attributes, _ in frames] == [600, 600, 360, 600, 600]
    for _, inner in frames:
        assert unescape(inner).count(mail.html[-400:].strip()) == 1
    assert "<iframe" not in FRAME.sub("", made)


def test_pictures_and_files_go_along(write):
    looked = shown(write("weekly-update").data)
    assert "cid:" not in looked.html
    assert 'src="data:image/png;base64,' in looked.html
    mail = write(
        "approval-request", attachments=(("silk.jpg", "image/jpeg", b"\xff\xd8"), ("s.pdf", "application/pdf", b"%P"))
    )
    assert shown(mail.data).files == (("silk.jpg", b"\xff\xd8"), ("s.pdf", b"%P"))
    inner = write("receipt").data
    (attached,) = shown(write("escalation-collection", attachments=(("m.eml", "message/rfc822", inner),)).data).files
    assert attached[0] == "m.eml"
    assert b"X-Mailbot-Kind: receipt" in attached[1]


def test_dark_is_dark_and_light_is_light_whatever_the_screen_is():
    html = "<style>@media screen and (prefers-color-scheme: dark) { a { color: red } }</style>"
    assert "and (min-width: 0) { a" in guarded(html, scheme="dark")
    assert "and (max-width: 0) { a" in guarded(html)
    assert "prefers-color-scheme" not in guarded(html) + guarded(html, scheme="dark")


def test_what_other_people_wrote_stays_text(write, templates):
    bad = f'"></iframe>{SCRIPT}<img src="http://evil.example/x">'
    made = page(Shown((("Subject", bad),), bad, bad, ((bad, b""),)), bad, bad, templates)
    assert len(FRAME.findall(made)) == 5
    outside = FRAME.sub("", made)
    assert "<script" not in outside
    assert "<img" not in outside


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server, and what was asked of it."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_in_a_browser_nothing_of_it_runs_or_is_fetched(listener, templates, tmp_path):
    url, asked = listener
    hostile = (
        f'<html><head><meta http-equiv="refresh" content="0;url={url}/refresh"><link rel="stylesheet" href="{url}/css">'
        f'</head><body style="background: url({url}/back)"><img src="{url}/img"><iframe src="{url}/frame"></iframe>'
        f"<script>fetch('{url}/script'); top.location = '{url}/top'</script>{SCRIPT}</body></html>"
    )
    file = tmp_path / "page.html"
    file.write_text(page(Shown((), "", hostile, ()), "Mine", "", templates) + f'<img src="{url}/seen?own">', "utf-8")
    done = subprocess.run(
        [
            chromium(), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=3000", "--dump-dom", file.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "<title>Mine</title>" in done.stdout
    assert asked == []
    for view in views(hostile):
        assert view.page.index("default-src 'none'") < view.page.index("<link")
