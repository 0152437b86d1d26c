"""A studio whose mail server says nothing about senders: signatures prove them, and how is told wherever it counts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from tests.servers.names import Names
from tests.signing import Signer, ed25519
from tests.walks.programs import gmail, new
from tests.walks.world import ANN, BOT, REF, SAM, World, kinds, text_of, the, world

CLIENT = Signer("client.example")
STUDIO = Signer("studio.example", "ed", "ed25519-sha256", ed25519())
HOW = "dkim=pass d=client.example verified here (rsa-sha256, 2048 bits, selector s1)"


@pytest.fixture
def names() -> Iterator[Names]:
    server = Names()
    for signer in (CLIENT, STUDIO):
        server.records[signer.name] = (signer.record(),)
    yield server
    server.stop()


@pytest.fixture
def studio(pymap_server: Any, tmp_path: Path, names: Names) -> Iterator[World]:
    trust = f'verify_dkim = true\nnameservers = ["{names.place}"]'
    with world(pymap_server, tmp_path, trust=trust) as made:
        made.import_order()
        made.run()
        yield made


def arrives(studio: World, mail: EmailMessage | bytes, signer: Signer) -> list[EmailMessage]:
    """A mail comes in with nothing but its signature."""
    data = mail if isinstance(mail, bytes) else mail.as_bytes(policy=SMTP)
    studio.server.deliver(studio.user, signer.sign(data))
    return studio.run()


def asked(studio: World) -> EmailMessage:
    """Sam asks by mail; his signature is his proof as well."""
    return the(
        "approval-request", arrives(studio, new(SAM, BOT, f"Design [{REF}]", "ask design", studio.at, 1), STUDIO)
    )


def test_the_level_of_proof_is_stored_and_shown(studio: World) -> None:
    question = asked(studio)
    answer = gmail(question, ANN, "Approved!", studio.at, 2)
    saved = studio.folder / "answer.eml"
    saved.write_bytes(CLIENT.sign(answer.as_bytes(policy=SMTP)))
    explained = studio.json("explain", str(saved))
    assert explained["proven"] == {"ok": True, "how": HOW}
    assert explained["verdict"] == "approve"
    out = arrives(studio, answer, CLIENT)
    assert kinds(out) == ["booked", "receipt"]
    assert HOW in " ".join(text_of(the("booked", out)).split())
    assert HOW in studio.cli("export", at=False)
    zipped = studio.folder / "x.zip"
    studio.cli("evidence", REF, "--out", str(zipped))
    with zipfile.ZipFile(zipped) as package:
        pages = [package.read(name).decode("utf-8", "replace") for name in package.namelist() if name.endswith(".txt")]
    assert any(HOW in " ".join(page.split()) for page in pages)


def test_a_key_that_cannot_be_had_holds_the_mail_and_a_person_decides(studio: World, names: Names) -> None:
    question = asked(studio)
    names.records[CLIENT.name] = None
    out = arrives(studio, gmail(question, ANN, "Approved!", studio.at, 2), CLIENT)
    assert kinds(out) == ["held"]
    (held,) = studio.json("held")
    assert "no name server has answered for s1._domainkey.client.example" in held["because"]
    names.records[CLIENT.name] = (CLIENT.record(),)
    done = arrives(studio, gmail(the("held", out), SAM, "approve", studio.at, 3), STUDIO)
    assert "receipt" in kinds(done)
    assert studio.status()["milestones"][0]["how"] == "held-confirmed"


def test_nobody_we_do_not_know_makes_us_ask_for_keys(studio: World, names: Names) -> None:
    evil = Signer("evil.example")
    before = len(names.asked)
    arrives(studio, new("mallory@evil.example", BOT, "Hello", "Approved!", studio.at, 9), evil)
    arrives(studio, new(ANN, BOT, "Hello", "Approved!", studio.at, 10), evil)
    assert len(names.asked) == before


def test_a_mail_that_staff_vouch_with_shows_who_signed_it(studio: World) -> None:
    inner = CLIENT.sign(new(ANN, SAM, "The sketches", "They are approved.", studio.at, 41).as_bytes(policy=SMTP))
    outer = (
        f"From: {SAM}\r\nTo: {BOT}\r\nSubject: Fwd: Sketches [{REF}]\r\nDate: Tue, 06 Jan 2026 10:00:00 -0500\r\n"
        "Message-ID: <42@studio.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\nvouch design by {ANN}\r\n"
        "--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n"
    ).encode() + inner + b"\r\n--b--\r\n"  # fmt: skip
    out = arrives(studio, outer, STUDIO)
    said = " ".join(text_of(the("booked", out)).split())
    assert f"vouched for by {SAM}; attached as it came; {HOW}" in said


def test_check_looks_whether_keys_can_be_had(studio: World, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.app.check.rule_findings", lambda _rules, _templates: iter(()))  # takes a while
    found = {one["what"]: one for one in studio.json("check")}
    assert found[f"DNS: {names.place}"]["level"] == "OK"
    names.records["_dmarc.studio.example"] = None
    (failed,) = [one for one in studio.json("check", code=1) if one["level"] == "FAIL"]
    assert failed["what"] == f"DNS: no answer from {names.place}: no signature can be verified"
    assert "trust.nameservers" in failed["mend"]


def test_nothing_is_asked_where_signatures_are_not_verified(
    pymap_server: Any, tmp_path: Path, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.app.check.rule_findings", lambda _rules, _templates: iter(()))
    with world(pymap_server, tmp_path, trust=f'nameservers = ["{names.place}"]') as made:
        made.import_order()
        made.run()
        made.write(SAM, f"Design [{REF}]", "ask design")
        question = the("approval-request", made.run())
        assert kinds(arrives(made, gmail(question, ANN, "Approved!", made.at, 2), CLIENT)) == ["held"]
        assert not [one for one in made.json("check") if one["what"].startswith("DNS")]
    assert names.asked == []
