"""Twelve weeks of a client's orders, with outages, people who write, dates that move: nothing twice, late or bunched.

`python benchmarks/weeks.py` looks at the same for a thousand orders.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.orders.model import Invoice, Order, Step
from mailbot.planning.due import due, next_due
from mailbot.planning.last_look import no_longer
from mailbot.planning.spacing import Post
from tests.planning.faults import faults
from tests.planning.life import Life, some_life
from tests.planning.world import RULES, STUDIO, invoice, moment, new_order

SENT = date(2026, 2, 3)


@settings(max_examples=16, deadline=None)
@given(st.integers(0, 10**9))
def test_twelve_weeks_of_anything(seed: int) -> None:
    assert faults(some_life(random.Random(seed)).run(), Counter()) == []


def test_faults_are_found() -> None:
    """What the property looks for is seen where it is: mails that went twice, late, at night, after the end."""
    life = next(one for one in map(lived, range(100)) if any(order.closed for order in one.orders.values()))
    assert faults(life, Counter()) == []
    for mail in list(life.outbox.values()):
        life.outbox[mail.key] = replace(mail, gone=mail.gone and mail.gone + timedelta(days=40, hours=12))
    names = {fault.what for fault in faults(life, Counter())}
    assert {"a mail of a closed order", "a mail went to a client at night"} <= names


def lived(seed: int) -> Life:
    return some_life(random.Random(seed)).run()


def unpaid(due_on: str, *steps: str, **fields: object) -> Order:
    """An order whose one invoice went out on SENT, three days before it was due, with `steps` taken."""
    taken = tuple(Step(step=step, on=SENT) for step in steps)
    bill = invoice(due_on, status="sent", sent_on=SENT).model_copy(update={"steps": taken, **fields})
    return new_order(invoices=[bill])


def why_not(order: Order, kind: str, when: str) -> str | None:
    return no_longer(kind, "INV-9", "INV-9/" + kind, order, RULES, moment(when))


def test_a_reminder_that_waited_for_the_server_gives_way_to_the_one_of_that_day() -> None:
    order = unpaid("2026-02-06", "reminder-due", "reminder-friendly")
    assert why_not(order, "reminder-friendly", "2026-02-12 08:30") is None
    assert why_not(order, "reminder-friendly", "2026-02-13 08:30") == "reminder-firm takes its place today"
    assert why_not(order, "reminder-friendly", "2026-02-14 08:30") == "pause takes its place today"


def test_a_promise_keeps_a_reminder_back_and_nothing_takes_its_place() -> None:
    order = unpaid("2026-02-06", "reminder-due", promised=date(2026, 2, 13))
    assert why_not(order, "reminder-due", "2026-02-13 08:30") == "INV-9 is promised until 2026-02-13"


def steps_due(order: Order, now: datetime, post: Post) -> list[str]:
    return [o.step.step for o in due(order, RULES, now, STUDIO, post) if o.step]


def test_an_invoice_that_waits_for_its_release_is_looked_at_again_when_its_reminder_would_come() -> None:
    """By then it may have gone out, on the very day of which the record says so already: nothing is booked then."""
    bill: Invoice = invoice("2026-02-06", status="sent", sent_on=SENT)
    order = new_order(invoices=[bill], weekly_sent=(), milestones=())
    waits, reminder = Post(unsent=frozenset({"INV-9"})), moment("2026-02-06 09:00")
    thursday = moment("2026-02-05 16:30")
    told = order.model_copy(update={"told": tuple(o.key for o in due(order, RULES, thursday, STUDIO))})
    friday = told.model_copy(update={"weekly_sent": (date(2026, 1, 30),)})
    assert next_due(friday, RULES, thursday, STUDIO, waits) == reminder
    assert steps_due(friday, reminder, waits) == []
    assert steps_due(friday, reminder, Post()) == ["reminder-due"]
