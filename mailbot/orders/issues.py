"""The issue, as the account manager writes it: what happened, the ways out, the question to the client; and the choice.

The clock runs from the first line about it on. A major one is put to the Sales Director at once, told to the client or
not. Where the chosen way moves money it becomes a change order, which the client approves like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.authority import asked_of, end_of
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.commands import Command, Misfit
from mailbot.orders.consequences import Consequences, moved_delivery
from mailbot.orders.evolve import evolve
from mailbot.orders.issue_notices import escalation_issue, issue_notice, shown_issue
from mailbot.orders.model import ChangeOrder, Issue, Item, Option, Order
from mailbot.orders.requests import request
from mailbot.rules.issues import IssueRules
from mailbot.rules.process import ProcessRules


@dataclass(frozen=True, slots=True)
class _Draft:
    """What was written about an issue: the order `after` the events that say so, and what stands against sending."""

    after: Order
    issue: Issue
    events: tuple[e.Event, ...]
    against: str | None


def issue(order: Order, command: Command, at: Circumstances) -> Step:
    """The block `issue`: drafted, and told to the client when it ends with `send`.

    Whatever is changed after it was told takes the question back: the client must never choose what was not shown.
    """
    if order.closed:
        raise Refused("the order is closed")
    draft = _drafted(order, command, at)
    wants = any(isinstance(inner, Command) and inner.id == "send" for inner in command.block)
    escalation = _escalation(order, draft, at, told=wants and not draft.against)
    told = f"{draft.issue.number} {draft.issue.title}: {draft.issue.severity}"
    told += f" ({draft.issue.because})" if draft.issue.because else ""
    told += "; the Sales Director is told" if escalation.sends else ""
    if not wants or draft.against:
        limit = _limit(draft.issue, at)
        how = f"`issue {draft.issue.number}:` with the lines that are missing and `send` below it tells the client"
        why = f"kept as a draft and NOT sent: {draft.against}" if wants else f"draft; {how}"
        said = f"{told}; {why}{limit}"
        return Step(said, (*draft.events, *escalation.events), escalation.sends)
    sent = _told(draft, at)
    said = f"{told}; {sent.said}"
    return Step(said, (*draft.events, *sent.events, *escalation.events), (*sent.sends, *escalation.sends))


def why_major(one: Issue, total: Decimal, rules: IssueRules) -> str | None:
    """Why an issue is major by the rules, of an order over `total`; None when it is minor.

    What its impact names counts; where that names no delay or no overrun, the gravest of its ways out.
    """
    days, percent = rules.measured(one.impact)
    if days is None:
        days = max((option.days for option in one.options), default=0)
    if percent is None:
        cost = max((option.amount for option in one.options), default=Decimal(0))
        percent = cost * 100 / total if total > 0 else Decimal(0)
    if rules.severity(days, Decimal(0)) == "major":
        return f"delay of {days} days"
    if rules.severity(0, percent) == "major":
        return f"overrun of {percent.quantize(Decimal('0.1')).normalize():f} %"
    words = (rules.grave_word(text) for text in (one.title, one.situation, one.impact))
    grave = next((word for word in words if word), None)
    return f"it names {grave!r}" if grave else None


def of_choice(order: Order, about: str, option: int | None, rules: ProcessRules) -> Consequences:
    """What the chosen way out entails by itself: the delivery date. Where it moves money nothing moves before the
    change order that comes of it is approved."""
    chosen = _option(order, about, option)
    if chosen is None or chosen.amount or not chosen.days:
        return Consequences()
    return moved_delivery(order, order.delivery + timedelta(days=chosen.days), rules)


def after_choice(order: Order, about: str, option: int | None, at: Circumstances) -> Step | None:
    """The change order that a chosen way makes which moves money, put to the client; None where it moves none.

    `order` as it stands with the choice booked.
    """
    chosen, one = _option(order, about, option), order.issue(about)
    if chosen is None or one is None or not chosen.amount:
        return None
    change = ChangeOrder(
        number=f"CO-{len(order.change_orders) + 1}", title=f"{one.title}: {chosen.text}",
        items=(Item(text=chosen.text, amount=chosen.amount),), days=chosen.days, about=one.number,
    )  # fmt: skip
    drafted = e.ChangeOrderChanged(at=at.now, by="mailbot", change_order=change)
    if order.paused:
        said = f"{change.number} is drafted; work is paused, so `resume` and then send it"
        return Step(said, (drafted,))
    with_it = evolve(order, drafted)
    asked = request(
        at.ids, with_it, "change-order", change.number, notices.shown_change_order(with_it, change),
        now=at.now, expires=timedelta(days=at.rules.requests.expire_after_days), asked_by=order.account_manager.email,
    )  # fmt: skip
    send = notices.change_order(with_it, change, asked, at.rules, ())
    opened = e.RequestOpened(at=at.now, by="mailbot", request=asked)
    return Step(f"{change.number} goes to the client for approval", (drafted, opened), (send,))


def _option(order: Order, about: str, option: int | None) -> Option | None:
    one = order.issue(about)
    return one.options[option - 1] if one and option and 1 <= option <= len(one.options) else None


def _drafted(order: Order, command: Command, at: Circumstances) -> _Draft:
    old = _known(order, command)
    if old and old.status == "chosen":
        raise Refused(
            f"{old.number} is decided (option {old.option}); `undo {old.number}`, or give the new one a title"
        )
    inner = [c for c in command.block if isinstance(c, Command)]
    base = old or Issue(number=f"ISS-{len(order.issues) + 1}", title=command.args["text"], raised_at=at.now)
    one = base.model_copy(update={**_lines(inner), "status": "draft", "title": command.args.get("text") or base.title})
    said = next((c.args.get("text") or f"{at.actor} says so" for c in inner if c.id == "severity"), None)
    because = said or why_major(one, order.total, at.rules.issues) or base.because
    one = one.model_copy(update={"because": because, "severity": "major" if because else "minor"})
    taken_back = tuple(
        e.RequestClosed(**stamp(at), token=asked.token, state="superseded")
        for asked in order.open_requests
        if (asked.kind, asked.about) == ("issue", one.number)
    )
    events: tuple[e.Event, ...] = (*taken_back, e.IssueChanged(**stamp(at), issue=one))
    for event in events:
        order = evolve(order, event)
    wrong = any(isinstance(line, Misfit) for line in command.block)
    return _Draft(order, one, events, _against(order, one, wrong, at))


def _known(order: Order, command: Command) -> Issue | None:
    """The issue that a block is about, by its number or its title; None for a new one."""
    number, title = command.args.get("issue"), command.args.get("text", "").casefold()
    if number is None:
        return next((i for i in order.issues if i.title.casefold() == title), None)
    found = order.issue(number)
    if found is None:
        known = ", ".join(i.number for i in order.issues) or "none yet"
        raise Refused(f"there is no {number} (there are: {known}); `issue: TITLE` raises a new one")
    return found


def _lines(inner: list[Command]) -> dict[str, Any]:
    """What the lines of a block change; the ways out as a whole, when there is one."""
    changes: dict[str, Any] = {c.id: c.args["text"] for c in inner if c.id in ("situation", "impact", "plan")}
    options = tuple(
        Option(text=c.args["way"], days=c.args.get("days", 0), amount=c.args.get("money", Decimal("0.00")))
        for c in inner
        if c.id == "option"
    )
    if options:
        changes |= {"options": options, "recommended": None}
    for c in inner:
        changes |= {"recommended": c.args["option"]} if c.id == "recommend" else {}
        changes |= {"answer_by": c.args["date"]} if c.id == "answer-by" else {}
    return changes


def _against(order: Order, one: Issue, wrong: bool, at: Circumstances) -> str | None:
    """What stands against telling the client now; None when nothing does."""
    rules = at.rules.issues
    reasons: list[tuple[bool, Callable[[], str]]] = [
        (wrong, lambda: "a line of it was not understood"),
        (not one.situation, lambda: "what happened is not said (`situation: ...`)"),
        (not one.impact, lambda: "its impact is not said (`impact: 6 days, 0 %`)"),
        (
            not rules.fits(len(one.options)),
            lambda: f"{len(one.options)} options; {rules.least_options} to {rules.most_options}, or none at all",
        ),
        (
            one.recommended is not None and not 1 <= one.recommended <= len(one.options),
            lambda: f"recommend {one.recommended}: there are {len(one.options)} options",
        ),
        (
            one.answer_by is not None and end_of(one.answer_by, order.client.timezone) <= at.now,
            lambda: f"{one.answer_by} is past",
        ),
        (bool(order.paused), lambda: f"work is paused ({order.paused}); `resume` first, then `send`"),
    ]
    return next((say() for stands, say in reasons if stands), None)


def _limit(one: Issue, at: Circumstances) -> str:
    if one.told_at or one.raised_at is None:
        return ""
    limit = (one.raised_at + timedelta(hours=at.rules.issues.tell_within_hours)).astimezone(ZoneInfo(at.timezone))
    return f"; the client has to be told by {limit:%Y-%m-%d %H:%M}"


def _told(draft: _Draft, at: Circumstances) -> Step:
    """The client told: with a question where there are options, else as a heads-up that asks nothing."""
    order, one = draft.after, draft.issue
    to = ", ".join(asked_of(order, at.now) if one.options else order.client.emails)
    if not one.options:
        told = one.model_copy(update={"status": "told"})
        event = e.IssueChanged(**stamp(at), issue=told)
        send = issue_notice(order, one, None, occasion=str(order.revision), attachments=at.attachments)
        return Step(f"goes to {to}, as a heads-up: there are no options to choose from", (event,), (send,))
    asked = request(
        at.ids, order, "issue", one.number, shown_issue(order, one), now=at.now,
        expires=_expires(order, one, at), asked_by=at.actor, options=tuple(option.text for option in one.options),
        attachments=(data for _, _, data in at.attachments),
    )  # fmt: skip
    send = issue_notice(order, one, asked, attachments=at.attachments)
    missing = "" if one.recommended else "; no way is recommended (`recommend 2`)"
    return Step(f"goes to {to}{missing}", (e.RequestOpened(**stamp(at), request=asked),), (send,))


def _expires(order: Order, one: Issue, at: Circumstances) -> timedelta:
    """How long the question is open: until the end of the day that is named, in the client's zone, if one is."""
    longest = timedelta(days=at.rules.requests.expire_after_days)
    if one.answer_by is None or one.answer_by - at.today > longest:
        return longest
    return min(longest, end_of(one.answer_by, order.client.timezone) - at.now)


def _escalation(order: Order, draft: _Draft, at: Circumstances, *, told: bool) -> Step:
    """A major issue put to the Sales Director, once; `told` says that the notice to the client is written now."""
    key = f"{order.ref}/{draft.issue.number}/escalation"
    one = draft.issue
    if one.severity != "major" or key in order.told or at.director is None:
        return Step("")
    event = e.Told(**stamp(at), key=key, kind="escalation-issue", because=one.because)
    return Step("", (event,), (escalation_issue(draft.after, one, at.director, key, telling=told),))
