"""`help`: every command of the grammar stands in it, with an example that works for the order that was asked about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from mailbot.errors import ConfigError
from mailbot.orders.commands import Command, Place, parse
from mailbot.orders.helping import help_on
from mailbot.orders.model import Client, Milestone, Order
from mailbot.orders.sections import Section, plain
from mailbot.rules import load, shipped
from mailbot.rules.commands import CommandRules
from tests.orders.world import COMMANDS, RULES, do, order

TODAY = date(2027, 3, 1)
PLACE = Place("en_US", TODAY, RULES.phases)


def helped(one: Order, *roles: str) -> tuple[Section, ...]:
    return help_on(one, COMMANDS, RULES, roles or ("staff",), TODAY)


def understood(sections: tuple[Section, ...]) -> Iterator[Command]:
    """What each topic comes to when all of its examples are written as one mail."""
    for section in sections:
        for line in parse("\n".join(row.name for row in section.rows), COMMANDS, PLACE):
            assert isinstance(line, Command), line
            yield line
            for inner in line.block:
                assert isinstance(inner, Command), inner
                yield inner


def other() -> Order:
    """An order with nothing of the examples in it: other milestones, other invoices, another client."""
    one = order(ref="ORD-9", phase="Construction")
    mia = Client(
        name="Mia", emails=("mia@opera.example",), approvers=("mia@opera.example",), timezone="UTC", locale="de"
    )
    milestones = (
        Milestone(key="hats", name="Hats", due=date(2027, 4, 2), approval=True),
        Milestone(key="final-fitting", name="Final fitting", due=date(2027, 5, 7), approval=True),
        Milestone(key="shipping", name="Shipping", due=date(2027, 6, 4), approval=False),
    )
    invoices = tuple(i.model_copy(update={"number": i.number.replace("-", "-4")}) for i in one.invoices)
    return one.model_copy(update={"client": mia, "milestones": milestones, "invoices": invoices})


def test_every_command_of_the_grammar_stands_in_help_and_its_example_works() -> None:
    assert {command.id for command in understood(helped(order()))} == {rule.id for rule in COMMANDS.commands}


def test_topics_come_in_the_order_of_the_rules_and_blocks_below_their_opener() -> None:
    sections = helped(order())
    assert [section.title for section in sections] == [topic.title for topic in COMMANDS.topics]
    changes = next(section for section in sections if section.title == "Change orders")
    assert [(row.name.split(":")[0], row.below) for row in changes.rows] == [
        ("change order", False), ("Sequins", True), ("days +5", True), ("send", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "ask hats", "vouch hats by mia@opera.example", "milestone hats due 2027-04-02", "milestone shipping done",
        "fitting final-fitting on 2027-05-07 at 14:00 in Studio 2", "cancel fitting final-fitting",
        "fit final-fitting: Waist 1 cm in", "paid INV-41 on 2027-03-01", "phase Fitting", "next Hats on 2027-04-02",
        "approver ben@opera.example no limit", "accept mia@opera.example off",
    ],
)  # fmt: skip
def test_examples_are_of_this_order(line: str) -> None:
    assert line in [row.name for section in helped(other()) for row in section.rows]


def test_the_examples_of_an_order_that_has_nothing_left_still_work() -> None:
    bare = other().model_copy(update={"milestones": (), "invoices": (), "phase": "Elsewhere"})
    assert {command.id for command in understood(helped(bare))} == {rule.id for rule in COMMANDS.commands}


def test_numbers_that_are_on_record_are_named() -> None:
    blocked = do(do(order(), "blocker Silk").order, "blocker Lace\nunblock 1").order
    assert "unblock 2" in plain(helped(blocked))


def test_nobody_is_shown_what_is_not_theirs_to_say() -> None:
    finance = helped(order(), "finance")
    assert [section.title for section in finance] == ["Money", "The order"]
    assert "approver" not in plain(finance)


def test_a_command_that_would_not_stand_in_help_is_refused(tmp_path) -> None:
    text = shipped("rules").joinpath("commands.toml").read_text("utf-8")
    (tmp_path / "commands.toml").write_text(text.replace('topic = "progress"', 'topic = "weather"', 1), "utf-8")
    with pytest.raises(ConfigError, match="'phase' would not stand in help"):
        load(CommandRules, "commands.toml", tmp_path)
