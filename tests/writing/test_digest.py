"""The digest of many orders with much to tell: it stays short enough for mail programs, and names what is left out."""

from __future__ import annotations

from datetime import date

import pytest

from mailbot.orders.model import Blocker, Held, Issue, Order
from mailbot.planning.digest import digest
from mailbot.planning.round_sends import digest_send
from mailbot.planning.rounds import Round
from mailbot.rules.templates import Templates
from mailbot.writing.render import StudioInfo, render
from tests.planning.world import RULES, STUDIO, invoice, moment, new_order, request
from tests.writing.reading_back import html_of

NOW = moment("2026-02-10 08:30")
LONG = "Silk & <lace> from Lyon, which somebody has written a lot about. " * 10
LIMIT = 60_000


def troubled(number: int) -> Order:
    """An order with as much to tell as there can be."""
    return new_order(
        ref=f"ORD-{2000 + number}", project=LONG, paused=LONG,
        invoices=[
            invoice("2026-02-02", status="sent", sent_on=date(2026, 1, 30)), invoice("2026-02-12", number="INV-10"),
        ],
        requests=(request(moment("2026-02-04 12:00")),),
        blockers=tuple(Blocker(number=n, text=LONG, since=date(2026, 2, 6)) for n in range(9)),
        issues=(Issue(number="ISS-1", title=LONG, raised_at=moment("2026-02-09 15:00")),),
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 60, 1000])
def test_however_much_there_is_to_tell_it_stays_short(count: int, templates: Templates) -> None:
    orders = [troubled(n) for n in range(min(count, 60))]
    orders += [new_order(ref=f"ORD-{2000 + n}") for n in range(60, count)]
    held = Held(
        id="H-1", order="ORD-2000", request=None, about=None, sender="ann@client.example", subject="", words="",
        guess="changes", because="", mail="m", message_id="i", at=NOW, am="sam@studio.example",
    )  # fmt: skip
    found = digest(orders, [held], RULES, NOW, STUDIO)
    send = digest_send(Round("digest", found.day, NOW), "sam@studio.example", found, lambda kind: "auto")
    studio = StudioInfo("Atelier Nord", "orders@studio.example", "America/New_York", "en_US")
    mail = render(send, studio=studio, templates=templates, now=NOW, order=None, message_id="x@studio.example")
    html = html_of(mail)
    assert len(html.encode()) < LIMIT
    for part in (mail.text, html):
        assert "ORD-2000" in part
        assert (f"{len(found.others)} more orders" in part.replace(",", "")) is (count > 1)
    assert max(map(len, mail.text.splitlines())) < 1200
