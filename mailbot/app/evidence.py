"""The evidence of an order from the store: its rows and mails gathered, checked, shown, written as one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mailbot import __version__
from mailbot.adapters.archive import ArchiveError
from mailbot.adapters.disk import ZIP, may_be_written, whole_file
from mailbot.app.records import HELD_ALSO, Records
from mailbot.errors import ConfigError, Problem
from mailbot.evidence import package
from mailbot.evidence.check import Checked, check_rows, check_zip, made
from mailbot.evidence.pages import text_page
from mailbot.evidence.record import Mail, mail_of, record
from mailbot.evidence.rows import Rows
from mailbot.rules.templates import load_templates

_TRIES = 5  # for orders that change while they are read


@dataclass(frozen=True, slots=True)
class Case:
    """An order's rows and the heads of its mails, as they were read together."""

    records: Records
    rows: Rows
    mails: tuple[Mail, ...]

    def shown(self) -> dict[str, Any]:
        """The record as data."""
        return record(self.rows, self.mails)

    def text(self) -> str:
        """The record as text."""
        return text_page(self.shown(), load_templates())

    def check(self) -> Checked:
        """What is wrong in the store with this order, its events and its mails."""
        return Checked(tuple(check_rows(self.rows, lambda key: checked_mail(self.records, key))), rows=self.rows)

    def write(self, path: Path) -> str:
        """Writes the zip (0600), which appears only when it is whole; its seal. Raises ConfigError for a bad place."""
        may_be_written(path, ZIP)
        try:
            with whole_file(path) as part, part.open("wb") as target:
                return package.write(target, self._files(), self.rows, __version__)
        except OSError as error:
            what = f"cannot be written: {error.strerror}"
            raise ConfigError([Problem(what, str(path), mend="name another file")]) from None

    def _files(self) -> Iterator[tuple[str, bytes]]:
        yield from made(self.rows, list(self.mails), load_templates()).items()
        for mail in self.mails:
            if mail.file and (data := _mail(self.records, mail.key)) is not None:
                yield mail.file, data


def gather(records: Records, ref: str) -> Case:
    """The case of the order `ref`. Raises ConfigError where there is none."""
    for _ in range(_TRIES):
        rows = _rows(records, ref)
        if not rows.events or rows.events[-1]["hash"] == rows.order["hash"]:
            break  # otherwise it changed meanwhile; or it was tampered with, which is for the check to tell
    mails = (
        mail_of(key, way, number, _mail(records, key)) for number, (key, way) in enumerate(rows.mails_named(), start=1)
    )
    return Case(records, rows, tuple(mails))


def check_file(path: Path) -> Checked:
    """What is wrong with a zip of evidence; needs no settings and no store. Raises ConfigError: cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(f"cannot be read: {error.strerror}", str(path))]) from None
    return check_zip(data, load_templates(), __version__)


def checked_mail(records: Records, key: str) -> bytes | None:
    """A mail of the archive, for a check: None where it is missing, nothing where it is not what was put there."""
    damaged = b"" if records.archive.has(key) else None
    return damaged if (data := _mail(records, key)) is None else data


def _rows(records: Records, ref: str) -> Rows:
    store, studio = records.store, records.settings.studio
    events = store.audit(ref)
    held = [
        {name: value for name, value in doc.items() if name not in HELD_ALSO}
        for doc in store.find("held", "order", ref)
    ]
    mails = [{"id": doc.key, **doc} for doc in store.find("mails", "order", ref)]
    outbox = [  # not those about several orders, like a digest: they tell of other clients as well
        {**asdict(row), "to": list(row.to), "recipients": list(row.recipients)}
        for row in store.outbox(order=ref)
        if row.order == ref
    ]
    row = store.get("orders", ref)
    if row is None:
        raise ConfigError([Problem(f"there is no order {ref}", mend="`mailbot order list --all` lists them")])
    return Rows(
        {"name": studio.name, "timezone": studio.timezone}, row["order"], tuple(events), tuple(held),
        tuple(sorted(mails, key=lambda one: (str(one["at"]), one["id"]))), tuple(outbox),
    )  # fmt: skip


def _mail(records: Records, key: str) -> bytes | None:
    """A mail of the archive; None where it is missing, or is not what was put there."""
    try:
        return records.archive.get(key)
    except ArchiveError:
        return None
