"""What must never happen in a life of orders (tests/planning/life.py), each by its name; and how much was looked at.

The ladder is held against a plain calendar, written down here a second time: on each day on which nothing was away and
nobody wrote, exactly the step goes out that the calendar names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from mailbot.orders.events import OrderPaused, WeeklyHeld
from mailbot.orders.model import Invoice, Order
from mailbot.planning.calendar import at, is_working_day, working_day
from mailbot.planning.spacing import TO_CLIENTS
from tests.planning.life import END, START, Life, Mail, Moment, Span, day_of, until
from tests.planning.world import RULES, STUDIO

ONE_DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
HOUR = timedelta(minutes=RULES.client_hours.apart_minutes)
GRACE = timedelta(minutes=RULES.report.on_time_minutes)
OPENS, CLOSES = RULES.client_hours.opens, RULES.client_hours.closes
STEPS = {step.step: place for place, step in enumerate(RULES.ladder)}
OWN_HOUR = ("weekly-update", "pause-notice")
DUNNING = ("invoice", "reminder-due", "reminder-friendly", "reminder-firm", "pause-notice")


@dataclass(frozen=True, slots=True)
class Found:
    """A fault by its name, and where."""

    what: str
    where: str


def faults(life: Life, seen: Counter[str]) -> list[Found]:
    """All that is wrong with a life that was lived; `seen` counts what was looked at."""
    seen["orders"] += len(life.orders)
    seen["mails"] += sum(mail.state == "sent" for mail in life.outbox.values())
    found = [Found("a mail was planned twice", key) for key in life.again]
    for look in (_weekly, _ladder, _quiet_days, _manners, _pauses, _money, _ended):
        found += look(life, seen)
    return found


def _weekly(life: Life, seen: Counter[str]) -> Iterator[Found]:
    """Every Friday's update goes out at its hour if the daemon is up then, else by day, and of several the latest."""
    for ref in life.orders:
        updates = {m.about: m for m in life.outbox.values() if m.order == ref and m.kind == "weekly-update"}
        held = {event.week for where, event in life.events if where == ref and isinstance(event, WeeklyHeld)}
        for week, hour in _fridays():
            mail = updates.get(week.isoformat())
            if mail and not hour <= mail.queued < hour + WEEK:
                yield Found("an update went out after the next one's hour", mail.key)
            if week in held or not _active(life, ref, hour, hour + WEEK):
                continue
            if up_at(life, hour):
                seen["updates whose hour came with the daemon up"] += 1
                waits = life.hold is not None or until(life.away, hour)
                went = (mail.queued if waits else mail.gone) if mail else None
                if went is None or went > hour + timedelta(minutes=1):
                    yield Found("an update was late or missing though the daemon was up", f"{ref} {week}")
            elif _day_up(life, ref, hour):
                seen["updates whose hour came in an outage"] += 1
                if mail is None:
                    yield Found("an update that was missed was not made up for", f"{ref} {week}")


def _fridays() -> Iterator[tuple[date, datetime]]:
    week = START.date() + timedelta(days=(4 - START.weekday()) % 7)
    while (hour := at(week, RULES.weekly.send, STUDIO.timezone)) + WEEK < END:
        yield week, hour
        week += WEEK


def up_at(life: Life, moment: datetime) -> bool:
    """Whether the daemon is up at `moment` and for a minute more, and was when its look began."""
    return not any(until(life.down, moment + timedelta(seconds=s)) for s in (0, life.seconds))


def _day_up(life: Life, ref: str, hour: datetime) -> bool:
    """Whether the daemon is up for a whole day of the client between `hour` and the next update."""
    days = (day_of(hour, life.orders[ref]) + n * ONE_DAY for n in range(1, 7))
    return any(_up(life.down, *_hours(day, life.orders[ref])) for day in days)


def _hours(day: date, order: Order) -> tuple[datetime, datetime]:
    zone = order.client.timezone
    return at(day, OPENS, zone), at(day, CLOSES, zone)


def _up(spans: Iterable[Span], since: datetime, to: datetime) -> bool:
    return all(span.until <= since or span.since > to for span in spans)


def _active(life: Life, ref: str, since: datetime, to: datetime) -> bool:
    """Whether the order is open all the time from `since` to `to`."""
    return not any(moment.order.closed for moment in life.past[ref] if moment.at <= to) and since >= START


