"""The life of one client's orders: a daemon and a mail server that are away at times, and people who write commands.

All of it is pure: `plan`, `evolve` and the last look, with the commands of staff as they are carried out. What came of
it is looked at in tests/planning/faults.py; benchmarks/weeks.py lives the lives of a whole studio.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailbot.orders import evolve as evolving
from mailbot.orders.authority import asked_of
from mailbot.orders.carry_out import carry_out
from mailbot.orders.commands import Place, parse
from mailbot.orders.events import Event, OrderImported
from mailbot.orders.model import Client, Order, Person
from mailbot.planning.calendar import local_day
from mailbot.planning.due import next_due, plan
from mailbot.planning.dunning import is_answer, sent_later
from mailbot.planning.last_look import no_longer, not_before
from mailbot.planning.project import plan_invoices, plan_milestones
from mailbot.planning.spacing import TO_CLIENTS, Post
from mailbot.writing.kinds import KINDS
from tests.orders.world import COMMANDS, circumstances
from tests.planning.world import RULES, STUDIO

START = datetime(2026, 2, 23, 15, tzinfo=UTC)  # a Monday; clocks change in March in the north, in April in the south
END = START + timedelta(weeks=12)
MINUTE = timedelta(minutes=1)
PLACES = (
    ("America/New_York", "en_US", "USD"), ("Europe/Berlin", "de_DE", "EUR"), ("Australia/Sydney", "en_AU", "AUD"),
    ("Asia/Kolkata", "en_IN", "INR"), ("Asia/Tokyo", "ja_JP", "JPY"), ("Asia/Kuwait", "ar_KW", "KWD"),
    ("America/Santiago", "es_CL", "CLP"), ("Asia/Jerusalem", "he_IL", "ILS"), ("Pacific/Pago_Pago", "en", "USD"),
    ("Pacific/Kiritimati", "en", "AUD"), ("Europe/London", "en_GB", "GBP"), ("Asia/Kathmandu", "en", "NPR"),
)  # fmt: skip
PAPER = ("signed.pdf", "application/pdf", b"%PDF-1.7 signed")
LINES = (
    "paid INV-{n}", "paid INV-{n}", "paid INV-{n}", "paid 1 of INV-{n}", "paid 1 of INV-{n}",
    "promise INV-{n} until {day}", "promise INV-{n} until {day}", "dispute INV-{n} The hem is wrong",
    "dispute INV-{n} settled", "send INV-{n}", "milestone first-fitting due {day}", "milestone delivery due {day}",
    "milestone design due {day}", "hold weekly", "resume", "pause The client asked us to wait", "close anyway",
    "ask design", "ask fabric", "vouch design by a@client.example", "milestone first-fitting done",
    "change order: Cape\nCape: {price}\ndays +{days}\nsend", "vouch CO-1 by a@client.example", "undo CO-1",
    "no updates to b@client.example", "updates to b@client.example", "issue: Silk", "done Sketches",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody of the studio writes about an order at a time; it is read when the daemon is up."""

    at: datetime
    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something was away."""

    since: datetime
    until: datetime


@dataclass(slots=True)
class Mail:
    """A row of the outbox: queued, held for its release, sent or withdrawn. `planned`: time brought it."""

    key: str
    kind: str
    order: str
    about: str | None
    to: tuple[str, ...]
    queued: datetime
    due: datetime
    planned: bool
    step: str | None = None
    fixed: bool = False
    state: str = "queued"
    released: bool = False
    gone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """An order as it stood from a moment on."""

    at: datetime
    order: Order


@dataclass
class Life:
    """Twelve weeks. `hold`: mails to the client wait until the account manager lets them go, `patience` later."""

    orders: dict[str, Order]
    words: list[Word] = field(default_factory=list)
    down: Sequence[Span] = ()
    away: Sequence[Span] = ()
    hold: timedelta | None = None
    seconds: int = 0  # after the minute, at which the daemon looks
    looks: Sequence[datetime] = ()  # at which it looks though nothing is due
    outbox: dict[str, Mail] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)  # keys that were planned once more
    past: dict[str, list[Moment]] = field(default_factory=dict)
    events: list[tuple[str, Event]] = field(default_factory=list)
    lately: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # the last mail to an address: when, its key
    next_due: dict[str, datetime | None] = field(default_factory=dict)

    def run(self) -> Life:
        """From START to END."""
        words = sorted(self.words, key=lambda word: word.at)
        clock = START
        for ref, order in self.orders.items():
            self._becomes(order, clock)
            self.next_due[ref] = clock
        while clock <= END:
            if over := until(self.down, clock):
                clock = over
                continue
            while words and words[0].at <= clock:
                self._reads(words.pop(0), clock)
            self._ticks(clock)
            self._delivers(clock)
            clock = self._following(clock, [word.at for word in words[:1]])
        return self

    def _following(self, clock: datetime, words: Iterable[datetime]) -> datetime:
        """When something is due, comes, or is back, at the earliest a second from now."""
        waiting = [mail.due for mail in self.outbox.values() if mail.state in ("queued", "held")]
        back = [span.until for span in (*self.down, *self.away)]
        ahead = [moment for moment in (*waiting, *back, *words, *self.looks) if moment > clock]
        ahead += [max(when, clock) for when in self.next_due.values() if when]
        return max(min(ahead, default=END) + timedelta(seconds=self.seconds), clock + timedelta(seconds=1))

    def _becomes(self, order: Order, now: datetime, events: Iterable[Event] = ()) -> None:
        self.orders[order.ref] = order
        self.events += [(order.ref, event) for event in events]
        self.next_due[order.ref] = next_due(order, RULES, now, STUDIO, self._post(order, now))
        self.past.setdefault(order.ref, []).append(Moment(now, order))

    def _post(self, order: Order, now: datetime) -> Post:
        lately = {address: self.lately[address][0] for address in asked_of(order, now) if address in self.lately}
        unpaid = (i.number for i in order.invoices if i.status == "sent" and not i.steps)
        mails = ((number, self.outbox.get(f"{number}/invoice")) for number in unpaid)
        return Post(lately, frozenset(n for n, mail in mails if mail and mail.state in ("queued", "held")))

    def _reads(self, word: Word, now: datetime) -> None:
        """A command is carried out when it is read, and what it sends is queued."""
        order = self.orders[word.ref]
        today = local_day(now, STUDIO.timezone)
        taken = [i.number for one in self.orders.values() for i in one.invoices]
        at = circumstances(
            now, roles=("staff", "finance", "director"), today=today, attachments=(PAPER,),
            next_invoice=1 + max(int(number[4:]) for number in taken),
        )  # fmt: skip
        done = carry_out(order, parse(word.text, COMMANDS, Place("en_US", today, RULES.phases, order.currency)), at)
        for send in done.sends:
            if KINDS[send.kind].reader == "client":
                self._queue(Mail(send.key, send.kind, order.ref, send.about, send.to, now, now, planned=False))
        if done.events:
            self._becomes(done.order, now, done.events)

    def _ticks(self, now: datetime) -> None:
        for ref in sorted(self.orders, key=lambda ref: (str(self.next_due[ref]), ref)):
            when = self.next_due[ref]
            if when is None or when > now:
                continue
            order = self.orders[ref]
            planned = plan(order, RULES, now, STUDIO, self._post(order, now))
            mails = [
                Mail(
                    o.key, o.kind, ref, o.about, o.to, now, now, True, o.step.step if o.step else None,
                    o.kind in TO_CLIENTS and (o.fixed or o.answers),
                )
                for o in planned.occurrences if o.to
            ]  # fmt: skip
            for mail in mails:
                self._note(mail, now)
            if planned.events:
                self._becomes(planned.order, now, planned.events)
            else:
                self.next_due[ref] = planned.next_due
            for mail in mails:
                self._queue(mail)

    def _queue(self, mail: Mail) -> None:
        if mail.key in self.outbox:
            self.again.append(mail.key)
            return
        if self.hold is not None and KINDS[mail.kind].reader == "client":
            mail.state, mail.due = "held", mail.queued + self.hold
        self.outbox[mail.key] = mail
        self._note(mail, mail.queued)

    def _note(self, mail: Mail, now: datetime) -> None:
        if self._keeps_distance(mail):
            self.lately.update(dict.fromkeys(mail.to, (now, mail.key)))

    def _keeps_distance(self, mail: Mail) -> bool:
        kind, invoice = KINDS[mail.kind], self.orders[mail.order].invoice(mail.about or "")
        return kind.reader == "client" and not kind.answers and not (invoice and is_answer(mail.kind, invoice))

    def _delivers(self, now: datetime) -> None:
        if until(self.away, now):
            return
        for mail in [m for m in self.outbox.values() if m.state in ("queued", "held") and m.due <= now]:
            order = self.orders[mail.order]
            mail.released = mail.released or mail.state == "held"
            if no_longer(mail.kind, mail.about, mail.key, order, RULES, now):
                mail.state = "withdrawn"
            elif when := self._not_yet(mail, order, now):
                mail.due = when
            else:
                mail.state, mail.gone = "sent", now
                self._went(mail, order, now)

    def _not_yet(self, mail: Mail, order: Order, now: datetime) -> datetime | None:
        just_queued = all(self.lately.get(a) == (now, mail.key) for a in mail.to)
        if mail.kind not in TO_CLIENTS or mail.released or just_queued or not self._keeps_distance(mail):
            return None
        taken = {a: [when] for a in mail.to for when, key in [self.lately[a]] if key != mail.key}
        when = not_before(mail.kind, mail.about, order, RULES, now, STUDIO, taken)
        return when if when > now else None

    def _went(self, mail: Mail, order: Order, now: datetime) -> None:
        self._note(mail, now)
        invoice = order.invoice(mail.about or "") if mail.kind == "invoice" else None
        if event := sent_later(invoice, order, now, now) if invoice else None:
            self._becomes(evolving.evolve(order, event), now, [event])


def until(spans: Iterable[Span], moment: datetime) -> datetime | None:
    """When what is away at `moment` is back; None when nothing is."""
    return max((span.until for span in spans if span.since <= moment < span.until), default=None)


def orders_of(chance: random.Random, count: int) -> dict[str, Order]:
    """So many orders of one client: any currency and zone, signed lately, early or long ago, with any plan of dates."""
    zone, locale, currency = chance.choice(PLACES)
    client = Client(
        name="Ann Lee", emails=("a@client.example", "b@client.example"), approvers=("a@client.example",),
        timezone=zone, locale=locale,
    )  # fmt: skip
    return {f"ORD-{n}": _order(chance, n, client, currency) for n in range(count)}


def _order(chance: random.Random, number: int, client: Client, currency: str) -> Order:
    signed = START.date() + timedelta(days=chance.randrange(-2, 20))
    delivery = signed + timedelta(days=chance.randrange(20, 90))
    milestones, total = plan_milestones(signed, delivery, RULES), Decimal(chance.randrange(1_000, 50_000))
    invoices = plan_invoices(
        total=total, currency=currency, signed=signed, delivery=delivery, milestones=milestones, rules=RULES,
        numbers=[f"INV-{10 * number + n}" for n in (1, 2, 3)],
    )  # fmt: skip
    event = OrderImported(
        at=START, by="shell:sam", ref=f"ORD-{number}", project="Gowns", client=client,
        account_manager=Person(name="Sam Ortiz", email="sam@studio.example"), currency=currency, total=total,
        signed=signed, delivery=delivery, phase="Design", milestones=milestones, invoices=invoices,
    )  # fmt: skip
    return evolving.evolve(None, event)


def some_life(chance: random.Random) -> Life:
    """A life with outages of hours to weeks, a mail server that is away, and people who write at any time."""
    orders = orders_of(chance, chance.choice((1, 1, 2, 3)))
    words = [_word(chance, ref, place) for place, ref in enumerate(orders) for _ in range(chance.randrange(15))]
    return Life(
        orders,
        words,
        down=list(_spans(chance, (1, 9, 30, 80, 200, 500))),
        away=list(_spans(chance, (1, 5, 20, 70))),
        hold=timedelta(minutes=chance.randrange(60 * 72)) if chance.randrange(4) == 0 else None,
        seconds=chance.randrange(60),
        looks=[_moment(chance) for _ in range(chance.randrange(5))],
    )


def _moment(chance: random.Random) -> datetime:
    return START + chance.randrange(12 * 7 * 24 * 60) * MINUTE


def _spans(chance: random.Random, hours: Sequence[int]) -> Iterator[Span]:
    for _ in range(chance.randrange(3)):
        since = _moment(chance)
        yield Span(since, since + (1 + chance.randrange(60 * chance.choice(hours))) * MINUTE)


def _word(chance: random.Random, ref: str, place: int) -> Word:
    at = _moment(chance)
    text = chance.choice(LINES).format(
        n=10 * place + 1 + chance.randrange(4),
        day=at.date() + timedelta(days=1 + chance.randrange(20)),
        price=chance.choice(("300", "30000")),
        days=chance.randrange(8),
    )
    return Word(at, ref, text)


def day_of(moment: datetime, order: Order) -> date:
    """The client's day."""
    return moment.astimezone(ZoneInfo(order.client.timezone)).date()
