"""Which option did the client choose? By number, letter, ordinal, wording or description."""
from __future__ import annotations

from mailbot.reading.asked import Heard, Reading


def judge_options(heard: Heard) -> Reading:
    return Reading("question", None, False, "not-understood", None, heard.language, False)
