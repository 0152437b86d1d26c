"""An invoice as data (EN 16931, in the CII syntax), which Factur-X and ZUGFeRD carry inside of the PDF.

What it says is what the PDF says: number, days, one line for what is billed, tax, what was paid, what is to be paid.
The elements are named by UN/CEFACT, the terms (BT-1, ...) by EN 16931-1. Pure, and the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from babel.numbers import get_currency_precision
from lxml import etree
from lxml.builder import ElementMaker

from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import Order
from mailbot.rules.invoices import InvoiceRules, Split
from mailbot.writing.letters import clean
from mailbot.writing.render import Issuer, StudioInfo
from mailbot.writing.words import locale_of

FILE, PROFILE = "factur-x.xml", "urn:cen.eu:en16931:2017"
_UN = "urn:un:unece:uncefact:data:standard:"
_NAMES = {
    "rsm": f"{_UN}CrossIndustryInvoice:100",
    "ram": f"{_UN}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_UN}UnqualifiedDataType:100",
}
_RSM, _RAM, _UDT = (ElementMaker(namespace=uri, nsmap=_NAMES) for uri in _NAMES.values())
_INVOICE, _TRANSFER, _SEPA, _PIECE = "380", "30", "58", "C62"  # UNTDID 1001, 4461; Recommendation 20
_SEPA_CURRENCY = "EUR"
_TAXED, _OUTSIDE = "S", "O"  # UNTDID 5305: at the standard rate, not subject to tax
_OUTSIDE_REASON = "VATEX-EU-O"
_DECIMALS = 2  # the standard has no more
_ADDRESS_LINES = ("LineOne", "LineTwo", "LineThree")
Node = etree._Element  # the public name of what lxml makes


@dataclass(frozen=True, slots=True)
class _Tax:
    """The tax of the one line: its category, its percent ("" where the category has none), why there is none."""

    category: str
    percent: str
    split: Split
    reason: str = ""
    reason_code: str = ""


def einvoice_xml(
    facts: Mapping[str, Any], what: str, order: Order, *, studio: StudioInfo, rules: InvoiceRules, terms: str
) -> bytes:
    """The invoice of the letter with these `facts`; `what` names what is billed, `terms` what is said of paying.

    Raises ConfigError with what an e-invoice needs and neither the order nor the studio say.
    """
    digits = get_currency_precision(order.currency)
    buyer = locale_of(order.client.locale).territory
    problems = [*_missing(studio.issuer, rules)]
    if digits > _DECIMALS:
        problems.append(Problem(f"{order.currency} has more decimals than an e-invoice can hold", order.ref))
    if not buyer:
        mend = "give it with its country, like en_US"
        problems.append(Problem("an e-invoice names the client's country", order.ref, "client.locale", mend=mend))
    if problems:
        raise ConfigError(problems)
    gross = facts["amount"] + (facts.get("paid") or 0)
    tax = _tax(rules.split(gross, digits), rules, order.client.locale, studio.locale)
    money = partial(_money, digits=digits)
    document = _RSM.CrossIndustryInvoice(
        _RSM.ExchangedDocumentContext(_RAM.GuidelineSpecifiedDocumentContextParameter(_RAM.ID(PROFILE))),
        _RSM.ExchangedDocument(
            _RAM.ID(facts["number"]), _RAM.TypeCode(_INVOICE), _RAM.IssueDateTime(_day(facts["issued"]))
        ),
        _RSM.SupplyChainTradeTransaction(
            _line(what, tax, money),
            _agreement(order, studio, tax, buyer or ""),
            _RAM.ApplicableHeaderTradeDelivery(),
            _settlement(facts, order, studio.issuer, tax, money, terms),
        ),
    )
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _missing(issuer: Issuer, rules: InvoiceRules) -> Iterator[Problem]:
    """What the standard asks of the studio and it does not say (BR-8, BR-9, BR-S-2, BR-E-10)."""
    if not issuer.country:
        yield Problem("an e-invoice names the studio's country", "mailbot.toml", "invoice.country", mend='like "DE"')
    if not (issuer.vat_id or issuer.tax_id):
        yield Problem("an e-invoice names the studio's tax number", "mailbot.toml", "invoice.vat_id")
    if not rules.tax_percent and rules.tax_category == "E" and not rules.tax_note:
        yield Problem("an exemption needs its reason", "process.toml", "invoices.tax_note", mend="say it there")


def _tax(split: Split, rules: InvoiceRules, *locales: str) -> _Tax:
    if rules.tax_percent:
        return _Tax(_TAXED, f"{rules.tax_percent:f}", split)
    category = rules.tax_category
    if category == _OUTSIDE:
        return _Tax(category, "", split, reason_code=_OUTSIDE_REASON)
    reason = " ".join(rules.told(rules.tax_note, *locales).split()) if category == "E" else ""
    return _Tax(category, "0", split, reason)


def _line(what: str, tax: _Tax, money: Any) -> Node:
    return _RAM.IncludedSupplyChainTradeLineItem(
        _RAM.AssociatedDocumentLineDocument(_RAM.LineID("1")),
        _RAM.SpecifiedTradeProduct(_RAM.Name(clean(what))),
        _RAM.SpecifiedLineTradeAgreement(
            _RAM.NetPriceProductTradePrice(_RAM.ChargeAmount(money(tax.split.net))),
        ),
        _RAM.SpecifiedLineTradeDelivery(_RAM.BilledQuantity("1", unitCode=_PIECE)),
        _RAM.SpecifiedLineTradeSettlement(
            _RAM.ApplicableTradeTax(_RAM.TypeCode("VAT"), _RAM.CategoryCode(tax.category), *_percent(tax)),
            _RAM.SpecifiedTradeSettlementLineMonetarySummation(_RAM.LineTotalAmount(money(tax.split.net))),
        ),
    )


def _agreement(order: Order, studio: StudioInfo, tax: _Tax, buyer_country: str) -> Node:
    """Seller (BG-4), buyer (BG-7) and the client's order number (BT-13)."""
    billing = order.billing
    seller = _seller(studio, tax)
    mailbox = next(iter(order.client.emails), "")
    buyer = _party("BuyerTradeParty", billing.name or order.client.name, billing.address, buyer_country, mailbox)
    agreed = _RAM.ApplicableHeaderTradeAgreement(_RAM.BuyerReference(order.ref), seller, buyer)
    if billing.po_number:
        agreed.append(_RAM.BuyerOrderReferencedDocument(_RAM.IssuerAssignedID(clean(billing.po_number))))
    return agreed


