"""One thing that is due: a mail with its reader and its reason, or something that happens without a mail.

The key is the same whenever and wherever it is worked out, so that the outbox takes it once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailbot.orders.model import Order
from mailbot.rules.process import LadderStep, Role

BY = "mailbot"  # who did what time brought


@dataclass(frozen=True, slots=True)
class StudioTimes:
    """The studio's zone (a tz name) and locale, and the addresses behind the roles of rules/process.toml."""

    timezone: str
    locale: str
    sales_director: str
    finance: str
    operations: str
    lead_designer: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What is due at `at` (UTC). `kind` is the contract's kind of mail, or `expire`, which has no mail and no `to`.

    `about` is the invoice, the request's token, the issue or the Friday; `data` holds the facts that a template tells;
    `step` is the step of the ladder that it belongs to. `fixed`: it has its hour, and other mails keep clear of it;
    `answers`: it follows at once from what the client has just agreed to, and keeps no distance to other mails.
    """

    at: datetime
    kind: str
    order: str
    to: tuple[str, ...]
    about: str | None
    key: str
    because: str
    data: dict[str, Any] = field(default_factory=dict)
    step: LadderStep | None = None
    fixed: bool = False
    answers: bool = False


def addresses(roles: Iterable[Role], order: Order, studio: StudioTimes) -> tuple[str, ...]:
    """The addresses of `roles`, each once, in order; a client's are all of the order's.

    What a role is asked that nobody in the studio has is asked of the account manager.
    """
    known: dict[Role, tuple[str, ...]] = {
        "client": order.client.emails,
        "account_manager": (order.account_manager.email,),
        "sales_director": (studio.sales_director,),
        "finance": (studio.finance,),
        "operations": (studio.operations,),
        "lead_designer": (studio.lead_designer,),
    }
    manager = order.account_manager.email
    return tuple(dict.fromkeys(address or manager for role in roles for address in known[role]))
