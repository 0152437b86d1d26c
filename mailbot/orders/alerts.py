"""What staff are told about mail itself: what did not arrive, what came from strangers, what came too much of.

`Send`s as in `notices`: deterministic keys, facts as templates/samples.toml lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailbot.orders.intake import Failed, Intake
from mailbot.orders.model import Order
from mailbot.orders.sends import Send

_SHOWN = 2000  # characters of a stranger's mail


def bounce_notice(order: Order, mail: Intake, failed: Failed, reader: str, at: datetime, *, off: bool) -> Send:
    """Tells `reader` that a mail of ours did not arrive; `off`: nothing is written to that address any more."""
    key = f"{order.ref}/bounce/{mail.mail[:32]}/{failed.address}"
    return _not_arrived(key, order, failed, mail.subject, reader, at, off=off)


def refused(order: Order, failed: Failed, mail: str, subject: str, reader: str, at: datetime) -> Send:
    """The same where the server itself refused the address for `mail` (its outbox key), and it is off now."""
    return _not_arrived(f"{mail}/refused/{failed.address}", order, failed, subject, reader, at, off=True)


def _not_arrived(key: str, order: Order, failed: Failed, subject: str, reader: str, at: datetime, *, off: bool) -> Send:
    data = {
        "address": failed.address, "action": "failed", "permanent": off, "at": at, "mail_subject": subject,
        "status": failed.status or None,
    }  # fmt: skip
    return Send(key, "bounce-notice", (reader,), (), order.ref, None, data)


def stranger(mail: Intake, reader: str, key: str, at: datetime) -> Send:
    """Shows `reader` the mail of somebody who is on no order. An answer to it goes nowhere."""
    data = {
        "what": "stranger", "sender": mail.sender, "mail_subject": mail.subject or "(none)", "at": at,
        "words": mail.words.strip()[:_SHOWN] or None,
    }  # fmt: skip
    ref = mail.order.ref if mail.order else None
    return Send(key, "notice", (reader,), (), ref, None, data)


def unsubscribed(order: Order, address: str, left: Sequence[str], subject: str, words: str, at: datetime) -> Send:
    """Tells the account manager that `address` gets no weekly updates any more, and who of the client still does."""
    data = {
        "what": "unsubscribed", "sender": address, "mail_subject": subject or "(none)", "at": at,
        "readers": ", ".join(left) or None, "words": words.strip()[:_SHOWN] or None,
    }  # fmt: skip
    key = f"{order.ref}/unsubscribed/{address}/{order.revision}"
    return Send(key, "notice", (order.account_manager.email,), (), order.ref, None, data)


def flood(
    key: str, reader: str, order: Order | None, sender: str, subject: str, to: str, limit: str, at: datetime
) -> Send:
    """Tells `reader` that what mailbot would write by itself to the address `to` is over its limit, and waits."""
    data = {
        "what": "flood", "sender": sender or "(nobody)", "mail_subject": subject or "(none)", "mail_to": to,
        "limit": limit, "at": at,
    }  # fmt: skip
    return Send(key, "notice", (reader,), (), order.ref if order else None, None, data)


def undelivered(
    id: str, key: str, kind: str, subject: str, to: Sequence[str], state: str, error: str, attempts: int,
    order: str | None, told: str, at: datetime,
) -> Send:  # fmt: skip
    """Tells `told` that a mail of ours failed, or that nobody knows whether it arrived."""
    data = {
        "id": id, "state": state, "mail_kind": kind, "mail_subject": subject, "mail_to": list(to), "attempts": attempts,
        "at": at, "error": error or None,
    }  # fmt: skip
    return Send(f"{key}/undelivered", "undelivered", (told,), (), order, None, data)
