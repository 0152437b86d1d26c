"""mailbot.toml -> Settings: all problems at once, each with its key, line and mend.

Environment variables override the file: MAILBOT_SECTION__KEY, or MAILBOT_SECTION__SUB__KEY. Secrets never stand in
the file: it names an environment variable, a file or a systemd credential that holds them.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from mailbot.addresses import checked
from mailbot.errors import ConfigError, Problem
from mailbot.rules import read_toml, validate
from mailbot.secret import from_credential, from_environment, from_file

Security = Literal["tls", "starttls", "none"]
Mode = Literal["shadow", "hold", "auto"]
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LIKE = "sam@studio.example"
_DOMAIN = re.compile(r"(?i)(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StudioSettings(Section):
    name: str = Field(min_length=1)
    address: str
    timezone: str
    locale: str = "en_US"
    staff: tuple[str, ...] = ()
    sales_director: str | None = None
    finance: str | None = None
    operations: str | None = None
    lead_designer: str | None = None

    @field_validator("address", "sales_director", "finance", "operations", "lead_designer")
    @classmethod
    def _one_address(cls, value: str | None) -> str | None:
        return checked(value, _LIKE) if value else None

    @field_validator("staff")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked(v, _LIKE) for v in value)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return known_zone(value)

    @field_validator("locale")
    @classmethod
    def _locale(cls, value: str) -> str:
        return known_locale(value)


def known_zone(value: str) -> str:
    """`value` if it names a time zone of the IANA database. Raises ValueError otherwise."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone, like Europe/Berlin") from None
    return value


def known_locale(value: str) -> str:
    """`value` if Babel knows it as a locale, like en_US. Raises ValueError otherwise."""
    try:
        Locale.parse(value)
    except (UnknownLocaleError, ValueError):
        raise ValueError("is no locale, like en_US or de_DE") from None
    return value


class ServerSettings(Section):
    """A server and how to log in to it; `security = "none"` only for this machine itself."""

    host: str
    port: int = Field(ge=1, le=65535)
    security: Security = "tls"
    user: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    password_credential: str | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError('security = "none" is for this machine only; use "tls" or "starttls"')
        if sum(map(bool, (self.password_env, self.password_file, self.password_credential))) > 1:
            raise ValueError("give one of password_env, password_file and password_credential, not several")
        return self


class ImapSection(ServerSettings):
    folder: str = "INBOX"
    after: Literal["move", "flag", "leave"] = "move"


class SmtpSection(ServerSettings):
    provider: str | None = None


class StoreSettings(Section):
    """Where the store is: its URL, or a file or systemd credential that holds it, for one with a password in it."""

    url: str = Field(default="tinydb:data/mailbot.db", repr=False)
    url_file: Path | None = None
    url_credential: str | None = None

    @field_validator("url")
    @classmethod
    def _engine(cls, value: str) -> str:
        if "://" not in value and (not value.startswith("tinydb:") or value == "tinydb:"):
            raise ValueError("is no store; use tinydb:data/mailbot.db or postgresql://user@host/database")
        return value  # a server's is looked at where it is opened: an error here would quote its password

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len({"url", "url_file", "url_credential"} & self.model_fields_set) > 1:
            raise ValueError("give one of url, url_file and url_credential, not several")
        return self

    @property
    def shown(self) -> str:
        """The URL for people to read: of a server only scheme, host and database, for the rest may hold a password."""
        scheme, is_server, rest = self.url.partition("://")
        if not is_server:
            return self.url
        place, _, database = re.split("[?&]", rest.rpartition("@")[2])[0].partition("/")
        return f"{scheme}://{place}/{database}"


class ArchiveSettings(Section):
    path: Path = Path("data/archive")


