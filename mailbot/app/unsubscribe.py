"""One click ends the weekly updates to a reader (RFC 8058): what comes in at the configured address is an event."""

from __future__ import annotations

import hmac
from datetime import datetime

from mailbot.adapters.store import Conflict
from mailbot.app.commit import commit, written
from mailbot.app.house import House, one_click_token
from mailbot.app.receive import circumstances
from mailbot.app.records import order_of
from mailbot.errors import ConfigError
from mailbot.orders.subscription import ended

_TRIES = 5
_HOW = "one click (RFC 8058)"


def unsubscribe(house: House, ref: str, token: str, now: datetime) -> bool:
    """End the weekly updates of the order `ref` to the reader whose `token` it is; whether there is such a one.

    A second click changes nothing. Raises ConfigError when the order kept changing meanwhile.
    """
    for _ in range(_TRIES):
        order = order_of(house.store, ref)
        known = order.client.emails if order else ()
        reader = next((a for a in known if hmac.compare_digest(one_click_token(house, ref, a), token)), None)
        if order is None or reader is None:
            return False
        decision = ended(order, reader, circumstances(house, reader, ("client",), now, ""), _HOW)
        try:
            if decision.events:
                commit(house, decision, order, written(house, decision.sends, decision.order, now), now)
        except Conflict:
            continue
        return True
    raise ConfigError(f"{ref} kept changing while somebody unsubscribed; they will click again")
