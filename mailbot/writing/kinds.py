"""The closed set of mails that go out: who reads each, what an answer to it would be about, whether it is an answer.

A template can change the words of a mail, never add a kind: what a kind means is in `orders` and `planning`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reader = Literal["client", "staff", "director", "finance"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail. `reader` is the folder of its templates.

    `context` is how a reply to it is read (a context of the reply rules), None where a reply decides nothing.
    `answers`: it answers a mail, so it is `Auto-Submitted: auto-replied`. `subscription`: it carries List-Id.
    `echo`: it goes out by itself because a mail came in; rules/delivery.toml limits how many go to one address.
    """

    name: str
    reader: Reader
    context: str | None = None
    answers: bool = False
    subscription: bool = False
    echo: bool = False


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("approval-request", "client", "milestone_approval"),
        Kind("change-order", "client", "change_order"),
        Kind("issue-notice", "client", "issue_options"),
        Kind("fitting-invite", "client", "fitting_availability"),
        Kind("weekly-update", "client", "weekly_update", subscription=True),
        Kind("invoice", "client", "invoice_reminder"),
        Kind("reminder-due", "client", "invoice_reminder"),
        Kind("reminder-friendly", "client", "invoice_reminder"),
        Kind("reminder-firm", "client", "invoice_reminder"),
        Kind("pause-notice", "client"),
        Kind("resume-notice", "client"),
        Kind("nudge", "client"),
        Kind("receipt", "client", answers=True, echo=True),
        Kind("question-back", "client", answers=True, echo=True),
        Kind("survey", "client"),
        Kind("booked", "staff", echo=True),
        Kind("held", "staff", echo=True),
        Kind("draft-weekly", "staff"),
        Kind("digest", "staff"),
        Kind("command-result", "staff", answers=True, echo=True),
        Kind("issue-clock", "staff"),
        Kind("call-client", "staff"),
        Kind("frequent-changes", "staff"),
        Kind("unhappy-client", "staff", echo=True),
        Kind("bounce-notice", "staff", echo=True),
        Kind("notice", "staff", echo=True),
        Kind("undelivered", "staff"),
        Kind("shadow", "staff"),
        Kind("escalation-issue", "director"),
        Kind("escalation-pause", "director"),
        Kind("report", "director"),
        Kind("escalation-collection", "finance"),
        Kind("payment-claim", "finance", echo=True),
    )
}
