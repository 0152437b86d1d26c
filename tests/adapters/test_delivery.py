"""The outbox's worker against real servers: every mail once or known to be in doubt, whatever breaks."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from mailbot.adapters import delivery as delivery_module
from mailbot.adapters.archive import Archive
from mailbot.adapters.delivery import Delivery, DeliveryReport, Hooks, doubt
from mailbot.adapters.ledger import Ledger
from mailbot.adapters.smtp import Outcome, SmtpSettings
from mailbot.adapters.store import OutboxEntry, OutboxRow, StoreError
from mailbot.adapters.tiny import TinyStore
from mailbot.errors import ConfigError
from mailbot.orders.model import utc
from mailbot.rules.delivery import DeliveryRules, load_delivery, load_delivery_cases, wrong_cases
from tests.servers.ports import free_port
from tests.servers.smtp_peers import Fault, Peer, Sink

NOW = datetime(2026, 1, 16, 21, 0, tzinfo=UTC)
BOT, ANN, BEN = "orders@studio.example", "ann@client.example", "ben@client.example"
RULES = load_delivery()
IN_DOUBT = timedelta(minutes=10)


def letter(name: str) -> bytes:
    """The mail of that name; its name is its archive key here."""
    return f"Subject: {name}\r\n\r\nsecret words of {name}\r\n".encode()


class Studio:
    """A store and a clock that stands until it is moved; what the app was told."""

    def __init__(self, folder: Path) -> None:
        self.store = TinyStore(folder / "mailbot.db")
        self.at = NOW
        self.told: list[tuple[str, Outcome]] = []

    def now(self) -> datetime:
        return self.at

    def queue(self, *names: str, to: tuple[str, ...] = (ANN,)) -> None:
        """A mail for each name, which is its key and its subject."""
        with self.store.transaction() as tx:
            for name in names:
                entry = OutboxEntry(name, "receipt", "ORD-1", to, utc(NOW), name, f"{name}@studio.example", BOT, to)
                assert tx.enqueue(entry)

    def hooks(self, **other: object) -> Hooks:
        told = {"settled": lambda row, outcome: self.told.append((row.key, outcome))}
        return Hooks(**{"read": letter, **told, **other})  # type: ignore[arg-type]

    def row(self, name: str) -> OutboxRow:
        row = self.store.outbox_get(name)
        assert row is not None
        return row

    def states(self) -> dict[str, int]:
        rows = self.store.outbox()
        return {state: sum(row.state == state for row in rows) for state in {row.state for row in rows}}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def deliver(studio: Studio, peer: Peer, hooks: Hooks | None = None, rules: DeliveryRules = RULES) -> DeliveryReport:
    """One pass over the outbox to `peer`."""

    async def main() -> DeliveryReport:
        async with peer:
            worker = Delivery(studio.store, peer.settings(), rules, hooks or studio.hooks())
            try:
                return await worker.run_once(studio.now)
            finally:
                await worker.close()

    return asyncio.run(main())


def deliver_to(studio: Studio, settings: SmtpSettings) -> DeliveryReport:
    async def main() -> DeliveryReport:
        worker = Delivery(studio.store, settings, RULES, studio.hooks())
        report = await worker.run_once(studio.now)
        await worker.close()
        return report

    return asyncio.run(main())


def test_what_is_due_is_sent_and_recorded_and_told(studio: Studio) -> None:
    studio.queue("a", "b", "c", "d", "e")
    peer = Peer()
    report = deliver(studio, peer)
    assert {key: sorted(names) for key, names in report.ends.items()} == {"sent": ["a", "b", "c", "d", "e"]}
    assert sorted(data for _, _, data in peer.accepted) == [letter(name) for name in "abcde"]
    assert studio.states() == {"sent": 5}
    assert (studio.row("a").attempts, studio.row("a").sent_at) == (1, utc(NOW))
    assert sorted(name for name, outcome in studio.told if outcome.state == "sent") == list("abcde")
    assert peer.connections <= 3


def test_what_is_not_due_yet_waits(studio: Studio) -> None:
    studio.queue("a")
    studio.at = NOW - timedelta(minutes=1)
    assert deliver(studio, Peer()).ends == {}
    assert studio.states() == {"queued": 1}


def test_not_now_is_tried_again_with_growing_pauses_until_it_has_failed(studio: Studio) -> None:
    studio.queue("a")
    pauses = []
    for _ in range(RULES.retry.attempts):
        assert deliver(studio, Peer([Fault("end", "452 4.3.1 disk full")])).count("sent") == 0
        due = datetime.fromisoformat(studio.row("a").due)
        pauses.append((due - studio.at).total_seconds() / 60)
        studio.at = max(due, studio.at)
    assert studio.row("a").state == "failed"
    assert "given up after 14 attempts" in studio.row("a").error
    assert pauses[:8] == sorted(pauses[:8])
    assert 1 <= pauses[0] <= 1.2
    assert 480 <= pauses[-2] <= 576
    assert [outcome.state for _, outcome in studio.told] == ["deferred"] * 13 + ["failed"]


def test_a_refusal_has_failed_at_once(studio: Studio) -> None:
    studio.queue("a")
    deliver(studio, Peer([Fault("RCPT", "550 5.1.1 no such user")]))
    assert (studio.row("a").state, studio.row("a").attempts) == ("failed", 1)
    assert "550 5.1.1 no such user" in studio.row("a").error


def test_what_may_have_been_delivered_is_never_sent_again_by_itself(studio: Studio) -> None:
    studio.queue("a")
    peer = Peer([Fault("end", cut=True)])
    assert deliver(studio, peer).count("unknown") == 1
    studio.at += timedelta(days=1)
    assert deliver(studio, peer).ends == {}
    assert (studio.row("a").state, len(peer.accepted)) == ("unknown", 1)
    assert studio.told[0][1].state == "unknown"


def test_refused_recipients_of_a_sent_mail_are_told(studio: Studio) -> None:
    studio.queue("a", to=(ANN, BEN))
    deliver(studio, Peer([Fault("RCPT", "550 5.1.1 no such user", only=BEN)]))
    assert studio.row("a").state == "sent"
    assert studio.row("a").error == f"refused {BEN}: 550 5.1.1 no such user"
    assert [r.address for r in studio.told[0][1].refused] == [BEN]


def test_a_server_that_is_not_there_counts_against_no_mail(studio: Studio) -> None:
    studio.queue(*(f"m{n}" for n in range(20)))
    port = free_port()
    report = deliver_to(studio, SmtpSettings("127.0.0.1", port, "none"))
    assert report.trouble is not None
    assert "connection refused" in report.trouble
    assert report.count("deferred") == 3  # the others were not even tried
    assert studio.states() == {"queued": 20}
    assert {row.attempts for row in studio.store.outbox()} == {0}
    assert deliver(studio, Peer(port=port)).count("sent") == 20


def test_a_log_in_that_is_refused_fails_no_mail(studio: Studio) -> None:
    studio.queue("a")

    async def main() -> DeliveryReport:
        async with Peer(user="bot", password="s3cret") as peer:
            settings = peer.settings(user="bot", password="wrong")
            return await Delivery(studio.store, settings, RULES, studio.hooks()).run_once(studio.now)

    trouble = asyncio.run(main()).trouble
    assert trouble is not None
    assert "mend user or password" in trouble
    assert studio.states() == {"queued": 1}


def test_a_worker_whose_lease_went_to_another_does_not_send(studio: Studio) -> None:
    """It stalls, here while it reads the mail, until the lease has run out and somebody else has claimed it."""
    studio.queue("a")

    def stalls(key: str) -> bytes:
        studio.at += RULES.worker.lease + timedelta(seconds=1)
        assert [row.key for row in studio.store.claim("other", studio.at, RULES.worker.lease, 1)] == ["a"]
        return letter(key)

    peer = Peer()
    assert deliver(studio, peer, studio.hooks(read=stalls)).ends == {"lost": ["a"]}
    assert (peer.said, studio.told, studio.row("a").owner) == (["QUIT"], [], "other")


def test_a_lease_that_ran_out_is_anothers_to_send(studio: Studio) -> None:
    studio.queue("a")
    assert studio.store.claim("died", NOW, RULES.worker.lease, 1)
    assert deliver(studio, Peer()).ends == {}
    studio.at += RULES.worker.lease + timedelta(seconds=1)
    assert deliver(studio, Peer()).ends == {"sent": ["a"]}


def test_what_is_not_needed_any_more_is_withdrawn_at_the_last_moment(studio: Studio) -> None:
    studio.queue("a", "b")
    peer = Peer()

    def reason(row: OutboxRow) -> str | None:
        return "INV-1 was paid" if row.key == "a" else None

    report = deliver(studio, peer, studio.hooks(still_due=reason))
    assert report.ends["withdrawn"] == ["a"]
    assert (studio.row("a").state, studio.row("a").error) == ("failed", "withdrawn: INV-1 was paid")
    assert (studio.row("a").attempts, len(peer.accepted)) == (0, 1)
    assert ("a", Outcome("withdrawn", "INV-1 was paid")) in studio.told


def test_a_mail_that_is_not_in_the_archive_has_failed_and_the_others_go_on(studio: Studio, tmp_path: Path) -> None:
    studio.queue("a", "b")
    archive = Archive(tmp_path / "archive")
    kept = {"a": "0" * 64, "b": archive.put(letter("b"))}
    report = deliver(studio, Peer(), studio.hooks(read=lambda name: archive.get(kept[name])))
    assert report.ends == {"failed": ["a"], "sent": ["b"]}
    assert "not in the archive" in studio.row("a").error


def test_a_bug_in_what_the_app_says_stops_nothing(studio: Studio) -> None:
    studio.queue("a", "b")

    def still_due(row: OutboxRow) -> None:
        if row.key == "a":
            raise ZeroDivisionError

    def settled(_row: OutboxRow, _outcome: Outcome) -> None:
        raise ZeroDivisionError

    report = deliver(studio, Peer(), studio.hooks(still_due=still_due, settled=settled))
    assert report.ends == {"failed": ["a"], "sent": ["b"]}


class Busy(TinyStore):
    """A store that is busy for the first few of some marks."""

    def __init__(self, path: Path, state: str, times: int) -> None:
        super().__init__(path)
        self.state, self.times = state, times

    def mark(self, owner: str, id: str, state: str, now: datetime, **more: object) -> bool:  # type: ignore[override]
        if state == self.state and self.times > 0:
            self.times -= 1
            raise StoreError("busy")
        return super().mark(owner, id, state, now, **more)  # type: ignore[arg-type]


def test_a_store_that_is_busy_after_sending_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "RECORD_PAUSE", 0.01)
    studio = Studio(tmp_path)
    studio.queue("a")
    studio.store = Busy(tmp_path / "mailbot.db", "sent", 3)
    assert deliver(studio, Peer()).ends == {"sent": ["a"]}
    assert studio.states() == {"sent": 1}


def test_without_the_record_nothing_is_sent(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.queue("a")
    studio.store = Busy(tmp_path / "mailbot.db", "sending", 1)
    peer = Peer()
    deliver(studio, peer)
    assert (peer.accepted, studio.states()) == ([], {"leased": 1})


def test_mails_that_are_ready_together_wait_for_one_commit(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.queue("a", "b")
    asked: list[int] = []
    real = Ledger.permit

    def permit(ledger: Ledger, rows: Sequence[OutboxRow], now: datetime) -> dict[str, Literal["sending", "lost"]]:
        asked.append(len(rows))
        return real(ledger, rows, now)

    async def main() -> None:
        async with Peer() as peer:
            worker = Delivery(studio.store, peer.settings(), RULES, studio.hooks())
            await worker.run_once(studio.now)  # opens both lines
            studio.queue("c", "d")
            monkeypatch.setattr(Ledger, "permit", permit)
            assert (await worker.run_once(studio.now)).count("sent") == 2
            await worker.close()

    asyncio.run(main())
    assert asked == [2]


def test_an_attempt_whose_end_was_not_seen_is_unknown_after_a_while(studio: Studio) -> None:
    studio.queue("a", "b")
    (row,) = studio.store.claim("died", NOW, RULES.worker.lease, 1)
    assert studio.store.mark("died", row.id, "sending", NOW)
    assert doubt(studio.store, NOW + timedelta(minutes=9), IN_DOUBT) == []
    assert [r.key for r in doubt(studio.store, NOW + timedelta(minutes=10), IN_DOUBT)] == [row.key]
    assert doubt(studio.store, NOW + timedelta(minutes=11), IN_DOUBT) == []
    assert studio.row(row.key).state == "unknown"


def test_a_receipt_that_comes_after_it_was_counted_as_unknown_is_the_proof(studio: Studio) -> None:
    studio.queue("a")

    async def main() -> None:
        async with Peer([Fault("end", sleep=0.3)]) as peer:
            worker = Delivery(studio.store, peer.settings(end_timeout=5.0), RULES, studio.hooks())
            task = asyncio.create_task(worker.run_once(studio.now))
            await asyncio.sleep(0.15)
            assert doubt(studio.store, NOW + IN_DOUBT, IN_DOUBT)
            assert (await task).ends == {"sent": ["a"]}

    asyncio.run(main())
    assert studio.states() == {"sent": 1}


def test_the_log_has_a_line_for_each_end_and_no_words_of_the_mail(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mailbot")
    studio.queue("a", "b")
    deliver(studio, Peer([Fault("RCPT", "550 5.1.1 no such user", times=1)]))
    records = {record.__dict__["event"]: record for record in caplog.records if record.name.startswith("mailbot")}
    assert set(records) == {"mail.sent", "mail.failed"}
    fields = ("order", "state", "outbox", "key", "message_id")
    key = records["mail.sent"].__dict__["key"]
    row = studio.row(key)
    assert [records["mail.sent"].__dict__[f] for f in fields] == ["ORD-1", "sent", row.id, key, f"{key}@studio.example"]
    assert "secret words" not in caplog.text


def few(mails: int, connections: int) -> DeliveryRules:
    """The shipped rules with a provider for everybody that takes so many a minute."""
    limits = {"name": "few", "hosts": [], "connections": connections, "rates": [{"mails": mails, "minutes": 1}]}
    return DeliveryRules.model_validate({**RULES.model_dump(), "provider": [limits]})


def test_no_more_goes_out_than_the_provider_takes(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "PATIENCE", 0.0)
    studio.queue(*"abcdefg")
    peer = Peer()
    report = deliver(studio, peer, rules=few(5, 1))
    assert (report.count("sent"), peer.connections) == (5, 1)
    assert report.trouble is not None
    assert "few takes no more for 1 minutes; 2 wait" in report.trouble
    assert studio.states() == {"sent": 5, "queued": 2}


def test_a_pass_waits_for_the_providers_minute(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.rules.delivery.Rate.seconds", 0.2)
    studio.queue(*"abcdefg")
    began = time.monotonic()
    assert deliver(studio, Peer(), rules=few(3, 3)).count("sent") == 7
    assert time.monotonic() - began > 0.4


def test_a_provider_that_is_not_in_the_rules_is_a_mistake_in_the_settings(studio: Studio) -> None:
    with pytest.raises(ConfigError, match="did you mean 'gmail'"):
        Delivery(studio.store, SmtpSettings("127.0.0.1", provider="gmial"), RULES, studio.hooks())


def shipped(**sections: dict[str, object]) -> DeliveryRules:
    """The shipped rules with some numbers changed."""
    rules = RULES.model_dump()
    return DeliveryRules.model_validate({**rules, **{name: {**rules[name], **new} for name, new in sections.items()}})


def keep_running(
    studio: Studio, peer: Peer, work: Callable[[asyncio.Event], Awaitable[None]], rules: DeliveryRules
) -> None:
    """Run a daemon's worker while `work` goes on with its `wake`, then stop it."""

    async def main() -> None:
        async with peer:
            wake, stop = asyncio.Event(), asyncio.Event()
            settings = peer.settings(timeout=30.0, end_timeout=30.0)
            running = asyncio.create_task(
                Delivery(studio.store, settings, rules, studio.hooks()).run(studio.now, wake, stop)
            )
            await work(wake)
            stop.set()
            await running

    asyncio.run(main())


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.001)


