"""All rule files and templates, loaded together; and who reads mail by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot.errors import ConfigError, Problem
from mailbot.orders.intake import Role
from mailbot.reading.automatic import OwnAddresses
from mailbot.reading.intake import Reader
from mailbot.reading.proof import Trust
from mailbot.rules import load
from mailbot.rules.commands import CommandRules
from mailbot.rules.delivery import DeliveryRules, load_delivery
from mailbot.rules.machines import MachineRules
from mailbot.rules.process import ProcessRules, load_process
from mailbot.rules.replies import ReplyRules, load_replies
from mailbot.rules.templates import Templates, load_templates
from mailbot.rules.words import WordRules
from mailbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Rules:
    """All rule files and templates, loaded and checked."""

    process: ProcessRules
    commands: CommandRules
    replies: ReplyRules
    words: WordRules
    machines: MachineRules
    delivery: DeliveryRules
    templates: Templates


def load_rules(rules: Path | None = None, templates: Path | None = None) -> Rules:
    """All rules and templates, the studio's own before the shipped ones. Raises ConfigError with every problem."""
    loaders: dict[str, Callable[[], Any]] = {
        "process": lambda: load_process(rules),
        "commands": lambda: load(CommandRules, "commands.toml", rules),
        "replies": lambda: load_replies(rules),
        "words": lambda: load(WordRules, "own_words.toml", rules),
        "machines": lambda: load(MachineRules, "machines.toml", rules),
        "delivery": lambda: load_delivery(rules),
        "templates": lambda: load_templates(templates),
    }
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, loader in loaders.items():
        try:
            found[name] = loader()
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Rules(**found)


def reader_of(rules: Rules, settings: Settings | None) -> Reader:
    """Who reads mail here; without settings nobody is trusted and nobody is known."""
    if settings is None:
        nobody = OwnAddresses(address="", domain="")
        return Reader(rules.machines, rules.words, rules.replies, Trust(), nobody, "")
    studio = settings.studio
    domain = studio.address.rpartition("@")[2]
    trust = Trust(settings.trust.authserv_ids, settings.trust.microsoft365)
    own = OwnAddresses(address=studio.address, domain=domain)
    return Reader(rules.machines, rules.words, rules.replies, trust, own, studio.address, _roles(settings))


def _roles(settings: Settings) -> dict[str, tuple[Role, ...]]:
    studio = settings.studio
    roles: dict[str, tuple[Role, ...]] = dict.fromkeys(studio.staff, ("staff",))
    team: tuple[tuple[str | None, Role], ...] = (
        (studio.operations, "staff"),
        (studio.lead_designer, "staff"),
        (studio.finance, "finance"),
        (studio.sales_director, "director"),
    )
    for address, role in team:
        if address:
            roles[address] = (*roles.get(address, ()), role)
    return roles
