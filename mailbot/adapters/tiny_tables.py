"""TinyDB over rows: its storage and its table, so that queries, `insert`, `update`, `get` stay as its users know them.

Stock TinyDB reads and writes the whole database for each change. Here a table hands TinyDB a mapping of document ids
that reads a row when it is asked for and writes a row when it was changed; several processes may use the file at once.
Queries still look at every document of a table: `RowTable.find` uses the index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Table

from mailbot.adapters.store import KEY_FIELDS, SCHEMA, Conflict, Doc, check_indexed, indexed, safe_key
from mailbot.adapters.tiny_file import SqliteFile, create_table, quoted

PAGE = 500

_SQL = {
    "ids": "SELECT id FROM {t} ORDER BY id",
    "count": "SELECT count(*) FROM {t}",
    "next id": "SELECT coalesce(max(id), 0) + 1 FROM {t}",
    "has id": "SELECT 1 FROM {t} WHERE id = ?",
    "doc of id": "SELECT doc FROM {t} WHERE id = ?",
    "page by id": "SELECT id, doc FROM {t} WHERE id > ? ORDER BY id LIMIT ?",
    "page by key": "SELECT key, doc FROM {t} WHERE key > ? ORDER BY key LIMIT ?",
    "by key": "SELECT key, doc FROM {t} WHERE key = ?",
    "equal": "SELECT key, doc FROM {t} WHERE {f} = ? ORDER BY key",
    "keys": "SELECT key, doc FROM {t} WHERE key > ? AND key < ? ORDER BY key",
    "range": "SELECT key, doc FROM {t} WHERE {f} >= ? AND {f} < ? ORDER BY {f}, key",
    "insert": "INSERT INTO {t}(id, key, doc) VALUES (?, ?, ?)",
    "rewrite": "UPDATE {t} SET key = ?, doc = ? WHERE id = ?",
    "change": "UPDATE {t} SET doc = ? WHERE key = ?",
    "add": "INSERT INTO {t}(key, doc) VALUES (?, ?) ON CONFLICT(key) DO NOTHING",
    "delete": "DELETE FROM {t} WHERE key = ?",
    "delete id": "DELETE FROM {t} WHERE id = ?",
    "clear": "DELETE FROM {t}",
    "drop": "DROP TABLE {t}",
}


_dumped = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode  # ASCII: holds lone surrogates too


@lru_cache(maxsize=512)
def _statement(name: str, table: str, field: str = "") -> str:
    return _SQL[name].replace("{t}", quoted(table)).replace("{f}", quoted(field))


class RowView(MutableMapping[Any, dict[str, Any]]):
    """A table's documents by id, as TinyDB sees them, read row by row; ids come as `id_class`.

    One document at a time is at hand: `flush` writes it if it was changed in place. Used by one thread, in one call.
    """

    def __init__(self, file: SqliteFile, table: str, id_class: Callable[[Any], Any]) -> None:
        self.file, self.table, self._id_class = file, table, id_class
        self._at_hand: tuple[int, str, dict[str, Any]] | None = None

    def _read(self, statement: str, *values: Any) -> list[Any]:
        if not table_exists(self.file, self.table):
            return []
        with self.file.reading() as connection:
            return connection.execute(_statement(statement, self.table), values).fetchall()

    def _write(self, statement: str, *values: Any) -> int:
        with self.file.writing() as connection:
            if not table_exists(self.file, self.table):
                create_table(connection, self.table)
            return connection.execute(_statement(statement, self.table), values).rowcount

    def __getitem__(self, doc_id: Any) -> dict[str, Any]:
        number = int(doc_id)
        if self._at_hand and self._at_hand[0] == number:
            return self._at_hand[2]
        self.flush()
        found = self._read("doc of id", number)
        if not found:
            raise KeyError(doc_id)
        document: dict[str, Any] = json.loads(found[0][0])
        self._at_hand = (number, _dumped(document), document)
        return document

    def __setitem__(self, doc_id: Any, document: Mapping[str, Any]) -> None:
        self.flush()
        self._at_hand = None
        self._store(int(doc_id), document)

    def _store(self, number: int, document: Mapping[str, Any]) -> None:
        check_indexed(self.table, document)
        key, text = safe_key(str(document.get(KEY_FIELDS.get(self.table, ""), number))), _dumped(document)
        if not self._write("rewrite", key, text, number):
            self._write("insert", number, key, text)

    def __delitem__(self, doc_id: Any) -> None:
        self._at_hand = None
        if not self._write("delete id", int(doc_id)):
            raise KeyError(doc_id)

    def __contains__(self, doc_id: object) -> bool:
        return bool(self._read("has id", int(str(doc_id))))

    def __iter__(self) -> Iterator[Any]:
        return (self._id_class(row[0]) for row in self._read("ids"))

    def __len__(self) -> int:
        found = self._read("count")
        return int(found[0][0]) if found else 0

    def items(self) -> ItemsView[Any, dict[str, Any]]:
        """Ids and documents in the order of ids, a page of rows at a time."""
        return _Items(self)

    def pages(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """What `items` walks through."""
        last = -(2**63)
        while rows := self._read("page by id", last, PAGE):
            yield from ((self._id_class(number), json.loads(text)) for number, text in rows)
            last = rows[-1][0]

    def clear(self) -> None:
        """Takes every document away."""
        self._at_hand = None
        self._write("clear")

    def flush(self) -> None:
        """Writes the document at hand if it is not as it was read."""
        if self._at_hand:
            number, before, document = self._at_hand
            if (text := _dumped(document)) != before:
                self._store(number, document)
                self._at_hand = (number, text, document)

    def next_id(self) -> int:
        """The id that the next document gets."""
        found = self._read("next id")
        return int(found[0][0]) if found else 1


class _Items(ItemsView[Any, dict[str, Any]]):
    _mapping: RowView

    def __iter__(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        return self._mapping.pages()


def table_exists(file: SqliteFile, name: str) -> bool:
    """Whether there is such a table. Raises ValueError when one differs by upper and lower case only."""
    if name in SCHEMA:
        return True
    with file.reading() as connection:
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", (name,)
        ).fetchone()
    if found and found[0] != name:
        raise ValueError(f"there is a table {found[0]!r} already: the store does not tell {name!r} from it")
    return found is not None


class RowStorage(Storage):
    """TinyDB's storage over one SQLite file. `read` hands out views, not data."""

    def __init__(self, path: str | Path) -> None:
        """Opens or makes the file. Raises ConfigError when it cannot be used."""
        super().__init__()
        self.file = SqliteFile(Path(path))

    def read(self) -> dict[str, dict[str, Any]]:
        """Every table, as a view of its rows under text ids."""
        with self.file.reading() as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        views = {str(name): RowView(self.file, str(name), str) for (name,) in names}
        return cast(dict[str, dict[str, Any]], views)

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Makes the tables be those of `data`; a view that `read` gave stands for what is stored."""
        with self.file.writing() as connection:
            for name in self.read():
                if name not in data:
                    connection.execute(_statement("clear" if name in SCHEMA else "drop", name))
            for name, documents in data.items():
                if not isinstance(documents, RowView):
                    view = RowView(self.file, name, str)
                    view.clear()
                    view.update({number: dict(document) for number, document in documents.items()})

    def close(self) -> None:
        """Closes the file's connections."""
        self.file.close()


