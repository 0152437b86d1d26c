"""Takes the POST of a mail program that unsubscribes its reader (RFC 8058, 3.1), and nothing else; behind a web server.

It shows no page, keeps no cookie and follows nothing: who looks (GET, as scanners do) changes nothing. TLS is the web
server's, so it listens on the loopback interface unless told otherwise.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

log = logging.getLogger(__name__)

_PATH = re.compile(r"/(?:[\w.~-]{1,80}/){0,5}([\w.-]{1,64})/([a-z2-7]{16})", re.ASCII)
_LARGEST = 4096  # bytes of a body, in either form that the RFC allows
_SECONDS = 10  # that a caller may take
_SAYS = re.compile(rb"List-Unsubscribe(=|\"\s+)One-Click")


def listener(bind: tuple[str, int], unsubscribe: Callable[[str, str], bool]) -> ThreadingHTTPServer:
    """A server on `bind`, not yet serving; `unsubscribe` is asked with the order and the token of a path.

    Answers 200 when it says yes, 404 when there is no such reader, 400 for any other body, 503 when it raises.
    """

    class Handler(_Handler):
        ask = staticmethod(unsubscribe)

    server = ThreadingHTTPServer(bind, Handler)
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    ask: Callable[[str, str], bool]
    timeout = _SECONDS
    server_version = "mailbot"
    sys_version = ""

    def do_POST(self) -> None:
        self._answer(self._status())

    def do_GET(self) -> None:
        self._answer(405)

    do_HEAD = do_GET

    def _status(self) -> int:
        length, found = self.headers.get("Content-Length", ""), _PATH.fullmatch(self.path)
        if found is None:
            return 404
        if not length.isascii() or not length.isdecimal() or int(length) > _LARGEST:
            return 413 if length.isdecimal() else 411
        if not _SAYS.search(self.rfile.read(int(length))):
            return 400
        try:
            return 200 if self.ask(found[1], found[2]) else 404
        except Exception:
            log.exception("not unsubscribed", extra={"event": "one_click.failed"})
            return 503

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 405:
            self.send_header("Allow", "POST")
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """The token is a secret of its reader: no request is logged."""
