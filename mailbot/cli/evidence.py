"""The evidence of an order: shown, written as one file, checked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.common import print_json, records_of, with_at, with_config, with_json

if TYPE_CHECKING:
    from mailbot.evidence.check import Checked


@click.command()
@click.argument("ref")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write one zip with every mail.")
@click.option("--verify", is_flag=True, help="Check that nothing was altered; REF may be such a zip.")
@with_json
@with_at
@with_config
def evidence(ref: str, out: Path | None, verify: bool, as_json: bool, at: datetime | None, config: Path) -> None:
    """Everything on record for an order: shown, answered, proven, decided, sent; as one file.

    REF is an order, or with --verify a zip that was written before (which needs no settings). Exit 1 when anything was
    altered.
    """
    from mailbot.app.evidence import check_file, gather

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
