"""rules/process.cases.toml: what the numbers of process.toml mean, as dates that a person can check in a calendar.

Each case is carried out by the code that plans orders, on an order made for it. A milestone, payment, step or table of
process.toml without a case is wrong as well, so that no number is changed without somebody saying what it should do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import NaiveDatetime

from mailbot.errors import Problem
from mailbot.orders.consequences import deposit_for
from mailbot.orders.model import ChangeOrder, Client, Invoice, Issue, Item, Order, Person, Request
from mailbot.planning.calendar import at_once
from mailbot.planning.due import forecast
from mailbot.planning.occurrence import Occurrence, StudioTimes
from mailbot.planning.project import plan_invoices, plan_milestones
from mailbot.rules import RuleModel, find, read_toml, validate
from mailbot.rules.process import ProcessRules

FILE, CASES = "process.toml", "process.cases.toml"
_ZONE, _LOCALE = "America/New_York", "en_US"
_STUDIO = StudioTimes(_ZONE, _LOCALE, "director@x.example", "finance@x.example", "ops@x.example", "lead@x.example")


class PhasesCase(RuleModel):
    first: str
    last: str


class MilestoneCase(RuleModel):
    key: str
    signed: date
    delivery: date
    due: date
    moves_to: str | None = None


class PaymentCase(RuleModel):
    kind: str
    total: Decimal
    signed: date
    delivery: date
    amount: Decimal
    due: date


class LadderCase(RuleModel):
    """An unpaid invoice due on `due`: when `step` goes, or which higher step comes first, so that it does not."""

    step: str
    due: date
    goes: NaiveDatetime | None = None
    zone: str = _ZONE
    locale: str = _LOCALE
    overtaken_by: str | None = None


class HoursCase(RuleModel):
    ready: NaiveDatetime
    goes: NaiveDatetime


class WeeklyCase(RuleModel):
    now: NaiveDatetime
    draft: NaiveDatetime
    goes: NaiveDatetime


class RequestCase(RuleModel):
    asked: NaiveDatetime
    nudges: tuple[NaiveDatetime, ...]
    call: NaiveDatetime
    expires: NaiveDatetime


class IssueCase(RuleModel):
    days: int
    percent: Decimal
    severity: Literal["minor", "major"]


class IssueClockCase(RuleModel):
    raised: NaiveDatetime
    remind: NaiveDatetime


class ChangeOrderCase(RuleModel):
    total: Decimal
    amount: Decimal
    deposit: Decimal | None = None


class SatisfactionCase(RuleModel):
    done: NaiveDatetime
    asked: NaiveDatetime


class ProcessCases(RuleModel):
    """The whole of rules/process.cases.toml."""

    phases: tuple[PhasesCase, ...] = ()
    milestones: tuple[MilestoneCase, ...] = ()
    payments: tuple[PaymentCase, ...] = ()
    ladder: tuple[LadderCase, ...] = ()
    client_hours: tuple[HoursCase, ...] = ()
    weekly: tuple[WeeklyCase, ...] = ()
    requests: tuple[RequestCase, ...] = ()
    issues: tuple[IssueCase, ...] = ()
    issue_clock: tuple[IssueClockCase, ...] = ()
    change_orders: tuple[ChangeOrderCase, ...] = ()
    satisfaction: tuple[SatisfactionCase, ...] = ()


def load_process_cases(folder: Path | None = None) -> ProcessCases:
    """rules/process.cases.toml, the studio's own if `folder` has one. Raises ConfigError with every problem in it."""
    path = find(CASES, folder)
    return validate(ProcessCases, read_toml(path), path)


def wrong_cases(rules: ProcessRules, cases: ProcessCases) -> tuple[Problem, ...]:
    """Each case that does not hold, and each rule that has none."""
    problems: list[Problem] = []
    for table, run in _RUNS.items():
        for place, case in enumerate(getattr(cases, table), start=1):
            expected, got = run(rules, case)
            if expected != got:
                what = f"expected {expected}, but the rules give {got}"
                problems.append(Problem(what, CASES, f"{table} {place}", mend=f"mend the case, or the rule in {FILE}"))
    missing = (Problem(f"{name} has no case", CASES, mend="add one") for name in _without_case(rules, cases))
    return (*problems, *missing)


def _without_case(rules: ProcessRules, cases: ProcessCases) -> Iterator[str]:
    yield from (f"the table {table}" for table in _RUNS if not getattr(cases, table))
    named: list[tuple[str, Sequence[str], set[str]]] = [
        ("the milestone", [m.key for m in rules.milestones], {c.key for c in cases.milestones}),
        ("the payment", [p.kind for p in rules.payments], {c.kind for c in cases.payments}),
        ("the step", [s.step for s in rules.ladder], {c.step for c in cases.ladder}),
    ]
    for what, names, covered in named:
        yield from (f"{what} {name!r}" for name in names if name not in covered)


def _phases(rules: ProcessRules, case: PhasesCase) -> tuple[Any, Any]:
    return (case.first, case.last), (rules.phases[0], rules.phases[-1])


def _milestone(rules: ProcessRules, case: MilestoneCase) -> tuple[Any, Any]:
    planned = {m.key: m.due for m in plan_milestones(case.signed, case.delivery, rules)}
    rule = rules.milestone(case.key)
    return (str(case.due), case.moves_to), (str(planned.get(case.key)), rule.moves_to if rule else None)


