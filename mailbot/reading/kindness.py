"""Kind words beside a yes: praise of the work as it is, thanks, apologies, small talk. None of them takes the yes back.

Each function looks at the order of the classes in a clause; one word that could weigh against an approval ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mailbot.reading.asides import (
    COUNTS,
    GOOD,
    HARD,
    LIFE,
    PEOPLE,
    QUIET,
    WORK,
    Unit,
    classes,
    counted,
    names_the_work,
    one_of,
    unknown_words,
)

BEFORE_GOOD = classes("intens func det attr good praise comma mark love fair")
AFTER_GOOD = QUIET | GOOD | PEOPLE | LIFE
LONGEST_SUBJECT = 7
LONGEST_OBJECT = 8


def is_praise(units: Sequence[Unit]) -> bool:
    """`The copper lining is wonderful`, `looks gorgeous on her`, `what a beauty`: now, and compared with nothing."""
    if any((u.of(HARD) and not u.of({"link"})) or u.of({"relative", "notv", "aux"}) for u in units):
        return False
    if units[0].text == "what":
        return any(u.of(GOOD) for u in units) and unknown_words(units) <= 2
    at = next((i for i, u in enumerate(units[: LONGEST_SUBJECT + 1]) if u.of({"link"})), None)
    if at is None or not _thing(units[:at], bare=units[at].of({"be"})):
        return False
    rest = units[at + 1 :]
    first = next((i for i, u in enumerate(rest) if u.of(GOOD)), None)
    if first is None or not all(u.of(BEFORE_GOOD) for u in rest[:first]):
        return False
    tail = rest[first:]
    return all(u.of(AFTER_GOOD) or u.unknown for u in tail) and unknown_words(tail) <= 1 and not one_of(tail, WORK)


def _thing(units: Sequence[Unit], bare: bool) -> bool:
    """The subject of praise: a pronoun, a noun with its article, or nothing (before `looks`, not before `is`)."""
    if not units:
        return not bare
    while len(units) > 1 and units[0].of({"intens", "interj", "so"}) and not units[0].of({"det"}):
        units = units[1:]
    if units[0].of({"meansit"}):
        return True
    return units[0].of({"det", "poss", "all"}) and len(units) > 1 and unknown_words(units) <= 2


def is_fondness(units: Sequence[Unit]) -> bool:
    """`My late husband would have adored this tweed`: somebody loves the thing as it is."""
    at = next((i for i, u in enumerate(units) if u.of({"love", "fond"}) and i), None)
    if at is None or not one_of(units[:at], PEOPLE) or any(u.of({"relative", "notv", "aux"}) for u in units):
        return False
    if any(u.of(HARD) for u in units) or not all(u.of(PEOPLE | QUIET | {"state"}) or u.named for u in units[:at]):
        return False
    what = units[at + 1 :]
    while what and what[0].of({"intens"}) and not what[0].of({"det"}):
        what = what[1:]
    return 0 < len(what) <= LONGEST_OBJECT and unknown_words(what) <= 2 and _thing(what, bare=True)


def is_idiom(units: Sequence[Unit]) -> bool:
    """`That ticks every box`, `nothing ventured`: a saying, with a word or two around it."""
    sayings = frozenset({"idiom"})
    return one_of(units, sayings) and all(
        u.of(sayings | QUIET | GOOD | PEOPLE | WORK | {"meansit", "yes", "version"})
        and not (u.of((HARD - {"version"}) | {"relative"}) and not u.of(sayings))
        for u in units
    )


def is_exclamation(units: Sequence[Unit]) -> bool:
    """`Solid`, `absolutely gorgeous all round`: praise and nothing else."""
    noise = QUIET - {"aux", "notv", "when", "month", "weekday"}
    if units[0].of({"you"}):
        noise |= {"you", "human"}
    return one_of(units, GOOD | {"praise2"}) and all(
        u.of(GOOD | noise | {"praise2", "yes"}) and not u.of({"relative", "notv", "aux", "hard", "manner"})
        for u in units
    )


def is_highest_praise(units: Sequence[Unit]) -> bool:
    """`Couldn't have dreamt up anything nicer`, `can't stop staring at it`, `you've captured her perfectly`."""
    mild = HARD - {"compar", "hear", "imagined"}
    harm = any(u.of(mild) and not u.of({"nicest", "nostop", "wonderfully", "notv"}) for u in units)
    if harm or one_of(units, WORK) or unknown_words(units) > 2:
        return False
    never = any(u.text in ("could not", "can not") for u in units[:3]) and units[-1].of({"nicest"})
    endless = any(u.of({"nostop"}) and after.text.endswith("ing") for u, after in pairwise(units))
    yours = units[0].of({"you"}) and any(u.of({"wonderfully"}) for u in units[2:]) and not one_of(units, {"aux"})
    doing = len(units) > 2 and units[0].of({"you"}) and units[1].of({"be"}) and units[2].text.endswith("ing")
    return never or endless or yours or doing


def is_concession(units: Sequence[Unit]) -> bool:
    """`You were right about the lining`."""
    at = next((i for i, u in enumerate(units) if u.of({"concession"})), None)
    if at is None or at > LONGEST_SUBJECT or any(u.of({"notv", "aux", "relative"}) for u in units):
        return False
    return unknown_words(units) <= 1 and not any(u.of(HARD) and not u.of({"concession"}) for u in units)


def is_courtesy(units: Sequence[Unit]) -> bool:
    """`Sorry about the capitals`, `hope your hand is mending`: about our letters and ourselves, nothing of the work."""
    if units[0].text == "please" and len(units) > 1:
        units = units[1:]
    rest = units[1:]
    if not units[0].of({"polite", "thanks", "aside", "grumble", "bye"}) or any(
        u.of((HARD - {"compar"}) | WORK | {"aux", "notv"}) for u in rest
    ):
        return False
    return not one_of(rest, {"meansit"}) and unknown_words(rest) <= 2 and counted(rest)


def is_release(units: Sequence[Unit]) -> bool:
    """`No need to reply`, `you can stop chasing`: what the studio need not do for the client's sake."""
    if not units[0].of({"noneed"}):
        return False
    rest = [u for u in units[1:] if not u.of(QUIET | {"you", "me"})]
    return bool(rest) and rest[0].of({"bother"}) and not one_of(rest, WORK) and not one_of(rest[1:], HARD)


def is_device(units: Sequence[Unit]) -> bool:
    """`Sent from Yahoo Mail on my Galaxy`."""
    sent = units[0].text.split()[0] == "sent" and len(units) > 1 and len(units) <= LONGEST_OBJECT
    return sent and not any(u.of(HARD | {"meansit"}) and u.text not in ("mail", "phone") for u in units[1:])


def is_small_talk(units: Sequence[Unit]) -> bool:
    """`By the way, what was the name of that pub?`: asked, but neither of the work nor of its terms."""
    about_you = one_of(units, {"you"}) and one_of(units, {"forename"})
    if units[-1].text != "?" or names_the_work(units) or not (about_you or one_of(units, LIFE)):
        return False
    harm = any(u.of(HARD - {"question", "ask"}) or u.of(WORK | COUNTS | {"money"}) for u in units)
    return not harm and unknown_words(units) <= 2
