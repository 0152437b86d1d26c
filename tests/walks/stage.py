"""Many small plays on one stage: each has an order of its own, and all go on at once, a round at a time.

One mailbox, one store, one clock, the command line. A play is what arrives in one round, or a generator of what arrives
in each: it goes on when mailbot has handled what it had sent.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from mailbot.app.desk import do
from mailbot.app.house import open_house
from mailbot.settings import load_settings
from tests.walks import programs
from tests.walks.world import BOT, ORDER, ImapServer, World, world

SATURDAY = datetime(2026, 1, 10, 15, 0, tzinfo=UTC)  # nothing is due: no digest, no weekly update
FIRST = 4000  # the number of the first order
DESIGN, FABRIC = "ask design", "ask fabric"
MONEY = "change order: Sequins on the train\nSequins: 450.00\ndays +5\nsend"
_GROUP = 40
QUESTIONS = ("approval-request", "change-order")
_RESULTS = "Authentication-Results: mx.studio.example; dmarc={result} header.from={domain}\r\n"
_RECEIVED = (
    "Received: from {helo} (out.{domain} [192.0.2.7]) by mx.studio.example with ESMTPS id 4Fx;\r\n"
    "\tSat, 10 Jan 2026 16:00:00 +0000\r\n"
)

ByHand = Callable[[World], object]  # what somebody does at the shell
Arrives = EmailMessage | bytes | ByHand | tuple[EmailMessage | bytes | ByHand, ...]
Play = Callable[["Scene"], Arrives | Generator[Arrives, None, None]]


@dataclass(slots=True, eq=False)
class Scene:
    """An order, its people, and all that has gone out about it. What they write is proven unless it is bytes."""

    number: int
    now: datetime = SATURDAY
    mails: list[EmailMessage] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    written: int = 0

    @property
    def ref(self) -> str:
        return f"ORD-{self.number}"

    @property
    def other(self) -> int:
        """The number of somebody else's order."""
        return self.number - 1 if self.number > FIRST else self.number + 1

    @property
    def domain(self) -> str:
        return f"client{self.number}.example"

    @property
    def ann(self) -> str:
        """Who may decide."""
        return f"ann@{self.domain}"

    @property
    def bob(self) -> str:
        """A colleague of hers: known, and not entitled."""
        return f"bob@{self.domain}"

    @property
    def sam(self) -> str:
        """The account manager."""
        return f"sam{self.number}@studio.example"

    @property
    def asked(self) -> EmailMessage:
        """The newest question to the client."""
        return self.last(*QUESTIONS)

    @property
    def token(self) -> str:
        """That of the newest question."""
        return str(self.asked["Reply-To"]).partition("+")[2].partition("@")[0]

    def last(self, *kinds: str) -> EmailMessage:
        """The newest mail of these kinds that went out."""
        found = [mail for mail in self.mails if mail["X-Mailbot-Kind"] in kinds]
        assert found, f"{self.ref} was sent no {' or '.join(kinds)}, but {[m['X-Mailbot-Kind'] for m in self.mails]}"
        return found[-1]

    def count(self) -> int:
        """A number for a Message-ID that no other mail has."""
        self.written += 1
        return self.number * 100 + self.written

    def reply(
        self, words: str, to: EmailMessage | None = None, *, sender: str = "", program: str = "gmail"
    ) -> EmailMessage:
        """An ordinary answer, by Ann to what was asked last unless said otherwise."""
        write = programs.PROGRAMS[program]
        return write(to or self.asked, sender or self.ann, words, self.now, self.count())

    def new(self, sender: str, subject: str, text: str, to: str = BOT) -> EmailMessage:
        """A mail that answers nothing."""
        return programs.new(sender, to, subject, text, self.now, self.count())

    def order(self) -> dict[str, Any]:
        client = {
            "name": "Ann Lee", "emails": [self.ann, self.bob], "approvers": [self.ann], "timezone": "America/New_York",
            "locale": "en_US",
        }  # fmt: skip
        return {
            **ORDER, "ref": self.ref, "client": client, "account_manager": {"name": "Sam Ortiz", "email": self.sam},
            "signed": "2026-01-10", "payments": [{"kind": "final", "amount": ORDER["total"], "due": "2026-03-20"}],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attack:
    """A mail or several that must book nothing. `told` is a part of the reason that the last one is given; `asks`: what
    the account manager does before, {s} standing for the scene."""

    told: str
    play: Play
    asks: str = DESIGN
    late: bool = False  # the question has expired when it comes


@dataclass(frozen=True, slots=True)
class Fair:
    """A genuine answer that must be booked as `verdict`."""

    verdict: str
    play: Play
    asks: str = DESIGN


Staged = Mapping[str, Attack | Fair]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log says became of one mail."""

    verdict: str
    reason: str


def in_turn(*words: str) -> Callable[[Scene], Generator[Arrives, None, None]]:
    """Ann answers what was asked last with one of these after the other, whatever she is asked meanwhile."""

    def play(s: Scene) -> Generator[Arrives, None, None]:
        question = s.asked
        for one in words:
            yield s.reply(one, question)

    return play


@dataclass(slots=True)
class Outcome:
    """What a play came to in its last round."""

    before: dict[str, Any]
    after: dict[str, Any] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)  # of the mails that arrived
    out: list[str] = field(default_factory=list)  # kinds of the mails that went out
    by_hand: str = ""  # what went wrong at the shell


def border(
    mail: EmailMessage | bytes, result: str = "pass", *, domain: str = "", top: str | None = None, helo: str = ""
) -> bytes:
    """The mail as our border hands it on: above all what it found about the sender (or `top`), and its Received.

    `helo` is what the sender's machine calls itself.
    """
    data = mail if isinstance(mail, bytes) else mail.as_bytes(policy=SMTP)
    if not domain and not isinstance(mail, bytes):
        domain = str(mail["From"]).rpartition("@")[2].rstrip("> ")
    if top is None:
        top = _RESULTS.format(result=result, domain=domain)
    return (top + _RECEIVED.format(helo=helo or f"out.{domain}", domain=domain)).encode() + data


def rehearse(
    server: ImapServer,
    folder: Path,
    plays: Staged,
    pause: timedelta = timedelta(hours=1),
    trust: str = "",
) -> dict[str, Outcome]:
    """All `plays`, each an hour after what is asked at first; `pause` between rounds, `trust` are more settings of that
    section. How each ended."""
    with world(server, folder, trust=trust) as studio, _decided() as log:
        studio.at = SATURDAY
        stage = _Stage(studio, log, {name: Scene(FIRST + number) for number, name in enumerate(plays)})
        stage.open({name: one.asks for name, one in plays.items()})
        running = {name: _rounds(one.play, stage.scenes[name]) for name, one in plays.items()}
        outcomes: dict[str, Outcome] = {}
        studio.later(hours=1)
        while running:
            for scene in stage.scenes.values():
                scene.now = studio.at
            arriving = {name: arrives for name, rounds in running.items() if (arrives := next(rounds, None))}
            outcomes.update(stage.round(arriving))
            running = {name: running[name] for name in arriving}
            studio.later(seconds=pause.total_seconds())
        return outcomes


class Rehearsed:
    """How each of `plays` ended. A group of them is played at once, when the first of it is asked for."""

    def __init__(
        self,
        server: ImapServer,
        folder: Callable[[], Path],
        plays: Staged,
        pause: timedelta = timedelta(hours=1),
        trust: str = "",
    ) -> None:
        self._server, self._folder, self._plays, self._pause, self._trust = server, folder, plays, pause, trust
        self._outcomes: dict[str, Outcome] = {}

    def __getitem__(self, name: str) -> Outcome:
        if name not in self._outcomes:
            names = list(self._plays)
            first = names.index(name) // _GROUP * _GROUP
            group = {one: self._plays[one] for one in names[first : first + _GROUP]}
            self._outcomes |= rehearse(self._server, self._folder(), group, self._pause, self._trust)
        return self._outcomes[name]


def _done(act: ByHand, studio: World) -> str:
    """What is wrong with what the shell answered."""
    try:
        act(studio)
    except AssertionError as error:
        return str(error)
    return ""


def _rounds(play: Play, scene: Scene) -> Iterator[Arrives]:
    played = play(scene)
    if isinstance(played, Generator):
        yield from played
    else:
        yield played


class _Stage:
    def __init__(self, studio: World, log: dict[int, Verdict], scenes: dict[str, Scene]) -> None:
        self.studio, self.log, self.scenes = studio, log, scenes
        self._delivered = 0

    def open(self, asks: Mapping[str, str]) -> None:
        """Take on the orders and let their managers ask."""
        file = self.studio.folder / "orders.json"
        file.write_text(json.dumps([scene.order() for scene in self.scenes.values()]), "utf-8")
        self.studio.cli("order", "import", str(file))
        house = open_house(load_settings(self.studio.config))  # as `mailbot do` does, once for all of them
        for name, scene in self.scenes.items():
            done = do(house, scene.ref, asks[name].format(s=scene), scene.sam, self.studio.at)
            assert all(line.ok for line in done), (name, done)
        house.close()
        self._pass()

    def round(self, arriving: Mapping[str, Arrives]) -> dict[str, Outcome]:
        """One round of those plays in which something arrives."""
        outcomes = {name: Outcome(self._status(self.scenes[name])) for name in arriving}
        delivered: dict[str, list[int]] = {name: [] for name in arriving}
        for name, arrives in arriving.items():
            for one in arrives if isinstance(arrives, tuple) else (arrives,):
                if isinstance(one, EmailMessage | bytes):
                    delivered[name].append(self._deliver(one if isinstance(one, bytes) else border(one)))
                else:
                    outcomes[name].by_hand = _done(one, self.studio)
        out = self._pass()
        verdicts = [self.log[uid] for uid in sorted(self.log)]  # UIDs climb in the order of delivery
        for name, outcome in outcomes.items():
            outcome.after = self._status(self.scenes[name])
            outcome.verdicts = [verdicts[number] for number in delivered[name]]
            outcome.out = sorted(str(mail["X-Mailbot-Kind"]) for mail in out.get(self.scenes[name].ref, []))
        return outcomes

    def _deliver(self, data: bytes) -> int:
        """How many mails were delivered before it."""
        self.studio.server.deliver(self.studio.user, data)
        self._delivered += 1
        return self._delivered - 1

    def _pass(self) -> dict[str, list[EmailMessage]]:
        out: dict[str, list[EmailMessage]] = {}
        for mail in self.studio.run():
            out.setdefault(str(mail["X-Mailbot-Order"]), []).append(mail)
        held = self.studio.json("held")
        for scene in self.scenes.values():
            scene.mails += out.get(scene.ref, [])
            scene.held = [one for one in held if one["order"] == scene.ref]
        return out

    def _status(self, scene: Scene) -> dict[str, Any]:
        """All that could be booked."""
        status = self.studio.json("status", scene.ref)
        answers = [(request["id"], request["answer"]) for request in status["requests"]]
        kept = {key: value for key, value in status.items() if key not in ("held", "last_client_update", "requests")}
        return {**kept, "answers": answers}


@contextmanager
def _decided() -> Iterator[dict[int, Verdict]]:
    """What mailbot's own log tells about each mail, by UID."""
    found: dict[int, Verdict] = {}

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            event = getattr(record, "event", "")
            if event == "mail.decided":
                found[record.uid] = Verdict(record.verdict, record.reason)  # type: ignore[attr-defined]
            elif event in ("mail.known", "mail.odd"):
                found[record.uid] = Verdict(event.removeprefix("mail."), "")  # type: ignore[attr-defined]

    logger, handler = logging.getLogger("mailbot"), Handler(logging.INFO)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield found
    logger.removeHandler(handler)
    logger.setLevel(level)
