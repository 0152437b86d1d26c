r"""One mailbox, one connection, one thread: what waits, the mails themselves, where they are filed, waiting for more.

A mail is never marked in any way (\Seen included) before its caller has committed it and calls `file`. The server's
flags are never the truth: the caller keeps (UIDVALIDITY, last UID) in its store. Any fault of the server drops the
connection and raises MailboxError; the object stays usable: `connect` again after `pause(attempt, jitter)` seconds.

The caller's loop, which loses nothing::

    box.connect()
    while not stopping:
        envelopes = box.waiting(last_uid)
        for raw in box.fetch(envelopes):
            ...  # commit, then box.file(raw.uid, "done"); last_uid = raw.uid
        if not envelopes:
            box.wait(wake, seconds)
"""

from __future__ import annotations

import imaplib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from imapclient import DELETED, FLAGGED, SEEN, IMAPClient

from mailbot.adapters import imap_folders, imap_idle, imap_mail
from mailbot.adapters.imap_folders import Place
from mailbot.adapters.imap_mail import BoxState, Envelope, RawMail
from mailbot.adapters.imap_session import (
    SERVER_FAULTS,
    ImapSettings,
    LoginRefused,
    Refused,
    failure,
    hang_up,
    open_session,
)
from mailbot.errors import MailboxError

__all__ = [
    "BoxState",
    "Envelope",
    "ImapSettings",
    "LoginRefused",
    "Mailbox",
    "Place",
    "RawMail",
    "Refused",
    "pause",
]

GIVE_UP_AFTER = 3  # refusals to hand out one mail, before it is passed on without its bytes


def pause(attempt: int, jitter: float, *, first: float = 1.0, most: float = 300.0) -> float:
    """Seconds to wait before connecting for the `attempt`-th time (from 1) after a failure; jitter from 0 to 1.

    Doubles up to `most`; jitter takes away up to half, so that many workers do not come back at once.
    """
    full = min(most, first * 2.0 ** min(max(attempt, 1) - 1, 30))
    return full * (1 - jitter / 2)


