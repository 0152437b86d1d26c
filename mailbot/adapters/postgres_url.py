"""A PostgreSQL URL: what it connects to, and that it is safe to.

A password never shows: it may stand in the URL (of an environment variable), in PGPASSWORD or in a password file; no
error and no log quotes it. Over a network only TLS with a certificate that is checked: all else can be read on the way.
"""

from __future__ import annotations

import ipaddress
from typing import Final

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from mailbot.errors import ConfigError, Problem

EXAMPLE: Final = "postgresql://mailbot@db.example/mailbot?sslmode=verify-full"

_UNLESS_SAID: Final = {
    "application_name": "mailbot",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "target_session_attrs": "read-write",  # of several hosts the one that is the primary now
}


def connection_info(url: str) -> dict[str, str]:
    """What libpq is to be told for this URL.

    Raises ConfigError when it is none, or when its server is not on this machine and `sslmode` is not verify-full.
    """
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.Error:  # libpq's words may quote the password
        raise _problem("is no URL of a PostgreSQL database", f"write it like {EXAMPLE}") from None
    if "service" in given:
        raise _problem("names a service, which hides whether TLS is used", f"write it like {EXAMPLE}")
    effective = _defaults() | given
    if not _is_local(effective) and effective.get("sslmode") != "verify-full":
        what = f"sslmode is {effective.get('sslmode', 'not set')}: others could read or change what is stored"
        mend = (
            "add sslmode=verify-full, and sslrootcert=FILE with the authority of the server's certificate "
            "(sslrootcert=system for a public one); only a database on this machine may do without"
        )
        raise _problem(what, mend)
    return _UNLESS_SAID | given | {"client_encoding": "UTF8"}


def shown(info: dict[str, str]) -> str:
    """The database for people to read, without any secret."""
    place = _defaults() | info
    user = f"{place['user']}@" if "user" in place else ""
    return f"postgresql://{user}{place.get('host', '')}/{place.get('dbname', '')}"


def without_secrets(text: str, info: dict[str, str]) -> str:
    """An error's text on one line, without the password, should libpq ever quote it."""
    for name in ("password", "sslpassword"):
        if info.get(name):
            text = text.replace(info[name], "***")
    return " ".join(text.split())


def _defaults() -> dict[str, str]:
    """What libpq takes from the environment (PGHOST, PGSSLMODE ...) or is built with."""
    options = pq.Conninfo.get_defaults()
    return {option.keyword.decode(): option.val.decode() for option in options if option.val is not None}


def _is_local(info: dict[str, str]) -> bool:
    hosts, addresses = info.get("host", "").split(","), info.get("hostaddr", "").split(",")
    places = addresses if any(addresses) else hosts
    return all(_is_this_machine(place) for place in places)


def _is_this_machine(place: str) -> bool:
    if place in ("", "localhost") or place.startswith(("/", "@")):  # none, or a path: a socket of this machine
        return True
    try:
        return ipaddress.ip_address(place).is_loopback
    except ValueError:
        return False


def _problem(what: str, mend: str) -> ConfigError:
    return ConfigError([Problem(what, key="store.url", mend=mend)])
