"""The language of the account manager: lines of text in, commands with typed arguments out.

The wordings are rules/commands.toml; here they become patterns, and slots become values. A line that fits nothing is a
`Misfit` with the nearest thing that would have worked: it stops no other line. What commands do is in `carry_out`.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from mailbot.addresses import checked
from mailbot.orders.written import parse_date, parse_money
from mailbot.rules.commands import AnswerRule, CommandRule, CommandRules

_LINES = 200  # a longer mail is no list of commands
_LENGTH = 1000
_DAYS = (date(2000, 1, 1), date(2199, 12, 31))  # as in an order file: days are reckoned from it, on either side
_MOST = Decimal(10) ** 12  # as in an order file: sums of more would be rounded
_PUNCTUATION = str.maketrans(dict.fromkeys(".,!¡;:'’‘\"“”„«»()-–—", " "))


@dataclass(frozen=True, slots=True)
class Command:
    """One understood line: what it means, its arguments by slot, and the line itself."""

    id: str
    line: str
    args: dict[str, Any]
    who: tuple[str, ...] = ("staff",)
    block: tuple[Command | Misfit, ...] = ()
    also: str = ""  # of an answer to a held reply: what becomes of its sender as well


@dataclass(frozen=True, slots=True)
class Misfit:
    """A line that is no command; `why` says what would work."""

    line: str
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """In whose terms dates and amounts are written: locale and currency of the order, and the day in the studio.

    `invoice` is the one that the mail answered is about.
    """

    locale: str
    today: date
    phases: tuple[str, ...] = field(default=())
    currency: str = ""  # any
    invoice: str = ""


def parse(text: str, rules: CommandRules, place: Place) -> tuple[Command | Misfit, ...]:
    """The commands of `text`, one a line, in order; blank lines and what follows a line `--` are passed over."""
    read: list[Command | Misfit] = []
    blocks: dict[int, list[Command | Misfit]] = {}
    opened: str | None = None
    for line in _lines(text):
        entry, inside = _read_line(line, opened, rules.commands, place)
        if inside:
            blocks[len(read) - 1].append(entry)
            continue
        read.append(entry)
        opened = next((r.opens for r in rules.commands if isinstance(entry, Command) and r.id == entry.id), None)
        if opened:
            blocks[len(read) - 1] = []
    return tuple(
        replace(entry, block=tuple(blocks[i])) if isinstance(entry, Command) and i in blocks else entry
        for i, entry in enumerate(read)
    )


def _read_line(
    line: str, opened: str | None, rules: Sequence[CommandRule], place: Place
) -> tuple[Command | Misfit, bool]:
    """What a line is, and whether it belongs to the open block: a line that fits nowhere does, while one is open."""
    own = [rule for rule in rules if opened in rule.block]
    inner = _fit(line, own, place)
    if isinstance(inner, Command):
        return inner, True
    common = [rule for rule in rules if not rule.block]
    outer = _fit(line, common, place)
    if outer is None and opened:
        return inner or Misfit(line, _nearest(line, [*own, *common], place)), True
    return outer or Misfit(line, _nearest(line, common, place)), False


# what may stand below a one-word answer: a name, as people sign
_NAME = r"[-–—]?\s*[^\W\d_][\w.'-]*(?:\s+[^\W\d_a-z][\w.'-]*){0,3}"


def answer(text: str, rules: CommandRules) -> Command | None:
    """The one-word answer to a held reply, with a name (and no other answer) below it; None when `text` is more."""
    lines = [*_lines(text)]
    first, *rest = [_fit(line.rstrip(".! "), rules.answers, Place("en", date.min)) for line in lines] or [None]
    alone = not any(rest) and all(re.fullmatch(_NAME, line) for line in lines[1:])
    return first if alone and isinstance(first, Command) else None


def client_says(text: str, rules: CommandRules, names: Sequence[str] = ()) -> str | None:
    """The id of what a client says to mailbot itself, when `text` is that and nothing else but courtesy and `names`.

    A question mark, a condition, an explanation: whatever is more than that makes it None.
    """
    said = _tokens(text) if len(text) <= _LENGTH else None
    polite = {token for name in names for token in _tokens(name) or ()}
    for rule in rules.client:
        phrases = [p for phrase in rule.courtesy if (p := _tokens(phrase))] + [(token,) for token in polite]
        if said and _without_courtesy(said, phrases) in {_tokens(form) for form in rule.forms}:
            return rule.id
    return None


def _tokens(text: str) -> tuple[str, ...] | None:
    """The words of `text` in lower case, without punctuation; None where there is a sign that could change them."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_PUNCTUATION)
    words = plain.split()
    return tuple(words) if all(word.isalnum() for word in words) else None


