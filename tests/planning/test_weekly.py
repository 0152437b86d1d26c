"""The weekly update: every Friday, its draft on Thursday, what it tells, and what holds it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from mailbot.orders.events import OrderClosed, OrderPaused, ProgressNoted, WeeklyHeld
from mailbot.orders.model import Milestone, Note, Order
from mailbot.planning.due import due
from mailbot.planning.weekly import MilestoneLine, Owed, WeeklyFacts, facts
from tests.planning.world import RULES, STUDIO, Planner, moment, new_order, request

FRIDAY = date(2026, 1, 16)
FOUR = moment("2026-01-16 16:00")


def told(order: Order, now: datetime = FOUR) -> WeeklyFacts:
    return facts(order, RULES, FRIDAY, now, STUDIO)


def note(text: str, when: str) -> Note:
    return Note(at=moment(when), text=text)


def moved(order: Order, key: str, **fields: Any) -> tuple[Milestone, ...]:
    return tuple(m.model_copy(update=fields) if m.key == key else m for m in order.milestones)


def test_every_friday_with_a_draft_the_day_before() -> None:
    run = Planner(new_order(invoices=())).run(moment("2026-01-05 10:00"), moment("2026-01-24 00:00"))
    assert run.story("draft-weekly", "weekly-update") == [
        "2026-01-08 16:00 draft-weekly",
        "2026-01-09 16:00 weekly-update",
        "2026-01-15 16:00 draft-weekly",
        "2026-01-16 16:00 weekly-update",
        "2026-01-22 16:00 draft-weekly",
        "2026-01-23 16:00 weekly-update",
    ]
    assert run.keys("weekly-update")[0] == "ORD-2041/weekly/2026-01-09"
    assert {o.to for _, o in run.sent if o.kind == "weekly-update"} == {("ann@client.example", "bo@client.example")}
    assert {o.to for _, o in run.sent if o.kind == "draft-weekly"} == {("sam@studio.example",)}
    assert run.order.weekly_sent[-1] == date(2026, 1, 23)


def test_on_a_holiday_as_well() -> None:
    run = Planner(new_order(signed=date(2026, 12, 21), invoices=()))
    run.run(moment("2026-12-21 10:00"), moment("2027-01-02 00:00"))
    assert run.story("weekly-update") == ["2026-12-25 16:00 weekly-update", "2027-01-01 16:00 weekly-update"]


def test_four_o_clock_in_the_studio_wherever_the_client_is() -> None:
    run = Planner(new_order(invoices=(), zone="Pacific/Tongatapu"))
    run.run(moment("2026-03-01 10:00"), moment("2026-03-14 00:00"))
    assert run.story("weekly-update", zone="UTC")[-2:] == [
        "2026-03-06 21:00 weekly-update",
        "2026-03-13 20:00 weekly-update",  # summer time began on the 8th
    ]


def test_after_an_outage_only_the_latest() -> None:
    run = Planner(new_order(invoices=()))
    run.run(moment("2026-01-05 10:00"), moment("2026-01-08 12:00"))
    run.run(moment("2026-01-27 10:00"), moment("2026-01-31 00:00"))
    assert run.story("weekly-update") == ["2026-01-27 10:00 weekly-update", "2026-01-30 16:00 weekly-update"]
    assert run.keys("weekly-update")[0] == "ORD-2041/weekly/2026-01-23"


def test_a_missed_draft_goes_late_while_it_is_of_use() -> None:
    run = Planner(new_order(invoices=(), imported=moment("2026-01-09 11:00")))
    run.run(moment("2026-01-09 11:00"), moment("2026-01-09 20:00"))
    assert run.story("draft-weekly", "weekly-update") == [
        "2026-01-09 11:00 draft-weekly",
        "2026-01-09 16:00 weekly-update",
    ]


def test_imported_late_it_gets_no_update_of_the_weeks_before() -> None:
    run = Planner(new_order(invoices=(), imported=moment("2026-01-09 16:30")))
    run.run(moment("2026-01-09 16:30"), moment("2026-01-17 00:00"))
    assert run.story("weekly-update") == ["2026-01-16 16:00 weekly-update"]


def test_a_held_week_is_left_out_and_the_next_goes_on() -> None:
    run = Planner(new_order(invoices=()))
    run.run(moment("2026-01-05 10:00"), moment("2026-01-15 17:00"))
    run.happens(WeeklyHeld(at=moment("2026-01-16 09:00"), by="sam@studio.example", week=FRIDAY))
    run.run(moment("2026-01-16 09:01"), moment("2026-01-24 00:00"))
    assert run.keys("weekly-update") == ["ORD-2041/weekly/2026-01-09", "ORD-2041/weekly/2026-01-23"]


def test_held_before_its_draft_there_is_no_draft() -> None:
    run = Planner(new_order(invoices=(), weekly_held=(date(2026, 1, 9),)))
    run.run(moment("2026-01-05 10:00"), moment("2026-01-10 00:00"))
    assert run.sent == []


def test_none_after_closing() -> None:
    run = Planner(new_order(invoices=()))
    run.happens(OrderClosed(at=moment("2026-01-06 10:00"), by="sam@studio.example"))
    assert run.run(moment("2026-01-06 10:00"), moment("2026-03-01 00:00")).sent == []


def test_paused_it_goes_and_says_so() -> None:
    run = Planner(new_order(invoices=()))
    run.happens(OrderPaused(at=moment("2026-01-06 10:00"), by="sam@studio.example", why="fabric is late"))
    run.run(moment("2026-01-06 10:00"), moment("2026-01-10 00:00"))
    update = run.sent[-1][1]
    assert (update.kind, update.data["paused"], update.data["on_track"]) == ("weekly-update", "fabric is late", False)


def test_done_since_the_last_one() -> None:
    order = new_order(
        done=(note("old", "2026-01-08 10:00"), note("Sketches", "2026-01-12 10:00")),
        doing=(note("older", "2026-01-07 10:00"), note("Pattern making", "2026-01-08 10:00")),
        coming=(note("Swatches", "2026-01-13 10:00"),),
        last_client_update=moment("2026-01-09 16:00"),
    )
    order = order.model_copy(
        update={"milestones": moved(order, "design", status="approved", approved_at=moment("2026-01-14 09:00"))}
    )
    facts = told(order)
    assert facts.done == ("Sketches",)
    assert [line.name for line in facts.reached] == ["Design approval"]
    assert facts.doing == ("Pattern making",)  # nothing newer was said: that is what still goes on
    assert facts.coming == ("Swatches",)


def test_what_is_noted_is_told_once() -> None:
    run = Planner(new_order(invoices=()))
    run.look(moment("2026-01-05 10:00"))
    run.happens(ProgressNoted(at=moment("2026-01-07 10:00"), by="sam", what="done", text="Sketches"))
    run.run(moment("2026-01-07 10:00"), moment("2026-01-17 00:00"))
    done = [o.data["done"] for _, o in run.sent if o.kind == "weekly-update"]
    assert done == [("Sketches",), ()]


def test_dates_ahead_with_the_time_of_a_fitting() -> None:
    order = new_order(invoices=())
    order = order.model_copy(update={"milestones": moved(order, "first-fitting", due=date(2026, 2, 6), at="14:00")})
    design = MilestoneLine("design", "Design approval", date(2026, 1, 19), None, RULES.milestones[0].action_for("en"))
    fitting = MilestoneLine("first-fitting", "First fitting", date(2026, 2, 6), "14:00", "Please keep two hours free")
    assert (told(order).ahead, told(order).fittings) == ((design,), (fitting,))


@pytest.mark.parametrize(
    ("locale", "action"),
    [
        ("de_AT", "Bitte halten Sie sich zwei Stunden frei"),
        ("es_ES", "Reserve dos horas, por favor"),
        ("fr_FR", "Please keep two hours free"),
    ],
)
def test_what_to_do_for_a_fitting_is_told_in_the_clients_language(locale: str, action: str) -> None:
    order = new_order(invoices=(), locale=locale)
    order = order.model_copy(update={"milestones": moved(order, "first-fitting", due=date(2026, 2, 6), at="14:00")})
    assert [line.action for line in told(order).fittings] == [action]


def test_what_the_client_owes() -> None:
    bill = request(moment("2026-01-05 11:00"), token="b" * 16, kind="invoice", about="INV-1")
    order = new_order(requests=(request(moment("2026-01-13 20:30")), bill))
    assert told(order).owed == (Owed("milestone", "design", "Design approval", date(2026, 1, 13), 3),)


@pytest.mark.parametrize(("reason", "on_track"), [(None, True), ("the silk is late", False)])
def test_on_track_or_the_new_date_and_why(reason: str | None, on_track: bool) -> None:
    facts = told(new_order(delay_reason=reason, delivery=date(2026, 3, 27)))
    assert (facts.on_track, facts.delivery, facts.why) == (on_track, date(2026, 3, 27), reason)


def test_a_milestone_that_is_late_is_named_for_the_draft() -> None:
    assert [line.key for line in told(new_order(), moment("2026-01-23 16:00")).late] == ["design"]
    assert told(new_order(), moment("2026-01-19 16:00")).late == ()


def test_the_draft_tells_what_the_update_will_and_when() -> None:
    now = moment("2026-01-08 16:00")
    (draft,) = due(new_order(invoices=()), RULES, now, STUDIO)
    assert draft.kind == "draft-weekly"
    assert draft.data["sends"] == moment("2026-01-09 16:00")
    assert set(draft.data) == {*WeeklyFacts.__dataclass_fields__, "sends"}
