"""What stands beside a yes: hundreds of dangers take it back wherever they stand, news of people's lives does not.

Both are grammars or lists in decision_cases/: `dangers.toml` and `asides.toml`. The rules alone are asked here.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from mailbot.reading.decision import Asked, read
from mailbot.rules.replies import ReplyRules
from tests.replies import shipped_replies

CASES = Path(__file__).parent / "decision_cases"
DANGERS = tomllib.loads((CASES / "dangers.toml").read_text("utf-8"))
ASIDES = tomllib.loads((CASES / "asides.toml").read_text("utf-8"))
ASKED = (
    Asked("milestone_approval", "Re: Design approval"),
    Asked("change_order", "Re: Change order CO-7 (+$450)"),
)
BESIDE = (
    "Approved. {}.",
    "{}. Approved, go ahead.",
    "Approved, {}",
    "Yes, please proceed. My dog ate a sock. {}.",
    "It looks wonderful. {}! See you at the school gate. Go ahead.",
    "{}. The boiler packed in again. We approve, thank you.",
)
OPTIONS = Asked(
    "issue_options", "Re: Issue: silk", ("Keep the heavy silk (8 days)", "Take satin crepe (no delay, +$120)")
)
CHOSEN = ("Option 2. {}.", "{}. Option 1 please.", "The satin, {}", "2 please! {}. See you soon.")
KEPT = ("Approved. {}.", "{}. Yes, please go ahead.", "{}. We approve the design.")
DRAWN = 4  # so many clauses of each pattern


@cache
def rules() -> ReplyRules:
    return replace(shipped_replies(), bearing=None)


def fill(pattern: str) -> Iterator[str]:
    """A pattern with its slots filled in every way."""
    slot = re.search(r"\{(\w+)\}", pattern)
    if not slot:
        yield pattern
        return
    for value in DANGERS["slots"][slot[1]]:
        yield from fill(pattern[: slot.start()] + value + pattern[slot.end() :])


def beside(frame: str, clause: str) -> str:
    return re.sub(r"\?[.!]", "?", frame.format(clause))


def taken(label: str, kind: str, frames: tuple[str, ...], asked: Asked, seed: int) -> list[str]:
    """The texts with a danger of this kind in these frames that are read as `label` all the same."""
    chance = random.Random(seed)
    every = [list(fill(pattern)) for pattern in DANGERS["clauses"][kind]]
    clauses = [one for filled in every for one in chance.sample(filled, min(DRAWN, len(filled)))]
    texts = [beside(frame, clause) for clause in clauses for frame in frames]
    assert texts
    return [text for text in texts if read(text, asked, rules()).label == label]


@pytest.mark.parametrize("kind", sorted(DANGERS["clauses"]))
@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.context)
def test_a_danger_beside_a_yes_is_no_approval(kind: str, asked: Asked) -> None:
    assert taken("approve", kind, BESIDE, asked, 20261123) == []


@pytest.mark.parametrize("kind", ["wish", "complaint", "later", "condition", "retraction"])
def test_a_danger_beside_an_option_is_no_choice(kind: str) -> None:
    assert taken("choose", kind, CHOSEN, OPTIONS, 20261124) == []


@pytest.mark.parametrize(("kind", "share"), [("lives", 0.75), ("praise", 0.7), ("mails", 0.75), ("asked", 0.65)])
def test_news_beside_a_yes_changes_nothing(kind: str, share: float) -> None:
    texts = [beside(frame, clause) for clause in ASIDES[kind] for frame in KEPT]
    kept = sum(read(text, ASKED[0], rules()).label == "approve" for text in texts)
    assert kept / len(texts) >= share


@pytest.mark.parametrize("clause", [clause for kind in ASIDES.values() for clause in kind])
def test_an_aside_alone_is_no_approval(clause: str) -> None:
    assert read(clause, ASKED[0], rules()).label != "approve"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Two hundred and ten euros is fine, go ahead.", "approve"),
        ("Yes to CO-4 for two hundred euros.", "changes"),
        ("210 it is, approved.", "approve"),
        ("Approved, charge it to cost code 4410.", "approve"),
        ("Please add two aprons.", "approve"),
        ("Please add three aprons.", "changes"),
        ("Approved. Add a collar.", "changes"),
        ("Approved. Please make the sleeves.", "question"),
    ],
)
def test_what_was_asked_may_be_said_again(text: str, label: str) -> None:
    assert read(text, Asked("change_order", "Re: CO-4: two aprons (+€210)"), rules()).label == label