def test_a_fresh_mail_goes_out_at_once_over_the_open_connection(studio: Studio) -> None:
    peer = Peer()
    delays = []

    async def work(wake: asyncio.Event) -> None:
        for n in range(11):
            studio.queue(f"m{n}")
            began = asyncio.get_running_loop().time()
            wake.set()
            await until(lambda: studio.states() == {"sent": len(delays) + 1})
            await asyncio.sleep(0.01)
            delays.append(peer.data_at[-1] - began)

    keep_running(studio, peer, work, RULES)
    assert peer.connections == 1
    assert min(delays[1:]) < 0.010, f"from wake to DATA: {delays}"  # the best: other work on the machine is not ours


def test_a_mail_that_hangs_does_not_hold_up_the_next(studio: Studio) -> None:
    peer = Peer([Fault("end", sleep=2.0, times=1)])

    async def work(wake: asyncio.Event) -> None:
        studio.queue("slow")
        wake.set()
        await until(lambda: len(peer.data_at) == 1)
        studio.queue("fresh")
        wake.set()
        await until(lambda: studio.row("fresh").state == "sent", 1.8)
        assert studio.row("slow").state == "sending"

    keep_running(studio, peer, work, RULES)
    assert studio.states() == {"sent": 2}  # `stop` lets what has begun end


