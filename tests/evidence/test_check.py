"""A zip of evidence stands for itself: whatever is done to a byte, a file, an event or a mail of it is found."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.evidence import package
from mailbot.evidence.check import Checked, check_rows, check_zip, made
from mailbot.evidence.record import mail_of
from mailbot.evidence.rows import NotRows, Rows, from_files, to_files
from mailbot.orders import events as e
from mailbot.orders.removal import Known, cleared
from mailbot.orders.settle import booked
from mailbot.rules.templates import load_templates
from tests.orders.world import ANN, NOW, SAM, circumstances, do, imported, order, stored

TEMPLATES = load_templates()
REPLY = (
    b"From: Ann <ann@client.example>\r\nTo: orders@studio.example\r\nSubject: Re: design\r\n\r\nApproved <script>\r\n"
)
ASKED = b"From: orders@studio.example\r\nTo: ann@client.example\r\nSubject: design\r\n\r\nDo you approve?\r\n"
KEYS = {hashlib.sha256(mail).hexdigest(): mail for mail in (REPLY, ASKED)}
IN, OUT = KEYS


def rows() -> Rows:
    """An order that was asked about and answered, and closed."""
    asked = do(order(salt="5a" * 16), "ask design")
    decision = booked(
        asked.order, asked.order.open_requests[0], "approve", circumstances(), by=ANN, how="replied",
        proof="dmarc=pass by mx.studio.example", because="en/approve", words="Approved <script>", mail=IN,
    )  # fmt: skip
    closed = e.OrderClosed(at=NOW, by=SAM)
    one, entries = stored([imported(salt="5a" * 16), *asked.events, *decision.events, closed])
    came: dict[str, Any] = {"id": "r1@client.example", "at": "2026-01-05T15:00:00.000000Z", "from": ANN, "mail": IN}
    went = {
        "id": "M-1", "key": "k", "kind": "approval-request", "order": one.ref, "to": [ANN], "mail": OUT,
        "about": "design", "state": "sent", "attempts": 1, "error": "", "due": came["at"], "sent_at": came["at"],
        "attempted_at": came["at"],
    }  # fmt: skip
    studio = {"name": "Atelier Nord", "timezone": "America/New_York"}
    came |= {"verdict": "approve", "because": "en/approve", "order": one.ref}
    return Rows(studio, one.model_dump(mode="json"), tuple(entries), (), (came,), (went,))


def zipped(of: Rows, mails: dict[str, bytes] = KEYS, version: str = "1") -> bytes:
    heads = [mail_of(key, way, n, mails.get(key)) for n, (key, way) in enumerate(of.mails_named(), start=1)]
    files = [*made(of, heads, TEMPLATES).items(), *((m.file, mails[m.key]) for m in heads if m.file)]
    package.write(target := io.BytesIO(), files, of, version)
    return target.getvalue()


ROWS = rows()
ZIP = zipped(ROWS)


def check(data: bytes) -> Checked:
    return check_zip(data, TEMPLATES, "1")


def problems(data: bytes) -> str:
    return "\n".join(check(data).problems)


def contents(data: bytes = ZIP) -> dict[str, bytes]:
    return package.read(data)


def resealed(files: dict[str, bytes], version: str = "1") -> bytes:
    """The zip that somebody makes who knows how: new hashes, new seal, a clean container."""
    inside = {name: text for name, text in files.items() if name != package.MANIFEST}
    package.write(target := io.BytesIO(), inside.items(), from_files(files), version)
    return target.getvalue()


def test_one_that_nobody_touched_is_whole() -> None:
    found = check(ZIP)
    assert (found.problems, found.notes) == ((), ())
    assert found.rows == ROWS
    assert found.seal == json.loads(contents()[package.MANIFEST])["seal"]
    assert zipped(ROWS) == ZIP
    assert zipfile.ZipFile(io.BytesIO(ZIP)).testzip() is None


@settings(max_examples=400, deadline=None)
@given(at=st.integers(0, len(ZIP) - 1), bit=st.integers(0, 7))
def test_any_bit_that_is_flipped_is_found(at: int, bit: int) -> None:
    data = bytearray(ZIP)
    data[at] ^= 1 << bit
    assert check(bytes(data)).problems


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(ZIP)), to=st.integers(0, len(ZIP)), more=st.binary(max_size=40))
def test_whatever_is_cut_out_or_put_in_is_found(at: int, to: int, more: bytes) -> None:
    data = ZIP[: min(at, to)] + more + ZIP[max(at, to) :]
    assert bool(check(data).problems) == (data != ZIP)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda data: b"PK\x03\x04" + data))
def test_bytes_that_are_no_zip_are_told_as_such(data: bytes) -> None:
    assert check(data).problems


@pytest.mark.parametrize("name", list(contents()))
def test_a_file_that_is_altered_or_removed_is_named(name: str) -> None:
    files = contents()
    assert name in problems(package.repacked({**files, name: files[name] + b" "}))
    assert name in problems(package.repacked({n: text for n, text in files.items() if n != name}))


def test_a_file_that_is_added_and_files_in_another_order_are_named() -> None:
    files = contents()
    assert "mails/evil.eml was added" in problems(package.repacked({**files, "mails/evil.eml": REPLY}))
    shuffled = dict(reversed(files.items()))
    assert "not in their order" in problems(package.repacked(shuffled))
    two = io.BytesIO(ZIP)
    with zipfile.ZipFile(two, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("record.html", "<p>another</p>")
    assert "record.html was added: there are two of it" in problems(two.getvalue())


# somebody who makes all hashes anew


@pytest.mark.parametrize("name", package.PAGES)
def test_a_page_that_says_something_else_is_found_though_its_hash_is_made_anew(name: str) -> None:
    files = contents()
    text = files[name].replace(b"Approved", b"Declined")
    assert text != files[name]
    assert problems(resealed({**files, name: text})) == f"{name} does not say what the rows say"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_events_that_are_altered_removed_repeated_or_moved_are_found_though_all_hashes_are_made_anew(
    data: st.DataObject,
) -> None:
    entries = list(ROWS.events)
    at, to = data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True))
    harm = data.draw(st.sampled_from(["alter", "remove", "repeat", "move"]))
    if harm == "alter":
        entries[at] = {**entries[at], "event": {**entries[at]["event"], "by": "eve@evil.example"}}
    elif harm == "remove":
        del entries[at]
    elif harm == "repeat":
        entries.insert(to, entries[at])
    else:
        entries[at], entries[to] = entries[to], entries[at]
    forged = replace(ROWS, events=tuple(entries))
    found = problems(resealed({**contents(), **to_files(forged)}))
    assert "event" in found


def test_a_mail_that_is_exchanged_or_left_out_is_found_though_all_hashes_are_made_anew() -> None:
    files = contents()
    (name,) = [name for name in files if files[name] == REPLY]
    assert f"mail {IN} is missing" in problems(resealed({**files, name: REPLY.replace(b"Approved", b"Declined")}))
    without = {other: text for other, text in files.items() if other != name}
    assert f"mail {IN} is missing" in problems(resealed(without))
    assert "mails/new.eml does not belong to the record" in problems(resealed({**files, "mails/new.eml": b"x"}))


def test_a_state_that_does_not_follow_is_found_though_all_hashes_are_made_anew() -> None:
    forged = replace(ROWS, order={**ROWS.order, "total": "1.00"})
    assert "not what its events make: total" in problems(zipped(forged))


def test_one_of_another_version_says_what_could_not_be_compared() -> None:
    found = check_zip(zipped(ROWS, version="99"), TEMPLATES, "1")
    assert found.problems == ()
    assert "mailbot 99" in found.notes[0]
    flipped = contents(zipped(ROWS, version="99"))
    text = flipped[package.MANIFEST].replace(b'"99"', b'"98"')
    assert "manifest.json was altered" in problems(package.repacked({**flipped, package.MANIFEST: text}))


# hostile ones


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"null", b'{"files": 1}', b'{"files": [1]}', b"[" * 100_000, b"\xff", b'{"files": []}']
)
def test_manifests_of_any_kind_are_told(text: bytes) -> None:
    assert package.MANIFEST in problems(package.repacked({**contents(), package.MANIFEST: text}))


@pytest.mark.parametrize("name", [name for name in contents() if name.startswith("rows/")])
@pytest.mark.parametrize("text", [b"", b"[]\n", b"{}\n", b"1\n", b'{"event": {}}\n', b"[" * 100_000, b"\xff\n"])
def test_rows_of_any_kind_are_told(name: str, text: bytes) -> None:
    files = {**contents(), name: text}
    if text == contents()[name]:
        return
    assert problems(package.repacked(files))
    try:
        forged = resealed(files)
    except (NotRows, AttributeError, TypeError):  # not even we can make a manifest of them
        return
    assert problems(forged)


def test_a_zip_that_unpacks_to_more_than_it_is_is_not_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("record.html", b"\0" * 50_000_000)
    assert "not stored" in problems(bomb.getvalue())
    size = struct.pack("<I", 0xFFFFFFF0)
    assert problems(ZIP.replace(struct.pack("<I", len(REPLY)), size))


# after a removal of personal data


def test_after_a_removal_it_stands_all_the_same_and_holds_no_mail() -> None:
    done = cleared(
        ROWS.events, Known(frozenset({ANN}), "Ann Lee"), mails=KEYS, rows={"mails": 1}, at=NOW, by=SAM, salt="6b" * 16
    )
    last = {"order": done.order.ref, "revision": done.order.revision, "before": done.before, "hash": done.order.hash}
    events = (*done.entries, {**last, "event": done.event.model_dump(mode="json")})
    less = replace(ROWS, order=done.order.model_dump(mode="json"), events=events, mails=(), outbox=())
    data = zipped(less, {})
    assert check(data).problems == ()
    assert not [name for name in contents(data) if name.startswith("mails/")]
    assert b"Ann" not in data
    assert check_rows(less, KEYS.get) == [f"mail {IN} is there, although its removal is on record"]