def _seller(studio: StudioInfo, tax: _Tax) -> Node:
    """The studio, with its number for the tax (BT-31); where it has none, or may not name it here, that of its office
    (BT-32), which is then also what it is known by (BT-29)."""
    issuer = studio.issuer
    seller = _party("SellerTradeParty", studio.name, issuer.address, issuer.country, studio.address)
    if issuer.vat_id and tax.category != _OUTSIDE:
        seller.append(_RAM.SpecifiedTaxRegistration(_RAM.ID(issuer.vat_id, schemeID="VA")))
        return seller
    number = clean(next(iter(issuer.tax_id.splitlines()), ""))
    seller.insert(0, _RAM.ID(number or issuer.vat_id))
    if number:
        seller.append(_RAM.SpecifiedTaxRegistration(_RAM.ID(number, schemeID="FC")))
    return seller


def _party(role: str, name: str, address: str, country: str, mailbox: str) -> Node:
    """A party with its address in at most three lines: what is more stands on the last."""
    lines = [clean(line) for line in address.splitlines()]
    most = len(_ADDRESS_LINES)
    lines = [*lines[: most - 1], ", ".join(lines[most - 1 :])] if len(lines) > most else lines
    named = zip(_ADDRESS_LINES, lines, strict=False)
    place = _RAM.PostalTradeAddress(*(_RAM(tag, line) for tag, line in named), _RAM.CountryID(country))
    party = _RAM(role, _RAM.Name(clean(name)), place)
    if mailbox:
        party.append(_RAM.URIUniversalCommunication(_RAM.URIID(mailbox, schemeID="EM")))
    return party


def _settlement(
    facts: Mapping[str, Any], order: Order, issuer: Issuer, tax: _Tax, money: Any, terms: str
) -> Node:  # fmt: skip
    """How it is paid, the tax in all, until when, and the sums."""
    net, due = tax.split.net, facts["amount"]
    return _RAM.ApplicableHeaderTradeSettlement(
        _RAM.PaymentReference(facts["number"]),
        _RAM.InvoiceCurrencyCode(order.currency),
        _means(issuer, order.currency),
        _RAM.ApplicableTradeTax(
            _RAM.CalculatedAmount(money(tax.split.tax)), _RAM.TypeCode("VAT"),
            *([_RAM.ExemptionReason(clean(tax.reason))] if tax.reason else []),
            _RAM.BasisAmount(money(net)), _RAM.CategoryCode(tax.category),
            *([_RAM.ExemptionReasonCode(tax.reason_code)] if tax.reason_code else []),
            *_percent(tax),
        ),
        _RAM.SpecifiedTradePaymentTerms(
            *([_RAM.Description(clean(terms))] if terms else []), _RAM.DueDateDateTime(_day(facts["due"]))
        ),
        _RAM.SpecifiedTradeSettlementHeaderMonetarySummation(
            _RAM.LineTotalAmount(money(net)), _RAM.TaxBasisTotalAmount(money(net)),
            _RAM.TaxTotalAmount(money(tax.split.tax), currencyID=order.currency),
            _RAM.GrandTotalAmount(money(net + tax.split.tax)),
            _RAM.TotalPrepaidAmount(money(facts.get("paid") or Decimal(0))),
            _RAM.DuePayableAmount(money(due)),
        ),
    )  # fmt: skip


def _means(issuer: Issuer, currency: str) -> Node:
    """By transfer, to the account where one is named (BG-16)."""
    means = _RAM.SpecifiedTradeSettlementPaymentMeans(
        _RAM.TypeCode(_SEPA if issuer.iban and currency == _SEPA_CURRENCY else _TRANSFER)
    )
    if issuer.iban:
        means.append(_RAM.PayeePartyCreditorFinancialAccount(_RAM.IBANID(issuer.iban)))
    return means


def _percent(tax: _Tax) -> list[Node]:
    return [_RAM.RateApplicablePercent(tax.percent)] if tax.percent else []


def _day(day: date) -> Node:
    return _UDT.DateTimeString(f"{day:%Y%m%d}", format="102")


def _money(amount: Decimal, digits: int) -> str:
    return f"{amount:.{digits}f}"
