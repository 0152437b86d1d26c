"""What is compiled at its first use, used once before the daemon begins: the first client waits no longer."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import SMTP

from mailbot.app.house import House
from mailbot.errors import ConfigError
from mailbot.reading.automatic import origin
from mailbot.reading.grammar import Grammar, grammars
from mailbot.reading.intake import Known, take_in
from mailbot.reading.message import parse
from mailbot.rules.templates import Templates
from mailbot.writing.check import check_templates, sample_mail
from mailbot.writing.render import DEFAULT_LANGUAGE


def warm(house: House) -> None:
    """Fill every letter with its sample, and read one as a client's mail. Changes nothing, takes a second or two.

    Raises ConfigError with every problem of the templates: better no daemon than one that cannot write.
    """
    if problems := check_templates(house.rules.templates):
        raise ConfigError(problems)
    own = {DEFAULT_LANGUAGE, house.studio.locale.partition("_")[0]}
    for language, grammar in grammars(house.rules.replies).items():
        if language in own:  # the others wait for the first client who writes in them
            _compile(grammar)
    message = parse(_made_up(house.rules.templates))
    machine = origin(message, house.reader.machines, house.reader.own)
    take_in(message, machine, message.sha256, Known(), house.reader)


def _compile(grammar: Grammar) -> None:
    for pattern in (*grammar.whole.values(), *(p for table in grammar.part.values() for p in table.values())):
        _ = pattern.expression


def _made_up(templates: Templates) -> bytes:
    """A letter of ours, as if a client had written it."""
    mail = message_from_bytes(sample_mail(templates, "approval-request").data, policy=SMTP)
    for name in ("From", "Message-ID", "Auto-Submitted", "X-Mailbot-Kind"):
        del mail[name]
    mail["From"] = "client@client.example"
    return mail.as_bytes()
