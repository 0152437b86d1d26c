"""Who has to prepare a milestone is asked in time, and once more on the last working day; nobody in vain."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mailbot.orders import events as e
from mailbot.orders.model import Milestone, Order
from tests.planning.world import STUDIO, Planner, moment, new_order

FRIDAY = date(2026, 2, 6)


def fitting(due: date = FRIDAY) -> Order:
    """An order with a first fitting and nothing else."""
    return new_order(
        invoices=(), milestones=(Milestone(key="first-fitting", name="First fitting", due=due, approval=False),)
    )


def asked(run: Planner) -> list[str]:
    """What was asked, as "2026-02-03 08:30 mock-up of lee@studio.example"."""
    told = zip(run.story("notice"), [o for _, o in run.sent if o.kind == "notice"], strict=True)
    return [f"{when[:16]} {o.data['key']} of {o.to[0]}" for when, o in told]


def test_each_is_asked_some_days_before_and_on_the_last_day() -> None:
    run = Planner(fitting()).run(moment("2026-01-05 10:00"), moment("2026-02-20 10:00"))
    assert asked(run) == [
        "2026-02-02 08:30 procurement of ops@studio.example", "2026-02-03 08:30 mock-up of lee@studio.example",
        "2026-02-05 08:30 mock-up of lee@studio.example", "2026-02-05 08:30 procurement of ops@studio.example",
    ]  # fmt: skip


def test_what_is_ready_is_asked_no_more() -> None:
    run = Planner(fitting()).run(moment("2026-01-05 10:00"), moment("2026-02-03 12:00"))
    for key in ("mock-up", "procurement"):
        run.happens(
            e.PreparationReady(
                at=moment("2026-02-04 09:00"), by="lee@studio.example", milestone="first-fitting", preparation=key
            )
        )
    assert len(asked(run.run(moment("2026-02-04 09:00"), moment("2026-02-20 10:00")))) == 2


def test_a_milestone_that_moves_is_prepared_anew() -> None:
    run = Planner(fitting()).run(moment("2026-01-05 10:00"), moment("2026-02-03 12:00"))
    later = tuple(m.model_copy(update={"due": date(2026, 2, 13)}) for m in run.order.milestones)
    run.happens(e.MilestonesChanged(at=moment("2026-02-04 09:00"), by="sam", milestones=later))
    run.run(moment("2026-02-04 09:00"), moment("2026-02-20 10:00"))
    assert asked(run)[2:] == [
        "2026-02-09 08:30 procurement of ops@studio.example", "2026-02-10 08:30 mock-up of lee@studio.example",
        "2026-02-12 08:30 mock-up of lee@studio.example", "2026-02-12 08:30 procurement of ops@studio.example",
    ]  # fmt: skip


def test_after_an_outage_each_is_asked_once_and_never_after_the_day() -> None:
    down = Planner(fitting()).run(moment("2026-01-05 10:00"), moment("2026-01-30 10:00"))
    assert len(asked(down.run(moment("2026-02-06 10:00"), moment("2026-02-20 10:00")))) == 2
    longer = Planner(fitting()).run(moment("2026-01-05 10:00"), moment("2026-01-30 10:00"))
    assert asked(longer.run(moment("2026-02-07 10:00"), moment("2026-02-20 10:00"))) == []


def test_while_work_is_paused_or_the_fitting_is_done_nobody_is_asked() -> None:
    paused = Planner(fitting().model_copy(update={"paused": "The client asked us to wait"}))
    assert asked(paused.run(moment("2026-01-05 10:00"), moment("2026-02-20 10:00"))) == []
    done = tuple(m.model_copy(update={"status": "done"}) for m in fitting().milestones)
    over = Planner(fitting().model_copy(update={"milestones": done}))
    assert asked(over.run(moment("2026-01-05 10:00"), moment("2026-02-20 10:00"))) == []


def test_where_nobody_has_the_role_the_account_manager_is_asked() -> None:
    studio = replace(STUDIO, operations="", lead_designer="")
    run = Planner(fitting(), studio=studio).run(moment("2026-01-05 10:00"), moment("2026-02-20 10:00"))
    assert {one.rpartition(" ")[2] for one in asked(run)} == {"sam@studio.example"}
