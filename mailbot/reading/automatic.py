"""Did a person write this mail, or a machine; which kind, and what does it tell?

The questions are asked in one order, the first that says yes wins: our own mail, complaints, delivery reports (they too
come as `auto-replied`), other reports, calendar answers, reactions, absences, tickets, lists. A person who forwards any
of these is a person, and a header that honest mail carries too (`Precedence`, `Auto-Submitted: no`) makes no machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from email.utils import getaddresses
from typing import Literal

from mailbot.reading.absences import is_absence
from mailbot.reading.bounces import read_bounce
from mailbot.reading.delivery_status import FailedRecipient
from mailbot.reading.headers import first_sign, local_part_in, plain_value, signs_in
from mailbot.reading.message import Message
from mailbot.reading.plain import plain_text
from mailbot.reading.return_date import return_date
from mailbot.reading.wording import begins_with, find_phrase, fold
from mailbot.rules.machines import MachineRules

__all__ = ["FailedRecipient", "Kind", "Origin", "OwnAddresses", "origin", "wants_silence"]

Kind = Literal["person", "automatic", "bounce", "calendar", "reaction", "own"]
_MAX_FOLDED = 16 * 1024
_FEEDBACK = re.compile(r"(?im)^feedback-type:[ \t]*[a-z]")
_METHOD = re.compile(rb"(?im)^METHOD:[ \t]*([A-Z]+)")
_ANSWERS = frozenset(
    {"REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"}
)  # RFC 5546: from an attendee, never attached by hand
_INVITES = frozenset({"REQUEST", "CANCEL", "ADD"})


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """Who we are: the bot's address, and the domain of the Message-IDs that we make. "" where not known."""

    address: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote a mail. `because` names the reason, for kind automatic with its sort before a colon.

    `failed` are the recipients of a delivery report, `original_id` the Message-ID (without <>) of the mail it is about,
    `returns` the day on which an absence says that it ends.
    """

    kind: Kind
    because: str
    failed: tuple[FailedRecipient, ...] = ()
    returns: date | None = None
    original_id: str | None = None


def origin(message: Message, rules: MachineRules, own: OwnAddresses, locale: str | None = None) -> Origin:
    """Who wrote `message`. Pure; never raises on any mail.

    `locale` of the sender, where known, decides the order of day and month in `1/12`.
    """
    mail = _Mail(message, rules, own, locale)
    for question in _QUESTIONS:
        found = question(mail)
        if found is not None:
            return found
    return Origin("person", "no sign of a machine")


def wants_silence(message: Message, rules: MachineRules, own: OwnAddresses) -> str | None:
    """The header by which a mail, whoever wrote it, asks that no machine answers it (RFC 3834, section 2); or None."""
    if sign := first_sign(message, rules.quiet):
        return sign
    return None if _is_our_list(message, own) else first_sign(message, rules.quiet_lists)


class _Mail:
    """A mail with what several questions ask of it, each worked out once."""

    def __init__(self, message: Message, rules: MachineRules, own: OwnAddresses, locale: str | None) -> None:
        self.message, self.rules, self.own, self.locale = message, rules, own, locale
        self.subject = fold(message.subject[:1000])
        self.text = plain_text(message)
        self.folded = fold(self.text[:_MAX_FOLDED])
        self.kinds = {kind for kind, _ in message.parts}
        self.content_type = (message.header("Content-Type") or "").lower()
        self.header_sign = first_sign(message, rules.headers)
        self.forwarded = (
            begins_with(self.subject, rules.prefixes.forward) is not None
            or plain_value(message.header("Auto-Submitted") or "") == "auto-forwarded"
        )
        self.replies = begins_with(self.subject, rules.prefixes.reply) is not None

    def answers_us(self) -> bool:
        """Whether it refers to a mail of ours; when we do not know who we are, whether it refers to any."""
        ids = (*self.message.in_reply_to, *self.message.references)
        if not self.own.domain:
            return bool(ids)
        return any(one.lower().endswith("@" + self.own.domain.lower()) for one in ids)


# --- the questions, each one answer or None -----------------------------------------------------------------------


def _own(mail: _Mail) -> Origin | None:
    sender = mail.message.from_addr
    if mail.content_type.startswith("multipart/report"):
        return None
    if sender and mail.own.address and _without_tag(sender) == mail.own.address.lower():
        return Origin("own", "our own address in From")
    if trace := _own_trace(mail):
        return Origin("own", f"our own address in {trace}")
    domain = mail.own.domain.lower()
    if domain and mail.message.header("X-Mailbot-Kind") and mail.message.message_id.lower().endswith("@" + domain):
        return Origin("own", "our own X-Mailbot-Kind and Message-ID")
    return None


def _bounce(mail: _Mail) -> Origin | None:
    report = read_bounce(mail.message, mail.rules)
    if report is None:
        return None
    return Origin("bounce", report.because, report.recipients, original_id=report.original_id)


def _complaint(mail: _Mail) -> Origin | None:
    if "message/feedback-report" in mail.kinds or "feedback-report" in mail.content_type:
        return Origin("automatic", "complaint: report (RFC 5965)")
    if not mail.forwarded and _FEEDBACK.search(mail.text[:_MAX_FOLDED]):
        return Origin("automatic", "complaint: field Feedback-Type")
    if '"notificationtype":"complaint"' in mail.folded[:2000].replace(" ", ""):
        return Origin("automatic", "complaint: notification")
    rules = mail.rules.complaints
    said = find_phrase(mail.folded[:1000], rules.phrases)
    if said and local_part_in(mail.message.from_addr, rules.senders):
        return Origin("automatic", f"complaint: {said!r}")
    subject = begins_with(mail.subject, rules.subjects)
    if subject and (mail.message.embedded or local_part_in(mail.message.from_addr, rules.senders)):
        return Origin("automatic", f"complaint: subject {subject!r}")
    return None


def _receipt(mail: _Mail) -> Origin | None:
    if "message/disposition-notification" in mail.kinds or "disposition-notification" in mail.content_type:
        return Origin("automatic", "receipt: report (RFC 8098)")
    if mail.content_type.startswith("multipart/report"):
        return Origin("automatic", "report: multipart/report")
    subject = begins_with(mail.subject, mail.rules.receipts.subjects)
    said = find_phrase(mail.folded[:1500], mail.rules.receipts.phrases)
    if subject and said and len(mail.folded) < 1500:
        return Origin("automatic", f"receipt: subject {subject!r}, {said!r}")
    return None


def _calendar(mail: _Mail) -> Origin | None:
    for kind, data in mail.message.parts:
        if kind != "text/calendar":
            continue
        found = _METHOD.search(data[:65536])
        method = found[1].decode("ascii").upper() if found else ""
        by_hand = any(a.data == data and a.filename and not a.inline for a in mail.message.attachments)
        if method in _ANSWERS or (method in _INVITES and not by_hand and not mail.forwarded):
            return Origin("calendar", f"text/calendar; method={method}")
    return None


def _reaction(mail: _Mail) -> Origin | None:
    found = mail.kinds & set(mail.rules.reactions.types)
    if found:
        return Origin("reaction", f"part {min(found)}")
    subject = begins_with(mail.subject, mail.rules.reactions.subjects)
    if subject and find_phrase(mail.folded[:1000], mail.rules.reactions.subjects):
        return Origin("reaction", f"subject {subject!r}")
    return None


def _forwarded(mail: _Mail) -> Origin | None:
    """A person who passes something on is a person, unless the mail itself says that it was made by a machine."""
    if mail.forwarded and not mail.header_sign:
        return Origin("person", "forwarded by a person")
    return None


def _machine(mail: _Mail) -> Origin | None:
    """Absences, tickets and whatever else says in its headers that nobody wrote it."""
    sign = mail.header_sign
    absence = is_absence(mail.message, mail.text, mail.rules)
    if absence or sign:
        ticket = find_phrase(mail.folded, mail.rules.tickets.phrases) or begins_with(
            mail.subject, mail.rules.tickets.subjects
        )
        returns = return_date(mail.message, mail.text, mail.rules, mail.locale) if absence or not ticket else None
        reason = absence or f"header {sign}"
        sort = "absence" if absence or returns else "ticket" if ticket else "answer"
        return Origin("automatic", f"{sort}: {reason}", returns=returns)
    return None


def _ticket(mail: _Mail) -> Origin | None:
    subject = begins_with(mail.subject, mail.rules.tickets.subjects)
    said = find_phrase(mail.folded, mail.rules.tickets.phrases)
    if not mail.replies and subject and said:
        return Origin("automatic", f"ticket: subject {subject!r}, {said!r}")
    if local_part_in(mail.message.from_addr, mail.rules.no_reply):
        return Origin("automatic", f"{'ticket' if said else 'notice'}: sender {mail.message.from_addr}")
    return None


def _list(mail: _Mail) -> Origin | None:
    rules = mail.rules.lists
    signs = list(signs_in(mail.message, rules.signs))
    support = list(signs_in(mail.message, rules.support))
    if not signs or len(signs) + len(support) < rules.at_least or mail.answers_us():
        return None
    if _is_our_list(mail.message, mail.own):
        return None
    if first_sign(mail.message, rules.discussion) and _addressed(mail):
        return None
    return Origin("automatic", f"list: {', '.join(sign.split(':')[0] for sign in signs[:3])}")


_QUESTIONS: tuple[Callable[[_Mail], Origin | None], ...] = (
    _own, _complaint, _bounce, _receipt, _calendar, _reaction, _forwarded, _machine, _ticket, _list,
)  # fmt: skip


# --- details ------------------------------------------------------------------------------------------------------


def _without_tag(address: str) -> str:
    """`orders@studio.example` for `orders+t7k2@studio.example`."""
    local, at, domain = address.lower().rpartition("@")
    return local.split("+", 1)[0] + at + domain


def _own_trace(mail: _Mail) -> str | None:
    """The header that shows a mail of ours which a list or a forwarder sent on in its own name.

    Each is the sender's to write: who forges it makes mailbot ignore the forger's own mail, and nothing else.
    """
    ours = mail.own.address.lower()
    if not ours:
        return None
    for name in mail.rules.authors:
        if any(_without_tag(addr) == ours for _, addr in getaddresses(mail.message.header_all(name))):
            return name
    tokens = (one.addr for one in mail.message.reply_to)  # nobody but us asks for answers to the address of a token
    return "Reply-To" if any(_without_tag(addr) == ours != addr for addr in tokens) else None


def _is_our_list(message: Message, own: OwnAddresses) -> bool:
    """Whether the list is our own mailbox, as where it is a Google Group: `List-Id: <orders.studio.example>`."""
    ours = own.address.lower()
    if not ours:
        return False
    named = " ".join(
        value.lower()
        for name in ("List-Id", "List-Post", "Mailing-List", "X-BeenThere")
        for value in message.header_all(name)
    )
    return ours in named or f"<{ours.replace('@', '.')}>" in named


def _addressed(mail: _Mail) -> bool:
    """Whether the mail was written to us as well as to a list."""
    to = {_without_tag(one.addr) for one in (*mail.message.to, *mail.message.cc)}
    return bool(mail.own.address) and mail.own.address.lower() in to
