"""Open questions: two reminders in working days, then a call, then the end; and what is told once, in its hour."""

from __future__ import annotations

from datetime import date
from typing import Any

from mailbot.orders.events import (
    HeldSettled,
    IssueChanged,
    MailRecorded,
    OrderPaused,
    OrderResumed,
    ReplyHeld,
    RequestClosed,
)
from mailbot.orders.model import Issue
from tests.planning.world import Planner, moment, new_order, request

ASKED = moment("2026-01-15 10:00")  # a Thursday; the Monday after is a holiday
KINDS = ("nudge", "call-client", "expire")


def planner(**fields: object) -> Planner:
    return Planner(new_order(invoices=(), requests=(request(ASKED, **fields),)))


def test_reminded_twice_then_called_then_over() -> None:
    run = planner().run(ASKED, moment("2026-03-31 00:00"))
    assert run.story(*KINDS) == [
        "2026-01-21 09:00 nudge",
        "2026-01-26 09:00 nudge",
        "2026-01-29 09:00 call-client",
        "2026-02-14 10:00 expire",
    ]
    (asked,) = run.order.requests
    assert asked.nudged == (date(2026, 1, 21), date(2026, 1, 26))
    assert (asked.escalated, asked.state) == (date(2026, 1, 29), "expired")
    assert [o.to for _, o in run.sent if o.kind in KINDS] == [
        ("ann@client.example", "bo@client.example"), ("ann@client.example", "bo@client.example"),
        ("sam@studio.example",), (),
    ]  # fmt: skip


def test_a_question_that_ends_before_a_reminder_is_called_about_on_its_last_morning() -> None:
    run = planner(expires_at=moment("2026-01-20 00:00")).run(ASKED, moment("2026-03-31 00:00"))
    assert run.story(*KINDS) == ["2026-01-16 09:00 call-client", "2026-01-20 00:00 expire"]  # a holiday comes between
    run = planner(expires_at=moment("2026-01-21 00:00")).run(ASKED, moment("2026-03-31 00:00"))
    assert run.story(*KINDS) == ["2026-01-20 09:00 call-client", "2026-01-21 00:00 expire"]
    run = planner(expires_at=moment("2026-01-15 18:00")).run(ASKED, moment("2026-03-31 00:00"))
    assert run.story(*KINDS) == ["2026-01-15 18:00 expire"]  # asked on the same morning


def test_after_an_outage_one_reminder_not_two() -> None:
    run = planner()
    run.run(moment("2026-01-27 11:00"), moment("2026-02-01 00:00"))
    assert run.story(*KINDS) == ["2026-01-27 11:00 nudge", "2026-01-30 09:00 nudge"]


def test_nobody_is_reminded_while_an_answer_is_held_for_a_person() -> None:
    run = planner().run(ASKED, moment("2026-01-16 12:00"))
    asked = run.order.requests[0]
    facts: dict[str, Any] = {"token": asked.token, "guess": "approve", "because": "a condition", "mail": "0" * 64}
    run.happens(ReplyHeld(at=moment("2026-01-16 12:00"), by="ann@client.example", held="H-1", **facts))
    run.run(moment("2026-01-16 12:00"), moment("2026-02-02 12:00"))
    assert run.story(*KINDS) == []
    settled = HeldSettled(at=moment("2026-02-02 12:00"), by="sam", held="H-1", answer="dismiss", through="shell")
    run.happens(settled)
    run.run(moment("2026-02-02 12:00"), moment("2026-02-04 00:00"))
    assert run.story(*KINDS) == ["2026-02-02 12:00 nudge"]


def test_a_mail_of_ours_to_the_client_puts_the_reminder_off() -> None:
    run = planner().run(ASKED, moment("2026-01-20 12:00"))
    mail = {"mail": "0" * 64, "direction": "in", "kind": "person", "to_client": True}
    run.happens(MailRecorded(at=moment("2026-01-20 12:00"), by="sam@studio.example", **mail))  # type: ignore[arg-type]
    run.run(moment("2026-01-20 12:00"), moment("2026-01-24 00:00"))
    assert run.story(*KINDS) == ["2026-01-23 09:00 nudge"]


def test_nobody_is_reminded_at_night() -> None:
    run = planner().run(moment("2026-01-23 22:00"), moment("2026-01-27 00:00"))
    assert run.story(*KINDS) == ["2026-01-26 09:00 nudge"]


