"""Waiting for new mail without losing any and without spinning: IDLE (RFC 2177) over imapclient's private connection.

imapclient 4.1's own `idle_check` spins after the server has closed, breaks on a line that comes in two TCP segments,
and sleeps through an EXISTS that came together with "+ idling"; its `idle` fails on an EXISTS that came before the "+".
So the line is only *watched* here; reading is left to the end of IDLE, which blocks with the connection's ordinary
timeout and raises when the server is gone. This rests on `_imap` and its buffered file: the version is pinned.
"""

from __future__ import annotations

import select
import ssl
from typing import Any

from imapclient import IMAPClient


def announced(client: IMAPClient) -> int:
    """How many mails the server says the folder holds, if it has said so (EXISTS) since `forget`; else 0."""
    said = client._imap.untagged_responses.get("EXISTS")
    return int(said[-1]) if said else 0


def forget(client: IMAPClient) -> None:
    """Drop what the server has said unasked so far; a connection that lives for weeks would pile it up."""
    client._imap.untagged_responses.clear()


def idle(client: IMAPClient, wake: Any, seconds: float) -> None:
    """IDLE until the server says something, `wake` (a socket or fd) can be read, or `seconds` are over.

    Raises imaplib.IMAP4.error, OSError or EOFError when the connection is gone.
    """
    imap = client._imap
    tag = imap._command("IDLE")
    client._idle_tag = tag
    while imap._get_response() is not None:  # None is the "+"; an EXISTS before it is noted like any other
        if imap.tagged_commands[tag]:
            del imap.tagged_commands[tag]
            raise client.Error("idle failed: the server offers IDLE and refuses it")
    if not announced(client):
        _watch(client, wake, seconds)
    client.idle_done()


def sleep(wake: Any, seconds: float) -> None:
    """Wait `seconds`, or until `wake` can be read."""
    poller = select.poll()
    poller.register(wake, select.POLLIN)
    poller.poll(max(seconds, 0) * 1000)


def _watch(client: IMAPClient, wake: Any, seconds: float) -> None:
    """Return when there is something to read (end of file included), at `wake` or when time is over."""
    poller = select.poll()
    poller.register(client.socket(), select.POLLIN)
    poller.register(wake, select.POLLIN)
    if not _buffered(client):
        poller.poll(max(seconds, 0) * 1000)


def _buffered(client: IMAPClient) -> bool:
    """Whether bytes were read off the socket already, by TLS or by the buffered file: poll does not see those."""
    line = client.socket()
    timeout = line.gettimeout()
    line.setblocking(False)
    try:
        return bool(client._imap.file.peek(1))  # takes nothing; empty when there is nothing, or the end
    except ssl.SSLWantReadError:
        return False
    finally:
        line.settimeout(timeout)
