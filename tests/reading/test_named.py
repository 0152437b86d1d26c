"""What words name by themselves: one open thing or nothing."""

from __future__ import annotations

import pytest

from mailbot.reading.named import named
from tests.orders.world import do, order

ASKED = "ask design\nchange order: Sequins\nSequins: 450.00\nsend\nchange order: Gold\nGold: 250.00\nsend\nask fabric"
ORDER = do(order(), ASKED).order


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("CO-2 is approved.", "CO-2"),
        ("we take co 1", "CO-1"),
        ("The fabric approval is fine by me", "fabric"),
        ("CO-2 yes, CO-2 please", "CO-2"),
        ("Yes, please do.", None),
        ("CO-1 and CO-2 are approved", None),
        ("CO-2 is approved, and the design approval as well", None),
        ("CO-2 and CO-7 are approved", None),
        ("CO-3 is approved", None),
        ("CO-22 is approved, XCO-2 as well", None),
        ("", None),
    ],
)
def test_the_one_open_thing_that_is_named(words: str, about: str | None) -> None:
    found = named(words, ORDER)
    assert (found.about if found else None) == about
    assert found is None or (found.request is not None and found.request.about == about)


def test_an_invoice_is_named_without_a_question_of_ours() -> None:
    found = named("We dispute inv 1, the hem is wrong", ORDER)
    assert found is not None
    assert (found.about, found.name, found.context, found.request) == ("INV-1", "inv 1", "invoice_reminder", None)


def test_what_is_answered_is_not_named_any_more() -> None:
    closed = tuple(r.model_copy(update={"state": "answered"}) for r in ORDER.requests)
    assert named("CO-2 is approved.", ORDER.model_copy(update={"requests": closed})) is None
