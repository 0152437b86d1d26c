"""Why a client's answer is not booked: named reasons, each alone enough to put it to a person.

All of them must be silent for a decision to count; a held reply names the first, and what else stands against it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from mailbot.orders.authority import NOTHING, acceptance, stake, why_not
from mailbot.orders.intake import Intake
from mailbot.orders.issue_notices import shown_issue
from mailbot.orders.model import Accepted, Booked, Order, Request
from mailbot.orders.notices import shown_change_order

BOOKED_BY_KIND = {
    "milestone": ("approve", "changes", "decline"),
    "change-order": ("approve", "changes", "decline"),
    "issue": ("choose", "decline", "changes"),
    "fitting": ("confirm", "reschedule"),
}
DECISIVE = ("approve", "changes", "decline", "choose")
MONEY = ("change-order", "invoice")
CONTEXT_OF = {
    "milestone": "milestone_approval",
    "change-order": "change_order",
    "issue": "issue_options",
    "invoice": "invoice_reminder",
    "fitting": "fitting_availability",
    "weekly": "weekly_update",
}
Objection = Callable[[Intake, bool, datetime], str | None]


def objection(mail: Intake, accept_unproven: bool, now: datetime) -> str | None:
    """What stands against booking this answer, the weightiest first; None when nothing does.

    `accept_unproven`: the studio takes any unproven answer that came to a request's own address, never about money; it
    takes those of the addresses that it has accepted for the order in any case. Never against what was found.
    """
    return _told([why for against in _OBJECTIONS if (why := against(mail, accept_unproven, now))])


def objection_to_undo(mail: Intake, accept_unproven: bool, now: datetime) -> str | None:
    """What stands against taking a decision back by this mail."""
    return _told([why for against in _TO_UNDO if (why := against(mail, accept_unproven, now))])


def no_longer_open(mail: Intake, now: datetime) -> str | None:
    """Why what this mail answers can no longer be answered by it."""
    return stale(mail.order, mail.request, now) if mail.order and mail.request else None


def stale(order: Order, request: Request, answered_at: datetime) -> str | None:
    """Why `request` cannot be answered by what came at `answered_at`; None when it can."""
    if order.closed:
        return "the order is closed"
    if request.state == "superseded":
        return "an old revision: what was asked has been asked anew since"
    if request.state != "open":
        return f"no longer open: the request is {request.state}"
    change = order.change_order(request.about) if request.kind == "change-order" else None
    if change and (change.status != "sent" or shown_change_order(order, change) != request.shown):
        return "what was shown has changed since: its price or its dates would be others now"
    issue = order.issue(request.about) if request.kind == "issue" else None
    if issue and (issue.status != "told" or shown_issue(order, issue) != request.shown):
        return "what was shown has changed since: its dates would be others now"
    return "expired: the answer came too late" if answered_at > request.expires_at else None


def _told(reasons: list[str]) -> str | None:
    return None if not reasons else "; also: ".join(reasons)


def level_of_proof(mail: Intake, zone: str) -> str:
    """How well it is known who decided: by what they are proven, or by whom accepted without, and on which day."""
    if mail.proven:
        return mail.proof
    accepted = _acceptance(mail)
    on = f"{accepted.at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" if accepted else ""
    return f"accepted by {accepted.by} on {on}, token only" if accepted else "token only"


def _unproven(mail: Intake, accept_unproven: bool, _now: datetime) -> str | None:
    if mail.proven:
        return None
    token = mail.routed and mail.request is not None and mail.uncontested and not _about_money(mail)
    return None if token and (accept_unproven or _acceptance(mail)) else f"not proven: {mail.proof}"


def _acceptance(mail: Intake) -> Accepted | None:
    """By whom its sender is accepted without proof."""
    return acceptance(mail.order, mail.sender) if mail.order else None


def _about_money(mail: Intake) -> bool:
    """Whether money hangs on the answer: a change order, an invoice, a way out of an issue that costs."""
    if mail.order is None or mail.request is None or mail.request.kind in MONEY:
        return True
    return stake(mail.order, mail.request, mail.reading.option if mail.reading else None) > 0


def _unmatched(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    return None if mail.request else f"not matched to one request: {mail.matched}"


def _stale(mail: Intake, _accept: bool, now: datetime) -> str | None:
    return no_longer_open(mail, now)


def _written_before(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    """An answer from before the question was (re)opened: an old mail that comes again."""
    request = mail.request
    loose = mail.by_tag or bool(mail.named)
    since = request.reopened_at or (request.asked_at if loose else None) if request else None
    if since is None or mail.written is None or mail.written >= since.replace(second=0, microsecond=0):
        return None
    return "written before this was asked"


def _subject_differs(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    """The subject says more than ours did, or leads by its tag alone to something that it does not speak of."""
    if mail.retitled:
        return f"the subject was changed: {mail.retitled!r}"
    if not mail.by_tag or mail.request is None or mail.order is None:
        return None
    named = [m for m in mail.order.milestones if m.name.casefold() in mail.subject.casefold()]
    other = mail.request.kind == "milestone" and named and mail.request.about not in {m.key for m in named}
    if other or mail.context != CONTEXT_OF[mail.request.kind]:
        return f"only the tag in the subject leads to {mail.request.about}, and the subject does not speak of it"
    return None


def _only_named(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    """Only the words lead to what is open: they must decide it by its name, for a bare yes is to another mail."""
    said, request = mail.reading, mail.request
    if not mail.named or request is None or said is None:
        return None
    if said.label == "confirm":
        return f"an hour is confirmed in answer to another mail than the invitation to {request.about}"
    by_its_name = said.label == "none" or mail.named.casefold() in said.because.casefold()
    return None if by_its_name else f"{mail.named} is named, but not by the words that decide ({mail.matched})"


def _not_entitled(mail: Intake, _accept: bool, now: datetime) -> str | None:
    if mail.order is None:
        return None
    option = mail.reading.option if mail.reading else None
    amount = stake(mail.order, mail.request, option) if mail.request else NOTHING
    return why_not(mail.order, mail.sender, mail.request.about if mail.request else "", amount, now)


def _undone_before(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    """An old "undo" that comes again, after what it took back was answered anew."""
    request, booked = mail.request, _answer_to(mail)
    if booked is None or mail.written is None or request is None or request.reopened_at is None:
        return None
    since = booked.at.replace(second=0, microsecond=0)
    return "written before the answer that it would take back" if mail.written < since else None


def _answer_to(mail: Intake) -> Booked | None:
    """The last answer on record to what the mail is about."""
    if mail.order is None or mail.request is None:
        return None
    return next((d for d in reversed(mail.order.decisions) if d.token == mail.request.token), None)


def _may_not_undo(mail: Intake, _accept: bool, now: datetime) -> str | None:
    """Who could not have decided it cannot take it back either, unless it was their own word."""
    if mail.order is None:
        return None
    booked = _answer_to(mail)
    amount = abs(booked.added) if booked and booked.by != mail.sender else NOTHING
    return why_not(mail.order, mail.sender, booked.about if booked else "", amount, now)


def _doubtful(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    return f"doubtful: {', '.join(mail.doubts)}" if mail.doubts else None


def _not_understood(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    said = mail.reading
    if said is None or not said.understood:
        return f"not understood: {said.because}" if said else "there are no words to read"
    return None


def _conditional(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    said = mail.reading
    return f"a condition: {said.because}" if said is not None and said.conditional else None


def _not_an_answer(mail: Intake, _accept: bool, _now: datetime) -> str | None:
    """`yes` to a list of options, a choice where none was offered."""
    said, request = mail.reading, mail.request
    if said is None or request is None or said.label not in DECISIVE:
        return None
    if said.label in BOOKED_BY_KIND.get(request.kind, ()):
        return None
    return f"{said.label} is no answer to what was asked ({request.kind} {request.about})"


_OBJECTIONS: tuple[Objection, ...] = (
    _unproven,
    _unmatched,
    _stale,
    _written_before,
    _not_entitled,
    _subject_differs,
    _only_named,
    _doubtful,
    _not_understood,
    _conditional,
    _not_an_answer,
)
_TO_UNDO: tuple[Objection, ...] = (_unproven, _unmatched, _undone_before, _may_not_undo, _subject_differs, _doubtful)
