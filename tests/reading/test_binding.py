"""A signed mail that comes again counts only where what is signed says that it was written to us, on our question."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mailbot.reading.binding import bound
from mailbot.reading.matching import Found, Match, clues
from mailbot.reading.message import parse
from mailbot.reading.proof import Proof

BOT = "orders@studio.example"
TOKEN = "abcdefghijklmnop"
OTHER = "qrstuvwxyzabcdef"
FOUND = Found({}, {"ask@studio.example": (TOKEN, "ORD-1"), "digest@studio.example": (None, "ORD-1")}, {})
ALL = frozenset({"from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"})
NO_TO = ALL - {"to", "cc"}
NO_THREAD = ALL - {"in-reply-to", "references"}
NEITHER = NO_TO & NO_THREAD


@dataclass(frozen=True, slots=True)
class Case:
    """A mail: to whom, in answer to what, what it quotes; the token it was matched to; what is signed of it."""

    signed: frozenset[str]
    to: str = f"orders+{TOKEN}@studio.example"
    answers: str = ""
    quotes: str = ""
    cc: str = ""
    token: str | None = TOKEN
    because: str = "token in the address"
    delivered: str = ""


COUNTS = {
    "all of it": Case(ALL, answers="ask@studio.example"),
    "the token in To": Case(NO_THREAD),
    "the token in To, and what it answers is not ours": Case(NO_THREAD, answers="x@client.example"),
    "in Cc": Case(ALL, to="ann@client.example", cc=BOT, answers="ask@studio.example", because="reply to our mail"),
    "by what it answers": Case(ALL, to=BOT, answers="ask@studio.example", because="reply to our mail"),
    "by what it quotes": Case(NO_THREAD, to=BOT, quotes=TOKEN, because="token in the body"),
    "what it quotes, and what it seems to answer": Case(NEITHER, quotes=TOKEN, answers="ask@studio.example"),
    "by the tag": Case(NO_THREAD, to=BOT, because="the tag in the subject"),
    "it leads to nothing": Case(NO_THREAD, to=BOT, token=None, because="nothing"),
    "another separator": Case(NO_THREAD, to=f"orders-{TOKEN}@studio.example"),
    "in capitals": Case(ALL, to="Orders@Studio.Example", answers="ask@studio.example", because="reply to our mail"),
}
NOT = {
    "to somebody else": (Case(ALL, to="bob@client.example", answers="ask@studio.example"), "written to somebody else"),
    "to somebody else, and delivered to us": (
        Case(ALL, to="bob@client.example", delivered=f"orders+{TOKEN}@studio.example"), "written to somebody else",
    ),
    "to somebody else, and us in an unsigned Cc": (
        Case(ALL - {"cc"}, to="bob@client.example", cc=f"orders+{TOKEN}@studio.example"), "written to somebody else",
    ),
    "to somebody else of the studio": (Case(ALL, to="sam@studio.example"), "written to somebody else"),
    "to us, and delivered to a question": (
        Case(ALL, to=BOT, delivered=f"orders+{TOKEN}@studio.example"), "what leads to our question",
    ),
    "to another question": (
        Case(NO_THREAD, to=f"orders+{OTHER}@studio.example", answers="ask@studio.example"), "leads to our question",
    ),
    "answers by a header that is not signed": (
        Case(NO_THREAD, to=BOT, answers="ask@studio.example", because="reply to our mail"), "leads to our question",
    ),
    "seems to answer a mail of ours that asked nothing": (
        Case(NO_THREAD, to=BOT, answers="digest@studio.example", token=None, because=""), "leads to our question",
    ),
    "To not signed, nothing quoted": (Case(NEITHER, answers="ask@studio.example"), "it does not cover To"),
    "To not signed, quoted and in no thread": (Case(NEITHER, quotes=TOKEN), "it does not cover To"),
    "To not signed, quoted and in another's thread": (
        Case(NO_TO, quotes=TOKEN, answers="x@client.example"), "it does not cover To",
    ),
    "To not signed, another question quoted": (
        Case(NEITHER, quotes=OTHER, answers="ask@studio.example"), "it does not cover To",
    ),
    "To not signed, by the tag": (Case(NO_TO, because="the tag in the subject"), "it does not cover To"),
}  # fmt: skip


def judged(case: Case, proof: Proof) -> Proof:
    headers = {"To": case.to, "Cc": case.cc, "Delivered-To": case.delivered, "Subject": "Re: Design [ORD-1]"}
    headers["In-Reply-To"] = f"<{case.answers}>" if case.answers else ""
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    data = "\r\n".join(["From: ann@client.example", *lines, "", "Approved!", "", f"> {case.quotes}", ""]).encode()
    message = parse(data)
    return bound(proof, message, clues(message, BOT), FOUND, Match("ORD-1", case.token, case.because), BOT)


@pytest.mark.parametrize("name", COUNTS)
def test_it_counts(name: str) -> None:
    proof = Proof(True, "dkim=pass d=client.example", COUNTS[name].signed)
    assert judged(COUNTS[name], proof) == proof


@pytest.mark.parametrize("name", NOT)
def test_it_does_not(name: str) -> None:
    case, why = NOT[name]
    proof = judged(case, Proof(True, "dkim=pass d=client.example", case.signed))
    assert not proof.ok
    assert proof.how.startswith("dkim=pass d=client.example, but ")
    assert why in proof.how


@pytest.mark.parametrize("proof", [Proof(True, "dmarc=pass by mx.studio.example"), Proof(False, "dmarc=fail")])
def test_what_the_border_says_stays(proof: Proof) -> None:
    assert all(judged(case, proof) == proof for case, _ in NOT.values())
