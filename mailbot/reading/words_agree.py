"""Whether the text and the HTML of one mail say the same: programs wrap, link and decorate differently, people do not.

What one part says and the other nowhere holds is a contradiction. What one shows as typed and the other as quoted is
settled in favour of the one that has it marked as quoted.
"""

from __future__ import annotations

import re
from collections import Counter

_DECORATION = re.compile(
    r"<?(?:https?://|www\.|mailto:)[^\s<>]{1,2000}>?|<[^<>\s]{1,200}@[^<>\s]{1,200}>|\[(?:image|cid)[:_][^\[\]]{0,200}\]|_",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, without links, images and marks."""
    return _WORD.findall(_DECORATION.sub(" ", text).casefold())


def same(one: list[str], other: list[str]) -> bool:
    """The same words, or the same letters where words were broken differently."""
    return one == other or "".join(one) == "".join(other)


def beyond(words: list[str], known: list[str]) -> Counter[str]:
    """The words that are not, or not so often, among the known."""
    return Counter(words) - Counter(known)
