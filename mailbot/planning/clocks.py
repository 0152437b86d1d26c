"""What is told once when its hour comes: an issue that the client has not heard of, the question after delivery.

The client has heard of an issue when its notice went out: one that waits in the outbox stops no clock.

The hours and days are rules/process.toml, [issues] and [satisfaction].
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailbot.orders.model import Issue, Order
from mailbot.planning.calendar import add_working_days, at, late, local_day
from mailbot.planning.occurrence import Occurrence, StudioTimes, addresses
from mailbot.rules.process import ProcessRules


def upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Iterator[Occurrence]:
    """The reminder of each issue that the client was not told, and the survey after delivery."""
    for issue in order.issues:
        if issue.status in ("draft", "told") and issue.raised_at and issue.told_at is None:
            yield _issue_clock(issue, issue.raised_at, order, rules, studio)
    yield from _survey(order, rules, now)


def _issue_clock(issue: Issue, raised: datetime, order: Order, rules: ProcessRules, studio: StudioTimes) -> Occurrence:
    limit = raised + timedelta(hours=rules.issues.tell_within_hours)
    when = limit - timedelta(hours=rules.issues.remind_hours_before)
    unsent = issue.status == "told"  # written, and in the outbox still: to be released, or not taken by the server
    lacks = [name for name in ("situation", "impact", "options", "plan") if not getattr(issue, name)]
    data = {
        "number": issue.number, "title": issue.title, "raised_at": raised, "limit": limit,
        "hours_left": rules.issues.remind_hours_before, "missing": None if unsent else lacks or None, "unsent": unsent,
    }  # fmt: skip
    return Occurrence(
        when, "issue-clock", order.ref, addresses(["account_manager"], order, studio), issue.number,
        f"{order.ref}/{issue.number}/issue-clock", f"the client has not been told of {issue.number}", data,
    )  # fmt: skip


def _survey(order: Order, rules: ProcessRules, now: datetime) -> Iterator[Occurrence]:
    milestone = order.milestone(rules.satisfaction.milestone)
    if milestone is None or milestone.status not in ("approved", "done") or order.satisfaction is not None:
        return
    client, hours = order.client, rules.client_hours
    approved = local_day(milestone.approved_at, client.timezone) if milestone.approved_at else milestone.due
    done = milestone.done_on or approved
    day = add_working_days(done, rules.satisfaction.ask_after_working_days, client.locale)
    planned = at(day, hours.mail, client.timezone)
    when = late(planned, now, hours, client.timezone, client.locale)
    data = {"delivered": done, "lowest": rules.satisfaction.lowest, "highest": rules.satisfaction.highest}
    yield Occurrence(
        when, "survey", order.ref, client.emails, milestone.key, f"{order.ref}/survey",
        f"{milestone.name} was done on {done}", data,
    )  # fmt: skip
