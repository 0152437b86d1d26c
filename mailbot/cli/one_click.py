"""The listener for one-click unsubscribing, for a studio that has configured an address for it."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from mailbot.cli.common import clock, house_of, with_config
from mailbot.errors import ConfigError, Problem


@click.command("one-click")
@click.option("--bind", default="127.0.0.1:8090", show_default=True, help="Address and port, behind your web server.")
@with_config
def one_click(bind: str, config: Path) -> None:
    """Answer one-click unsubscribing (RFC 8058) until SIGTERM, behind a web server.

    That is the one at sending.unsubscribe_url.
    """
    from mailbot.adapters.one_click import listener
    from mailbot.app.unsubscribe import unsubscribe

    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise click.UsageError(f"--bind is an address and a port, such as 127.0.0.1:8090, not {bind!r}")
    with house_of(config) as house:
        if not house.settings.sending.unsubscribe_url:
            mend = "set sending.unsubscribe_url to the https address that your web server passes on to here"
            raise ConfigError([Problem("no address is configured", str(config), "sending.unsubscribe_url", mend=mend)])
        lock, now = threading.Lock(), clock(None)

        def ask(ref: str, token: str) -> bool:
            with lock:
                return unsubscribe(house, ref, token, now())

        try:
            server = listener((host.strip("[]"), int(port)), ask)
        except OSError as error:
            raise ConfigError([Problem(f"cannot listen on {bind}: {error}", mend="choose another --bind")]) from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        click.echo(f"listening on {bind}")
        with server:
            server.serve_forever()


COMMANDS = (one_click,)