class TrustSettings(Section):
    """Who is believed about senders; `nameservers` (addresses, with or without a port) are asked for signers' keys."""

    authserv_ids: tuple[str, ...] = ()
    microsoft365: bool = False
    verify_dkim: bool = False
    arc_sealers: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()
    unproven: Literal["hold", "accept"] = "hold"

    @field_validator("arc_sealers")
    @classmethod
    def _domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [one for one in value if not _DOMAIN.fullmatch(one)]:
            raise ValueError(f"{wrong[0]!r} is no domain, like forwarder.example")
        return tuple(one.lower() for one in value)

    @field_validator("nameservers")
    @classmethod
    def _servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            _place(one)
        return value

    @property
    def places(self) -> tuple[tuple[str, int], ...]:
        """The address and port of each name server."""
        return tuple(_place(one) for one in self.nameservers)

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if self.arc_sealers and not self.verify_dkim:
            raise ValueError("arc_sealers are believed only where seals are verified: set verify_dkim = true")
        return self


def _place(text: str) -> tuple[str, int]:
    """`9.9.9.9`, `127.0.0.1:5353`, `::1` or `[::1]:5353` as address and port. Raises ValueError for all else."""
    host, _, port = text.rpartition(":") if text.startswith("[") or text.count(":") == 1 else (text, "", "53")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        if port.isascii() and port.isdecimal() and 0 < int(port) < 65536:
            return str(address), int(port)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no address of a name server, like 127.0.0.1 or [::1]:53")


