"""What has to be ready for a milestone, by rules/process.toml: what is still open, and the command that ticks it off.

When somebody is asked about it is `planning.preparations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailbot.orders import events as e
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.model import Milestone, Order
from mailbot.rules.process import PreparationRule, ProcessRules

if TYPE_CHECKING:  # imported late: who only looks at an order needs no language
    from mailbot.orders.commands import Command


def prepared(order: Order, rules: ProcessRules) -> Iterator[tuple[Milestone, PreparationRule]]:
    """The preparations of the order's milestones that are still ahead, ready ones among them."""
    for milestone in order.milestones:
        rule = rules.milestone(milestone.key)
        if rule and milestone.status not in ("approved", "done"):
            yield from ((milestone, one) for one in rule.preparations)


def ready(order: Order, command: Command, at: Circumstances) -> Step:
    """`ready mock-up`, `ready first-fitting` where it needs one thing only, `ready logistics: DHL, on Tuesday`."""
    milestone, one = _meant(order, command.args["thing"], at.rules)
    if one.key in milestone.ready:
        return Step(f"{one.key} of {milestone.name} is ready already")
    text = command.args.get("text", "")
    event = e.PreparationReady(**stamp(at), milestone=milestone.key, preparation=one.key, text=text)
    left = [p.key for m, p in prepared(order, at.rules) if m == milestone and p != one and p.key not in m.ready]
    said = f"ready for {milestone.name}: {one.text}" + (f" ({text})" if text else "")
    return Step(said + (f"; still open for it: {', '.join(left)}" if left else ""), (event,))


def _meant(order: Order, name: str, rules: ProcessRules) -> tuple[Milestone, PreparationRule]:
    """The preparation of this key, with or without its milestone; a milestone alone means the one thing that it needs.

    Raises Refused with what there is.
    """
    ahead = list(prepared(order, rules))
    wanted = _plain(name)
    found = [(m, p) for m, p in ahead if wanted in {_plain(f"{of} {p.key}") for of in ("", m.key, m.name)}]
    if not found:
        found = [(m, p) for m, p in ahead if wanted in (_plain(m.key), _plain(m.name)) and p.key not in m.ready]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"{found[0][0].name} needs several things; say which: {_listed(found)}")
    known = _listed(ahead) or "nothing is prepared any more"
    raise Refused(f"there is no preparation {name!r} ahead (there are: {known})")


def _listed(ahead: list[tuple[Milestone, PreparationRule]]) -> str:
    return ", ".join(f"`ready {one.key}`" for _, one in ahead)


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())
