"""What is asked of a client: its token, the hash of exactly what was shown, and when it expires.

A token is an HMAC over order, subject and revision: unguessable without the installation's secret, the same when a step
is repeated after a crash, and made of lower-case letters and digits, so that it survives any mail address.
It routes an answer; it never proves who sent it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.orders.model import AskedKind, Order, Request

TOKEN_PATTERN = r"[a-z2-7]{16}"  # noqa: S105 - the shape of a token, not one


@dataclass(frozen=True, slots=True)
class Ids:
    """Makes the ids of one installation from its secret; `domain` is that of its Message-IDs."""

    secret: bytes
    domain: str

    def token(self, *parts: str) -> str:
        """16 characters of a-z2-7 (80 bits) for `parts`; the same parts give the same token."""
        digest = hmac.new(self.secret, "\x1f".join(parts).encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:10]).decode().lower()

    def message_id(self, key: str, token: str | None = None) -> str:
        """A Message-ID without angle brackets (RFC 5322, 3.6.4) for the outbox key `key`, under 70 characters.

        It starts with the request's token where there is one, so that it routes even if our tables are lost.
        """
        own = self.token("message-id", key)
        return f"{token}.{own[:8]}@{self.domain}" if token else f"{own}@{self.domain}"


def revision_hash(shown: str, attachments: Iterable[bytes] = ()) -> str:
    """SHA-256 over the text that the client is shown and the bytes of every attachment, in order."""
    digest = hashlib.sha256(shown.encode())
    for data in attachments:
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()


def request(
    ids: Ids,
    order: Order,
    kind: AskedKind,
    about: str,
    shown: str,
    *,
    now: datetime,
    expires: timedelta,
    asked_by: str,
    options: tuple[str, ...] = (),
    attachments: Iterable[bytes] = (),
) -> Request:
    """A new open request; asking the same again, unchanged, is a new revision with a new token all the same."""
    revision = revision_hash(shown, attachments)
    earlier = sum(1 for r in order.requests if (r.kind, r.about) == (kind, about))
    token = ids.token("request", order.ref, kind, about, revision, str(earlier))
    return Request(
        token=token, kind=kind, about=about, revision=revision, asked_at=now, expires_at=now + expires,
        asked_by=asked_by, shown=shown, options=options,
    )  # fmt: skip
