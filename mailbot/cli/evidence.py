"""The evidence of an order: shown, written as one file, checked."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.common import print_json, records_of, with_at, with_config, with_json

if TYPE_CHECKING:
    from mailbot.evidence.check import Checked

_REFRESH_SECONDS = 0.2


@click.command()
@click.argument("ref", required=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write one zip with every mail.")
@click.option("--verify", is_flag=True, help="Check that nothing was altered: REF, such a zip, or all.")
@with_json
@with_at
@with_config
def evidence(ref: str | None, out: Path | None, verify: bool, as_json: bool, at: datetime | None, config: Path) -> None:
    """Everything on record for an order: shown, answered, proven, decided, sent; as one file.

    REF is an order, or with --verify a zip that was written before (which needs no settings). Without REF, --verify
    checks every order and every mail of the store, a line for each that is wrong. Exit 1 when anything was altered.
    """
    from mailbot.app.evidence import check_file, gather

    if ref is None:
        if out is not None or not verify:
            raise click.UsageError("which order? without REF there is only --verify, of the whole store")
        _verify_all(config, as_json)
        return
    if ref.lower().endswith(".zip"):
        if out is not None or not verify:
            raise click.UsageError("a zip is only checked, with --verify; --out writes the evidence of an order")
        _tell(ref, check_file(Path(ref)), as_json)
        return
    with records_of(config) as records:
        case = gather(records, ref)
        if out is None and not verify:
            print_json(case.shown()) if as_json else click.echo(case.text(), nl=False)
            return
        found = case.check()
        seal = case.write(out) if out else ""
    if out and not as_json:
        click.echo(f"wrote {out}")
    _tell(ref, found, as_json, seal)


def _verify_all(config: Path, as_json: bool) -> None:
    from mailbot.app.verification import Verified, verify_all

    orders = events = mails = 0
    wrong: list[Verified] = []  # only those: they are few, or the first is enough to know
    with records_of(config) as records, _progress() as progress:
        for found in verify_all(records):
            orders, events, mails = orders + bool(found.order), events + found.events, mails + found.mails
            progress(f"{orders} orders, {mails} mails")
            if not found.problems:
                continue
            wrong = [*wrong, found] if as_json else [found]
            if not as_json:
                progress("")
                click.echo(f"{found.order or 'no order'}: {'; '.join(found.problems)}", err=True)
    if as_json:
        listed = [{"order": one.order, "problems": one.problems} for one in wrong]
        told = {"whole": not wrong, "orders": orders, "events": events, "mails": mails, "wrong": listed}
        print_json({"checked": "the store", **told})
    elif not wrong:
        click.echo(f"{orders} orders, {events} events and {mails} mails, as they were written")
    if wrong:
        raise SystemExit(1)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Shows a text on a line of the terminal, and then another one there; nothing where there is no terminal."""
    shows, last = sys.stderr.isatty(), 0.0

    def show(text: str) -> None:
        nonlocal last
        if shows and (not text or time.monotonic() > last + _REFRESH_SECONDS):
            last = time.monotonic()
            click.echo(f"\r{text:60}" if text else f"\r{'':60}\r", nl=False, err=True)

    yield show
    show("")


def _tell(what: str, found: Checked, as_json: bool, seal: str = "") -> None:
    rows, seal = found.rows, seal or found.seal
    if as_json:
        print_json(
            {
                "checked": what, "whole": not found.problems, "problems": found.problems, "notes": found.notes,
                "order": rows.ref if rows else None, "events": len(rows.events) if rows else None,
                "mails": len(rows.mails_named()) if rows else None, "seal": seal or None,
            }
        )  # fmt: skip
    else:
        for note in found.notes:
            click.echo(f"note: {note}")
        for problem in found.problems:
            click.echo(f"{what}: {problem}", err=True)
        if rows and not found.problems:
            click.echo(
                f"{rows.ref}: {len(rows.events)} events and {len(rows.mails_named())} mails, as they were written"
            )
        if seal and not found.problems:
            click.echo(f"its seal, which tells it from every other: {seal}")
    if found.problems:
        raise SystemExit(1)


COMMANDS = (evidence,)
