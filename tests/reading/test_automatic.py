"""People and machines: the cases of the rules, odd mails that were met, and whatever bytes can be thrown at it."""

from __future__ import annotations

import json
import time
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import ConfigError
from mailbot.reading.automatic import OwnAddresses, origin
from mailbot.reading.machine_cases import raw_mail, wrong_cases
from mailbot.reading.message import parse
from mailbot.reading.proof import Trust, prove
from mailbot.reading.wording import begins_with, find_phrase, fold
from mailbot.rules.machines import MachineCase, Machines, load_machines

ROOT = Path(__file__).resolve().parents[2]
MAIL = ROOT / "tests" / "mail" / "machines"
SHARED = ROOT.parent / "shared"
OWN = OwnAddresses("orders@studio.example", "bot.studio.example")
MACHINES = load_machines()


@pytest.fixture(scope="module")
def machines() -> Machines:
    return MACHINES


def mail(
    text: str, subject: str = "Re: Design approval", sender: str = "Ann Lee <ann@client.example>", **headers: str
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "orders@studio.example", subject
    message["Date"] = headers.pop("Date", "Mon, 05 Jan 2026 10:00:00 +0100")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return bytes(message)


@pytest.mark.parametrize("case", MACHINES.cases, ids=lambda case: case.name)
def test_case(case: MachineCase) -> None:
    assert not [str(problem) for problem in wrong_cases(Machines(MACHINES.rules, (case,)))]


def test_a_wrong_case_is_reported(machines: Machines) -> None:
    wrong = machines.cases[0].model_copy(update={"kind": "bounce"})
    assert "is read as person" in str(next(wrong_cases(Machines(machines.rules, (wrong,)))))


@pytest.mark.parametrize("path", sorted(MAIL.glob("*.eml")), ids=lambda path: path.stem)
def test_mails_that_were_met(path: Path, machines: Machines) -> None:
    """The file's name begins with what it is."""
    first = path.stem.split("-")[0]
    kind = {"complaint": "automatic", "receipt": "automatic"}.get(first, first)
    found = origin(parse(path.read_bytes()), machines.rules, OWN)
    assert found.kind == kind, found.because
    if kind == "automatic":
        assert found.because.startswith(f"{first}:")


PEOPLE = [
    ("Re: Design", "Approved! I'm out of the office from tomorrow, so please call Jim for the fitting."),
    ("Re: Fitting", "I'm on vacation until the 12th, can we do the 14th instead?"),
    ("Re: Fitting", "Sorry for the late reply, I was on vacation. Option 2 please."),
    ("Re: Fitting", "Yes!\n\nI am out of the office until Monday. For urgent matters please contact Mo."),
    (
        "Re: Fitting",
        "I am out of the office until Monday. For urgent matters please contact Mo. The satin is the better one.",
    ),
    ("Re: Design", "Out of office so writing from my phone. Go ahead with the satin."),
    ("Holiday schedule", "Our office will be closed from December 24. Please make sure that the gowns arrive before."),
    ("Vacation", "Ann is on vacation, so I decide: the blue one."),
    ("Re: Invoice", "Ich bin ab morgen im Urlaub, die Rechnung habe ich aber gerade überwiesen."),
    ("Re: Croquis", "Je suis en déplacement jusqu'à jeudi mais les croquis me plaisent beaucoup, on continue."),
    ("Undeliverable parcel", "The parcel was undeliverable. Tracking 550 1234. Is ann@client.example on the label?"),
    ("Delivery failed", "The delivery failed again today, nobody at the door. My other mail is ann2@client.example."),
    ("Tickets for the premiere", "Your tickets are at the box office. Approved by the way."),
    ("Re: Rejected: sketch 2", "Sketch 2 was rejected by the director, please go with 3."),
    ("Bounce house costumes", "We need six bounce house costumes."),
    ("Auto: costume for the car show", "We need a costume for the car show."),
    ("Automatic doors", "The robot's automatic reply prop is missing."),
    ("Re: Weekly Update", "Hi Sam, I'm away until Monday. Ann"),
    ("Re: Design", "Approved!\n\nAnn Lee\nThis mailbox is not monitored outside office hours."),
]


@pytest.mark.parametrize(("subject", "text"), PEOPLE)
def test_people(subject: str, text: str, machines: Machines) -> None:
    found = origin(parse(mail(text, subject)), machines.rules, OWN)
    assert found.kind == "person", found.because


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No; owner=x (comment)"},
        {"Auto_Submitted": "auto-forwarded"},
        {"Precedence": "bulk"},
        {"Precedence": "list", "X_Auto_Response_Suppress": "All"},
        {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
        {"Return_Path": "<>"},
        {"List_Unsubscribe": "<mailto:u@crm.example>"},
        {"Feedback_ID": "1.eu:AmazonSES", "X_SES_Outgoing": "2026.01.05"},
        {"List_Id": "<orders.studio.example>", "List_Post": "<mailto:orders@studio.example>", "Precedence": "list"},
        {
            "List_Id": "<a.client.example>",
            "Precedence": "list",
            "References": "<x@client.example> <m1@bot.studio.example>",
        },
    ],
)
def test_headers_that_make_no_machine(headers: dict[str, str], machines: Machines) -> None:
    assert origin(parse(mail("Approved, thanks.", **headers)), machines.rules, OWN).kind == "person"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Auto_Submitted": "Auto-Replied; owner-email=ann@client.example"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Design"},
        {"Precedence": "auto_reply"},
        {"X_MS_Exchange_Generated_Message_Source": "Mailbox Rules Agent"},
    ],
)
def test_headers_that_make_a_machine(headers: dict[str, str], machines: Machines) -> None:
    assert origin(parse(mail("Approved, thanks.", **headers)), machines.rules, OWN).kind == "automatic"


