"""What holds whatever happens: outages, restarts, payments, moved dates, any zone, any country."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders import events as e
from mailbot.orders.consequences import moved_milestone
from mailbot.orders.events import Event
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Issue, Order
from mailbot.planning.calendar import is_working_day, working_day
from mailbot.planning.due import after, due, forecast, next_due, plan
from mailbot.planning.weekly import send_time
from tests.planning.world import NEW_YORK, RULES, STUDIO, Planner, invoice, moment, new_order, request

START = moment("2026-01-05 10:00")
DAYS = 75
ZONES = [NEW_YORK, "Pacific/Tongatapu", "Pacific/Pago_Pago", "Europe/Berlin", "Australia/Sydney"]
LOCALES = ["en_US", "de_DE", "he_IL", "en"]
LADDER = [step.step for step in RULES.ladder]
minutes = st.integers(0, DAYS * 24 * 60).map(lambda n: START + timedelta(minutes=n))


@dataclass(frozen=True)
class Happening:
    """Something that people do at a time, whether mailbot plans on that day or not."""

    at: datetime
    what: str
    invoice: int
    days: int

    def events(self, order: Order) -> tuple[Event, ...]:
        bill = order.invoices[self.invoice]
        day = self.at.date() + timedelta(days=self.days)
        if self.what == "moved":
            change = moved_milestone(order, order.milestones[2], day, RULES)
            return (e.MilestonesChanged(at=self.at, by="sam", milestones=change.milestones, invoices=change.invoices),)
        if self.what == "held":
            friday = self.at.date() + timedelta(days=(4 - self.at.weekday()) % 7)
            return (e.WeeklyHeld(at=self.at, by="sam", week=friday),)
        if self.what == "resumed":
            return (e.OrderResumed(at=self.at, by="dana"),)
        fields = {
            "paid": {"status": "paid", "paid_on": self.at.date()},
            "promise": {"promised": day},
            "dispute": {"status": "frozen", "why": "wrong"},
        }[self.what]
        if bill.status == "paid":
            return ()
        return (e.InvoiceChanged(at=self.at, by="f", invoice=bill.model_copy(update=fields), what=self.what),)


happenings = st.lists(
    st.builds(
        Happening, minutes, st.sampled_from(["paid", "promise", "dispute", "moved", "held", "resumed"]),
        st.integers(0, 2), st.integers(0, 20),
    ),
    max_size=5,
)  # fmt: skip
outages = st.lists(st.tuples(minutes, st.integers(1, 21 * 24)), max_size=4)
orders = st.builds(
    lambda zone, locale: new_order(
        imported=START, zone=zone, locale=locale, requests=(request(START + timedelta(days=1)),),
        issues=(Issue(number="ISS-1", title="Silk delayed", raised_at=START + timedelta(days=2)),),
    ),
    st.sampled_from(ZONES), st.sampled_from(LOCALES),
)  # fmt: skip


def live(order: Order, down: list[tuple[datetime, int]], happen: list[Happening], looks: list[datetime]) -> Planner:
    """The order's life: the daemon is up but for the outages, and looks on waking, on every change and at `looks`."""
    run = Planner(order)
    gaps = [(start, start + timedelta(hours=hours)) for start, hours in down]
    points = sorted({START, START + timedelta(days=DAYS), *looks, *(end for _, end in gaps)})
    changes = sorted(happen, key=lambda h: h.at)
    clock = START
    while clock <= points[-1]:
        awake = next((end for start, end in gaps if start <= clock < end), None)
        if awake is not None:
            clock = awake
            continue
        while changes and changes[0].at <= clock:  # mail that came while we were away is read on waking
            happening = changes.pop(0)
            for event in happening.events(run.order):
                run.order = evolve(run.order, event)
        run.look(clock)
        ahead = [p for p in points if p > clock] + [h.at for h in changes[:1]]
        ahead += [run.next_due] if run.next_due else []
        if not ahead:
            break
        clock = min(ahead)
    return run


