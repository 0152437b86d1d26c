"""Which question a mail answers when its clues do not all point at us: foreign threads, servers that change ids."""

from __future__ import annotations

import pytest

from mailbot.reading.matching import Found, Match, Ticket, clues, match
from mailbot.reading.message import parse
from tests.orders.world import order

BOT, ANN, BOB = "orders@studio.example", "ann@client.example", "bob@client.example"
TOKEN = "abcdefgh23456723"
OURS, BOBS, HERS = f"{TOKEN}.x@studio.example", "bob.1@client.example", "ann.1@client.example"
ONE = order()
FOUND = Found(
    {TOKEN: Ticket(TOKEN, ONE.ref, "milestone", "design")}, {OURS: (TOKEN, ONE.ref)}, {ONE.ref: ONE},
    {BOBS: BOB, HERS: ANN},
)  # fmt: skip
TO_TOKEN = f"To: orders+{TOKEN}@studio.example"


def matched(*headers: str, body: str = "Approved!") -> Match:
    mail = "\n".join([f"From: {ANN}", "Subject: Re: x", *headers, "", body])
    return match(clues(parse(mail.encode()), BOT), FOUND)


@pytest.mark.parametrize(
    "headers",
    [
        [TO_TOKEN],
        [TO_TOKEN, f"In-Reply-To: <{OURS}>"],
        [TO_TOKEN, "In-Reply-To: <changed@ses.example>", f"References: <{OURS}> <changed@ses.example>"],
        [TO_TOKEN, f"In-Reply-To: <{HERS}>", f"References: <{OURS}> <{HERS}>"],
        [f"To: {BOB}", f"Cc: orders+{TOKEN}@studio.example", f"In-Reply-To: <{OURS}>"],
        [f"To: {BOT}", f"In-Reply-To: <{OURS}>"],
    ],
)
def test_an_answer_to_us_or_to_oneself_leads_to_the_question(headers: list[str]) -> None:
    assert matched(*headers).token == TOKEN


@pytest.mark.parametrize(
    "headers",
    [
        [TO_TOKEN, f"In-Reply-To: <{BOBS}>", f"References: <{OURS}> <{BOBS}>"],
        [f"To: {BOB}", f"Cc: orders+{TOKEN}@studio.example", "In-Reply-To: <x@y.example>", f"References: <{OURS}>"],
    ],
)
def test_an_answer_to_somebody_else_leads_to_the_order_only(headers: list[str]) -> None:
    found = matched(*headers)
    assert (found.order, found.token) == (ONE.ref, None)
    assert "somebody else" in found.because


def test_a_token_in_the_body_of_an_answer_to_somebody_else_is_not_believed() -> None:
    assert matched(f"To: {BOT}", f"In-Reply-To: <{BOBS}>", body=f"Approved!\n\n> {TOKEN}").token is None
    assert matched(f"To: {BOT}", f"In-Reply-To: <{HERS}>", body=f"Approved!\n\n> {TOKEN}").token == TOKEN


def test_two_tokens_lead_nowhere() -> None:
    other = "zzzzzzzz23456723"
    found = Found({**FOUND.tickets, other: Ticket(other, ONE.ref, "milestone", "fabric")}, {}, FOUND.orders)
    mail = parse(f"From: {ANN}\n{TO_TOKEN}, orders+{other}@studio.example\n\nApproved!".encode())
    assert match(clues(mail, BOT), found).disagree
