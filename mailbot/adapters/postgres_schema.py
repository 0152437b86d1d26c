"""The tables in PostgreSQL: a schema `mailbot` of its own, brought up to date on opening, checked on request.

Every table has a key and a document. Each index field of SCHEMA is a generated column: PostgreSQL keeps it right,
whoever writes the row. Texts compare by code point (COLLATE "C"), whatever the language of the database. Indexes hold a
field's first PREFIX characters, because an entry of an index may not be longer than 2.7 KB.
"""

from __future__ import annotations

from typing import Final

from mailbot.adapters.postgres_server import Database
from mailbot.adapters.store import SCHEMA, StoreError
from mailbot.errors import ConfigError, Problem

VERSION: Final = 1
PREFIX: Final = 200
_MIGRATION_LOCK: Final = 0x6D626F74  # "mbot"
_OUTBOX_FIELDS: Final = ("state", "due", "lease_until")
_OUTBOX_INDEXES: Final = {
    "outbox.unsent": "(state, due, key) WHERE state <> 'sent'",  # claiming costs what waits, not what was ever sent
    "outbox.orders": """USING gin (string_to_array("order", ','))""",
}

_NAMES = b"SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'mailbot'"
_INVALID = b"""
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'mailbot' AND NOT (i.indisvalid AND i.indisready)
"""
_READ_ALL = "SELECT sum(length(doc::text)) FROM {t}"
_RISKS = b"SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"


def table_name(table: str) -> str:
    """A table of SCHEMA as SQL names it. Raises KeyError for any other."""
    if table not in SCHEMA:
        raise KeyError(f"there is no table {table!r}")
    return f'mailbot."{table}"'


def bring_up_to_date(database: Database) -> None:
    """Makes what is missing. Raises ConfigError when a newer mailbot made the tables, or when this one may not."""
    if not _missing(database) and _version(database) == VERSION:
        return
    with database.transaction():
        database.execute(b"SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))  # one process at a time
        _migrate(database)


def check(database: Database) -> list[str]:
    """What is wrong: tables or indexes that are missing or broken, documents that cannot be read, unsafe settings."""
    wrong = [f"{name} is missing" for name in _missing(database)]
    wrong += [f"the index {name} is broken: REINDEX it" for (name,) in database.execute(_INVALID)]
    off = database.execute(_RISKS + b" AND setting = 'off' ORDER BY name")
    wrong += [f"{name} is off: a power cut may lose what was committed" for (name,) in off]
    for table in SCHEMA:
        try:
            database.execute(_READ_ALL.replace("{t}", table_name(table)).encode())
        except (ConfigError, StoreError) as error:
            wrong.append(f"{table} cannot be read: {error}")
    return wrong


def _missing(database: Database) -> list[str]:
    there = {str(name) for (name,) in database.execute(_NAMES)}
    indexes = [f"{table}.{field}" for table, fields in SCHEMA.items() for field in fields]
    return [name for name in ("version", *SCHEMA, *indexes, *_OUTBOX_INDEXES) if name not in there]


def _version(database: Database) -> int:
    (number,) = database.execute(b"SELECT max(number) FROM mailbot.version").fetchone() or (None,)
    if number is not None and number > VERSION:
        what = f"was written by a newer mailbot (version {number} of the tables; this one knows {VERSION})"
        mend = "update mailbot, or restore an older backup"
        raise ConfigError([Problem(what, database.name, "store.url", mend=mend)])
    return int(number or 0)


def _migrate(database: Database) -> None:
    database.execute(b"CREATE SCHEMA IF NOT EXISTS mailbot")
    database.execute(b"CREATE TABLE IF NOT EXISTS mailbot.version (number integer NOT NULL)")
    if _version(database) < VERSION:
        database.execute(b"INSERT INTO mailbot.version VALUES (%s)", (VERSION,))
    for table, fields in SCHEMA.items():
        row = 'key text COLLATE "C" PRIMARY KEY, doc jsonb NOT NULL'
        number = ", id bigint GENERATED ALWAYS AS IDENTITY UNIQUE" if table == "outbox" else ""
        database.execute(f"CREATE TABLE IF NOT EXISTS {table_name(table)} ({row}{number})".encode())
        for field in fields:
            _add_column(database, table, field)
            what = f'(left("{field}", {PREFIX})) WHERE "{field}" IS NOT NULL'
            _add_index(database, table, f"{table}.{field}", what)
    for field in _OUTBOX_FIELDS:
        _add_column(database, "outbox", field)
    for name, what in _OUTBOX_INDEXES.items():
        _add_index(database, "outbox", name, what)


def _add_column(database: Database, table: str, field: str) -> None:
    column = f""" "{field}" text COLLATE "C" GENERATED ALWAYS AS (doc ->> '{field}') STORED"""
    database.execute(f"ALTER TABLE {table_name(table)} ADD COLUMN IF NOT EXISTS{column}".encode())


def _add_index(database: Database, table: str, name: str, what: str) -> None:
    database.execute(f'CREATE INDEX IF NOT EXISTS "{name}" ON {table_name(table)} {what}'.encode())
