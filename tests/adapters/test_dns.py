"""Keys are looked up at a real name server on the loopback: what it says, what it does not, how often it is asked."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from mailbot.adapters.dns import TxtRecords
from tests.servers.names import Names
from tests.signing import Signer

NAME = "s1._domainkey.client.example"


@pytest.fixture
def names() -> Iterator[Names]:
    server = Names()
    yield server
    server.stop()


def records(names: Names) -> TxtRecords:
    return TxtRecords([("127.0.0.1", names.port)])


def test_a_record_of_several_strings_is_one(names: Names) -> None:
    key = Signer().record()
    assert len(key) > 255
    names.records[NAME] = (key,)
    assert records(names)(NAME) == (key,)


def test_all_records_of_a_name(names: Names) -> None:
    names.records[NAME] = (b"one", b"two; three")
    assert sorted(records(names)(NAME) or ()) == [b"one", b"two; three"]


def test_what_is_known_is_not_asked_again_while_it_holds(names: Names) -> None:
    names.records[NAME] = (b"one",)
    names.ttl = 2
    look_up = records(names)
    assert [look_up(NAME), look_up(NAME)] == [(b"one",), (b"one",)]
    assert names.asked == [NAME]
    names.records[NAME] = (b"two",)
    time.sleep(2.1)
    assert look_up(NAME) == (b"two",)


def test_a_name_that_does_not_exist_has_none(names: Names) -> None:
    look_up = records(names)
    assert look_up("x._domainkey.nobody.example") == ()
    assert look_up(f"{'x' * 70}._domainkey.client.example") == ()
    assert look_up(".".join(["x" * 60] * 5)) == ()


def test_who_says_nothing_or_cannot_say_is_not_waited_for_long(names: Names) -> None:
    names.records[NAME] = None
    look_up = records(names)
    started = time.monotonic()
    assert look_up(NAME) is None
    assert time.monotonic() - started < 4  # a look-up without limits of its own would take five and more
    names.refuses = True
    assert look_up("other._domainkey.client.example") is None
    names.refuses, names.records[NAME] = False, (b"back",)
    assert look_up(NAME) == (b"back",)


def test_nobody_is_there() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert TxtRecords([("127.0.0.1", port)])(NAME) is None
    assert TxtRecords([("127.0.0.1", port)]).shown == f"127.0.0.1:{port}"
