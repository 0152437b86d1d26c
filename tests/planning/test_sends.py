"""The facts that planned mails tell, where they are more than what the plan says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mailbot.orders.model import ChangeOrder, Item
from mailbot.planning.occurrence import Occurrence
from mailbot.planning.sends import send_for
from mailbot.planning.weekly import told
from tests.planning.world import RULES, STUDIO, moment, new_order, request

FRIDAY = moment("2026-01-16 16:00")


@pytest.mark.parametrize(
    ("why", "unpaid", "paused"),
    [
        ("INV-1 is unpaid 8 days after it was due", "INV-1", None),
        ("the theatre asked us to wait", None, "the theatre asked us to wait"),
        (None, None, None),
    ],
)
def test_a_pause_for_an_invoice_is_told_by_its_number_so_that_the_letter_has_its_own_words_for_it(why, unpaid, paused):
    order = new_order(paused=why)
    planned = Occurrence(FRIDAY, "weekly-update", order.ref, order.client.emails, "2026-01-16", "key", "because", {})
    send = send_for(told(planned, order, RULES, FRIDAY, STUDIO), order, RULES, STUDIO)
    assert send is not None
    assert (send.data["unpaid"], send.data["paused"]) == (unpaid, paused)


@pytest.mark.parametrize(("kind", "about"), [("change-order", "CO-1"), ("milestone", "design")])
def test_a_nudge_about_a_change_order_names_its_price_and_date_anew(kind, about):
    change = ChangeOrder(
        number="CO-1", title="Sequins", items=(Item(text="Sequins", amount=Decimal("450.00")),), days=5, status="sent"
    )
    asked = request(moment("2026-01-12 10:00"), kind=kind, about=about)
    order = new_order(change_orders=(change,), requests=(asked,))
    data = {"asked": date(2026, 1, 12)}
    planned = Occurrence(FRIDAY, "nudge", order.ref, order.client.emails, asked.token, "key", "because", data)
    send = send_for(planned, order, RULES, STUDIO)
    assert send is not None
    told_of = {"amount": Decimal("450.00"), "total": Decimal("12450.00"), "delivery": date(2026, 3, 25)}
    assert send.data["change"] == (told_of if kind == "change-order" else None)
