"""`mailbot demo`: the main job, all of it, on real servers in this process, narrated a line a step."""

from __future__ import annotations

from pathlib import Path

import click

from mailbot.errors import ConfigError, Problem


@click.command()
@click.option(
    "--out",
    default="demo-out",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where every mail is left.",
)
def demo(out: Path) -> None:
    """See the whole walk: orders, requests, replies, a held one, a weekly update, a ladder of reminders."""
    try:
        from mailbot.app.demo import Demo
    except ImportError as error:
        mend = "pip install 'mailbot[demo]'"
        raise ConfigError([Problem(f"the demo's servers are not installed ({error.name})", mend=mend)]) from None
    with Demo(out, click.echo) as walk:
        walk.play()


COMMANDS = (demo,)
