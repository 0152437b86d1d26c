"""Approvals with something inserted: a condition makes each of them no approval, politeness and slips of the hand do not."""

from __future__ import annotations

import random
from functools import cache

from mailbot.reading.decision import Asked, read
from mailbot.rules.replies import ReplyRules, load_replies

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
AGAINST = (
    "if the hem is longer", "once the hem is fixed", "provided it ships Monday", "subject to legal review",
    "as long as it is washable", "unless my husband objects", "assuming no extra cost", "until Friday", "pending a sample",
    "except the collar", "apart from the belt", "minus the feathers", "without the bow", "but not the sleeves",
    "but in green", "only page 1", "with gold buttons", "just shorter", "make the hem 2 cm longer", "not the hat",
    "can it be blue?", "could you move the logo?", "at $250", "for 14 pieces", "in principle", "I think", "maybe",
    "tomorrow", "says my mother", "not!", "wait, no", "hold on", "do not start yet", "let me check with Tom first",
    "the hem is too long", "change the lining", "I would prefer red", "we need it by Tuesday", "Tom has to sign as well",
    "wenn der Saum kürzer wird", "pero sin el lazo", "sauf le col", "tranne il colletto", "mas em verde", "behalve de kraag",
)  # fmt: skip
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
JOINTS = (" ", ", ", ". ", " - ", "\n", "\n\nPS ", "; ", " (", "... ", ".\n- ")


@cache
def rules() -> ReplyRules:
    return load_replies()


def label(text: str, subject: str = "Re: Design approval") -> str:
    return read(text, Asked("milestone_approval", subject), rules()).label


def test_a_condition_anywhere_is_no_approval() -> None:
    wrong = []
    for base in BASES:
        for against in AGAINST:
            for joint in JOINTS:
                after = f"{base}{joint}{against}{')' if joint == ' (' else ''}"
                before = f"{against[:1].upper()}{against[1:]}{joint.strip(' (')} {base}"
                wrong += [text for text in (after, before) if label(text) == "approve"]
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
