"""What somebody wrote to a client beside mailbot: whether it names a price or a day that mailbot did not show.

"CO-2 is approved", in answer to an account manager's own mail, means what that mail says. Where it names any figure,
any day or any word of rules/process.toml, [other_terms], that was not part of the question, a person reads the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.dates import get_day_names, get_month_names

from mailbot.orders.intake import Intake
from mailbot.orders.model import Order, Request
from mailbot.rules.issues import OtherTermsRules

_LONGEST = 20_000  # characters of a mail that are looked through
_FIGURE = re.compile(r"\d+(?:[.,'’]\d+)*")
_SHORT = 3  # letters: May, Mar
_WINDOW = 20  # characters before a word in which a sentence may end
_GROUPED = re.compile(r"(?<=\d)[  \u00a0\u202f](?=\d{3}(?!\d))")
_WORD = re.compile(r"[^\W\d_]+")
_BEFORE = re.compile(r"\S+ -> ")  # in what was shown: what is so now, before what is asked for
_NUMBERED = re.compile(r"\b(?:CO|ISS|INV)-?\d{1,4}\b", re.IGNORECASE)
_NEAR = re.compile(r"(?<=\d)(?:st|nd|rd|th|\.)?(?: of| de)? ?([^\W\d_]{1,20})|\b([^\W\d_]{1,20})\.? (?=\d)")


def named_otherwise(mail: Intake, rules: OtherTermsRules) -> str | None:
    """Why what the words name is not decided by them: the mail that they answer says something else; None if not."""
    request, order = mail.request, mail.order
    if not mail.named or request is None or order is None:
        return None
    if mail.answered is None:
        return f"{mail.named} is named in answer to a mail that is not on record"
    for text in mail.answered:
        if other := other_term(text, request, order, rules):
            return f"{mail.named} is named, and the mail that this answers names {other!r}, which was not asked"
    return None


def other_term(text: str, request: Request, order: Order, rules: OtherTermsRules) -> str | None:
    """The first figure, day or telling word in `text` that does not stand in what `request` asked; None without one."""
    plain = _GROUPED.sub("", _NUMBERED.sub(" ", text[:_LONGEST].replace(order.ref, " ")))
    asked = _BEFORE.sub("", request.shown)
    known = {value for figure in _FIGURE.findall(asked) for value in _values(figure)}
    figures = (hit for hit in _FIGURE.findall(plain) if not known.intersection(_values(hit)))
    days = (word for word in _days_in(plain, order.client.locale) if word.casefold() not in asked.casefold())
    months = (word for word, month in _months_in(plain, order.client.locale) if month not in known)
    return next(figures, None) or next(days, None) or next(months, None) or rules.named(plain)


def _values(figure: str) -> Iterator[Decimal]:
    """What a figure can mean: 1.250 is more than a thousand to some and little to others."""
    bare = re.sub(r"['’]", "", figure)
    for group, point in ((",", "."), (".", ",")):
        try:
            yield Decimal(bare.replace(group, "").replace(point, "."))
        except InvalidOperation:
            continue


def _days_in(text: str, locale: str) -> Iterator[str]:
    return (word for word in _WORD.findall(text) if word.casefold() in _weekdays(locale))


def _months_in(text: str, locale: str) -> Iterator[tuple[str, int]]:
    """Months beside a figure, and those that are written as names are: "in May" is one, "may" and "May I" are none."""
    names = _months(locale)
    near = (hit[1] or hit[2] for hit in _NEAR.finditer(text))
    yield from ((word, names[word.casefold()][1]) for word in near if word.casefold() in names)
    for hit in _WORD.finditer(text):
        name, number = names.get(hit[0].casefold(), ("", 0))
        if hit[0] == name and not (len(name) <= _SHORT and _opens(text[max(0, hit.start() - _WINDOW) : hit.start()])):
            yield name, number


def _opens(before: str) -> bool:
    """Whether a sentence begins after `before`: there every word is written like a name."""
    return not before.strip() or before.endswith("\n") or before.rstrip()[-1] in ".!?:"


@lru_cache(maxsize=32)
def _weekdays(locale: str) -> frozenset[str]:
    return frozenset(name.casefold() for tongue in ("en", locale) for name in get_day_names(locale=tongue).values())


@lru_cache(maxsize=32)
def _months(locale: str) -> dict[str, tuple[str, int]]:
    """The names of months, without regard to case, as they are written and with their number."""
    names = {}
    for tongue in ("en", locale):
        for width in ("abbreviated", "wide"):
            for number, name in get_month_names(width, locale=tongue).items():
                names[str(name).rstrip(".").casefold()] = str(name).rstrip("."), number
    return names
