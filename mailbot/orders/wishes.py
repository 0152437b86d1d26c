"""A client asks for a change in an ordinary mail: the change order that the account manager is offered for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailbot.orders import events as e

if TYPE_CHECKING:  # both use this module's neighbours
    from mailbot.orders.circumstances import Circumstances, Done
    from mailbot.orders.intake import Intake
    from mailbot.orders.model import Held

_SENTENCE = re.compile(r"[.!?\n]+")
_TITLE = 70
_FEWEST_WORDS = 4  # a sentence that can be a wish; greetings and names are shorter


def wish_of(mail: Intake) -> str | None:
    """The title of the change order that a mail of the client would make; None where it asks for none.

    Only where nothing was asked of them: in answer to a question, changes belong to what was asked.
    """
    said, order = mail.reading, mail.order
    if said is None or order is None or mail.request is not None or mail.role != "client" or not mail.proven:
        return None
    if "changes" not in (said.label, said.guess):
        return None
    sentences = (" ".join(one.split()) for one in _SENTENCE.split(mail.words[:4000]))
    first = next((one for one in sentences if len(one.split()) >= _FEWEST_WORDS), "")
    title = first if len(first) <= _TITLE else first[:_TITLE].rsplit(" ", 1)[0]
    return title.strip(" -:,;") or None


def drafted_from(held: Held, done: Done, at: Circumstances, through: str) -> tuple[Held, e.HeldSettled] | None:
    """The held reply, settled by the change order that was drafted in answer to it; None where none was."""
    made = any(isinstance(event, e.ChangeOrderChanged) for event in done.events)
    if held.state != "waiting" or held.request is not None or not made:
        return None
    update = {"state": "settled", "settled_by": at.actor, "settled_as": "change-order", "settled_at": at.now}
    event = e.HeldSettled(at=at.now, by=at.actor, held=held.id, answer="change-order", through=through)
    return held.model_copy(update=update), event
