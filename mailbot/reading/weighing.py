"""Whether what an aside says leaves an approval as it is: news of people's lives, praise of the work, or courtesy.

Three questions, each answered by the order of the classes in a clause. Anything that could weigh against an approval
ends the search: then nothing is said here, and the clause stays what its signals make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from itertools import pairwise

from mailbot.reading.asides import Unit, classes
from mailbot.rules.replies import Meaning

HARD = classes(
    """hard astray if except want compar hold decline hear hedge sarc complain auto terms bad neg no later question
    changev approve approvd appn go strongyes confirm please measure percent arrow version ref plus phone mail ask
    payv"""
)
WORK = classes("work objn subject stuff asis sameprice part")
LIFE = classes("life home food folk topic weather")
HUMAN = classes("human person forename title name")
PEOPLE = HUMAN | {"me", "you"}
HELPING = classes("be have do was")
VERBS = classes("act did love aux notv") | HELPING
EVIDENCE = LIFE | {"act", "did", "state", "away", "human", "person", "forename"}
QUIET = HELPING | classes(
    """func timey intens interj greet thanks bye comma mark dots and so but of det poss weekday month time nth isodate
    ps attr loud when grumble aside aux notv link polite our joint fair"""
)
COUNTS = frozenset({"number", "qty"})
WHEN = frozenset({"timey", "weekday", "month", "time"})
GOOD = frozenset({"good", "praise"})
BEFORE_GOOD = classes("intens func det attr good praise comma mark love fair")
AFTER_GOOD = QUIET | GOOD | PEOPLE | LIFE
MOST_UNKNOWN = 3
LONGEST_SUBJECT = 7
LONGEST_OBJECT = 8


def harmless(units: Sequence[Unit], continued: bool) -> Meaning | None:
    """`praise`, `courtesy` or `news` when the clause is one of these; None when that cannot be told.

    `continued`: the clause before was about somebody's life, so that this one may go on about the same person.
    """
    units = _bare(units)
    if not units:
        return None
    found = next((name for name, holds in KINDS if holds(units)), None)
    return found or ("news" if is_news(_without_offer(units), continued) else None)


def _bare(units: Sequence[Unit]) -> Sequence[Unit]:
    """Without the marks and interjections around it."""
    noise = frozenset({"comma", "mark", "dots", "interj", "loud", "and", "so", "but", "ps"})
    start, end = 0, len(units)
    while start < end and units[start].of(noise):
        start += 1
    while end > start and units[end - 1].of(noise):
        end -= 1
    return units[start:end]


def is_praise(units: Sequence[Unit]) -> bool:
    """`The copper lining is wonderful`, `looks gorgeous on her`, `what a beauty`: now, and compared with nothing."""
    if any((u.of(HARD) and not u.of({"link"})) or u.of({"relative", "notv", "aux"}) for u in units):
        return False
    if units[0].text == "what":
        return any(u.of(GOOD) for u in units) and _unknown(units) <= 2
    at = next((i for i, u in enumerate(units[: LONGEST_SUBJECT + 1]) if u.of({"link"})), None)
    if at is None or not _thing(units[:at], bare=units[at].of({"be"})):
        return False
    rest = units[at + 1 :]
    first = next((i for i, u in enumerate(rest) if u.of(GOOD)), None)
    if first is None or not all(u.of(BEFORE_GOOD) for u in rest[:first]):
        return False
    tail = rest[first:]
    return all(u.of(AFTER_GOOD) or u.unknown for u in tail) and _unknown(tail) <= 1 and not _of(tail, WORK)


def _thing(units: Sequence[Unit], bare: bool) -> bool:
    """The subject of praise: a pronoun, a noun with its article, or nothing (before `looks`, not before `is`)."""
    if not units:
        return not bare
    while len(units) > 1 and units[0].of({"intens", "interj", "so"}) and not units[0].of({"det"}):
        units = units[1:]
    if units[0].of({"meansit"}):
        return True
    return units[0].of({"det", "poss", "all"}) and len(units) > 1 and _unknown(units) <= 2


def is_fondness(units: Sequence[Unit]) -> bool:
    """`My late husband would have adored this tweed`: somebody loves the thing as it is."""
    at = next((i for i, u in enumerate(units) if u.of({"love", "fond"}) and i), None)
    if at is None or not _of(units[:at], PEOPLE) or any(u.of({"relative", "notv", "aux"}) for u in units):
        return False
    if any(u.of(HARD) for u in units) or not all(u.of(PEOPLE | QUIET | {"state"}) or u.named for u in units[:at]):
        return False
    what = units[at + 1 :]
    while what and what[0].of({"intens"}) and not what[0].of({"det"}):
        what = what[1:]
    return 0 < len(what) <= LONGEST_OBJECT and _unknown(what) <= 2 and _thing(what, bare=True)


def is_idiom(units: Sequence[Unit]) -> bool:
    """`That ticks every box`, `nothing ventured`: a saying, with a word or two around it."""
    sayings = frozenset({"idiom"})
    return _of(units, sayings) and all(
        u.of(sayings | QUIET | GOOD | PEOPLE | {"meansit", "sameprice"})
        and not (u.of(HARD | {"relative"}) and not u.of(sayings))
        for u in units
    )


def is_exclamation(units: Sequence[Unit]) -> bool:
    """`Solid`, `absolutely gorgeous all round`: praise and nothing else."""
    noise = QUIET - {"aux", "notv", "when", "month", "weekday"}
    return _of(units, GOOD | {"praise2"}) and all(
        u.of(GOOD | noise | {"praise2"}) and not u.of({"relative", "notv", "aux", "hard", "manner"}) for u in units
    )


def is_highest_praise(units: Sequence[Unit]) -> bool:
    """`Couldn't have dreamt up anything nicer`, `can't stop staring at it`, `you've captured her perfectly`."""
    mild = HARD - {"compar", "hear", "imagined"}
    harm = any(u.of(mild) and not u.of({"nicest", "nostop", "wonderfully", "notv"}) for u in units)
    if harm or _of(units, WORK) or _unknown(units) > 2:
        return False
    never = any(u.text in ("could not", "can not") for u in units[:3]) and units[-1].of({"nicest"})
    endless = any(u.of({"nostop"}) and after.text.endswith("ing") for u, after in pairwise(units))
    yours = units[0].of({"you"}) and any(u.of({"wonderfully"}) for u in units[2:]) and not _of(units, {"aux"})
    return never or endless or yours


def is_tally(units: Sequence[Unit]) -> bool:
    """`The figures add up`, `all the measurements agree with ours`."""
    at = next((i for i, u in enumerate(units) if u.of({"tallies"})), None)
    if not at or any(u.of({"notv", "aux", "neg", "relative"}) for u in units):
        return False
    return all(u.of(QUIET | WORK | {"all", "meansit"}) for u in units[:at]) and all(
        u.of(QUIET | {"tallies", "good"} | PEOPLE) for u in units[at + 1 :]
    )


def is_concession(units: Sequence[Unit]) -> bool:
    """`You were right about the lining`."""
    at = next((i for i, u in enumerate(units) if u.of({"concession"})), None)
    if at is None or at > LONGEST_SUBJECT or any(u.of({"notv", "aux", "relative"}) for u in units):
        return False
    return _unknown(units) <= 1 and not any(u.of(HARD) and not u.of({"concession"}) for u in units)


def is_device(units: Sequence[Unit]) -> bool:
    """`Sent from Yahoo Mail on my Galaxy`."""
    sent = units[0].text.split()[0] == "sent" and len(units) > 1 and len(units) <= LONGEST_OBJECT
    return sent and not any(u.of(HARD | {"meansit"}) and u.text not in ("mail", "phone") for u in units[1:])


def is_counterfactual(units: Sequence[Unit]) -> bool:
    """`We'd have asked for it ourselves if we had thought of it`: what might have been is no condition."""
    texts = " ".join(u.text for u in units)
    hard = [u for u in units if u.of(HARD) and u.text not in ("would", "if", "asked", "thought", "would have")]
    return "would have" in texts and " if " in texts and not hard and not _of(units, WORK | {"relative", "notv"})


def is_small_talk(units: Sequence[Unit]) -> bool:
    """`By the way, what was the name of that pub?`: asked, but neither of the work nor of its terms."""
    if units[-1].text != "?" or not _of(units, LIFE) or _names_the_work(units):
        return False
    harm = any(u.of(HARD - {"question", "ask"}) or u.of(WORK | COUNTS | {"money"}) for u in units)
    return not harm and _unknown(units) <= 2


def is_release(units: Sequence[Unit]) -> bool:
    """`No need to reply`, `you can stop chasing`: what the studio need not do for the client's sake."""
    if not units[0].of({"noneed"}):
        return False
    rest = [u for u in units[1:] if not u.of(QUIET | {"you", "me"})]
    return bool(rest) and rest[0].of({"bother"}) and not _of(rest, WORK) and not _of(rest[1:], HARD)


