"""Orders: taking them on, looking at them, commanding them."""

from __future__ import annotations

import mimetypes
import sys
from datetime import datetime
from pathlib import Path
from textwrap import indent

import click

from mailbot.app.records import Records, held_of_order, order_of, orders
from mailbot.app.standing import status_lines
from mailbot.cli.common import clock, house_of, print_json, records_of, user, with_at, with_config, with_json
from mailbot.cli.views import order_line, order_whole, table
from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import Order

_COLUMNS = ["ref", "project", "phase", "percent_complete", "delivery", "paused", "closed"]


@click.group()
def order() -> None:
    """Take orders on and look at them."""


@order.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@with_json
@with_at
@with_config
def import_(file: Path, as_json: bool, at: datetime | None, config: Path) -> None:
    """Take on the orders of FILE (.json, .toml or .csv): all of them, or none when one is wrong."""
    from mailbot.app.desk import import_orders

    with house_of(config) as house:
        done = import_orders(house, file, clock(at)())
    if as_json:
        left = [{"order": ref, "invoice": invoice.number} for ref, invoice in done.left]
        print_json({"imported": list(done.new), "unchanged": list(done.known), "left": left})
        return
    click.echo(f"{len(done.new)} imported, {len(done.known)} there already")
    for ref, one in done.left:
        click.echo(
            f"{ref}: {one.number} ({one.kind}, {one.amount}) fell due on {one.due} and is not sent by itself.\n"
            f"    mailbot do {ref} 'paid {one.number} on {one.due}' if it is paid, 'send {one.number}' to send it now"
        )


@order.command("list")
@click.option("--all", "with_closed", is_flag=True, help="Closed ones as well.")
@with_json
@with_at
@with_config
def list_(with_closed: bool, as_json: bool, at: datetime | None, config: Path) -> None:
    """All orders, a line each."""
    with records_of(config) as records:
        _list(records, with_closed, as_json)


def _list(records: Records, with_closed: bool, as_json: bool) -> None:
    rows = [order_line(one) for one in orders(records.store) if with_closed or not one.closed]
    if as_json:
        print_json(rows)
    else:
        click.echo(table(rows, _COLUMNS))


@order.command()
@click.argument("ref")
@with_json
@with_at
@with_config
def show(ref: str, as_json: bool, at: datetime | None, config: Path) -> None:
    """Everything about one order."""
    with records_of(config) as records:
        _show(records, ref, as_json, clock(at)())


def _show(records: Records, ref: str, as_json: bool, now: datetime) -> None:
    found = needed(records, ref)
    held = held_of_order(records.store, ref)
    whole = order_whole(found, held)
    if as_json:
        print_json(whole)
        return
    click.echo("\n".join(status_lines(found, now, records.process, held)))
    for name, columns in _TABLES.items():
        if whole[name]:
            click.echo(f"\n{name.replace('_', ' ')}\n{table(whole[name], columns)}")


_TABLES = {
    "milestones": ["key", "status", "due", "approved_by", "how"],
    "change_orders": ["number", "title", "status", "amount", "days"],
    "invoices": ["number", "kind", "amount", "due", "status"],
    "issues": ["number", "title", "severity", "status", "option", "told_at"],
    "requests": ["kind", "about", "state", "asked_at", "answer"],
    "held": ["id", "from", "about", "guess", "because"],
}


def needed(records: Records, ref: str) -> Order:
    """The order `ref`. Raises ConfigError when there is none."""
    found = order_of(records.store, ref)
    if found is None:
        raise ConfigError([Problem(f"there is no order {ref}", mend="`mailbot order list --all` lists them")])
    return found


@click.command()
@click.argument("ref", required=False)
@with_json
@with_at
@with_config
def status(ref: str | None, as_json: bool, at: datetime | None, config: Path) -> None:
    """Where orders stand; with REF everything about one."""
    with records_of(config) as records:
        if ref:
            _show(records, ref, as_json, clock(at)())
        else:
            _list(records, False, as_json)


@click.command("do")
@click.argument("ref")
@click.argument("commands", nargs=-1, required=True)
@click.option(
    "--attach",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A file that goes along.",
)
@with_json
@with_at
@with_config
def do(
    ref: str, commands: tuple[str, ...], attach: tuple[Path, ...], as_json: bool, at: datetime | None, config: Path
) -> None:
    """Give an order COMMANDS, as by mail (`-` reads them from standard input). Exit 1 when one was not carried out."""
    text = "\n".join(sys.stdin.read() if c == "-" else c for c in commands)
    files = [(p.name, mimetypes.guess_type(p.name)[0] or "application/octet-stream", p.read_bytes()) for p in attach]
    from mailbot.app.desk import do as carry_out

    with house_of(config) as house:
        lines = carry_out(house, ref, text, user(), clock(at)(), files)
    if as_json:
        print_json([{"line": line.text, "ok": line.ok, "said": line.said} for line in lines])
    else:
        for line in lines:
            click.echo(f"{'ok ' if line.ok else 'NO '} {line.text}\n{indent(line.said, '    ')}")
    if not lines or not all(line.ok for line in lines):
        raise SystemExit(1)


COMMANDS = (order, status, do)
