"""Whether two mails with one Message-ID are the same mail: what their author wrote, not the way that they came.

A mail that is delivered twice (to two of our addresses, by a list and directly) differs in its trace headers only.
"""

from __future__ import annotations

import hashlib

from mailbot.reading.message import Message

_WRITTEN = ("from", "date", "subject", "message-id", "in-reply-to", "to", "cc")


def fingerprint(message: Message) -> str:
    """SHA-256 over the author's headers, both bodies and all parts of `message`."""
    digest = hashlib.sha256()
    for name in _WRITTEN:
        for value in message.header_all(name):
            digest.update(f"{name}:{value}\n".encode("utf-8", "surrogatepass"))
    for kind, data in message.parts:
        digest.update(f"\n{kind} {len(data)}\n".encode())
        digest.update(data)
    for data in message.embedded:
        digest.update(data)
    if not message.parts and not message.embedded:
        digest.update(message.sha256.encode())
    return digest.hexdigest()
