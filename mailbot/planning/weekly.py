"""The weekly update to the client, and its draft to the account manager: which Friday is due, and what it tells.

The day and the times are rules/process.toml, [weekly], in the studio's zone. A missed update goes out late, and of
several only the latest; a held one does not go out, and the next goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time

from mailbot.orders.model import Milestone, Note, Order, Request
from mailbot.planning.calendar import ONE_WEEK, at, local_day, weekday_from, weekday_until
from mailbot.planning.occurrence import Occurrence, StudioTimes, addresses
from mailbot.rules.process import ProcessRules, WeeklyRules


@dataclass(frozen=True, slots=True)
class DateLine:
    """A milestone to come: `when` is an aware moment where an appointment is fixed (`timed`), else its date."""

    name: str
    when: date | datetime
    timed: bool
    action: str | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A decision that the client owes: what it is about, the day it was asked, and how many days that is."""

    what: str
    since: date
    days: int
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class WeeklyFacts:
    """What an update tells. `reason` is that of a new date of delivery, `late` the milestones whose day has passed.

    `note` and `delivery_before` are for the account manager to fill in; `photos` are archive keys.
    """

    week: date
    done: tuple[str, ...]
    doing: tuple[str, ...]
    coming: tuple[str, ...]
    dates: tuple[DateLine, ...]
    owed: tuple[Owed, ...]
    photos: tuple[str, ...]
    on_track: bool
    delivery: date
    reason: str | None
    late: tuple[str, ...]
    paused: str | None
    phase: str
    phases: tuple[str, ...]
    note: str | None = None
    delivery_before: date | None = None


def upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Iterator[Occurrence]:
    """The update that is due, if one is, the next one after `now`, and the draft of that."""
    missed, following = _fridays(order, rules.weekly, now, studio)
    if missed:
        yield _update(order, rules, missed, studio)
    yield _draft(order, rules, following, studio)
    yield _update(order, rules, following, studio)


def told(occurrence: Occurrence, order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Occurrence:
    """`occurrence` with the facts that it tells, if it is an update or a draft: they are gathered when it is due."""
    if occurrence.kind not in ("weekly-update", "draft-weekly"):
        return occurrence
    week = date.fromisoformat(occurrence.about or "")
    data = {**asdict(facts(order, rules, week, now, studio)), "sends_at": send_time(week, rules.weekly, studio)}
    return replace(occurrence, data=data)


def facts(order: Order, rules: ProcessRules, week: date, now: datetime, studio: StudioTimes) -> WeeklyFacts:
    """What the update of the Friday `week` tells of `order`, with all that happened since the last one."""
    today = local_day(now, studio.timezone)
    since = order.last_client_update
    ahead = [m for m in order.milestones if m.status not in ("approved", "done")]
    reached = tuple(m.name for m in order.milestones if _reached_since(m, since))
    return WeeklyFacts(
        week=week,
        done=tuple(dict.fromkeys((*_since(order.done, since), *reached))),
        doing=_since(order.doing, since) or tuple(note.text for note in order.doing[-1:]),
        coming=_since(order.coming, since),
        dates=tuple(
            _date_line(m, rules, studio) for m in ahead if today <= m.due and (m.at or m.due <= week + ONE_WEEK)
        ),
        owed=tuple(_owed(order, r, today, studio) for r in order.open_requests if r.kind not in ("weekly", "invoice")),
        photos=order.photos,
        on_track=not (order.delay_reason or order.paused),
        delivery=order.delivery,
        reason=order.delay_reason,
        late=tuple(m.name for m in ahead if m.due < today),
        paused=order.paused,
        phase=order.phase,
        phases=rules.phases,
    )


def send_time(week: date, rules: WeeklyRules, studio: StudioTimes) -> datetime:
    """The moment, in UTC, at which the update of the Friday `week` is on time."""
    return at(week, rules.send, studio.timezone)


def draft_time(week: date, rules: WeeklyRules, studio: StudioTimes) -> datetime:
    """The moment, in UTC, at which the account manager sees the draft of the update of `week`."""
    return at(weekday_until(week, rules.draft_weekday), rules.draft, studio.timezone)


def _fridays(order: Order, rules: WeeklyRules, now: datetime, studio: StudioTimes) -> tuple[date | None, date]:
    """The last Friday whose update should have gone out and did not, if there is one, and the next that will go out."""
    settled = {*order.weekly_sent, *order.weekly_held}
    following = weekday_from(local_day(now, studio.timezone), rules.weekday)
    if send_time(following, rules, studio) <= now:
        following += ONE_WEEK
    last = following - ONE_WEEK
    known = send_time(last, rules, studio) > order.imported_at
    while following in settled:
        following += ONE_WEEK
    return (last if known and last not in settled else None), following


def _update(order: Order, rules: ProcessRules, week: date, studio: StudioTimes) -> Occurrence:
    why = f"the weekly update of {week}" + (", which says that work is paused" if order.paused else "")
    return Occurrence(
        send_time(week, rules.weekly, studio), "weekly-update", order.ref, order.client.emails, week.isoformat(),
        f"{order.ref}/weekly/{week}", why,
    )  # fmt: skip


def _draft(order: Order, rules: ProcessRules, week: date, studio: StudioTimes) -> Occurrence:
    return Occurrence(
        draft_time(week, rules.weekly, studio), "draft-weekly", order.ref,
        addresses(["account_manager"], order, studio), week.isoformat(), f"{order.ref}/draft-weekly/{week}",
        f"the draft of the weekly update of {week}",
    )  # fmt: skip


def _since(notes: Sequence[Note], last: datetime | None) -> tuple[str, ...]:
    return tuple(note.text for note in notes if last is None or note.at > last)


def _reached_since(milestone: Milestone, last: datetime | None) -> bool:
    when = milestone.approved_at
    return milestone.status in ("approved", "done") and when is not None and (last is None or when > last)


def _date_line(milestone: Milestone, rules: ProcessRules, studio: StudioTimes) -> DateLine:
    rule = rules.milestone(milestone.key)
    wall = time.fromisoformat(milestone.at) if milestone.at else None
    when = at(milestone.due, wall, studio.timezone) if wall else milestone.due
    return DateLine(milestone.name, when, wall is not None, rule.action if rule else None)


def _owed(order: Order, request: Request, today: date, studio: StudioTimes) -> Owed:
    asked = local_day(request.asked_at, studio.timezone)
    return Owed(subject_of(order, request), asked, (today - asked).days, request.kind, request.about)


def subject_of(order: Order, request: Request) -> str:
    """What a request is about, in words: the milestone's name, the change order's or issue's title, else its id."""
    if milestone := order.milestone(request.about):
        return milestone.name
    titled = order.change_order(request.about) or order.issue(request.about)
    return titled.title if titled else request.about
