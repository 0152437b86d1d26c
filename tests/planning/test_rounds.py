"""The studio's rounds, the digest of a morning, and the success figures of a week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.orders import events as e
from mailbot.orders.evolve import replay
from mailbot.orders.model import Blocker, Held, Issue, Order
from mailbot.planning.digest import Ahead, LatePayment, Wait, digest
from mailbot.planning.figures import Figure, History, Span, figures
from mailbot.planning.rounds import next_round, rounds, week_of
from tests.planning.world import RULES, STUDIO, invoice, moment, new_order, request, wall

SINCE = moment("2026-01-12 09:00")
UNTIL = moment("2026-01-19 09:00")


@pytest.mark.parametrize(
    ("since", "now", "due"),
    [
        ("2026-01-15 09:00", "2026-01-16 08:29", []),
        ("2026-01-15 09:00", "2026-01-16 08:30", ["digest 2026-01-16"]),
        ("2026-01-16 08:30", "2026-01-16 17:00", []),
        ("2026-01-16 09:00", "2026-01-19 09:00", ["report 2026-01-19"]),  # a holiday
        ("2026-01-16 09:00", "2026-01-21 07:00", ["report 2026-01-19"]),  # yesterday's morning is over
        ("2026-01-01 09:00", "2026-01-21 12:00", ["digest 2026-01-21", "report 2026-01-19"]),  # the latest only
    ],
)
def test_what_is_due(since: str, now: str, due: list[str]) -> None:
    assert [f"{r.kind} {r.day}" for r in rounds(RULES, moment(since), moment(now), STUDIO)] == due


@given(st.integers(0, 400 * 24 * 60).map(lambda n: SINCE + timedelta(minutes=n)))
def test_the_next_round_is_the_first_that_comes_due(now: datetime) -> None:
    then = next_round(RULES, now, STUDIO)
    assert then > now
    assert rounds(RULES, now, then, STUDIO) != ()
    assert rounds(RULES, now, then - timedelta(microseconds=1), STUDIO) == ()


def test_a_report_is_about_the_week_before_it() -> None:
    assert [wall(t) for t in week_of(date(2026, 3, 9), RULES, STUDIO)] == ["2026-03-02 09:00", "2026-03-09 09:00"]


def test_the_digest_tells_of_every_open_order() -> None:
    now = moment("2026-02-10 08:30")
    late = invoice("2026-02-02", status="sent", sent_on=date(2026, 1, 30))
    held = Held(
        id="H-1", order="ORD-2041", request=None, about="fabric", sender="ann@client.example", subject="Re:",
        words="Hm", guess="changes", because="not understood", mail="m", message_id="i",
        at=moment("2026-02-09 10:00"), am="sam@studio.example",
    )  # fmt: skip
    order = new_order(
        invoices=[late], requests=(request(moment("2026-02-04 12:00")),),
        blockers=(Blocker(number=1, text="Silk at customs", since=date(2026, 2, 6)),), paused="INV-9 is unpaid",
    )  # fmt: skip
    settled = held.model_copy(update={"id": "H-2", "state": "settled"})
    other = held.model_copy(update={"id": "H-3", "order": "ORD-1"})
    (lines,) = digest([order, new_order(closed=True)], [held, settled, other], RULES, now, STUDIO)
    assert lines.ahead == (
        Ahead("Design approval", date(2026, 1, 19)), Ahead("Fabric approval", date(2026, 2, 2)),
        Ahead("First fitting", date(2026, 2, 9)),
    )  # fmt: skip
    assert lines.waits == (Wait("Design approval", 6),)
    assert [(h.id, h.since) for h in lines.held] == [("H-1", date(2026, 2, 9))]
    assert lines.late == (LatePayment("INV-9", Decimal("3000.00"), 8),)
    assert (lines.paused, lines.blockers[0].text) == ("INV-9 is unpaid", "Silk at customs")
    assert [f"{wall(m.at)} {m.kind}" for m in lines.mails] == [
        "2026-02-10 08:30 weekly-update",  # the missed one
        "2026-02-10 09:00 pause-notice",
        "2026-02-13 16:00 weekly-update",
    ]


def history(*events: e.Event, **fields: Any) -> History:
    order = new_order(imported=moment("2026-01-05 10:00"))
    start = e.OrderImported(
        at=order.imported_at, by="sam", ref=order.ref, project=order.project, client=order.client,
        account_manager=order.account_manager, currency="USD", total=order.total, signed=order.signed,
        delivery=order.delivery, phase=order.phase, milestones=order.milestones, invoices=order.invoices,
    )  # fmt: skip
    return History(replay([start, *events]).model_copy(update=fields), (start, *events))


def figure(which: str, *histories: History, until: datetime = UNTIL) -> Figure:
    span = Span(until - timedelta(days=7), until, RULES, STUDIO)
    return next(f for f in figures(histories, span) if f.id == which)


def weekly(at: str) -> e.WeeklySent:
    return e.WeeklySent(at=moment(at), by="mailbot", week=date(2026, 1, 16))


@pytest.mark.parametrize(
    ("events", "value", "miss"),
    [
        ([weekly("2026-01-16 16:00")], 100, None),
        ([weekly("2026-01-16 17:01")], 0, "the update of 2026-01-16 was sent late"),
        ([], 0, "the update of 2026-01-16 was not sent"),
        (
            [e.WeeklyHeld(at=moment("2026-01-15 17:00"), by="sam@studio.example", week=date(2026, 1, 16))],
            0,
            "the update of 2026-01-16 was held by sam@studio.example",
        ),
        ([e.OrderClosed(at=moment("2026-01-14 12:00"), by="sam")], None, None),
    ],
)
def test_weekly_updates_on_time(events: list[e.Event], value: int | None, miss: str | None) -> None:
    found = figure("weekly", history(*events))
    assert (found.value, [m.what for m in found.misses]) == (value, [miss] if miss else [])
    assert found.met is (miss is None)


def test_the_figures_are_over_all_orders() -> None:
    found = figure("weekly", history(weekly("2026-01-16 16:00")), history(weekly("2026-01-16 16:00")), history())
    assert (found.value, found.met, len(found.misses)) == (Decimal("66.7"), False, 1)


@pytest.mark.parametrize(
    ("raised", "told", "value", "miss"),
    [
        ("2026-01-14 12:00", "2026-01-15 12:00", 100, None),
        ("2026-01-14 12:00", "2026-01-15 19:30", 0, "ISS-1 was told after 31 hours"),
        ("2026-01-14 12:00", None, 0, "ISS-1 was not told"),
        ("2026-01-18 12:00", None, None, None),  # there is still time
        ("2026-01-05 12:00", "2026-01-05 13:00", None, None),  # the week before
    ],
)
def test_issues_told_in_time(raised: str, told: str | None, value: int | None, miss: str | None) -> None:
    issue = Issue(number="ISS-1", title="Silk", raised_at=moment(raised), told_at=moment(told) if told else None)
    found = figure("issues", history(issues=(issue,)))
    assert (found.value, [m.what for m in found.misses]) == (value, [miss] if miss else [])


def _moved(order: Order, when: str, **fields: Any) -> e.MilestonesChanged:
    design = order.milestones[0].model_copy(update=fields)
    return e.MilestonesChanged(at=moment(when), by="sam", milestones=(design,))


@pytest.mark.parametrize(
    ("when", "fields", "value"),
    [
        ("2026-01-19 12:00", {"status": "approved"}, 100),
        ("2026-01-20 12:00", {"status": "approved"}, 0),  # a day late
        ("2026-01-15 12:00", {"due": date(2026, 2, 2)}, None),  # told beforehand
        ("2026-01-20 12:00", {"due": date(2026, 2, 2)}, 0),  # told afterwards
    ],
)
def test_milestones_met_or_the_delay_told_beforehand(when: str, fields: dict[str, Any], value: int | None) -> None:
    """The design is due on 19 January."""
    found = figure("milestones", history(_moved(new_order(), when, **fields)), until=moment("2026-01-26 09:00"))
    assert found.value == value
    assert [m.what for m in found.misses] == (["Design approval was due on 2026-01-19"] if value == 0 else [])


def test_satisfaction_is_the_mean_of_the_answers() -> None:
    answers = [history(satisfaction=n) for n in (5, 4, 2, None)]
    assert figure("satisfaction", *answers).value == Decimal("3.7")
    assert not figure("satisfaction", *answers).met
    assert figure("satisfaction", history()).value is None


@pytest.mark.parametrize(
    ("paid", "value", "miss"),
    [
        (date(2026, 1, 14), 100, None),
        (date(2026, 1, 17), 0, "INV-9 was paid 3 days late"),
        (None, 0, "INV-9 is not paid"),
    ],
)
def test_payments_on_schedule(paid: date | None, value: int, miss: str | None) -> None:
    bill = invoice("2026-01-14", paid_on=paid, status="paid" if paid else "sent")
    found = figure("payments", history(invoices=(bill,)))
    assert (found.value, [m.what for m in found.misses]) == (value, [miss] if miss else [])
