"""Fittings by mail: offered with an invitation, answered in words and by calendars, moved, called off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.walks import calendars
from tests.walks.world import ANN, REF, SAM, World, kinds, the
from tests.walks.world import text_of as raw_text_of

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
OFFER = "fitting first-fitting on 2026-02-06 at 14:00"


def text_of(mail: EmailMessage) -> str:
    """The words of a mail with plain blanks between them."""
    return " ".join(raw_text_of(mail).split())


def offer(studio: World, text: str = OFFER) -> EmailMessage:
    studio.write(SAM, f"Fitting [{REF}]", text)
    return the("fitting-invite", studio.run())


def appointment(studio: World) -> tuple[str, str | None]:
    (one,) = studio.status()["fittings"]
    return one["appointment"], one["starts"]


def by_calendar(studio: World, invite: EmailMessage, said: str, *, proven: bool = True, **more: object) -> list[str]:
    sender = str(more.pop("sender", ANN))
    mail = calendars.answer(invite, sender, said, studio.at, 700, **more)  # type: ignore[arg-type]
    studio.deliver(mail, proven=proven)
    return kinds(studio.run())


def test_the_invitation_is_one_that_calendars_take(studio: World) -> None:
    invite = offer(studio)
    assert invite["Subject"] == f"Cinderella ball gowns - First fitting on February 6, 2026 [{REF}]"
    types = [part.get_content_type() for part in invite.walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    calendar, event = calendars.event_of(invite)
    assert (str(calendar["METHOD"]), str(calendar["VERSION"])) == ("REQUEST", "2.0")
    assert event["DTSTART"].to_ical() == b"20260206T190000Z"
    assert event["DTEND"].to_ical() == b"20260206T210000Z"
    assert (event["SEQUENCE"], str(event["STATUS"])) == (0, "CONFIRMED")
    token = studio.status()["requests"][0]["id"]
    assert str(event["ORGANIZER"]) == f"mailto:orders+{token}@studio.example"
    assert str(event["ATTENDEE"]) == f"mailto:{ANN}"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert "Friday, February 6, 2026, 2:00 PM" in text_of(invite)
    assert invite["Reply-To"] == f"orders+{token}@studio.example"


def test_place_and_note_stand_in_the_mail_and_in_the_calendar(studio: World) -> None:
    first = offer(studio, f"{OFFER} in Studio 2, 41 Mercer Street\nnote: Please bring the shoes.")
    assert "Place: Studio 2, 41 Mercer Street Please bring the shoes." in text_of(first)
    event = calendars.event_of(first)[1]
    assert (event["LOCATION"], event["DESCRIPTION"]) == ("Studio 2, 41 Mercer Street", "Please bring the shoes.")
    studio.later(hours=1)
    moved = calendars.event_of(offer(studio, f"{OFFER} in Studio 5"))[1]  # the same hour in another room
    assert (moved["LOCATION"], moved["DESCRIPTION"], moved["SEQUENCE"]) == ("Studio 5", "Please bring the shoes.", 1)
    assert studio.status()["fittings"][0]["place"] == "Studio 5"


def test_fit_notes_are_on_record_for_the_studio_alone(studio: World) -> None:
    offer(studio)
    studio.at = datetime(2026, 2, 6, 21, 30, tzinfo=UTC)
    studio.run()
    studio.write(SAM, f"Fitting [{REF}]", "fit: Waist 1 cm in\nfit final-fitting: Bring the veil\nfit design: no")
    (result,) = studio.run()
    assert "design approval is no fitting" in text_of(result).lower()
    noted = {m["key"]: m["fit_notes"] for m in studio.status()["milestones"] if m["fit_notes"]}
    assert noted == {"first-fitting": ["Waist 1 cm in"], "final-fitting": ["Bring the veil"]}


def test_the_dates_that_hang_on_it_follow(studio: World) -> None:
    offer(studio, "fitting first-fitting on 2026-02-11 at 10:30")
    status = studio.status()
    assert [m["due"] for m in status["milestones"] if m["key"] == "first-fitting"] == ["2026-02-11"]
    assert [i["due"] for i in status["invoices"] if i["kind"] == "mid-project"] == ["2026-02-11"]
    studio.at = datetime(2026, 1, 9, 21, 1, tzinfo=UTC)
    update = text_of(the("weekly-update", studio.run()))
    assert "First fitting: Wednesday, February 11, 2026, 10:30 AM (New York)" in update
    assert "First fitting, asked on" in update


@pytest.mark.parametrize("words", ["Yes, that works for me.", "Confirmed, see you then!", "Perfect, I'll be there."])
def test_a_yes_in_words_books_the_hour(studio: World, words: str) -> None:
    studio.answer(offer(studio), words)
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    assert "Appointment: Friday, February 6, 2026, 2:00 PM (New York)" in text_of(the("receipt", out))
    assert appointment(studio) == ("confirmed", "2026-02-06T19:00:00.000000Z")
    assert studio.status()["requests"][0]["answer"] == "confirm"


def test_another_time_in_words_goes_to_the_account_manager(studio: World) -> None:
    studio.answer(offer(studio), "Another time would suit me better: Monday at 10?")
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    booked = text_of(the("booked", out))
    assert "Monday at 10" in booked
    assert "fitting first-fitting on DATE at TIME" in booked
    assert appointment(studio)[0] == "refused"


@pytest.mark.parametrize("program", ["gmail", "outlook"])
@pytest.mark.parametrize(("said", "became", "answer"), [
    ("accepted", "confirmed", "confirm"), ("declined", "refused", "reschedule"),
])  # fmt: skip
def test_a_calendar_answers_for_its_owner(studio: World, program: str, said: str, became: str, answer: str) -> None:
    assert by_calendar(studio, offer(studio), said, program=program) == ["booked", "receipt"]
    assert appointment(studio)[0] == became
    (request,) = studio.status()["requests"]
    assert (request["state"], request["answer"]) == ("answered", answer)


@pytest.mark.parametrize(
    ("said", "more", "because"),
    [
        ("tentative", {}, "calendar: tentative"),
        ("counter", {"later": timedelta(hours=1)}, "proposes 2026-02-06 15:00 to 17:00 (America/New_York)"),
        ("accepted", {"comment": "But could we make it 3?"}, "with a comment"),
        ("accepted", {"proven": False}, "not proven"),
        ("accepted", {"attendee": "eve@evil.example"}, "for eve@evil.example"),
        ("accepted", {"sequence": 4}, "of another invitation"),
        ("accepted", {"later": timedelta(hours=1)}, "of another invitation"),
    ],
)
def test_what_a_calendar_says_otherwise_is_held(
    studio: World, said: str, more: dict[str, object], because: str
) -> None:
    out = by_calendar(studio, offer(studio), said, **more)
    assert out == ["held"]
    assert because in studio.status()["held"][0]["because"]
    assert appointment(studio)[0] == "offered"


def test_an_answer_about_some_other_event_of_theirs_decides_nothing(studio: World) -> None:
    assert by_calendar(studio, offer(studio), "accepted", uid="lunch@client.example") == []
    assert appointment(studio)[0] == "offered"
    assert studio.status()["requests"][0]["state"] == "open"


def test_a_move_is_the_same_event_with_the_next_sequence_and_the_old_answer_counts_no_more(studio: World) -> None:
    first = offer(studio)
    studio.later(hours=1)
    second = offer(studio, "fitting first-fitting on 2026-02-09 at 10:00")
    old, new = calendars.event_of(first)[1], calendars.event_of(second)[1]
    assert (old["UID"], old["ORGANIZER"]) == (new["UID"], new["ORGANIZER"])
    assert (old["SEQUENCE"], new["SEQUENCE"]) == (0, 1)
    assert by_calendar(studio, first, "accepted") == ["held"]
    assert appointment(studio) == ("offered", "2026-02-09T15:00:00.000000Z")
    studio.later(hours=1)
    assert by_calendar(studio, second, "accepted") == ["booked", "receipt"]
    assert appointment(studio)[0] == "confirmed"


def test_calling_off_takes_it_out_of_the_calendar(studio: World) -> None:
    invite = offer(studio)
    studio.write(SAM, f"Fitting [{REF}]", "cancel fitting first-fitting")
    cancelled = the("fitting-invite", studio.run())
    calendar, event = calendars.event_of(cancelled)
    assert (str(calendar["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert event["UID"] == calendars.event_of(invite)[1]["UID"]
    assert "called off" in text_of(cancelled)
    assert "cancelled" in cancelled["Subject"]
    assert studio.status()["requests"][0]["state"] == "withdrawn"
    studio.answer(invite, "Yes, that works for me.")
    assert "booked" not in kinds(studio.run())


def test_a_held_answer_is_settled_by_one_word(studio: World) -> None:
    mail = calendars.answer(offer(studio), ANN, "tentative", studio.at, 700)
    studio.deliver(mail)
    studio.answer(the("held", studio.run()), "approve", sender=SAM)
    assert kinds(studio.run()) == ["booked", "receipt"]
    assert appointment(studio)[0] == "confirmed"


def test_the_client_takes_a_confirmation_back(studio: World) -> None:
    studio.answer(offer(studio), "Yes, that works for me.")
    studio.answer(the("receipt", studio.run()), "undo")
    assert kinds(studio.run()) == ["booked", "receipt"]
    assert appointment(studio)[0] == "offered"


def test_nobody_is_asked_about_a_fitting_that_is_over(studio: World) -> None:
    offer(studio)
    studio.cli("do", REF, "milestone first-fitting done")
    assert studio.status()["requests"][0]["state"] == "withdrawn"


def test_a_date_that_is_moved_by_hand_calls_the_appointment_off(studio: World) -> None:
    offer(studio)
    studio.write(SAM, f"Fitting [{REF}]", "milestone first-fitting due 2026-02-13")
    out = studio.run()
    assert kinds(out) == ["command-result", "fitting-invite"]
    assert str(calendars.event_of(the("fitting-invite", out))[0]["METHOD"]) == "CANCEL"
    assert appointment(studio) == ("cancelled", None)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("fitting design on 2026-02-06 at 14:00", "is no fitting (fittings: first-fitting, final-fitting)"),
        ("fitting first-fitting on 2026-01-05 at 14:00", "is past"),
        ("fitting frist-fitting on 2026-02-06 at 14:00", "did you mean first-fitting"),
        ("fitting first-fitting on 2026-02-06 at 26:00", "write it like 14:00"),
        ("cancel fitting first-fitting", "has no appointment"),
    ],
)
def test_what_cannot_be_offered_is_refused_with_the_mend(studio: World, line: str, why: str) -> None:
    studio.write(SAM, f"Fitting [{REF}]", line)
    out = studio.run()
    assert kinds(out) == ["command-result"]
    assert why in text_of(out[0])
