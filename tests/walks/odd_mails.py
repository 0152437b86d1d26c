"""Mails as no mail program writes them, and what is to become of each: where it is filed, whether a person must see it.

Each is a function from a number (so that no two tests share a Message-ID) to the bytes that the border accepted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

BOT, ANN, STRANGER = "orders@studio.example", "ann@client.example", "spam@elsewhere.example"
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Odd:
    """`folder` is where mailbot files it; `held`: it waits for a person, `shown`: a person only sees it."""

    folder: str
    held: bool
    data: bytes
    shown: bool = False


def _mail(*headers: str, body: bytes = b"Approved!\r\n", sender: str | None = ANN, id: str = "odd") -> bytes:
    first = [f"From: {sender}"] if sender else []
    lines = [*first, f"To: {BOT}", "Subject: Gowns", f"Message-ID: <{id}@client.example>", *headers]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def _big() -> bytes:
    line = b"x" * 76 + b"\r\n"
    return _mail("Content-Type: text/plain", body=line * (60 * MEGABYTE // len(line)))


def nested(depth: int) -> bytes:
    """Multiparts in multiparts."""
    head, tail = b"", b""
    for n in range(depth):
        head += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        tail = b"--b%d--\r\n" % n + tail
    first, _, rest = head.partition(b"\r\n\r\n")
    return _mail("MIME-Version: 1.0", first.decode(), body=rest + b"\r\nApproved!\r\n" + tail)


def _many(parts: int) -> bytes:
    one = b"--b\r\nContent-Type: text/plain\r\n\r\nApproved!\r\n"
    return _mail("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', body=one * parts + b"--b--\r\n")


_CUT_OFF = b"--cut\r\nContent-Type: text/plain\r\n\r\nApproved!\r\n--cut\r\nContent-Type: image/png\r\n\r\niVBOR"
_CUT_HEAD = ("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="cut"')

ODD: dict[str, Callable[[], Odd]] = {
    "sixty-megabytes": lambda: Odd("mailbot/Odd", True, _big()),
    "empty": lambda: Odd("mailbot/Odd", True, b"\r\n"),
    "no-from": lambda: Odd("mailbot/Odd", True, _mail(sender=None)),
    "two-froms": lambda: Odd("mailbot/Odd", True, _mail(f"From: {STRANGER}")),
    "blob": lambda: Odd("mailbot/Odd", True, os.urandom(200_000).replace(b"\0", b"\1").replace(b"\n", b"\r\n")),
    "nested-300": lambda: Odd("mailbot/Odd", True, nested(300)),
    "parts-5000": lambda: Odd("mailbot/Odd", True, _many(5000)),
    "headers-of-a-megabyte": lambda: Odd(
        "mailbot/Held", True, _mail(*(f"X-Filler-{n}: {'y' * 900}" for n in range(1100)))
    ),
    "one-header-of-a-megabyte": lambda: Odd(
        "mailbot/Held", True, _mail("X-Filler: " + "\r\n ".join(["y" * 900] * 1100))
    ),
    "nuls": lambda: Odd("mailbot/Held", True, _mail(body=b"App\0roved!\0\0\r\n")),
    "long-message-id": lambda: Odd("mailbot/Held", True, _mail(id="i" * 5000)),
    "bad-charset": lambda: Odd(
        "mailbot/Held", True, _mail('Content-Type: text/plain; charset="x-klingon"', body=b"\xff\xfe\x80 Qapla\r\n")
    ),
    "cut-off": lambda: Odd("mailbot/Odd", True, _mail(*_CUT_HEAD, body=_CUT_OFF)),
    "bare-line-ends": lambda: Odd("mailbot/Held", True, _mail(body=b"Approved!\nAll of it\rReally\n")),
    "from-the-future": lambda: Odd("mailbot/Held", True, _mail("Date: Fri, 31 Dec 2199 23:59:59 +0000")),
    "from-before-time": lambda: Odd("mailbot/Held", True, _mail("Date: Thu, 01 Jan 0001 00:00:00 +0000")),
    "no-such-date": lambda: Odd("mailbot/Held", True, _mail("Date: Fri, 99 Foo 99999 25:61:61 +9999")),
    "from-a-group": lambda: Odd("mailbot/Odd", True, _mail("From: undisclosed:;", sender=None)),
    "hostile-names": lambda: Odd(
        "mailbot/Held", True,
        _mail('Content-Disposition: attachment; filename="../../etc/passwd"', "Content-Type: text/plain"),
    ),
    "raw-bytes-in-headers": lambda: Odd("mailbot/Held", True, _mail("X-Name: \udcff\udcfe", "In-Reply-To: <\udce9@x>")),
    "from-the-bot": lambda: Odd("mailbot/Done", False, _mail(sender=BOT)),
    "from-a-stranger": lambda: Odd("mailbot/Done", False, _mail(sender=STRANGER), shown=True),
}  # fmt: skip
