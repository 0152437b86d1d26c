"""A parsed mail and what the store knows of it become an `Intake`: who, in which role, how proven, about what.

Pure: whoever calls it has looked up what the clues of the mail lead to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mailbot.addresses import normal
from mailbot.orders.authority import people_of
from mailbot.orders.intake import Failed, Intake, Role
from mailbot.orders.model import Held, Order, Request
from mailbot.orders.objections import CONTEXT_OF
from mailbot.reading.appointments import calendar_answer
from mailbot.reading.asked import Asked
from mailbot.reading.automatic import Origin, OwnAddresses, wants_silence
from mailbot.reading.binding import bound
from mailbot.reading.decision import Reading, read
from mailbot.reading.doubts import doubts_of_reading
from mailbot.reading.matching import Found, Match, clues, match
from mailbot.reading.message import Message
from mailbot.reading.named import Named, named
from mailbot.reading.own_words import OwnWords, own_words
from mailbot.reading.proof import Proof, Trust, prove
from mailbot.reading.words_agree import tokens
from mailbot.rules.machines import MachineRules
from mailbot.rules.replies import ReplyRules
from mailbot.rules.words import WordRules

if TYPE_CHECKING:  # imported late: most installations verify no signatures
    from mailbot.reading.signatures import Signatures

SURVEY = "survey"  # the kind of our mail that asks how satisfied a client is
_BRACKETS = re.compile(r"\[[^\[\]]{0,60}\]|\((?:ext|extern|external|extérieur)\)", re.IGNORECASE)
_MARKS = re.compile(r"^(?:\s*[^\W\d_]{1,12}\s*(?:\(\d+\))?[:：]\s*){1,9}")


@dataclass(frozen=True, slots=True)
class Reader:
    """The rules that reading goes by, and who we are."""

    machines: MachineRules
    words: WordRules
    replies: ReplyRules
    trust: Trust
    own: OwnAddresses
    address: str  # the bot's
    roles: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)  # staff, finance, director, by address


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows that bears on one mail: what its clues lead to, who wrote it, what we had sent them."""

    found: Found = field(default_factory=lambda: Found({}, {}, {}))
    people: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  # address -> references of orders it is client of
    managers: frozenset[str] = frozenset()
    held: Mapping[str, Held] = field(default_factory=dict)
    sent: tuple[str, ...] = ()  # texts of our mails that it may quote
    subjects: tuple[str, ...] = ()  # of the same mails
    order: Order | None = None  # named by staff in the mail itself
    answers: str | None = None  # the kind of our mail that it answers directly
    about: str | None = None  # what that mail was about


@dataclass(frozen=True, slots=True)
class Steps:
    """Every step of the reading, for `explain`."""

    message: Message
    origin: Origin
    proof: Proof
    words: OwnWords
    match: Match
    asked: Asked | None
    reading: Reading | None
    intake: Intake


def take_in(
    message: Message, machine: Origin, key: str, known: Known, reader: Reader, context: str | None = None,
    signatures: Signatures | None = None,
) -> Steps:  # fmt: skip
    """All that reading makes of `message`, stored under `key`; `context` is what its subject alone would mean.

    `machine` is who or what wrote it: whoever looked up what is `known` had to see that first. `signatures`: how those
    are verified, if they are.
    """
    clue = clues(message, reader.address, machine.original_id)
    answers_ours = bool(clue.parents) and all(parent in known.found.threads for parent in clue.parents)
    words = own_words(message, reader.words, known.sent, answers_ours=answers_ours)
    found = match(clue, known.found)
    order = known.found.orders.get(found.order) if found.order else known.order
    ticket = known.found.tickets.get(found.token or "")
    answers = known.answers or (SURVEY if ticket and ticket.kind == SURVEY else None)
    request = order.request(found.token) if order and found.token else None
    roles = _roles(message.from_addr, order, known, reader)
    person = machine.kind == "person"
    by_name = _by_name(words.text, order, found) if person and roles[0] == "client" and answers != SURVEY else None
    request = by_name.request if by_name else request
    proved = prove(message, reader.trust, signatures if _matters(machine, roles) else None)
    proof = bound(proved, message, clue, known.found, found, reader.address)
    asked = _asked(message, order, request, context, by_name) if person else None
    said = replace(words, text=_unsigned(words.text, _names(message, order, proof)))
    reading = read(said.text, asked, reader.replies) if asked else None
    if asked and reading and request is None and roles[0] == "client":
        reading = _or_paid(reading, said.text, asked, reader.replies)
    doubts = doubts_of_reading(said, asked, reading, reader.replies) if asked and reading else words.doubts
    intake = Intake(
        mail=key, message_id=message.message_id, references=message.references[-20:], subject=message.subject,
        sender=message.from_addr, kind=machine.kind, kind_because=machine.because,
        failed=tuple(Failed(f.address, f.status or "") for f in machine.failed if f.action == "failed"),
        defects=message.defects,
        proven=proof.ok, proof=proof.how, uncontested=proof.uncontested, role=roles[0], roles=roles,
        to_client=_to_client(message, order, known, reader),
        words=words.text, doubts=doubts, order=order, request=request,
        held=known.held.get(found.held) if found.held else None, matched=found.because,
        disagree=found.disagree or bool(known.order and order and known.order.ref != order.ref),
        routed=found.because == "token in the address", by_tag=found.because == "the tag in the subject",
        context=context, written=message.date, retitled=_retitled(message.subject, known.subjects), reading=reading,
        calendar=calendar_answer(message) if machine.kind == "calendar" else None, answers=answers,
        about=known.about, silence=wants_silence(message, reader.machines, reader.own),
        named=by_name.name if by_name else "",
    )  # fmt: skip
    return Steps(message, machine, proof, words, found, asked, reading, intake)