def test_own_mail_only_by_our_own_signs(machines: Machines) -> None:
    ours = mail("x", X_Mailbot_Kind="nudge", Message_ID="<1@bot.studio.example>")
    assert origin(parse(ours), machines.rules, OWN).kind == "own"
    forged = mail("Approved", X_Mailbot_Kind="nudge", Message_ID="<1@client.example>")
    assert origin(parse(forged), machines.rules, OWN).kind == "person"
    assert origin(parse(ours), machines.rules, OwnAddresses()).kind == "person"


@pytest.mark.parametrize(
    ("text", "sent", "locale", "expected"),
    [
        ("Back on 1/12.", "+0000", "en_US", date(2026, 1, 12)),
        ("Back on 2/3.", "+0000", "en_US", date(2026, 2, 3)),
        ("Back on 2/3.", "+0000", "en_GB", date(2026, 3, 2)),
        ("Back on 2/3.", "-0500", None, date(2026, 2, 3)),
        ("Back on 2/3.", "+0100", None, date(2026, 3, 2)),
        ("Back on 1/20.", "+0100", "en_GB", date(2026, 1, 20)),
        ("Back on 2026-01-12.", "+0100", None, date(2026, 1, 12)),
        ("Away until Monday.", "+0100", None, date(2026, 1, 12)),
        ("Away until Tuesday, 13 January.", "+0100", None, date(2026, 1, 13)),
        ("Away until Jan. 13th, 2026.", "+0100", None, date(2026, 1, 13)),
        ("Away until the 13th of January.", "+0100", None, date(2026, 1, 13)),
        ("Away from 2 Jan until 9 Jan, back on 12 Jan.", "+0100", None, date(2026, 1, 12)),
        ("Away until 31 December 2025.", "+0100", None, None),
        ("Away until 30 February.", "+0100", None, None),
        ("Call me on 12/34/5678.", "+0100", None, None),
        ("The premiere is on 12 January.", "+0100", None, None),
        ("Back in 2031: 2031-01-01.", "+0100", None, None),
        ("Ab 12.01. wieder da.", "+0100", None, date(2026, 1, 12)),
        ("Urlaub 05.01.-16.01.", "+0100", None, date(2026, 1, 16)),
    ],
)
def test_day_of_return(text: str, sent: str, locale: str | None, expected: date | None, machines: Machines) -> None:
    raw = mail(text, "Automatic reply: x", Date=f"Mon, 05 Jan 2026 10:00:00 {sent}")
    assert origin(parse(raw), machines.rules, OWN, locale).returns == expected


def test_no_date_header_no_day(machines: Machines) -> None:
    raw = mail("Back on 12 January.", "Automatic reply: x").replace(b"Date:", b"X-Date:")
    assert origin(parse(raw), machines.rules, OWN).returns is None


