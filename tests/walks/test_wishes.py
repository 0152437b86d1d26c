"""A client asks for a change in an ordinary mail: offered to the account manager as a change order to be made of it."""

from __future__ import annotations

import pytest

from tests.walks.world import ANN, REF, SAM, World, kinds, text_of, the

pytestmark = pytest.mark.parametrize("studio", ["pymap_server"], indirect=True)  # the server makes no difference
WISH = "Hi Sam,\n\nCould we add sequins to the train? It would look lovely.\n\nAnn"


def test_a_wish_becomes_a_draft_that_is_sent_back(studio: World) -> None:
    studio.write(ANN, f"A thought [{REF}]", WISH)
    held = the("held", studio.run())
    assert held["To"] == SAM
    draft = "change order: Could we add sequins to the train\nMaterials and labour: 0.00\ndays +0"
    assert draft in text_of(held).replace("\r\n", "\n")
    studio.answer(held, draft.replace("0.00", "450.00") + "\nsend\n--\nSam", sender=SAM)
    out = studio.run()
    assert kinds(out) == ["change-order", "command-result"]
    status = studio.status()
    assert (status["change_orders"][0]["status"], status["change_orders"][0]["amount"]) == ("sent", "450.00")
    assert status["held"] == []


@pytest.mark.parametrize("words", ["Thanks for the pictures!", "When is the fitting?"])
def test_what_is_no_wish_is_offered_as_none(studio: World, words: str) -> None:
    studio.write(ANN, f"A thought [{REF}]", words)
    for mail in studio.run():
        assert "change order:" not in text_of(mail)


def test_changes_to_what_was_asked_are_no_new_wish(studio: World) -> None:
    studio.cli("do", REF, "ask design")
    studio.answer(the("approval-request", studio.run()), "Could we add sequins to the train?")
    for mail in studio.run():
        assert "change order:" not in text_of(mail)