def test_the_mornings_and_days_off_are_the_clients() -> None:
    order = new_order(invoices=(), zone="Europe/Berlin", locale="de_DE", requests=(request(ASKED),))
    run = Planner(order).run(ASKED, moment("2026-01-22 00:00"))
    assert run.story("nudge", zone="Europe/Berlin") == ["2026-01-20 09:00 nudge"]


def test_answered_there_is_nothing_to_remind_of() -> None:
    run = planner()
    run.look(ASKED)
    run.happens(RequestClosed(at=moment("2026-01-16 10:00"), by="sam", token="abcdefghijklmnop", state="withdrawn"))
    assert run.run(moment("2026-01-16 10:01"), moment("2026-03-31 00:00")).story(*KINDS) == []


def test_a_client_who_writes_is_given_time() -> None:
    run = planner()
    run.look(ASKED)
    wrote = moment("2026-01-20 23:00")
    run.happens(MailRecorded(at=wrote, by="ann", mail="m", direction="in", kind="note", from_client=True))
    run.run(wrote, moment("2026-01-24 00:00"))
    assert run.story(*KINDS) == ["2026-01-23 09:00 nudge"]


def test_while_paused_nobody_is_reminded() -> None:
    run = planner()
    run.look(ASKED)
    run.happens(OrderPaused(at=moment("2026-01-16 10:00"), by="sam", why="unpaid"))
    run.run(moment("2026-01-16 10:01"), moment("2026-02-02 12:00"))
    assert run.story(*KINDS) == []
    run.happens(OrderResumed(at=moment("2026-02-02 14:00"), by="dana"))
    assert run.story(*KINDS) == ["2026-02-02 14:00 nudge"]


def test_an_invoice_has_its_own_ladder() -> None:
    run = planner(kind="invoice", about="INV-1").run(ASKED, moment("2026-02-10 00:00"))
    assert run.story(*KINDS) == []


def test_the_reason_names_what_was_asked() -> None:
    run = planner().run(ASKED, moment("2026-01-22 00:00"))
    (nudge,) = [o for _, o in run.sent if o.kind == "nudge"]
    assert nudge.because == "no answer about Design approval: reminder 1"
    assert (nudge.data["asked"], nudge.data["days"]) == (date(2026, 1, 15), 6)


def test_the_account_manager_is_reminded_of_an_issue_before_its_24_hours_end() -> None:
    raised = moment("2026-03-07 15:00")  # over the change of the clocks: 20 hours are 20 hours
    issue = Issue(number="ISS-1", title="Silk delayed", raised_at=raised)
    run = Planner(new_order(invoices=(), issues=(issue,))).run(raised, moment("2026-03-10 00:00"))
    assert run.story("issue-clock") == ["2026-03-08 12:00 issue-clock"]
    (clock,) = [o for _, o in run.sent if o.kind == "issue-clock"]
    assert (clock.to, clock.data["limit"]) == (("sam@studio.example",), moment("2026-03-08 16:00"))


def test_a_told_issue_is_not_reminded_of() -> None:
    issue = Issue(number="ISS-1", title="Silk delayed", raised_at=ASKED)
    run = Planner(new_order(invoices=(), issues=(issue,)))
    run.look(ASKED)
    told = issue.model_copy(update={"status": "told", "told_at": moment("2026-01-15 12:00")})
    run.happens(IssueChanged(at=moment("2026-01-15 12:00"), by="sam", issue=told))
    assert run.run(moment("2026-01-15 12:01"), moment("2026-01-20 00:00")).story("issue-clock") == []


def test_satisfaction_is_asked_once_three_working_days_after_delivery() -> None:
    order = new_order(invoices=())
    done = {"status": "done", "approved_at": moment("2026-03-19 15:00")}
    milestones = tuple(m.model_copy(update=done) if m.key == "delivery" else m for m in order.milestones)
    run = Planner(order.model_copy(update={"milestones": milestones}))
    run.run(moment("2026-03-19 15:00"), moment("2026-06-01 00:00"))
    assert run.story("survey") == ["2026-03-24 09:00 survey"]


def test_satisfaction_is_not_asked_of_one_who_has_answered() -> None:
    order = new_order(invoices=(), satisfaction=5)
    milestones = tuple(m.model_copy(update={"status": "done"}) for m in order.milestones)
    run = Planner(order.model_copy(update={"milestones": milestones}))
    assert run.run(moment("2026-03-19 15:00"), moment("2026-06-01 00:00")).story("survey") == []