def test_stopping_cuts_what_does_not_end(studio: Studio) -> None:
    peer = Peer([Fault("end", sleep=20.0, times=1), Fault("greeting", sleep=20.0, times=0)])

    async def work(wake: asyncio.Event) -> None:
        studio.queue("hangs")
        wake.set()
        await until(lambda: len(peer.data_at) == 1)
        peer.faults[1].times = 1
        studio.queue("connects")
        wake.set()
        await until(lambda: peer.connections == 2)

    began = time.monotonic()
    keep_running(studio, peer, work, shipped(worker={"stop_seconds": 1}))
    assert time.monotonic() - began < 15
    assert studio.row("hangs").state == "unknown"
    assert studio.row("connects").state == "leased"  # nothing was sent: it comes back when the lease runs out


def test_a_server_that_comes_back_gets_what_has_waited(studio: Studio) -> None:
    port, quick = free_port(), shipped(server={"pauses_seconds": [1]})
    studio.queue("a", "b")

    async def main() -> None:
        wake, stop = asyncio.Event(), asyncio.Event()
        worker = Delivery(studio.store, SmtpSettings("127.0.0.1", port, "none"), quick, studio.hooks())
        running = asyncio.create_task(worker.run(lambda: datetime.now(UTC), wake, stop))
        await until(lambda: worker.trouble is not None)
        async with Peer(port=port) as peer:
            await until(lambda: len(peer.accepted) == 2, 8)
            assert worker.trouble is None
            stop.set()
            await running

    asyncio.run(main())
    assert {row.attempts for row in studio.store.outbox()} == {1}


