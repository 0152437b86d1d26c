"""Finance and the Sales Director answer what they are told of a late payment with one line, and it is done."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.walks.world import REF, World, kinds, text_of, the, world

DANA, FINANCE = "dana@studio.example", "finance@studio.example"


@pytest.fixture
def late(pymap_server: Any, tmp_path: Path) -> Iterator[tuple[World, EmailMessage, EmailMessage]]:
    """A studio whose first invoice is collected by now; what the Sales Director and finance were told."""
    with world(pymap_server, tmp_path) as made:
        made.import_order()
        told: list[EmailMessage] = []
        for _ in range(22):
            told += made.run()
            made.later(days=1)
        yield made, the("escalation-pause", told), the("escalation-collection", told)


def first(there: World) -> Any:
    return there.status()["invoices"][0]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("paid 2026-01-20", "2026-01-20"),
        ("Paid on Jan 19", "2026-01-19"),
        ("paid", "2026-01-28"),
        ("INV-1 is paid", "2026-01-28"),
        ("paid in full on 20 Jan 2026", "2026-01-20"),
    ],
)
@pytest.mark.parametrize("program", ["gmail", "outlook"])
def test_paid_in_one_line(late: tuple[World, EmailMessage, EmailMessage], words: str, day: str, program: str) -> None:
    there, _, collection = late
    there.answer(collection, words, sender=FINANCE, program=program)
    out = there.run()
    assert (first(there)["status"], there.status()["paused"]) == ("paid", False), text_of(the("command-result", out))
    assert f"INV-1 is paid ({day})" in text_of(the("command-result", out))
    assert "resume-notice" in kinds(out)


def test_the_director_resumes_with_one_word(late: tuple[World, EmailMessage, EmailMessage]) -> None:
    there, pause, _ = late
    there.answer(pause, "resume", sender=DANA)
    assert "resume-notice" in kinds(there.run())
    assert not there.status()["paused"]
    assert first(there)["status"] == "sent"


def test_a_part_and_a_promise_in_one_line(late: tuple[World, EmailMessage, EmailMessage]) -> None:
    there, _, collection = late
    there.answer(collection, "paid in part: 1000.00\npromised until 2026-02-20", sender=FINANCE)
    result = text_of(the("command-result", there.run()))
    assert first(there)["paid"] == "1000.00"
    assert "2 done" in result
    assert "2026-02-20" in result


def test_one_line_of_somebody_else_is_nothing(late: tuple[World, EmailMessage, EmailMessage]) -> None:
    there, pause, collection = late
    there.answer(collection, "paid 2026-01-20", sender=FINANCE, proven=False)
    there.answer(pause, "resume", sender=FINANCE)
    there.run()
    assert first(there)["status"] == "sent"
    assert there.status()["paused"]


def test_where_no_invoice_is_meant_it_is_asked_for(late: tuple[World, EmailMessage, EmailMessage]) -> None:
    there, _, _ = late
    there.write(FINANCE, f"About [{REF}]", "paid")
    assert "which invoice? write it like: paid INV-1" in text_of(the("command-result", there.run()))
