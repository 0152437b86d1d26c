"""Everything that the app works with, opened once from the settings: rules, templates, store, archive, ids."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from mailbot.adapters.archive import Archive
from mailbot.adapters.store import Conflict, Store
from mailbot.app.rulebook import Rules, load_rules, reader_of
from mailbot.app.stores import open_store
from mailbot.errors import ConfigError, Problem
from mailbot.orders.decide import Policy
from mailbot.orders.requests import Ids
from mailbot.orders.sends import Send
from mailbot.planning.occurrence import StudioTimes
from mailbot.reading.intake import Reader
from mailbot.settings import InvoiceSettings, ServerSettings, Settings, secret
from mailbot.writing.kinds import KINDS
from mailbot.writing.render import Issuer, StudioInfo

if TYPE_CHECKING:  # imported late: most commands talk to no server
    from mailbot.adapters.dns import TxtRecords
    from mailbot.adapters.imap_session import ImapSettings
    from mailbot.adapters.smtp_session import SmtpSettings
    from mailbot.reading.signatures import Signatures


@dataclass(frozen=True, slots=True)
class House:
    """The open house: what the loops and the command line work with."""

    settings: Settings
    rules: Rules
    store: Store
    archive: Archive
    ids: Ids
    studio: StudioInfo
    times: StudioTimes
    reader: Reader
    policy: Policy
    keys: TxtRecords | None = None  # of those who sign mail; None: signatures are not verified here

    def signatures(self, now: datetime) -> Signatures | None:
        """How signatures are verified at `now`; None when they are not."""
        if self.keys is None:
            return None
        from mailbot.reading.signatures import Signatures

        return Signatures(self.keys, now, self.settings.trust.arc_sealers)

    def today(self, now: datetime) -> date:
        """The day it is in the studio at `now`."""
        return now.astimezone(ZoneInfo(self.studio.timezone)).date()

    @property
    def in_doubt(self) -> timedelta:
        """After so long an attempt to send whose end was not seen is unknown."""
        return timedelta(minutes=self.rules.process.outbox.in_doubt_minutes)

    def close(self) -> None:
        self.store.close()


def open_house(settings: Settings) -> House:
    """The house of `settings`. Raises ConfigError with every problem of rules, templates, store and archive, StoreError
    when the store cannot be reached."""
    rules = load_rules(settings.paths.rules, settings.paths.templates)
    store = open_store(settings)
    studio, info = settings.studio, studio_of(settings)
    fallback = next(iter(studio.staff), None) or studio.sales_director or studio.operations or studio.address
    times = StudioTimes(
        studio.timezone, studio.locale, studio.sales_director or fallback, studio.finance or fallback,
        studio.operations or "", studio.lead_designer or "",
    )  # fmt: skip
    policy = Policy(
        rules.commands, fallback, studio.lead_designer, studio.finance or fallback, bounces=rules.delivery.bounces,
        accept_unproven=settings.trust.unproven == "accept",
    )  # fmt: skip
    return House(
        settings, rules, store, Archive(settings.archive.path), Ids(_secret(store), studio.address.rpartition("@")[2]),
        info, times, reader_of(rules, settings), policy, keys_of(settings),
    )  # fmt: skip


def studio_of(settings: Settings) -> StudioInfo:
    """The studio as its letters show it. Raises ConfigError for a font that cannot be read."""
    studio = settings.studio
    return StudioInfo(studio.name, studio.address, studio.timezone, studio.locale, issuer=_issuer(settings.invoice))


def _issuer(invoice: InvoiceSettings) -> Issuer:
    """Who issues invoices, with the fonts read. Raises ConfigError for one that cannot be."""
    try:
        fonts = tuple(path.read_bytes() for path in invoice.fonts)
    except OSError as error:
        raise ConfigError([Problem(f"cannot be read: {error}", key="invoice.fonts")]) from None
    if invoice.einvoice and not find_spec("pypdf"):
        mend = 'pip install "mailbot[einvoice]"'
        raise ConfigError([Problem("e-invoices need pypdf", key="invoice.einvoice", mend=mend)])
    return Issuer(
        invoice.address, invoice.tax_id, invoice.payment, fonts, bool(invoice.einvoice), invoice.country,
        invoice.vat_id, invoice.iban,
    )  # fmt: skip


def keys_of(settings: Settings) -> TxtRecords | None:
    """Where the keys of signatures are looked up; None when none are verified: then nothing is asked of DNS."""
    if not settings.trust.verify_dkim:
        return None
    from mailbot.adapters.dns import TxtRecords

    return TxtRecords(settings.trust.places)


def _secret(store: Store) -> bytes:
    """The installation's secret, made at its first start; tokens and Message-IDs are derived from it."""
    row = store.get("meta", "secret")
    if row is None:
        try:
            with store.transaction() as tx:
                tx.add("meta", "secret", {"hex": secrets.token_hex(32)})
        except Conflict:
            pass  # another process was first: its secret counts
        row = store.get("meta", "secret")
    if row is None:
        raise ConfigError("the store does not keep what it is given")
    return bytes.fromhex(str(row["hex"]))


def imap_settings(settings: Settings) -> ImapSettings:
    """The mailbox, with its password. Raises ConfigError when the secret is missing or readable by others."""
    from mailbot.adapters.imap_session import ImapSettings

    box = settings.imap
    return ImapSettings(
        host=box.host, port=box.port, security=box.security, user=box.user or settings.studio.address,
        password=secret(box, "imap") or "", folder=box.folder, after=box.after, ca_file=box.ca_file,
    )  # fmt: skip


def smtp_settings(settings: Settings) -> SmtpSettings:
    """The submission server, with its password. Raises ConfigError as `imap_settings` does."""
    from mailbot.adapters.smtp_session import SmtpSettings

    server = settings.smtp
    return SmtpSettings(
        host=server.host, port=server.port, security=server.security, user=server.user or "",
        password=secret(server, "smtp") or "", ca_file=server.ca_file, provider=server.provider or "",
    )  # fmt: skip


def secrets_problems(settings: Settings) -> list[Problem]:
    """What is wrong with the secrets that the settings name, all at once."""
    problems: list[Problem] = []
    sections: tuple[tuple[str, ServerSettings], ...] = (("imap", settings.imap), ("smtp", settings.smtp))
    for section, server in sections:
        try:
            secret(server, section)
        except ConfigError as error:
            problems += error.problems
    return problems


def one_click(house: House, send: Send) -> str:
    """The address whose POST ends a subscription (RFC 8058, 3); "" where none is configured or several people read it.

    It names the order, and a token that only this installation can make for this reader.
    """
    base = house.settings.sending.unsubscribe_url
    if not base or not KINDS[send.kind].subscription or len(send.to) != 1 or not send.order or "," in send.order:
        return ""
    return f"{base}/{quote(send.order, safe='')}/{one_click_token(house, send.order, send.to[0])}"


def one_click_token(house: House, ref: str, address: str) -> str:
    """What proves that `address` was sent the updates of the order `ref`."""
    return house.ids.token("unsubscribe", ref, address)
