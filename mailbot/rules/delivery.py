"""rules/delivery.toml: pauses, attempts, what a provider takes, how much is answered; what follows at a moment.

Pure: what was sent and when comes in, what may be done comes out. Seconds are of any clock that only goes forward.
"""

from __future__ import annotations

import difflib
import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from mailbot.errors import ConfigError, Problem
from mailbot.rules import RuleModel, find, load, read_toml, validate

FILE, CASES = "delivery.toml", "delivery.cases.toml"
ANY_NUMBER = 1 << 30

Pauses = Annotated[tuple[Annotated[int, Field(ge=1, le=7 * 24 * 60)], ...], Field(min_length=1)]


def _climbing(pauses: tuple[int, ...]) -> tuple[int, ...]:
    if list(pauses) != sorted(pauses):
        raise ValueError("pauses must not get shorter")
    return pauses


class RetryRules(RuleModel):
    """A mail that was not taken now."""

    pauses_minutes: Pauses
    attempts: int = Field(ge=1, le=1000)
    spread_percent: int = Field(ge=0, le=100)

    _climb = field_validator("pauses_minutes")(_climbing)

    def pause(self, attempts: int, id: str) -> timedelta | None:
        """How long to wait after `attempts` attempts at the mail `id`; None: it has failed. The same each time."""
        if attempts >= self.attempts:
            return None
        minutes = self.pauses_minutes[min(max(attempts, 1), len(self.pauses_minutes)) - 1]
        digest = hashlib.sha256(f"{id}/{attempts}".encode()).digest()
        spread = int.from_bytes(digest[:4], "big") / (1 << 32) * self.spread_percent / 100
        return timedelta(minutes=minutes) * (1 + spread)


class ServerRules(RuleModel):
    """A server that cannot be reached or does not let us in."""

    pauses_seconds: Pauses

    _climb = field_validator("pauses_seconds")(_climbing)

    def pause(self, failures: int) -> timedelta:
        """How long to leave the server alone after so many failures in a row, from 1."""
        return timedelta(seconds=self.pauses_seconds[min(max(failures, 1), len(self.pauses_seconds)) - 1])


class WorkerRules(RuleModel):
    """One worker's times."""

    lease_minutes: int = Field(ge=1, le=60)
    keep_seconds: int = Field(ge=0, le=300)
    look_seconds: int = Field(ge=1, le=300)
    stop_seconds: int = Field(ge=1, le=8)  # the daemon has ten in all, and says good-bye to the server

    @property
    def lease(self) -> timedelta:
        return timedelta(minutes=self.lease_minutes)


class Rate(RuleModel):
    """At most `mails` in any `minutes`."""

    mails: int = Field(ge=1, le=1_000_000)
    minutes: int = Field(ge=1, le=7 * 24 * 60)

    @property
    def seconds(self) -> float:
        return self.minutes * 60.0


@dataclass(frozen=True, slots=True)
class Room:
    """How many mails may be begun now; when none, in how many seconds the next may."""

    mails: int
    wait: float


def room(rates: Sequence[Rate], begun: Sequence[float], now: float) -> Room:
    """What `rates` leave at `now`, when mails were begun at the seconds `begun` (ascending)."""
    left, wait = ANY_NUMBER, 0.0
    for rate in rates:
        since = now - rate.seconds
        left = min(left, rate.mails - (len(begun) - bisect_right(begun, since)))
        if len(begun) >= rate.mails:
            wait = max(wait, begun[-rate.mails] - since)
    return Room(max(left, 0), wait if left <= 0 else 0.0)


def window(rates: Sequence[Rate]) -> float:
    """How many seconds of the past matter to `rates`."""
    return max((rate.seconds for rate in rates), default=0.0)


Rates = Annotated[tuple[Rate, ...], Field(min_length=1)]


class AnswerRules(RuleModel):
    """How much mailbot writes by itself to one address about one order, or about none."""

    rates: Rates


class BounceRules(RuleModel):
    """When an address is written to no more: at one of the statuses `at_once` (RFC 3463; `5.1.` is all of a kind), or
    after any other failure for the `times`th time in `days`."""

    at_once: tuple[Annotated[str, Field(pattern=r"^5\.\d{1,3}\.\d{0,3}$")], ...]
    times: int = Field(ge=1, le=100)
    days: int = Field(ge=1, le=365)

    def ends(self, status: str, before: Sequence[datetime], now: datetime) -> bool:
        """Whether a failure with `status` ("" when none was stated) ends it, after failures at the moments `before`."""
        if any(status == known or (known.endswith(".") and status.startswith(known)) for known in self.at_once):
            return True
        since = now - timedelta(days=self.days)
        return 1 + sum(moment > since for moment in before) >= self.times


class Provider(RuleModel):
    """What one provider takes. `hosts` are names or domains above them; none: everybody else."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    hosts: tuple[str, ...]
    connections: int = Field(ge=1, le=50)
    rates: tuple[Rate, ...]

    def has(self, host: str) -> bool:
        """Whether the host's name is one of ours or below it."""
        name = host.lower().rstrip(".")
        return any(name == own or name.endswith("." + own) for own in self.hosts)

    @property
    def window(self) -> float:
        """How many seconds of the past matter to the rates."""
        return window(self.rates)

    def room(self, begun: Sequence[float], now: float) -> Room:
        """What the rates leave at `now`, when mails were begun at the seconds `begun` (ascending)."""
        return room(self.rates, begun, now)


