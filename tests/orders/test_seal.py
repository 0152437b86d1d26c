"""The chain of events: whatever is done to it shows, and a person's data can leave it with the chain still whole."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from mailbot.orders import events as e
from mailbot.orders.evolve import evolve
from mailbot.orders.model import Order
from mailbot.orders.removal import REMOVED, Known, cleared
from mailbot.orders.seal import ADDRESSES, MENTIONS, WHOLE, texts
from mailbot.orders.settle import booked
from mailbot.orders.verify import mails_of, mails_removed, verify
from tests.orders.world import ANN, NOW, SAM, circumstances, do, imported, stored

Row = dict[str, Any]
WHO = Known(frozenset({ANN}), "Ann Lee")
MAIL = "ab" * 32
STRUCTURE = {  # texts that are names of things, not words about people: they are hashed as they are
    "type", "ref", "currency", "phase", "key", "name", "email", "timezone", "locale", "number", "kind", "token",
    "revision", "state", "about", "verdict", "how", "mail", "option", "held", "guess", "through", "answer", "direction",
    "what", "status", "milestone", "issue", "change_order", "step", "at", "path", "seal", "left", "salt",
    "mails", "photos", "file", "preparation", "ready",
}  # fmt: skip

NAMES = {("Client", "name"), ("Billing", "name")}


def record() -> tuple[Order, list[Row]]:
    """An order that was imported, asked about, answered and closed, and its rows as they are stored."""
    events: list[e.Event] = [imported(salt="5a" * 16)]
    one = evolve(None, events[0])
    done = do(one, "ask design\ndone Toile, as Ann wished\nblocker Silk held at customs\nphase Pattern")
    request = done.order.open_requests[0]
    decision = booked(
        done.order, request, "changes", circumstances(), by=ANN, how="replied", proof="dmarc=pass by mx.studio.example",
        because='en/changes: "a warmer ivory"', words="A warmer ivory, please. Ann", mail=MAIL,
    )  # fmt: skip
    events += [*done.events, *decision.events, e.OrderClosed(at=NOW, by=SAM)]
    return stored(events)


def forgotten(rows: list[Row]) -> tuple[Order, list[Row]]:
    less = cleared(rows, WHO, mails=[MAIL], rows={"held": 1}, at=NOW, by="shell:sam", salt="6b" * 16)
    last = {"order": less.order.ref, "revision": less.order.revision, "before": less.before, "hash": less.order.hash}
    return less.order, json.loads(json.dumps([*less.entries, {**last, "event": less.event.model_dump(mode="json")}]))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path, value
    else:
        for key, inner in items:
            yield from leaves(inner, (*path, key))


def altered(rows: list[Row], path: tuple[Any, ...], value: Any) -> list[Row]:
    copy = json.loads(json.dumps(rows))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def other(value: Any, data: st.DataObject) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + data.draw(st.integers(1, 5))
    at = data.draw(st.integers(0, len(value)))
    return value[:at] + data.draw(st.sampled_from("x0 \u00e9")) + value[at:]


RECORDS = {"as written": record(), "after a removal": forgotten(record()[1])}
which = pytest.mark.parametrize("name", RECORDS)


@which
def test_a_record_that_nobody_touched_is_whole(name: str) -> None:
    one, rows = RECORDS[name]
    assert verify(rows, one) == []


@which
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_that_is_altered_is_found(name: str, data: st.DataObject) -> None:
    one, rows = RECORDS[name]
    path, value = data.draw(st.sampled_from(list(leaves(rows))))
    problems = verify(altered(rows, path, other(value, data)), one)
    assert problems
    assert any(str(rows[path[0]]["revision"]) in problem for problem in problems), problems


@which
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_removal_repetition_and_another_order_of_events_are_found(name: str, data: st.DataObject) -> None:
    one, rows = RECORDS[name]
    at, to = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True))
    swapped = list(rows)
    swapped[at], swapped[to] = rows[to], rows[at]
    assert verify(swapped, one)
    assert verify(rows[:at] + rows[at + 1 :], one)
    assert verify([*rows[:at], rows[at], *rows[at:]], one)


@which
@pytest.mark.parametrize("change", [{"phase": "Final"}, {"total": "1.00"}, {"closed": False}, {"hash": "0" * 64}])
def test_a_state_that_does_not_follow_is_found(name: str, change: Row) -> None:
    one, rows = RECORDS[name]
    assert verify(rows, Order.model_validate({**one.model_dump(mode="json"), **change}))


def test_what_is_personal_is_gone_and_what_a_studio_must_keep_is_there() -> None:
    one, rows = forgotten(record()[1])
    text = json.dumps(rows) + one.model_dump_json()
    assert not [word for word in ("Ann", "Lee", ANN, "ivory", "Toile", "customs", "5a5a") if word in text]
    (decided,) = [row["event"] for row in rows if row["event"]["type"] == "DecisionBooked"]
    assert (decided["verdict"], decided["because"]) == ("changes", "en/changes")
    assert (decided["proof"], decided["by"]) == ("dmarc=pass by mx.studio.example", REMOVED)
    assert (str(one.total), one.project, one.closed) == ("12000.00", "Cinderella ball gowns", True)
    assert {row["event"]["by"] for row in rows} == {"shell", SAM, REMOVED, "shell:sam"}
    assert mails_removed(rows) == {MAIL}
    assert {key for row in rows for key in mails_of(row)} == {MAIL}


def test_the_removal_names_each_text_by_place_and_seal() -> None:
    _, before = record()
    _, rows = forgotten(before)
    removal = rows[-1]["event"]
    assert removal["type"] == "DataRemoved"
    were = {(row["revision"], path): text for row in before for path, text in texts(row["event"])}
    named = {(one["revision"], one["path"]) for one in removal["texts"]}
    assert {(1, "client.name"), (1, "client.emails.0"), (1, "client.approvers.0"), (1, "salt")} <= named
    assert named <= set(were)
    assert len({one["seal"] for one in removal["texts"]}) == len(named), "the same text twice has two seals"


def test_a_text_that_is_taken_out_without_a_removal_on_record_is_found() -> None:
    one, rows = record()
    sneaky = cleared(rows, WHO, mails=(), rows={}, at=NOW, by=SAM, salt="")
    assert any("no removal on record" in problem for problem in verify(list(sneaky.entries), one))


def test_it_can_be_done_again_when_the_client_has_written_since() -> None:
    one, rows = forgotten(record()[1])
    late = e.MailRecorded(at=NOW, by=ANN, mail="cd" * 32, direction="in", kind="person", from_client=True)
    after = evolve(one, late)
    link = {"order": one.ref, "revision": after.revision, "before": one.hash, "hash": after.hash}
    rows = [*rows, {**link, "event": late.model_dump(mode="json")}]
    assert verify(rows, after) == []
    again, rows = forgotten(rows)
    assert verify(rows, again) == []
    assert ANN not in json.dumps(rows)


def test_a_seal_tells_nothing_to_who_guesses_the_text() -> None:
    """The same words in the same place of two orders have nothing in common once the salts are gone."""

    def seals(salt: str) -> set[str]:
        _, rows = stored([imported(salt=salt)])
        return {one["seal"] for one in forgotten(rows)[1][-1]["event"]["texts"]}

    assert not seals("5a" * 16) & seals("5b" * 16)


def fields(model: Any, seen: set[Any]) -> Iterator[str]:
    """The names of all texts in a model and what it holds."""
    if get_origin(model) is Annotated:
        yield from fields(get_args(model)[0], seen)
    elif get_origin(model) in (tuple, Union, types.UnionType, dict):
        for one in get_args(model):
            yield from fields(one, seen)
    elif isinstance(model, type) and issubclass(model, BaseModel) and model not in seen:
        seen.add(model)
        for name, field in model.model_fields.items():
            if list(plain_texts(field.annotation)):
                yield f"{model.__name__.lower()}.name" if (model.__name__, name) in NAMES else name
            yield from fields(field.annotation, seen)


def plain_texts(annotation: Any) -> Iterator[Any]:
    if annotation is str:
        yield annotation
    elif get_origin(annotation) not in (Literal, dict):
        for one in get_args(annotation):
            yield from plain_texts(one)


def test_of_every_text_of_every_event_it_is_said_whether_it_is_personal() -> None:
    """A new field must be put into WHOLE, MENTIONS or ADDRESSES of orders/seal.py, or into STRUCTURE here."""
    found = set(fields(e.Event, set()))
    assert found - WHOLE - MENTIONS - ADDRESSES - STRUCTURE == set()
    assert found >= WHOLE | MENTIONS | ADDRESSES
