"""Backup, restore and export: all rows of an installation as of one moment, every mail, and which rules held."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from mailbot import __version__
from mailbot.adapters import backup as file
from mailbot.adapters.archive import Archive
from mailbot.adapters.store import Conflict, StoredRow
from mailbot.app.alone import unattended
from mailbot.app.records import Records
from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import utc
from mailbot.rules import shipped
from mailbot.settings import Settings

EXPORTED = ("orders", "events", "held", "outbox")
_AT_ONCE = 16  # mails in memory
_ON_HOLD = "on hold: restored from the backup of {at}; it may have gone out since"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: rows by table, mails, how many mails wait on hold, whether the rules are the same."""

    rows: dict[str, int]
    mails: int
    on_hold: int
    made_at: str
    same_rules: bool


def back_up(records: Records, path: Path, now: datetime) -> list[str]:
    """Writes all of the store and the archive to `path`, while work goes on; the mails that are damaged and not in it.

    Raises ConfigError when the place cannot be written.
    """
    about = {"made_at": utc(now), "mailbot": __version__, "rules": rules_hash(records.settings)}
    return file.write(path, records.store.snapshot(), records.archive, about)


def restore(records: Records, path: Path) -> Restored:
    """Puts a backup into this store, which has to be empty, and its mails into the archive; the outbox is on hold.

    Raises ConfigError, with the store as it was: a backup that is damaged, a store that is not empty or that a daemon
    works on.
    """
    backup = file.Backup(path)
    try:
        with unattended(records.settings, records.store):
            return _restored(records, backup)
    except Conflict as why:
        mend = "restore into a new one: put the `data` folder away, or name another store in [store] url"
        raise ConfigError([Problem(str(why), records.settings.store.shown, "store.url", mend=mend)]) from None
    finally:
        backup.close()


def _restored(records: Records, backup: file.Backup) -> Restored:
    """First the mails, then all rows in one transaction: what is cut off can be done again. Raises Conflict."""
    _refuse_what_is_there(records)
    made_at, count = str(backup.about.get("made_at")), dict[str, int]()
    mails = _put_all(records.archive, backup.mails())
    records.store.load(_counted((_on_hold(row, made_at) for row in backup.rows()), count))
    waiting = [row for row in records.store.outbox("held") if row.error == _ON_HOLD.format(at=made_at)]
    is_same = backup.about.get("rules") == rules_hash(records.settings)
    return Restored(count, mails, len(waiting), made_at, is_same)


def export(records: Records) -> Iterator[dict[str, Any]]:
    """Every order, event, held reply and mail of the outbox as of one moment: {"table", "key", "row"}."""
    with records.store.snapshot() as rows:
        for row in rows:
            if row.table in EXPORTED:
                yield {"table": row.table, "key": row.key, "row": row.doc}


def rules_hash(settings: Settings) -> str:
    """The hash of all rule files in force, the studio's own before the shipped ones."""
    files = {path.name: path for path in sorted(shipped("rules").glob("*.toml"))}
    if settings.paths.rules:
        files |= {path.name: path for path in sorted(settings.paths.rules.glob("*.toml"))}
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _refuse_what_is_there(records: Records) -> None:
    """Looks before the archive is written to; `load` looks again, in its transaction."""
    if next(iter(records.store.all("orders")), None) or records.store.outbox():
        raise Conflict("the store is not empty")


def _put_all(archive: Archive, mails: Iterator[bytes]) -> int:
    """Puts mails into the archive, some at a time; how many. All are on disk on return."""
    count = 0
    while some := [archive.put_meanwhile(data) for data in islice(mails, _AT_ONCE)]:
        count += len({kept.result() for kept in some})
    return count


def _counted(rows: Iterable[StoredRow], count: dict[str, int]) -> Iterator[StoredRow]:
    for row in rows:
        count[row.table] = count.get(row.table, 0) + 1
        yield row


def _on_hold(row: StoredRow, made_at: str) -> StoredRow:
    """A mail that was to go out waits for a person: who knows what went out after the backup was made."""
    if row.table != "outbox" or row.doc["state"] not in ("queued", "leased", "sending"):
        return row
    state = "unknown" if row.doc["state"] == "sending" else "held"
    free = {"state": state, "owner": None, "lease_until": None, "error": _ON_HOLD.format(at=made_at)}
    return row._replace(doc={**row.doc, **free})
