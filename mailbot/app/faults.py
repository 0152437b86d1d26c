"""What a log may say: reasons by their names and bugs by their places, never what somebody wrote in a mail."""

from __future__ import annotations

import traceback

from mailbot.adapters.store import StoreError
from mailbot.errors import ConfigError, DeliveryError, MailboxError


def named(because: str) -> str:
    """A reason without the words that it quotes: `en/conditions: "Approved once"` is `en/conditions`."""
    return because.partition('"')[0].rstrip(": ")


def fault(error: BaseException) -> str:
    """An error for logs and for people. Of a bug only its kind and place are told: its text may quote a mail."""
    if isinstance(error, ConfigError | DeliveryError | MailboxError | StoreError | OSError):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
