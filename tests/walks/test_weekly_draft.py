"""The account manager answers: the draft of a weekly update is mended, what a milestone needs is ticked off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.walks.world import REF, SAM, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference

WORK = "done Toyle of the lead gown\ndone Rehearsal at the theatre\ndoing Pattern making\nnext Cutting"


def test_the_draft_is_mended_by_return_of_mail(studio: World) -> None:
    studio.write(SAM, f"This week [{REF}]", WORK)
    studio.run()
    studio.at = datetime(2026, 1, 8, 21, 0, tzinfo=UTC)  # Thursday 16:00 in New York
    draft = the("draft-weekly", studio.run())
    assert "1. Completed: Toyle of the lead gown" in text_of(draft)
    assert "2. Completed: Rehearsal at the theatre" in text_of(draft)

    studio.answer(draft, "line 1: Toile of the lead gown\ndrop 2\nremark: It fits beautifully", sender=SAM)
    assert "3 done" in text_of(the("command-result", studio.run()))
    studio.at = datetime(2026, 1, 9, 21, 0, tzinfo=UTC)
    update = text_of(the("weekly-update", studio.run()))
    assert all(said in update for said in ("- Toile of the lead gown", "It fits beautifully", "- Pattern making"))
    assert not any(gone in update for gone in ("Toyle", "Rehearsal"))


def test_who_prepares_a_fitting_is_asked_and_answers_in_two_words(studio: World) -> None:
    studio.at = datetime(2026, 2, 3, 13, 30, tzinfo=UTC)  # Tuesday 08:30 in New York, the fitting is on Friday
    asked = next(mail for mail in studio.run() if "mock-up" in text_of(mail) and mail["X-Mailbot-Kind"] == "notice")
    assert asked["To"] == SAM  # the settings name no lead designer
    assert asked["Subject"] == f"Is it ready? First fitting, Cinderella ball gowns [{REF}]"
    assert "mock-up, open: The mock-up is ready, and design has looked at it" in studio.cli("status", REF)

    studio.answer(asked, "ready mock-up", sender=SAM)
    assert "still open for it: procurement" in text_of(the("command-result", studio.run()))
    assert "mock-up, ready" in studio.cli("status", REF)
    studio.later(days=2)
    assert [m["Subject"] for m in studio.run() if "mock-up" in text_of(m) and kinds([m]) == ["notice"]] == []
