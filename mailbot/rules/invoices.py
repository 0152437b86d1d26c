"""rules/process.toml, [invoices]: what the PDF of an invoice says of tax, its paper, and what finance may attach."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from mailbot.rules import RuleModel
from mailbot.rules.languages import languages_of

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Split(NamedTuple):
    """An amount as what is the studio's and what is the tax in it."""

    net: Decimal
    tax: Decimal


class InvoiceRules(RuleModel):
    """Amounts of the contract hold the tax of `tax_percent`; names and notes are by language, "" for none.

    `tax_category` is why there is no tax, as e-invoices say it: O outside of its scope, E exempt, Z at no percent.
    """

    tax_percent: Decimal = Field(ge=0, lt=100)
    tax_name: Mapping[str, str] = Field(min_length=1)
    tax_note: Mapping[str, str] = Field(default_factory=dict)
    tax_category: Literal["O", "E", "Z"] = "O"
    letter_paper: tuple[Country, ...] = ()
    own_file_up_to_kb: int = Field(ge=1, le=20_000)
    collection_up_to_kb: int = Field(ge=0, le=20_000)

    def split(self, amount: Decimal, digits: int) -> Split:
        """`amount`, of a currency with `digits` decimals, as net and tax: they add up to it exactly."""
        net = (amount / (1 + self.tax_percent / 100)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        return Split(net, amount - net) if self.tax_percent else Split(amount, amount - amount)

    def paper(self, territory: str | None) -> str:
        """The paper of a reader in `territory` ("US"), as the layout of the PDF names it."""
        return "us-letter" if territory in self.letter_paper else "a4"

    def told(self, texts: Mapping[str, str], *locales: str) -> str:
        """The one of `texts` in the first language of `locales` that it is there in, else in English; "" for none."""
        names = (name for locale in (*locales, "en") for name in languages_of(locale))
        return next((texts[name] for name in names if name in texts), "")
