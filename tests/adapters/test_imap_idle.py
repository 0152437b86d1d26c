"""Waiting for mail: real servers for what should happen, a proxy and scripted servers for what goes wrong on a line."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mailbot.adapters.imap import ImapSettings, Mailbox, pause
from mailbot.errors import MailboxError
from tests.crowd import crowded
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy, Script

MAIL = b"From: ann@client.example\r\nSubject: hello\r\n\r\nApproved!\r\n"
LOGIN = [
    (b"", b"* OK ready\r\n"),
    (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE NAMESPACE\r\nTAG OK done\r\n"),
    (b"LOGIN", b"TAG OK [CAPABILITY IMAP4rev1 IDLE NAMESPACE] in\r\n"),
    (b"NAMESPACE", b'* NAMESPACE (("" "/")) NIL NIL\r\nTAG OK done\r\n'),
    (b"SELECT", b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\nTAG OK [READ-WRITE] done\r\n"),
    (b"NOOP", b"TAG OK done\r\n"),
    (b"SEARCH", b"* SEARCH\r\nTAG OK done\r\n"),
]


@pytest.fixture
def wake() -> Iterator[tuple[socket.socket, socket.socket]]:
    """(to be polled, to be written to)."""
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def open_box(server: Any, user: str, **changes: Any) -> Mailbox:
    """A connected mailbox."""
    basic = {"host": "127.0.0.1", "port": server.imap, "security": "none", "password": server.password}
    box = Mailbox(ImapSettings(**({"user": user, "read_timeout": 5.0} | basic | changes)))
    box.connect()
    return box


def scripted(script: Script, **changes: Any) -> Mailbox:
    """A mailbox on a scripted server whose folder has been found empty."""
    settings = {"host": "127.0.0.1", "port": script.port, "security": "none", "user": "u", "password": "p"}
    box = Mailbox(ImapSettings(**({"read_timeout": 1.0} | settings | changes)))
    box.connect()
    assert box.waiting(0) == []
    return box


AT_ONCE = 5.0  # seconds: what is slept through takes 10 and more; it may be a busy machine


def timed(box: Mailbox, wake: socket.socket, seconds: float) -> tuple[bool, float]:
    """What `wait` says, and how long it took."""
    start = time.monotonic()
    told = box.wait(wake, seconds)
    return told, time.monotonic() - start


@pytest.fixture(params=["dovecot", "pymap_server"])
def server(request: pytest.FixtureRequest) -> Any:
    """Each real server in turn."""
    return request.getfixturevalue(request.param)


def test_a_delivery_wakes(server: Any, wake: tuple[socket.socket, socket.socket]) -> None:
    user = server.new_user()
    with open_box(server, user) as box:
        assert box.waiting(0) == []
        threading.Timer(0.2, server.deliver, (user, MAIL)).start()
        told, took = timed(box, wake[0], 10)
        assert told
        assert took < AT_ONCE
        assert [raw.data.endswith(MAIL) for raw in box.fetch(box.waiting(0))] == [True]


def test_a_delivery_wakes_over_tls(dovecot: Dovecot, wake: tuple[socket.socket, socket.socket]) -> None:
    user, tls = dovecot.new_user(), {"security": "tls", "host": "localhost", "ca_file": dovecot.certificate.ca}
    with open_box(dovecot, user, port=dovecot.imaps, **tls) as box:
        assert box.waiting(0) == []
        told, took = timed(box, wake[0], 0.5)
        assert not told
        assert took >= 0.5  # session tickets of TLS 1.3 are no mail
        threading.Timer(0.2, dovecot.deliver, (user, MAIL)).start()
        assert box.wait(wake[0], 10)
        assert len(box.waiting(0)) == 1


def test_mail_between_the_search_and_idle_is_not_slept_through(
    server: Any, wake: tuple[socket.socket, socket.socket]
) -> None:
    user = server.new_user()
    with open_box(server, user) as box:
        assert box.waiting(0) == []
        server.deliver(user, MAIL)
        told, took = timed(box, wake[0], 10)
        assert told
        assert took < AT_ONCE


def test_mail_told_of_in_answer_to_another_command_is_not_slept_through(
    server: Any, wake: tuple[socket.socket, socket.socket]
) -> None:
    user = server.new_user()
    with open_box(server, user) as box:
        assert box.waiting(0) == []
        server.deliver(user, MAIL)
        box._client.noop()  # as filing a mail or any other command would
        told, took = timed(box, wake[0], 10)
        assert told
        assert took < AT_ONCE


def test_nothing_new_returns_in_time_and_can_be_asked_again(
    server: Any, wake: tuple[socket.socket, socket.socket]
) -> None:
    with open_box(server, server.new_user(), idle_seconds=0.2) as box:
        assert box.waiting(0) == []
        for _ in range(3):
            told, took = timed(box, wake[0], 60)
            assert not told
            assert 0.2 <= took < AT_ONCE


def test_the_pipe_wakes_within_50_ms(server: Any, wake: tuple[socket.socket, socket.socket]) -> None:
    with open_box(server, server.new_user()) as box:
        box.waiting(0)
        took = []
        for _ in range(3):
            sent_at: list[float] = []

            def ring(at: list[float] = sent_at) -> None:
                at.append(time.monotonic())
                wake[1].send(b"!")

            threading.Timer(0.2, ring).start()
            box.wait(wake[0], 30)
            took.append(time.monotonic() - sent_at[0])
            assert wake[0].recv(10) == b"!"
            assert box.connected
        assert min(took) < 0.05 * crowded()  # the best counts: others may be busy
        assert max(took) < AT_ONCE


def test_without_idle_it_looks_every_few_seconds_and_the_pipe_still_wakes(
    dovecot: Dovecot, wake: tuple[socket.socket, socket.socket]
) -> None:
    user = dovecot.new_user()
    with Proxy(dovecot.imap, lambda data: data.replace(b" IDLE", b" XDLE")) as proxy:
        box = open_box(dovecot, user, port=proxy.port, noop_seconds=0.2)
        assert box.waiting(0) == []
        dovecot.deliver(user, MAIL)
        _, took = timed(box, wake[0], 60)
        assert 0.2 <= took < AT_ONCE
        assert len(box.waiting(0)) == 1
        dovecot.deliver(user, MAIL)
        box._client.noop()
        told, took = timed(box, wake[0], 60)
        assert told
        assert took < AT_ONCE
        assert len(box.waiting(0)) == 2
        wake[1].send(b"!")
        assert timed(box, wake[0], 60)[1] < AT_ONCE
        assert not any(b"IDLE" in data for data in proxy.said)


def test_a_server_that_closes_during_idle_is_an_error_at_once(
    server: Any, wake: tuple[socket.socket, socket.socket]
) -> None:
    with Proxy(server.imap) as proxy:
        box = open_box(server, server.new_user(), port=proxy.port)
        box.waiting(0)
        threading.Timer(0.2, proxy.cut).start()
        start = time.monotonic()
        with pytest.raises(MailboxError, match=r"waiting for mail: .*(closed|reset|Broken)"):
            box.wait(wake[0], 30)
        assert time.monotonic() - start < AT_ONCE
        assert not box.connected


def test_a_dead_line_is_found_after_idle_and_a_new_connection_works(
    dovecot: Dovecot, wake: tuple[socket.socket, socket.socket]
) -> None:
    user = dovecot.new_user()
    with Proxy(dovecot.imap) as proxy:
        box = open_box(dovecot, user, port=proxy.port, idle_seconds=0.2, read_timeout=1.5)
        box.waiting(0)
        proxy.freeze()
        with pytest.raises(MailboxError, match="no answer in time"):
            box.wait(wake[0], 30)
        assert not box.connected
    dovecot.deliver(user, MAIL)
    with open_box(dovecot, user) as box:
        assert len(box.waiting(0)) == 1


def test_a_command_that_times_out_drops_the_connection_and_connect_makes_a_new_one(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.deliver(user, MAIL)
    with Proxy(dovecot.imap) as proxy:
        box = open_box(dovecot, user, port=proxy.port, read_timeout=1.5)
        proxy.freeze()
        with pytest.raises(MailboxError, match="looking for new mail: no answer in time"):
            box.waiting(0)
        proxy._frozen.clear()
        box.connect()
        assert len(box.waiting(0)) == 1
        box.close()


IDLE_TRAPS = {
    "in the same segment as the plus": [b"+ idling\r\n* 1 EXISTS\r\n"],
    "before the plus": [b"* 1 EXISTS\r\n", b"+ idling\r\n"],
    "before the plus, one segment": [b"* 1 EXISTS\r\n+ idling\r\n"],
    "split over two segments": [b"+ idling\r\n", b"* 1 EXI", b"STS\r\n"],
    "split right after the plus": [b"+ idling\r\n* 1 EX", b"ISTS\r\n"],
    "after other talk": [b"+ idling\r\n* OK still here\r\n", b"* 1 EXISTS\r\n* 1 RECENT\r\n"],
}


@pytest.mark.parametrize("trap", IDLE_TRAPS)
def test_exists_is_never_slept_through_however_it_arrives(trap: str, wake: tuple[socket.socket, socket.socket]) -> None:
    with Script([*LOGIN, (b"IDLE", IDLE_TRAPS[trap]), (b"DONE", b"TAG OK idle done\r\n")]) as script:
        box = scripted(script)
        told, took = timed(box, wake[0], 20)
        assert told
        assert took < AT_ONCE
        assert box.connected


def test_idle_that_is_offered_and_refused_is_an_error(wake: tuple[socket.socket, socket.socket]) -> None:
    with Script([*LOGIN, (b"IDLE", b"TAG NO not today\r\n")]) as script, pytest.raises(MailboxError, match="refuses"):
        scripted(script).wait(wake[0], 20)


@pytest.mark.parametrize("last", [b"* BYE shutting down\r\n", b"* 1 EXIS", b""])
def test_whatever_the_last_words_a_closed_line_is_an_error_and_no_hot_loop(
    last: bytes, wake: tuple[socket.socket, socket.socket]
) -> None:
    with Script([*LOGIN, (b"IDLE", [b"+ idling\r\n", last]), (b"", None)]) as script:
        box = scripted(script)
        cpu = time.process_time()
        with pytest.raises(MailboxError):
            box.wait(wake[0], 20)
        assert time.process_time() - cpu < 0.1
        assert not box.connected


def test_nonsense_from_the_server_is_a_mailbox_error() -> None:
    for nonsense in (b"HTTP/1.1 400 Bad Request\r\n", b"\x00\xff\r\n", b"* \r\n", b""):
        with Script([(b"", nonsense), (b"", None)]) as script, pytest.raises(MailboxError, match=str(script.port)):
            Mailbox(ImapSettings(host="127.0.0.1", port=script.port, security="none", user="u", password="p")).connect()


def test_a_server_that_echoes_the_password_does_not_get_it_into_the_message() -> None:
    with Script([*LOGIN[:2], (b"LOGIN", b'TAG BAD cannot parse LOGIN "u" "top-secret"\r\n')]) as script:
        place = {"host": "127.0.0.1", "port": script.port, "security": "none"}
        box = Mailbox(ImapSettings(user="u", password="top-secret", **place))
        with pytest.raises(MailboxError) as caught:
            box.connect()
    assert "top-secret" not in str(caught.value)
    assert "***" in str(caught.value)


def test_from_delivery_to_bytes_in_hand_takes_milliseconds(
    pymap_server: Any, wake: tuple[socket.socket, socket.socket]
) -> None:
    user = pymap_server.new_user()
    with open_box(pymap_server, user) as box:
        for _ in range(3):
            crowd = crowded()
            best = min(delivered_to_hand(pymap_server, user, box, wake[0]) for _ in range(20))
            if best < 0.015 * max(crowd, crowded()):  # the median is about 8 ms on two quiet cores
                return
    pytest.fail(f"the best of 20 took {best * 1000:.1f} ms")


def delivered_to_hand(server: Any, user: str, box: Mailbox, wake: socket.socket) -> float:
    """Seconds from the delivery of one more mail to its bytes."""
    last = max((one.uid for one in box.waiting(0)), default=0)
    delivered: list[float] = []

    def deliver() -> None:
        delivered.append(time.perf_counter())
        server.deliver(user, MAIL)

    threading.Timer(0.02, deliver).start()
    assert box.wait(wake, 10)
    assert len(list(box.fetch(box.waiting(last)))) == 1
    return time.perf_counter() - delivered[0]


def test_pauses_grow_to_a_limit_and_spread() -> None:
    assert [pause(n, 0.0) for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert pause(50, 0.0) == pause(10_000, 0.0) == 300
    assert pause(3, 1.0) == 2
