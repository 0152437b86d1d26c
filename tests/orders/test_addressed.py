"""Which order each line of a mail of staff is for."""

from __future__ import annotations

import pytest

from mailbot.orders.addressed import by_order, first_words
from tests.planning.world import new_order

ORDERS = {ref: new_order(ref=ref.upper()) for ref in ("ORD-1", "ORD-2", "ord-2")}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("hold weekly", {"": "hold weekly"}),
        ("ORD-1 hold weekly", {"ORD-1": "hold weekly"}),
        (
            "ORD-1: hold weekly\norder ORD-2\n\npercent 40\nphase Final",
            {"ORD-1": "hold weekly", "ORD-2": "percent 40\nphase Final"},
        ),
        (
            "ORD-1 percent 1\nord-2 percent 2\nORD-1 phase Final",
            {"ORD-1": "percent 1\nphase Final", "ORD-2": "percent 2"},
        ),
        ("percent 40\nORD-1 hold weekly", {"": "percent 40", "ORD-1": "hold weekly"}),
        ("ORD-1 percent 40\n-- \nORD-2 percent 7", {"ORD-1": "percent 40"}),
        ("ORD-1, Cinderella\n- ORD-2 hold weekly", {"": "ORD-1, Cinderella\n- ORD-2 hold weekly"}),  # as it is quoted
        ("ORD-9 hold weekly", {"": "ORD-9 hold weekly"}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_reference_counts_for_its_line_and_those_below(text: str, parts: dict[str, str]) -> None:
    assert {order.ref if order else "": words for order, words in by_order(text, ORDERS, None)} == parts


def test_what_stands_before_the_first_is_about_the_order_of_the_mail() -> None:
    own = ORDERS["ORD-1"]
    found = by_order("percent 40\nORD-2 percent 7", ORDERS, own)
    assert [(order and order.ref, words) for order, words in found] == [("ORD-1", "percent 40"), ("ORD-2", "percent 7")]


def test_only_words_that_can_be_references_are_looked_up() -> None:
    assert first_words("ORD-1 hold weekly\nhold weekly\nORD-1\n  order ORD-2: x\nphase 2\n--\nORD-3") == (
        "ORD-1",
        "ORD-2",
    )
    assert len(first_words("\n".join(f"R{n} x" for n in range(5000)))) <= 200
