"""Carries out rules/process.cases.toml: each case by the code that plans orders, on an order made for it.

A milestone, payment, step, figure or table of process.toml without a case is wrong as well: no number is changed
without somebody saying what it should do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.errors import Problem
from mailbot.orders.consequences import deposit_for
from mailbot.orders.events import OrderImported, WeeklySent, initial
from mailbot.orders.evolve import evolve
from mailbot.orders.issues import why_major
from mailbot.orders.model import ChangeOrder, Client, Invoice, Issue, Item, Milestone, Order, Person, Request
from mailbot.planning import figures as success
from mailbot.planning.calendar import at_once
from mailbot.planning.due import forecast
from mailbot.planning.dunning import ladder, take
from mailbot.planning.occurrence import Occurrence, StudioTimes, addresses
from mailbot.planning.project import plan_invoices, plan_milestones
from mailbot.planning.rounds import looks_until, next_round, rounds
from mailbot.planning.spacing import free
from mailbot.planning.waiting import first_reminder, next_reminder
from mailbot.rules import find, read_toml, validate
from mailbot.rules import process_cases as c
from mailbot.rules.process import ProcessRules
from mailbot.rules.process_cases import LOCALE, ZONE, ProcessCases

FILE, CASES = "process.toml", "process.cases.toml"
_STUDIO = StudioTimes(ZONE, LOCALE, "director@x.example", "finance@x.example", "ops@x.example", "lead@x.example")


def load_process_cases(folder: Path | None = None) -> ProcessCases:
    """rules/process.cases.toml, the studio's own if `folder` has one. Raises ConfigError with every problem in it."""
    path = find(CASES, folder)
    return validate(ProcessCases, read_toml(path), path)


def wrong_cases(rules: ProcessRules, cases: ProcessCases) -> tuple[Problem, ...]:
    """Each case that does not hold, and each rule that has none."""
    missing = (Problem(f"{name} has no case", CASES, mend="add one") for name in _without_case(rules, cases))
    return (*_not_holding(rules, cases), *missing)


def _not_holding(rules: ProcessRules, cases: ProcessCases) -> Iterator[Problem]:
    for table, run in _RUNS.items():
        for place, case in enumerate(getattr(cases, table), start=1):
            expected, got = run(rules, case)
            if expected != got:
                what = f"expected {expected}, but the rules give {got}"
                yield Problem(what, CASES, f"{table} {place}", mend=f"mend the case, or the rule in {FILE}")


def _without_case(rules: ProcessRules, cases: ProcessCases) -> Iterator[str]:
    yield from (f"the table {table}" for table in _RUNS if not getattr(cases, table) and table != "preparations")
    named: list[tuple[str, Sequence[str], set[str]]] = [
        ("the milestone", [m.key for m in rules.milestones], {c.key for c in cases.milestones}),
        (
            "the preparation",
            [p.key for m in rules.milestones for p in m.preparations],
            {c.key for c in cases.preparations},
        ),
        ("the payment", [p.kind for p in rules.payments], {c.kind for c in cases.payments}),
        ("the figure", [f.id for f in rules.report.figures], {c.id for c in cases.figures}),
        ("the step", [s.step for s in rules.ladder], {c.step for c in cases.ladder}),
    ]
    for what, names, covered in named:
        yield from (f"{what} {name!r}" for name in names if name not in covered)


def _phases(rules: ProcessRules, case: c.PhasesCase) -> tuple[Any, Any]:
    return (case.first, case.last), (rules.phases[0], rules.phases[-1])


def _milestone(rules: ProcessRules, case: c.MilestoneCase) -> tuple[Any, Any]:
    planned = {m.key: m.due for m in plan_milestones(case.signed, case.delivery, rules)}
    rule = rules.milestone(case.key)
    got = (str(planned.get(case.key)), rule.moves_to, rule.fitting_hours) if rule else None
    return (str(case.due), case.moves_to, case.fitting_hours), got


