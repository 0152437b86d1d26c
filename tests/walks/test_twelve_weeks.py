"""The whole life of one order, from its import to its end, as the studio and the client live it, by mail alone.

Each scene is a part of the story, in its order; the clock moves on between them. Every working evening mailbot makes a
pass, except for the ten days in which it is off. What each of the people wrote is above the scenes; at the
end it is counted what went out, and every cent, date and seal is looked at once more.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.orders.test_photos import picture
from tests.walks import calendars
from tests.walks.story import NEW_YORK, Story, text_of
from tests.walks.world import ANN, ORDER, REF, SAM, kinds, world

FINANCE, DANA, LEE, OPERATIONS = (f"{who}@studio.example" for who in ("finance", "dana", "lee", "ops"))
MORE_PEOPLE = f'lead_designer = "{LEE}"\noperations = "{OPERATIONS}"\n[imap]'
MILESTONES = [
    {"key": "design", "name": "Design approval", "due": "2026-01-16", "approval": True},
    {"key": "fabric", "name": "Fabric approval", "due": "2026-01-23", "approval": True},
    {"key": "first-fitting", "name": "First fitting", "due": "2026-02-06", "approval": False},
    {"key": "final-fitting", "name": "Final fitting", "due": "2026-03-13", "approval": True},
    {"key": "delivery", "name": "Delivery", "due": "2026-03-20", "approval": False},
]
OFF = (date(2026, 2, 28), date(2026, 3, 10))  # the first evening without mailbot, and the one on which it is back

WISHES = "Please change two things:\n1. Make the ivory a little warmer.\n2. Make the bow smaller."
CAPE = "change order: A cape for the ball scene\nCape: {price}\ndays +2\nsend"
GLOVES = "change order: A second pair of gloves\nGloves: 300.00\nsend"
VELVET_WISH = "Hi Sam,\n\nCould we add a velvet lining to the train? It would look lovely.\n\nAnn"
VELVET = "change order: A velvet lining\nVelvet: 900.00\ndays +4\nsend"
SILK = """issue: Silk delayed
situation: The mill has lost some days to a broken loom.
impact: 3 days, 0 %
plan: We cut the linings meanwhile.
option: Wait for the original silk | days +3
option: Take the satin that we have in stock | days 0
recommend 1
send"""
SCORCHED = """issue: Lead gown scorched at the press
situation: The train of the lead gown was scorched at the press.
impact: 9 days, 0 %"""
WAYS_OUT = """issue ISS-2:
plan: The workroom has begun on a new train.
option: Make the train anew from the same silk | days +9
option: Cut the train shorter | days +2
recommend 2
send"""
OFFER = "fitting first-fitting on 2026-02-06 at 14:00 in Studio 2, 41 Mercer Street\nnote: Please bring the shoes."
ANOTHER_DAY = "fitting first-fitting on 2026-02-11 at 10:00"

# Every mail that goes out in twelve weeks, by kind.
WENT_OUT = {
    "approval-request": 4,  # design twice, fabric, the finished pieces
    "change-order": 5,  # the cape twice, gloves, velvet, and velvet anew when the delivery had moved
    "issue-notice": 2,
    "fitting-invite": 3,  # the first one offered and moved, the final one
    "weekly-update": 11,  # twelve Fridays, one of them held
    "invoice": 4,
    "reminder-due": 2,  # mid-project and final
    "reminder-friendly": 1,  # mid-project
    "pause-notice": 1,
    "resume-notice": 1,
    "nudge": 1,  # about the velvet
    "receipt": 15,  # 11 answers and an approval that was vouched for, the word on a payment, the rating, final thanks
    "question-back": 2,  # yes to an old price, and to a closed order
    "survey": 1,
    "booked": 13,  # the same, less the payment and the thanks
    "held": 5,  # the old price, the wish for velvet, not happy, a yes with a condition, the late reply
    "draft-weekly": 11,  # thirteen Thursdays, one in the outage, one after the end
    "issue-clock": 1,
    "frequent-changes": 1,
    "unhappy-client": 1,
    "escalation-issue": 1,
    "escalation-pause": 1,
    "payment-claim": 1,
}
# answers to what staff wrote, rounds over all orders, questions about what a milestone needs
OF_THE_STUDIO = ("command-result", "digest", "report", "notice")


def the_contract_is_signed_and_the_deposit_paid(story: Story) -> None:
    story.on("2026-01-05")
    story.studio.import_order(milestones=MILESTONES)
    assert kinds(story.passes()) == ["invoice"]
    assert "$6,000.00" in text_of(story.last("invoice"))
    story.on("2026-01-06")
    out = story.says(ANN, story.last("invoice"), "Hi Sam,\n\nI paid this today.\n\nAnn", "apple")
    assert kinds(out) == ["payment-claim", "receipt"]
    assert story.last("payment-claim")["To"] == FINANCE
    assert story.invoice("INV-1")["status"] == "sent"  # at a client's word nothing is paid
    story.says(FINANCE, story.last("payment-claim"), "paid INV-1 on 2026-01-06")
    assert story.invoice("INV-1")["status"] == "paid"


def the_design_is_changed_asked_again_and_approved(story: Story) -> None:
    story.on("2026-01-07")
    story.writes(SAM, "ask design", (picture(), "image/jpeg", "sketches.jpg"))
    asked = story.last("approval-request")
    assert [part.get_filename() for part in asked.iter_attachments()] == ["sketches.jpg"]
    story.on("2026-01-08")
    assert kinds(story.says(ANN, asked, WISHES)) == ["booked", "receipt"]
    assert story.milestone("design")["wishes"] == [WISHES]
    assert story.status()["phase"] == "Design"
    story.on("2026-01-12")
    story.writes(SAM, "ask design", (picture(), "image/jpeg", "sketches-2.jpg"))
    again = text_of(story.last("approval-request"))
    assert "This is version 2" in again
    assert "Make the bow smaller." in again
    story.on("2026-01-13")
    story.says(ANN, story.last("approval-request"), "Approved!", "outlook")
    assert (story.milestone("design")["status"], story.milestone("design")["how"]) == ("approved", "replied")
    assert story.status()["phase"] == "Pattern"


def one_update_is_held_and_another_corrected(story: Story) -> None:
    story.on("2026-01-15", "17:00")
    story.says(SAM, story.last("draft-weekly"), "hold weekly")
    story.on("2026-01-22", "17:00")
    assert [mail["Date"].datetime.date() for mail in updates(story)] == [date(2026, 1, 9)]
    draft = story.last("draft-weekly")
    assert "Toile of the lead gown" not in text_of(draft)
    story.says(SAM, draft, "done Toile of the lead gown")
    story.writes(SAM, "photo The toile", (picture(), "image/jpeg", "IMG_1.jpg"))
    story.on("2026-01-23", "17:00")
    update = updates(story)[-1]
    assert "Toile of the lead gown" in text_of(update)
    assert [p.get_content_type() for p in update.walk() if p.get_content_maintype() == "image"] == ["image/jpeg"]


def the_fabric_is_approved(story: Story) -> None:
    story.on("2026-01-26", "09:30")
    story.writes(SAM, "ask fabric", (picture(), "image/jpeg", "silk.jpg"))
    story.says(ANN, story.last("approval-request"), "Yes, the ivory silk is perfect. Go ahead!", "apple")
    assert story.status()["phase"] == "Construction"


def a_cape_is_revised_and_approved_and_its_work_waits_for_the_deposit(story: Story) -> None:
    story.on("2026-01-27")
    story.writes(SAM, CAPE.format(price="3000.00"))
    too_dear = story.last("change-order")
    story.on("2026-01-28")
    story.writes(SAM, CAPE.format(price="2700.00").replace("change order:", "change order CO-1:"))
    assert kinds(story.says(ANN, too_dear, "Yes, please go ahead.")) == ["held", "question-back"]  # the old price
    story.says(SAM, story.last("held"), "dismiss")
    out = story.says(ANN, story.last("change-order"), "Yes, please go ahead.")
    assert kinds(out) == ["booked", "invoice", "receipt"]  # 22.5 % of the contract: half of it is billed at once
    assert (story.status()["total"], story.status()["delivery"]) == ("14700.00", "2026-03-22")
    assert "$1,350.00" in text_of(story.last("invoice"))
    assert story.change_order("CO-1")["waits_for"] == "INV-4"
    story.on("2026-01-30")
    (result,) = story.writes(FINANCE, "paid INV-4 on 2026-01-29")
    assert "the work on CO-1 begins" in text_of(result)
    assert story.change_order("CO-1")["waits_for"] is None


def the_silk_is_late_and_the_client_waits_for_it(story: Story) -> None:
    story.on("2026-02-02", "09:10")
    assert kinds(story.passes()) == ["notice"]  # what the first fitting needs, four days before
    assert kinds(story.says(OPERATIONS, story.last("notice"), "ready procurement")) == ["command-result"]
    assert kinds(story.writes(SAM, SILK)) == ["command-result", "issue-notice"]  # a minor one: no director
    story.says(ANN, story.last("issue-notice"), "Let's wait for the original silk.")
    (issue,) = story.status()["issues"]
    assert (issue["severity"], issue["status"], issue["option"]) == ("minor", "chosen", 1)
    assert story.status()["delivery"] == "2026-03-25"


def the_first_fitting_is_moved_in_words_and_accepted_by_the_calendar(story: Story) -> None:
    story.on("2026-02-02", "11:00")
    story.writes(SAM, OFFER)
    invite = story.last("fitting-invite")
    _, event = calendars.event_of(invite)
    assert (event["LOCATION"], event["DESCRIPTION"]) == ("Studio 2, 41 Mercer Street", "Please bring the shoes.")
    assert "Place: Studio 2, 41 Mercer Street" in text_of(invite)
    out = story.says(ANN, invite, "Another time would suit me better: Wednesday at 10?")
    assert kinds(out) == ["booked", "receipt"]
    story.says(SAM, story.last("booked"), ANOTHER_DAY)
    moved = story.last("fitting-invite")
    assert calendars.event_of(moved)[1]["LOCATION"] == "Studio 2, 41 Mercer Street"
    story.studio.deliver(calendars.answer(moved, ANN, "accepted", story.studio.at, 701))
    assert kinds(story.passes()) == ["booked", "receipt"]
    assert story.invoice("INV-2")["due"] == "2026-02-11"  # what is due with the fitting moved along
    story.on("2026-02-11", "12:30")
    story.writes(SAM, "fit: Waist 1 cm in\nfit: Hem 2 cm up\nmilestone first-fitting done")
    assert story.milestone("first-fitting")["fit_notes"] == ["Waist 1 cm in", "Hem 2 cm up"]
    assert story.status()["phase"] == "Fitting"


def the_mid_project_invoice_is_paid_in_part_promised_and_late(story: Story) -> None:
    assert story.last("invoice")["Date"].datetime.date() == date(2026, 2, 9)  # three days before is a Sunday
    story.on("2026-02-12")
    assert story.last("reminder-due")["Date"].datetime.date() == date(2026, 2, 11)
    story.writes(FINANCE, "paid 1000.00 of INV-2 on 2026-02-12")
    story.on("2026-02-18", "09:00")
    assert "$2,000.00" in text_of(story.last("reminder-friendly"))  # on the 17th, for the 16th is a holiday
    story.writes(SAM, "promise INV-2 until 2026-02-20")
    story.on("2026-02-23", "17:00")
    pause = story.last("escalation-pause")
    assert str(pause["To"]).split(", ") == [DANA, SAM, OPERATIONS]
    assert story.status()["paused"]


def the_director_lets_work_go_on(story: Story) -> None:
    story.says(DANA, story.last("escalation-pause"), "resume\n\nDana")
    assert not story.status()["paused"]
    story.on("2026-02-24", "09:00")
    story.writes(FINANCE, "paid 2000.00 of INV-2 on 2026-02-24")
    assert story.invoice("INV-2")["status"] == "paid"


def a_signed_addendum_is_vouched_for_and_a_third_wish_is_flagged(story: Story) -> None:
    story.on("2026-02-24", "11:00")
    story.writes(SAM, GLOVES)
    paper = b"%PDF-1.7\nsigned by Ann\n%%EOF\n"
    story.writes(SAM, f"vouch CO-2 by {ANN}", (paper, "application/pdf", "addendum.pdf"))
    assert (story.change_order("CO-2")["status"], story.status()["total"]) == ("approved", "15000.00")
    story.on("2026-02-25", "10:00")
    story.writes(ANN, VELVET_WISH)
    assert "change order: Could we add a velvet lining to the train" in text_of(story.last("held"))
    out = story.says(SAM, story.last("held"), VELVET)  # the lines that the held mail offers, with its price
    assert kinds(out) == ["change-order", "command-result", "frequent-changes"]
    assert story.status()["held"] == []


def a_major_issue_goes_to_the_director_at_once_and_the_client_chooses(story: Story) -> None:
    story.on("2026-02-25", "11:00")
    assert kinds(story.writes(SAM, SCORCHED)) == ["command-result", "escalation-issue"]
    assert story.last("escalation-issue")["To"] == DANA
    story.on("2026-02-26", "06:59")
    assert kinds(story.passes()) == []
    story.on("2026-02-26", "07:01")
    assert kinds(story.passes()) == ["issue-clock"]  # four hours before the 24 end
    story.says(SAM, story.last("issue-clock"), WAYS_OUT)
    issue = story.status()["issues"][-1]
    assert (issue["severity"], issue["told_at"]) == ("major", "2026-02-26T12:03:00.000000Z")
    story.on("2026-02-27")
    out = story.says(ANN, story.last("issue-notice"), "The shorter train, please.")
    assert story.status()["issues"][-1]["option"] == 2
    assert story.status()["delivery"] == "2026-03-27"
    assert kinds(out) == ["booked", "change-order", "receipt"]  # velvet would now be delivered on another day
    assert "This is version 2." in text_of(story.last("change-order"))


def mailbot_is_off_for_ten_days_and_catches_up_without_a_flood(story: Story) -> None:
    story.on("2026-03-03")
    story.studio.answer(story.last("weekly-update"), "I am not happy with the direction of the lead gown.")
    story.on("2026-03-10", "16:01")
    out = [mail for mail in story.passes() if mail["X-Mailbot-Kind"] not in OF_THE_STUDIO]
    assert kinds(out) == ["held", "unhappy-client", "weekly-update"]  # no nudge: she has just written
    assert (story.last("unhappy-client")["To"], story.last("unhappy-client")["Cc"]) == (SAM, LEE)
    story.says(SAM, story.last("held"), "dismiss")
    story.on("2026-03-13", "09:30")
    assert kinds(story.passes()) == ["nudge"]  # about the velvet, three working days after her last word
    assert kinds(story.says(ANN, story.last("nudge"), "Yes, if it does not cost more than 500.")) == ["held"]
    assert kinds(story.says(SAM, story.last("held"), "decline")) == ["booked", "receipt"]  # after a call
    assert story.change_order("CO-3")["status"] == "declined"


def the_final_fitting_is_signed_off(story: Story) -> None:
    story.on("2026-03-13", "11:00")
    story.writes(SAM, "fitting final-fitting on 2026-03-16 at 14:00 in Studio 2")
    story.says(ANN, story.last("fitting-invite"), "Yes, that works for me.")
    story.on("2026-03-16", "15:40")
    story.writes(SAM, "fit: Hooks in place of buttons\nask final-fitting")
    assert "do you sign off the finished pieces?" in text_of(story.last("approval-request"))
    story.says(ANN, story.last("approval-request"), "Approved! Thank you all.")
    assert story.milestone("final-fitting")["fit_notes"] == ["Hooks in place of buttons"]
    assert (story.milestone("final-fitting")["status"], story.status()["phase"]) == ("approved", "Final")


def the_gowns_are_delivered_and_paid(story: Story) -> None:
    story.on("2026-03-27", "11:00")
    story.writes(SAM, "milestone delivery done\npercent 100")
    assert story.last("invoice")["Date"].datetime.date() == date(2026, 3, 24)
    assert "$4,650.00" in text_of(story.last("invoice"))  # the total less all that was billed before
    story.on("2026-03-30")
    story.writes(FINANCE, "paid INV-3 on 2026-03-30")


def the_client_rates_the_studio_and_the_order_is_closed(story: Story) -> None:
    story.on("2026-04-01", "17:00")
    story.says(ANN, story.last("survey"), "4 - a little late, but lovely.")
    assert story.status()["satisfaction"] == 4
    story.on("2026-04-02")
    story.writes(SAM, "close")
    assert story.last("receipt")["Subject"] == f"Cinderella ball gowns - Thank you [{REF}]"
    assert story.status()["closed"]
    assert story.studio.json("order", "list") == []


def a_late_reply_changes_nothing_and_is_answered(story: Story) -> None:
    story.on("2026-04-10")
    out = story.says(ANN, story.last("change-order"), "Yes, please go ahead with the velvet after all!")
    assert kinds(out) == ["held", "question-back"]
    assert story.change_order("CO-3")["status"] == "declined"
    story.says(SAM, story.last("held"), "dismiss")
    assert [one for one in story.studio.json("due", "--until", "2026-06-30") if one["kind"] not in OF_THE_STUDIO] == []


SCENES: tuple[Callable[[Story], None], ...] = (
    the_contract_is_signed_and_the_deposit_paid,
    the_design_is_changed_asked_again_and_approved,
    one_update_is_held_and_another_corrected,
    the_fabric_is_approved,
    a_cape_is_revised_and_approved_and_its_work_waits_for_the_deposit,
    the_silk_is_late_and_the_client_waits_for_it,
    the_first_fitting_is_moved_in_words_and_accepted_by_the_calendar,
    the_mid_project_invoice_is_paid_in_part_promised_and_late,
    the_director_lets_work_go_on,
    a_signed_addendum_is_vouched_for_and_a_third_wish_is_flagged,
    a_major_issue_goes_to_the_director_at_once_and_the_client_chooses,
    mailbot_is_off_for_ten_days_and_catches_up_without_a_flood,
    the_final_fitting_is_signed_off,
    the_gowns_are_delivered_and_paid,
    the_client_rates_the_studio_and_the_order_is_closed,
    a_late_reply_changes_nothing_and_is_answered,
)


def updates(story: Story) -> list[EmailMessage]:
    return [mail for mail in story.mails if mail["X-Mailbot-Kind"] == "weekly-update"]


def every_mail_went_out_the_right_number_of_times(story: Story) -> None:
    counted = Counter(str(mail["X-Mailbot-Kind"]) for mail in story.mails)
    assert {kind: n for kind, n in counted.items() if kind not in OF_THE_STUDIO} == WENT_OUT
    assert len({mail["Message-ID"] for mail in story.mails}) == len(story.mails)
    outbox = story.studio.json("outbox")
    assert {row["state"] for row in outbox} == {"sent"}
    assert len({row["key"] for row in outbox}) == len(outbox) == len(story.mails)


def every_friday_had_its_update(story: Story) -> None:
    days = [mail["Date"].datetime.astimezone(NEW_YORK).date() for mail in updates(story)]
    fridays = [date(2026, 1, 9) + timedelta(weeks=n) for n in range(12)]
    fridays.remove(date(2026, 1, 16))  # held
    assert [OFF[1] if day == date(2026, 3, 6) else day for day in fridays] == days


def every_cent_is_billed_once_and_paid(story: Story) -> None:
    status = story.status()
    amounts = {i["number"]: Decimal(i["amount"]) for i in status["invoices"]}
    assert amounts == {
        "INV-1": Decimal("6000.00"), "INV-2": Decimal("3000.00"), "INV-3": Decimal("4650.00"),
        "INV-4": Decimal("1350.00"),
    }  # fmt: skip
    assert sum(amounts.values()) == Decimal(status["total"]) == Decimal("15000.00")
    assert {(i["status"], i["paid"] == i["amount"]) for i in status["invoices"]} == {("paid", True)}
    approved = [c for c in status["change_orders"] if c["status"] == "approved"]
    assert sum(Decimal(c["amount"]) for c in approved) == Decimal(status["total"]) - Decimal(str(ORDER["total"]))


def every_date_and_state_is_as_decided(story: Story) -> None:
    status = story.status()
    assert status["delivery"] == "2026-03-27"
    found = {m["key"]: (m["due"], m["status"]) for m in status["milestones"]}
    assert found == {
        "design": ("2026-01-16", "approved"), "fabric": ("2026-01-23", "approved"),
        "first-fitting": ("2026-02-11", "done"), "final-fitting": ("2026-03-16", "approved"),
        "delivery": ("2026-03-27", "done"),
    }  # fmt: skip
    assert {r["state"] for r in status["requests"]} == {"answered", "superseded"}
    assert (status["phase"], status["percent_complete"], status["satisfaction"]) == ("Final", 100, 4)


def the_record_is_whole(story: Story) -> None:
    story.studio.cli("evidence", REF, "--verify")
    file = story.studio.folder / "evidence.zip"
    story.studio.cli("evidence", REF, "--out", str(file))
    story.studio.cli("evidence", str(file), "--verify", at=False)
    with zipfile.ZipFile(file) as record:
        mails = [name for name in record.namelist() if name.endswith(".eml")]
    assert len(mails) >= len(story.mails)


@pytest.mark.usefixtures("rules_are_read_once")
def test_twelve_weeks_of_an_order(pymap_server: Any, tmp_path: Path) -> None:
    with world(pymap_server, tmp_path) as studio:
        studio.config.write_text(studio.config.read_text("utf-8").replace("[imap]", MORE_PEOPLE, 1), "utf-8")
        story = Story(studio, OFF)
        for scene in SCENES:
            scene(story)
        every_mail_went_out_the_right_number_of_times(story)
        every_friday_had_its_update(story)
        every_cent_is_billed_once_and_paid(story)
        every_date_and_state_is_as_decided(story)
        the_record_is_whole(story)
