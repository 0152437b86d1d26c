"""A mail that cannot be handled, for a fault of ours or of the studio's files: held, for a person to settle."""

from __future__ import annotations

from datetime import datetime

from mailbot.app.house import House
from mailbot.orders import holding
from mailbot.orders.events import ReplyHeld
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.model import Held
from mailbot.reading.message import Message


def put_aside(house: House, message: Message, key: str, because: str, now: datetime, intake: Intake | None) -> Decision:
    """The decision to hold `message` (archived under `key`); `intake` is what was read of it, None when nothing was."""
    order, request = (intake.order, intake.request) if intake else (None, None)
    token = house.ids.token("held", key)
    held = Held(
        id=f"H-{token[:8]}", order=order.ref if order else None, request=request.token if request else None,
        about=request.about if request else None, sender=message.from_addr, subject=message.subject,
        words=intake.words if intake else "", guess=intake.reading.guess if intake and intake.reading else None,
        because=because, mail=key, message_id=message.message_id, at=now,
        am=order.account_manager.email if order else house.policy.fallback,
        proven=bool(intake and intake.proven), proof=intake.proof if intake else "",
        uncontested=bool(intake and intake.uncontested),
    )  # fmt: skip
    send = holding.held(held, order, request, token)
    if order is None:
        return Decision("hold", because, sends=(send,), held=held, folder="odd")
    event = ReplyHeld(
        at=now, by=held.sender or "nobody", held=held.id, token=held.request, guess=held.guess, because=because,
        mail=key,
    )  # fmt: skip
    return Decision("hold", because, evolve(order, event), (event,), (send,), held, folder="odd")
