"""What mailbot makes of mails, step by step, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.app.explain import explain as explain_mail
from mailbot.app.explain import failed
from mailbot.app.rulebook import load_rules
from mailbot.cli.common import clock, print_json, with_at, with_config, with_json
from mailbot.errors import ConfigError

if TYPE_CHECKING:
    from mailbot.app.house import House


@click.command()
@click.argument("files", nargs=-1, required=True)
@with_json
@with_at
@with_config
def explain(files: tuple[str, ...], as_json: bool, at: datetime | None, config: Path) -> None:
    """What mailbot makes of mails, step by step, and why; changes nothing.

    FILES are mails, or Message-IDs of those that it has processed.
    """
    now = clock(at)()
    house = _house(config) if config.is_file() else None
    rules = house.rules if house else load_rules()
    wrong = False
    for file in files:
        try:
            shown = explain_mail(_bytes(file, house), file, house, rules, now)
        except (OSError, LookupError, ConfigError) as error:
            shown, wrong = failed(file, str(error)), True
        if as_json:
            print_json(shown)
        else:
            click.echo("\n".join(f"{key:17} {_shown(value)}" for key, value in shown.items()) + "\n")
    if house:
        house.close()
    if wrong:
        raise SystemExit(1)


def _house(config: Path) -> House:
    from mailbot.app.house import open_house
    from mailbot.settings import load_settings

    return open_house(load_settings(config))


def _bytes(file: str, house: House | None) -> bytes:
    """The mail: a file's bytes, or those in the archive of a Message-ID."""
    path = Path(file)
    if path.is_file() or house is None:
        return path.read_bytes()
    row = house.store.get("mails", file.strip("<>"))
    if row is None:
        raise LookupError("there is no such file, and no mail with this Message-ID was processed")
    return house.archive.get(row["mail"])


def _shown(value: object) -> str:
    text = "-" if value in (None, [], "") else str(value)
    return text.replace("\n", "\n" + " " * 18)


COMMANDS = (explain,)
