"""Issues: severity by rule, the clock, the client's choice and what it moves, taken back again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mailbot.orders import events as e
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.orders.settle import booked
from mailbot.planning.due import forecast
from mailbot.planning.occurrence import Occurrence
from tests.orders.world import ANN, NOW, RULES, circumstances, do, order
from tests.planning.world import STUDIO

DIRECTOR = "dana@studio.example"
ISSUE = """issue: Silk delayed
situation: The mill has lost a week
impact: 6 days, 0 %
plan: Linings are cut meanwhile
option: Wait for the original | days +6
option: Use satin | days 0
option: Fly it in | days +2 | cost 380.00
recommend 2
send"""


def give(one: Order, text: str = ISSUE, **more: Any) -> Any:
    return do(one, text, **{"director": DIRECTOR, **more})


def choose(one: Order, option: int | None, verdict: str = "choose") -> Any:
    at = circumstances(next_invoice=4)
    return booked(
        one, one.open_requests[-1], verdict, at, by=ANN, how="replied", proof="dmarc=pass", because="r",  # type: ignore[arg-type]
        words="that one", mail="0" * 64, option=option,
    )  # fmt: skip


def test_an_issue_is_told_with_its_ways_out() -> None:
    done = give(order())
    (issue,) = done.order.issues
    assert (issue.number, issue.severity, issue.status, issue.told_at) == ("ISS-1", "minor", "told", None)
    (send,) = done.sends
    assert (send.kind, send.to, send.token) == ("issue-notice", (ANN,), done.order.requests[0].token)
    assert done.order.requests[0].options == ("Wait for the original", "Use satin", "Fly it in")
    assert [o["delivery"] for o in send.data["options"]] == [date(2026, 3, 26), date(2026, 3, 20), date(2026, 3, 22)]
    assert all(line.ok for line in done.lines)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (("6 days, 0 %", "8 days, 0 %"), "delay of 8 days"),
        (("6 days, 0 %", "0 days, 11 %"), "overrun of 11 %"),
        (("lost a week", "had a quality problem"), "it names 'quality'"),
        (("Silk delayed", "Ann disputes the scope"), "it names 'disputes'"),
        (("impact: 6 days, 0 %", "impact: see below\noption: Or not at all | days 10"), "delay of 10 days"),
        (("recommend 2", "major: Ann is about to leave"), "Ann is about to leave"),
    ],
)
def test_a_major_one_goes_to_the_director_at_once_and_only_once(change: tuple[str, str], because: str) -> None:
    text = ISSUE.replace(*change).replace("\nsend", "").replace("option: Fly it in | days +2 | cost 380.00\n", "")
    draft = give(order(), text)
    assert (draft.order.issues[0].severity, draft.order.issues[0].because) == ("major", because)
    (send,) = draft.sends
    assert (send.kind, send.to) == ("escalation-issue", (DIRECTOR,))
    assert [s.kind for s in give(draft.order, "issue ISS-1:\nsend").sends] == ["issue-notice"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ISSUE.replace("days +6", "days six"), "not understood"),
        (ISSUE.replace("situation: The mill has lost a week\n", ""), "situation: ..."),
        (ISSUE.replace("impact: 6 days, 0 %\n", ""), "impact: 6 days"),
        (ISSUE.replace("recommend 2", "recommend 4"), "there are 3 options"),
        (ISSUE.replace("option: Use satin | days 0\noption: Fly it in | days +2 | cost 380.00\n", ""), "2 to 3"),
        (ISSUE.replace("recommend 2", "answer by 2026-01-04"), "is past"),
    ],
)
def test_what_is_not_complete_is_kept_and_not_told_and_the_clock_runs(text: str, why: str) -> None:
    done = give(order(), text)
    assert "issue-notice" not in [s.kind for s in done.sends]
    assert not done.order.requests
    assert done.order.issues[0].status == "draft"
    assert why in done.lines[0].said
    assert "NOT sent" in done.lines[0].said
    (clock,) = [o for o in forecast(done.order, RULES, NOW, NOW + timedelta(days=2), STUDIO) if o.kind == "issue-clock"]
    assert clock.at == NOW + timedelta(hours=20)


def clocks(one: Order) -> list[Occurrence]:
    return [o for o in forecast(one, RULES, NOW, NOW + timedelta(days=2), STUDIO) if o.kind == "issue-clock"]


def test_the_clock_stops_when_the_notice_has_gone_out() -> None:
    draft = give(order(), ISSUE.removesuffix("\nsend")).order
    written = give(draft, "issue ISS-1:\nsend", now=NOW + timedelta(hours=3)).order
    (clock,) = clocks(written)
    assert (clock.data["unsent"], clock.data["missing"]) == (True, None)
    sent_at = NOW + timedelta(hours=3)
    told = evolve(written, e.IssueTold(at=NOW + timedelta(hours=4), by="mailbot", issue="ISS-1", sent_at=sent_at))
    assert told.issues[0].told_at == sent_at
    assert clocks(told) == []
    again = give(told, "issue ISS-1:\nplan: Another one\nsend", now=NOW + timedelta(hours=30)).order
    assert again.issues[0].told_at == NOW + timedelta(hours=3)
    assert [r.state for r in again.requests] == ["superseded", "open"]


def test_the_director_reads_whether_the_client_knows() -> None:
    major = ISSUE.replace("6 days", "9 days")
    (_, told) = give(order(), major).sends
    assert (told.data["told_at"], told.data["telling"]) == (None, True)
    (draft,) = give(order(), major.removesuffix("\nsend")).sends
    assert (draft.data["told_at"], draft.data["telling"]) == (None, False)


def test_without_options_it_is_a_heads_up_that_asks_nothing() -> None:
    text = "issue: Two fittings on one day\nsituation: We were booked twice\nimpact: none\nsend"
    done = give(order(), text)
    assert done.order.issues[0].status == "told"
    assert not done.order.requests
    assert [(s.kind, s.token) for s in done.sends] == [("issue-notice", None)]


def test_an_answer_is_waited_for_until_the_end_of_the_named_day() -> None:
    done = give(order(), ISSUE.replace("recommend 2", "answer by 2026-01-08"))
    assert done.order.requests[0].expires_at.isoformat() == "2026-01-09T05:00:00+00:00"


def test_the_chosen_way_moves_the_dates_and_undo_moves_them_back() -> None:
    told = give(order()).order
    decision = choose(told, 1)
    one = decision.order
    assert (one.issues[0].status, one.issues[0].option) == ("chosen", 1)
    assert (one.delivery, one.milestones[-1].due, one.invoices[-1].due) == (date(2026, 3, 26),) * 3
    assert one.late_because == "Silk delayed"
    assert [s.kind for s in decision.sends] == ["receipt", "booked"]
    back = do(one, "undo ISS-1").order
    assert (back.delivery, back.issues[0].status, back.issues[0].option) == (date(2026, 3, 20), "told", None)
    assert back.late_because is None
    assert back.open_requests[0].about == "ISS-1"


def test_a_way_without_delay_moves_nothing() -> None:
    one = choose(give(order()).order, 2).order
    assert (one.delivery, one.total, one.late_because) == (date(2026, 3, 20), Decimal("12000.00"), None)


def test_where_money_moves_the_choice_becomes_a_change_order_that_the_client_approves() -> None:
    decision = choose(give(order()).order, 3)
    one = decision.order
    assert (one.delivery, one.total) == (date(2026, 3, 20), Decimal("12000.00"))
    (change,) = one.change_orders
    assert (change.number, change.status, change.amount, change.days, change.about) == (
        "CO-1", "sent", Decimal("380.00"), 2, "ISS-1",
    )  # fmt: skip
    assert [s.kind for s in decision.sends] == ["receipt", "booked", "change-order"]
    assert decision.sends[0].data["follows"] == "CO-1"
    approved = choose(one, None, "approve").order
    assert (approved.total, approved.delivery, approved.late_because) == (
        Decimal("12380.00"), date(2026, 3, 22), "Silk delayed",
    )  # fmt: skip
    refused = do(approved, "undo ISS-1")
    assert "undo CO-1" in refused.lines[0].said
    free = do(do(approved, "undo CO-1").order, "undo ISS-1").order
    assert (free.issues[0].status, free.total, free.change_orders[0].status) == (
        "told", Decimal("12000.00"), "superseded",
    )  # fmt: skip


def test_undo_of_a_choice_takes_its_unanswered_change_order_along() -> None:
    done = do(choose(give(order()).order, 3).order, "undo ISS-1")
    assert done.order.change_orders[0].status == "superseded"
    assert [(r.about, r.state) for r in done.order.requests] == [("ISS-1", "open"), ("CO-1", "withdrawn")]


def test_what_was_decided_is_not_asked_anew_by_a_slip() -> None:
    one = choose(give(order()).order, 1).order
    assert "undo ISS-1" in give(one).lines[0].said
    assert give(one, "issue ISS-7:\nsend").lines[0].said.startswith("there is no ISS-7")


def test_changes_that_come_of_issues_do_not_make_a_frequent_changer() -> None:
    one = choose(give(order()).order, 3).order
    for n in range(2):
        done = do(one, f"change order: Hat {n}\nHat: 10.00\nsend")
        one = done.order
    assert "frequent-changes" not in [s.kind for s in done.sends]
