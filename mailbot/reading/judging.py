"""From understood clauses to one label: what weighs more, for each kind of thing that can be asked.

An approval stands only when nothing that was said weighs against it. A clause that is not understood makes the whole
reply not understood; its label is then never one that would be booked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mailbot.orders.model import Label
from mailbot.reading.asked import Heard, Reading
from mailbot.reading.clauses import Clause, quoted
from mailbot.reading.facts import missing, objection, payment_objection
from mailbot.reading.options import UNKNOWN_OPTION
from mailbot.rules.replies import Meaning

LABEL_OF: dict[Meaning, Label] = {
    "automatic": "autoreply", "sarcasm": "dispute", "complaint": "dispute", "stop": "decline", "decline": "decline",
    "condition": "changes", "change": "changes", "partial": "changes", "question": "question", "later": "none",
    "hearsay": "none", "receipt": "none", "unsure": "none", "unclear": "question", "unrelated": "question",
}  # fmt: skip
AGAINST_PAYMENT: tuple[tuple[tuple[Meaning, ...], Label], ...] = (
    (("complaint", "sarcasm"), "dispute"),
    (("question", "unrelated"), "question"),
    (("change",), "changes"),
    (("partial", "not-paid"), "none"),
    (("stop", "decline"), "question"),
    (("condition", "later", "hearsay", "receipt", "unsure"), "none"),
)
AGAINST_APPOINTMENT: tuple[tuple[tuple[Meaning, ...], Label], ...] = (
    (("complaint", "sarcasm"), "dispute"),
    (("elsewhen", "change"), "reschedule"),
    (("stop", "decline"), "reschedule"),
    (("question", "condition"), "question"),
    (("later", "hearsay", "receipt", "unsure"), "none"),
)
BOUND = (
    "subject",
    "objn",
    "stuff",
    "it",
    "approve",
    "approvd",
    "appn",
    "go",
    "strongyes",
    "yes",
    "money",
    "changev",
    "okbe",
)
OPENING_A_RECEIPT = frozenset({"me", "receipt", "thanks", "intens", "det", "poss", "our", "objn", "subject"})
THINGS = ("subject", "ref", "number", "objn")
AGAINST: tuple[tuple[Meaning, ...], ...] = (
    ("automatic",), ("sarcasm", "complaint"), ("stop", "decline"), ("condition", "change", "partial"), ("question",),
    ("later", "hearsay", "receipt", "unsure"),
)  # fmt: skip


def judge(heard: Heard) -> Reading:
    """The reading of what was heard, by the context of what was asked."""
    automatic = heard.of("automatic")
    if automatic:
        return _reading(heard, "autoreply", automatic)
    if not heard.clauses:
        return Reading("none", None, False, "nothing-said: there are no words", None, heard.language, True)
    match heard.asked.context:
        case "issue_options":
            return judge_options(heard)
        case "invoice_reminder":
            return judge_invoice(heard)
        case "fitting_availability":
            return judge_appointment(heard)
        case _:
            return judge_approval(heard)


def judge_approval(heard: Heard) -> Reading:
    """Approve, or what weighs against it. In a weekly update nothing was asked, so nothing can be approved."""
    heard = _with_objections(heard)
    yes = heard.of("approve")
    against = [clause for clause in weightiest(heard) if not (yes and _plain_receipt(clause))]
    against = against or ([] if yes else heard.of("unrelated"))
    if against:
        return _against(heard, against, yes)
    yes = yes or _plain_yes(heard)
    if heard.asks_else and not any(clause.has(name) for clause in yes for name in heard.approving):
        return replace(_reading(heard, "none", heard.clauses), understood=not yes)
    unclear = heard.of("unclear")
    if unclear:
        return _reading(heard, "question", unclear, guess="approve" if yes else "question")
    if not yes:
        return _reading(heard, "none", heard.clauses)
    lacking = missing(yes, heard.facts) or missing([*yes, *heard.of("agreed")], heard.facts)
    if lacking:
        return Reading("changes", None, False, f"{lacking}: {_quotes(yes)}", "changes", heard.language, False)
    if heard.asked.context == "weekly_update":
        return _reading(heard, "none", yes)
    return _reading(heard, "approve", yes)


def _plain_receipt(clause: Clause) -> bool:
    """ "Got your drawings, thanks", "the swatches arrived": said beside an approval it takes nothing away."""
    return clause.meaning == "receipt" and bool(clause.words[0].classes & OPENING_A_RECEIPT)


def _with_objections(heard: Heard) -> Heard:
    """Approving clauses that name another price, number or thing mean something else; a question's condition asks."""
    asking = {clause.sentence for clause in heard.of("question", "unrelated")}
    return replace(heard, clauses=tuple(_checked(clause, heard, asking) for clause in heard.clauses))


def _checked(clause: Clause, heard: Heard, asking: set[int]) -> Clause:
    if clause.meaning == "condition" and clause.sentence in asking:
        return replace(clause, meaning="question")
    if clause.meaning not in ("approve", "yes", "agreed", "fits", "paid", "paying"):
        return clause
    pays = clause.meaning in ("paid", "paying")
    found = payment_objection(clause, heard.facts) if pays else objection(clause, heard.facts, heard.kinds)
    return replace(clause, meaning=found[0], rule=found[1]) if found else clause


def weightiest(heard: Heard) -> list[Clause]:
    """The clauses that weigh most against an approval; none when nothing does."""
    return next((found for group in AGAINST if (found := heard.of(*group))), [])


