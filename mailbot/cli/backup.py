"""Backup, restore, export: all of the installation as one file, and back."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from mailbot.cli.common import clock, print_json, records_of, with_at, with_config, with_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_json
@with_at
@with_config
def backup(file: Path, as_json: bool, at: datetime | None, config: Path) -> None:
    """Write store and archive into one file, as they are at one moment, while mailbot runs."""
    from mailbot.app.backup import back_up

    with records_of(config) as records:
        damaged = back_up(records, file, clock(at)())
    if as_json:
        print_json({"file": str(file), "damaged": damaged})
    else:
        click.echo(f"wrote {file}")
    for problem in damaged:
        click.echo(f"error: not in the backup: {problem}", err=True)
    if damaged:
        raise SystemExit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_json
@with_at
@with_config
def restore(file: Path, as_json: bool, at: datetime | None, config: Path) -> None:
    """Put a backup into an empty store; mails that were to go out wait to be released."""
    from mailbot.app import backup as room

    with records_of(config) as records:
        done = room.restore(records, file)
    if as_json:
        same = {"made_at": done.made_at, "same_rules": done.same_rules}
        print_json({"rows": done.rows, "mails": done.mails, "on_hold": done.on_hold, **same})
        return
    click.echo(f"restored as of {done.made_at}: {done.rows.get('orders', 0)} orders, {done.mails} mails")
    click.echo(f"{done.on_hold} mails on hold: `mailbot outbox list --state held`, then retry or drop each")
    if not done.same_rules:
        click.echo("the rules are others than those in force when the backup was made")


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output.")
@with_json
@with_at
@with_config
def export(out: Path | None, as_json: bool, at: datetime | None, config: Path) -> None:
    """Print every order, event, held reply and mail of the outbox, as JSON, one a line."""
    from mailbot.adapters.disk import may_be_written, whole_file
    from mailbot.app.backup import export as rows

    with records_of(config) as records:
        if out is None:
            for row in rows(records):
                click.echo(json.dumps(row))
            return
        may_be_written(out, b"{")
        with whole_file(out) as part, part.open("w", encoding="ascii") as target:
            target.writelines(json.dumps(row) + "\n" for row in rows(records))


COMMANDS = (backup, restore, export)
