"""Who may decide, as an account manager and a client see it: what is written, told, shown and kept."""

from __future__ import annotations

import json
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.walks.programs import PROGRAMS
from tests.walks.stage import border
from tests.walks.world import ANN, ORDER, REF, SAM, ImapServer, World, kinds, text_of, the, world

on_one_server = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
BEN, PA = "ben@client.example", "pa@client.example"
AWAY = "I am away until 3 March, please take Ben's word until then."


def limited(studio: World, limits: dict[str, Any]) -> None:
    """The order taken on with an assistant who may decide up to some amount."""
    client = {**ORDER["client"], "emails": [ANN, PA], "approvers": [ANN, PA], "limits": limits}  # type: ignore[dict-item]
    studio.import_order(ref="ORD-2050", client=client)


def ask_for_sequins(studio: World, ref: str = REF) -> EmailMessage:
    studio.cli("do", ref, "change order: Sequins on the train\nSequins: 450.00\nLabour: 800.00\nsend")
    return the("change-order", studio.run())


def words(mail: EmailMessage) -> str:
    return " ".join(text_of(mail).split())


@on_one_server
def test_a_limit_of_the_order_file_holds_and_names_both_numbers(studio: World) -> None:
    limited(studio, {PA: "500.00"})
    asked = ask_for_sequins(studio, "ORD-2050")
    studio.answer(asked, "Yes, please go ahead.", sender=PA)
    (held,) = studio.run()
    assert f"over the limit: CO-1 is 1250.00 USD, and {PA} may decide up to 500.00 USD" in words(held)
    assert "and add approver" not in words(held)
    studio.answer(held, "approve", sender=SAM)
    assert "over the limit" in words(the("command-result", studio.run()))
    studio.answer(asked, "Yes, please go ahead.")
    assert kinds(studio.run()) == ["booked", "receipt"]
    assert f"{PA}: approver, up to 500.00 USD each" in studio.cli("status", "ORD-2050")


@on_one_server
def test_a_wrong_limit_is_no_order(studio: World) -> None:
    file = studio.folder / "order.json"
    client = {**ORDER["client"], "limits": {PA: "500.00"}}  # type: ignore[dict-item]
    file.write_text(json.dumps({**ORDER, "ref": "ORD-2051", "client": client}), "utf-8")
    studio.cli("order", "import", str(file), code=2)
    assert [one["ref"] for one in studio.json("order", "list")] == [REF]


@on_one_server
def test_a_delegate_from_the_word_of_an_approver_to_the_evidence(studio: World) -> None:
    asked = ask_for_sequins(studio)
    studio.answer(asked, AWAY)
    held = the("held", studio.run())
    studio.answer(held, f"delegate {BEN} until 2026-03-03 up to 1500", sender=SAM)
    out = studio.run()
    assert kinds(out) == ["command-result", "receipt"]
    assert f"{BEN} may decide (delegate in the place of {ANN} until 2026-03-03, up to 1500.00 USD each)" in words(
        the("command-result", out)
    )
    notice = the("receipt", out)
    assert notice["To"] == ANN
    assert f"Until Tuesday, March 3, 2026 {BEN} may decide about Cinderella ball gowns in the place of {ANN}" in words(
        notice
    )
    assert studio.status()["held"] == [], "her mail is dealt with"
    (delegate,) = studio.status()["delegates"]
    assert (delegate["address"], delegate["until"], delegate["each"]) == (BEN, "2026-03-03", "1500.00")

    studio.answer(asked, "Yes, please go ahead.", sender=BEN)
    out = studio.run()
    right = f"delegate in the place of {ANN} until 2026-03-03, up to 1500.00 USD each"
    assert f"By what right: {right}" in words(the("booked", out))
    assert set(the("receipt", out)["To"].split(", ")) == {ANN, BEN}
    studio.cli("evidence", REF, "--verify")
    studio.cli("evidence", REF, "--out", str(studio.folder / "e.zip"))
    with zipfile.ZipFile(studio.folder / "e.zip") as package:
        record = next(package.read(name).decode() for name in package.namelist() if name.endswith(".txt"))
    assert right in record
    assert "Who may decide in the place of an approver was changed" in record


@on_one_server
def test_a_question_goes_to_the_delegate_as_well_as_long_as_he_is_one(studio: World) -> None:
    studio.cli("do", REF, f"delegate {BEN} until 2026-01-07", "ask design")
    assert set(the("approval-request", studio.run())["To"].split(", ")) == {ANN, BEN}
    studio.later(days=2)
    studio.cli("do", REF, "ask fabric")
    assert the("approval-request", studio.run())["To"] == ANN
    assert BEN not in studio.cli("status", REF)