def is_checking(units: Sequence[Unit]) -> bool:
    """`I've checked every date and every name`: done, by the writer, and nothing found."""
    at = next((i for i, u in enumerate(units) if u.of({"checked"})), None)
    if at is None or not all(u.of({"me", "have", "intens", "func", "all", "human", "person"}) for u in units[:at]):
        return False
    rest = units[at + 1 :]
    return _unknown(rest) <= 1 and not any(u.of(HARD - {"changev", "version"}) or u.of({"notv", "link"}) for u in rest)


def is_doubt_of_the_past(units: Sequence[Unit]) -> bool:
    """`First I hated the green`: said to be over."""
    past = any(u.of({"doubted"}) for u in units) and any(u.of({"once"}) for u in units)
    return past and not any(u.of(HARD) and not u.of({"doubted", "once", "bad", "compar"}) for u in units)


def is_trouble(units: Sequence[Unit]) -> bool:
    """`The link did not work`: with the way of answering, not with the work."""
    way = frozenset({"tech", "trouble"})
    if not _of(units, {"tech"}) or not _of(units, {"trouble", "notv"}):
        return False
    return _unknown(units) <= 1 and all(u.of(way) or not u.of(HARD | WORK | {"link"}) for u in units)


def is_report_of_yes(units: Sequence[Unit]) -> bool:
    """`Director and producer both signed`, `dad says yes too`: somebody else says yes as well."""
    at = next((i for i, u in enumerate(units) if u.of({"saidyes"})), None)
    if not at or not _of(units[:at], PEOPLE) or not all(u.of(PEOPLE | LIFE | QUIET) or u.named for u in units[:at]):
        return False
    held = frozenset({"relative", "notv", "aux"})
    return all(u.of({"tailyes", "saidyes"} | WHEN | {"comma", "mark", "and"}) for u in units[at + 1 :]) and not _of(
        units, held
    )


