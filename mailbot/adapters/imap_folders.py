"""Names of folders on a server: its separator, its namespace, and which folder holds sent mail.

Settings write folders with "/": what a server calls them is found out once per connection (RFC 2342, RFC 6154).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imapclient import IMAPClient
from imapclient.imapclient import SENT

Place = Literal["done", "held", "odd"]


@dataclass(frozen=True, slots=True)
class Naming:
    """How a server writes folder names: `prefix` of the personal namespace ("INBOX." or ""), and its separator."""

    prefix: str
    separator: str

    def own(self, name: str) -> str:
        """The server's name of the folder `name` in the personal namespace; one with the prefix keeps it."""
        written = self.written(name)
        return written if written.startswith(self.prefix) else self.prefix + written

    def written(self, name: str) -> str:
        """`name` with "/" replaced by the separator; "-" where the server has no hierarchy at all."""
        return name.replace("/", self.separator or "-")


def naming(client: IMAPClient) -> Naming:
    """Ask the server for prefix and separator: NAMESPACE where it has it, else LIST "" "" (RFC 3501, 6.3.8)."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            prefix, separator = personal[0]
            return Naming(prefix, separator or "")
    listed = client.list_folders("", "")
    separator = listed[0][1] if listed else b"/"
    return Naming("", separator.decode("ascii") if separator else "")


def make(client: IMAPClient, name: str) -> None:
    """Create a folder and subscribe to it, so that mail programs show it. Raises IMAP4.error when it cannot be made."""
    client.create_folder(name)
    client.subscribe_folder(name)


def sent_folder(client: IMAPClient) -> str | None:
    r"""The folder for sent mail: the one marked \Sent, else one with a usual name; None when there is none."""
    found: str | None = client.find_special_folder(SENT)
    return found