def _ladder(life: Life, seen: Counter[str]) -> Iterator[Found]:
    """Steps are climbed one a day, each once, never down."""
    for number, mails in _by_invoice(life).items():
        days: dict[date, set[str]] = {}
        for mail in mails:
            days.setdefault(day_of(mail.queued, life.orders[mail.order]), set()).add(str(mail.step))
        seen["steps of the ladder"] += len(days)
        places = [STEPS[step] for _, steps in sorted(days.items()) for step in sorted(steps)]
        if any(len(steps) > 1 for steps in days.values()):
            yield Found("two steps about one invoice on one day", number)
        if places != sorted(set(places)):
            yield Found("a step was taken twice, or downwards", number)
        went = Counter(
            day_of(m.gone, life.orders[m.order]) for m in mails if m.gone and m.kind in DUNNING and not m.released
        )
        if any(count > 1 for count in went.values()):
            yield Found("two mails about one invoice reached the client on one day", number)


def _by_invoice(life: Life) -> dict[str, list[Mail]]:
    found: dict[str, list[Mail]] = {}
    for mail in life.outbox.values():
        if mail.step and mail.about:
            found.setdefault(mail.about, []).append(mail)
    return found


def _quiet_days(life: Life, seen: Counter[str]) -> Iterator[Found]:
    """On a day on which nothing was away and nobody wrote, what goes out is what the calendar says."""
    taken = {
        (number, day_of(mail.queued, life.orders[mail.order])): mail.step
        for number, mails in _by_invoice(life).items()
        for mail in mails
    }
    for day, opens in _days(life):
        for order in filter(None, (_stood(past, opens) for past in life.past.values())):
            for invoice in order.invoices:
                seen["invoices on quiet days"] += 1
                sure = not order.closed and not _waits(life, invoice, opens)
                wanted, step = _expected(invoice, order, day) if sure else None, taken.get((invoice.number, day))
                if wanted != step:
                    yield Found("not the step of that day", f"{invoice.number} {day}: {step}, not {wanted}")


def _days(life: Life) -> Iterator[tuple[date, datetime]]:
    """The client's quiet days, each with the moment at which it begins to be one for mail."""
    some = next(iter(life.orders.values()))
    day = day_of(START, some) + ONE_DAY
    while (since := at(day, time(), some.client.timezone)) + ONE_DAY < END:
        opens, closes = _hours(day, some)
        if _up((*life.down, *life.away), since, closes) and not _written(life, since, closes):
            yield day, opens
        day += ONE_DAY


def _written(life: Life, since: datetime, to: datetime) -> bool:
    """Whether somebody wrote or let an invoice go between `since` and `to`."""
    let_go = (mail.gone for mail in life.outbox.values() if mail.released and mail.kind == "invoice" and mail.gone)
    return any(since <= moment <= to for moment in (*let_go, *(word.at for word in life.words)))


def _stood(past: list[Moment], moment: datetime) -> Order | None:
    return next((one.order for one in reversed(past) if one.at <= moment), None)


def _waits(life: Life, invoice: Invoice, moment: datetime) -> bool:
    """Whether the invoice's own mail waits in the outbox at `moment`."""
    mail = life.outbox.get(f"{invoice.number}/invoice")
    return mail is not None and mail.queued < moment and not (mail.gone and mail.gone < moment)


def _expected(invoice: Invoice, order: Order, day: date) -> str | None:
    """The step that is taken on `day`, a quiet one, for an invoice as it stood in the morning."""
    works = is_working_day(day, order.client.locale)
    if invoice.left or invoice.amount <= 0:
        return None
    if invoice.status == "planned":
        step = RULES.ladder[0]
        return step.step if works and _moved(invoice.due + step.day * ONE_DAY, order) <= day else None
    if invoice.status != "sent" or (invoice.promised and day <= invoice.promised):
        return None
    base = max(invoice.due, invoice.sent_on or invoice.due)
    last = max([step.on for step in invoice.steps] + ([invoice.sent_on] if invoice.sent_on else []), default=date.min)
    reached = max((STEPS[step.step] for step in invoice.steps), default=0)
    after = working_day(invoice.promised + ONE_DAY, order.client.locale) if invoice.promised else date.min
    come = None
    for step in RULES.ladder[reached + 1 :]:
        planned = _moved(base + step.day * ONE_DAY, order) if step.working_days else base + step.day * ONE_DAY
        if last < planned and max(planned, after) <= day and not (step.does == "pause" and invoice.no_pause):
            come = step
    return come.step if come and (works or not come.working_days) else None


