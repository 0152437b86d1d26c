"""The languages of a reader, from a locale."""

from __future__ import annotations


def languages_of(locale: str) -> tuple[str, ...]:
    """The names that words may stand under for a reader of `locale`, most special first: de-AT gives de_AT and de."""
    name = locale.replace("-", "_")
    return tuple(dict.fromkeys((name, name.partition("_")[0].lower())))