def _preparation(rules: ProcessRules, case: c.PreparationCase) -> tuple[Any, Any]:
    rule = next((m for m in rules.milestones if case.key in {p.key for p in m.preparations}), None)
    if rule is None:
        return case.key, None
    needs = Milestone(key=rule.key, name=rule.name, due=case.due, approval=rule.approval)
    order = _order(case.due - timedelta(days=70), ZONE, LOCALE, milestones=(needs,))
    future = [o for o in _future(order, rules, 71) if o.data.get("key") == case.key]
    (who,) = addresses([case.who], order, _STUDIO)
    moments = [str(one) for one in (case.asked, case.again) if one]
    return [(one, (who,)) for one in moments], [(_wall(o.at, ZONE), o.to) for o in future]


def _payment(rules: ProcessRules, case: c.PaymentCase) -> tuple[Any, Any]:
    invoices = plan_invoices(
        total=case.total, currency="USD", signed=case.signed, delivery=case.delivery, rules=rules,
        milestones=plan_milestones(case.signed, case.delivery, rules),
        numbers=[f"INV-{n}" for n in range(1, len(rules.payments) + 1)],
    )  # fmt: skip
    found = [(str(i.amount), str(i.due)) for i in invoices if i.kind == case.kind]
    return [(str(case.amount), str(case.due))], found


def _ladder(rules: ProcessRules, case: c.LadderCase) -> tuple[Any, Any]:
    invoice = Invoice(number="INV-1", kind="final", amount=Decimal(100), due=case.due)
    order = _order(case.due - timedelta(days=10), case.zone, case.locale, invoices=(invoice,))
    taken = {step: _wall(when, case.zone) for step, when in _climb(order, rules)}
    if case.overtaken_by is None:
        return str(case.goes), taken.get(case.step)
    later = list(taken)[list(taken).index(case.overtaken_by) :] if case.overtaken_by in taken else []
    return (None, case.overtaken_by), (taken.get(case.step), later[0] if later else None)


def _climb(order: Order, rules: ProcessRules) -> Iterator[tuple[str, datetime]]:
    """The steps that the order's one invoice takes while nobody pays, each with its moment."""
    now = order.imported_at
    while coming := ladder(order.invoices[0], order, rules, now):
        step, when = coming[0]
        if when > now:
            now = when
            continue
        yield step.step, now
        for event in take(step, order.invoices[0], order, now):
            order = evolve(order, event)


def _hours(rules: ProcessRules, case: c.HoursCase) -> tuple[Any, Any]:
    goes = at_once(_moment(case.ready), rules.client_hours, ZONE, LOCALE)
    if case.after:
        client = _order(case.ready.date(), ZONE, LOCALE).client
        goes = free(goes, client.emails, {client.emails[0]: [_moment(case.after)]}, rules.client_hours, client)
    return str(case.goes), _wall(goes, ZONE)


def _weekly(rules: ProcessRules, case: c.WeeklyCase) -> tuple[Any, Any]:
    order = _order(case.now.date(), ZONE, LOCALE)
    first = {o.kind: _wall(o.at, ZONE) for o in reversed(_future(order, rules, 8))}
    return (str(case.draft), str(case.goes)), (first.get("draft-weekly"), first.get("weekly-update"))


def _requests(rules: ProcessRules, case: c.RequestCase) -> tuple[Any, Any]:
    asked = _moment(case.asked)
    expires = asked + timedelta(days=rules.requests.expire_after_days)
    kind = rules.requests.nudged_kinds[0] if rules.requests.nudged_kinds else "milestone"
    request = Request(token="a" * 16, kind=kind, about="x", revision="", asked_at=asked, expires_at=expires)
    future = _future(_order(case.asked.date(), ZONE, LOCALE, requests=(request,)), rules, 31)
    nudges = [_wall(o.at, ZONE) for o in future if o.kind == "nudge"]
    calls = [_wall(o.at, ZONE) for o in future if o.kind == "call-client"]
    expected = [str(nudge) for nudge in case.nudges], [str(case.call)], str(case.expires)
    return expected, (nudges, calls, _wall(expires, ZONE))


def _issue(rules: ProcessRules, case: c.IssueCase) -> tuple[Any, Any]:
    issue = Issue(number="ISS-1", title=case.text, impact=case.impact)
    return case.severity, "major" if why_major(issue, Decimal(100), rules.issues) else "minor"


