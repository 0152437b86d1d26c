"""A mail that is to go out, before it has words: what kind, to whom, about what, and the facts that it tells.

Decisions and plans end in sends; `writing.render` turns one into bytes. The kinds are those of the contract.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Invite:
    """An appointment for the reader's calendar: offered (REQUEST) or called off (CANCEL). Times are aware.

    `token` is that of the address which answers go to; it stays the same as long as the event does. `place` and `note`
    are the studio's own words, "" where it says none.
    """

    method: Literal["REQUEST", "CANCEL"]
    uid: str
    sequence: int
    starts: datetime
    ends: datetime
    summary: str
    token: str
    place: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """One mail to write and send.

    `key` is the outbox's unique key: the same occasion always has the same key, so it is sent once.
    `order` is the order's reference (several with commas for mails about several orders), `about` the milestone, change
    order, issue, invoice or held reply. `data` holds the facts of this kind, as templates/samples.toml lists them:
    plain values, amounts as Decimal, dates as date, moments as aware datetime. `in_reply_to` and `references` are
    Message-IDs without angle brackets. `token` names the request that a reply answers; it becomes the Reply-To.
    `attachments` are (file name, content type, bytes); those that `data["photos"]` names stand in the letter itself.
    `invite` goes along for the reader's calendar. `waits` is why a person must look at it before it goes out.
    """

    key: str
    kind: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    order: str | None = None
    about: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    token: str | None = None
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    invite: Invite | None = None
    waits: str = ""