def _by_name(words: str, order: Order | None, found: Match) -> Named | None:
    """What the words name by themselves, where no clue leads to a question of ours and none leads elsewhere."""
    return named(words, order) if order and not (found.token or found.held or found.disagree) else None


def _roles(sender: str, order: Order | None, known: Known, reader: Reader) -> tuple[Role, ...]:
    """All that `sender` is, the one that counts first: the studio's people, the order's client, else a stranger."""
    roles = list(reader.roles.get(sender, ()))
    if sender in known.managers or (order and sender == order.account_manager.email):
        roles.append("staff")
    refs = known.people.get(sender, frozenset())
    if (order and sender in people_of(order)) or (order is None and refs):
        roles.append("client")
    return tuple(dict.fromkeys(roles)) or ("stranger",)


def _matters(machine: Origin, roles: tuple[Role, ...]) -> bool:
    """Whether a signature is worth a look: nobody whom we do not know can make us ask for keys."""
    return machine.kind in ("person", "calendar") and roles != ("stranger",)


def _names(message: Message, order: Order | None, proof: Proof) -> frozenset[str]:
    """The words of the client's name, and of the sender's where it is known who that is."""
    sender = message.from_[0].name if proof.ok and message.from_ else ""
    return frozenset(tokens(f"{order.client.name if order else ''} {sender}"))


def _unsigned(text: str, names: frozenset[str]) -> str:
    """The words without a last line that is nothing but the sender's name: it says nothing, in any language."""
    lines = text.rstrip().split("\n")
    while lines and names.issuperset(tokens(lines[-1])):
        lines.pop()
    return "\n".join(lines) or text


def _to_client(message: Message, order: Order | None, known: Known, reader: Reader) -> bool:
    """Whether anybody outside the studio gets this mail too: a known client, or an address of another domain."""
    reached = {normal(address.addr) for address in (*message.to, *message.cc) if address.addr}
    own = reader.address.rpartition("@")[2]
    inside = {a for a in reached if a.rpartition("@")[2] == own or a in reader.roles or a in known.managers}
    clients = people_of(order) if order else frozenset()
    return bool(reached - inside or reached & (clients | {a for a, refs in known.people.items() if refs}))


def _retitled(subject: str, ours: tuple[str, ...]) -> str:
    """What a reply's subject says beyond that of our mail: words that somebody added; "" when there are none."""
    said = _plain_subject(subject)
    for own in filter(None, map(_plain_subject, ours)):
        if own in said:
            return (
                said.replace(own, " ", 1).strip(" -:()") if any(c.isalnum() for c in said.replace(own, " ", 1)) else ""
            )
        if own.startswith(said):
            return ""
    return ""


def _plain_subject(subject: str) -> str:
    """A subject without the marks that programs and gateways put before it, tags, case and runs of blanks."""
    bare = _MARKS.sub("", _BRACKETS.sub(" ", subject))
    return " ".join(bare.casefold().split())


def _or_paid(reading: Reading, words: str, asked: Asked, rules: ReplyRules) -> Reading:
    """`reading`, or where nothing was asked and it says nothing: that they have paid, whatever they answer."""
    if reading.understood:
        return reading
    again = read(words, replace(asked, context=CONTEXT_OF["invoice"]), rules)
    return again if again.understood and again.label == "paid" else reading


def _asked(
    message: Message, order: Order | None, request: Request | None, context: str | None, by_name: Named | None
) -> Asked:
    locale = order.client.locale if order else None
    if by_name and request is None:
        return Asked(by_name.context, subject=message.subject, about=by_name.about, locale=locale)
    if request is None or order is None:
        return Asked(context or "milestone_approval", subject=message.subject, locale=locale)
    change = order.change_order(request.about) if request.kind == "change-order" else None
    invoice = order.invoice(request.about) if request.kind == "invoice" else None
    amount = change.amount if change else invoice.amount if invoice else None
    return Asked(
        CONTEXT_OF[request.kind], subject=message.subject, options=request.options, about=request.about, locale=locale,
        amount=amount,
    )  # fmt: skip
