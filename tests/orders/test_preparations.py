"""What a milestone needs is ticked off: by its name, by its milestone where that leaves no choice, once."""

from __future__ import annotations

from mailbot.orders.evolve import evolve
from mailbot.orders.preparations import prepared
from tests.orders.world import RULES, do, order


def test_it_is_ticked_off_by_its_name_with_a_word_about_it() -> None:
    done = do(order(), "ready mock-up: on the stand since noon")
    assert done.order.milestone("first-fitting").ready == ("mock-up",)  # type: ignore[union-attr]
    assert done.lines[0].said == (
        "ready for First fitting: The mock-up is ready, and design has looked at it (on the stand since noon); "
        "still open for it: procurement"
    )
    again = do(done.order, "ready first-fitting Mock-up")
    assert again.lines[0].ok
    assert not again.events


def test_a_milestone_names_what_it_needs_only_where_one_thing_is_left() -> None:
    first = do(order(), "ready first-fitting")
    assert not first.events
    assert first.lines[0].said == "First fitting needs several things; say which: `ready procurement`, `ready mock-up`"
    second = do(do(order(), "ready mock-up").order, "ready First fitting")
    assert second.order.milestone("first-fitting").ready == ("mock-up", "procurement")  # type: ignore[union-attr]


def test_what_is_not_ahead_is_refused_with_what_is() -> None:
    done = do(do(order(), "milestone first-fitting done").order, "ready mock-up")
    assert not done.events
    assert done.lines[0].said == (
        "there is no preparation 'mock-up' ahead (there are: `ready alterations`, `ready logistics`)"
    )
    assert [one.key for _, one in prepared(done.order, RULES)] == ["alterations", "logistics"]


def test_what_is_ready_stays_so_when_its_milestone_moves() -> None:
    done = do(order(), "ready mock-up\nmilestone first-fitting due 2026-02-10")
    assert done.order.milestone("first-fitting").ready == ("mock-up",)  # type: ignore[union-attr]
    replayed = order()
    for event in done.events:
        replayed = evolve(replayed, event)
    assert replayed == done.order
