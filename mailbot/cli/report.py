"""The success figures of a week, with the orders behind them: what the weekly report to the Sales Director says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from mailbot.app.rounds import figures_of, week_span
from mailbot.cli.common import clock, house_of, print_json, with_at, with_config, with_json
from mailbot.planning.round_sends import report_facts
from mailbot.planning.rounds import last_report, report_of, week_of


@click.command()
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), help="A day of the week; the last whole week if not given.")
@with_json
@with_at
@with_config
def report(week: datetime | None, as_json: bool, at: datetime | None, config: Path) -> None:
    """The success figures of a week, with the orders behind them."""
    now = clock(at)()
    with house_of(config) as house:
        rules, times = house.rules.process, house.times
        day = report_of(week.date(), rules) if week else last_report(rules, now, times)
        span = week_span(house, day, now)
        if span.since >= now:
            raise click.UsageError(f"the week of {week:%Y-%m-%d} has not begun")
        found, orders = figures_of(house, span)
        facts = {**report_facts(found, orders, span), "whole": week_of(day, rules, times)[1] <= now}
    if as_json:
        print_json(_numbers(facts))
    else:
        click.echo("\n".join(_lines(facts)))


def _numbers(value: Any) -> Any:
    """Figures as numbers, for programs."""
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    so_far = "" if facts["whole"] else ", so far"
    yield f"The week from {facts['since']} to {facts['until']}{so_far}: {facts['orders']} active orders"
    for one in facts["figures"]:
        sign = " %" if one["unit"] == "percent" else ""
        value = "no data" if one["value"] is None else f"{one['value']}{sign} of {one['counted']}"
        yield f"{'OK  ' if one['met'] else 'MISS'} {one['name']}: {value} (target {one['target']}{sign})"
        for miss in one["misses"]:
            yield f"     {miss['ref']} {miss['project']}: {miss['what']}"


COMMANDS = (report,)
