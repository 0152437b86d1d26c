"""What is compiled at its first use, used once before the daemon begins: the first client waits no longer."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import SMTP

from mailbot.app.house import House
from mailbot.errors import ConfigError
from mailbot.reading.automatic import origin
from mailbot.reading.decision import Asked, read
from mailbot.reading.intake import Known, take_in
from mailbot.reading.message import parse
from mailbot.reading.soundness import pattern_problems
from mailbot.rules.replies import LANGUAGES
from mailbot.rules.templates import Templates
from mailbot.writing.check import check_letters, sample_mail
from mailbot.writing.render import DEFAULT_LANGUAGE


def warm(house: House) -> None:
    """Fill every letter with its sample, and read one as a client's mail. Changes nothing, takes a second or two.

    Raises ConfigError with every problem of the templates and patterns: better no daemon than one that cannot read
    a client's language or write.
    """
    if problems := [*check_letters(house.rules.templates), *pattern_problems(house.rules.replies)]:
        raise ConfigError(problems)
    for language in {DEFAULT_LANGUAGE, house.studio.locale.partition("_")[0]} & set(LANGUAGES):
        # the others wait for the first client who writes in them
        read("ok", Asked("milestone_approval", locale=language), house.rules.replies)
    message = parse(_made_up(house.rules.templates))
    machine = origin(message, house.reader.machines, house.reader.own)
    take_in(message, machine, message.sha256, Known(), house.reader)


def _made_up(templates: Templates) -> bytes:
    """A letter of ours, as if a client had written it."""
    mail = message_from_bytes(sample_mail(templates, "approval-request").data, policy=SMTP)
    for name in ("From", "Message-ID", "Auto-Submitted", "X-Mailbot-Kind"):
        del mail[name]
    mail["From"] = "client@client.example"
    return mail.as_bytes()
