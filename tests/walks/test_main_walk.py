"""The main job, whole: asked, answered in plain words, read, booked, confirmed; what is not plain is put to staff."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.walks.world import ANN, REF, SAM, World, kinds, text_of, the, world


def ask_design(studio: World) -> list:  # type: ignore[type-arg]
    studio.write(SAM, f"Design [{REF}]", "ask design\n\n-- \nSam Ortiz\nAtelier Nord")
    return studio.run()


def milestone(studio: World, key: str) -> dict[str, object]:
    return next(m for m in studio.status()["milestones"] if m["key"] == key)


@pytest.mark.parametrize("program", ["gmail", "outlook", "apple", "plain"])
def test_an_approval_by_ordinary_mail_is_booked_and_confirmed(studio: World, program: str) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.later(hours=1)
    studio.answer(asked, "Approved!", program=program)
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    assert milestone(studio, "design") == {
        "key": "design", "name": "Design approval", "status": "approved", "due": "2026-01-16", "approved_by": ANN,
        "approved_at": "2026-01-06T16:00:00.000000Z", "how": "replied", "wishes": [], "fit_notes": [],
    }  # fmt: skip
    assert studio.status()["phase"] == "Pattern"
    receipt = the("receipt", out)
    assert receipt["To"] == ANN
    assert receipt["In-Reply-To"] is not None
    assert receipt["Subject"].count(f"[{REF}]") == 1


def test_a_request_carries_its_token_in_address_id_and_body(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    token = studio.status()["requests"][0]["id"]
    assert token in asked["Reply-To"]
    assert token in asked["Message-ID"]
    assert token in text_of(asked)
    html = asked.get_body(("html",))
    assert html is not None
    assert token in html.get_content()


def test_a_change_order_moves_the_total_and_the_date(studio: World) -> None:
    studio.cli("do", REF, "change order: Sequins on the train", "Sequins: 450.00", "Labour: 800.00", "days +5", "send")
    asked = the("change-order", studio.run())
    assert "$13,250.00" in text_of(asked)
    studio.answer(asked, "Yes, please go ahead.")
    out = studio.run()
    status = studio.status()
    assert (status["total"], status["delivery"]) == ("13250.00", "2026-03-25")
    assert status["change_orders"][0]["status"] == "approved"
    assert "$13,250.00" in text_of(the("receipt", out))


@pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)
def test_an_order_in_yen_has_no_cents_from_the_item_to_the_deposit(studio: World) -> None:
    studio.import_order(ref="ORD-2042", currency="JPY", total="120000")
    studio.run()
    studio.later(hours=2)
    studio.write(SAM, "Cape [ORD-2042]", "change order: Cape\nSilk: ¥45,001\nBraid: 1.250\nsend")
    assert "no amount" in text_of(the("command-result", studio.run()))
    studio.write(SAM, "Cape [ORD-2042]", "change order: Cape\nSilk: ¥45,001\nsend")
    asked = the("change-order", studio.run())
    assert "¥165,001" in text_of(asked)
    studio.answer(asked, "Yes, please go ahead.")
    studio.run()
    status = studio.json("status", "ORD-2042")
    assert status["total"] == "165001"
    assert [i["amount"] for i in status["invoices"]] == ["60000", "30000", "52500", "22501"]


def test_a_change_order_by_mail_is_the_same_language(studio: World) -> None:
    studio.write(
        SAM, f"CO [{REF}]", "change order: Sequins\nSequins: 450.00\ndays +5\nsend\n\npercent 40\nnonsense here"
    )
    out = studio.run()
    assert kinds(out) == ["change-order", "command-result"]
    result = text_of(the("command-result", out))
    assert "nonsense here" in result
    assert studio.status()["percent_complete"] == 40


@pytest.mark.parametrize(("word", "status"), [("approve", "approved"), ("changes", "changes"), ("dismiss", "asked")])
def test_a_conditional_reply_is_held_and_settled_by_one_reply(studio: World, word: str, status: str) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.answer(asked, "Approved once the hem is fixed.")
    held = the("held", studio.run())
    assert "Approved once the hem is fixed." in text_of(held)
    assert milestone(studio, "design")["status"] == "asked"
    (entry,) = studio.status()["held"]
    assert (entry["from"], entry["guess"], entry["about"]) == (ANN, "changes", "design")
    studio.answer(held, f"{word}\n\nSam", sender=SAM)
    out = studio.run()
    assert milestone(studio, "design")["status"] == status
    assert studio.status()["held"] == []
    assert kinds(out) == (["command-result"] if word == "dismiss" else ["booked", "receipt"])
    if word == "approve":
        assert milestone(studio, "design")["how"] == "held-confirmed"


def test_a_held_reply_is_settled_from_the_shell_once(studio: World) -> None:
    studio.answer(the("approval-request", ask_design(studio)), "Approved once the hem is fixed.")
    studio.run()
    (entry,) = studio.json("held")
    studio.cli("held", "approve", entry["id"])
    assert milestone(studio, "design")["status"] == "approved"
    studio.cli("held", "decline", entry["id"], code=1)
    assert kinds(studio.run()) == ["booked", "receipt"]


def test_an_answer_from_an_unproven_sender_is_held(studio: World) -> None:
    studio.answer(the("approval-request", ask_design(studio)), "Approved!", proven=False)
    assert kinds(studio.run()) == ["held"]
    assert "not proven" in studio.status()["held"][0]["because"]


def test_an_answer_from_somebody_else_is_held(studio: World) -> None:
    studio.answer(the("approval-request", ask_design(studio)), "Approved!", sender="bob@client.example")
    assert kinds(studio.run()) == ["held"]
    assert milestone(studio, "design")["status"] == "asked"


def test_an_answer_to_an_old_revision_books_nothing_and_says_what_is_open(studio: World) -> None:
    old = the("approval-request", ask_design(studio))
    studio.later(hours=1)
    ask_design(studio)
    studio.answer(old, "Approved!")
    out = studio.run()
    assert kinds(out) == ["held", "question-back"]
    assert milestone(studio, "design")["status"] == "asked"


def test_a_second_yes_books_nothing(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.answer(asked, "Approved!")
    studio.run()
    before = studio.status()
    studio.answer(asked, "Yes, approved!")
    assert "receipt" not in kinds(studio.run())
    assert studio.status()["milestones"] == before["milestones"]


def test_a_yes_to_a_receipt_approves_nothing_else_that_is_open(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    studio.cli("do", REF, "change order: Sequins", "Sequins: 450.00", "send")
    studio.answer(asked, "Approved!")
    receipt = the("receipt", studio.run())
    studio.answer(receipt, "Yes, perfect, approved!")
    studio.run()
    assert studio.status()["change_orders"][0]["status"] == "sent"


@pytest.mark.parametrize("words", ["Thanks, I will look at it tonight.", "Can you send me the drawing again?"])
def test_what_decides_nothing_leaves_the_request_open(studio: World, words: str) -> None:
    studio.answer(the("approval-request", ask_design(studio)), words)
    studio.run()
    assert milestone(studio, "design")["status"] == "asked"


def test_the_same_mail_fetched_or_delivered_twice_has_one_effect(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    mail = studio.answer(asked, "Approved!")
    studio.deliver(mail)
    out = studio.run()
    studio.deliver(mail)
    assert kinds(out + studio.run()) == ["booked", "receipt"]


def test_another_mail_under_the_same_id_is_set_aside(studio: World) -> None:
    asked = the("approval-request", ask_design(studio))
    mail = studio.answer(asked, "Thanks, will look.")
    studio.run()
    mail.get_body(("plain",)).set_content("Approved!")  # type: ignore[union-attr]
    studio.deliver(mail)
    studio.run()
    assert milestone(studio, "design")["status"] == "asked"
    assert len(studio.json("held")) == 1


def test_staff_without_proof_command_nothing(studio: World) -> None:
    studio.write(SAM, f"Design [{REF}]", "ask design", proven=False)
    assert kinds(studio.run()) == ["held"]
    assert milestone(studio, "design")["status"] == "planned"


def test_correspondence_with_the_client_in_copy_is_on_record_and_commands_are_marked(studio: World) -> None:
    from tests.walks.programs import new

    mail = new(SAM, ANN, f"Your gowns [{REF}]", "Dear Ann,\nask design\n@bot percent 30\nSam", studio.at, 900)
    mail["Cc"] = "orders@studio.example"
    studio.deliver(mail)
    out = studio.run()
    assert kinds(out) == ["command-result"]
    assert out[0]["To"] == SAM
    assert studio.status()["percent_complete"] == 30
    assert milestone(studio, "design")["status"] == "planned"


def test_mails_are_filed_where_they_belong(studio: World) -> None:
    studio.answer(the("approval-request", ask_design(studio)), "Approved once the hem is fixed.")
    studio.run()
    folders = studio.folders()
    assert folders["INBOX"] == 0
    assert folders["mailbot/Done"] == 1
    assert folders["mailbot/Held"] == 1


def test_in_shadow_mode_the_client_gets_nothing_and_the_account_manager_sees_it(
    tmp_path: Path, pymap_server: object
) -> None:
    with world(pymap_server, tmp_path, mode="shadow") as studio:  # type: ignore[arg-type]
        studio.import_order()
        out = studio.run()
        studio.cli("do", REF, "ask design")
        out += studio.run()
        assert ANN not in {str(mail["To"]) for mail in out}
        assert "shadow" in kinds(out)
        assert {row["state"] for row in studio.json("outbox") if row["kind"] == "approval-request"} == {"shadow"}
