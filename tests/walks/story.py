"""A world with one order in it, a clock in New York, and people who write: for stories that go on over weeks.

`Story.on` moves the clock; on the way mailbot makes a pass every working evening, unless it is off.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from tests.walks.programs import new
from tests.walks.world import BOT, REF, World
from tests.walks.world import text_of as raw_text_of

NEW_YORK = ZoneInfo("America/New_York")
EVENING, FRIDAY = time(16, 1), 4
ROUNDS = ("digest", "report")  # they go out by the calendar, whatever happens to the order


class Story:
    """The order's world with a clock in New York; `mails` is all that went out so far."""

    def __init__(self, studio: World, off: tuple[date, date]) -> None:
        """`off`: the first evening on which mailbot is off, and the one on which it is back."""
        self.studio, self.off = studio, off
        self.mails: list[EmailMessage] = []
        self._written = 0

    def on(self, day: str, wall: str = "10:00") -> None:
        """Go on to a time in New York, with a pass on every working evening in between, unless mailbot is off."""
        then = datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=NEW_YORK).astimezone(UTC)
        evening = datetime.combine(self.studio.at.astimezone(NEW_YORK).date(), EVENING, NEW_YORK)
        while evening < then:
            is_off = self.off[0] <= evening.date() < self.off[1] or evening.weekday() > FRIDAY
            if evening > self.studio.at and not is_off:
                self.studio.at = evening.astimezone(UTC)
                self.passes()
            evening = datetime.combine(evening.date() + timedelta(days=1), EVENING, NEW_YORK)
        self.studio.at = then

    def passes(self) -> list[EmailMessage]:
        """One full pass; what went out in it, the rounds of the studio left aside."""
        out = self.studio.run()
        self.mails += out
        return [mail for mail in out if mail["X-Mailbot-Kind"] not in ROUNDS]

    def says(self, who: str, to: EmailMessage, words: str, program: str = "gmail") -> list[EmailMessage]:
        """Somebody answers a mail of mailbot's; what goes out."""
        self.studio.later(minutes=2)
        self.studio.answer(to, words, sender=who, program=program)
        return self.passes()

    def writes(self, who: str, words: str, *files: tuple[bytes, str, str], subject: str = "") -> list[EmailMessage]:
        """Somebody writes to mailbot about the order, with files perhaps: (data, type, name); what goes out."""
        self._written += 1
        mail = new(who, BOT, subject or f"Gowns [{REF}]", words, self.studio.at, 9000 + self._written)
        for data, kind, name in files:
            main, sub = kind.split("/")
            mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
        self.studio.deliver(mail)
        return self.passes()

    def last(self, kind: str) -> EmailMessage:
        """The newest mail of a kind."""
        return [mail for mail in self.mails if mail["X-Mailbot-Kind"] == kind][-1]

    def status(self) -> Any:
        return self.studio.status()

    def milestone(self, key: str) -> Any:
        return next(m for m in self.status()["milestones"] if m["key"] == key)

    def invoice(self, number: str) -> Any:
        return next(i for i in self.status()["invoices"] if i["number"] == number)

    def change_order(self, number: str) -> Any:
        return next(c for c in self.status()["change_orders"] if c["number"] == number)


def text_of(mail: EmailMessage) -> str:
    """The words of a mail with plain blanks between them."""
    return " ".join(raw_text_of(mail).split())