class RowTable(Table):
    """TinyDB's table over rows, and what the store needs beside: documents by key and by index."""

    def __init__(self, storage: RowStorage, name: str, cache_size: int = 0, persist_empty: bool = False) -> None:
        """`cache_size` is not used: another process may have changed what a cache holds."""
        self._file = storage.file
        super().__init__(storage, name, cache_size=0, persist_empty=persist_empty)

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return cast(dict[str, Mapping[str, Any]], RowView(self._file, self.name, str))

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._file.writing():
            view = RowView(self._file, self.name, self.document_id_class)
            updater(view)
            view.flush()

    def _get_next_id(self) -> int:
        return RowView(self._file, self.name, int).next_id()

    def insert(self, document: Mapping[str, Any]) -> int:
        """As in TinyDB; the id is taken and used in one transaction."""
        with self._file.writing():
            return super().insert(document)

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """As in TinyDB, in one transaction."""
        with self._file.writing():
            return super().upsert(document, cond)

    def _rows(self, statement: str, *values: Any, field: str = "") -> list[Any]:
        sql = _statement(statement, self.name, field)
        if current := self._file.current:  # the common case, without the cost of a `with`
            return current.execute(sql, values).fetchall()
        with self._file.reading() as connection:
            return connection.execute(sql, values).fetchall()

    def _change(self, statement: str, *values: Any) -> int:
        sql = _statement(statement, self.name)
        if current := self._file.current:
            return current.execute(sql, values).rowcount
        with self._file.writing() as connection:
            return connection.execute(sql, values).rowcount

    def fetch(self, key: str) -> Doc | None:
        """The document under the key, or None."""
        return next(_docs(self._rows("by key", safe_key(key))), None)

    def find(self, field: str, lo: str, hi: str | None = None) -> list[Doc]:
        """Documents by a declared index: equal to `lo`, or from `lo` to before `hi`, by field and then key."""
        indexed(self.name, field)
        if hi is None:
            return list(_docs(self._rows("equal", lo, field=field)))
        return list(_docs(self._rows("range", lo, hi, field=field)))

    def between(self, lo: str, hi: str) -> list[Doc]:
        """Documents with lo < key < hi, by key."""
        return list(_docs(self._rows("keys", safe_key(lo), safe_key(hi))))

    def by_key(self) -> Iterator[Doc]:
        """Every document in the order of keys, a page at a time."""
        last = ""
        while rows := self._rows("page by key", last, PAGE):
            yield from _docs(rows)
            last = rows[-1][0]

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        """The document stands under the key, whether or not there was one."""
        check_indexed(self.name, document)
        key, text = safe_key(key), _dumped(document)
        with self._file.writing():  # half the cost of INSERT ... ON CONFLICT DO UPDATE, which is mostly an update
            if not self._change("change", text, key):
                self._change("add", key, text)

    def add(self, key: str, document: Mapping[str, Any]) -> None:
        """As `put`; raises Conflict when the key is taken."""
        check_indexed(self.name, document)
        if not self._change("add", safe_key(key), _dumped(document)):
            raise Conflict(f"{self.name} already has {key!r}")

    def discard(self, key: str) -> bool:
        """Takes the document under the key away; False when there was none."""
        return bool(self._change("delete", safe_key(key)))


def _docs(rows: Iterable[tuple[str, str]]) -> Iterator[Doc]:
    return (Doc(key, json.loads(text)) for key, text in rows)


class RowDB(TinyDB):
    """TinyDB over one SQLite file."""

    table_class: type[Table] = RowTable

    def __init__(self, path: str | Path) -> None:
        """Opens or makes the file. Raises ConfigError when it cannot be used."""
        super().__init__(path, storage=RowStorage)
        self.file = cast(RowStorage, self.storage).file

    def rows(self, name: str) -> RowTable:
        """A table of SCHEMA. Raises KeyError for any other name."""
        if name not in SCHEMA:
            raise KeyError(f"there is no table {name!r}")
        return cast(RowTable, self.table(name))