def _moved(day: date, order: Order) -> date:
    return working_day(day, order.client.locale)


def _manners(life: Life, seen: Counter[str]) -> Iterator[Found]:
    """By day, on working days, and an hour apart; but for what has its hour, answers, and what a person let go."""
    client = next(iter(life.orders.values())).client
    sent = sorted((m.gone, m.key, m) for m in life.outbox.values() if m.gone and m.planned and m.kind in TO_CLIENTS)
    for _, key, mail in sent:
        local = (mail.gone or END).astimezone(ZoneInfo(client.timezone))
        if mail.released or _on_time(mail):
            continue
        seen["mails to clients by day"] += 1
        if not OPENS <= local.time() < CLOSES:
            yield Found("a mail went to a client at night", f"{key} {local}")
        if mail.kind not in OWN_HOUR and not is_working_day(local.date(), client.locale):
            yield Found("a mail went to a client on a day off", f"{key} {local}")
    keeping = [one for one in sent if not (one[2].released or (one[2].fixed and one[2].kind == "invoice"))]
    for (before, one, first), (after, other, second) in pairwise(keeping):
        own_hour = _has_hour(second) or (before == after and _has_hour(first))
        if before and after and after - before < HOUR and not own_hour:
            yield Found("two mails to a client within the hour", f"{one} {before}, {other} {after}")


def _on_time(mail: Mail) -> bool:
    if mail.kind != "weekly-update":
        return False
    hour = at(date.fromisoformat(mail.about or ""), RULES.weekly.send, STUDIO.timezone)
    return mail.gone is not None and mail.gone - hour <= GRACE


def _has_hour(mail: Mail) -> bool:
    return mail.kind == "pause-notice" or _on_time(mail)


def _pauses(life: Life, seen: Counter[str]) -> Iterator[Found]:
    """mailbot pauses only for an invoice that has reached the client and is more than a week late since."""
    for ref, event in life.events:
        if not isinstance(event, OrderPaused) or event.by != "mailbot":
            continue
        seen["pauses"] += 1
        order = next(one.order for one in life.past[ref] if one.at == event.at and one.order.paused)
        invoice = order.invoice(event.why.split()[0])
        mail = life.outbox.get(f"{invoice.number}/invoice") if invoice else None
        if invoice is None or mail is None or mail.gone is None:
            yield Found("paused for an invoice that the client never got", f"{ref} {event.why}")
        elif (day_of(event.at, order) - max(invoice.due, day_of(mail.gone, order))).days <= 7:
            yield Found("paused for an invoice that is not a week late", f"{ref} {event.why}")
        elif invoice.status != "sent":
            yield Found("paused for an invoice that nobody waits for", f"{ref} {event.why}")


def _money(life: Life, seen: Counter[str]) -> Iterator[Found]:
    """The invoices of an order add up to its total, whatever happened."""
    for ref, past in life.past.items():
        for moment in past:
            seen["states of orders"] += 1
            billed = sum(invoice.amount for invoice in moment.order.live_invoices)
            if billed != moment.order.total:
                yield Found("not every cent is billed once", f"{ref} {moment.at}: {billed}, {moment.order.total}")


def _ended(life: Life, seen: Counter[str]) -> Iterator[Found]:
    """Nothing goes out about what is paid or disputed by then, or of an order that is closed."""
    for mail in life.outbox.values():
        now = _stood(life.past[mail.order], mail.gone) if mail.gone else None
        if now is None or mail.kind not in TO_CLIENTS:
            continue
        seen["mails to clients"] += 1
        invoice = now.invoice(mail.about or "")
        if now.closed:
            yield Found("a mail of a closed order", mail.key)
        if invoice and invoice.status in ("paid", "cancelled", "frozen"):
            yield Found("a mail about an invoice that nobody waits for", f"{mail.key} {invoice.status}")