class DeliveryRules(RuleModel):
    """The whole file."""

    retry: RetryRules
    server: ServerRules
    worker: WorkerRules
    answers: AnswerRules
    bounces: BounceRules
    provider: tuple[Provider, ...] = Field(min_length=1)

    @field_validator("provider")
    @classmethod
    def _told_apart(cls, providers: tuple[Provider, ...]) -> tuple[Provider, ...]:
        names = [p.name for p in providers]
        hosts = [host for p in providers for host in p.hosts]
        problems = [f"{twice!r} is there more than once" for twice in _twice(names) + _twice(hosts)]
        if sum(not p.hosts for p in providers) != 1:
            problems.append("exactly one provider must have no hosts: it is for everybody else")
        if problems:
            raise ValueError("; ".join(problems))
        return providers

    def limits(self, name: str, host: str) -> Provider:
        """The provider of that name; without a name, the one that has the host. Raises ConfigError: unknown name."""
        names = {p.name: p for p in self.provider}
        if name and name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            mend = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
            raise ConfigError([Problem(f"there is no provider {name!r}", FILE, "smtp.provider", mend=mend)])
        return names[name] if name else next((p for p in self.provider if p.has(host)), self._everybody_else)

    @property
    def _everybody_else(self) -> Provider:
        return next(p for p in self.provider if not p.hosts)


class RetryCase(RuleModel):
    after_attempts: int
    least_minutes: float | None = None
    most_minutes: float | None = None


class ServerCase(RuleModel):
    failures: int
    seconds: int


class ProviderCase(RuleModel):
    host: str
    is_: str = Field(alias="is")
    mails: int = 0
    seconds: float = 0.0
    may_begin: int | None = None


class AnswerCase(RuleModel):
    mails: int
    minutes: float
    may_go: int


class BounceCase(RuleModel):
    """A failure with `status`, so many `days_after` failures before it; `ends`: nothing is written to it any more."""

    status: str
    days_after: tuple[float, ...] = ()
    ends: bool


class DeliveryCases(RuleModel):
    """rules/delivery.cases.toml."""

    retry: tuple[RetryCase, ...] = ()
    server: tuple[ServerCase, ...] = ()
    answers: tuple[AnswerCase, ...] = ()
    bounces: tuple[BounceCase, ...] = Field(min_length=1)
    provider: tuple[ProviderCase, ...] = ()


def load_delivery(folder: Path | None = None) -> DeliveryRules:
    """rules/delivery.toml, the studio's own if `folder` has one. Raises ConfigError with every problem in it."""
    return load(DeliveryRules, FILE, folder)


def load_delivery_cases(folder: Path | None = None) -> DeliveryCases:
    """rules/delivery.cases.toml, found likewise. Raises ConfigError."""
    path = find(CASES, folder)
    return validate(DeliveryCases, read_toml(path), path)


def wrong_cases(rules: DeliveryRules, cases: DeliveryCases) -> tuple[Problem, ...]:
    """Each case that does not hold, and each provider that no case names."""
    wrong = [*_wrong_retries(rules, cases), *_wrong_servers(rules, cases), *_wrong_answers(rules, cases)]
    wrong += [*_wrong_providers(rules, cases), *_wrong_bounces(rules, cases)]
    named = {case.is_ for case in cases.provider}
    wrong += [f"the provider {p.name!r} has no case" for p in rules.provider if p.name not in named]
    return tuple(Problem(text, CASES, mend=f"mend the case, or the rule in {FILE}") for text in wrong)


def _wrong_bounces(rules: DeliveryRules, cases: DeliveryCases) -> Iterator[str]:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    for case in cases.bounces:
        before = [now - timedelta(days=days) for days in case.days_after]
        if rules.bounces.ends(case.status, before, now) is not case.ends:
            yield f"{case.status} after {list(case.days_after)} days: ends is not {str(case.ends).lower()}"


def _wrong_retries(rules: DeliveryRules, cases: DeliveryCases) -> Iterator[str]:
    for case in cases.retry:
        pauses = [rules.retry.pause(case.after_attempts, f"M-{n}") for n in range(50)]
        got = [pause.total_seconds() / 60 for pause in pauses if pause is not None]
        if case.least_minutes is None or case.most_minutes is None:
            if got:
                yield f"after {case.after_attempts} attempts there is another one in {min(got):.1f} minutes"
        elif len(got) < len(pauses) or min(got) < case.least_minutes or max(got) > case.most_minutes:
            found = f"in {min(got):.1f} to {max(got):.1f} minutes" if got else "none"
            yield f"after {case.after_attempts} attempts the next one is: {found}"


def _wrong_servers(rules: DeliveryRules, cases: DeliveryCases) -> Iterator[str]:
    for case in cases.server:
        seconds = rules.server.pause(case.failures).total_seconds()
        if seconds != case.seconds:
            yield f"after {case.failures} failures the server is left alone for {seconds:.0f} s, not {case.seconds} s"


def _wrong_answers(rules: DeliveryRules, cases: DeliveryCases) -> Iterator[str]:
    for case in cases.answers:
        left = room(rules.answers.rates, [0.0] * case.mails, case.minutes * 60).mails
        if left != case.may_go:
            yield f"{left} answers may go {case.minutes:g} minutes after {case.mails}, not {case.may_go}"


def _wrong_providers(rules: DeliveryRules, cases: DeliveryCases) -> Iterator[str]:
    for case in cases.provider:
        provider = rules.limits("", case.host)
        if provider.name != case.is_:
            yield f"{case.host} is {provider.name!r}, not {case.is_!r}"
        room = provider.room([0.0] * case.mails, case.seconds)
        if case.may_begin is not None and room.mails != case.may_begin:
            yield f"{case.host}: {room.mails} mails may begin {case.seconds} s after {case.mails}, not {case.may_begin}"


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
