"""Who may decide for the client: approvers with limits, delegates for a while, and nobody for both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders.authority import asked_of, by_right, mandates, people_of, stake, who_may, why_not
from mailbot.orders.circumstances import Done
from mailbot.orders.events import ApproverChanged
from mailbot.orders.evolve import replay
from mailbot.orders.model import Client, Limit, Order
from mailbot.orders.settle import booked
from tests.orders.world import ANN, NOW, SAM, circumstances, do, imported, order

BEN, PA, EVE = "ben@client.example", "pa@client.example", "eve@elsewhere.example"
DAY = timedelta(days=1)


def with_(*commands: str, on: Order | None = None, **changes: Any) -> Order:
    """The order after commands, each of which was carried out."""
    done = do(on or order(), "\n".join(commands), **changes)
    assert all(line.ok for line in done.lines), done.lines
    return done.order


def refused(command: str, on: Order | None = None, **changes: Any) -> str:
    """Why a command is not carried out."""
    done = do(on or order(), command, **changes)
    assert not done.lines[0].ok
    assert not done.events
    return done.lines[0].said


def may(one: Order, who: str, amount: str = "0", at: datetime = NOW) -> bool:
    return why_not(one, who, "CO-1", Decimal(amount), at) is None


def approved(one: Order, cost: str, by: str) -> Order:
    """The order with a change order over `cost` that `by` has approved."""
    asked = with_(f"change order: Change {len(one.change_orders)}", f"Work: {cost}", "send", on=one)
    request = asked.open_requests[-1]
    decision = booked(
        asked, request, "approve", circumstances(next_invoice=len(asked.invoices) + 1), by=by, how="replied", proof="p",
        because="r", words="w", mail="0" * 64,
    )  # fmt: skip
    assert decision.order is not None
    return decision.order


# --- approvers and their limits -----------------------------------------------------------------------------------


def test_an_approver_without_a_limit_decides_anything() -> None:
    assert may(order(), ANN, "1000000")
    assert not may(order(), BEN)


def test_a_limit_is_quoted_with_the_amount_that_goes_over_it() -> None:
    one = with_(f"approver {PA} up to 500.00")
    assert may(one, PA, "500.00")
    why = why_not(one, PA, "CO-1", Decimal("500.01"), NOW)
    assert why == f"over the limit: CO-1 is 500.01 USD, and {PA} may decide up to 500.00 USD"


def test_what_costs_nothing_has_no_limit() -> None:
    one = with_(f"approver {PA} up to 500.00", "ask design")
    assert stake(one, one.open_requests[0], None) == 0
    assert may(one, PA)


def test_a_change_order_counts_its_amount_whatever_the_answer_and_an_issue_what_the_chosen_way_costs() -> None:
    text = ("issue: Silk", "situation: so", "impact: none", "option: Wait | days +6", "option: Fly | cost 380", "send")
    one = with_("change order: Less", "Without lace: -700", "send", *text)
    change, issue = one.open_requests
    assert stake(one, change, None) == 700, "what is saved counts like what is spent"
    assert [stake(one, issue, option) for option in (None, 1, 2, 3)] == [0, 0, 380, 0]


def test_several_small_ones_count_together_where_that_is_limited() -> None:
    one = with_(f"approver {PA} up to 500 and 800 in all")
    one = approved(one, "450", PA)
    assert may(one, PA, "350")
    why = why_not(one, PA, "CO-2", Decimal("350.01"), NOW) or ""
    assert "with CO-2 (350.01 USD) it would be 800.01 USD" in why
    assert "up to 800.00 USD in all" in why
    assert may(approved(one, "5000", ANN), PA, "350"), "what others decide is not theirs"
    assert may(with_("undo CO-1", on=one), PA, "500"), "what was taken back is not spent"


def test_a_limit_is_named_anew_and_lifted_in_so_many_words() -> None:
    one = with_(f"approver {PA} up to 500")
    again = do(one, f"approver {PA}")
    assert not again.events
    assert "no limit` lifts that" in again.lines[0].said
    assert may(with_(f"approver {PA} up to 900", on=one), PA, "900")
    assert may(with_(f"approver {PA} no limit", on=one), PA, "100000")
    assert not do(one, f"approver {PA} up to 500").events
    assert "more than nothing" in refused(f"approver {PA} up to 0", one)


def test_the_last_who_may_decide_stays() -> None:
    assert "is the last who may decide" in refused(f"approver {ANN} off")
    one = with_(f"approver {PA} up to 500")
    assert "is the last who may decide" in refused(f"approver {ANN} off", one, studio=frozenset({PA}))
    assert who_may(with_(f"approver {ANN} off", on=one), NOW) == [f"{PA}: approver, up to 500.00 USD each"]


def test_who_is_taken_off_is_told_with_what_they_were_asked() -> None:
    done = do(with_(f"approver {PA}", "ask design"), f"approver {ANN} off")
    assert "they were asked about Design approval" in done.lines[0].said
    assert not may(done.order, ANN)
    assert done.order.open_requests


def test_who_may_decide_gets_the_questions() -> None:
    one = with_(f"approver {PA}", f"delegate {BEN} for {ANN} until 2026-01-10")
    assert do(one, "ask design").sends[0].to == (ANN, PA, BEN)
    assert asked_of(one, NOW + 10 * DAY) == (ANN, PA)


@pytest.mark.parametrize("command", ["approver", "delegate", "accept"])
def test_nobody_decides_for_both_sides(command: str) -> None:
    end = " until 2026-03-03" if command == "delegate" else ""
    assert "of the studio" in refused(f"{command} {SAM}{end}")
    assert "of the studio" in refused(f"{command} {BEN}{end}", studio=frozenset({BEN}))
    both = Client(name="Ann", emails=(SAM,), approvers=(SAM,), timezone="UTC", locale="en_US")
    assert not mandates(order(client=both), SAM, NOW), "the account manager, though the order names him"


# --- delegates ----------------------------------------------------------------------------------------------------


def test_a_delegate_decides_to_the_end_of_the_day_where_the_client_is() -> None:
    one = with_(f"delegate {BEN} until 2026-01-10")
    last = datetime(2026, 1, 10, 23, 59, 59, tzinfo=ZoneInfo("America/New_York"))
    assert may(one, BEN, "1000", last)
    assert not may(one, BEN, at=last + timedelta(seconds=1))
    why = why_not(one, BEN, "design", Decimal(0), last + DAY) or ""
    assert why.endswith("may not decide for Ann Lee: they could until 2026-01-10")
    assert by_right(one, BEN, Decimal(0), NOW) == f"delegate in the place of {ANN} until 2026-01-10"


def test_a_delegate_may_never_do_more_than_the_approver() -> None:
    one = with_(f"approver {PA} up to 500 and 800 in all", f"delegate {BEN} for {PA} until 2026-01-10 up to 900")
    assert (may(one, BEN, "500"), may(one, BEN, "501")) == (True, False)
    one = approved(approved(one, "450", PA), "300", BEN)
    assert (may(one, BEN, "50"), may(one, BEN, "51"), may(one, PA, "51")) == (True, False, False)


def test_a_delegate_goes_with_the_approver() -> None:
    one = with_(f"approver {PA}", f"delegate {BEN} for {ANN} until 2026-01-10")
    done = do(one, f"approver {ANN} off")
    assert not may(done.order, BEN)
    assert f"nor {BEN} in their place" in done.lines[0].said


def test_a_delegate_is_ended_and_named_anew() -> None:
    one = with_(f"delegate {BEN} until 2026-01-10")
    assert not may(with_(f"delegate {BEN} off", on=one), BEN)
    again = with_(f"delegate {BEN} until 2026-01-20 up to 50", on=one)
    assert (may(again, BEN, "51"), may(again, BEN, "50", NOW + 12 * DAY)) == (False, True)
    assert "is no delegate" in refused(f"delegate {BEN} off", with_(f"delegate {BEN} off", on=one))
    assert "is no delegate" in refused(f"delegate {BEN} off", one, now=NOW + 30 * DAY)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (f"delegate {BEN} until 2026-01-04", "is past"),
        (f"delegate {ANN} until 2026-01-10", "stands in for themselves"),
        (f"delegate {BEN} for {EVE} until 2026-01-10", "nobody can in their place"),
        (f"delegate {BEN} until 2026-01-10 up to 0", "more than nothing"),
    ],
)
def test_who_cannot_be_a_delegate(command: str, why: str) -> None:
    assert why in refused(command)


def test_in_whose_place_has_to_be_said_where_it_matters() -> None:
    several = with_(f"approver {PA} up to 500")
    assert "in whose place?" in refused(f"delegate {BEN} until 2026-01-10", several)
    free = with_(f"approver {PA}", f"delegate {BEN} until 2026-01-10")
    assert by_right(free, BEN, Decimal(0), NOW) == "delegate until 2026-01-10"


# --- who is told --------------------------------------------------------------------------------------------------


def told(done: Done) -> list[tuple[str, tuple[str, ...], str]]:
    return [(send.kind, send.to, send.data["verdict"]) for send in done.sends]


def test_those_who_could_decide_before_are_told_of_every_change() -> None:
    one = order()
    for command, verdict in [
        (f"approver {EVE} up to 500", "approver"), (f"delegate {BEN} for {ANN} until 2026-01-10", "delegate"),
        (f"delegate {BEN} off", "delegate-off"), (f"accept {ANN}", "accepted"), (f"accept {ANN} off", "accepted-off"),
        (f"approver {EVE} off", "approver-off"),
    ]:  # fmt: skip
        done = do(one, command)
        assert [kind for kind, *_ in told(done)] == ["receipt"]
        assert told(done)[0][2] == verdict
        assert set(told(done)[0][1]) == set(one.client.approvers)
        one = done.order


def test_the_account_manager_is_told_when_another_one_does_it() -> None:
    done = do(order(), f"approver {PA}", actor="dan@studio.example")
    assert told(done)[1] == ("booked", (SAM,), "approver")


# --- accepted without proof ---------------------------------------------------------------------------------------


def test_only_who_may_decide_can_be_accepted_and_no_longer_than_that() -> None:
    assert "there is nothing to accept" in refused(f"accept {BEN}")
    assert "is not accepted" in refused(f"accept {ANN} off")
    one = with_(f"approver {PA}", f"accept {PA}", f"approver {PA} off", f"approver {PA}")
    assert not one.accepted, "who comes back has to be accepted anew"


@pytest.mark.parametrize("command", [f"approver {PA}", f"delegate {BEN} until 2026-01-10", f"accept {ANN}"])
@pytest.mark.parametrize("role", ["finance", "director"])
def test_it_is_for_staff_to_say(command: str, role: str) -> None:
    assert "this is for staff to say" in refused(command, roles=(role,))
    assert "the order is closed" in refused(command, with_("close anyway"))


def test_people_of_the_order_are_known_after_their_time() -> None:
    one = with_(f"delegate {BEN} until 2026-01-10", f"delegate {BEN} off")
    assert people_of(one) == {ANN, BEN}


# --- whatever happens ---------------------------------------------------------------------------------------------

PEOPLE = (ANN, PA, BEN, EVE)
person = st.sampled_from(PEOPLE)
limit = st.sampled_from(["", " up to 100", " up to 300", " up to 300 in all", " up to 100 and 300 in all", " no limit"])
steps = st.one_of(
    st.tuples(st.just("approver"), person, limit),
    st.tuples(st.just("approver off"), person),
    st.tuples(st.just("delegate"), person, person, st.integers(-1, 5), st.sampled_from(["", " up to 60"])),
    st.tuples(st.just("delegate off"), person),
    st.tuples(st.just("answer"), person, st.sampled_from(["50", "60", "90", "120", "400"])),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("later"), st.integers(1, 3)),
)


@dataclass
class Book:
    """What was said last of everybody, kept by hand: the law that the order is held to."""

    approvers: dict[str, tuple[int | None, int | None]] = field(default_factory=lambda: {ANN: (None, None)})
    delegates: dict[str, tuple[str, date, int | None]] = field(default_factory=dict)
    spent: list[tuple[str, int, str]] = field(default_factory=list)
    stood_in: set[tuple[str, str]] = field(default_factory=set)

    def allows(self, who: str, amount: int, today: date) -> bool:
        own = [(*self.approvers[who], who)] if who in self.approvers else []
        place, until, most = self.delegates.get(who, ("", date.min, None))
        if place in self.approvers and today <= until:
            each, in_all = self.approvers[place]
            own.append((min((one for one in (most, each) if one is not None), default=None), in_all, place))
        return any(
            (each is None or amount <= each) and (in_all is None or self.sum_of(approver, who) + amount <= in_all)
            for each, in_all, approver in own
        )

    def sum_of(self, approver: str, who: str) -> int:
        group = {approver, who, *(ben for ben, ann in self.stood_in if ann == approver)}
        return sum(amount for by, amount, _ in self.spent if by in group)


class Years:
    """An order to which things are said and which is answered, beside the book."""

    def __init__(self) -> None:
        self.order, self.events, self.now, self.book = order(), [imported()], NOW, Book()

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo("America/New_York")).date()

    def say(self, text: str) -> bool:
        done = do(self.order, text, now=self.now, next_invoice=len(self.order.invoices) + 1)
        self.order, self.events = done.order, [*self.events, *done.events]
        return bool(done.events)

    def take(self, step: tuple[Any, ...]) -> None:
        kind, *rest = step
        {"later": self._later, "undo": self._undo, "answer": self._answer}.get(kind, lambda *_: self._say(kind, *rest))(
            *rest
        )

    def _later(self, days: int) -> None:
        self.now += timedelta(days=days)

    def _undo(self, number: int) -> None:
        if self.book.spent:
            *_, about = self.book.spent[number % len(self.book.spent)]
            assert self.say(f"undo {about}")
            self.book.spent = [one for one in self.book.spent if one[2] != about]

    def _say(self, kind: str, who: str, *more: Any) -> None:
        if kind == "approver" and self.say(f"approver {who}{more[0]}"):
            numbers = [int(word) for word in more[0].split() if word.isdigit()]
            each = numbers[0] if numbers and not more[0].startswith(" up to 300 in all") else None
            self.book.approvers[who] = (each, numbers[-1] if more[0].endswith("in all") else None)
        elif kind == "approver off" and self.say(f"approver {who} off"):
            del self.book.approvers[who]
        elif kind == "delegate off" and self.say(f"delegate {who} off"):
            del self.book.delegates[who]
        elif kind == "delegate":
            place, days, most = more
            until = self.today + timedelta(days=days)
            if self.say(f"delegate {who} for {place} until {until}{most}"):
                self.book.delegates[who] = (place, until, 60 if most else None)
                self.book.stood_in.add((who, place))

    def _answer(self, who: str, cost: str) -> None:
        self.say(f"change order: Change {len(self.order.change_orders)}\nWork: {cost}\nsend")
        newest = self.order.change_orders[-1].number  # older ones may have been asked anew with it
        request = next(r for r in self.order.open_requests if r.about == newest)
        amount = stake(self.order, request, None)
        allowed = why_not(self.order, who, request.about, amount, self.now) is None
        assert allowed == self.book.allows(who, int(cost), self.today), (who, cost)
        if allowed:
            at = circumstances(now=self.now, next_invoice=len(self.order.invoices) + 1)
            decision = booked(
                self.order, request, "approve", at, by=who, how="replied", proof="p", because="r", words="w",
                mail="0" * 64,
            )  # fmt: skip
            assert decision.order is not None
            self.order, self.events = decision.order, [*self.events, *decision.events]
            self.book.spent.append((who, int(cost), request.about))


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=25))
def test_nobody_ever_decides_beyond_what_was_said_last(taken: list[tuple[Any, ...]]) -> None:
    years = Years()
    for step in taken:
        years.take(step)
        assert years.order.client.approvers, "somebody can always decide"
    assert replay(years.events) == years.order


def test_limits_of_the_import_hold() -> None:
    client = Client(
        name="Ann", emails=(ANN,), approvers=(ANN,), timezone="UTC", locale="en_US",
        limits=(Limit(address=ANN, each=Decimal("500.00")),),
    )  # fmt: skip
    one = order(client=client)
    assert (may(one, ANN, "500"), may(one, ANN, "501")) == (True, False)
    assert isinstance(do(one, f"approver {ANN} up to 600").events[0], ApproverChanged)
    assert may(with_(f"approver {ANN} up to 600", on=one), ANN, "600", datetime(2026, 1, 6, tzinfo=UTC))
