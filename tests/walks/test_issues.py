"""Issues by mail: told, escalated, reminded of, chosen in the client's own words, taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.walks.world import ANN, REF, SAM, World, kinds, text_of, the, world

on_one_server = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
ISSUE = """issue: Silk delayed
situation: The mill has lost a week to a broken loom.
impact: 6 days, 0 %
plan: We cut the linings meanwhile.
option: Wait for the original silk | days +6
option: Take the satin that we have in stock | days 0
option: Have silk flown in from Lyon | days +2 | cost 380.00
recommend 2
send
"""


def tell(studio: World, text: str = ISSUE) -> list:  # type: ignore[type-arg]
    studio.write(SAM, f"Silk [{REF}]", text)
    return studio.run()


def issue(studio: World) -> dict[str, object]:
    (one,) = studio.status()["issues"]
    return one


@on_one_server
def test_the_client_is_told_with_numbered_options(studio: World) -> None:
    out = tell(studio)
    assert kinds(out) == ["command-result", "issue-notice"]
    notice = the("issue-notice", out)
    assert notice["Subject"] == f"Cinderella ball gowns - Update on Silk delayed [{REF}]"
    text = text_of(notice)
    for fact in ("1. Wait for the original silk", "Thursday, March 26, 2026", "$380.00 in addition", "works better"):
        assert fact in text
    assert issue(studio) == {
        "number": "ISS-1", "title": "Silk delayed", "severity": "minor", "status": "told", "option": None,
        "told_at": "2026-01-06T15:00:00.000000Z",
    }  # fmt: skip


@on_one_server
@pytest.mark.parametrize(
    ("words", "option"),
    [("Option 1 please.", 1), ("The satin, please!", 2), ("2", 2), ("Let's wait for the original silk.", 1)],
)
def test_a_choice_in_own_words_is_booked_and_moves_the_dates(studio: World, words: str, option: int) -> None:
    notice = the("issue-notice", tell(studio))
    studio.answer(notice, words)
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    assert (issue(studio)["status"], issue(studio)["option"]) == ("chosen", option)
    assert studio.status()["delivery"] == ("2026-03-26" if option == 1 else "2026-03-20")
    (request,) = studio.status()["requests"]
    assert (request["kind"], request["answer"]) == ("issue", "choose")


@on_one_server
def test_a_choice_that_costs_becomes_a_change_order_that_is_approved(studio: World) -> None:
    studio.answer(the("issue-notice", tell(studio)), "Number 3, please have it flown in from Lyon.")
    out = studio.run()
    assert kinds(out) == ["booked", "change-order", "receipt"]
    assert studio.status()["total"] == "12000.00"
    assert "CO-1 follows" in text_of(the("receipt", out))
    studio.answer(the("change-order", out), "Approved.")
    studio.run()
    status = studio.status()
    assert (status["total"], status["delivery"]) == ("12380.00", "2026-03-22")


@on_one_server
@pytest.mark.parametrize("words", ["Either is fine.", "Whichever is faster.", "Yes.", "Option 4", "1 or 2?"])
def test_an_unclear_choice_is_held_and_settled_by_number(studio: World, words: str) -> None:
    studio.answer(the("issue-notice", tell(studio)), words)
    out = studio.run()
    assert issue(studio)["status"] == "told"
    if "held" not in kinds(out):
        return
    studio.answer(the("held", out), "choose 1", sender=SAM)
    assert kinds(studio.run()) == ["booked", "receipt"]
    assert issue(studio)["option"] == 1


@on_one_server
def test_a_late_choice_is_held(studio: World) -> None:
    notice = the("issue-notice", tell(studio, ISSUE.replace("recommend 2", "recommend 2\nanswer by 2026-01-08")))
    assert "until Thursday, January 8, 2026" in text_of(notice)
    studio.at = datetime(2026, 1, 9, 14, 0, tzinfo=UTC)
    studio.answer(notice, "Option 2")
    assert "held" in kinds(studio.run())
    assert issue(studio)["option"] is None


@on_one_server
def test_a_choice_by_somebody_else_or_without_proof_is_held(studio: World) -> None:
    notice = the("issue-notice", tell(studio))
    studio.answer(notice, "Option 2", proven=False)
    studio.answer(notice, "Option 2", sender="bob@client.example")
    assert kinds(studio.run()) == ["held", "held"]
    assert issue(studio)["status"] == "told"


@on_one_server
def test_a_major_issue_goes_to_the_sales_director_at_once(studio: World) -> None:
    out = tell(studio, ISSUE.replace("6 days, 0 %", "9 days, 0 %").replace("\nsend", ""))
    assert kinds(out) == ["command-result", "escalation-issue"]
    mail = the("escalation-issue", out)
    assert (mail["To"], mail["Cc"]) == ("dana@studio.example", SAM)
    assert "Major because: delay of 9 days" in text_of(mail)
    assert "Client told: not yet" in text_of(mail)
    assert issue(studio)["severity"] == "major"


@on_one_server
def test_the_account_manager_is_reminded_four_hours_before_the_limit(studio: World) -> None:
    studio.at = datetime(2026, 1, 6, 15, 0, tzinfo=UTC)
    tell(studio, "issue: Silk delayed\nsituation: A broken loom")
    studio.at = datetime(2026, 1, 7, 10, 59, tzinfo=UTC)
    assert "issue-clock" not in kinds(studio.run())
    studio.at = datetime(2026, 1, 7, 11, 1, tzinfo=UTC)
    clock = the("issue-clock", studio.run())
    assert clock["To"] == SAM
    for missing in ("what it affects", "the ways out", "what is being done"):
        assert missing in text_of(clock)
    assert "what happened (" not in text_of(clock)
    studio.answer(clock, "issue ISS-1:\nimpact: 6 days, 0 %\nsend", sender=SAM)
    out = studio.run()
    assert kinds(out) == ["command-result", "issue-notice"]
    assert "There is nothing for you to decide" in text_of(the("issue-notice", out))
    assert issue(studio)["status"] == "told"


@on_one_server
def test_the_client_takes_a_choice_back(studio: World) -> None:
    studio.answer(the("issue-notice", tell(studio)), "Option 1")
    receipt = the("receipt", studio.run())
    studio.answer(receipt, "undo")
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    assert (issue(studio)["status"], issue(studio)["option"]) == ("told", None)
    assert studio.status()["delivery"] == "2026-03-20"
    studio.answer(the("receipt", out), "Option 2", sender=ANN)
    studio.run()
    assert issue(studio)["option"] == 2


@on_one_server
def test_the_weekly_update_says_the_new_date_and_why(studio: World) -> None:
    studio.answer(the("issue-notice", tell(studio)), "Option 1")
    studio.run()
    studio.at = datetime(2026, 1, 9, 21, 1, tzinfo=UTC)
    update = text_of(the("weekly-update", studio.run()))
    assert "Delivery is now planned for Thursday, March 26, 2026" in update
    assert "The reason: Silk delayed" in update


def test_a_notice_that_waits_for_its_release_stops_no_clock(pymap_server: Any, tmp_path: Path) -> None:
    with world(pymap_server, tmp_path, mode="hold") as studio:
        studio.import_order()
        studio.run()
        assert kinds(tell(studio)) == ["command-result", "shadow"]
        assert (issue(studio)["status"], issue(studio)["told_at"]) == ("told", None)
        studio.at = datetime(2026, 1, 7, 11, 1, tzinfo=UTC)
        clock = text_of(the("issue-clock", studio.run()))
        assert "it waits in the outbox" in " ".join(clock.split())
        (notice,) = [row for row in studio.json("outbox") if row["kind"] == "issue-notice"]
        studio.cli("outbox", "retry", notice["id"])
        studio.later(hours=1)
        assert "issue-notice" in kinds(studio.run())
        assert issue(studio)["told_at"] == "2026-01-07T12:01:00.000000Z"
