"""Mails: those that wait for a person, and those on their way out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from mailbot.adapters.store import OutboxRow, State, shown_state
from mailbot.app.records import Records, held_of, waiting
from mailbot.cli.common import clock, house_of, print_json, records_of, user, with_at, with_config, with_json
from mailbot.cli.views import held_line, outbox_line, table
from mailbot.errors import ConfigError, Problem


class _Defaulting(click.Group):
    """A group that lists when no command is named."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        names = [a for a in args if not a.startswith("-")]
        help_ = {"-h", "--help"} & set(args)
        return super().parse_args(context, args if help_ or (names and names[0] in self.commands) else ["list", *args])


@click.group(cls=_Defaulting)
def held() -> None:
    """Replies that wait for a person."""


@held.command("list")
@with_json
@with_at
@with_config
def held_list(as_json: bool, at: datetime | None, config: Path) -> None:
    """Those that wait, oldest first."""
    with records_of(config) as records:
        rows = [held_line(one) for one in waiting(records.store)]
    if as_json:
        print_json(rows)
    else:
        click.echo(table(rows, ["id", "order", "about", "from", "guess", "because"]))


@held.command("show")
@click.argument("id")
@with_json
@with_at
@with_config
def held_show(id: str, as_json: bool, at: datetime | None, config: Path) -> None:
    """One of them, with the words."""
    with records_of(config) as records:
        one = held_of(records.store, id)
        if one is None:
            raise ConfigError([Problem(f"there is no held reply {id}", mend="`mailbot held` lists them")])
    shown = {**held_line(one), "words": one.words, "state": one.state, "settled_by": one.settled_by, "mail": one.mail}
    if as_json:
        print_json({**shown, "settled_as": one.settled_as})
    else:
        click.echo("\n".join(f"{key}: {value}" for key, value in shown.items() if value is not None))


def _answer(word: str, help_text: str) -> click.Command:
    @click.argument("id")
    @with_json
    @with_at
    @with_config
    def command(id: str, as_json: bool, at: datetime | None, config: Path) -> None:
        _settle(id, word, as_json, at, config)

    command.__doc__ = help_text
    return click.command(word)(command)


def _settle(id: str, word: str, as_json: bool, at: datetime | None, config: Path) -> None:
    from mailbot.app.desk import settle
    from mailbot.orders.settle import Unsettled

    with house_of(config) as house:
        try:
            decision = settle(house, id, word, user(), clock(at)())
        except Unsettled as why:
            click.echo(f"error: {id}: {why}", err=True)
            raise SystemExit(1) from None
    if as_json:
        print_json({"id": id, "settled_as": word, "because": decision.because})
    else:
        click.echo(f"{id}: {decision.because}")


@held.command("choose")
@click.argument("id")
@click.argument("option", type=click.IntRange(1, 99))
@with_json
@with_at
@with_config
def held_choose(id: str, option: int, as_json: bool, at: datetime | None, config: Path) -> None:
    """The client chose OPTION."""
    _settle(id, f"choose {option}", as_json, at, config)


for _word, _help in {
    "approve": "It is an approval (or the choice that was guessed): book it.",
    "decline": "It is a no: book it.",
    "changes": "It asks for changes: book it.",
    "dismiss": "It decides nothing: take it off the list.",
}.items():
    held.add_command(_answer(_word, _help))


@click.group(cls=_Defaulting)
def outbox() -> None:
    """Outgoing mail: queued, sent, failed, unknown."""


@outbox.command("list")
@click.option("--state", type=click.Choice(get_args(State)), help="Only those in this state.")
@with_json
@with_at
@with_config
def outbox_list(state: str | None, as_json: bool, at: datetime | None, config: Path) -> None:
    """All mails, by the time they were due."""
    now = clock(at)()
    with records_of(config) as records:
        rows = [outbox_line(row, now, records.in_doubt) for row in records.store.outbox()]
    rows = [row for row in rows if state in (None, row["state"])]
    if as_json:
        print_json(rows)
    else:
        click.echo(table(rows, ["id", "state", "kind", "order", "to", "due", "attempts", "error"]))


@outbox.command("show")
@click.argument("id")
@with_json
@with_at
@with_config
def outbox_show(id: str, as_json: bool, at: datetime | None, config: Path) -> None:
    """One mail, as it goes out."""
    with records_of(config) as records:
        row = _row(records, id)
        shown = outbox_line(row, clock(at)(), records.in_doubt)
        raw = records.archive.get(row.mail)
    if as_json:
        print_json({**shown, "message_id": row.message_id, "mail": row.mail})
    else:
        click.echo("\n".join(f"{key}: {value}" for key, value in shown.items() if value is not None) + "\n")
        click.echo(raw.decode("utf-8", "replace"))


@outbox.command("retry")
@click.argument("id")
@with_json
@with_at
@with_config
def outbox_retry(id: str, as_json: bool, at: datetime | None, config: Path) -> None:
    """Send it (again): a failed one, one in doubt that did not arrive, or one that waited to be released."""
    _resolve(id, "queued", as_json, at, config)


@outbox.command("drop")
@click.argument("id")
@with_json
@with_at
@with_config
def outbox_drop(id: str, as_json: bool, at: datetime | None, config: Path) -> None:
    """Never send it."""
    _resolve(id, "failed", as_json, at, config)


def _resolve(id: str, state: str, as_json: bool, at: datetime | None, config: Path) -> None:
    now = clock(at)()
    with records_of(config) as records:
        row = _row(records, id)
        before = shown_state(row, now, records.in_doubt)
        error = f"{'released' if state == 'queued' else 'dropped'} by {user()}"
        due = now if state == "queued" else None
        done = records.store.resolve(row.id, state, now, error=error, due=due, after=records.in_doubt)  # type: ignore[arg-type]
    if not done:
        click.echo(f"error: {id} is {before}: it cannot be made {state}", err=True)
        raise SystemExit(1)
    if as_json:
        print_json({"id": row.id, "state": state})
    else:
        click.echo(f"{row.id}: {before} -> {state}")


def _row(records: Records, id: str) -> OutboxRow:
    row = records.store.outbox_get(id)
    if row is None:
        raise ConfigError([Problem(f"there is no mail {id} in the outbox", mend="`mailbot outbox` lists them")])
    return row


COMMANDS = (held, outbox)
