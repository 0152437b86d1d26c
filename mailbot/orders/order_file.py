"""An order as the studio writes it: JSON or TOML (one or many), CSV with a row for each; checked whole, or not taken.

Every problem of every order is reported at once, with the order and the key. What is left out follows from
rules/process.toml: the milestones and their dates, the payments.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from mailbot.addresses import checked
from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import Billing, Client, Frozen, Limit, Milestone, Person
from mailbot.rules.process import ProcessRules

_MOST = 100_000  # orders in one file
_LINES = 6  # of an address


def _address(value: str) -> str:
    return checked(value, "ann@client.example")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone, like America/New_York") from None
    return value


def _locale(value: str) -> str:
    try:
        Locale.parse(value.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise ValueError("is no locale, like en_US") from None
    return value.replace("-", "_")


def _nothing(value: tuple[Any, ...]) -> bool:
    return not value


def _absent(value: date | None) -> bool:
    return value is None


def _missing(value: Any) -> bool:
    return value is None


def _currency(value: str) -> str:
    if value not in list_currencies():
        raise ValueError("is no currency code, like USD")
    return value


def _one_line(value: str) -> str:
    if value != " ".join(value.split()) or not value.isprintable():
        raise ValueError("must be one line without control characters")
    return value


Address = Annotated[str, AfterValidator(_address)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]


def _lines(value: str) -> str:
    lines = [_one_line(line) for line in value.strip().splitlines()]
    if len(lines) > _LINES:
        raise ValueError(f"must be {_LINES} lines at most")
    return "\n".join(lines)


Amount = Annotated[Decimal, Field(gt=0, le=10**12, decimal_places=4)]


class LimitEntry(Frozen):
    """Up to what an approver may decide: each time, and in all on the order."""

    address: Address
    each: Amount | None = None
    in_all: Amount | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.each is None and self.in_all is None:
            raise ValueError("names no amount: each, in_all, or both")
        return self


def _limits(value: Any) -> Any:
    """`{address: amount}`, `{address: {each, in_all}}` or the cell of a CSV file ("pa@client.example 500 2000; ...") as
    a list of entries."""
    if isinstance(value, str):
        cells = [one.split() for one in value.split(";") if one.strip()]
        return [dict(zip(("address", "each", "in_all", "what is that?"), cell, strict=False)) for cell in cells]
    if not isinstance(value, dict):
        return value
    amounts = {address: one if isinstance(one, dict) else {"each": one} for address, one in value.items()}
    return [{**one, "address": address} for address, one in amounts.items()]


class ClientEntry(Frozen):
    name: Line
    emails: tuple[Address, ...] = Field(min_length=1)
    approvers: tuple[Address, ...] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    locale: Annotated[str, AfterValidator(_locale)] | None = None
    limits: Annotated[tuple[LimitEntry, ...], BeforeValidator(_limits)] = Field(default=(), exclude_if=_nothing)

    @model_validator(mode="after")
    def _limits_of_approvers(self) -> Self:
        limited = [one.address for one in self.limits]
        if twice := next((one for one in limited if limited.count(one) > 1), None):
            raise ValueError(f"limits names {twice} twice")
        if other := next((one for one in limited if one not in (self.approvers or self.emails)), None):
            raise ValueError(f"limits names {other}, who is no approver")
        return self


class PersonEntry(Frozen):
    name: Line
    email: Address


class MilestoneEntry(Frozen):
    key: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: Line
    due: Day
    approval: bool = False
    at: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class PaymentEntry(Frozen):
    kind: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    amount: Decimal = Field(gt=0, decimal_places=4)
    due: Day
    milestone: str | None = None
    sent_on: Day | None = Field(default=None, exclude_if=_absent)
    paid_on: Day | None = Field(default=None, exclude_if=_absent)


class BillingEntry(Frozen):
    """To whom invoices are made out, where that is not the client by name alone, and what they are to name."""

    name: Line | None = None
    address: Annotated[str, Field(max_length=600), AfterValidator(_lines)] | None = None
    tax_id: Line | None = None
    po_number: Line | None = None


class OrderEntry(Frozen):
    """One order of the file."""

    ref: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,39}$")
    project: Line
    client: ClientEntry
    account_manager: PersonEntry
    currency: Annotated[str, AfterValidator(_currency)]
    total: Decimal = Field(gt=0, le=10**12, decimal_places=4)
    signed: Day
    delivery: Day
    phase: str | None = None
    milestones: tuple[MilestoneEntry, ...] | None = None
    payments: tuple[PaymentEntry, ...] | None = None
    billing: BillingEntry | None = Field(default=None, exclude_if=_missing)

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if self.delivery < self.signed:
            raise ValueError("delivery is before signed")
        keys = [m.key for m in self.milestones or ()]
        if len(keys) != len(set(keys)):
            raise ValueError("two milestones have the same key")
        if self.payments and sum(p.amount for p in self.payments) != self.total:
            raise ValueError(
                f"payments add up to {sum(p.amount for p in self.payments)}, not to the total {self.total}"
            )
        return self


def read_entries(text: str, name: str) -> list[tuple[str, Any]]:
    """The orders of a file as (place, raw data); the format follows from the name. Raises ConfigError."""
    readers = {".json": _from_json, ".toml": _from_toml, ".csv": _from_csv}
    reader = readers.get(Path(name).suffix.lower())
    if reader is None:
        raise ConfigError([Problem("is not a kind of order file", name, mend="name it .json, .toml or .csv")])
    entries = reader(text, name)
    if not entries or len(entries) > _MOST:
        what = "holds no order" if not entries else f"holds more than {_MOST} orders"
        raise ConfigError([Problem(what, name)])
    return entries


def check_entries(raw: Sequence[tuple[str, Any]], name: str, rules: ProcessRules) -> list[OrderEntry]:
    """All entries, checked. Raises ConfigError with every problem of every entry, and takes none of them then."""
    entries: list[OrderEntry] = []
    problems: list[Problem] = []
    for place, data in raw:
        try:
            entry = OrderEntry.model_validate(data)
        except ValidationError as error:
            problems += [_problem(e, name, place) for e in error.errors()]
            continue
        if entry.phase is not None and entry.phase not in rules.phases:
            mend = f"one of {', '.join(rules.phases)}"
            problems.append(Problem(f"there is no phase {entry.phase!r}", name, f"{place}.phase", mend=mend))
        if any(entry.ref == other.ref for other in entries[-1:]) or entry.ref in {e.ref for e in entries}:
            problems.append(Problem(f"{entry.ref} stands in the file twice", name, place, mend="take one out"))
        entries.append(entry)
    if problems:
        raise ConfigError(problems)
    return entries


def client_of(entry: OrderEntry, timezone: str, locale: str) -> Client:
    """The client of `entry`; zone and locale are the studio's where it names none. All addresses may approve then."""
    client = entry.client
    return Client(
        name=client.name, emails=client.emails, approvers=client.approvers or client.emails,
        timezone=client.timezone or timezone, locale=client.locale or locale,
        limits=tuple(Limit(**limit.model_dump()) for limit in client.limits),
    )  # fmt: skip


