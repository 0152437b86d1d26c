"""Runs `mailbot run --once` in a process that is killed (SIGKILL) at a named point of the walk.

The points are wrapped around the real functions from outside; nothing in mailbot knows of them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from mailbot.adapters import archive, imap, ledger
from mailbot.app import commit, receive
from tests.walks.nursery import mailbot

POINTS: dict[str, tuple[Any, str, bool]] = {  # name: where the function is, its name, killed after it (or before)
    "before-archive": (archive.Archive, "put", False),
    "after-archive": (archive.Archive, "put", True),
    "before-decision": (receive, "decided", False),
    "after-decision": (receive, "decided", True),
    "before-commit": (receive, "commit", False),
    "in-commit-after-order": (commit, "put_order", True),
    "in-commit-after-outbox": (commit, "put_outgoing", True),
    "after-commit": (receive, "commit", True),
    "before-filing": (imap.Mailbox, "file", False),
    "after-filing": (imap.Mailbox, "file", True),
    "before-sending": (ledger.Ledger, "permit", False),
    "sending-recorded": (ledger.Ledger, "permit", True),
    "mail-handed-over": (ledger.Ledger, "end", False),
    "end-recorded": (ledger.Ledger, "end", True),
}
# Nobody can know whether a mail that was being sent arrived; two go out at once, so one may be, whatever the other is.
UNCERTAIN = ("sending-recorded", "mail-handed-over", "end-recorded")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Put the trap around the function of `point`."""
    place, name, after = POINTS[point]
    real: Callable[..., Any] = getattr(place, name)

    def trapped(*args: Any, **kwargs: Any) -> Any:
        if not after:
            die()
        result = real(*args, **kwargs)
        die()
        return result

    setattr(place, name, trapped)


def run_until(point: str, *args: str) -> None:
    """The command line, to the end of this process at `point`."""
    arm(point)
    mailbot(*args)