def _without_courtesy(words: tuple[str, ...], phrases: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """`words` without the phrases of courtesy at both ends."""
    while words:
        if first := next((p for p in phrases if words[: len(p)] == p), None):
            words = words[len(first) :]
        elif last := next((p for p in phrases if words[-len(p) :] == p), None):
            words = words[: -len(last)]
        else:
            break
    return words


def _lines(text: str) -> Iterable[str]:
    for line in text.splitlines()[:_LINES]:
        if line.rstrip() == "--" or line == "-- ":
            return
        if line.strip():
            yield " ".join(line.split())[:_LENGTH]


def _fit(line: str, rules: Sequence[CommandRule | AnswerRule], place: Place) -> Command | Misfit | None:
    """The command that `line` is; a Misfit when its words fit but a value in it does not; None when nothing fits."""
    wrong: Misfit | None = None
    for rule in rules:
        for pattern in _patterns(rule.forms):
            if not (hit := pattern.fullmatch(line)):
                continue
            try:
                args = _args(hit, place) | _understood(rule, hit, place)
            except ValueError as error:
                wrong = wrong or Misfit(line, str(error))
                continue
            who, also = getattr(rule, "who", ("staff",)), getattr(rule, "also", "")
            return Command(rule.id, line, args, who, also=also)
    return wrong


def _args(hit: re.Match[str], place: Place) -> dict[str, Any]:
    """The slots of a line as values. Raises ValueError with the mend."""
    return {slot: _VALUES[slot](value, place) for slot, value in hit.groupdict().items()}


def _understood(rule: CommandRule | AnswerRule, hit: re.Match[str], place: Place) -> dict[str, Any]:
    """The invoice of a command that names none. Raises ValueError where no mail about one was answered."""
    if not isinstance(rule, CommandRule) or "{invoice}" not in rule.forms[0] or "invoice" in hit.groupdict():
        return {}
    if not place.invoice:
        raise ValueError(f"which invoice? write it like: {rule.example}")
    return {"invoice": place.invoice}


def worded(rule: CommandRule, values: Mapping[str, str], place: Place) -> str:
    """The example of `rule` with `values` (texts by slot) in their places, where it still means the same with them."""
    line = rule.example
    for hit in (hit for pattern in _patterns(rule.forms) if (hit := pattern.fullmatch(rule.example))):
        try:
            _args(hit, place)
        except ValueError:
            continue
        for slot in reversed(hit.groupdict()):  # from the end: what stands before keeps its place
            line = line[: hit.start(slot)] + values.get(slot, hit[slot]) + line[hit.end(slot) :]
        break
    return line if isinstance(_fit(line, [rule], place), Command) else rule.example


@lru_cache(maxsize=256)
def _patterns(forms: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_pattern(form), re.IGNORECASE) for form in forms)


_WORDS = r".*?\S"
_MONEY = r"[^:=|]*\d[^:=|]*"
_ADDRESS = r"<?[^\s<>]{1,254}@[^\s<>]{1,254}>?"
_SHAPES = {
    "text": r".*\S",
    "percent": r"-?\d{1,6}(?:[.,]\d+)?",
    "number": r"\d{1,6}",
    "option": r"\d{1,3}",
    "days": r"[+-]? ?\d{1,4}",
    "invoice": r"INV-?\w+",
    "change_order": r"CO-?\d{1,4}",
    "issue": r"ISS-?\d{1,4}",
    "money": _MONEY,
    "way": r"[^|]*[^|\s]",
    "time": r"\d{1,2}(?:[:.h]\d{2})?(?: ?[ap]\.?m\.?)?",
    "address": _ADDRESS,
    "principal": _ADDRESS,
    "in_all": _MONEY,
}


def _pattern(form: str) -> str:
    parts = re.split(r"\{(\w+)\}", form)
    literal = [_literal(part) for part in parts[0::2]]
    slots = [f"(?P<{slot}>{_SHAPES.get(slot, _WORDS)})" for slot in parts[1::2]]
    return "".join(a + b for a, b in zip(literal, [*slots, ""], strict=True))