def _against(heard: Heard, against: Sequence[Clause], yes: Sequence[Clause]) -> Reading:
    label = LABEL_OF[against[0].meaning]
    if (
        against[0].meaning == "condition"
        and not yes
        and not any(clause.has(name) for clause in against for name in BOUND)
    ):
        label = "none"
    changed = heard.of("condition", "change", "partial")
    if label == "decline" and yes and (changed or _of_different_things(against, yes)):
        label, against = "changes", changed or against
    elif label == "none" and yes and against[0].meaning == "later":
        label = "changes"
    return _reading(heard, label, against)


def _of_different_things(no: Sequence[Clause], yes: Sequence[Clause]) -> bool:
    """Yes to this and no to that: both name a thing."""
    return all(any(clause.has(kind) for kind in THINGS) for clause in (*no, *yes))


def _plain_yes(heard: Heard) -> list[Clause]:
    """A bare yes, ok or thumb is an answer only when the subject asks for one and nothing foreign is beside it."""
    yes = heard.of("yes")
    return yes if yes and not heard.of("news") else []


def judge_options(heard: Heard) -> Reading:
    """The one option that all choosing clauses have in common, unless something weighs against choosing it."""
    # a price that is in no option is another price
    other_price = [clause for clause in heard.of("agreed") if clause.has("money")]
    chosen = heard.of("choice")
    common = _common(chosen)
    heard = replace(heard, clauses=tuple(c for c in heard.clauses if not _of_another_option(c, common)))
    against = weightiest(heard) or other_price
    if against:
        label = LABEL_OF.get(against[0].meaning, "changes")
        return _reading(heard, label, against, guess=f"choose {common}" if common else None)
    if any(UNKNOWN_OPTION in word.options for clause in heard.clauses for word in clause.words):
        return _reading(heard, "question", heard.clauses)
    if found := heard.of("reject-all"):
        return _reading(heard, "decline", found)
    if found := heard.of("no-choice"):
        return _reading(heard, "none", found)
    if unclear := heard.of("unclear"):
        return _reading(heard, "question", unclear, guess=f"choose {common}" if common else "question")
    if common:
        said = [*chosen, *heard.of("agreed")]
        if terms := [clause for clause in said if _other_numbers(clause, heard.asked.options[common - 1])]:
            return _reading(heard, "changes", terms, guess=f"choose {common}")
        return replace(_reading(heard, "choose", chosen), option=common)
    return _reading(heard, "none", chosen or heard.clauses)


def _of_another_option(clause: Clause, common: int | None) -> bool:
    """What is said against the options that were not chosen says nothing against the one that was."""
    pointed = [word.options for word in clause.words if word.options]
    if common is None or clause.meaning != "decline" or any(clause.has(name) for name in ("part", "objn")):
        return False
    return bool(pointed) and not any(common in options for options in pointed)


def _other_numbers(clause: Clause, option: str) -> bool:
    """`2 for 700`: a number beside the one that points, which the option does not name."""
    named = set(re.findall(r"\d+", option))
    pointing = {at for word in clause.words if word.options for at in range(word.start, word.end)}
    first = clause.words[0].start
    return any(
        token.kind in ("number", "phone") and first + at not in pointing and token.text.strip("#") not in named
        for at, token in enumerate(clause.tokens)
    )


def _common(chosen: Sequence[Clause]) -> int | None:
    """The only option that every pointing word of these clauses can mean; None when there is none or more than one."""
    pointed = [word.options for clause in chosen for word in clause.words if word.options]
    common = frozenset.intersection(*pointed) if pointed else frozenset()
    return next(iter(common)) if len(common) == 1 else None


def judge_invoice(heard: Heard) -> Reading:
    """Paid, on its way today, or not."""
    heard = _with_objections(heard)
    if against := _first(heard, AGAINST_PAYMENT):
        return against
    paid, paying, unclear = heard.of("paid"), heard.of("paying"), heard.of("unclear")
    if unclear:
        return _reading(heard, "question", unclear, guess="paid" if paid or paying else "question")
    if paid or paying:
        return replace(_reading(heard, "paid", paid or paying), certain=bool(paid))
    return _reading(heard, "none", heard.clauses)


def judge_appointment(heard: Heard) -> Reading:
    """The proposed time fits, or another is wanted."""
    heard = _with_objections(heard)
    if against := _first(heard, AGAINST_APPOINTMENT):
        return against
    if not heard.of("fits", "approve", "yes", "agreed", "praise") and (found := heard.of("unrelated")):
        return _reading(heard, "question", found)
    fits, unclear = heard.of("fits", "approve", "yes", "agreed"), heard.of("unclear")
    if unclear:
        return _reading(heard, "question", unclear, guess="confirm" if fits else "question")
    return _reading(heard, "confirm" if fits else "none", fits or heard.clauses)


def _first(heard: Heard, table: Sequence[tuple[tuple[Meaning, ...], Label]]) -> Reading | None:
    """The reading of the first row of which something was said."""
    return next((_reading(heard, label, found) for group, label in table if (found := heard.of(*group))), None)


def _reading(heard: Heard, label: Label, because: Sequence[Clause], guess: str | None = None) -> Reading:
    understood = not heard.of("unclear") or label == "autoreply"
    reason = f"{because[0].rule}: {_quotes(because)}"
    return Reading(label, None, False, reason, guess or label, heard.language, understood)


def _quotes(clauses: Sequence[Clause]) -> str:
    return ", ".join(f'"{quoted(clause.text)}"' for clause in clauses[:3])