class Mailbox:
    """A connection to one folder of one IMAP account. Not thread-safe: the thread that made it uses it."""

    def __init__(self, settings: ImapSettings) -> None:
        """Connect nothing yet. `settings` are checked already."""
        self.settings = settings
        self._client: IMAPClient | None = None
        self._state = BoxState(0, 0)
        self._naming = imap_folders.Naming("", "/")
        self._permanent: frozenset[str] = frozenset()
        self._exists = 0
        self._refusals: Counter[tuple[int, int]] = Counter()

    def __enter__(self) -> Mailbox:
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Which mailbox this is, for the store's cursor and for messages: user@host/folder, the port aside."""
        return f"{self.settings.user}@{self.settings.host}/{self.settings.folder}"

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._client is not None

    def connect(self) -> None:
        """Connect, log in, select the folder; does nothing when connected. Raises MailboxError, LoginRefused."""
        if self._client is not None:
            return
        self._client = open_session(self.settings)
        with self._talk("looking at its folders") as client:
            self._naming = imap_folders.naming(client)
        try:
            self._select()
        except MailboxError:
            self.drop()
            raise

    def close(self) -> None:
        """Log out, at most two seconds, and hang up. Never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.socket().settimeout(2)
            client.logout()
        except SERVER_FAULTS:
            hang_up(client)

    def drop(self) -> None:
        """Hang up without a word."""
        client, self._client = self._client, None
        if client is not None:
            hang_up(client)

    def state(self) -> BoxState:
        """(UIDVALIDITY, UIDNEXT) of the folder. Another UIDVALIDITY than remembered: all UIDs are new, start from 0."""
        return self._state

    def waiting(self, after_uid: int = 0) -> list[Envelope]:
        """The mails with a UID above `after_uid`, in order of UID. Those that vanish meanwhile are left out."""
        with self._talk("looking for new mail") as client:
            if not imap_idle.announced(client):
                client.noop()  # some servers show new mail to SEARCH only once they have announced it
            self._exists = imap_idle.announced(client) or self._exists
            imap_idle.forget(client)
            uids = imap_mail.search_after(client, after_uid, self._exists)
            return [
                envelope
                for some in imap_mail.chunks(uids, imap_mail.MANY)
                for envelope in imap_mail.envelopes(client, some)
            ]

    def fetch(self, envelopes: Sequence[Envelope]) -> Iterator[RawMail]:
        """The mails, in order, not marked as read; memory holds one batch. Those expunged meanwhile are left out.

        Mails above `max_bytes` come truncated. Raises Refused when the server will not hand one out (the third time it
        is passed on without data), MailboxError when the connection broke; what was yielded until then stands.
        """
        for batch in imap_mail.batches(envelopes, self.settings.batch_bytes, self.settings.max_bytes):
            yield from self._fetch_batch(batch)

    def file(self, uids: int | Sequence[int], where: Place) -> None:
        """After the commit: move, flag or leave the mail (or several), as `after` says.

        Those that are gone already are no error. Raises Refused when the server will not (over quota), MailboxError.
        """
        wanted = [uids] if isinstance(uids, int) else uids
        for some in imap_mail.chunks(wanted, imap_mail.MANY):
            if self.settings.after == "move":
                self._move(some, where)
            elif self.settings.after == "flag":
                self._flag(some, where)

    def wait(self, wake: Any, seconds: float) -> bool:
        """Wait for new mail at most `seconds` (and `idle_seconds`), or until `wake` (socket or fd) can be read.

        True when the server has announced mail since `waiting` was asked. `wake` is not drained. Without IDLE on the
        server this returns False every `noop_seconds`, for the caller to ask `waiting`.
        """
        with self._talk("waiting for mail") as client:
            if imap_idle.announced(client):
                return True  # told in answer to an earlier command: IDLE would not tell again
            if client.has_capability("IDLE"):
                imap_idle.idle(client, wake, min(seconds, self.settings.idle_seconds))
            else:
                imap_idle.sleep(wake, min(seconds, self.settings.noop_seconds))
            return bool(imap_idle.announced(client))

    def append(self, folder: str, data: bytes, flags: Sequence[bytes] = ()) -> None:
        """Put a mail into `folder` (the server's name of it, as `sent_folder` gives). Raises Refused, MailboxError."""
        with self._talk(f"saving a mail in {folder}") as client:
            client.append(folder, data, flags)

    def sent_folder(self) -> str | None:
        r"""The account's folder for sent mail (\Sent of RFC 6154, or a usual name); None when it has none."""
        with self._talk("looking for the folder of sent mail") as client:
            return imap_folders.sent_folder(client)

    def sent_contains(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID (no <>) is in the sent folder. True proves it; False proves nothing."""
        folder = self.sent_folder()
        if folder is None or any(c in message_id for c in '\r\n\0"\\'):
            return False
        try:
            with self._talk(f"looking for a mail in {folder}") as client:
                client.select_folder(folder, readonly=True)
                return bool(client.search(["HEADER", "Message-ID", f"<{message_id}>"]))
        finally:
            if self.connected:
                self._select_again()

    @contextmanager
    def _talk(self, doing: str) -> Iterator[IMAPClient]:
        """Speak with the server. A plain NO becomes Refused; every other fault drops the connection: MailboxError."""
        client = self._client
        if client is None:
            raise MailboxError(f"IMAP {self.settings.place}: {doing}: not connected")
        try:
            yield client
        except SERVER_FAULTS as error:
            text = failure(self.settings, doing, error)
            if _is_no(error):
                raise Refused(text) from error
            self.drop()
            raise MailboxError(text) from error

    def _select(self) -> None:
        folder = self._naming.written(self.settings.folder)
        with self._talk(f"opening the folder {folder}") as client:
            said = client.select_folder(folder, readonly=self.settings.after == "leave")
            self._exists = said[b"EXISTS"]
            self._state = BoxState(said[b"UIDVALIDITY"], said.get(b"UIDNEXT", 0))
            self._permanent = frozenset(flag.decode("ascii", "replace") for flag in said.get(b"PERMANENTFLAGS", ()))

    def _select_again(self) -> None:
        before = self._state
        self._select()
        if self._state.uidvalidity != before.uidvalidity:
            self.drop()
            raise MailboxError(f"IMAP {self.settings.place}: the folder was made anew meanwhile (UIDVALIDITY)")

    def _fetch_batch(self, batch: Sequence[Envelope]) -> Iterator[RawMail]:
        uids = [envelope.uid for envelope in batch]
        big = batch[0].size > self.settings.max_bytes  # such a mail is a batch of its own
        try:
            with self._talk(f"fetching {_these(uids)}") as client:
                got = imap_mail.bodies(client, uids, head_only=big)
        except Refused as refusal:
            yield from self._fetch_refused(batch, refusal)
            return
        for envelope in batch:
            if envelope.uid in got:
                yield self._raw(envelope, got.pop(envelope.uid), truncated=big)

    def _fetch_refused(self, batch: Sequence[Envelope], refusal: Refused) -> Iterator[RawMail]:
        """The server said NO to a batch: ask one by one, so that one bad mail, or an expunged one, stops no other."""
        if len(batch) > 1:
            for envelope in batch:
                yield from self._fetch_batch([envelope])
        elif self._still_there([batch[0].uid]):
            key = (self._state.uidvalidity, batch[0].uid)
            self._refusals[key] += 1
            if self._refusals[key] < GIVE_UP_AFTER:
                raise refusal
            yield self._raw(batch[0], b"", truncated=True)

    def _raw(self, envelope: Envelope, data: bytes, *, truncated: bool) -> RawMail:
        return RawMail(
            mailbox=self.name,
            uidvalidity=self._state.uidvalidity,
            uid=envelope.uid,
            internaldate=envelope.internaldate,
            data=data,
            size=envelope.size if truncated else len(data),
            truncated=truncated,
        )

    def _still_there(self, uids: Sequence[int]) -> list[int]:
        with self._talk(f"looking for {_these(uids)}") as client:
            client.noop()
            return sorted(set(uids) & set(client.search(["UID", ",".join(map(str, uids))])))

    def _move(self, uids: Sequence[int], where: Place) -> None:
        folder = self._naming.own(getattr(self.settings, where))
        try:
            self._move_to(uids, folder, seen=where == "done")
        except Refused as refusal:
            left = self._still_there(uids)
            if left:
                self._make(folder, refusal)
                self._move_to(left, folder, seen=where == "done")

    def _move_to(self, uids: Sequence[int], folder: str, *, seen: bool) -> None:
        """MOVE (RFC 6851), else COPY and expunge those UIDs alone (RFC 4315); else they stay, as deleted."""
        with self._talk(f"filing {_these(uids)} in {folder}") as client:
            if seen:
                client.add_flags(uids, [SEEN], silent=True)
            if client.has_capability("MOVE"):
                client.move(uids, folder)
                return
            client.copy(uids, folder)
            client.add_flags(uids, [DELETED], silent=True)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge(uids)

    def _make(self, folder: str, refusal: Refused) -> None:
        """Create the folder that a mail could not be moved to. If it is there already, the first refusal says more."""
        try:
            with self._talk(f"creating the folder {folder}") as client:
                imap_folders.make(client, folder)
        except Refused:
            raise refusal from None

    def _flag(self, uids: Sequence[int], where: Place) -> None:
        r"""Set \Seen or \Flagged, and a keyword where the folder keeps those (PERMANENTFLAGS, RFC 3501 7.1)."""
        keyword = f"mailbot-{where}"
        flags = [SEEN if where == "done" else FLAGGED]
        if r"\*" in self._permanent or keyword in self._permanent:
            flags.append(keyword.encode("ascii"))
        with self._talk(f"flagging {_these(uids)}") as client:
            client.add_flags(uids, flags, silent=True)


def _these(uids: Sequence[int]) -> str:
    """Which mails, for messages."""
    return f"UID {uids[0]}" + (f" and {len(uids) - 1} more" if len(uids) > 1 else "")


def _is_no(error: Exception) -> bool:
    """Whether the server answered a command with a plain NO: then the connection is in order."""
    return type(error) is imaplib.IMAP4.error and " failed: " in str(error)