def _issue_clock(rules: ProcessRules, case: c.IssueClockCase) -> tuple[Any, Any]:
    issue = Issue(number="ISS-1", title="x", raised_at=_moment(case.raised))
    future = _future(_order(case.raised.date(), ZONE, LOCALE, issues=(issue,)), rules, 3)
    return [str(case.remind)], [_wall(o.at, ZONE) for o in future if o.kind == "issue-clock"]


def _change_order(rules: ProcessRules, case: c.ChangeOrderCase) -> tuple[Any, Any]:
    change = ChangeOrder(number="CO-1", title="x", items=(Item(text="x", amount=case.amount),))
    order = _order(date(2026, 1, 5), ZONE, LOCALE, total=case.total)
    deposit = deposit_for(order, change, rules, order.signed, "INV-1")
    return case.deposit, deposit.amount if deposit else None


def _satisfaction(rules: ProcessRules, case: c.SatisfactionCase) -> tuple[Any, Any]:
    order = _order(case.done.date(), ZONE, LOCALE)
    milestones = plan_milestones(order.signed, order.delivery, rules)
    done = {"status": "done", "approved_at": _moment(case.done)}
    ended = tuple(m.model_copy(update=done) if m.key == rules.satisfaction.milestone else m for m in milestones)
    future = _future(order.model_copy(update={"milestones": ended}), rules, 15)
    asked = rules.satisfaction
    scale = ((asked.lowest, asked.highest), (asked.lowest, asked.unhappy_to))
    return ([str(case.asked)], (case.scale, case.unhappy)), (
        [_wall(o.at, ZONE) for o in future if o.kind == "survey"],
        scale,
    )


def _dissatisfaction(rules: ProcessRules, case: c.DissatisfactionCase) -> tuple[Any, Any]:
    return case.calls, rules.dissatisfaction.named(case.words) is not None


def _delegation(rules: ProcessRules, case: c.DelegationCase) -> tuple[Any, Any]:
    return case.names, rules.delegation.named(case.words) is not None


def _other_terms(rules: ProcessRules, case: c.OtherTermsCase) -> tuple[Any, Any]:
    return case.names, rules.other_terms.named(case.words) is not None


def _issue_options(rules: ProcessRules, case: c.IssueOptionsCase) -> tuple[Any, Any]:
    return case.fits, rules.issues.fits(case.count)


def _photo_limits(rules: ProcessRules, case: c.PhotoLimitsCase) -> tuple[Any, Any]:
    photos = rules.photos
    return (case.most, case.quality, case.megapixels), (photos.most, photos.quality, dict(photos.megapixels))


def _invoice(rules: ProcessRules, case: c.InvoiceCase) -> tuple[Any, Any]:
    told, split = rules.invoices, rules.invoices.split(case.amount, 2)
    names = (told.told(told.tax_name, case.locale), told.told(told.tax_note, case.locale))
    limits = (told.own_file_up_to_kb, told.collection_up_to_kb)
    wanted = (case.own_file_kb, case.collection_kb)
    found = tuple(n if known is not None else None for n, known in zip(limits, wanted, strict=True))
    expected = (case.net, case.tax, case.tax_name, case.tax_note, case.paper, *wanted)
    return expected, (*split, *names, told.paper(case.territory), *found)


def _photos(rules: ProcessRules, case: c.PhotoCase) -> tuple[Any, Any]:
    return case.shown, rules.photos.fitted(*case.size)


def _frequent_changes(rules: ProcessRules, case: c.FrequentChangesCase) -> tuple[Any, Any]:
    return case.flagged, case.count >= rules.change_orders.frequent_from


def _digest(rules: ProcessRules, case: c.DigestCase) -> tuple[Any, Any]:
    goes = _next(rules, _moment(case.now), "digest")
    lines = (rules.digest.most_lines, rules.digest.most_lines_of_order)
    until = str(looks_until(case.goes.date(), rules))
    return (str(case.goes), str(case.until), case.most_lines), (_wall(goes, ZONE), until, lines)


def _report(rules: ProcessRules, case: c.ReportCase) -> tuple[Any, Any]:
    goes = _next(rules, _moment(case.now), "report")
    return (str(case.goes), case.most_misses, True, False), (
        _wall(goes, ZONE),
        rules.report.most_misses,
        _on_time(rules, goes, _moment(case.on_time_until)),
        _on_time(rules, goes, _moment(case.on_time_until) + timedelta(seconds=1)),
    )


