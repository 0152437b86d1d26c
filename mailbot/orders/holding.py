"""A reply that waits for a person, put to them: at first, and again until it is settled.

`Send`s as in `notices`: deterministic keys, facts as templates/samples.toml lists them. All of them are answered alike.
"""

from __future__ import annotations

from typing import Any

from mailbot.orders.authority import may_be_accepted, may_be_added
from mailbot.orders.model import Held, Order, Request
from mailbot.orders.notices import title_of
from mailbot.orders.sends import Send


def held(
    entry: Held, order: Order | None, request: Request | None, token: str, wish: str | None = None, *,
    deputy: bool = False,
) -> Send:  # fmt: skip
    """Puts a reply to whom `entry` names: the words, the guess, the reason, what was asked, the `wish` in it.

    `deputy`: it says that somebody decides in their place.
    """
    data = {**_facts(entry, order, request), "wish": wish, "deputy": deputy}
    return Send(f"held/{entry.id}", "held", (entry.am,), (), entry.order, entry.about, data, token=token)


def held_again(order: Order | None, entry: Held, token: str, key: str, days: int) -> Send:
    """Reminds the account manager of a reply that has waited for so many days."""
    request = order.request(entry.request) if order and entry.request else None
    reader = order.account_manager.email if order else entry.am
    data = {**_facts(entry, order, request), "days": days}
    return Send(key, "held", (reader,), (), entry.order, entry.about, data, token=token)


def _facts(entry: Held, order: Order | None, request: Request | None) -> dict[str, Any]:
    return {
        "id": entry.id,
        "sender": entry.sender or "(nobody)",
        "words": entry.words,
        "because": entry.because,
        "at": entry.at,
        "guess": entry.guess,
        "proof": entry.proof if entry.proven else None,
        "what": title_of(order, request.kind, request.about) if order and request else None,
        "shown": request.shown if request else None,
        "options": list(request.options) if request and request.options else None,
        "add": entry.sender if order and request and may_be_added(order, entry) else None,
        "accept": entry.sender if order and request and may_be_accepted(order, entry) else None,
    }
