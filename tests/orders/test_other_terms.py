"""What an account manager wrote to the client: the same price and days as were asked, or others."""

from __future__ import annotations

import pytest

from mailbot.orders.other_terms import other_term
from tests.orders.world import RULES, do, order

ORDER = do(order(), "change order: Sequins\nSequins: 1450.00\ndays +5\nsend").order  # delivery moves to 2026-03-25
ASKED = ORDER.open_requests[0]


def term(text: str) -> str | None:
    return other_term(text, ASKED, ORDER, RULES.other_terms)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Have you had a look at CO-1?",
        "Sequins for $1,450.00, as you saw. [ORD-2041]",
        "1450 for the sequins, 13,450 in all",
        "1.450,00 as on the paper",
        "1 450 dollars",
        "Delivery is on 25 March 2026 then",
        "on March 25, 2026",
        "03/25/2026",
        "Delivery would be the 25th of March",
        "Hello Ann!\nMay I remind you of CO-1 and of INV-2?",
    ],
)
def test_what_was_asked_is_nothing_else(text: str) -> None:
    assert term(text) is None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("CO-1 for 1400, would that be better?", "1400"),
        ("CO-1 for 1 400", "1400"),
        ("for $1,450.50", "1,450.50"),
        ("we could keep it at 12,000 in all", "12,000"),  # what is so now is not what was asked
        ("Delivery would stay on 20 March", "20"),
        ("on 25 April", "April"),
        ("on 25th of may", "may"),
        ("not before April", "April"),
        ("It would be ready in May.", "May"),
        ("We deliver on Friday", "Friday"),
        ("delivery would be a week later", "week later"),
        ("it would be half of that", "half"),
        ("for two hundred", "hundred"),
        ("with 10% off", "10"),
    ],
)
def test_another_price_or_day_is_found(text: str, other: str) -> None:
    assert term(text) == other
