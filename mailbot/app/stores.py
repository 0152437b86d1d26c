"""Which engine keeps the store: the settings name it by its URL."""

from __future__ import annotations

from mailbot.adapters.store import Store
from mailbot.adapters.tiny import TinyStore
from mailbot.errors import ConfigError, Problem
from mailbot.settings import Settings


def open_store(settings: Settings) -> Store:
    """The store that `store.url` names. Raises ConfigError when it can be none, StoreError when it is out of reach."""
    if path := settings.store_path:
        return TinyStore(path)
    if not settings.store.url.startswith(("postgresql://", "postgres://")):
        mend = "use tinydb:data/mailbot.db or postgresql://user@host/database"
        raise ConfigError([Problem("is no store that mailbot has", key="store.url", mend=mend)])
    try:
        from mailbot.adapters.postgres import PostgresStore  # late: psycopg is an extra
    except ImportError as error:
        mend = "pip install 'mailbot[postgres]'"
        raise ConfigError([Problem(f"PostgreSQL cannot be used: {error}", key="store.url", mend=mend)]) from None
    return PostgresStore(settings.store.url)
