"""A backup as one file: the rows of every table as of one moment, and every mail of the archive. A zip.

`rows/TABLE.jsonl` has a row a line, `archive/KEY.gz` a mail as the archive keeps it, `backup.json`, which stands last,
the hash of each. The same for every engine: what one has written another can read. Rows come first, then mails, so that
every mail that a row names is there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from typing import IO, Any, Final

from mailbot.adapters.archive import Archive, ArchiveError
from mailbot.adapters.disk import ZIP, may_be_written, whole_file
from mailbot.adapters.store import OF_THE_PLACE, SCHEMA, StoredRow
from mailbot.errors import ConfigError, Problem
from mailbot.zips import DAMAGED

FORMAT: Final = 1
_LIST: Final = "backup.json"
_CHUNK: Final = 1 << 20


def write(
    path: Path, snapshot: AbstractContextManager[Iterator[StoredRow]], archive: Archive, about: Mapping[str, Any]
) -> list[str]:
    """Writes a backup (0600), which appears only when it is whole; the mails that are damaged, and so not in it.

    `about` is kept beside. Raises ConfigError when the place cannot be written, StoreError as the store does.
    """
    damaged: list[str] = []
    may_be_written(path, ZIP)
    try:
        with whole_file(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as target:
            with snapshot as rows:  # left before the archive is copied: a server ends a transaction that says nothing
                files = _write_tables(target, rows)
            for key in archive.each_key():
                try:
                    data = archive.packed(key)
                except ArchiveError as error:
                    damaged.append(str(error))
                    continue
                target.writestr(f"archive/{key}.gz", data)
                files[f"archive/{key}.gz"] = hashlib.sha256(data).hexdigest()
            target.writestr(_LIST, json.dumps({**about, "format": FORMAT, "files": files}, indent=1))
    except OSError as error:
        what = f"the backup cannot be written: {error.strerror or error}"
        raise ConfigError([Problem(what, str(path), mend="name another file")]) from None
    return damaged


def _write_tables(target: zipfile.ZipFile, rows: Iterable[StoredRow]) -> dict[str, str]:
    """The hash of each file that was written."""
    groups = ((table, group) for table, group in groupby(rows, lambda row: row.table) if table not in OF_THE_PLACE)
    return {f"rows/{table}.jsonl": _write_rows(target, f"rows/{table}.jsonl", group) for table, group in groups}


def _write_rows(target: zipfile.ZipFile, name: str, rows: Iterable[StoredRow]) -> str:
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with target.open(info, "w", force_zip64=True) as file:
        for row in rows:
            line = (json.dumps({"key": row.key, "number": row.number, "doc": row.doc}) + "\n").encode("ascii")
            digest.update(line)
            file.write(line)
    return digest.hexdigest()


class Backup:
    """A backup that was checked: every file is as it was written."""

    def __init__(self, path: Path) -> None:
        """Reads and checks all of it. Raises ConfigError with everything that is wrong."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self.about: dict[str, Any] = json.loads(self._zip.read(_LIST))
            wrong = list(self._wrong(dict(self.about["files"])))
        except (*DAMAGED, KeyError, TypeError) as error:
            raise ConfigError([Problem(f"is no backup, or a damaged one: {error}", str(path))]) from None
        if wrong:
            raise ConfigError([Problem(what, str(path), mend="take another backup") for what in wrong])

    def rows(self) -> Iterator[StoredRow]:
        """The rows, table by table."""
        for table in (name for name in SCHEMA if f"rows/{name}.jsonl" in self.about["files"]):
            with self._zip.open(f"rows/{table}.jsonl") as file:
                for line in file:
                    row = json.loads(line)
                    yield StoredRow(table, str(row["key"]), row["number"], row["doc"])

    def mails(self) -> Iterator[bytes]:
        """Every mail of the archive, unpacked."""
        return (gzip.decompress(self._zip.read(name)) for name in self.about["files"] if name.startswith("archive/"))

    def close(self) -> None:
        self._zip.close()

    def _wrong(self, files: dict[str, str]) -> Iterator[str]:
        if self.about.get("format") != FORMAT:
            yield f"was written by another mailbot (format {self.about.get('format')}; this one knows {FORMAT})"
            return
        names = [info.filename for info in self._zip.infolist()]
        yield from (f"{name} was added" for name in names if name not in files and name != _LIST)
        yield from (f"{name} is there twice" for name in {*names} if names.count(name) > 1)
        for name, expected in files.items():
            if name not in names:
                yield f"{name} is missing"
                continue
            try:
                with self._zip.open(name) as file:
                    is_whole = _hash(file) == expected
            except DAMAGED:
                is_whole = False
            if not is_whole:
                yield f"{name} was altered"


def _hash(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
