"""No two mails go to one address by themselves within the hour, whatever orders they are about; and none at night."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders.model import Order
from mailbot.planning.calendar import is_working_day
from mailbot.planning.due import forecast, forecasts, next_due, plan
from mailbot.planning.occurrence import Occurrence
from mailbot.planning.spacing import TO_CLIENTS, Post, noted
from tests.planning.world import NEW_YORK, RULES, STUDIO, Planner, invoice, moment, new_order, request, wall

START = moment("2026-01-05 10:00")
DAYS = 30
HOUR = timedelta(minutes=RULES.client_hours.apart_minutes)
FIXED = ("weekly-update", "pause-notice")


@dataclass
class Studio:
    """Several orders of one client, looked at as the daemon does: whichever is due, one after the other."""

    orders: dict[str, Order]
    post: Post = field(default_factory=Post)
    sent: list[tuple[datetime, Occurrence]] = field(default_factory=list)

    def look(self, now: datetime) -> datetime | None:
        """What is due at `now` goes out; the moment at which to look again."""
        for ref, order in self.orders.items():
            planned = plan(order, RULES, now, STUDIO, self.post)
            self.post = noted(self.post, planned.occurrences, now)
            self.orders[ref] = planned.order
            self.sent += [(now, o) for o in planned.occurrences if o.to]
        ahead = [next_due(order, RULES, now, STUDIO, self.post) for order in self.orders.values()]
        return min((when for when in ahead if when), default=None)

    def run(self, start: datetime, end: datetime) -> Studio:
        clock: datetime | None = start
        while clock and clock <= end:
            clock = self.look(clock)
        return self


def orders_of(zone: str, locale: str, count: int) -> list[Order]:
    """So many orders with an unpaid invoice each on the same days, and a question to the client."""
    return [
        new_order(
            zone=zone, locale=locale, invoices=[invoice("2026-01-13", number=f"INV-{n}")],
            requests=(request(START + timedelta(days=n % 2), token=f"{n}" * 16),),
        ).model_copy(update={"ref": f"ORD-{n}"})
        for n in range(count)
    ]  # fmt: skip


studios = st.builds(
    orders_of, st.sampled_from([NEW_YORK, "Pacific/Pago_Pago", "Europe/Berlin", "Asia/Tokyo"]),
    st.sampled_from(["en_US", "de_DE"]), st.integers(1, 3),
)  # fmt: skip
minutes = st.integers(0, DAYS * 24 * 60).map(lambda n: START + timedelta(minutes=n))
outages = st.lists(st.tuples(minutes, st.integers(1, 10 * 24)), max_size=2)


def live(orders: list[Order], down: list[tuple[datetime, int]], looks: list[datetime]) -> Studio:
    """Up but for the outages; looks when something is due, and at `looks`."""
    studio = Studio({order.ref: order for order in orders})
    gaps = [(start, start + timedelta(hours=hours)) for start, hours in down]
    clock, end = START, START + timedelta(days=DAYS)
    while clock <= end:
        if over := next((over for start, over in gaps if start <= clock < over), None):
            clock = over
            continue
        following = studio.look(clock)
        ahead = [one for one in [*looks, *(over for _, over in gaps), following] if one and one > clock]
        if not ahead:
            break
        clock = min(ahead)
    return studio


def to_client(studio: Studio) -> list[tuple[datetime, Occurrence]]:
    return sorted(((at, o) for at, o in studio.sent if o.kind in TO_CLIENTS), key=lambda one: (one[0], one[1].key))


@settings(max_examples=10, deadline=None)
@given(studios, outages)
def test_an_hour_apart_and_by_day(orders: list[Order], down: list[tuple[datetime, int]]) -> None:
    mails = to_client(live(orders, down, []))
    for (before, one), (after, other) in pairwise(mails):
        assert after - before >= HOUR or one.fixed or other.fixed, (one.key, other.key)
    for at, o in mails:
        local = at.astimezone(ZoneInfo(orders[0].client.timezone))
        if o.kind == "weekly-update" and o.fixed:
            continue
        assert time(8) <= local.time() < time(18)
        assert o.kind in FIXED or is_working_day(local.date(), orders[0].client.locale)


@settings(max_examples=5, deadline=None)
@given(studios)
def test_every_update_is_on_time(orders: list[Order]) -> None:
    updates = [at for at, o in live(orders, [], []).sent if o.kind == "weekly-update"]
    assert len(updates) == 4 * len(orders)
    assert {wall(at)[-5:] for at in updates} == {"16:00"}


@settings(max_examples=5, deadline=None)
@given(studios)
def test_what_is_told_beforehand_is_what_goes_out(orders: list[Order]) -> None:
    until = START + timedelta(days=DAYS)
    told = [(o.at, o.key) for o in forecasts(orders, RULES, START, until, STUDIO)]
    assert sorted(told) == sorted((at, o.key) for at, o in live(orders, [], []).sent)


@settings(max_examples=5, deadline=None)
@given(studios, outages, st.lists(minutes, max_size=30))
def test_looking_in_between_changes_nothing(
    orders: list[Order], down: list[tuple[datetime, int]], looks: list[datetime]
) -> None:
    plain, watched = live(orders, down, []), live(orders, down, looks)
    assert [(at, o.key) for at, o in watched.sent] == [(at, o.key) for at, o in plain.sent]


def test_what_was_written_to_them_lately_counts_in_any_order() -> None:
    order = new_order(invoices=[invoice("2026-01-09")])
    lately = {"bo@client.example": moment("2026-01-06 08:30")}
    (first, *_) = forecast(order, RULES, START, moment("2026-01-06 23:00"), STUDIO, Post(lately))
    assert (wall(first.at), first.kind) == ("2026-01-06 09:30", "invoice")


def test_money_first_then_questions() -> None:
    asked = request(moment("2026-01-05 10:00"))
    story = Planner(new_order(invoices=[invoice("2026-01-11")], requests=(asked,)))
    story.run(moment("2026-01-05 10:00"), moment("2026-01-08 23:00"))
    assert story.story("invoice", "nudge") == ["2026-01-08 09:00 invoice", "2026-01-08 10:00 nudge"]


def test_the_update_has_its_hour_and_others_keep_clear_of_it() -> None:
    order = new_order(imported=moment("2026-01-09 15:20"))
    story = Planner(order).run(moment("2026-01-09 15:20"), moment("2026-01-09 23:00"))
    assert story.story("invoice", "weekly-update") == ["2026-01-09 16:00 weekly-update", "2026-01-09 17:00 invoice"]


def test_a_missed_update_waits_for_the_day_and_gives_way() -> None:
    story = Planner(new_order(invoices=[invoice("2026-01-15")]))
    story.run(START, moment("2026-01-09 15:00"))
    story.run(moment("2026-01-10 03:00"), moment("2026-01-10 23:00"))
    assert story.story("weekly-update") == ["2026-01-10 09:00 weekly-update"]
    story.run(moment("2026-01-19 09:00"), moment("2026-01-20 12:00"))  # a holiday
    assert story.story("invoice", "weekly-update")[-2:] == [
        "2026-01-19 09:00 weekly-update",
        "2026-01-20 09:00 invoice",
    ]


def test_an_update_that_is_late_by_minutes_goes_at_once() -> None:
    story = Planner(new_order(invoices=(), zone="Asia/Tokyo", locale="ja_JP"))  # 06:00 on Saturday there
    story.run(START, moment("2026-01-09 15:00"))
    story.run(moment("2026-01-09 16:40"), moment("2026-01-09 23:00"))
    assert story.story("weekly-update") == ["2026-01-09 16:40 weekly-update"]


def test_a_pause_that_comes_due_in_an_outage_is_told_by_day() -> None:
    story = Planner(new_order(invoices=[invoice("2026-01-12")]))
    story.run(START, moment("2026-01-19 12:00"))
    story.run(moment("2026-01-22 02:00"), moment("2026-01-22 23:00"))
    assert story.story("pause-notice", "escalation-pause") == [
        "2026-01-22 09:00 escalation-pause",
        "2026-01-22 09:00 pause-notice",
    ]
