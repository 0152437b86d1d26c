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
from mailbot.planning.digest import Ahead, DuePayment, LatePayment, OrderLines, Untold, Wait, Waiting, digest
from mailbot.planning.figures import Figure, History, Span, figures
from mailbot.planning.figures import history as past
from mailbot.planning.round_sends import references
from mailbot.planning.rounds import coming, next_round, report_of, rounds, week_of
from tests.planning.world import MONDAY, RULES, STUDIO, invoice, moment, new_order, request, wall

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


def test_what_is_coming() -> None:
    """Monday 19 January is a holiday: there is a report and no digest."""
    found = coming(RULES, moment("2026-01-16 08:30"), moment("2026-01-21 08:30"), STUDIO)
    assert [f"{r.kind} {wall(r.at)}" for r in found] == [
        "report 2026-01-19 09:00", "digest 2026-01-20 08:30", "digest 2026-01-21 08:30",
    ]  # fmt: skip
    assert len(list(coming(RULES, SINCE, moment("2999-01-01 00:00"), STUDIO))) <= 1000


@pytest.mark.parametrize(("day", "report"), [("2026-01-12", "2026-01-19"), ("2026-01-18", "2026-01-19")])
def test_which_report_tells_of_a_day(day: str, report: str) -> None:
    assert report_of(date.fromisoformat(day), RULES) == date.fromisoformat(report)


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
    loose = held.model_copy(update={"id": "H-4", "order": None})
    waiting = {"ORD-2041": [Waiting("M-3", "reminder-firm")], "ORD-1": [Waiting("M-4", "invoice")]}
    found = digest([order, new_order(closed=True)], [held, settled, other, loose], RULES, now, STUDIO, waiting)
    (lines,) = found.orders
    assert lines.overdue == (
        Ahead("Design approval", date(2026, 1, 19)), Ahead("Fabric approval", date(2026, 2, 2)),
        Ahead("First fitting", date(2026, 2, 9)),
    )  # fmt: skip
    assert (lines.ahead, lines.payments) == ((), ())
    assert lines.waits == (Wait("Design approval", 6),)
    assert [(h.id, h.since) for h in lines.held] == [("H-1", date(2026, 2, 9))]
    assert lines.late == (LatePayment("INV-9", Decimal("3000.00"), 8),)
    assert (lines.paused, lines.blockers[0].text) == ("INV-9 is unpaid", "Silk at customs")
    assert [one.id for one in lines.waiting] == ["M-3"]
    assert ([one.id for one in found.loose], found.held_count, found.late_count) == (["H-4"], 2, 1)
    assert sorted(f"{wall(m.at):.10} {m.kind}" for m in lines.mails) == [
        "2026-02-10 pause-notice",
        "2026-02-10 weekly-update",  # the missed one
        "2026-02-13 weekly-update",
    ]


def lines_of(**fields: Any) -> OrderLines:
    """What the digest of Wednesday morning, 4 February, says of an order."""
    (lines,) = digest([new_order(**fields)], [], RULES, moment("2026-02-04 08:30"), STUDIO).orders
    return lines


def test_the_digest_looks_ahead_to_milestones_and_payments() -> None:
    lines = lines_of(invoices=[invoice("2026-02-11"), invoice("2026-02-12", number="INV-10")])
    assert lines.ahead == (Ahead("First fitting", date(2026, 2, 9)),)
    assert lines.payments == (DuePayment("INV-9", Decimal("3000.00"), date(2026, 2, 11)),)


def test_a_late_payment_tells_what_stops_its_reminders() -> None:
    late = invoice("2026-02-02", status="frozen", sent_on=date(2026, 1, 30))
    promised = late.model_copy(update={"promised": date(2026, 2, 9)})
    disputed = late.model_copy(update={"why": "too dear", "number": "INV-10"})
    assert [(i.promised, i.disputed) for i in lines_of(invoices=[promised, disputed]).late] == [
        (date(2026, 2, 9), False), (None, True),
    ]  # fmt: skip


def test_an_issue_that_the_client_has_not_heard_of_has_its_hour() -> None:
    issue = Issue(number="ISS-1", title="Silk", raised_at=moment("2026-02-03 15:00"))
    told = issue.model_copy(update={"number": "ISS-2", "status": "told", "told_at": moment("2026-02-03 16:00")})
    assert lines_of(issues=(issue, told)).untold == (Untold("ISS-1", "Silk", moment("2026-02-04 15:00")),)


def test_a_client_who_was_reminded_in_vain_is_to_be_called() -> None:
    asked = request(moment("2026-01-26 12:00"), escalated=date(2026, 2, 3))
    assert lines_of(requests=(asked,)).waits == (Wait("Design approval", 9, call=True),)


def test_what_is_pressing_comes_first_and_the_rest_is_named() -> None:
    blocked = {"blockers": tuple(Blocker(number=n, text="Silk", since=MONDAY) for n in range(1, 40))}
    orders = [new_order(milestones=(), invoices=(), ref=f"ORD-{n:03}") for n in range(100)]
    orders[70] = orders[70].model_copy(update=blocked)
    found = digest(orders, [], RULES, moment("2026-02-04 08:30"), STUDIO)
    assert [one.ref for one in found.orders][:2] == ["ORD-070", "ORD-000"]
    most = RULES.digest.most_lines_of_order
    assert (len(found.orders[0].blockers), found.orders[0].more) == (most, 39 - most + 2)  # with two updates to come
    assert found.count == 100
    assert sorted([*(one.ref for one in found.orders), *found.others]) == [f"ORD-{n:03}" for n in range(100)]
    shown = sum(2 + len(one.blockers) + len(one.mails) + bool(one.more) for one in found.orders)
    assert RULES.digest.most_lines - 5 < shown <= RULES.digest.most_lines


def test_references_fit_into_a_header() -> None:
    refs = [f"ORD-{n}" for n in range(2000, 3000)]
    joined = references([*refs, "ORD-2000"]) or ""
    assert len(joined) <= 800
    assert joined.split(",") == refs[: joined.count(",") + 1]
    assert references([]) is None


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


def test_satisfaction_counts_orders_that_are_over_and_names_who_is_not() -> None:
    answer = e.SatisfactionGiven(
        at=moment("2026-01-14 12:00"), by="ann", rating=2, words="2", mail="", proof="", from_client=True
    )
    span = Span(SINCE, UNTIL, RULES, STUDIO)
    found = next(f for f in figures([history(answer)], span, earlier=[5, 4]) if f.id == "satisfaction")
    assert (found.value, found.counted, [m.what for m in found.misses]) == (Decimal("3.7"), 3, ["answered 2 of 5"])


def test_a_week_that_is_past_is_told_as_it_stood() -> None:
    """What happened since does not change it."""
    sent = weekly("2026-01-16 16:00")
    event = history(sent).events
    assert past(event, moment("2026-01-16 15:59")) == History(replay(event[:1]), event[:1])
    assert past(event, moment("2026-01-16 16:00")) == History(replay(event), event)
    assert past(event, moment("2026-01-05 09:59")) is None
