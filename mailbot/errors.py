"""Whose fault it is: the studio's files, a server's, or ours.

A strange mail is no error: it is data, and is held or set aside. `ConfigError` carries every problem found in what the
studio wrote; `MailboxError` and `DeliveryError` are a server's. Anything else that is raised is our bug.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: what, where (file, key, line from 1) and what to do about it."""

    what: str
    file: str = ""
    key: str = ""
    line: int | None = None
    mend: str = ""

    def __str__(self) -> str:
        place = ":".join(part for part in (self.file, str(self.line) if self.line else "") if part)
        where = " ".join(part for part in (place, f"[{self.key}]" if self.key else "") if part)
        return (f"{where}: " if where else "") + self.what + (f" -> {self.mend}" if self.mend else "")


class ConfigError(Exception):
    """The studio's settings, order file, rule or template is wrong; all problems at once."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems = (Problem(problems),) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class MailboxError(Exception):
    """The IMAP server refused, vanished or answered nonsense. The connection is gone; try again later."""


class DeliveryError(Exception):
    """The SMTP server refused a mail or the connection to it. `permanent` tells whether trying again makes sense."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(message)
