"""The context of an answer, from its subject."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from mailbot.writing.check import sample_mail
from mailbot.writing.kinds import KINDS
from mailbot.writing.subjects import subject_context


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.context])
@pytest.mark.parametrize("prefix", ["", "Re: ", "AW: Re: ", "RE: FW: ", "Re[2]: ", "SV:"])
def test_answers_to_our_own_subjects_are_known(templates, kind, prefix):
    assert subject_context(prefix + sample_mail(templates, kind.name).subject, templates) == kind.context


@pytest.mark.parametrize(
    ("subject", "context"),
    [
        ("re: change order for macbeth", "change_order"),
        ("Hamlet: gowns - Weekly Update", "weekly_update"),
        ("[EXTERNAL] Re: Gowns - Update on Silk delayed on Friday [ORD-1]", "issue_options"),
        ("Gowns - first half - Design approval for your approval", "milestone_approval"),
        ("Gowns - thoughts on sleeves", None),
        ("Design approval", None),
        ("Invoice question", None),
        ("Change Order", None),
        ("hello", None),
        ("", None),
    ],
)
def test_shapes(templates, subject, context):
    assert subject_context(subject, templates) == context


def test_the_studios_own_subjects_are_known(templates):
    own = replace(templates, subjects={"en": {"invoice": "Bill {{ data.number }} of {{ order.project }}"}})
    assert subject_context("Re: Bill INV-7 of Macbeth", own) == "invoice_reminder"
    assert subject_context("Re: Bill and I of Macbeth", own) is None


def test_a_subject_that_is_all_data_recognises_nothing(templates):
    own = replace(templates, subjects={"en": {"invoice": "{{ order.project }} {{ data.number }}"}})
    assert subject_context("anything 1", own) is None


@pytest.mark.parametrize("piece", ["- on ", " - ", "Re: ", "a - b on 1 ", "Change Order for ", "[x] ", "(((((", "1"])
def test_no_subject_takes_long(templates, piece):
    started = time.process_time()
    subject_context(piece * 100_000, templates)
    assert time.process_time() - started < 0.1
