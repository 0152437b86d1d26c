"""An approval that was given elsewhere: a person of the studio vouches for it, with the client's mail or signature.

It is on record as vouched for, by whom, with the original. What is enclosed is never read as an answer of
who sent it on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbot.orders import events as e
from mailbot.orders.authority import stake, who_may, why_not
from mailbot.orders.circumstances import Circumstances, Enclosed, Refused, Step, milestone_of, stamp
from mailbot.orders.commands import Command
from mailbot.orders.model import AskedKind, Order, Request
from mailbot.orders.notices import title_of
from mailbot.orders.settle import booked

_PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is vouched with: the client's words, the key of the original, what speaks for it, files to keep."""

    words: str
    mail: str
    proof: str
    files: tuple[tuple[str, bytes], ...]  # what each is, and its bytes


def vouch(order: Order, command: Command, at: Circumstances) -> Step:
    """`vouch design by ann@client.example`: booked as the client's approval, vouched for by who commands."""
    by = command.args["address"]
    if order.closed:
        raise Refused("the order is closed")
    kind, about = _what(order, command.args["thing"])
    asked = _asked(order, kind, about, at)
    if why := why_not(order, by, about, stake(order, asked, None), at.now, at.studio):
        raise Refused(f"{why} (who may: {'; '.join(who_may(order, at.now))})")
    evidence = _evidence(by, at)
    decision = booked(
        order, asked, "approve", replace(at, next_invoice=_next_invoice(order, at)), by=by,
        how="vouched", proof=f"vouched for by {at.actor}; {evidence.proof}", because=f"vouched for by {at.actor}",
        words=evidence.words, mail=evidence.mail, confirmed_by=at.actor,
        subject=f"{order.project} - {title_of(order, kind, about)}",
    )  # fmt: skip
    records = tuple(
        e.MailRecorded(**stamp(at), mail=_key(data), direction="in", kind=what, because=f"enclosed by {at.actor}")
        for what, data in evidence.files
    )
    said = f"{title_of(order, kind, about)} is approved by {by}, vouched for by {at.actor}"
    return Step(said, (*records, *decision.events), decision.sends, tuple(data for _, data in evidence.files))


def offers(order: Order, sender: str) -> Sequence[str]:
    """The commands that would vouch for what is open, by `sender`."""
    waits = [r.about for r in order.open_requests if r.kind in ("milestone", "change-order")]
    nearest = [m.key for m in order.milestones if m.approval and m.status not in ("approved", "done")][:1]
    return [f"vouch {about} by {sender}" for about in waits or nearest]


def _what(order: Order, thing: str) -> tuple[AskedKind, str]:
    """What is vouched for. Raises Refused for what cannot be approved (any more)."""
    number = thing.upper().replace(" ", "-")
    if change := order.change_order(number):
        if change.status not in ("sent", "draft") or not change.items:
            why = "it has no items" if not change.items else f"it is {change.status}"
            raise Refused(f"{change.number} cannot be approved: {why}; `change order {change.number}:` makes it anew")
        return "change-order", change.number
    if number.startswith("CO-"):
        known = ", ".join(c.number for c in order.change_orders) or "none yet"
        raise Refused(f"there is no {number} (there are: {known})")
    milestone = milestone_of(order, thing)
    if milestone.status in ("approved", "done"):
        raise Refused(f"{milestone.name} is {milestone.status} already")
    if not milestone.approval:
        raise Refused(f"{milestone.name} needs no approval; `milestone {milestone.key} done` marks it done")
    return "milestone", milestone.key


def _evidence(by: str, at: Circumstances) -> _Evidence:
    """The client's mail, else a signed paper (PDF, told by its contents). Raises Refused where there is neither."""
    papers = tuple(("addendum", data) for _, _, data in at.attachments if data[:1024].lstrip().startswith(_PDF))
    mail = next((one for one in at.enclosed if one.sender == by), None)
    if mail is not None:
        own = (("enclosed", mail.data),) if mail.data is not None else ()
        return _Evidence(mail.words, _key(mail.data) if mail.data is not None else at.mail, mail.proof, (*own, *papers))
    if papers:
        return _Evidence("", _key(papers[0][1]), "a signed paper, attached", papers)
    if at.enclosed:
        raise Refused(f"the mail that is enclosed is from {at.enclosed[0].sender}, not from {by}")
    raise Refused(f"nothing of {by} is enclosed: attach their mail, forward it, or attach the signed paper as PDF")


def _asked(order: Order, kind: AskedKind, about: str, at: Circumstances) -> Request:
    """The open question that is answered so; where nothing was asked, one without a token that stands for it."""
    asked = (r for r in order.open_requests if (r.kind, r.about) == (kind, about))
    never = Request(token="", kind=kind, about=about, revision="", asked_at=at.now, expires_at=at.now)
    return next(asked, never)


def _next_invoice(order: Order, at: Circumstances) -> int:
    """The studio's next number, after those that commands before this one have given to the order."""
    given = [int(i.number.removeprefix("INV-")) for i in order.invoices if i.number.removeprefix("INV-").isdigit()]
    return max([at.next_invoice, *(n + 1 for n in given)])


def forwarded(one: Enclosed, at: Circumstances) -> tuple[e.MailRecorded, tuple[bytes, ...]]:
    """A client's mail that staff passed on, as the record has it, and what goes into the archive."""
    event = e.MailRecorded(
        at=at.now, by=one.sender, mail=_key(one.data) if one.data is not None else at.mail, direction="in",
        kind="forwarded", because=f"forwarded by {at.actor}", from_client=True,
    )  # fmt: skip
    return event, (one.data,) if one.data is not None else ()


def _key(data: bytes) -> str:
    """The archive's key of a file."""
    return hashlib.sha256(data).hexdigest()
