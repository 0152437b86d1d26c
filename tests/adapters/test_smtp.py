"""Handing over one mail: each way in which a server can take it, refuse it, or leave us in the dark."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mailbot.adapters.smtp import Connection, Outcome, SmtpSettings, wire_form
from mailbot.errors import ConfigError, DeliveryError
from tests.servers.certificate import Certificate, make_certificate
from tests.servers.ports import free_port
from tests.servers.proxy import Proxy, Script
from tests.servers.smtp_peers import Fault, Peer, Sink

BOT, ANN, BEN = "orders@studio.example", "ann@client.example", "ben@client.example"
MAIL = b"From: orders@studio.example\r\nTo: ann@client.example\r\nSubject: one\r\n\r\nHello\r\n.\r\n.dots\r\n"
BIG = MAIL + b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 60_000  # 4.7 MB: more than the sockets' buffers hold
GREETING = [(b"", b"220 script\r\n"), (b"EHLO", b"250 script\r\n")]
ENVELOPE = [*GREETING, (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n")]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("smtp-certificate"))


def server_context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert, certificate.key)
    return context


def with_peer(peer: Peer, work: Callable[[Connection], Awaitable[None]], **settings: object) -> None:
    """Run `work` with a connection to `peer`, both in one loop."""

    async def main() -> None:
        async with peer:
            connection = Connection(peer.settings(**settings))
            await work(connection)
            await connection.close()

    asyncio.run(main())


def send_one(peer: Peer, data: bytes = MAIL, to: tuple[str, ...] = (ANN,), **settings: object) -> tuple[Outcome, bool]:
    """The outcome of one mail, and whether the connection was kept."""
    result: list[tuple[Outcome, bool]] = []

    async def work(connection: Connection) -> None:
        outcome = await connection.send(BOT, to, data)
        result.append((outcome, connection.is_open))

    with_peer(peer, work, **settings)
    return result[0]


def send_to(port: int, data: bytes = MAIL, **settings: object) -> Outcome:
    """The outcome of one mail to whatever listens on a loopback port."""

    async def main() -> Outcome:
        wanted = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5.0, "end_timeout": 5.0, **settings}
        return await Connection(SmtpSettings(**wanted)).send(BOT, (ANN,), data)  # type: ignore[arg-type]

    return asyncio.run(main())


def test_a_mail_arrives_as_it_was_and_the_connection_is_kept() -> None:
    peer = Peer()
    outcome, kept = send_one(peer, MAIL, (ANN, BEN))
    assert outcome == Outcome("sent", "250 2.0.0 Ok: queued as 4242", 250)
    assert peer.accepted == [(BOT, (ANN, BEN), MAIL)]
    assert kept


def test_big_mail_arrives_as_it_was() -> None:
    peer = Peer()
    assert send_one(peer, BIG)[0].state == "sent"
    assert peer.accepted[0][2] == BIG


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        (Fault("greeting", "421 4.3.2 too busy", close=True), "deferred", None),
        (Fault("greeting", "554 5.7.1 go away", close=True), "deferred", None),
        (Fault("EHLO", "421 4.3.2 closing", close=True), "deferred", None),
        (Fault("MAIL", "451 4.3.0 later"), "deferred", 451),
        (Fault("MAIL", "553 5.7.1 not your address"), "failed", 553),
        (Fault("RCPT", "450 4.2.1 greylisted"), "deferred", 450),
        (Fault("RCPT", "550 5.1.1 no such user"), "failed", 550),
        (Fault("RCPT", "421 4.3.2 closing", close=True), "deferred", 421),
        (Fault("DATA", "451 4.3.0 later"), "deferred", 451),
        (Fault("DATA", "554 5.5.1 no"), "failed", 554),
        (Fault("end", "452 4.3.1 disk full"), "deferred", 452),
        (Fault("end", "550 5.7.1 looks like spam"), "failed", 550),
        (Fault("end", "421 4.3.2 shutting down", close=True), "deferred", 421),
    ],
    ids=lambda value: f"{value.stage}-{value.reply[:3]}" if isinstance(value, Fault) else "",
)
def test_an_answer_decides(fault: Fault, state: str, code: int | None) -> None:
    outcome, _ = send_one(Peer([fault]))
    assert (outcome.state, outcome.code) == (state, code)
    assert fault.reply[4:] in outcome.said


@pytest.mark.parametrize("how", [{"cut": True}, {"close": True}, {"sleep": 1.0}], ids=["cut", "close", "silent"])
@pytest.mark.parametrize(
    ("stage", "state"),
    [
        ("greeting", "deferred"),
        ("EHLO", "deferred"),
        ("MAIL", "deferred"),
        ("RCPT", "deferred"),
        ("DATA", "deferred"),
        ("end", "unknown"),
    ],
)
def test_silence_and_loss_are_unknown_only_after_the_mails_end(stage: str, state: str, how: dict[str, object]) -> None:
    peer = Peer([Fault(stage, **how)])  # type: ignore[arg-type]
    short = {} if "sleep" not in how else {"end_timeout": 0.5} if stage == "end" else {"timeout": 0.5}
    outcome, kept = send_one(peer, **short)
    assert outcome.state == state
    assert not kept
    assert (len(peer.accepted) == 1) == (state == "unknown")


@pytest.mark.parametrize("how", [{"cut": True}, {"sleep": 1.0, "cut": True}], ids=["cut", "stuck"])
def test_a_line_that_breaks_in_the_body_is_no_doubt(how: dict[str, object]) -> None:
    peer = Peer([Fault("body", after=20_000, **how)])  # type: ignore[arg-type]
    outcome, kept = send_one(peer, BIG, timeout=0.5, end_timeout=0.5)
    assert (outcome.state, kept) == ("deferred", False)


def test_a_server_that_takes_the_dot_and_dies_leaves_doubt() -> None:
    """A small mail is with the system before the loss can be seen: the server may have read its end."""
    outcome, _ = send_one(Peer([Fault("body", after=20, cut=True)]))
    assert outcome.state == "unknown"


def test_a_refusal_before_the_end_is_heard() -> None:
    outcome, kept = send_one(Peer([Fault("body", "552 5.3.4 too big", after=10_000, sleep=0.1, close=True)]), BIG)
    assert (outcome.state, outcome.code, kept) == ("failed", 552, False)
    assert "too big" in outcome.said


@pytest.mark.parametrize("reply", [b"hello there\r\n", b"354 more\r\n", b"999 what\r\n", b"x" * 40_000 + b"\r\n"])
def test_nonsense_instead_of_a_receipt_is_unknown(reply: bytes) -> None:
    with Script([*ENVELOPE, (b"DATA", b"354 go\r\n"), (b".dots", b""), (b".\r\n", reply)]) as script:
        assert send_to(script.port).state == "unknown"


def test_nonsense_before_the_mail_is_deferred() -> None:
    with Script([*GREETING, (b"MAIL", b"what?\r\n")]) as script:
        assert send_to(script.port).state == "deferred"


def test_who_was_refused_is_told_and_the_others_get_it() -> None:
    peer = Peer([Fault("RCPT", "550 5.1.1 no such user", only=BEN), Fault("RCPT", "451 4.2.0 later", only="cy@")])
    outcome, kept = send_one(peer, to=(ANN, BEN, "cy@client.example"))
    assert (outcome.state, kept) == ("sent", True)
    assert [(r.address, r.code, r.permanent) for r in outcome.refused] == [
        (BEN, 550, True),
        ("cy@client.example", 451, False),
    ]
    assert [to for _, to, _ in peer.accepted] == [(ANN,)]


def test_one_refused_for_good_and_one_for_now_is_tried_again() -> None:
    peer = Peer([Fault("RCPT", "550 no", only=BEN), Fault("RCPT", "451 later", only=ANN)])
    assert send_one(peer, to=(ANN, BEN))[0].state == "deferred"


def test_nobody_listens() -> None:
    outcome = send_to(free_port())
    assert outcome.state == "deferred"
    assert "connection refused" in outcome.said


def test_after_a_refusal_the_connection_serves_the_next_mail() -> None:
    peer = Peer([Fault("RCPT", "550 no", only=BEN)])

    async def work(connection: Connection) -> None:
        assert (await connection.send(BOT, (BEN,), MAIL)).state == "failed"
        assert (await connection.send(BOT, (ANN,), MAIL)).state == "sent"
        assert peer.connections == 1

    with_peer(peer, work)


def test_a_connection_that_died_while_idle_is_replaced_unseen() -> None:
    """A server may close after so many mails or seconds; the mail goes over a new connection at once, and only once."""
    for fault in (
        Fault("MAIL", "421 4.7.0 enough for one connection", close=True, times=1),
        Fault("MAIL", cut=True, times=1),
    ):
        peer = Peer()

        async def work(connection: Connection, peer: Peer = peer, fault: Fault = fault) -> None:
            assert (await connection.send(BOT, (ANN,), MAIL)).state == "sent"
            peer.faults.append(fault)
            assert (await connection.send(BOT, (ANN,), MAIL)).state == "sent"

        with_peer(peer, work)
        assert (peer.connections, len(peer.accepted)) == (2, 2)


def test_an_idle_connection_is_asked_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.adapters.smtp.PROBE_AFTER", 0.0)
    peer = Peer([Fault("RSET", sleep=3.0, times=1)])

    async def work(connection: Connection) -> None:
        await connection.ready()
        await connection.ready()
        assert connection.is_open

    with_peer(peer, work, timeout=1.0)
    assert (peer.connections, peer.said.count("RSET")) == (2, 1)


def test_a_cancelled_mail_leaves_no_answer_for_the_next_one() -> None:
    peer = Peer([Fault("end", sleep=0.2, times=1)])

    async def work(connection: Connection) -> None:
        task = asyncio.create_task(connection.send(BOT, (ANN,), MAIL))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not connection.is_open
        peer.faults.append(Fault("RCPT", "550 no"))
        assert (await connection.send(BOT, (BEN,), MAIL)).state == "failed"

    with_peer(peer, work)


def test_cutting_the_line_ends_a_mail_that_is_under_way() -> None:
    async def work(connection: Connection) -> None:
        task = asyncio.create_task(connection.send(BOT, (ANN,), MAIL))
        await asyncio.sleep(0.1)
        connection.abort()
        assert (await task).state == "unknown"

    with_peer(Peer([Fault("end", sleep=5.0)]), work, end_timeout=10.0)


def test_two_mails_at_once_go_one_after_the_other() -> None:
    peer = Peer()

    async def work(connection: Connection) -> None:
        outcomes = await asyncio.gather(*(connection.send(BOT, (ANN,), MAIL) for _ in range(5)))
        assert {o.state for o in outcomes} == {"sent"}

    with_peer(peer, work)
    assert (peer.connections, len(peer.accepted)) == (1, 5)


@pytest.mark.parametrize("fault", [Fault("QUIT", "500 what"), Fault("QUIT", cut=True), Fault("QUIT", sleep=3.0)])
def test_a_bad_goodbye_is_no_failure(fault: Fault) -> None:
    assert send_one(Peer([fault]), timeout=1.0)[0].state == "sent"


def test_a_mail_above_the_servers_limit_is_not_begun() -> None:
    peer = Peer(size=1000)
    outcome, kept = send_one(peer, BIG)
    assert (outcome.state, kept, peer.said) == ("failed", True, ["QUIT"])
    assert "the server takes 1000" in outcome.said


def test_the_size_is_announced_and_nothing_that_is_not_needed() -> None:
    peer = Peer()
    send_one(peer)
    assert peer.said[0] == f"MAIL FROM:<{BOT}> SIZE={len(MAIL)}"


def test_eight_bit_bytes_and_addresses_are_announced_where_the_server_takes_them() -> None:
    peer = Peer(smtputf8=True)
    assert send_one(peer, MAIL + "Grüße\r\n".encode(), ("ann@größe.example",))[0].state == "sent"
    assert peer.said[0].endswith("BODY=8BITMIME SMTPUTF8")
    outcome, _ = send_one(Peer(), to=("ann@größe.example",))
    assert outcome.state == "failed"
    assert "SMTPUTF8" in outcome.said
    with Script(GREETING) as script:
        assert "8BITMIME" in send_to(script.port, MAIL + b"\xfc").said


@pytest.mark.parametrize("address", ["ann@client.example> SIZE=1", "ann\r\nRSET@client.example", "a b@client.example"])
def test_an_address_that_would_be_a_command_fails(address: str) -> None:
    peer = Peer()
    outcome, _ = send_one(peer, to=(ANN, address))
    assert outcome.state == "failed"
    assert peer.accepted == []


def test_a_mail_to_nobody_fails() -> None:
    assert send_one(Peer(), to=())[0].state == "failed"


def test_line_ends_are_made_whole() -> None:
    assert wire_form(b"a\nb\rc\r\n\r\nd") == b"a\r\nb\r\nc\r\n\r\nd\r\n"


def test_a_bare_line_feed_cannot_end_the_mail() -> None:
    peer = Peer()
    smuggled = MAIL + b"\n.\nMAIL FROM:<x@y>\nmore\n"
    assert send_one(peer, smuggled)[0].state == "sent"
    assert len(peer.accepted) == 1
    assert peer.accepted[0][2] == wire_form(smuggled)


def test_tls_with_a_certificate_that_is_trusted(certificate: Certificate) -> None:
    more = {"security": "tls", "ca_file": certificate.ca, "host": "localhost", "timeout": 5.0}
    assert send_one(Peer(tls=server_context(certificate)), BIG, **more)[0].state == "sent"
    more["security"] = "starttls"
    assert send_one(Peer(starttls=server_context(certificate)), **more)[0].state == "sent"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_not_trusted_sends_nothing(certificate: Certificate, security: str) -> None:
    peer = Peer(**{security: server_context(certificate)}, user="bot", password="s3cret")  # type: ignore[arg-type]
    outcome, _ = send_one(peer, security=security, host="localhost", user="bot", password="s3cret", timeout=5.0)
    assert (outcome.state, peer.said) == ("deferred", [])
    assert "certificate is not accepted" in outcome.said
    assert "ca_file" in outcome.said


def test_a_certificate_for_another_host_sends_nothing(certificate: Certificate, tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "DNS:elsewhere.example")
    peer = Peer(tls=server_context(other))
    outcome, _ = send_one(peer, security="tls", host="localhost", ca_file=other.ca, timeout=5.0)
    assert outcome.state == "deferred"
    assert "certificate is not accepted" in outcome.said


def test_starttls_that_was_stripped_is_refused(certificate: Certificate) -> None:
    """Somebody in between takes the offer out of the EHLO answer: no password and no mail may follow in the clear."""

    async def main() -> None:
        peer = Peer(starttls=server_context(certificate), user="bot", password="s3cret")
        async with peer:
            with Proxy(peer.port, lambda data: data.replace(b"250-STARTTLS\r\n", b"")) as proxy:
                options = {"security": "starttls", "host": "localhost", "ca_file": certificate.ca, "port": proxy.port}
                connection = Connection(peer.settings(user="bot", password="s3cret", **options))
                with pytest.raises(DeliveryError, match="does not offer STARTTLS"):
                    await connection.ready()
                assert b"AUTH" not in b"".join(proxy.said)

    asyncio.run(main())


def test_tls_to_a_port_without_it_is_told() -> None:
    outcome, _ = send_one(Peer(), security="tls", host="localhost", timeout=5.0)
    assert outcome.state == "deferred"
    assert "465" in outcome.said


def test_logging_in_with_a_password_and_with_a_token() -> None:
    peer = Peer(user="bot", password="s3cret", token="t0ken")
    assert send_one(peer, user="bot", password="s3cret")[0].state == "sent"
    assert send_one(peer, user="bot", password=lambda: "t0ken")[0].state == "sent"


@pytest.mark.parametrize("password", ["wr0ng-passw0rd", lambda: "wr0ng-passw0rd"], ids=["password", "token"])
def test_a_refused_login_is_permanent_and_tells_no_secret(password: object, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "mailbot")

    async def work(connection: Connection) -> None:
        with pytest.raises(DeliveryError, match="logging in as bot") as caught:
            await connection.ready()
        assert caught.value.permanent
        assert "wr0ng" not in f"{caught.value!r} {caught.value.__cause__!r} {connection.settings!r} {caplog.text}"

    with_peer(Peer(user="bot", password="s3cret", token="t0ken"), work, user="bot", password=password)


def test_an_echoed_password_is_taken_out() -> None:
    import base64

    plain = base64.b64encode(b"\0bot\0s3cret")
    offer = b"250-script\r\n250 AUTH PLAIN\r\n"
    with Script(
        [(b"", b"220 script\r\n"), (b"EHLO", offer), (b"AUTH", b"535 not " + plain + b" nor s3cret\r\n")]
    ) as script:
        said = send_to(script.port, user="bot", password="s3cret").said
    assert "535 not *** nor ***" in said


@pytest.mark.parametrize("reply", [b"454 4.7.0 busy\r\n", None], ids=["busy", "lost"])
def test_a_login_that_only_failed_now_is_not_permanent(reply: bytes | None) -> None:
    async def main(port: int) -> None:
        settings = SmtpSettings("127.0.0.1", port, "none", "bot", "s3cret", timeout=0.5)
        with pytest.raises(DeliveryError) as caught:
            await Connection(settings).ready()
        assert not caught.value.permanent

    offer = b"250-script\r\n250 AUTH PLAIN\r\n"
    with Script([(b"", b"220 script\r\n"), (b"EHLO", offer), (b"AUTH", reply)]) as script:
        asyncio.run(main(script.port))


def test_a_token_that_cannot_be_had_is_told_without_its_text() -> None:
    def fresh() -> str:
        raise RuntimeError("client_secret=abc123")

    outcome, _ = send_one(Peer(user="bot", token="t0ken"), user="bot", password=fresh)
    assert outcome.state == "deferred"
    assert "no access token: RuntimeError" in outcome.said
    assert "abc123" not in outcome.said


def test_settings_that_cannot_work_are_all_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        SmtpSettings("smtp.studio.example", 25, "none", "", "pass\r\nword", tmp_path / "no.pem", timeout=0)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["smtp.security", "smtp.password", "smtp.user", "smtp.ca_file", "smtp.timeout"]
    assert "pass" not in repr(SmtpSettings("localhost", security="none", user="bot", password="passw0rd"))


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        (("-r", "MAIL"), "deferred"),
        (("-f", "RCPT"), "failed"),
        (("-Q", "DATA"), "deferred"),
        (("-q", "."), "unknown"),
        (("-W", ".:9"), "unknown"),
        (("-W", "DATA:9"), "deferred"),
        (("-f", "."), "failed"),
        ((), "sent"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_postfix_sink_agrees(tmp_path: Path, flags: tuple[str, ...], state: str) -> None:
    with Sink(tmp_path, *flags) as sink:
        short = {".:9": {"end_timeout": 0.5}, "DATA:9": {"timeout": 1.0}}.get(flags[-1] if flags else "", {})
        assert send_to(sink.port, **short).state == state