class SendingSettings(Section):
    """`unsubscribe_url` is where one-click unsubscribing comes in (RFC 8058): `mailbot one-click` answers there."""

    mode: Mode = "auto"
    kinds: Mapping[str, Mode] = Field(default_factory=dict)
    unsubscribe_url: str = ""

    @field_validator("unsubscribe_url")
    @classmethod
    def _public_and_encrypted(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (
            parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or len(value) > 200
        ):
            raise ValueError("must be an https address without `?` and `#`, such as https://mail.studio.example/u")
        return value.rstrip("/")

    def of(self, kind: str) -> Mode:
        """The mode for a kind of mail; `weekly` also means `weekly-update`, `reminder` every reminder."""
        fitting = [key for key in self.kinds if kind == key or kind.startswith(f"{key}-")]
        return self.kinds[max(fitting, key=len)] if fitting else self.mode


class InvoiceSettings(Section):
    """Who issues invoices, in the words that their PDF has; what is left out is not said there.

    `payment` is where the money is to go, in mails as well; `fonts` are files with letters that the PDF's own lack.
    `einvoice`: the PDF carries the invoice as data (EN 16931), which names `country`, `vat_id` and `iban`.
    """

    pdf: bool = True
    address: str = ""
    tax_id: str = ""
    payment: str = ""
    fonts: tuple[Path, ...] = ()
    einvoice: Literal["", "factur-x"] = ""
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    vat_id: str = Field(default="", pattern=r"^([A-Z]{2}[A-Z0-9+*. -]{2,20})?$")
    iban: str = Field(default="", pattern=r"^([A-Z]{2}\d{2}[A-Z0-9 ]{10,40})?$")

    @field_validator("vat_id", "iban")
    @classmethod
    def _without_blanks(cls, value: str) -> str:
        return value.replace(" ", "")

    @model_validator(mode="after")
    def _says_what_data_need(self) -> Self:
        named = {"address": self.address, "country": self.country, "vat_id or tax_id": self.vat_id or self.tax_id}
        lacking = [key for key, value in named.items() if not value]
        if self.einvoice and not self.pdf:
            raise ValueError("einvoice goes out in the PDF, and pdf is false")
        if self.einvoice and lacking:
            raise ValueError(f"einvoice needs {', '.join(lacking)} as well")
        return self

    @field_validator("address", "tax_id", "payment")
    @classmethod
    def _a_few_lines(cls, value: str) -> str:
        lines = value.strip().splitlines()
        if len(lines) > 10 or any(len(line) > 200 or not line.isprintable() for line in lines):
            raise ValueError("must be a few lines of text: 10 at most, each of at most 200 characters")
        return "\n".join(line.strip() for line in lines)


class PathSettings(Section):
    rules: Path | None = None
    templates: Path | None = None


class Settings(Section):
    """All of mailbot.toml. Relative paths are taken from the folder of the file."""

    studio: StudioSettings
    imap: ImapSection
    smtp: SmtpSection
    store: StoreSettings = StoreSettings()
    archive: ArchiveSettings = ArchiveSettings()
    trust: TrustSettings = TrustSettings()
    sending: SendingSettings = SendingSettings()
    paths: PathSettings = PathSettings()
    invoice: InvoiceSettings = InvoiceSettings()

    @property
    def store_path(self) -> Path | None:
        """The file of the embedded store; None when a server keeps it."""
        return None if "://" in self.store.url else Path(self.store.url.removeprefix("tinydb:"))


def load_settings(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of `path` with the overrides of `environ`. Raises ConfigError with every problem."""
    if not path.is_file():
        mend = "`mailbot init` writes one; --config or MAILBOT_CONFIG name another"
        raise ConfigError([Problem("there is no such file", str(path), mend=mend)])
    overrides = _overrides(environ)
    data = _overridden(read_toml(path), overrides, environ)
    try:
        settings = validate(Settings, data, path)
    except ConfigError as error:
        raise ConfigError([_blamed(problem, overrides) for problem in error.problems]) from None
    root = path.resolve().parent
    return _rooted(settings.model_copy(update={"store": _with_url(settings.store, root, environ)}), root)


def _overrides(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that override a key, by the key: {"studio.name": "MAILBOT_STUDIO__NAME"}."""
    names = sorted(name for name in environ if name.startswith("MAILBOT_") and "__" in name)
    return {name.removeprefix("MAILBOT_").lower().replace("__", "."): name for name in names}


def _overridden(data: dict[str, Any], overrides: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, Any]:
    problems: list[Problem] = []
    for path, name in overrides.items():
        table: Any = data
        *parents, key = path.split(".")
        for parent in parents:
            table = table.setdefault(parent, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table[key] = _value(environ[name])
        else:
            problems.append(Problem("there is nothing below this key", name, path, mend=f"unset {name}"))
    if problems:
        raise ConfigError(problems)
    return data


def _blamed(problem: Problem, overrides: Mapping[str, str]) -> Problem:
    """The problem with the variable in the place of the file, where a variable overrides the key."""
    name = next((n for key, n in overrides.items() if f"{problem.key}.".startswith(f"{key}.")), None)
    return problem if name is None else replace(problem, file=name, line=None)


def _value(text: str) -> Any:
    """A TOML value where `text` is one (a list, a number, true), else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _rooted(settings: Settings, root: Path) -> Settings:
    paths = settings.paths
    return settings.model_copy(
        update={
            "store": StoreSettings(url=f"tinydb:{root / path}") if (path := settings.store_path) else settings.store,
            "imap": _server_rooted(settings.imap, root),
            "smtp": _server_rooted(settings.smtp, root),
            "archive": ArchiveSettings(path=root / settings.archive.path),
            "paths": PathSettings(
                rules=root / paths.rules if paths.rules else None,
                templates=root / paths.templates if paths.templates else None,
            ),
            "invoice": settings.invoice.model_copy(update={"fonts": tuple(root / p for p in settings.invoice.fonts)}),
        }
    )


def _server_rooted(server: ServerSettings, root: Path) -> ServerSettings:
    files = {"password_file": server.password_file, "ca_file": server.ca_file}
    return server.model_copy(update={key: root / path for key, path in files.items() if path})


def secret(server: ServerSettings, section: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """The password of a server; None when none is configured.

    Raises ConfigError when it is named but not there, or when its file may be read by others.
    """
    if server.password_env:
        return from_environment(server.password_env, f"{section}.password_env", environ)
    if server.password_file:
        return from_file(server.password_file, f"{section}.password_file")
    if server.password_credential:
        return from_credential(server.password_credential, f"{section}.password_credential", environ)
    return None


def _with_url(store: StoreSettings, root: Path, environ: Mapping[str, str]) -> StoreSettings:
    """The store with its URL from where the settings say that it is. Raises ConfigError as `secret` does."""
    if store.url_file:
        key, url = "store.url_file", from_file(root / store.url_file, "store.url_file")
    elif store.url_credential:
        key, url = "store.url_credential", from_credential(store.url_credential, "store.url_credential", environ)
    else:
        return store
    if "://" not in url:  # told without it: it may be a password
        raise ConfigError([Problem("does not hold a URL, like postgresql://user@host/database", key=key)])
    return store.model_copy(update={"url": url})
