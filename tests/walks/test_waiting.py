"""A held reply: the whole of it is shown, it is settled from any device, and nobody forgets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.walks.programs import new
from tests.walks.test_main_walk import ask_design, milestone
from tests.walks.world import BOT, REF, SAM, World, kinds, text_of, the, world

WORDS = "Approved once the hem is fixed."
LINK = re.compile(r'href="(mailto:[^"]+)"')


@pytest.fixture
def there(pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    with world(pymap_server, tmp_path) as made:
        made.import_order()
        made.run()
        yield made


def held(studio: World) -> EmailMessage:
    """The mail that puts a conditional approval to the account manager."""
    studio.answer(the("approval-request", ask_design(studio)), WORDS)
    return the("held", studio.run())


def links(mail: EmailMessage) -> dict[str, tuple[str, str]]:
    """The answers that the mail offers as links: the body of each, with its address and subject."""
    html = mail.get_body(("html",))
    assert html is not None
    found = {}
    for link in LINK.findall(html.get_content()):
        parts = urlsplit(unescape(link))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if "body" in query:
            found[query["body"]] = (unquote(parts.path), query["subject"])
    return found


def from_a_phone(studio: World, mail: EmailMessage, word: str, signature: str = "\n\nSent from my iPhone") -> None:
    """A link is tapped: a new mail to its address, which answers nothing."""
    address, subject = links(mail)[word]
    studio.deliver(new(SAM, address, subject, word + signature, studio.at, 700))


@pytest.mark.parametrize(("word", "status"), [("approve", "approved"), ("changes", "changes"), ("dismiss", "asked")])
def test_one_tap_on_a_phone_settles_it(there: World, word: str, status: str) -> None:
    from_a_phone(there, held(there), word)
    there.run()
    assert milestone(there, "design")["status"] == status
    assert there.json("held") == []


def test_each_answer_is_offered_as_a_link_to_the_address_of_this_reply(there: World) -> None:
    mail = held(there)
    offered = links(mail)
    assert set(offered) == {"approve", "decline", "changes", "dismiss"}
    assert {address for address, _ in offered.values()} == {mail["Reply-To"]}
    assert mail["Reply-To"] != BOT


def test_it_is_recorded_who_settled_it_and_as_what(there: World) -> None:
    mail = held(there)
    (entry,) = there.json("held")
    from_a_phone(there, mail, "decline")
    there.run()
    shown = there.json("held", "show", entry["id"])
    assert (shown["state"], shown["settled_by"], shown["settled_as"]) == ("settled", SAM, "decline")


def test_the_whole_mail_goes_along(there: World) -> None:
    mail = held(there)
    (attached,) = [part for part in mail.iter_attachments() if part.get_content_type() == "message/rfc822"]
    inside = attached.get_content()
    assert WORDS in text_of(inside)
    assert "wrote:" in text_of(inside)  # with what it quotes


def test_a_mail_that_is_too_big_stays_in_the_archive(there: World) -> None:
    asked = the("approval-request", ask_design(there))
    mail = new("ann@client.example", str(asked["Reply-To"]), f"Re: {asked['Subject']}", WORDS, there.at, 701)
    mail.add_attachment(b"\0" * 6_000_000, maintype="application", subtype="octet-stream", filename="big.bin")
    there.deliver(mail)
    put = the("held", there.run())
    assert not list(put.iter_attachments())
    assert "mailbot held show" in text_of(put)


def reminders(studio: World, *days: int) -> list[int]:
    """On which of these days of January, at nine in the morning, somebody is reminded."""
    found = []
    for day in days:
        studio.at = datetime(2026, 1, day, 14, 0, tzinfo=UTC)
        found += [day for mail in studio.run() if mail["X-Mailbot-Kind"] == "held"]
    return found


def test_it_is_reminded_of_in_the_morning_until_somebody_settles_it(there: World) -> None:
    held(there)  # on Tuesday, the 6th
    assert reminders(there, 7, 8, 9, 10, 11, 12, 13) == [7, 9, 13]
    (entry,) = there.json("held")
    there.cli("held", "dismiss", entry["id"])
    assert reminders(there, 14, 15, 16, 20) == []


def test_after_an_outage_there_is_one_reminder(there: World) -> None:
    held(there)
    assert reminders(there, 28) == [28]
    assert reminders(there, 29, 30) == [30]


def test_a_reminder_is_answered_like_the_first_mail(there: World) -> None:
    first = held(there)
    there.later(days=1)
    (again,) = [mail for mail in there.run() if mail["X-Mailbot-Kind"] == "held"]
    assert again["Reply-To"] == first["Reply-To"]
    assert again["In-Reply-To"] == first["Message-ID"]
    assert str(again["Subject"]).startswith("Still held")
    assert WORDS in text_of(again)
    from_a_phone(there, again, "approve")
    there.run()
    assert milestone(there, "design")["status"] == "approved"


def test_what_is_held_without_an_order_is_reminded_of_as_well(there: World) -> None:
    there.write("", "no sender", "Approved!", proven=False)
    assert kinds(there.run()) == ["held"]
    there.later(days=1)
    assert "held" in kinds(there.run())


def test_it_stands_in_the_forecast(there: World) -> None:
    held(there)
    (line,) = [one for one in there.json("due") if one["kind"] == "held"]
    assert (line["at"][:16], line["order"], line["to"]) == ("2026-01-07T13:30", REF, [SAM])
    there.cli("held", "dismiss", there.json("held")[0]["id"])
    assert not [one for one in there.json("due") if one["kind"] == "held"]
