"""Whether what an aside says leaves an approval as it is: news of people's lives, praise of the work, or courtesy.

Each question is answered by the order of the classes in a clause. Anything that could weigh against an approval ends
the search: then nothing is said here, and the clause stays what its signals make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mailbot.reading.asides import (
    COUNTS,
    EVIDENCE,
    GOOD,
    HARD,
    HELPING,
    LIFE,
    PEOPLE,
    QUIET,
    WHEN,
    WORK,
    Unit,
    classes,
    counted,
    is_weather,
    names_the_work,
    one_of,
    unknown_words,
)
from mailbot.reading.kindness import (
    is_concession,
    is_courtesy,
    is_device,
    is_exclamation,
    is_fondness,
    is_highest_praise,
    is_idiom,
    is_praise,
    is_release,
    is_small_talk,
)
from mailbot.rules.replies import Meaning

VERBS = classes("act did love aux notv") | HELPING
MOST_UNKNOWN = 3
NO_REASON = classes(
    """hard if except want changev later bad no terms hold decline hear sarc complain auto approve approvd appn go
    strongyes please ask question arrow hedge confirm astray"""
)
MUST = frozenset({"has to", "have to", "had to"})
NOBODY = classes("nobody nothing none there")
MIN_REASON = 3
LONGEST_SUBJECT = 7


def harmless(units: Sequence[Unit], continued: bool) -> Meaning | None:
    """`praise`, `courtesy` or `news` when the clause is one of these; None when that cannot be told.

    `continued`: the clause before was about somebody's life, so that this one may go on about the same person.
    """
    units = _bare(units)
    if not units:
        return None
    found = next((name for name, holds in KINDS if holds(units)), None)
    return found or ("news" if is_news(_without_offer(units), continued) else None)


def is_reason(units: Sequence[Unit]) -> bool:
    """`She has to dance in it`, `it saves me two trips`: why an option was chosen, told of oneself or of the thing."""
    units = _bare(units)
    if one_of(units, {"notv"}) and one_of(units, {"meansit", "receipt"}):
        return False
    if (
        len(units) < MIN_REASON
        or unknown_words(units) > 2
        or units[0].of({"conn"})
        or any(u.of(NO_REASON) and not u.of({"act"}) and u.text not in MUST for u in units)
    ):
        return False
    at = next((i for i, u in enumerate(units[:3]) if u.of(PEOPLE | LIFE | {"meansit"}) or u.text in NOBODY), None)
    verb = _verb(units, at) if at is not None else None
    if verb is None or one_of(units, {"stuff", "work", "part", "measure", "percent", "version"}):
        return False
    must = next((i for i, u in enumerate(units) if u.text in MUST), None)
    return must is None or (must + 1 < len(units) and units[must + 1].of({"act"}))


def _bare(units: Sequence[Unit]) -> Sequence[Unit]:
    """Without the marks and interjections around it."""
    noise = frozenset({"comma", "mark", "dots", "interj", "loud", "and", "so", "but", "ps", "yes"})
    start, end = 0, len(units)
    while start < end and units[start].of(noise):
        start += 1
    while end > start and units[end - 1].of(noise):
        end -= 1
    return units[start:end]


def is_tally(units: Sequence[Unit]) -> bool:
    """`The figures add up`, `all the measurements agree with ours`."""
    at = next((i for i, u in enumerate(units) if u.of({"tallies"})), None)
    if not at or any(u.of({"notv", "aux", "neg", "relative"}) for u in units):
        return False
    return all(u.of(QUIET | WORK | {"all", "meansit"}) for u in units[:at]) and all(
        u.of(QUIET | {"tallies", "good"} | PEOPLE) for u in units[at + 1 :]
    )


def is_counterfactual(units: Sequence[Unit]) -> bool:
    """`We'd have asked for it ourselves if we had thought of it`: what might have been is no condition."""
    texts = " ".join(u.text for u in units)
    hard = [u for u in units if u.of(HARD) and u.text not in ("would", "if", "asked", "thought", "would have")]
    return "would have" in texts and " if " in texts and not hard and not one_of(units, WORK | {"relative", "notv"})


def is_checking(units: Sequence[Unit]) -> bool:
    """`I've checked every date and every name`: done, by the writer, and nothing found."""
    at = next((i for i, u in enumerate(units) if u.of({"checked"})), None)
    if at is None or not all(u.of({"me", "have", "intens", "func", "all", "human", "person"}) for u in units[:at]):
        return False
    rest = units[at + 1 :]
    return unknown_words(rest) <= 1 and not any(
        u.of(HARD - {"changev", "version"}) or u.of({"notv", "link"}) for u in rest
    )


def is_doubt_of_the_past(units: Sequence[Unit]) -> bool:
    """`First I hated the green`: said to be over."""
    past = any(u.of({"doubted"}) for u in units) and any(u.of({"once"}) for u in units)
    return past and not any(u.of(HARD) and not u.of({"doubted", "once", "bad", "compar"}) for u in units)


def is_trouble(units: Sequence[Unit]) -> bool:
    """`The link did not work`: with the way of answering, not with the work."""
    way = frozenset({"tech", "trouble"})
    if not one_of(units, {"tech"}) or not one_of(units, {"trouble", "notv"}):
        return False
    return unknown_words(units) <= 1 and all(u.of(way) or not u.of(HARD | WORK | {"link"}) for u in units)


def is_report_of_yes(units: Sequence[Unit]) -> bool:
    """`Director and producer both signed`, `dad says yes too`: somebody else says yes as well."""
    at = next((i for i, u in enumerate(units) if u.of({"saidyes"})), None)
    if not at or not one_of(units[:at], PEOPLE) or not all(u.of(PEOPLE | LIFE | QUIET) or u.named for u in units[:at]):
        return False
    held = frozenset({"relative", "notv", "aux"})
    return all(u.of({"tailyes", "saidyes"} | WHEN | {"comma", "mark", "and"}) for u in units[at + 1 :]) and not one_of(
        units, held
    )


def is_news(units: Sequence[Unit], continued: bool) -> bool:
    """Somebody does or is something, and neither the work nor the decision is named."""
    if not units or any(u.of(HARD | WORK) for u in units) or names_the_work(units):
        return False
    if not counted(units) or (one_of(units, {"money"}) and not one_of(units, EVIDENCE)):
        return False
    if is_weather(units):
        return True
    if any(u.of({"conn"}) for u in units[: 1 if continued else 2]):
        return False
    at = _subject(units)
    if at is None:
        going_on = (continued and units[0].of({"act", "did"})) or units[0].text.split()[0].endswith(("ing", "ed"))
        return going_on and _enough(units) if units[0].of({"act", "did"}) else _fragment(units)
    verb = _verb(units, at)
    if units[at].of({"happening"}) and any(u.of({"act", "did"}) for u in units):
        return False
    if verb is None:
        return _fragment(units)
    return _says_something(units, at, verb) and _enough(units)


def _subject(units: Sequence[Unit]) -> int | None:
    """The place of whoever or whatever the clause is about; None when a verb or something unknown comes first."""
    for at, unit in enumerate(units):
        if unit.of(PEOPLE | LIFE) or unit.named:
            return at
        if not unit.of(QUIET | {"state", "good"}) or unit.of({"act"}):
            return None
    return None


def _verb(units: Sequence[Unit], subject: int) -> int | None:
    for at in range(subject + 1, min(len(units), subject + LONGEST_SUBJECT)):
        if units[at].of(VERBS) or _looks_like_a_verb(units[at]):
            return at
    return None


def _looks_like_a_verb(unit: Unit) -> bool:
    return unit.unknown and not unit.capital and unit.text.endswith(("ed", "ing"))


def _says_something(units: Sequence[Unit], subject: int, verb: int) -> bool:
    """The verb is one of life; what is unknown may only be done by somebody else than the writer."""
    who, rest = units[subject], [u for u in units[verb:] if not u.of({"intens"})]
    if units[verb].unknown and (who.of({"me", "you"}) or (who.unknown and not who.capital)):
        return False
    if who.named and subject == 0 and not any(u.of({"act", "did", "away"}) for u in units[verb:]):
        return False
    for at, unit in enumerate(rest):
        after = rest[at + 1 :]
        content = next((u for u in after if not u.of(QUIET) or u.of(EVIDENCE)), None)
        if unit.of({"notv", "aux"}) and not (content and content.of({"act", "did", "state"})):
            return False
        if unit.of(HELPING) and content is not None and content.unknown and not _said_of_people(content):
            return False
        if unit.of({"be", "was"}) and _is_somebody(after):
            return False
    return True


def _said_of_people(unit: Unit) -> bool:
    return unit.capital or unit.text.endswith("ing")


def _is_somebody(after: Sequence[Unit]) -> bool:
    """`I am only the assistant`, `she is the client`: who decides is no news."""
    rest = [u for u in after if not u.of({"intens", "attr"}) or u.of({"det"})]
    return len(rest) > 1 and rest[0].of({"det", "poss"}) and rest[1].of({"human", "person", "title"})


def _enough(units: Sequence[Unit]) -> bool:
    """More is known than unknown."""
    known = sum(u.of(EVIDENCE) and not u.of({"func"}) for u in units)
    unknown = unknown_words(units)
    return known > 0 and unknown <= min(known, MOST_UNKNOWN)


def _fragment(units: Sequence[Unit]) -> bool:
    """`On a beach in Crete with terrible wifi`, `toddler up at 4.50 again`: no verb, and nothing unknown."""
    if unknown_words(units) or units[0].text in ("for", "with", "to", "by") or units[0].of({"relative", "notv"}):
        return False
    if any(u.of({"notv", "aux", "relative"}) for u in units) or not all(
        u.of(QUIET | EVIDENCE | GOOD | COUNTS) or u.capital or u.of(PEOPLE | {"money"}) for u in units
    ):
        return False
    known = sum(u.of(EVIDENCE) and not u.of({"func"}) for u in units)
    placed = units[0].text in ("on", "in", "at", "from", "after")
    return known >= 2 or (known == 1 and (placed or one_of(units, WHEN)))


def _without_offer(units: Sequence[Unit]) -> Sequence[Unit]:
    """`I'm on site Thursday if your lads want a brew`: what is offered to the studio is no condition."""
    at = next((i for i, u in enumerate(units) if u.text == "if"), None)
    if not at or at + 2 >= len(units):
        return units
    head, tail = units[:at], units[at + 1 :]
    offered = tail[0].of({"you"}) or tail[0].text in ("your", "any", "anyone")
    harm = any((u.of(HARD) and not u.of({"offer"})) or u.of(WORK | {"meansit", "notv"}) for u in tail)
    wanted = any(u.of({"offer"}) for u in tail) and one_of(tail, LIFE | {"me"})
    return head if offered and wanted and not harm and unknown_words(tail) <= 1 else units


KINDS: tuple[tuple[Meaning, Callable[[Sequence[Unit]], bool]], ...] = (
    ("praise", is_praise),
    ("praise", is_fondness),
    ("praise", is_idiom),
    ("praise", is_exclamation),
    ("praise", is_highest_praise),
    ("praise", is_concession),
    ("courtesy", is_courtesy),
    ("courtesy", is_release),
    ("courtesy", is_device),
    ("news", is_checking),
    ("news", is_doubt_of_the_past),
    ("news", is_trouble),
    ("news", is_report_of_yes),
    ("news", is_tally),
    ("news", is_counterfactual),
    ("unrelated", is_small_talk),
)
