"""Setting up: a commented mailbot.toml, and a look at everything."""

from __future__ import annotations

import shutil
import sys
import tomllib
from datetime import datetime
from pathlib import Path

import click

from mailbot.cli.common import show_findings, with_at, with_config, with_json
from mailbot.errors import ConfigError, Problem
from mailbot.rules import shipped, validate
from mailbot.settings import Settings

_QUESTIONS = {
    "name": ("The studio's name", "Atelier Nord"),
    "address": ("mailbot's own mail address", "orders@studio.example"),
    "timezone": ("The studio's time zone", "America/New_York"),
    "staff": ("Addresses of the account managers, with commas", "sam@studio.example"),
    "imap_host": ("The IMAP server", "imap.studio.example"),
    "smtp_host": ("The SMTP server", "smtp.studio.example"),
}


@click.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="The studio's name.")
@click.option("--address", help="mailbot's own mail address.")
@click.option("--timezone", help="The studio's time zone, like Europe/Berlin.")
@click.option("--locale", default="en_US", show_default=True, help="The studio's locale.")
@click.option("--staff", help="Addresses of the account managers, with commas.")
@click.option("--imap-host", help="The IMAP server.")
@click.option("--smtp-host", help="The SMTP server.")
@click.option("--authserv-id", default="", help="The name your mail server writes in Authentication-Results.")
@click.option("--eject", is_flag=True, help="Copy rules/ and templates/ along, to edit.")
@click.option("--force", is_flag=True, help="Write over what is there.")
def init(directory: Path, locale: str, authserv_id: str, eject: bool, force: bool, **given: str | None) -> None:
    """Write a commented mailbot.toml into DIRECTORY; new installations start in shadow mode."""
    target = directory / "mailbot.toml"
    if target.exists() and not force:
        raise ConfigError([Problem("is there already", str(target), mend="--force writes over it")])
    answers = {key: _answer(key, value) for key, value in given.items()}
    text = _settings_text({**answers, "locale": locale, "authserv_id": authserv_id}, eject)
    _check(text, target)
    directory.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    click.echo(f"wrote {target}")
    for kind in ("rules", "templates") if eject else ():
        shutil.copytree(shipped(kind), directory / kind, dirs_exist_ok=force)
        click.echo(f"copied {directory / kind}")
    click.echo("next: export MAILBOT_IMAP_PASSWORD and MAILBOT_SMTP_PASSWORD, then `mailbot check`")


def _answer(key: str, value: str | None) -> str:
    """What was given, else what is answered to the question; the example where nobody sits there."""
    question, example = _QUESTIONS[key]
    if value is not None:
        return value
    return str(click.prompt(question, default=example)) if sys.stdin.isatty() else example


def _toml(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'


def _settings_text(answers: dict[str, str], eject: bool) -> str:
    staff = ", ".join(_toml(one.strip()) for one in answers["staff"].split(",") if one.strip())
    ids = _toml(answers["authserv_id"]) if answers["authserv_id"] else ""
    folders = (
        ('rules = "rules"', 'templates = "templates"') if eject else ('# rules = "rules"', '# templates = "templates"')
    )
    text = (shipped("templates") / "mailbot.toml.example").read_text("utf-8")
    values = {
        "NAME": _toml(answers["name"]), "ADDRESS": _toml(answers["address"]), "TIMEZONE": _toml(answers["timezone"]),
        "LOCALE": _toml(answers["locale"]), "STAFF": f"[{staff}]", "IMAP_HOST": _toml(answers["imap_host"]),
        "SMTP_HOST": _toml(answers["smtp_host"]), "AUTHSERV_IDS": f"[{ids}]", "RULES": folders[0],
        "TEMPLATES": folders[1],
    }  # fmt: skip
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _check(text: str, target: Path) -> None:
    """Refuse answers that would not be taken later. Raises ConfigError with all of them."""
    validate(Settings, tomllib.loads(text), target, text)


@click.command()
@with_json
@with_at
@with_config
def check(as_json: bool, at: datetime | None, config: Path) -> None:
    """Look at settings, secrets, servers, store, rules and templates. Exit 1 when something is wrong."""
    from mailbot.app.check import check as look

    show_findings(look(config), as_json)


COMMANDS = (init, check)
