"""How a mail's words are compared with the phrases of rules/machines.toml: plainly, and in time linear in the mail.

Both are folded: lower case, runs of white space as one blank, typographic quotes and dashes as plain ones. A phrase
stands at word boundaries (scripts without blanks have none). A `*` between words spans up to 60 characters, at an end
it lifts the boundary, so that endings may follow.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_GAP = 60
_FIRST_WITHOUT_BLANKS = "\u2e80"  # from here on: scripts that set no blanks between words
_PLAIN = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})


def fold(text: str) -> str:
    """`text` as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).lower().split())


def find_phrase(folded: str, phrases: tuple[str, ...]) -> str | None:
    """The first of `phrases` that occurs in the folded text, or None."""
    for phrase, piece in _first_pieces(phrases):
        if piece in folded and place_of(folded, phrase) is not None:
            return phrase
    return None


def begins_with(folded: str, phrases: tuple[str, ...]) -> str | None:
    """The first of `phrases` with which the folded text begins (one with `*` before it may stand anywhere), or None."""
    for phrase, piece in _first_pieces(phrases):
        if piece in folded and _begins(folded, phrase):
            return phrase
    return None


@lru_cache(maxsize=256)
def _first_pieces(phrases: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each phrase of a list and what must occur for it: of the hundreds that a mail is asked for, few get further."""
    return tuple((phrase, _pieces(phrase)[0][0]) for phrase in phrases)


def _begins(folded: str, phrase: str) -> bool:
    at = place_of(folded, phrase)
    return at is not None and (at[0] == 0 or phrase.startswith("*"))


def place_of(folded: str, phrase: str, start: int = 0) -> tuple[int, int] | None:
    """Where `phrase` first occurs from `start` on: begin and end, or None."""
    pieces, open_start, open_end = _pieces(phrase)
    at = folded.find(pieces[0], start)
    while at >= 0:
        end = _rest(folded, pieces, at + len(pieces[0]))
        if end is not None and (open_start or _boundary(folded, at)) and (open_end or _boundary(folded, end)):
            return at, end
        at = folded.find(pieces[0], at + 1)
    return None


def _rest(folded: str, pieces: tuple[str, ...], end: int) -> int | None:
    for piece in pieces[1:]:
        found = folded.find(piece, end, end + _GAP + len(piece))
        if found < 0:
            return None
        end = found + len(piece)
    return end


@lru_cache(maxsize=4096)
def _pieces(phrase: str) -> tuple[tuple[str, ...], bool, bool]:
    folded = fold(phrase)
    pieces = tuple(piece.strip() for piece in folded.split("*") if piece.strip())
    return pieces, folded.startswith("*"), folded.endswith("*")


def _boundary(text: str, at: int) -> bool:
    """Whether no word runs over the place `at`."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    return not (_joins(before) and _joins(after))


def _joins(char: str) -> bool:
    return char.isalnum() and char < _FIRST_WITHOUT_BLANKS