def steps(run: Planner) -> dict[str, list[tuple[datetime, str]]]:
    """For each invoice the steps that were taken, each once, in time."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    for at, o in run.sent:
        if o.step and o.about and (at, o.step.step) not in found.setdefault(o.about, []):
            found[o.about].append((at, o.step.step))
    return found


@settings(max_examples=25, deadline=None)
@given(orders, outages, happenings)
def test_whatever_happens(order: Order, down: list[tuple[datetime, int]], happen: list[Happening]) -> None:
    run = live(order, down, happen, [])
    assert max(Counter(o.key for _, o in run.planned).values()) == 1
    for taken in steps(run).values():
        places = [LADDER.index(step) for _, step in taken]
        assert places == sorted(set(places))  # each once, never down
        zone = ZoneInfo(order.client.timezone)
        days = [at.astimezone(zone).date() for at, _ in taken]
        assert len(set(days)) == len(days)  # never two on one day
    for now, o in run.sent:
        assert o.at <= now
        local = now.astimezone(ZoneInfo(order.client.timezone))
        if o.kind == "nudge" or (o.step and o.step.working_days):
            assert is_working_day(local.date(), order.client.locale)
            assert time(8) <= local.time() < time(18)
        if o.kind == "weekly-update":
            week = date.fromisoformat(o.about or "")
            assert send_time(week, RULES.weekly, STUDIO) <= now < send_time(week + timedelta(7), RULES.weekly, STUDIO)
            assert week not in [w for h in happen if h.at <= now for w in _held(h, order)]


def _held(happening: Happening, order: Order) -> list[date]:
    return [x.week for x in happening.events(order) if isinstance(x, e.WeeklyHeld)] if happening.what == "held" else []


@settings(max_examples=20, deadline=None)
@given(orders, outages, happenings)
def test_nothing_after_it_is_paid(order: Order, down: list[tuple[datetime, int]], happen: list[Happening]) -> None:
    run = live(order, down, happen, [])
    for happening in happen:
        if happening.what != "paid":
            continue
        number = order.invoices[happening.invoice].number
        assert [at for at, _ in steps(run).get(number, []) if at >= happening.at] == []


@settings(max_examples=15, deadline=None)
@given(orders, outages, happenings, st.lists(minutes, min_size=1, max_size=30))
def test_a_restart_in_between_changes_nothing(
    order: Order, down: list[tuple[datetime, int]], happen: list[Happening], restarts: list[datetime]
) -> None:
    plain, restarted = live(order, down, happen, []), live(order, down, happen, restarts)
    assert [(at, o.key) for at, o in restarted.sent] == [(at, o.key) for at, o in plain.sent]


@settings(max_examples=2, deadline=None)
@given(orders, happenings)
def test_sleeping_until_the_next_loses_nothing(order: Order, happen: list[Happening]) -> None:
    """One that looks every hour sends the same at the same times (all of them are full hours in these zones)."""
    hours = [START + timedelta(hours=n) for n in range(30 * 24)]
    happen = [Happening(h.at.replace(minute=0), h.what, h.invoice, h.days) for h in happen]
    assert [(at, o.key) for at, o in live(order, [], happen, hours).sent] == [
        (at, o.key) for at, o in live(order, [], happen, []).sent
    ]


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2026, 2, 1), date(2027, 3, 1)), st.sampled_from(ZONES), st.sampled_from(LOCALES))
def test_without_outage_no_step_is_skipped_but_for_days_off(due_on: date, zone: str, locale: str) -> None:
    """Against a plain calendar: on each day the highest step that is planned for it and above the last one."""
    start = datetime.combine(due_on - timedelta(days=30), time(12), UTC)
    run = Planner(new_order(imported=start, zone=zone, locale=locale, invoices=[invoice(due_on)]))
    run.run(start, start + timedelta(days=80))
    sent_on = _moved(due_on + timedelta(days=RULES.ladder[0].day), True, locale)
    base = max(due_on, sent_on)
    expected = [(sent_on, "invoice")]
    for day in (sent_on + timedelta(days=n) for n in range(1, 50)):
        todays = [s for s in RULES.ladder[1:] if _moved(base + timedelta(days=s.day), s.working_days, locale) == day]
        above = [s.step for s in todays if LADDER.index(s.step) > LADDER.index(expected[-1][1])]
        expected += [(day, above[-1])] if above else []
    zoned = [(at.astimezone(ZoneInfo(zone)), step) for at, step in steps(run)["INV-9"]]
    assert [(at.date(), step) for at, step in zoned] == expected
    clear = {time(9), time(10)} if zone == "Pacific/Pago_Pago" else {time(9)}  # the update is at 9 or 10 there
    assert {at.time() for at, _ in zoned} <= clear


def _moved(day: date, working_days: bool, locale: str) -> date:
    return working_day(day, locale) if working_days else day


@settings(max_examples=6, deadline=None)
@given(orders)
def test_the_forecast_is_what_happens(order: Order) -> None:
    until = START + timedelta(days=DAYS)
    told = [(o.at, o.key) for o in forecast(order, RULES, START, until, STUDIO)]
    done = [(at, o.key) for at, o in Planner(order).run(START, until).sent if o.to]
    assert sorted(told) == sorted(done)


def test_the_forecast_is_in_order_and_every_mail_has_a_reason() -> None:
    mails = forecast(new_order(), RULES, START, START + timedelta(days=DAYS), STUDIO)
    assert len(mails) > 20
    assert all(a.at <= b.at for a, b in pairwise(mails))
    assert all(o.because and o.to and o.key for o in mails)


def test_a_forecast_for_centuries_ends() -> None:
    assert len(forecast(new_order(invoices=()), RULES, START, datetime(2500, 1, 1, tzinfo=UTC), STUDIO)) <= 1_000


def test_sending_twice_means_nothing_more() -> None:
    order = new_order()
    for now in (START, moment("2026-01-09 16:00"), moment("2026-01-13 09:00")):
        for occurrence in due(order, RULES, now, STUDIO):
            for event in after(occurrence, order, now):
                order = evolve(order, event)
            assert after(occurrence, order, now) == ()


def test_what_was_due_and_not_sent_is_looked_at_again() -> None:
    order = new_order()
    assert next_due(order, RULES, START, STUDIO) == START
    assert plan(order, RULES, START, STUDIO).next_due == moment("2026-01-08 16:00")


def test_a_draft_is_not_lost_to_a_mail_that_comes_just_before_the_tick() -> None:
    """The order changes a second after the draft's hour, before anybody has planned it."""
    order = plan(new_order(invoices=()), RULES, START, STUDIO).order
    now = moment("2026-01-08 16:00") + timedelta(seconds=1)
    noted = evolve(order, e.ProgressNoted(at=now, by="sam", what="done", text="Sketches"))
    assert next_due(noted, RULES, now, STUDIO) == moment("2026-01-08 16:00")
    assert [o.kind for o in due(noted, RULES, now, STUDIO)] == ["draft-weekly"]


def test_a_payment_takes_the_reminder_away() -> None:
    order = new_order(invoices=[invoice("2026-02-06", status="sent", sent_on=date(2026, 2, 3))])
    before = [o.kind for o in due(order, RULES, moment("2026-02-11 09:00"), STUDIO)]
    paid = order.invoices[0].model_copy(update={"status": "paid"})
    order = order.model_copy(update={"invoices": (paid,)})
    after_it = [o.kind for o in due(order, RULES, moment("2026-02-11 09:00"), STUDIO)]
    assert set(before) - set(after_it) == {"reminder-friendly"}


@pytest.mark.parametrize("at", ["2026-02-03 08:59", "2026-02-03 09:00"])
def test_a_planned_invoice_follows_its_milestone(at: str) -> None:
    order = new_order()
    change = moved_milestone(order, order.milestones[2], date(2026, 2, 6), RULES)
    order = order.model_copy(update={"milestones": change.milestones, "invoices": change.invoices})
    assert [o.key for o in due(order, RULES, moment(at), STUDIO) if o.kind == "invoice"] == (
        ["INV-2/invoice"] if at.endswith("09:00") else []
    )