def test_an_idle_connection_is_closed_in_order(studio: Studio) -> None:
    peer = Peer()
    studio.queue("a")

    async def work(_wake: asyncio.Event) -> None:
        await until(lambda: "QUIT" in peer.said)

    keep_running(studio, peer, work, shipped(worker={"keep_seconds": 0, "look_seconds": 1}))
    assert len(peer.accepted) == 1


def test_two_workers_on_one_store_send_everything_exactly_once(studio: Studio, tmp_path: Path) -> None:
    names = [f"m{n:03d}" for n in range(500)]
    studio.queue(*names)
    other = TinyStore(tmp_path / "mailbot.db")

    async def main(settings: SmtpSettings) -> list[DeliveryReport]:
        workers = [Delivery(store, settings, RULES, studio.hooks()) for store in (studio.store, other)]
        reports = await asyncio.gather(*(worker.run_once(studio.now) for worker in workers))
        await asyncio.gather(*(worker.close() for worker in workers))
        return reports

    with Sink(tmp_path / "sink") as sink:
        reports = asyncio.run(main(sink.settings()))
        assert sink.subjects() == names
    assert studio.states() == {"sent": 500}
    assert sum(report.count("sent") for report in reports) == 500
    assert min(report.count("sent") for report in reports) > 50


def worker_process(folder: str, port: str) -> None:
    """A worker of its own process: says when it begins, delivers until it is killed or done."""
    studio = Studio(Path(folder))
    print("ready", flush=True)
    settings = SmtpSettings("127.0.0.1", int(port), "none")
    asyncio.run(Delivery(studio.store, settings, RULES, studio.hooks()).run_once(studio.now))