def is_courtesy(units: Sequence[Unit]) -> bool:
    """`Sorry about the capitals`, `hope your hand is mending`: about our letters and ourselves, nothing of the work."""
    if units[0].text == "please" and len(units) > 1:
        units = units[1:]
    rest = units[1:]
    if not units[0].of({"polite", "thanks", "aside", "grumble", "bye"}) or any(
        u.of((HARD - {"compar"}) | WORK | {"aux", "notv"}) for u in rest
    ):
        return False
    return not _of(rest, {"meansit"}) and _unknown(rest) <= 2 and _counted(rest)


def is_news(units: Sequence[Unit], continued: bool) -> bool:
    """Somebody does or is something, and neither the work nor the decision is named."""
    if not units or any(u.of(HARD | WORK) for u in units) or _names_the_work(units):
        return False
    if not _counted(units) or (_of(units, {"money"}) and not _of(units, EVIDENCE)):
        return False
    if _weather(units):
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


def _names_the_work(units: Sequence[Unit]) -> bool:
    """`it`, `that`, `them`: not where it only points at a time or a person ("this week", "that dog")."""
    for at, unit in enumerate(units):
        if unit.of({"meansit"}):
            after = units[at + 1 : at + 3]
            if unit.text == "it" and at == 0 and _weather(units):
                continue
            if unit.text not in ("this", "that", "these", "those") or not _of(after, LIFE | HUMAN | WHEN):
                return True
    return False


def _weather(units: Sequence[Unit]) -> bool:
    """`it is raining`, `it has been a mad week`."""
    if units[0].text != "it" or len(units) < 3 or not units[1].of(HELPING | {"notv"}) or _unknown(units):
        return False
    rest = units[2:]
    return _of(rest, LIFE | WHEN) and all(u.of(QUIET | LIFE | {"act"}) for u in rest if not u.of({"state"}))


def _counted(units: Sequence[Unit]) -> bool:
    """Numbers count people, things of life or time: "64 people", "two dogs", never "14" alone."""
    for at, unit in enumerate(units):
        if unit.of(COUNTS) and not unit.of({"timey"}):
            after = next((u for u in units[at + 1 :] if not u.of({"intens", "attr", "and"})), None)
            hour = after is None and at > 0 and units[at - 1].of({"conn"})
            if not hour and (after is None or not after.of(EVIDENCE | WHEN)):
                return False
    return True


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
    unknown = _unknown(units)
    return known > 0 and unknown <= min(known, MOST_UNKNOWN)


def _fragment(units: Sequence[Unit]) -> bool:
    """`On a beach in Crete with terrible wifi`, `toddler up at 4.50 again`: no verb, and nothing unknown."""
    if _unknown(units) or units[0].text in ("for", "with", "to", "by") or units[0].of({"relative", "notv"}):
        return False
    if any(u.of({"notv", "aux", "relative"}) for u in units) or not all(
        u.of(QUIET | EVIDENCE | GOOD | COUNTS) or u.capital or u.of(PEOPLE | {"money"}) for u in units
    ):
        return False
    known = sum(u.of(EVIDENCE) and not u.of({"func"}) for u in units)
    placed = units[0].text in ("on", "in", "at", "from", "after")
    return known >= 2 or (known == 1 and (placed or _of(units, WHEN)))


def _without_offer(units: Sequence[Unit]) -> Sequence[Unit]:
    """`I'm on site Thursday if your lads want a brew`: what is offered to the studio is no condition."""
    at = next((i for i, u in enumerate(units) if u.text == "if"), None)
    if not at or at + 2 >= len(units):
        return units
    head, tail = units[:at], units[at + 1 :]
    offered = tail[0].of({"you"}) or tail[0].text in ("your", "any", "anyone")
    harm = any((u.of(HARD) and not u.of({"offer"})) or u.of(WORK | {"meansit", "notv"}) for u in tail)
    wanted = any(u.of({"offer"}) for u in tail) and _of(tail, LIFE)
    return head if offered and wanted and not harm and _unknown(tail) <= 1 else units


def _of(units: Sequence[Unit], names: Set[str]) -> bool:
    return any(unit.of(names) for unit in units)


def _unknown(units: Sequence[Unit]) -> int:
    """How many words are unknown; a name in the middle of a sentence is none."""
    return sum(unit.unknown and not (unit.capital and at) for at, unit in enumerate(units))


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
