"""The order file: limits of approvers in each of its forms, and what is wrong with them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from mailbot.errors import ConfigError
from mailbot.orders.model import Limit
from mailbot.orders.order_file import OrderEntry, check_entries, client_of, read_entries
from tests.orders.world import ANN, RULES

PA = "pa@client.example"
ORDER = {
    "ref": "ORD-1", "project": "Gowns", "account_manager": {"name": "Sam", "email": "sam@studio.example"},
    "currency": "USD", "total": "12000.00", "signed": "2026-01-05", "delivery": "2026-03-20",
}  # fmt: skip
ROW = (
    "ref,project,client.name,client.emails,client.limits,account_manager.name,account_manager.email,currency,total,"
    "signed,delivery\nORD-1,Gowns,Ann,{ann};{pa},{limits},Sam,sam@studio.example,USD,12000.00,2026-01-05,2026-03-20\n"
)


def entry(**client: Any) -> OrderEntry:
    whole = {**ORDER, "client": {"name": "Ann", "emails": [ANN], "approvers": [ANN, PA], **client}}
    return check_entries(read_entries(json.dumps(whole), "o.json"), "o.json", RULES)[0]


def limits(one: OrderEntry) -> tuple[Limit, ...]:
    return client_of(one, "UTC", "en_US").limits


@pytest.mark.parametrize(
    ("written", "each", "in_all"),
    [
        ("500.00", "500.00", None), (500, "500", None), ({"each": "500.00"}, "500.00", None),
        ({"in_all": "2000"}, None, "2000"), ({"each": "500", "in_all": "2000"}, "500", "2000"),
    ],
)  # fmt: skip
def test_a_limit_is_an_amount_or_two(written: Any, each: str | None, in_all: str | None) -> None:
    expected = Limit(address=PA, each=Decimal(each) if each else None, in_all=Decimal(in_all) if in_all else None)
    assert limits(entry(limits={"PA@Client.example": written})) == (expected,)


def test_a_file_without_limits_is_what_it_was() -> None:
    one = entry()
    assert limits(one) == ()
    assert "limits" not in one.model_dump(mode="json")["client"], "an import of before is the same import"


def test_limits_in_a_cell() -> None:
    text = ROW.format(ann=ANN, pa=PA, limits=f"{PA} 500.00 2000; {ANN} 9000")
    one = check_entries(read_entries(text, "o.csv"), "o.csv", RULES)[0]
    assert [(limit.address, limit.each, limit.in_all) for limit in limits(one)] == [
        (PA, Decimal("500.00"), Decimal(2000)), (ANN, Decimal(9000), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"ben@client.example": "500"}, "limits names ben@client.example, who is no approver"),
        ({PA: "0"}, "greater than 0"), ({PA: "-5"}, "greater than 0"), ({PA: "many"}, "decimal"),
        ({PA: {}}, "names no amount"),
        ({PA: {"in_al": "5"}}, "did you mean 'in_all'"), ({PA: "5", "PA@client.example": "5000"}, "twice"),
        ({"pa": "5"}, "is no mail address"), (f"{PA} 1 2 3", "unknown key"), ([PA], "dictionary"),
        (500, "is no mail address"),
    ],
)  # fmt: skip
def test_a_wrong_limit_is_named(wrong: Any, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        entry(limits=wrong)


@pytest.mark.parametrize("address", ["Ann@Client.Example", "ann@client.example.", '"ann"@client.example'])
def test_addresses_are_kept_in_one_form(address: str) -> None:
    assert entry(emails=[address], approvers=[PA]).client.emails == (ANN,)
