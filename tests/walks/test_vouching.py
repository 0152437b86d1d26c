"""Approvals given elsewhere: vouched for with the client's mail or signature; mails that staff pass on."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage

import pytest

from mailbot.adapters.archive import Archive
from mailbot.settings import load_settings
from tests.walks.forwards import SHAPES, forward, raw
from tests.walks.programs import new
from tests.walks.world import ANN, BOT, REF, SAM, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
WORDS = "Hi Sam,\n\nYes, the sketches are approved. Lovely!\n\nAnn"
every_shape = pytest.mark.parametrize("shape", SHAPES)


def from_ann(studio: World, words: str = WORDS, sender: str = f"Ann Lee <{ANN}>") -> EmailMessage:
    """A mail that the client wrote to the account manager, with no mailbot anywhere near."""
    return new(sender, SAM, "The sketches", words, studio.at, 41)


def passed_on(
    studio: World, words: str, shape: str, original: EmailMessage | None = None, subject: str = f"Fwd: Sketches [{REF}]"
) -> list[EmailMessage]:
    mail = forward(new(SAM, BOT, subject, "", studio.at, 42), original or from_ann(studio), words, shape)
    studio.deliver(mail)
    return studio.run()


def milestone(studio: World, key: str = "design") -> dict[str, object]:
    return next(m for m in studio.status()["milestones"] if m["key"] == key)


def archive(studio: World) -> Archive:
    return Archive(load_settings(studio.config).archive.path)


@every_shape
def test_an_approval_is_vouched_for_with_the_clients_mail(studio: World, shape: str) -> None:
    out = passed_on(studio, f"vouch design by {ANN}", shape)
    assert kinds(out) == ["booked", "command-result", "receipt"]
    found = milestone(studio)
    assert (found["status"], found["how"], found["approved_by"]) == ("approved", "vouched", ANN)
    assert studio.status()["phase"] == "Pattern"
    booked = " ".join(text_of(the("booked", out)).split())
    assert "Yes, the sketches are approved. Lovely!" in booked
    assert f"vouched for by {SAM}" in booked
    assert the("receipt", out)["To"] == ANN


def test_the_original_is_kept_as_it_came(studio: World) -> None:
    original = from_ann(studio)
    passed_on(studio, f"vouch design by {ANN}", "attached", original)
    kept = archive(studio)
    keys = [path.name.removesuffix(".gz") for path in kept.path.glob("??/*.gz")]
    assert any(b"Subject: The sketches" in (data := kept.get(key)) and data.startswith(b"From: Ann") for key in keys)


@every_shape
def test_an_open_question_is_answered_by_it(studio: World, shape: str) -> None:
    studio.cli("do", REF, "ask design")
    studio.run()
    passed_on(studio, f"vouch design by {ANN}", shape)
    (request,) = studio.status()["requests"]
    assert (request["state"], request["answer"]) == ("answered", "approve")


@every_shape
@pytest.mark.parametrize("words", ["", "FYI", "Ann likes it, see below."])
def test_a_mail_that_is_passed_on_decides_nothing_and_is_offered_for_vouching(
    studio: World, shape: str, words: str
) -> None:
    studio.cli("do", REF, "ask design")
    studio.run()
    out = passed_on(studio, words, shape)
    assert kinds(out) == ["command-result"]
    told = " ".join(text_of(out[0]).split())
    assert "Yes, the sketches are approved. Lovely!" in told
    assert f"vouch design by {ANN}" in told
    assert milestone(studio)["status"] == "asked"


def test_the_order_is_found_by_the_client_whose_mail_it_is(studio: World) -> None:
    out = passed_on(studio, "FYI", "gmail", subject="Fwd: The sketches")
    assert out[0]["X-Mailbot-Order"] == REF
    assert f"on the record of {REF}" in " ".join(text_of(out[0]).split())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("vouch design by bob@client.example", "may not decide"),
        ("vouch desing by ann@client.example", "did you mean design"),
        ("vouch delivery by ann@client.example", "needs no approval"),
        ("vouch CO-1 by ann@client.example", "there is no CO-1"),
        ("vouch design", "did you mean something like: vouch design by"),
    ],
)
def test_what_cannot_be_vouched_for_is_refused_with_the_reason(studio: World, line: str, why: str) -> None:
    out = passed_on(studio, f"percent 10\n{line}", "gmail")
    assert kinds(out) == ["command-result"]
    assert why in " ".join(text_of(out[0]).split())
    assert milestone(studio)["status"] == "planned"


def test_a_mail_of_somebody_else_vouches_for_nothing(studio: World) -> None:
    other = from_ann(studio, sender="Bob <bob@client.example>")
    out = passed_on(studio, f"vouch design by {ANN}", "attached", other)
    assert "is from bob@client.example, not from" in " ".join(text_of(out[0]).split())
    studio.write(SAM, f"Sketches [{REF}]", f"vouch design by {ANN}")
    out = studio.run()
    assert f"nothing of {ANN} is enclosed" in " ".join(text_of(out[0]).split())
    assert milestone(studio)["status"] == "planned"


def test_nobody_vouches_without_proof_or_for_being_the_client(studio: World) -> None:
    mail = forward(
        new(SAM, BOT, f"x [{REF}]", "", studio.at, 43), from_ann(studio), f"vouch design by {ANN}", "attached"
    )
    studio.deliver(mail, proven=False)
    assert kinds(studio.run()) == ["held"]
    mail = forward(
        new(ANN, BOT, f"x [{REF}]", "", studio.at, 44), from_ann(studio), f"vouch design by {ANN}", "attached"
    )
    studio.deliver(mail)
    assert "receipt" not in kinds(studio.run())
    assert milestone(studio)["status"] == "planned"


def test_a_signed_addendum_approves_a_change_order_and_goes_on_record(studio: World) -> None:
    studio.cli("do", REF, "change order: Cape", "Cape: 3000.00", "days +5", "send")
    studio.run()
    paper = b"%PDF-1.7\nsigned by Ann\n%%EOF\n"
    mail = new(SAM, BOT, f"Addendum [{REF}]", f"vouch CO-1 by {ANN}", studio.at, 45)
    mail.add_attachment(paper, maintype="application", subtype="octet-stream", filename="addendum.bin")
    studio.deliver(mail)
    out = studio.run()
    assert {"booked", "command-result", "receipt"} <= set(kinds(out))
    status = studio.status()
    assert (status["total"], status["delivery"]) == ("15000.00", "2026-03-25")
    assert [i["amount"] for i in status["invoices"] if i["kind"] == "change-order-deposit"] == ["1500.00"]
    assert archive(studio).get(hashlib.sha256(paper).hexdigest()) == paper


def test_the_shell_takes_the_mail_as_a_file(studio: World) -> None:
    file = studio.folder / "ann.eml"
    file.write_bytes(raw(from_ann(studio)))
    studio.cli("do", REF, f"vouch design by {ANN}", "--attach", str(file))
    assert milestone(studio)["how"] == "vouched"
    assert archive(studio).get(hashlib.sha256(file.read_bytes()).hexdigest()) == file.read_bytes()


def test_it_can_be_taken_back(studio: World) -> None:
    passed_on(studio, f"vouch design by {ANN}", "attached")
    studio.cli("do", REF, "undo design")
    assert milestone(studio)["status"] == "planned"
    assert studio.status()["phase"] == "Design"
