"""Finding our own words in what came back."""

from __future__ import annotations

import pytest

from mailbot.reading.words_ours import Ours

TWICE = Ours(["alpha beta gamma alpha beta delta", "alpha beta end"])


@pytest.mark.parametrize(
    ("words", "after", "found"),
    [
        (["alpha", "beta"], 0, (0, 11)),
        (["alpha", "beta"], 3, (34, 45)),  # the one in the middle of a line is passed over, not found for ever
        (["delta"], 30, None),
        (["gamma"], 11, (11, 17)),
    ],
)
def test_words_go_on_right_there_or_at_the_start_of_a_line(words, after, found):
    assert TWICE.continues(words, after) == found