def test_killed_at_any_moment_nothing_is_sent_twice_and_nothing_is_lost(studio: Studio, tmp_path: Path) -> None:
    names = [f"m{n:03d}" for n in range(300)]
    studio.queue(*names)
    chance = random.Random(7)
    code = "import sys; from tests.adapters.test_delivery import worker_process as w; w(*sys.argv[1:])"
    with Sink(tmp_path / "sink") as sink:
        for _ in range(4):
            command = [sys.executable, "-c", code, str(tmp_path), str(sink.port)]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(chance.uniform(0.01, 0.25))
                process.send_signal(signal.SIGKILL)
        killed = studio.states()
        studio.at += timedelta(minutes=20)  # leases run out, attempts are in doubt
        lost_sight = {row.key for row in doubt(studio.store, studio.at, IN_DOUBT)}
        deliver_to(studio, sink.settings())
        arrived = sink.subjects()
    assert killed.get("queued", 0) > 0, "the kills came too late to prove anything"
    sent = {row.key for row in studio.store.outbox("sent")}
    assert len(arrived) == len(set(arrived))
    assert sent | lost_sight == set(names)
    assert sent <= set(arrived) <= sent | lost_sight
    assert studio.states() == {"sent": len(sent), **({"unknown": len(lost_sight)} if lost_sight else {})}
    assert len(lost_sight) <= 4 * 3


