"""Approvals with something inserted: a condition makes each of them no approval, politeness does not undo one.

And a slip of the hand never turns a no into a yes.
"""

from __future__ import annotations

import random
import tomllib
from functools import cache
from pathlib import Path

import pytest

from mailbot.reading.decision import Asked, read
from mailbot.rules.replies import ReplyRules
from tests.replies import shipped_replies

BASES = (
    "Approved",
    "Yes, go ahead",
    "I approve the design",
    "We are happy to proceed",
    "The design is approved, please start",
    "Looks great, please proceed",
    "All good from our side, you can start",
    "Love it! Approved",
    "Signed off",
    "Please go ahead with the design",
)
BEFORE = (
    "Hi Sam, ",
    "Dear all,\n\n",
    "Good morning! ",
    "Thanks for sending this. ",
    "Wow! ",
    "Sorry for the late reply. ",
    "",
)
AFTER = (
    " Thanks!",
    "\n\nKind regards,\nKaren",
    " 👍",
    " 😍",
    "\n\nSent from my iPhone",
    " Have a great weekend!",
    "!!!",
    "",
)
JOINTS = (", ", ". ", "\n\nPS ", " (")
CONDITIONS = (
    "If the hem is longer", "Once the hem is fixed", "Assuming no extra cost", "Other than the belt", "Not",
    "Make the hem longer", "After the fitting", "Subject to legal review", "With gold buttons", "Apart from the hat",
    "Let me check with Tom first", "Hold on", "Minus the feathers", "The hem is too long", "Until Friday",
)  # fmt: skip
INSERTIONS = tomllib.loads((Path(__file__).parent / "decision_cases" / "insertions.toml").read_text("utf-8"))


@cache
def rules() -> ReplyRules:
    return shipped_replies()


def label(text: str, language: str = "en") -> str:
    return read(text, Asked("milestone_approval", "Re: Design approval", locale=language), rules()).label


@pytest.mark.parametrize("language", sorted(INSERTIONS))
def test_with_a_condition_it_is_no_approval(language: str) -> None:
    wrong = []
    for base in INSERTIONS[language]["approvals"]:
        assert label(base, language) == "approve"
        for against in INSERTIONS[language]["insertions"]:
            for joint in JOINTS:
                text = f"{base}{joint}{against}{')' if joint == ' (' else ''}"
                wrong += [text] if label(text, language) == "approve" else []
    assert wrong == []


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_before_it_is_no_approval(condition: str) -> None:
    texts = [condition + joint + base for base in BASES for joint in (", ", ": ", " - ")]
    wrong = [text for text in texts if label(text) == "approve"]
    assert wrong == []


def test_politeness_and_case_keep_an_approval() -> None:
    chance = random.Random(20260301)
    texts = [
        chance.choice((str, str.upper, str.lower))(f"{before}{base}.{after}")
        for base in BASES for before in BEFORE for after in AFTER
    ]  # fmt: skip
    kept = sum(label(text) == "approve" for text in texts)
    assert kept / len(texts) >= 0.97


def test_a_slip_in_a_word_never_turns_no_into_yes() -> None:
    chance = random.Random(7)
    refusals = (
        "Not approved",
        "I do not approve this",
        "Disapproved",
        "We cannot approve",
        "Declined",
        "Never approved",
    )
    for refusal in refusals:
        for _ in range(60):
            at = chance.randrange(1, len(refusal) - 1)
            slips = (refusal[:at] + refusal[at + 1 :], refusal[:at] + refusal[at] + refusal[at:])
            for text in slips:
                if text.lower().startswith(("approved", "i do approve", "we can approve")):
                    continue
                assert label(text) != "approve", text