@on_one_server
def test_a_colleague_is_added_by_return_of_mail_and_the_approver_hears_of_it(studio: World) -> None:
    asked = ask_for_sequins(studio)
    studio.answer(asked, "Yes, please go ahead.", sender=BEN)
    held = the("held", studio.run())
    assert "answer: approve and add approver" in words(held)
    studio.answer(held, "add approver", sender=SAM)
    out = studio.run()
    assert "still waits" in words(the("command-result", out))
    assert f"From now on {BEN} may decide about Cinderella ball gowns." in words(the("receipt", out))
    assert the("receipt", out)["To"] == ANN
    assert studio.status()["change_orders"][0]["status"] == "sent"
    studio.answer(held, "approve", sender=SAM)
    assert f"confirmed by {SAM}; dmarc=pass by mx.studio.example" in words(the("booked", studio.run()))
    assert studio.status()["change_orders"][0]["status"] == "approved"


def unproven(studio: World, asked: EmailMessage, result: str, number: int) -> None:
    """Ann approves; the border finds this."""
    answer = PROGRAMS["gmail"](asked, ANN, "Approved!", studio.at, number)
    studio.server.deliver(studio.user, border(answer, result))


@on_one_server
def test_an_accepted_sender_is_on_record_as_that(studio: World) -> None:
    studio.cli("do", REF, "ask design", "ask fabric", "ask final-fitting")
    design, fabric, final = [mail for mail in studio.run() if mail["X-Mailbot-Kind"] == "approval-request"]
    unproven(studio, design, "none", 71)
    held = the("held", studio.run())
    assert f"answer: approve and accept {ANN}" in words(held)
    studio.answer(held, f"approve and accept {ANN}", sender=SAM)
    out = studio.run()
    assert kinds(out) == ["booked", "receipt", "receipt"]
    assert f"confirmed by {SAM}; not proven: dmarc=none" in words(the("booked", out))
    assert [one["address"] for one in studio.status()["accepted"]] == [ANN]
    assert f"accepted without proof, by {SAM}: {ANN}" in studio.cli("status", REF)

    unproven(studio, fabric, "none", 72)
    booked = the("booked", studio.run())
    assert f"Sender proven: accepted by {SAM} on 2026-01-06, token only" in words(booked)
    unproven(studio, final, "fail", 73)
    held = the("held", studio.run())
    assert "and accept" not in words(held), "what speaks against the sender is never accepted"
    studio.answer(held, "approve and accept", sender=SAM)
    assert "such mail is never accepted" in words(the("command-result", studio.run()))


def test_a_studio_that_accepts_tokens_alone_takes_no_money_and_nothing_forged(
    pymap_server: ImapServer, tmp_path: Path
) -> None:
    with world(pymap_server, tmp_path, unproven="accept") as trusting:
        trusting.import_order()
        trusting.run()
        trusting.cli("do", REF, "ask design", "ask fabric")
        design, fabric = [mail for mail in trusting.run() if mail["X-Mailbot-Kind"] == "approval-request"]
        sequins = ask_for_sequins(trusting)
        unproven(trusting, design, "none", 81)
        assert "Sender proven: token only" in words(the("booked", trusting.run()))
        unproven(trusting, fabric, "fail", 82)
        assert "dmarc=fail" in words(the("held", trusting.run()))
        unproven(trusting, sequins, "none", 83)
        assert "dmarc=none" in words(the("held", trusting.run()))
        assert [one["key"] for one in trusting.status()["milestones"] if one["status"] == "approved"] == ["design"]
        assert trusting.status()["change_orders"][0]["status"] == "sent"


@on_one_server
def test_the_account_manager_hears_who_else_named_somebody(studio: World) -> None:
    studio.write("dana@studio.example", f"Who decides [{REF}]", f"approver {BEN}")
    assert "this is for staff to say" in words(the("command-result", studio.run()))
    studio.cli("do", REF, f"approver {BEN}")  # at the shell: not Sam
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    assert the("booked", out)["To"] == SAM
    assert f"{BEN}: may decide" in words(the("booked", out))
    assert "undo" not in words(the("booked", out))


@on_one_server
def test_who_was_named_is_forgotten_with_the_client(studio: World) -> None:
    studio.cli(
        "do", REF, f"approver {PA}", f"delegate {BEN} for {ANN} until 2026-03-03", f"approver {PA} off", "close anyway"
    )
    studio.run()
    studio.cli("forget", ANN, "--yes")
    left = studio.cli("export")
    assert not [address for address in (ANN, BEN, PA) if address in left]
    studio.cli("evidence", REF, "--verify")
