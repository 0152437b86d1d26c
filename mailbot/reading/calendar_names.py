"""The names of months and weekdays in the languages that clients write, from CLDR (babel), as they are compared."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from mailbot.reading.wording import fold


@lru_cache(maxsize=8)
def names(languages: tuple[str, ...]) -> tuple[dict[str, int], dict[str, int]]:
    """Names of months (from 1) and of weekdays (Monday is 0) in all these languages, as they are compared."""
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for language in languages:
        locale = Locale.parse(language)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    _keep(months, name, number)
                if width == "wide":
                    for number, name in locale.days[context][width].items():
                        _keep(weekdays, name, number)
    return months, weekdays


def _keep(names: dict[str, int], name: str, number: int) -> None:
    key = fold(name).rstrip(".")
    if key and not key[0].isdigit() and (len(key) >= 3 or key[0] > "\u2e80"):
        names.setdefault(key, number)
