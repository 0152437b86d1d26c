"""The command line: one file for a group of commands, each of them thin. Errors of users show no traceback.

Exit codes: 0 fine, 1 found something wrong, 2 used wrongly or misconfigured.
"""

from __future__ import annotations

import click

from mailbot import __version__
from mailbot.cli import demo, mails, orders, rules, service, setup
from mailbot.cli.common import Mailbot


@click.group(cls=Mailbot, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailbot")
@click.option("--config", envvar="MAILBOT_CONFIG", default="mailbot.toml", show_default=True, help="The settings file.")
@click.pass_context
def main(context: click.Context, config: str) -> None:
    """The agent in a studio's mailbox: reads plain replies as decisions and books them with proof."""
    context.obj = config


for module in (setup, demo, service, orders, mails, rules):
    for command in module.COMMANDS:
        main.add_command(command)