def changed_rates() -> Iterator[list[dict[str, int]]]:
    """The limits of answers, each of them with one mail more or less, and a minute more."""
    rates = [rate.model_dump() for rate in RULES.answers.rates]
    for number, rate in enumerate(rates):
        for change in ({"mails": rate["mails"] + 1}, {"mails": rate["mails"] - 1}, {"minutes": rate["minutes"] + 1}):
            yield [*rates[:number], {**rate, **change}, *rates[number + 1 :]]


def test_the_rules_hold_their_cases_and_other_rules_do_not() -> None:
    cases = load_delivery_cases()
    assert wrong_cases(RULES, cases) == ()
    for changed in (
        shipped(retry={"pauses_minutes": [2]}),
        shipped(retry={"attempts": 15}),
        shipped(retry={"spread_percent": 30}),
        shipped(server={"pauses_seconds": [5, 15]}),
        *(shipped(answers={"rates": rates}) for rates in changed_rates()),
        few(5, 1),
    ):
        assert wrong_cases(changed, cases)


def test_two_mails_do_not_come_back_in_the_same_second_but_each_at_the_same_again() -> None:
    pauses = {RULES.retry.pause(1, f"M-{n}") for n in range(100)}
    assert len(pauses) > 90
    assert RULES.retry.pause(1, "M-1") == RULES.retry.pause(1, "M-1")


@pytest.mark.parametrize(
    ("section", "new", "why"),
    [
        ("retry", {"pauses_minutes": [5, 1]}, "must not get shorter"),
        ("worker", {"stop_seconds": 60}, "less than or equal to 8"),
        ("retry", {"attempst": 3}, "Extra inputs"),
    ],
)
def test_rules_that_make_no_sense_are_refused(section: str, new: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        shipped(**{section: new})


def test_a_provider_for_everybody_else_there_must_be() -> None:
    with pytest.raises(ValueError, match="exactly one provider must have no hosts"):
        DeliveryRules.model_validate({**RULES.model_dump(), "provider": RULES.model_dump()["provider"][:2]})