def manager_of(entry: OrderEntry) -> Person:
    return Person(name=entry.account_manager.name, email=entry.account_manager.email)


def billing_of(entry: OrderEntry) -> Billing:
    return Billing(**entry.billing.model_dump(exclude_none=True)) if entry.billing else Billing()


def milestones_of(entry: OrderEntry) -> tuple[Milestone, ...] | None:
    """The milestones that `entry` names; None where it leaves them to the process."""
    return None if entry.milestones is None else tuple(Milestone(**m.model_dump()) for m in entry.milestones)


def _from_json(text: str, name: str) -> list[tuple[str, Any]]:
    try:
        data = json.loads(text, parse_float=str, parse_int=str)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise ConfigError([Problem(f"is not JSON: {error}", name, line=line, mend="mend the line")]) from None
    return _listed(data.get("orders", data) if isinstance(data, dict) else data)


def _from_toml(text: str, name: str) -> list[tuple[str, Any]]:
    try:
        data = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        found = Problem(f"is not TOML: {error}", name, line=int(line[1]) if line else None, mend="mend the line")
        raise ConfigError([found]) from None
    return _listed(data.get("orders", data.get("order", data)))


def _listed(data: Any) -> list[tuple[str, Any]]:
    many = data if isinstance(data, list) else [data]
    return [(str(one.get("ref") or n) if isinstance(one, dict) else str(n), one) for n, one in enumerate(many, 1)]


def _from_csv(text: str, name: str) -> list[tuple[str, Any]]:
    """A row an order; `client.name` and the like become nested, lists are split at `;`, empty cells are left out."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    entries = []
    for number, row in enumerate(rows, start=2):
        data: dict[str, Any] = {}
        for column, cell in row.items():
            if column is None or cell is None or not str(cell).strip():
                continue
            _place(data, column.strip(), str(cell).strip())
        entries.append((f"line {number} {data.get('ref', '')}".strip(), data))
    return entries


_LISTS = ("client.emails", "client.approvers")


def _place(data: dict[str, Any], column: str, cell: str) -> None:
    *path, key = column.split(".")
    for part in path:
        inner = data.setdefault(part, {})
        data = inner if isinstance(inner, dict) else data.setdefault(column, {})  # both `client` and `client.name`
    data[key] = [one.strip() for one in cell.split(";") if one.strip()] if column in _LISTS else cell


_KEYS = sorted(
    {
        key
        for model in (OrderEntry, ClientEntry, LimitEntry, PersonEntry, MilestoneEntry, PaymentEntry, BillingEntry)
        for key in model.model_fields
    }
)


def _problem(error: Any, name: str, place: str) -> Problem:
    key = ".".join([place, *(str(part) for part in error["loc"])])
    kind = error["type"]
    what = {"extra_forbidden": "unknown key", "missing": "is missing"}.get(
        kind, error["msg"].removeprefix("Value error, ")
    )
    near = difflib.get_close_matches(str(error["loc"][-1]), _KEYS, n=1) if kind == "extra_forbidden" else []
    given = error.get("input")
    if kind not in ("missing", "extra_forbidden") and isinstance(given, (str, int)):
        what += f" (got {given!r})"
    mends = {"extra_forbidden": f"did you mean {near[0]!r}?" if near else "take it out", "missing": "add it"}
    return Problem(what, name, key, mend=mends.get(kind, ""))
