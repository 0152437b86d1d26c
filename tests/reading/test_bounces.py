"""Delivery reports: recognised in all their dialects, and read for recipient, action and status."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.reading.automatic import OwnAddresses, origin
from mailbot.reading.bounce_text import split_notice
from mailbot.reading.delivery_status import class_of_reply, read_status, status_in
from mailbot.reading.message import parse
from mailbot.rules.machines import Machines, load_machines

ROOT = Path(__file__).resolve().parents[2]
MAIL = ROOT / "tests" / "mail" / "machines"
SHARED = ROOT.parent / "shared" / "mail" / "bounces"
OWN = OwnAddresses("orders@studio.example", "bot.studio.example")
ANN = "ann@client.example"

# address, action, status as our own reports tell them; the rest of the corpus is in test_shared.
REPORTS: dict[str, list[tuple[str, str, str | None]]] = {
    "bounce-dsn-two": [(ANN, "failed", "5.1.1"), ("bob@client.example", "failed", "5.2.2")],
    "bounce-dsn-delayed": [(ANN, "delayed", "4.4.7")],
    "bounce-dsn-relayed": [(ANN, "relayed", "2.0.0")],
    "bounce-dsn-expanded": [("all@client.example", "expanded", "2.0.0")],
    "bounce-dsn-global": [("anné@client.example", "failed", "5.1.1")],
    "bounce-dsn-original-differs": [(ANN, "failed", "5.1.1")],
    "bounce-dsn-x400": [(ANN, "failed", "5.1.2")],
    "bounce-dsn-odd-words": [(ANN, "failed", "5.2.1")],
    "bounce-dsn-truncated": [(ANN, "failed", "5.1.1")],
    "bounce-dsn-no-boundary": [(ANN, "failed", "5.5.0")],
    "bounce-wrapped-by-gateway": [(ANN, "delayed", "4.4.7")],
    "bounce-dovecot-rejected": [(ANN, "failed", None)],
    "bounce-ses-notification": [(ANN, "failed", "5.1.1")],
    "bounce-qmail": [(ANN, "failed", "5.1.1"), ("bob@client.example", "failed", "5.4.6")],
    "bounce-exim-frozen": [(ANN, "failed", None)],
    "bounce-exim-rejected": [(ANN, "failed", "5.7.1")],
    "bounce-postfix-old": [(ANN, "failed", "5.0.0")],
    "bounce-sendmail-v5": [(ANN, "failed", "5.1.1")],
    "bounce-exchange-5": [(ANN, "failed", None)],
    "bounce-exchange-plain": [(ANN, "failed", "5.1.1")],
    "bounce-domino": [(ANN, "failed", None)],
    "bounce-groupwise": [(ANN, "failed", "4.0.0")],
    "bounce-mdaemon": [(ANN, "failed", None)],
    "bounce-courier": [(ANN, "failed", "5.1.1")],
    "bounce-yahoo": [(ANN, "failed", "5.1.1")],
    "bounce-james": [(ANN, "failed", "5.1.1")],
    "bounce-imail": [(ANN, "failed", "5.0.0")],
    "bounce-interscan": [(ANN, "failed", "5.1.1")],
    "bounce-mailfoundry": [(ANN, "failed", "5.0.0")],
    "bounce-mailenable": [(ANN, "failed", "5.1.1")],
    "bounce-docomo": [(ANN, "failed", "5.0.0")],
    "bounce-softbank": [(ANN, "failed", None)],
    "bounce-german": [(ANN, "failed", "5.2.2")],
    "bounce-french": [(ANN, "failed", None)],
    "bounce-russian": [(ANN, "failed", "5.1.1")],
    "bounce-chinese": [(ANN, "failed", "5.0.0")],
    "bounce-spanish": [(ANN, "failed", "5.1.1")],
    "bounce-facebook": [(ANN, "failed", None)],
    "bounce-verizon": [(ANN, "failed", None)],
    "bounce-fml": [(ANN, "failed", None)],
    "bounce-google-blocked": [(ANN, "failed", "5.7.26")],
    "bounce-gmx": [(ANN, "failed", "5.1.1")],
    "bounce-mfilter": [(ANN, "failed", "5.1.1")],
    "bounce-kddi": [(ANN, "failed", None)],
    "bounce-returned-to-only": [(ANN, "failed", None)],
    "bounce-html-only": [(ANN, "failed", "5.1.10")],
    "bounce-virus-wall": [(ANN, "failed", None)],
    "bounce-attachment-only-original": [],
}


@pytest.fixture(scope="module")
def machines() -> Machines:
    return load_machines()


@pytest.mark.parametrize("name", REPORTS)
def test_report(name: str, machines: Machines) -> None:
    found = origin(parse((MAIL / f"{name}.eml").read_bytes()), machines.rules, OWN)
    assert found.kind == "bounce", found.because
    assert [(one.address, one.action, one.status) for one in found.failed] == REPORTS[name]


def test_each_mail_of_the_folder_is_tested() -> None:
    assert {path.stem for path in MAIL.glob("bounce-*.eml")} == set(REPORTS)


def test_the_mail_that_came_back_is_named(machines: Machines) -> None:
    for name in ("bounce-dsn-two", "bounce-qmail", "bounce-gmx", "bounce-ses-notification", "bounce-returned-to-only"):
        found = origin(parse((MAIL / f"{name}.eml").read_bytes()), machines.rules, OWN)
        assert found.original_id == "m1.k4@bot.studio.example", name


def test_the_address_that_we_wrote_to_is_kept_beside_the_final_one(machines: Machines) -> None:
    status = "Final-Recipient: rfc822; root@inner.client.example\nOriginal-Recipient: rfc822;ann@client.example\n"
    (found,) = read_status(status, machines.rules.bounces.actions)
    assert (found.address, found.original) == ("root@inner.client.example", ANN)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 <ann@client.example>... User unknown", "5.1.1"),
        ("(#5.5.0)", "5.5.0"),
        ("550-5.7.26 policy 550 5.7.26 x", "5.7.26"),
        ("5.0.0 then 5.2.2", "5.2.2"),
        ("host mx[192.5.1.1] said", None),
        ("at 10.5.1.1 or 5.1.1.9", None),
        ("Exim 4.72 sendmail 8.14.4", None),
        ("version V4.6.1", None),
        ("2.0.0 ok but 4.2.2 full", "4.2.2"),
        ("nothing", None),
    ],
)
def test_status_is_only_what_is_stated(text: str, status: str | None) -> None:
    assert status_in(text) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("said: 550 no", "5.0.0"),
        ("<<< 450 busy", "4.0.0"),
        ("at 10:55 in room 555x", None),
        ("tel. 212-555-0101", None),
        ("[192.0.2.550]", None),
        ("port 465", None),
    ],
)
def test_a_reply_code_gives_its_class(text: str, status: str | None) -> None:
    assert class_of_reply(text) == status


def test_status_of_the_diagnostic_where_it_says_more(machines: Machines) -> None:
    actions = machines.rules.bounces.actions
    head = "Final-Recipient: rfc822; ann@client.example\nAction: failed\n"
    assert read_status(head + "Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 x", actions)[0].status == "5.1.1"
    assert read_status(head + "Status: 5.2.2\nDiagnostic-Code: smtp; 550 5.1.1 x", actions)[0].status == "5.2.2"
    assert read_status(head + "Status: 4.0.0\nDiagnostic-Code: smtp; 550 5.1.1 x", actions)[0].status == "4.0.0"
    assert read_status(head + "Diagnostic-Code: smtp; 550 user unknown", actions)[0].status == "5.0.0"
    assert read_status(head, actions)[0].status is None


def test_notice_ends_where_the_returned_mail_begins(machines: Machines) -> None:
    notice, returned = split_notice(
        "It failed.\n\n--- Below this line is a copy of the message.\n\nTo: a@b.example", machines.rules.bounces
    )
    assert "It failed." in notice
    assert "a@b.example" not in notice
    assert "a@b.example" in returned
    header = "It failed.\n\nReceived: from a\n\tby b\nMessage-ID: <1@b>\nFrom: c@d\nSubject: e\n\nbody"
    assert split_notice(header, machines.rules.bounces)[0].strip() == "It failed."


def test_flufl_finds_what_we_do_not_and_never_raises(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = (MAIL / "bounce-attachment-only-original.eml").read_bytes()

    def broken(_: object) -> set[bytes]:
        raise UnicodeDecodeError("ascii", b"", 0, 1, "as on some mails")

    monkeypatch.setattr("mailbot.reading.bounces.scan_message", broken)
    assert origin(parse(raw), machines.rules, OWN).kind == "bounce"
    monkeypatch.setattr("mailbot.reading.bounces.scan_message", lambda _: {b"Ann@client.example"})
    assert [one.address for one in origin(parse(raw), machines.rules, OWN).failed] == [ANN]


def test_shared(machines: Machines) -> None:
    """Every report of the shared corpus is one; its recipients are those of its own fields where it has them."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared mail is not at {SHARED}")
    wrong = []
    for path in sorted(SHARED.glob("*.eml")):
        found = origin(parse(path.read_bytes()), machines.rules, OwnAddresses())
        expected = "automatic" if path.name.startswith(("rfc3834", "arf")) else "bounce"
        if found.kind != expected or (expected == "bounce" and not found.failed):
            wrong.append((path.name, found.kind, found.because))
    assert not wrong
