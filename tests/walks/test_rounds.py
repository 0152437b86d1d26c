"""The digest of each working morning and the weekly report: each goes out once, and an answer to one is carried out."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailbot.adapters.store import StoreError
from mailbot.app import rounds
from mailbot.app.house import House, open_house
from mailbot.settings import load_settings
from tests.walks.programs import new
from tests.walks.world import BOT, ORDER, REF, SAM, World, kinds, text_of, the, world

KIM, DANA = "kim@studio.example", "dana@studio.example"
ROUNDS = ("digest", "report")


def at(text: str) -> datetime:
    """A wall time of the studio in winter, such as "2026-01-07 08:30"."""
    return datetime.fromisoformat(f"{text}:00-05:00").astimezone(UTC)


def another(ref: str, manager: str = SAM) -> dict[str, Any]:
    return {
        **ORDER,
        "ref": ref,
        "project": f"Project {ref}",
        "account_manager": {"name": "Sam Ortiz", "email": manager},
    }


def take_on(studio: World, *orders: dict[str, Any]) -> None:
    file = studio.folder / "orders.json"
    file.write_text(json.dumps(orders), "utf-8")
    studio.cli("order", "import", str(file))


def rounds_at(studio: World, text: str) -> list[EmailMessage]:
    """The digests and reports that go out in a pass at that wall time."""
    studio.at = at(text)
    return [mail for mail in studio.run() if mail["X-Mailbot-Kind"] in ROUNDS]


@pytest.fixture
def there(pymap_server: Any, tmp_path: Path) -> Iterator[World]:
    """A studio with three orders of two account managers, on a Tuesday afternoon."""
    with world(pymap_server, tmp_path) as made:
        made.at = at("2026-01-06 15:00")
        take_on(made, {**ORDER}, another("ORD-2044"), another("ORD-2050", KIM))
        made.run()
        yield made


def test_each_goes_out_once_on_its_day(there: World) -> None:
    """Friday 16 January, the weekend, and a holiday on which only the report goes out."""
    assert rounds_at(there, "2026-01-07 08:29") == []
    first = rounds_at(there, "2026-01-07 08:30")
    assert sorted((mail["To"], mail["X-Mailbot-Order"]) for mail in first) == [
        (KIM, "ORD-2050"), (SAM, "ORD-2041,ORD-2044"),
    ]  # fmt: skip
    assert rounds_at(there, "2026-01-07 08:31") == []
    assert kinds(rounds_at(there, "2026-01-16 12:00")) == ["digest", "digest", "report"]  # that of Monday, late
    assert rounds_at(there, "2026-01-17 12:00") == []
    assert kinds(rounds_at(there, "2026-01-19 09:00")) == ["report"]  # a holiday
    last = rounds_at(there, "2026-01-21 08:00")
    assert last == []  # the morning of Tuesday is over
    there.cli("do", "ORD-2050", "close anyway")
    assert [mail["To"] for mail in rounds_at(there, "2026-01-21 08:30")] == [SAM]  # Kim has nothing to read


def test_what_is_to_come_is_forecast(there: World) -> None:
    there.at = at("2026-01-16 08:00")
    told = [(one["at"][:16], one["kind"], *one["to"]) for one in there.json("due", "--until", "2026-01-20")]
    assert [one for one in told if one[1] in ROUNDS] == [
        ("2026-01-16T13:00", "report", DANA),  # that of Monday, which nobody sent
        ("2026-01-16T13:30", "digest", KIM), ("2026-01-16T13:30", "digest", SAM),
        ("2026-01-19T14:00", "report", DANA),
        ("2026-01-20T13:30", "digest", KIM), ("2026-01-20T13:30", "digest", SAM),
    ]  # fmt: skip


def test_the_digest_tells_where_orders_stand(there: World) -> None:
    there.cli("do", REF, "ask design", "blocker Silk held at customs", "issue: Dye runs", "pause Waiting for the silk")
    there.run()
    mail = next(one for one in rounds_at(there, "2026-01-12 08:30") if one["To"] == SAM)
    text = text_of(mail)
    for line in (
        "0 held, 1 late payment, in 2 orders.", "Paused: Waiting for the silk.", "Late: INV-1, $6,000.00",
        "Issue ISS-1: Dye runs; the client does not know of it", "Blocker 1: Silk held at customs (since Jan 6, 2026)",
        "Waits on the client: Design approval, 6 days", "Ahead: Design approval, Friday, January 16, 2026",
        "To stop it: ORD-2044 hold weekly",
    ):  # fmt: skip
        assert line in text
    assert text.count("hold weekly") == 2  # of the coming Friday alone


@pytest.mark.parametrize("mode", ["shadow", "hold"])
def test_the_digest_goes_out_in_every_mode(pymap_server: Any, tmp_path: Path, mode: str) -> None:
    with world(pymap_server, tmp_path, mode=mode) as studio:
        studio.import_order()
        studio.run()
        text = text_of(the("digest", rounds_at(studio, "2026-01-08 08:30")))
    said = {"shadow": "(to you alone: shadow mode)", "hold": "(waits until you let it go)"}
    assert said[mode] in text
    assert ("Waits for you to let it go: invoice, M-" in text) is (mode == "hold")


def test_what_is_told_of_other_clients_is_no_evidence_of_an_order(there: World) -> None:
    rounds_at(there, "2026-01-07 08:30")
    assert "ORD-2044" not in there.cli("evidence", REF)
    assert "digest" in there.cli("evidence", "ORD-2050")  # of this order alone


def house_at(studio: World, text: str) -> tuple[House, datetime]:
    """The house of this studio, opened beside it, and a wall time."""
    return open_house(load_settings(studio.config)), at(text)


def test_dying_while_they_are_queued_loses_and_doubles_none(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    house, now = house_at(there, "2026-01-12 09:00")
    before = len(house.store.outbox())
    queue, calls = rounds.put_outgoing, itertools.count()

    def dies(*args: Any) -> None:
        if next(calls):
            raise KeyboardInterrupt
        queue(*args)

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "put_outgoing", dies)
        with pytest.raises(KeyboardInterrupt):
            rounds.go_round(house, now)
    assert len(house.store.outbox()) == before
    assert [rounds.go_round(house, now), rounds.go_round(house, now)] == [3, 0]
    house.close()


def test_one_that_cannot_be_written_stops_no_other(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    house, now = house_at(there, "2026-01-12 09:00")
    monkeypatch.setattr(rounds, "figures_of", lambda *_: 1 / 0)
    assert rounds.go_round(house, now) == 2
    assert rounds.go_round(house, now) == 0  # not every few seconds again
    house.close()


def test_a_store_that_is_busy_is_tried_again(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    house, now = house_at(there, "2026-01-12 09:00")

    def busy(*_: Any) -> None:
        raise StoreError("busy")

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "figures_of", busy)
        with pytest.raises(StoreError):
            rounds.go_round(house, now)
    assert rounds.go_round(house, now) == 3
    house.close()


def answer(studio: World, mail: EmailMessage, words: str) -> str:
    studio.answer(mail, words, sender=SAM)
    return text_of(the("command-result", studio.run()))


def sams(mails: list[EmailMessage]) -> EmailMessage:
    return next(mail for mail in mails if mail["To"] == SAM)


def test_an_answer_commands_several_orders(there: World) -> None:
    digest = sams(rounds_at(there, "2026-01-07 08:30"))
    told = answer(there, digest, "ORD-2041 hold weekly\nord-2044\npercent 40\nphase Patern\norder ORD-2050: percent 7")
    assert "ORD-2041 hold weekly" in told
    assert "ORD-2044 phase Patern" in told
    found = {ref: there.json("status", ref)["percent_complete"] for ref in (REF, "ORD-2044", "ORD-2050")}
    assert found == {REF: 0, "ORD-2044": 40, "ORD-2050": 7}
    coming = [(one["order"], one["kind"]) for one in there.json("due", "--until", "2026-01-10")]
    assert (REF, "weekly-update") not in coming
    assert ("ORD-2044", "weekly-update") in coming
    assert there.cli("evidence", "--verify")


def test_an_answer_that_names_no_order_is_told_how(there: World) -> None:
    digest = sams(rounds_at(there, "2026-01-07 08:30"))
    assert "begin the lines with it" in answer(there, digest, "hold weekly\nORD-2044 percent 40")
    assert there.json("status", "ORD-2044")["percent_complete"] == 0


def test_a_tap_in_the_digest_holds_the_update(there: World) -> None:
    digest = sams(rounds_at(there, "2026-01-07 08:30"))
    html = digest.get_body(("html",))
    assert html is not None
    assert re.search(
        r'href="mailto:orders@studio\.example\?subject=[^"]*body=ORD-2044%20hold%20weekly"', html.get_content()
    )
    there.deliver(new(SAM, BOT, f"Re: {digest['Subject']}", "ORD-2044 hold weekly", there.at, 900))
    assert "will not go out" in text_of(the("command-result", there.run()))


def test_the_report_says_what_the_command_line_says(there: World) -> None:
    mail = the("report", rounds_at(there, "2026-01-12 09:00"))
    told = there.json("report")
    assert (told["since"], told["until"], told["orders"], told["whole"]) == ("2026-01-05", "2026-01-11", 3, True)
    payments = next(one for one in told["figures"] if one["id"] == "payments")
    assert (payments["value"], payments["counted"], len(payments["misses"])) == (0.0, 3, 3)
    for miss in payments["misses"]:
        assert f"{miss['ref']}, {miss['project']}: {miss['what']}" in text_of(mail)
    assert "MISS Payments collected on schedule: 0.0 % of 3 (target 100 %)" in there.cli("report")


def test_a_week_of_the_past_is_told_as_it_stood(there: World) -> None:
    rounds_at(there, "2026-01-12 09:00")
    before = there.json("report")
    there.at = at("2026-01-20 12:00")
    there.cli("do", REF, "paid INV-1 on 2026-01-13")
    assert there.json("report", "--week", "2026-01-08") == before
    assert there.json("report", "--week", "2026-01-20")["whole"] is False
    there.cli("report", "--week", "2026-01-27", code=2)  # it has not begun


def test_files_for_several_orders_are_nobodys(there: World) -> None:
    mail = new(SAM, BOT, "Sketches", "ORD-2041 ask design\nORD-2044 ask design", there.at, 950)
    mail.add_attachment(b"a sketch", maintype="application", subtype="pdf", filename="sketch.pdf")
    there.deliver(mail)
    assert "write one mail for each order" in text_of(the("command-result", there.run()))
    assert there.json("status", REF)["requests"] == []
