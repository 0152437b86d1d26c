"""The shipped rules of replies, one and the same for all tests in a process: each language of them is compiled once."""

from __future__ import annotations

from functools import cache

from mailbot.rules.replies import ReplyRules, load_replies


@cache
def shipped_replies() -> ReplyRules:
    """They are frozen; what is compiled from them belongs to this very object."""
    return load_replies()
