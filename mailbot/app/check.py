"""`mailbot check`: every part of the installation looked at, a line each: OK, WARN or FAIL, and the mend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mailbot.adapters.imap import Mailbox
from mailbot.adapters.smtp import Connection
from mailbot.adapters.store import StoreError
from mailbot.app.house import House, imap_settings, keys_of, open_house, secrets_problems, smtp_settings
from mailbot.app.rulebook import Rules, load_rules
from mailbot.errors import ConfigError, DeliveryError, MailboxError, Problem
from mailbot.orders import command_cases
from mailbot.planning import cases as process_cases
from mailbot.reading import machine_cases, scoring, words_cases
from mailbot.reading.soundness import pattern_problems
from mailbot.rules import delivery as delivery_rules
from mailbot.rules import load
from mailbot.rules.machines import load_machines
from mailbot.rules.replies import load_reply_cases
from mailbot.rules.words import WordCases
from mailbot.settings import Settings, load_settings
from mailbot.writing.check import check_templates

Level = Literal["OK", "WARN", "FAIL"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    mend: str = ""


def check(config: Path) -> Iterator[Finding]:
    """Look at everything that can be looked at without changing anything, and go on after a failure."""
    settings: Settings | None = None
    try:
        settings = load_settings(config)
        yield Finding("OK", f"settings: {config}")
    except ConfigError as error:
        yield from _failures("settings", error.problems)
    folders = settings.paths if settings else None
    yield from rule_findings(folders.rules if folders else None, folders.templates if folders else None)
    if settings is not None:
        yield from _installation(settings)


def rule_findings(rules_folder: Path | None, templates_folder: Path | None) -> Iterator[Finding]:
    """Rules with all their cases, and every template with its sample."""
    try:
        rules = load_rules(rules_folder, templates_folder)
    except ConfigError as error:
        yield from _failures("rules", error.problems)
        return
    for name, look in _RULES.items():
        try:
            problems = list(look(rules, rules_folder))
        except ConfigError as error:
            problems = list(error.problems)
        yield from _failures(name, problems)
        if not problems:
            yield Finding("OK", name)


def _replies(rules: Rules, folder: Path | None) -> Iterable[Problem]:
    if problems := pattern_problems(rules.replies):
        raise ConfigError(problems)
    scored = scoring.score_rule_cases(load_reply_cases(rules.replies, folder), rules.replies)
    for result in scored.results:
        if not result.right:
            what = f"{result.text!r} is read as {result.reading.label}, not {result.expected}: {result.reading.because}"
            yield Problem(what, "replies.cases.toml", result.id, mend="mend the case, or the rule")


def _process(rules: Rules, folder: Path | None) -> Iterable[Problem]:
    return process_cases.wrong_cases(rules.process, process_cases.load_process_cases(folder))


def _machines(_rules: Rules, folder: Path | None) -> Iterable[Problem]:
    return machine_cases.wrong_cases(load_machines(folder))


def _words(rules: Rules, folder: Path | None) -> Iterable[Problem]:
    cases = load(WordCases, "own_words.cases.toml", folder)
    for failure in words_cases.failures(rules.words, cases):
        yield Problem(failure, "own_words.cases.toml", mend="mend the case, or the list in own_words.toml")


def _delivery(rules: Rules, folder: Path | None) -> Iterable[Problem]:
    return delivery_rules.wrong_cases(rules.delivery, delivery_rules.load_delivery_cases(folder))


_RULES: dict[str, Callable[[Rules, Path | None], Iterable[Problem]]] = {
    "rules: replies and their cases": _replies,
    "rules: process and its cases": _process,
    "rules: commands and their cases": lambda rules, folder: command_cases.wrong_cases(
        rules.commands, rules.process.phases, folder
    ),
    "rules: machines and their cases": _machines,
    "rules: own words and their cases": _words,
    "rules: delivery and its cases": _delivery,
    "templates with their samples": lambda rules, _folder: check_templates(rules.templates),
}


def _installation(settings: Settings) -> Iterator[Finding]:
    problems = secrets_problems(settings)
    yield from _failures("secrets", problems)
    if not problems:
        yield Finding("OK", "secrets")
        yield from _imap(settings)
        yield from _smtp(settings)
    yield from _dns(settings)
    try:
        house = open_house(settings)
    except ConfigError as error:
        yield from _failures("store", error.problems)
    except StoreError as error:
        yield Finding("FAIL", f"store: {error}", "see that its server runs and takes this user and password")
    else:
        yield from _store(house)
        house.close()
    yield from _warnings(settings)


def _imap(settings: Settings) -> Iterator[Finding]:
    try:
        with Mailbox(imap_settings(settings)) as box:
            yield Finding("OK", f"IMAP: {box.name}")
    except (MailboxError, ConfigError) as error:
        yield Finding("FAIL", str(error))


def _smtp(settings: Settings) -> Iterator[Finding]:
    async def look() -> None:
        connection = Connection(smtp_settings(settings))
        await connection.ready()
        await connection.close()

    try:
        asyncio.run(look())
        yield Finding("OK", f"SMTP: {settings.smtp.host}:{settings.smtp.port}")
    except (DeliveryError, ConfigError) as error:
        yield Finding("FAIL", str(error))


def _dns(settings: Settings) -> Iterator[Finding]:
    """Whether keys of signatures can be looked up: any answer will do, also that there is none."""
    keys = keys_of(settings)
    if keys is None:
        return
    if keys(f"_dmarc.{settings.studio.address.rpartition('@')[2]}") is None:
        mend = "see that /etc/resolv.conf names a server that answers, or name one in trust.nameservers"
        yield Finding("FAIL", f"DNS: no answer from {keys.shown}: no signature can be verified", mend)
    else:
        yield Finding("OK", f"DNS: {keys.shown}")


def _store(house: House) -> Iterator[Finding]:
    problems = house.store.check()
    for problem in problems:
        yield Finding("FAIL", f"store: {problem}", "restore a backup")
    if not problems:
        yield Finding("OK", f"store: {house.settings.store.shown}")


def _warnings(settings: Settings) -> Iterator[Finding]:
    if not settings.trust.authserv_ids and not settings.trust.microsoft365:
        signed = settings.trust.verify_dkim
        yield Finding(
            "WARN", "nobody's Authentication-Results are believed: every decision will be held"
            + (" that is not signed" if signed else ""),
            "name your mail server in trust.authserv_ids, as it writes itself in that header",
        )  # fmt: skip
    if settings.sending.mode != "auto":
        mend = 'set sending.mode = "auto" when you trust it'
        yield Finding("WARN", f"sending.mode is {settings.sending.mode}: clients get no mail by itself", mend)
    if not settings.studio.staff:
        yield Finding("WARN", "studio.staff is empty: only account managers of orders can give commands", "name them")


def _failures(name: str, problems: Iterable[Problem]) -> Iterator[Finding]:
    for problem in problems:
        place = Problem(problem.what, problem.file, problem.key, problem.line)
        yield Finding("FAIL", f"{name}: {place}", problem.mend)
