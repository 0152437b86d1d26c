r"""A mail as the server tells of it and hands it out: sizes first, then bytes in batches that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from imapclient import IMAPClient

HEAD_BYTES = 256 << 10  # of a mail that is too big: so much of its headers
BODY_BYTES = 64 << 10  # and so much of what follows them
MANY = 500  # UIDs in one command: its line stays under the 8 KB that RFC 7162 asks servers to take
WINDOW = 50_000  # UIDs one SEARCH may answer with: imaplib refuses lines over a megabyte

_WHOLE = {b"BODY.PEEK[]": b"BODY[]"}  # what is asked for, and under which key the answer comes
_HEAD = {
    f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>".encode(): b"BODY[HEADER]<0>",
    f"BODY.PEEK[TEXT]<0.{BODY_BYTES}>".encode(): b"BODY[TEXT]<0>",
}


@dataclass(frozen=True, slots=True)
class BoxState:
    """What the server said when the folder was selected. `uidnext` is 0 when it did not say."""

    uidvalidity: int
    uidnext: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail that waits: `size` in bytes as the server counts, `internaldate` aware (UTC), flags such as \\\\Seen."""

    uid: int
    size: int
    internaldate: datetime
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as it came. When `truncated`, `data` is only its head and `size` its true size.

    Empty `data` with a size: the server refuses to hand it out, time and again; it is for a person to look at.
    """

    mailbox: str
    uidvalidity: int
    uid: int
    internaldate: datetime
    data: bytes
    size: int
    truncated: bool


def search_after(client: IMAPClient, after: int, exists: int) -> list[int]:
    """The UIDs above `after`, sorted. A crowded folder is asked in windows of sequence numbers.

    From the top down: mails expunged meanwhile move the others down, into a window that is yet to come.
    """
    found: set[int] = set()
    wanted = ["UID", f"{after + 1}:*"]
    if exists <= WINDOW:
        found.update(client.search(wanted))
    else:
        top = "*"
        for low in range((exists - 1) // WINDOW * WINDOW + 1, 0, -WINDOW):
            found.update(client.search([f"{low}:{top}", *wanted]))
            top = str(low)
    return sorted(uid for uid in found if uid > after)  # n:* always names the last mail, even below n


def envelopes(client: IMAPClient, uids: Sequence[int]) -> Iterator[Envelope]:
    got = client.fetch(uids, (b"RFC822.SIZE", b"INTERNALDATE", b"FLAGS"))
    for uid in uids:
        said = got.get(uid, {})
        if b"RFC822.SIZE" in said and b"INTERNALDATE" in said:
            flags = tuple(flag.decode("ascii", "replace") for flag in said.get(b"FLAGS", ()))
            yield Envelope(uid, said[b"RFC822.SIZE"], said[b"INTERNALDATE"].astimezone(UTC), flags)


def batches(waiting: Sequence[Envelope], batch_bytes: int, max_bytes: int) -> Iterator[list[Envelope]]:
    """Neighbours together up to `batch_bytes` and MANY mails; one that is too big for `max_bytes` alone."""
    batch: list[Envelope] = []
    size = 0
    for envelope in waiting:
        big = envelope.size > max_bytes
        if batch and (big or size + envelope.size > batch_bytes or len(batch) >= MANY):
            yield batch
            batch, size = [], 0
        batch.append(envelope)
        size += envelope.size
        if big:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def chunks(uids: Sequence[int], many: int) -> Iterator[Sequence[int]]:
    return (uids[start : start + many] for start in range(0, len(uids), many))


def bodies(client: IMAPClient, uids: Sequence[int], *, head_only: bool) -> dict[int, bytes]:
    r"""The bytes of these mails, or their heads; \\Seen is not set. Those that are gone are left out."""
    wanted = _HEAD if head_only else _WHOLE
    got = client.fetch(uids, tuple(wanted))
    result = {}
    for uid in uids:
        parts = got.pop(uid, {})
        if all(key in parts for key in wanted.values()):
            result[uid] = b"".join(parts[key] or b"" for key in wanted.values())
    return result
