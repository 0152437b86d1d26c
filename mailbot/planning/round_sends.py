"""The digest and the weekly report as the mails that are written: the facts under the names of their letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from mailbot.orders.model import Blocker
from mailbot.orders.sends import Send
from mailbot.planning.calendar import ONE_DAY, local_day
from mailbot.planning.digest import LISTS, Digest, OrderLines
from mailbot.planning.figures import Figure, Span
from mailbot.planning.rounds import Round

_TEXT_LENGTH = 120  # of what stands in one line of the digest
_REFS_LENGTH = 800  # of a header on one line (RFC 5322, 2.1.1), and of an index


def key_of(one: Round, reader: str) -> str:
    """Of the mail of a round, in the outbox: the same whenever it is made, so that it goes out once."""
    return f"digest/{reader}/{one.day}" if one.kind == "digest" else f"report/{one.day}"


def digest_send(one: Round, reader: str, found: Digest, mode_of: Callable[[str], str]) -> Send:
    """The digest of a morning to an account manager; `mode_of` a kind of mail says what becomes of it."""
    orders = [_order(lines, mode_of) for lines in found.orders]
    data = {
        "day": found.day, "orders": orders, "others": list(found.others), "count": found.count,
        "loose": _short([asdict(held) for held in found.loose]), "held_count": found.held_count,
        "late_count": found.late_count,
    }  # fmt: skip
    refs = references(lines.ref for lines in found.orders)
    return Send(key_of(one, reader), "digest", (reader,), (), refs, one.day.isoformat(), data)


def _order(lines: OrderLines, mode_of: Callable[[str], str]) -> dict[str, Any]:
    count = sum(len(getattr(lines, name)) for name in LISTS)
    mails = [{**asdict(mail), "mode": mode_of(mail.kind)} for mail in lines.mails]
    return {key: _short(value) for key, value in {**asdict(lines), "mails": mails, "lines": count}.items()}


def _short(value: Any) -> Any:
    """`value` with long texts cut: what somebody wrote is not to be read whole here, and has no end."""
    if isinstance(value, str):
        return value if len(value) <= _TEXT_LENGTH else value[: _TEXT_LENGTH - 1].rstrip() + "…"
    if isinstance(value, Blocker):
        return _short(value.model_dump())
    if isinstance(value, list | tuple):
        return [_short(one) for one in value]
    return {key: _short(one) for key, one in value.items()} if isinstance(value, dict) else value


def report_send(one: Round, reader: str, found: Sequence[Figure], orders: int, span: Span) -> Send:
    """The report of a week, about `orders` active ones, to the Sales Director."""
    refs = references(miss.ref for figure in found for miss in figure.misses)
    data = {**report_facts(found, orders, span), "figures": [_figure(figure, span) for figure in found]}
    return Send(key_of(one, reader), "report", (reader,), (), refs, one.day.isoformat(), data)


def report_facts(found: Sequence[Figure], orders: int, span: Span) -> dict[str, Any]:
    """What the report tells: the first and last day of its week, how many orders are active, the figures whole."""
    since, until = (local_day(moment, span.studio.timezone) for moment in (span.since, span.until))
    return {
        "since": since, "until": max(since, until - ONE_DAY),
        "orders": orders, "figures": [_whole(figure) for figure in found],
    }  # fmt: skip


def _whole(figure: Figure) -> dict[str, Any]:
    return {
        "id": figure.id, "name": figure.name, "value": figure.value, "unit": figure.unit, "target": figure.target,
        "met": figure.met, "counted": figure.counted, "misses": [asdict(miss) for miss in figure.misses],
    }  # fmt: skip


def _figure(figure: Figure, span: Span) -> dict[str, Any]:
    """As the letter takes it: as many orders as there is room for, and how many more there are."""
    most = span.rules.report.most_misses
    whole = _whole(figure)
    return {**whole, "misses": whole["misses"][:most], "more": max(len(figure.misses) - most, 0)}


def references(refs: Iterable[str]) -> str | None:
    """`refs` with commas, each once, as many as a header has room for; None when there are none."""
    kept: list[str] = []
    for ref in dict.fromkeys(refs):
        if sum(map(len, kept)) + len(kept) + len(ref) > _REFS_LENGTH:
            break
        kept.append(ref)
    return ",".join(kept) or None
