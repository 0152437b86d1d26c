"""pymap's in-memory IMAP server, put together for a handful of mailboxes in a running event loop.

As shipped it drops keywords and hashes passwords on a thread pool; here mailboxes keep the keywords that
`after = "flag"` sets, passwords are compared as they are, and everything stays in one loop.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime

from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Event, Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import ObjectId
from pymap.parsing.specials.flag import Flag
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

KEYWORDS = frozenset(Flag(f"mailbot-{where}") for where in ("done", "held", "odd"))


class _Folder(MailboxData):
    """A folder that keeps our keywords as well, and whose IDLE tells at once of what came just before it."""

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return super().permanent_flags | KEYWORDS

    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Event | None = None) -> SelectedMailbox:
        """As in pymap, which in IDLE waits for the next change even when the session has not been told of the last."""
        seen = selected.mod_sequence
        behind = seen is not None and seen < self._mod_sequences.highest
        return await super().update_selected(selected, wait_on=None if behind else wait_on)


class _Account(MailboxSet):
    """A user's folders, each of them a `_Folder`."""

    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Folder(self._content_cache, self._thread_cache)

    async def add_mailbox(self, name: str) -> ObjectId:
        await super().add_mailbox(name)
        self._set[name] = folder = _Folder(self._content_cache, self._thread_cache)
        return folder.mailbox_id


class MemoryImap:
    """The accounts and the server over them. Everything here runs in one event loop."""

    def __init__(self, users: Iterable[str], password: str) -> None:
        """Accounts for `users`, all with the same password. Listens nowhere yet."""
        args = Namespace(passlib_cfg=None, proxy_protocol=None)
        self._config = Config(
            args,
            host=None,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",  # no such user is made
            tls_enabled=False,
            reject_dnsbl=False,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            invalid_user_sleep=0.0,
        )
        self._login = Login(self._config)
        self._accounts = {user: _Account() for user in users}
        for user, account in self._accounts.items():
            self._login.users_dict[user] = UserMetadata(self._config, user, password=password)
            self._config.set_cache[user] = (account, FilterSet())

    async def listen(self, host: str) -> asyncio.Server:
        """Serve on a free port of `host`."""
        self._config.apply_context()
        server = IMAPServer(self._login, self._config)
        plain = ProxyProtocolReader(ProxyProtocolVersion.get(None))
        return await asyncio.start_server(plain.get_callback(server), host, 0)

    async def deliver(self, user: str, data: bytes, folder: str = "INBOX") -> int:
        """Put a mail into a folder; returns its UID. Raises KeyError when there is no such user or folder."""
        box = await self._accounts[user].get_mailbox(folder)
        message = await box.append(AppendMessage(data, datetime.now(UTC)), recent=True)
        return int(message.uid)

    async def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails in a folder, oldest first; none when there is no such folder. Raises KeyError: no such user."""
        try:
            box = await self._accounts[user].get_mailbox(folder)
        except KeyError:
            if user not in self._accounts:
                raise
            return []
        return [bytes(message._content or b"") async for message in box.messages()]
