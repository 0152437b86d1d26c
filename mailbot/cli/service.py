"""The daemon, and what will go out when."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from mailbot.app.alone import alone
from mailbot.app.house import House, secrets_problems
from mailbot.app.loops import run as run_loops
from mailbot.app.loops import run_once
from mailbot.app.manners import coming
from mailbot.app.records import orders
from mailbot.app.rounds import coming as rounds
from mailbot.app.waiting import coming as reminders
from mailbot.cli.common import clock, house_of, print_json, with_at, with_config, with_json
from mailbot.cli.logs import log_to_stderr
from mailbot.cli.views import due_line, table
from mailbot.errors import ConfigError

log = logging.getLogger(__name__)


@click.command()
@click.option("--once", is_flag=True, help="One full pass, then exit.")
@with_json
@with_at
@with_config
def run(once: bool, as_json: bool, at: datetime | None, config: Path) -> None:
    """Run until SIGTERM: take mail, plan what is due, deliver what is queued."""
    if at is not None and not once:
        raise click.UsageError("--at is for --once: a running daemon goes by the clock")
    log_to_stderr()
    stop = threading.Event()
    if not once:  # from the first moment on: nothing has begun yet
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    with house_of(config) as house:
        if problems := secrets_problems(house.settings):
            raise ConfigError(problems)
        with alone(house, stop.set):
            if once:
                _once(house, as_json, at)
            else:
                _until_stopped(house, stop)


def _once(house: House, as_json: bool, at: datetime | None) -> None:
    handled, report = run_once(house, clock(at))
    ends = {end: len(keys) for end, keys in report.ends.items()}
    if as_json:
        print_json({"handled": handled, "delivered": ends, "trouble": report.trouble})
    else:
        told = ", ".join(f"{count} {end}" for end, count in ends.items()) or "nothing to deliver"
        click.echo(f"{handled} mails handled; {told}")
    if report.trouble:
        click.echo(f"error: {report.trouble}", err=True)
        raise SystemExit(1)


def _until_stopped(house: House, stop: threading.Event) -> None:
    log.info("running", extra={"event": "daemon.start", "store": house.settings.store.shown})
    run_loops(house, clock(None), stop)
    log.info("stopped", extra={"event": "daemon.stop"})


@click.command()
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day to look at; two weeks ahead if not given."
)
@with_json
@with_at
@with_config
def due(until: datetime | None, as_json: bool, at: datetime | None, config: Path) -> None:
    """Every mail that will go out, when, to whom, why."""
    now = clock(at)()
    end = until.replace(hour=23, minute=59, second=59, tzinfo=now.tzinfo or UTC) if until else now + timedelta(days=14)
    with house_of(config) as house:
        mails = [*coming(house, orders(house.store), now, end), *reminders(house, now, end), *rounds(house, now, end)]
    rows = [due_line(o) for o in sorted(mails, key=lambda o: (o.at, o.key))]
    if as_json:
        print_json(rows)
    else:
        click.echo(table(rows, ["at", "kind", "order", "to", "because"]))


COMMANDS = (run, due)