def _payment(rules: ProcessRules, case: PaymentCase) -> tuple[Any, Any]:
    invoices = plan_invoices(
        total=case.total, currency="USD", signed=case.signed, delivery=case.delivery, rules=rules,
        milestones=plan_milestones(case.signed, case.delivery, rules),
        numbers=[f"INV-{n}" for n in range(1, len(rules.payments) + 1)],
    )  # fmt: skip
    found = [(str(i.amount), str(i.due)) for i in invoices if i.kind == case.kind]
    return [(str(case.amount), str(case.due))], found


def _ladder(rules: ProcessRules, case: LadderCase) -> tuple[Any, Any]:
    invoice = Invoice(number="INV-1", kind="final", amount=Decimal(100), due=case.due)
    order = _order(case.due - timedelta(days=40), case.zone, case.locale, invoices=(invoice,))
    taken = {o.step.step: _wall(o.at, case.zone) for o in _future(order, rules) if o.step}
    if case.overtaken_by is None:
        return str(case.goes), taken.get(case.step)
    later = list(taken)[list(taken).index(case.overtaken_by) :] if case.overtaken_by in taken else []
    return (None, case.overtaken_by), (taken.get(case.step), later[0] if later else None)


def _hours(rules: ProcessRules, case: HoursCase) -> tuple[Any, Any]:
    ready = case.ready.replace(tzinfo=ZoneInfo(_ZONE))
    return str(case.goes), _wall(at_once(ready, rules.client_hours, _ZONE, _LOCALE), _ZONE)


def _weekly(rules: ProcessRules, case: WeeklyCase) -> tuple[Any, Any]:
    order = _order(case.now.date(), _ZONE, _LOCALE)
    first = {o.kind: _wall(o.at, _ZONE) for o in reversed(_future(order, rules))}
    return (str(case.draft), str(case.goes)), (first.get("draft-weekly"), first.get("weekly-update"))


def _requests(rules: ProcessRules, case: RequestCase) -> tuple[Any, Any]:
    asked = case.asked.replace(tzinfo=ZoneInfo(_ZONE))
    expires = asked + timedelta(days=rules.requests.expire_after_days)
    kind = rules.requests.nudged_kinds[0] if rules.requests.nudged_kinds else "milestone"
    request = Request(token="a" * 16, kind=kind, about="x", revision="", asked_at=asked, expires_at=expires)
    future = _future(_order(case.asked.date(), _ZONE, _LOCALE, requests=(request,)), rules)
    nudges = [_wall(o.at, _ZONE) for o in future if o.kind == "nudge"]
    calls = [_wall(o.at, _ZONE) for o in future if o.kind == "call-client"]
    expected = [str(nudge) for nudge in case.nudges], [str(case.call)], str(case.expires)
    return expected, (nudges, calls, _wall(expires, _ZONE))


def _issue(rules: ProcessRules, case: IssueCase) -> tuple[Any, Any]:
    return case.severity, rules.issues.severity(case.days, case.percent)


def _issue_clock(rules: ProcessRules, case: IssueClockCase) -> tuple[Any, Any]:
    issue = Issue(number="ISS-1", title="x", raised_at=case.raised.replace(tzinfo=ZoneInfo(_ZONE)))
    future = _future(_order(case.raised.date(), _ZONE, _LOCALE, issues=(issue,)), rules)
    return [str(case.remind)], [_wall(o.at, _ZONE) for o in future if o.kind == "issue-clock"]


def _change_order(rules: ProcessRules, case: ChangeOrderCase) -> tuple[Any, Any]:
    change = ChangeOrder(number="CO-1", title="x", items=(Item(text="x", amount=case.amount),))
    order = _order(date(2026, 1, 5), _ZONE, _LOCALE, total=case.total)
    deposit = deposit_for(order, change, rules, order.signed, "INV-1")
    return case.deposit, deposit.amount if deposit else None


def _satisfaction(rules: ProcessRules, case: SatisfactionCase) -> tuple[Any, Any]:
    order = _order(case.done.date(), _ZONE, _LOCALE)
    milestones = plan_milestones(order.signed, order.delivery, rules)
    done = {"status": "done", "approved_at": case.done.replace(tzinfo=ZoneInfo(_ZONE))}
    ended = tuple(m.model_copy(update=done) if m.key == rules.satisfaction.milestone else m for m in milestones)
    future = _future(order.model_copy(update={"milestones": ended}), rules)
    return [str(case.asked)], [_wall(o.at, _ZONE) for o in future if o.kind == "survey"]


_RUNS: dict[str, Callable[[ProcessRules, Any], tuple[Any, Any]]] = {
    "phases": _phases,
    "milestones": _milestone,
    "payments": _payment,
    "ladder": _ladder,
    "client_hours": _hours,
    "weekly": _weekly,
    "requests": _requests,
    "issues": _issue,
    "issue_clock": _issue_clock,
    "change_orders": _change_order,
    "satisfaction": _satisfaction,
}


def _order(day: date, zone: str, locale: str, **fields: Any) -> Order:
    """An order that was imported at the first moment of `day`."""
    client = Client(name="x", emails=("x@x.example",), approvers=("x@x.example",), timezone=zone, locale=locale)
    plain = Order(
        ref="ORD-1", project="x", client=client, account_manager=Person(name="x", email="am@x.example"),
        currency="USD", contract_total=Decimal(100), total=Decimal(100), signed=day, delivery=day, phase="",
        imported_at=datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(_ZONE)),
    )  # fmt: skip
    return plain.model_copy(update=fields)


def _future(order: Order, rules: ProcessRules) -> tuple[Occurrence, ...]:
    return forecast(order, rules, order.imported_at, order.imported_at + timedelta(days=100), _STUDIO)


def _wall(moment: datetime, zone: str) -> str:
    """A moment as the wall time that a case would write."""
    return str(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