def test_shared_replies_are_people(machines: Machines) -> None:
    """At most 0.5 % of what people wrote is taken for a machine's."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared cases are not at {SHARED}")
    total, wrong = 0, []
    for path in sorted((SHARED / "cases").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            if case["label"] != "autoreply":
                total += 1
                found = origin(parse(mail(case["text"], case["subject"])), machines.rules, OWN)
                wrong += [(case["id"], found.because)] if found.kind != "person" else []
    for path in sorted((SHARED / "mail" / "replies").glob("*.txt")):
        total += 1
        found = origin(parse(mail(path.read_text("utf-8", "replace"))), machines.rules, OWN)
        wrong += [(path.name, found.because)] if found.kind != "person" else []
    assert len(wrong) <= total * 0.005, wrong


# --- rules --------------------------------------------------------------------------------------------------------


def test_phrases_stand_at_word_boundaries() -> None:
    assert find_phrase(fold("I am AWAY\n until Monday"), ("am away until",))
    assert not find_phrase(fold("a giveaway until"), ("away until",))
    assert find_phrase(fold("Абсолютно недоступен"), ("недоступ*",))
    assert find_phrase("こちらは休暇中です", ("休暇",))
    assert find_phrase("we could really not deliver", ("could*deliver",))
    assert not find_phrase("we could " + "x" * 80 + " deliver", ("could*deliver",))
    assert begins_with("fwd: x", ("fwd:",))
    assert not begins_with("x fwd: x", ("fwd:",))
    assert begins_with("ann reacted to your message", ("*reacted to your message",))


def test_a_list_without_a_case_and_a_doubled_phrase_are_errors(tmp_path: Path) -> None:
    shipped = ROOT / "rules"
    (tmp_path / "machines.toml").write_text((shipped / "machines.toml").read_text("utf-8"), "utf-8")
    cases = (shipped / "machines.cases.toml").read_text("utf-8")
    (tmp_path / "machines.cases.toml").write_text(cases.replace('"absences.own_words"', '"absences.nothing"'), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_machines(tmp_path)
    assert "absences.own_words" in str(caught.value)
    assert "absences.nothing" in str(caught.value)
    rules = (shipped / "machines.toml").read_text("utf-8")
    (tmp_path / "machines.toml").write_text(rules.replace("no_reply = [", 'no_reply = ["noreply*", '), "utf-8")
    with pytest.raises(ConfigError, match="twice"):
        load_machines(tmp_path)


# --- hostile mail -------------------------------------------------------------------------------------------------

_LINES = st.sampled_from(
    """From: a@b.example|From: MAILER-DAEMON|From: <>|From:|Subject: failure notice|Subject: Automatic reply
Return-Path: <>|Auto-Submitted: auto-replied|Content-Type: multipart/report; boundary=B|Content-Type: text/calendar
|--B|--B--
Content-Type: message/delivery-status|Final-Recipient: rfc822; a@b.example|Action: failed|Status: 5.1.1|List-Id: <
<a@b.example>: 550 5.1.1 no|back on 31/02|until |{"notificationType":"Bounce","bounce":[]}|X-Failed-Recipients: ,,,
Authentication-Results: mx; dmarc=pass|Received: from (((|\x00""".replace("\n", "|").split("|")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(_LINES, st.text(max_size=40)), max_size=30))
def test_nothing_raises(lines: list[str]) -> None:
    message = parse("\n".join(lines).encode("utf-8", "replace"))
    origin(message, MACHINES.rules, OWN)
    prove(message, Trust(("mx",), microsoft365=True))


@pytest.mark.parametrize(
    "block",
    [
        "<",
        "(",
        '"',
        "\\",
        "a@",
        "@",
        "1/",
        "1.1.",
        "> ",
        "Received: (",
        "final-recipient: ",
        "550 ",
        "back on ",
        "{",
        "。",
        "*",
        "--\n",
        "to: ",
        "until 1 ",
        "From: a\n",
        "=?utf-8?q?",
    ],
)
def test_time_is_bounded(block: str, machines: Machines) -> None:
    flood = block * (400_000 // len(block))
    raws = [
        f"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n{flood}",
        f"From: a@b.example\nDate: Mon, 05 Jan 2026 10:00:00 +0000\nSubject: Automatic reply\n\n{flood}",
        "".join(
            f"{name} {flood[:60000]}\n" for name in ("From:", "Received:", "Authentication-Results: mx;", "Subject:")
        ),
        f"From: a@b.example\nSubject: x\nContent-Type: text/html\n\n{flood}",
    ]
    for raw in raws:
        message = parse(raw.encode())
        started = time.process_time()
        origin(message, machines.rules, OWN)
        prove(message, Trust(("mx",), microsoft365=True))
        assert time.process_time() - started < 1.5


def test_cases_are_sent_as_written() -> None:
    raw = raw_mail(MACHINES.cases[0])
    assert raw.startswith(b"From: Ann Lee <ann@client.example>\n")