def _next(rules: ProcessRules, now: datetime, kind: str) -> datetime:
    """The next digest or report, whichever other rounds come before it."""
    while True:
        then = next_round(rules, now, _STUDIO)
        if any(one.kind == kind for one in rounds(rules, now, then, _STUDIO)):
            return then
        now = then


def _on_time(rules: ProcessRules, report: datetime, sent: datetime) -> bool:
    """Whether an update of the days before `report`, sent at `sent`, counts as on time."""
    event = _imported((report - timedelta(days=7)).date(), ZONE, LOCALE)
    update = WeeklySent(at=sent, by="x", week=sent.astimezone(ZoneInfo(ZONE)).date())
    history = success.History(initial(event), (event, update))
    span = success.Span(event.at, report, rules, _STUDIO)
    return all(not f.misses for f in success.figures([history], span) if f.id == "weekly")


def _figure(rules: ProcessRules, case: c.FigureCase) -> tuple[Any, Any]:
    rule = next((f for f in rules.report.figures if f.id == case.id), None)
    return case.met, success.met(rule, case.value) if rule else None


def _undo(rules: ProcessRules, case: c.UndoCase) -> tuple[Any, Any]:
    return str(case.until), str(case.booked + timedelta(hours=rules.undo.hours))


def _held(rules: ProcessRules, case: c.HeldCase) -> tuple[Any, Any]:
    moments = [first_reminder(_moment(case.held), rules, _STUDIO)]
    for _ in case.reminders[1:]:
        moments.append(next_reminder(moments[-1], rules, _STUDIO))
    expected = ([str(one) for one in case.reminders], case.attached_kb)
    return expected, ([_wall(one, ZONE) for one in moments], rules.held.attach_up_to_kb)


def _outbox(rules: ProcessRules, case: c.OutboxCase) -> tuple[Any, Any]:
    return str(case.in_doubt), str(case.attempted + timedelta(minutes=rules.outbox.in_doubt_minutes))


_RUNS: dict[str, Callable[[ProcessRules, Any], tuple[Any, Any]]] = {
    "phases": _phases,
    "milestones": _milestone,
    "preparations": _preparation,
    "payments": _payment,
    "ladder": _ladder,
    "client_hours": _hours,
    "weekly": _weekly,
    "requests": _requests,
    "issues": _issue,
    "issue_clock": _issue_clock,
    "change_orders": _change_order,
    "frequent_changes": _frequent_changes,
    "satisfaction": _satisfaction,
    "dissatisfaction": _dissatisfaction,
    "delegation": _delegation,
    "other_terms": _other_terms,
    "issue_options": _issue_options,
    "photos": _photos,
    "photo_limits": _photo_limits,
    "invoices": _invoice,
    "digest": _digest,
    "report": _report,
    "figures": _figure,
    "undo": _undo,
    "held": _held,
    "outbox": _outbox,
}


def _imported(day: date, zone: str, locale: str) -> OrderImported:
    """The import of an order at the first moment of `day`, which is that of its signing and delivery, too."""
    client = Client(name="x", emails=("x@x.example",), approvers=("x@x.example",), timezone=zone, locale=locale)
    return OrderImported(
        at=datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)), by="x", ref="ORD-1", project="x",
        client=client, account_manager=Person(name="x", email="am@x.example"), currency="USD", total=Decimal(100),
        signed=day, delivery=day, phase="", milestones=(), invoices=(),
    )  # fmt: skip


def _order(day: date, zone: str, locale: str, **fields: Any) -> Order:
    """That order, with `fields` as they are given."""
    return initial(_imported(day, zone, locale)).model_copy(update=fields)


def _future(order: Order, rules: ProcessRules, days: int) -> tuple[Occurrence, ...]:
    return forecast(order, rules, order.imported_at, order.imported_at + timedelta(days=days), _STUDIO)


def _wall(moment: datetime, zone: str) -> str:
    """A moment as the wall time that a case would write."""
    return str(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None))


def _moment(written: datetime) -> datetime:
    """A wall time of a case as a moment in UTC."""
    return written.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
