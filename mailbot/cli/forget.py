"""A client's personal data: removed when they ask for it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.common import clock, print_json, records_of, user, with_at, with_config, with_json

if TYPE_CHECKING:
    from mailbot.app.forget import Look


@click.command()
@click.argument("client")
@click.option("--yes", is_flag=True, help="Do not ask back.")
@with_json
@with_at
@with_config
def forget(client: str, yes: bool, as_json: bool, at: datetime | None, config: Path) -> None:
    """Remove the personal data of a client whose orders are closed.

    CLIENT is an address or a name. Mails, words, names and addresses go and cannot be brought back; what was decided
    when and by which rule stays on record, and so do amounts and dates.
    """
    from mailbot.app import forget as room

    with records_of(config) as records:
        found = room.look(records, client)
        if not yes:
            _ask(client, found)
        done = room.forget(records, found, clock(at)(), user())
    if as_json:
        print_json({"orders": found.orders, "texts": done.texts, "mails": done.mails})
        return
    for ref, count in done.texts.items():
        click.echo(f"{ref}: {count} texts removed; `mailbot evidence {ref} --verify` still holds")
    click.echo(f"{done.mails} mails removed from the archive")
    click.echo("mailbot does not reach the mailbox on your server, backups, exports and evidence given away: see there")


def _ask(client: str, found: Look) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: --yes says that it is meant")
    orders, known_by = ", ".join(found.orders) or "no order", ", ".join(sorted(found.who.addresses))
    click.confirm(f"Remove for good what is on record of {client} ({orders}; {known_by})?", abort=True)


COMMANDS = (forget,)
