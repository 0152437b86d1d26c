"""The command line: one file for a group of commands, each of them thin. Errors of users show no traceback.

Exit codes: 0 fine, 1 found something wrong, 2 used wrongly or misconfigured. A command's file is imported when the
command is called: most need little of mailbot, and start the faster for it.
"""

from __future__ import annotations

from importlib import import_module

import click

from mailbot import __version__
from mailbot.cli.common import Mailbot

COMMANDS = {  # name: its file here, and what it does (the first line of its help)
    "init": ("setup", "Write a commented mailbot.toml into DIRECTORY."),
    "check": ("setup", "Look at settings, secrets, servers, store, rules and templates."),
    "demo": (
        "demo",
        "See the whole walk: orders, requests, replies, a held one, a weekly update, a ladder of reminders.",
    ),
    "run": ("service", "Run until SIGTERM: take mail, plan what is due, deliver what is queued."),
    "due": ("service", "Every mail that will go out, when, to whom, why."),
    "report": ("report", "The success figures of a week, with the orders behind them."),
    "order": ("orders", "Take orders on and look at them."),
    "status": ("orders", "Where orders stand; with REF everything about one."),
    "do": ("orders", "Give an order COMMANDS, as by mail."),
    "held": ("mails", "Replies that wait for a person."),
    "outbox": ("mails", "Outgoing mail: queued, sent, failed, unknown."),
    "explain": ("explain", "What mailbot makes of mails, step by step, and why; changes nothing."),
    "preview": ("preview", "A mail as it would go out, as several mail programs show it; nothing is sent."),
    "evidence": ("evidence", "Everything on record for an order: shown, answered, proven, decided, sent; as one file."),
    "one-click": ("one_click", "Answer one-click unsubscribing (RFC 8058) until SIGTERM, behind a web server."),
    "forget": ("forget", "Remove the personal data of a client whose orders are closed."),
    "backup": ("backup", "Write store and archive into one file, as they are at one moment, while mailbot runs."),
    "restore": ("backup", "Put a backup into an empty store; mails that were to go out wait to be released."),
    "export": ("backup", "Print every order, event, held reply and mail of the outbox, as JSON, one a line."),
    "rules": ("rules", "The rules that replies are read by."),
}


class _Late(Mailbot):
    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found: dict[str, click.Command] = {
            c.name or "": c for c in import_module(f"{__name__}.{COMMANDS[name][0]}").COMMANDS
        }
        return found[name]

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in COMMANDS.items()])


@click.group(cls=_Late, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailbot")
@click.option("--config", envvar="MAILBOT_CONFIG", default="mailbot.toml", show_default=True, help="The settings file.")
@click.pass_context
def main(context: click.Context, config: str) -> None:
    """The agent in a studio's mailbox: reads plain replies as decisions and books them with proof."""
    context.obj = config
