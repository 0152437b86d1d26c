"""TinyDB over rows: its storage and its table, so that queries, `insert`, `update`, `get` stay as its users know them.

Stock TinyDB reads and writes the whole database for each change. Here a table hands TinyDB a mapping of document ids
that reads a row when it is asked for and writes a row when it was changed; several processes may use the file at once.
Queries still look at every document of a table: `RowTable.find` uses the index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Table

from mailbot.adapters.store import KEY_FIELDS, Conflict, Doc, check_indexed, indexed, safe_key
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
    "number": "SELECT id FROM {t} WHERE key = ?",
    "equal": "SELECT key, doc FROM {t} WHERE {f} = ? ORDER BY key",
    "range": "SELECT key, doc FROM {t} WHERE {f} >= ? AND {f} < ? ORDER BY {f}, key",
    "insert": "INSERT INTO {t}(id, key, doc) VALUES (?, ?, ?)",
    "rewrite": "UPDATE {t} SET key = ?, doc = ? WHERE id = ?",
    "put": "INSERT INTO {t}(key, doc) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET doc = excluded.doc",
    "add": "INSERT INTO {t}(key, doc) VALUES (?, ?) ON CONFLICT(key) DO NOTHING",
    "delete": "DELETE FROM {t} WHERE key = ?",
    "delete id": "DELETE FROM {t} WHERE id = ?",
    "clear": "DELETE FROM {t}",
    "drop": "DROP TABLE {t}",
}


def _dumped(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), allow_nan=False)  # ASCII: holds lone surrogates too
