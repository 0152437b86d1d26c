"""A mail before it goes out: the one that waits or comes next, or else its sample as this studio would send it.

Nothing is stored and nothing is sent: what comes next is worked out by the code that sends it, and then forgotten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from mailbot.adapters.chromium import chromium, picture
from mailbot.adapters.store import OutboxRow
from mailbot.app.house import House
from mailbot.app.manners import ahead_of
from mailbot.app.records import order_of
from mailbot.app.samples import Samples, known, sample, samples_in
from mailbot.app.tick import send_of
from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import Order
from mailbot.planning.occurrence import Occurrence, addresses
from mailbot.rules.process import Role
from mailbot.rules.templates import Templates
from mailbot.writing.kinds import KINDS, Reader
from mailbot.writing.preview import WIDE, guarded, page, shown
from mailbot.writing.render import render

Source = Literal["outbox", "next", "sample"]
AHEAD = timedelta(weeks=52)  # how far the next mail of a kind is looked for
_WAITING = ("queued", "held")
_ID = re.compile(r"M-\d{1,18}", re.IGNORECASE)
_ROLES: dict[Reader, Role] = {
    "client": "client", "staff": "account_manager", "director": "sales_director", "finance": "finance",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """One mail as bytes, and where it comes from: the outbox, the plan of its order, or samples.toml. `name` is what
    its files are called."""

    name: str
    kind: str
    order: str | None
    source: Source
    because: str
    data: bytes


def of_kind(samples: Samples, kind: str) -> Preview:
    """The sample of `kind`. Raises ConfigError: there is no such kind, or its template cannot be filled."""
    return Preview(kind, kind, None, "sample", "Sample facts, no order's own.", sample(samples, kind).data)


def of_order(house: House, kind: str, ref: str, now: datetime) -> Preview:
    """The mail of `kind` that waits to go out to the order `ref`, or will go out next if nobody writes or pays; or else
    the sample with the order's names. Raises ConfigError: there is no such kind or order."""
    known(kind)
    order = order_of(house.store, ref)
    if order is None:
        raise ConfigError([Problem(f"there is no order {ref}", mend="`mailbot order list --all` lists them")])
    return _waiting(house, kind, ref) or _next(house, kind, order, now) or _sample(house, kind, order)


def of_outbox(house: House, id: str) -> Preview:
    """The mail of the outbox with this id, as it goes or went out. Raises ConfigError: there is none."""
    row = house.store.outbox_get(id.upper())
    if row is None:
        raise ConfigError([Problem(f"there is no mail {id} in the outbox", mend="`mailbot outbox` lists them")])
    return _row(house, row)


def is_of_outbox(name: str) -> bool:
    """Whether `name` is the id of a mail in the outbox, and no kind."""
    return bool(_ID.fullmatch(name))


def page_of(one: Preview, templates: Templates) -> str:
    """The page with all views of a mail. Raises ConfigError."""
    title = f"{one.kind}, {one.order.replace(',', ', ')}" if one.order else one.kind
    return page(shown(one.data), title, one.because, templates)


def write(one: Preview, folder: Path, templates: Templates) -> tuple[list[Path], str]:
    """Write the mail into `folder` (made if need be), in all its forms: the files, and why there is no picture, or "".

    Raises ConfigError for a folder that cannot be written to.
    """
    mail = shown(one.data)
    alone = guarded(mail.html)
    own = {"eml": one.data, "html": alone.encode(), "txt": mail.text.encode()}
    own["views.html"] = page_of(one, templates).encode()
    png, missing = _picture(alone)
    files = {**dict(mail.files), **own, **({"png": png} if png else {})}
    return [_put(folder / f"{one.name}.{ending}", data) for ending, data in files.items()], missing


def _picture(html: str) -> tuple[bytes | None, str]:
    """The page as a picture, or why there is none."""
    program = chromium()
    if program is None:
        return None, "there is no Chromium on this machine"
    try:
        return picture(program, html, WIDE), ""
    except OSError as error:
        return None, str(error)


def _put(path: Path, data: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise ConfigError([Problem(what, str(path), mend="name another folder")]) from None
    return path


def _waiting(house: House, kind: str, ref: str) -> Preview | None:
    rows = (row for state in _WAITING for row in house.store.outbox(state, order=ref) if row.kind == kind)
    return next((replace(_row(house, row), name=kind) for row in rows), None)


def _row(house: House, row: OutboxRow) -> Preview:
    because = f"{row.id} of the outbox, {row.state}" + (f": {row.error}." if row.error else ".")
    return Preview(row.id, row.kind, row.order, "outbox", because, house.archive.get(row.mail))


def _next(house: House, kind: str, order: Order, now: datetime) -> Preview | None:
    coming = ahead_of(house, order, now, now + AHEAD)
    return next((_planned(house, one, then) for one, then in coming if one.kind == kind), None)


def _planned(house: House, occurrence: Occurrence, order: Order) -> Preview | None:
    send = send_of(house, occurrence, order, occurrence.at)
    if send is None:
        return None
    mail = render(
        send, studio=house.studio, templates=house.rules.templates, now=occurrence.at, order=order,
        message_id=house.ids.message_id(send.key, send.token),
    )  # fmt: skip
    at = f"{occurrence.at.astimezone(ZoneInfo(house.studio.timezone)):%Y-%m-%d at %H:%M} ({house.studio.timezone})"
    because = f"Goes out on {at}, if nobody writes or pays before: {occurrence.because}."
    because += f" It waits then: {send.waits}." if send.waits else ""
    return Preview(send.kind, send.kind, order.ref, "next", because, mail.data)


def _sample(house: House, kind: str, order: Order) -> Preview:
    to = addresses([_ROLES[KINDS[kind].reader]], order, house.times)
    mail = sample(samples_in(house), kind, order, to)
    because = f"Sample facts, with the names of {order.ref}: none is to come by itself."
    return Preview(kind, kind, order.ref, "sample", because, mail.data)
