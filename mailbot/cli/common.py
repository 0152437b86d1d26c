"""What all commands share: --config, --json and --at, the clock, how results and errors are shown."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailbot.errors import ConfigError, DeliveryError, MailboxError

if TYPE_CHECKING:  # imported late: what a command does not need costs it no time
    from mailbot.app.check import Finding
    from mailbot.app.house import House
    from mailbot.app.records import Records

F = TypeVar("F", bound=Callable[..., Any])


class Mailbot(click.Group):
    """A group whose errors are a user's to read: what, where, the mend; no traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except ConfigError as error:
            for problem in error.problems:
                click.echo(f"error: {problem}", err=True)
            context.exit(2)
        except Exception as error:
            if not isinstance(error, _outside_faults()):
                raise
            click.echo(f"error: {error}", err=True)
            context.exit(1)


def _outside_faults() -> tuple[type[Exception], ...]:
    """What servers and disks do, and no user can help."""
    from mailbot.adapters.archive import ArchiveError
    from mailbot.adapters.store import StoreError

    return MailboxError, DeliveryError, StoreError, ArchiveError


class Moment(click.ParamType[datetime]):
    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write it like 2026-01-16T16:00:00-05:00", param, context)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no offset: write it like 2026-01-16T16:00:00-05:00", param, context)
        return moment


def with_config(command: F) -> F:
    """Takes --config after the command's name as well; the function gets `config`, a path."""

    def pick(context: click.Context, _param: click.Parameter, value: str | None) -> Path:
        return Path(value or context.find_object(str) or "mailbot.toml")

    return click.option("--config", callback=pick, default=None, help="The settings file.")(command)


def with_at(command: F) -> F:
    """Takes --at TIME; the function gets `at`, an aware time or None."""
    return click.option(
        "--at", type=Moment(), default=None, help="Take this time for the clock (ISO 8601 with offset)."
    )(command)


def with_json(command: F) -> F:
    """Takes --json; the function gets `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def clock(at: datetime | None) -> Callable[[], datetime]:
    """The clock that a command works by: the time given, standing still, or the computer's."""
    return (lambda: at) if at is not None else lambda: datetime.now(UTC)


@contextmanager
def house_of(config: Path) -> Iterator[House]:
    """The house of the settings in `config`, closed afterwards."""
    from mailbot.app.house import open_house
    from mailbot.settings import load_settings

    house = open_house(load_settings(config))
    try:
        yield house
    finally:
        house.close()


@contextmanager
def records_of(config: Path) -> Iterator[Records]:
    """What is on record under the settings in `config`: for commands that only look, and need no rules."""
    from mailbot.app.records import open_records
    from mailbot.settings import load_settings

    records = open_records(load_settings(config))
    try:
        yield records
    finally:
        records.store.close()


def print_json(data: Any) -> None:
    """`data` as JSON on standard output; amounts, dates and times as text."""
    click.echo(json.dumps(data, ensure_ascii=False, default=str))


def show_findings(findings: Iterable[Finding], as_json: bool) -> None:
    """A line each, as they come. Exits 2 when the settings are wrong, 1 when anything else is."""
    seen = []
    for finding in findings:
        seen.append(finding)
        if not as_json:
            click.echo(f"{finding.level:4} {finding.what}" + (f"\n     -> {finding.mend}" if finding.mend else ""))
    if as_json:
        print_json([{"level": f.level, "what": f.what, "mend": f.mend} for f in seen])
    failed = [f for f in seen if f.level == "FAIL"]
    if failed:
        raise SystemExit(2 if any(f.what.startswith("settings:") for f in failed) else 1)


def user() -> str:
    """Who sits at the shell, for the record."""
    try:
        return f"shell:{getpass.getuser()}"
    except (OSError, KeyError):
        return "shell:unknown"
