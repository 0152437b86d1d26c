"""A mail as it would go out, looked at before it does."""

from __future__ import annotations

import os
import sys
import webbrowser
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import click

from mailbot.cli.common import clock, house_of, print_json, with_at, with_config, with_json
from mailbot.cli.views import table

if TYPE_CHECKING:
    from mailbot.app.preview import Preview
    from mailbot.app.samples import Samples
    from mailbot.rules.templates import Templates


@click.command()
@click.argument("kind", required=False)
@click.argument("ref", required=False)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write it into this folder.")
@click.option("--list", "listed", is_flag=True, help="List the kinds of mail.")
@with_json
@with_at
@with_config
def preview(
    kind: str | None, ref: str | None, out: Path | None, listed: bool, as_json: bool, at: datetime | None, config: Path
) -> None:
    """A mail as it would go out, as several mail programs show it; nothing is sent.

    KIND is a kind of mail (without it they are listed), or the id of a mail in the outbox. With REF it is the mail of
    that order which waits or comes next; where none does, and without REF, its facts are a sample's. Without a
    mailbot.toml the shipped samples are shown.
    """
    if listed or kind is None:
        _list(_samples(config), as_json)
        return
    found, templates = _found(kind, ref, clock(at)(), config)
    if out is None:
        _show(found, templates, as_json)
    else:
        _write(found, out, templates, as_json)


def _samples(config: Path) -> Samples:
    from mailbot.app.samples import samples_of
    from mailbot.settings import load_settings

    return samples_of(load_settings(config) if config.is_file() else None)


def _list(samples: Samples, as_json: bool) -> None:
    from mailbot.app.samples import kinds

    rows = list(kinds(samples))
    if as_json:
        print_json(rows)
    else:
        click.echo(table(rows, ["kind", "to", "subject"]))


def _found(kind: str, ref: str | None, now: datetime, config: Path) -> tuple[Preview, Templates]:
    from mailbot.app.preview import is_of_outbox, of_kind, of_order, of_outbox

    if is_of_outbox(kind):
        if ref is not None:
            raise click.UsageError(f"{kind} is a mail of the outbox, and has its order")
        with house_of(config) as house:
            return of_outbox(house, kind), house.rules.templates
    if ref is not None:
        with house_of(config) as house:
            return of_order(house, kind, ref, now), house.rules.templates
    samples = _samples(config)
    return of_kind(samples, kind), samples.templates


def _write(found: Preview, out: Path, templates: Templates, as_json: bool) -> None:
    from mailbot.app.preview import write

    files, missing = write(found, out, templates)
    if as_json:
        print_json({**_line(found), "files": files, "no_picture": missing or None})
        return
    click.echo(f"{found.because}\n" + "\n".join(map(str, files)))
    if missing:
        click.echo(f"no picture: {missing}", err=True)


def _show(found: Preview, templates: Templates, as_json: bool) -> None:
    from mailbot.app.preview import page_of

    page = page_of(found, templates)
    with NamedTemporaryFile("w", encoding="utf-8", prefix="mailbot-", suffix=".html", delete=False) as file:
        file.write(page)
    path = Path(file.name)
    if as_json:
        print_json({**_line(found), "files": [path], "no_picture": None})
        return
    opened = _has_display() and webbrowser.open(path.as_uri())
    click.echo(f"{found.because}\n{'opened in the browser' if opened else 'open it in a browser'}: {path}")


def _line(found: Preview) -> dict[str, object]:
    return {"kind": found.kind, "order": found.order, "source": found.source, "because": found.because}


def _has_display() -> bool:
    """Whether a browser has a window to open; one in a terminal would take that over."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


COMMANDS = (preview,)