_COLON = r"(?:(?<!\d):\s*|:\s+|:(?!\d))"


def _literal(text: str) -> str:
    """The fixed words of a form; around a `|` and after a colon blanks may be missing. The colon of 14:00 is none."""
    pattern = r"\s+".join(map(re.escape, text.split(" ")))
    return pattern.replace(r"\s+\|\s+", r"\s*\|\s*").replace(r":\s+", _COLON)


def _nearest(line: str, rules: Sequence[CommandRule], place: Place) -> str:
    """What would work instead of `line`: the line with its first word mended, else the example that is most like it."""
    first, _, rest = line.partition(" ")
    heads = {
        form.split()[0].strip(":"): rule for rule in reversed(rules) for form in rule.forms if not form.startswith("{")
    }
    word, colon = first.lower().strip(":"), ":" * first.endswith(":")
    near_heads = difflib.get_close_matches(word, sorted(heads), n=3, cutoff=0.6)
    for head in near_heads:
        mended = f"{head}{colon} {rest}".strip()
        if isinstance(_fit(mended, rules, place), Command):
            return f"not understood; did you mean: {mended}"
    if word in heads:
        return f"not understood; did you mean something like: {heads[word].example}"
    examples = [rule.example for rule in rules]
    if near := difflib.get_close_matches(line, examples, n=1, cutoff=0.6):
        return f"not understood; did you mean something like: {near[0]}"
    return "not understood; `help` lists what works"


def _text(value: str, _place: Place) -> str:
    return value.strip()


def _phase(value: str, place: Place) -> str:
    for phase in place.phases:
        if phase.lower() == value.strip(" .!").lower():
            return phase
    near = difflib.get_close_matches(value.strip().title(), place.phases, n=1)
    hint = f"; did you mean {near[0]}" if near else ""
    raise ValueError(f"there is no phase {value.strip()!r}{hint} (phases: {', '.join(place.phases)})")


def _percent(value: str, _place: Place) -> int:
    if not value.isdigit() or not 0 <= int(value) <= 100:
        raise ValueError(f"{value} is no percentage: a whole number from 0 to 100")
    return int(value)


def _time(value: str, _place: Place) -> time:
    """A time of day: 14:00, 14.00, 14h00, 2 pm, 2:30 p.m."""
    text = value.lower().replace(".", ":" if re.match(r"\d{1,2}\.\d", value) else "")
    hit = re.fullmatch(r"(\d{1,2})(?:[:h](\d{2}))? ?(?:([ap]):?m:?)?", text)
    hour, minute = (int(hit[1]), int(hit[2] or 0)) if hit else (99, 0)
    if hit and hit[3]:
        hour = hour % 12 + 12 * (hit[3] == "p") if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59 or (hit and not hit[2] and not hit[3]):
        raise ValueError(f"{value!r} is no time of day: write it like 14:00")
    return time(hour, minute)


def _address(value: str, _place: Place) -> str:
    try:
        return checked(value.strip("<>.,;"), "ann@client.example")
    except ValueError as why:
        raise ValueError(f"{value!r} {why}") from None


def _days(value: str, _place: Place) -> int:
    return int(value.replace(" ", ""))


def _number(prefix: str) -> Callable[[str, Place], str]:
    def value(text: str, _place: Place) -> str:
        return f"{prefix}-{re.sub(r'^[A-Za-z]+-?', '', text).upper()}"

    return value


def _money(value: str, place: Place) -> Decimal:
    if abs(amount := parse_money(value, place.locale, place.currency)) <= _MOST:
        return amount
    raise ValueError(f"{amount} is more than is reckoned with")


def _date(value: str, place: Place) -> date:
    if _DAYS[0] <= (day := parse_date(value, place.locale, place.today)) <= _DAYS[1]:
        return day
    raise ValueError(f"{day} is not from {_DAYS[0]} to {_DAYS[1]}")


_VALUES: dict[str, Callable[[str, Place], Any]] = {
    "text": _text,
    "phase": _phase,
    "percent": _percent,
    "number": lambda value, _place: int(value),
    "option": lambda value, _place: int(value),
    "milestone": _text,
    "thing": _text,
    "date": _date,
    "money": _money,
    "days": _days,
    "invoice": _number("INV"),
    "change_order": _number("CO"),
    "issue": _number("ISS"),
    "way": _text,
    "time": _time,
    "address": _address,
    "principal": _address,
    "in_all": _money,
}
