"""The mails about an issue, as `Send`s: the notice to the client, the escalation to the Sales Director."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from mailbot.orders.authority import asked_of
from mailbot.orders.circumstances import File
from mailbot.orders.model import Issue, Order, Request
from mailbot.orders.sends import Send


def shown_issue(order: Order, issue: Issue) -> str:
    """What the client is asked about an issue, as text: every way out with its day of delivery and its price."""
    options = [
        f"{number}. {option.text} (delivery {order.delivery + timedelta(days=option.days)}, {option.amount}"
        f" {order.currency} in addition)"
        for number, option in enumerate(issue.options, start=1)
    ]
    return "\n".join([issue.title, issue.situation, issue.impact, *options])


def issue_notice(
    order: Order, issue: Issue, asked: Request | None, *, occasion: str = "", attachments: Sequence[File] = ()
) -> Send:
    """Tells the client of an issue. `asked` is the question where there are options; else `occasion` names it."""
    data = {
        "number": issue.number, "title": issue.title, "situation": issue.situation, "impact": issue.impact,
        "plan": issue.plan or None, "options": _options(order, issue), "recommended": issue.recommended,
        "answer_by": issue.answer_by,
    }  # fmt: skip
    token = asked.token if asked else None
    key = f"{order.ref}/issue-notice/{token or f'{issue.number}/{occasion}'}"
    return Send(
        key, "issue-notice", asked_of(order, asked.asked_at) if asked else order.client.emails, (), order.ref,
        issue.number, data, token=token,
        attachments=tuple(attachments),
    )  # fmt: skip


def escalation_issue(order: Order, issue: Issue, director: str, key: str, *, telling: bool) -> Send:
    """Tells the Sales Director of a major issue, the account manager in copy.

    `telling`: the notice to the client is written as well.
    """
    data: dict[str, Any] = {
        "number": issue.number, "title": issue.title, "because": issue.because, "situation": issue.situation,
        "impact": issue.impact, "plan": issue.plan or None, "options": _options(order, issue),
        "recommended": issue.recommended, "raised_at": issue.raised_at, "told_at": issue.told_at,
        "telling": telling,
    }  # fmt: skip
    return Send(key, "escalation-issue", (director,), (order.account_manager.email,), order.ref, issue.number, data)


def _options(order: Order, issue: Issue) -> list[dict[str, Any]]:
    return [
        {
            "text": o.text, "days": o.days, "amount": o.amount, "delivery": order.delivery + timedelta(days=o.days),
        }
        for o in issue.options
    ]  # fmt: skip
