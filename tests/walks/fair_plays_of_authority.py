# ruff: noqa: E501 - a play a line
"""Those who may decide, within what they may: limits kept, delegates in time, colleagues added, senders accepted."""

from __future__ import annotations

from tests.walks.attacks_on_authority import (
    BOB_UP_TO,
    COSTLY,
    NO_POLICY,
    YES,
    Acts,
    answers,
    by,
    choice,
    settled,
    spelled,
    tells,
    then,
    unproven,
)
from tests.walks.stage import DESIGN, MONEY, Fair, Scene, border

AWAY = "I am away until 3 March, please take Bob's word until then."


def named_in_answer_to_her_mail(s: Scene) -> Acts:
    """Ann says whose word counts; that is held, the manager's answer to it names him, and he answers."""
    question = s.asked
    yield s.reply(AWAY, question)
    yield s.reply(f"delegate {s.bob} until 2026-03-03 up to 500", s.last("held"), sender=s.sam)
    yield answers(s, YES, question)


def added_and_answers_again(s: Scene) -> Acts:
    yield answers(s, "Approved!")
    yield s.reply("approve and add approver", s.last("held"), sender=s.sam)
    yield tells(s, "ask fabric")
    yield answers(s, "Approved!")


def added_and_then_booked(s: Scene) -> Acts:
    yield answers(s, "Approved!")
    notice = s.last("held")
    yield s.reply("add approver", notice, sender=s.sam)
    yield s.reply("approve", notice, sender=s.sam)


def accepted_and_answers_again(s: Scene) -> Acts:
    yield border(s.reply("Approved!"), NO_POLICY)
    yield s.reply(f"approve and accept {s.ann}", s.last("held"), sender=s.sam)
    yield tells(s, "ask fabric")
    yield border(s.reply("Approved!"), NO_POLICY)


def undoes_his_own(s: Scene) -> Acts:
    yield answers(s, YES)
    yield answers(s, "undo", s.last("receipt"))


AUTHORITY_PLAYS = {
    "up-to-the-limit": Fair("approve", by("{s.bob}", YES), f"{BOB_UP_TO}450.00\n{MONEY}"),
    "up-to-the-limit-in-all": Fair("approve", by("{s.bob}", YES), f"{BOB_UP_TO}450 in all\n{MONEY}"),
    "a-no-within-the-limit": Fair("decline", by("{s.bob}", "No, thank you."), f"{BOB_UP_TO}450.00\n{MONEY}"),
    "a-milestone-has-no-limit": Fair("approve", by("{s.bob}"), f"{BOB_UP_TO}1\n{DESIGN}"),
    "an-option-that-costs-nothing": Fair("choose", choice("Option 1, please."), f"{BOB_UP_TO}1\n{COSTLY}"),
    "an-option-within-the-limit": Fair("choose", choice("Option 2, please."), f"{BOB_UP_TO}380\n{COSTLY}"),
    "a-limit-that-was-lifted": Fair("approve", then("approver {s.bob} no limit", words=YES), f"{BOB_UP_TO}100\n{MONEY}"),
    "undoes-his-own-within-the-limit": Fair("command", undoes_his_own, f"{BOB_UP_TO}450 in all\n{MONEY}"),
    "approver-named-by-the-manager": Fair("approve", then("approver {s.bob}")),
    "delegate-in-time": Fair("approve", by("{s.bob}"), f"delegate {{s.bob}} until 2026-01-10\n{DESIGN}"),
    "delegate-within-the-limit": Fair("approve", by("{s.bob}", YES), f"delegate {{s.bob}} until 2026-03-03 up to 450\n{MONEY}"),
    "delegate-of-another-address": Fair("approve", by("dora@elsewhere.example"), f"delegate dora@elsewhere.example until 2026-03-03\n{DESIGN}"),
    "delegate-named-in-answer-to-her-mail": Fair("approve", named_in_answer_to_her_mail, MONEY),
    "delegate-and-she-herself": Fair("approve", by("{s.ann}"), f"delegate {{s.bob}} until 2026-03-03\n{DESIGN}"),
    "colleague-added-with-his-answer": Fair("command", settled("{s.bob}", "approve and add approver")),
    "colleague-added-and-then-booked": Fair("command", added_and_then_booked),
    "colleague-added-answers-again": Fair("approve", added_and_answers_again),
    "accepted-without-proof": Fair("approve", unproven("{s.ann}"), f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-without-any-result": Fair("changes", lambda s: border(s.reply("Please make the ivory warmer."), top=""), f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-for-an-option-without-cost": Fair("choose", choice("Option 1, please.", NO_POLICY, "{s.ann}"), f"accept {{s.ann}}\n{COSTLY}"),
    "accepted-with-her-answer": Fair("command", settled("{s.ann}", "approve and accept {s.ann}", proof=NO_POLICY)),
    "accepted-answers-again": Fair("approve", accepted_and_answers_again),
    "over-the-limit-and-declined-by-the-manager": Fair("command", settled("{s.bob}", "decline", words="No, thank you."), f"{BOB_UP_TO}100\n{MONEY}"),
    "approver-written-in-capitals": Fair("approve", spelled("From: Bob <BOB@Client{s.number}.EXAMPLE>"), f"approver Bob@CLIENT{{s.number}}.example\n{DESIGN}"),
    "approver-with-a-domain-of-other-letters": Fair("approve", spelled("From: Zoe <zoe@xn--lan-9la.example>", "xn--lan-9la.example"), f"approver zoe@Élan.example\n{DESIGN}"),
}  # fmt: skip
