"""The lines of the weekly update: noted, corrected, struck out; a number is of one line for good."""

from __future__ import annotations

from datetime import date, timedelta

from mailbot.orders import events as e
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.orders.progress import lines
from tests.orders.world import NOW, do, order

NOTED = "done Toile of the lead gown\ndoing Pattern making\nnext Cutting of the linings\nremark: It fits beautifully"


def told(one: Order) -> list[tuple[str, int, str]]:
    return [(part, note.number, note.text) for part, note in lines(one)]


def test_a_line_is_reworded_another_struck_out_by_the_numbers_that_the_draft_shows() -> None:
    one = do(order(), NOTED).order
    assert told(one) == [
        ("remark", 4, "It fits beautifully"), ("done", 1, "Toile of the lead gown"), ("doing", 2, "Pattern making"),
        ("coming", 3, "Cutting of the linings"),
    ]  # fmt: skip
    done = do(one, "line 1: Toile of the lead gown, fitted\ndrop 3\ndrop 4")
    assert [line.ok for line in done.lines] == [True, True, True]
    assert done.lines[0].said == "line 1 is now: Toile of the lead gown, fitted (was: Toile of the lead gown)"
    assert told(done.order) == [("done", 1, "Toile of the lead gown, fitted"), ("doing", 2, "Pattern making")]


def test_a_number_is_never_given_again_so_that_an_old_draft_strikes_out_nothing_else() -> None:
    one = do(order(), "done Toile\ndrop 1\ndone Bodice").order
    assert told(one) == [("done", 2, "Bodice")]
    again = do(one, "drop 1")
    assert not again.events
    assert again.lines[0].said == "line 1 is not there (lines of the next update: 2: Bodice)"


def test_what_has_gone_out_is_not_changed_any_more_but_work_that_goes_on_is() -> None:
    one = do(order(), NOTED).order
    one = evolve(one, e.WeeklySent(at=NOW + timedelta(hours=1), by="mailbot", week=date(2026, 1, 9)))
    late = do(one, "drop 1\nline 2: Pattern making for the train", now=NOW + timedelta(hours=2))
    assert late.lines[0].said.startswith("line 1 has gone out already (lines of the next update: 2: Pattern making)")
    assert told(late.order) == [("doing", 2, "Pattern making for the train")]


def test_no_words_but_only_numbers_that_are_there_and_only_from_staff() -> None:
    one = do(order(), NOTED).order
    assert [line.ok for line in do(one, "drop it\ndrop 9\nline 9: x").lines] == [False, False, False]
    (line,) = do(one, "drop 1", roles=("finance",)).lines
    assert (line.ok, line.said) == (False, "this is for staff to say")
