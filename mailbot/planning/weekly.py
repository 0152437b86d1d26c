"""The weekly update to the client, and its draft to the account manager: which Friday is due, and what it tells.

The day and the times are rules/process.toml, [weekly], in the studio's zone. A missed update goes out late, and of
several only the latest; a held one does not go out, and the next goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from mailbot.orders.model import Milestone, Order, Photo, Request
from mailbot.orders.notices import title_of
from mailbot.orders.progress import fresh
from mailbot.orders.subscription import readers
from mailbot.planning.calendar import ONE_WEEK, at, late, local_day, weekday_from, weekday_until
from mailbot.planning.occurrence import Occurrence, StudioTimes, addresses
from mailbot.rules.process import ProcessRules, WeeklyRules


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """A milestone as the client reads it: `at` is the wall time "14:00" of an appointment in studio time.

    `action` is what the client has to do for it, where the rules say so.
    """

    key: str
    name: str
    due: date
    at: str | None
    action: str | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A decision that the client owes: what it is about, the day it was asked, and how many days ago that is."""

    kind: str
    about: str
    title: str
    asked: date
    days: int


@dataclass(frozen=True, slots=True)
class WeeklyFacts:
    """What an update tells of the time since the last one.

    `reached` are milestones approved or done, `ahead` those of the coming week, `fittings` all with an appointment,
    `late` those whose day has passed; `why` is the reason of a new date of delivery, `photos` go along.
    """

    week: date
    remark: tuple[str, ...]
    done: tuple[str, ...]
    doing: tuple[str, ...]
    coming: tuple[str, ...]
    reached: tuple[MilestoneLine, ...]
    ahead: tuple[MilestoneLine, ...]
    fittings: tuple[MilestoneLine, ...]
    late: tuple[MilestoneLine, ...]
    owed: tuple[Owed, ...]
    photos: tuple[Photo, ...]
    on_track: bool
    delivery: date
    why: str | None
    paused: str | None


def upcoming(order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Iterator[Occurrence]:
    """The update that is due, if one is, the next one after `now`, and the draft of that."""
    if not readers(order):
        return
    missed, following = _fridays(order, rules.weekly, now, studio)
    if missed:
        yield _missed(order, rules, missed, now, studio)
    yield _draft(order, rules, following, studio)
    yield _update(order, following, send_time(following, rules.weekly, studio), on_time=True)


def told(occurrence: Occurrence, order: Order, rules: ProcessRules, now: datetime, studio: StudioTimes) -> Occurrence:
    """`occurrence` with the facts that it tells, if it is an update or a draft: they are gathered when it is due."""
    if occurrence.kind not in ("weekly-update", "draft-weekly"):
        return occurrence
    week = date.fromisoformat(occurrence.about or "")
    data = {**asdict(facts(order, rules, week, now, studio)), "sends": send_time(week, rules.weekly, studio)}
    return replace(occurrence, data=data)


def facts(order: Order, rules: ProcessRules, week: date, now: datetime, studio: StudioTimes) -> WeeklyFacts:
    """What the update of the Friday `week` tells of `order`, with all that happened since the last one."""
    today = local_day(now, studio.timezone)
    since = order.last_client_update
    open_ones = [m for m in order.milestones if m.status not in ("approved", "done")]

    def lines(milestones: Iterable[Milestone]) -> tuple[MilestoneLine, ...]:
        return tuple(_line(milestone, rules, order.client.locale, studio.locale) for milestone in milestones)

    return WeeklyFacts(
        week=week,
        remark=_texts(order, "remark"),
        done=_texts(order, "done"),
        doing=_texts(order, "doing"),
        coming=_texts(order, "coming"),
        reached=lines(m for m in order.milestones if _reached_since(m, since)),
        ahead=lines(m for m in open_ones if today <= m.due <= week + ONE_WEEK),
        fittings=lines(m for m in open_ones if _hour(m) and today <= m.due),
        late=lines(m for m in open_ones if m.due < today),
        owed=tuple(_owed(order, r, today, studio) for r in order.open_requests if r.kind not in ("weekly", "invoice")),
        photos=order.photos,
        on_track=not (order.late_because or order.paused),
        delivery=order.delivery,
        why=order.late_because,
        paused=order.paused,
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


def _missed(order: Order, rules: ProcessRules, week: date, now: datetime, studio: StudioTimes) -> Occurrence:
    """A missed update: at once while that still counts as on time, else by day in the client's zone."""
    planned = send_time(week, rules.weekly, studio)
    if now - planned <= timedelta(minutes=rules.report.on_time_minutes):
        return _update(order, week, planned, on_time=True)
    when = late(planned, now, rules.client_hours, order.client.timezone, None)
    return _update(order, week, when, on_time=False)


def _update(order: Order, week: date, when: datetime, *, on_time: bool) -> Occurrence:
    why = f"the weekly update of {week}" + (", which says that work is paused" if order.paused else "")
    return Occurrence(
        when, "weekly-update", order.ref, readers(order), week.isoformat(), f"{order.ref}/weekly/{week}", why,
        fixed=on_time,
    )  # fmt: skip


def _draft(order: Order, rules: ProcessRules, week: date, studio: StudioTimes) -> Occurrence:
    return Occurrence(
        draft_time(week, rules.weekly, studio), "draft-weekly", order.ref,
        addresses(["account_manager"], order, studio), week.isoformat(), f"{order.ref}/draft-weekly/{week}",
        f"the draft of the weekly update of {week}",
    )  # fmt: skip


def _texts(order: Order, part: str) -> tuple[str, ...]:
    return tuple(note.text for note in fresh(order, part))


def _reached_since(milestone: Milestone, last: datetime | None) -> bool:
    when = milestone.approved_at
    return milestone.status in ("approved", "done") and when is not None and (last is None or when > last)


def _line(milestone: Milestone, rules: ProcessRules, *locales: str) -> MilestoneLine:
    rule = rules.milestone(milestone.key)
    action = rule.action_for(*locales) if rule else None
    return MilestoneLine(milestone.key, milestone.name, milestone.due, _hour(milestone), action)


def _hour(milestone: Milestone) -> str | None:
    """The wall time of its appointment, unless the client cannot come then."""
    return None if milestone.appointment == "refused" else milestone.at


def _owed(order: Order, request: Request, today: date, studio: StudioTimes) -> Owed:
    asked = local_day(request.asked_at, studio.timezone)
    return Owed(request.kind, request.about, title_of(order, request.kind, request.about), asked, (today - asked).days)
