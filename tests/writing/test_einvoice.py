"""The invoice as data inside of its PDF: what the schema of EN 16931 asks for, and what the PDF says."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import facturx
import pytest
from lxml import etree
from pypdf import PdfReader

from mailbot.errors import ConfigError
from mailbot.orders.model import Billing, Order
from mailbot.rules.invoices import InvoiceRules
from mailbot.settings import load_settings
from mailbot.writing.einvoice import FILE
from mailbot.writing.invoice import invoice_pdf
from mailbot.writing.render import Issuer
from tests.writing.test_invoice import FACTS, ISSUER, RULES, STUDIO, TEMPLATES, order

ISSUES = replace(ISSUER, einvoice=True, country="DE", vat_id="DE123456789", iban="DE02120300000000202051")
TAXED = RULES.model_copy(update={"tax_percent": Decimal(19)})
EXEMPT = RULES.model_copy(update={"tax_category": "E", "tax_note": {"en": "Small business, no VAT"}})
NAMES = {"ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"}


def hybrid(known: Order, rules: InvoiceRules = TAXED, issuer: Issuer = ISSUES, **facts: Any) -> bytes:
    studio = replace(STUDIO, issuer=issuer)
    return invoice_pdf({**FACTS, **facts}, known, studio=studio, templates=TEMPLATES, rules=rules)


def euros(**changes: Any) -> Order:
    return order("de_DE", currency="EUR", **changes)


def data_in(pdf: bytes) -> Any:
    """The file in the PDF, as a program finds it, once the schema has accepted it."""
    name, data = facturx.get_xml_from_pdf(pdf, check_xsd=True)
    assert name == FILE
    facturx.xml_check_xsd(data, flavor="factur-x", level="en16931")
    return etree.fromstring(data)


def texts(data: Any, *names: str) -> list[str]:
    return [one.text or "" for name in names for one in data.iterfind(f".//ram:{name}", NAMES)]


def test_it_says_what_the_pdf_says() -> None:
    billing = Billing(name="Theater <am> Fluss & Söhne", address="Haus 1\nHof\nKai 3\n20457 Hamburg", po_number="45/A")
    data = data_in(hybrid(euros(billing=billing), amount=Decimal("3000.00"), paid=Decimal("250.00")))
    sums = ("LineTotalAmount", "TaxTotalAmount", "GrandTotalAmount", "TotalPrepaidAmount", "DuePayableAmount")
    assert texts(data, *sums) == ["2731.09", "2731.09", "518.91", "3250.00", "250.00", "3000.00"]
    assert texts(data, "RateApplicablePercent", "CategoryCode") == ["19", "19", "S", "S"]
    assert texts(data, "IssuerAssignedID", "IBANID", "InvoiceCurrencyCode") == [
        "45/A", "DE02120300000000202051", "EUR",
    ]  # fmt: skip
    assert "Theater <am> Fluss & Söhne" in texts(data, "Name")
    assert texts(data, "LineThree") == ["Kai 3, 20457 Hamburg"]
    assert texts(data, "CountryID") == ["DE", "DE"]
    assert data.xpath("string(//ram:SpecifiedTaxRegistration/ram:ID)", namespaces=NAMES) == "DE123456789"


@pytest.mark.parametrize(
    ("rules", "codes", "reasons"),
    [
        (TAXED, ["S", "S"], []),
        (RULES, ["O", "O"], ["VATEX-EU-O"]),
        (EXEMPT, ["E", "E"], ["Small business, no VAT"]),
        (RULES.model_copy(update={"tax_category": "Z"}), ["Z", "Z"], []),
    ],
)
def test_why_there_is_no_tax_is_said(rules: InvoiceRules, codes: list[str], reasons: list[str]) -> None:
    data = data_in(hybrid(euros(), rules))
    assert texts(data, "CategoryCode") == codes
    assert texts(data, "ExemptionReason", "ExemptionReasonCode") == reasons
    numbers = data.xpath("//ram:SpecifiedTaxRegistration/ram:ID/@schemeID", namespaces=NAMES)
    assert numbers == (["FC"] if codes[0] == "O" else ["VA"])  # outside of its scope no VAT number may be named


def test_yen_have_no_decimals_and_what_has_three_has_no_e_invoice() -> None:
    data = data_in(hybrid(order("ja_JP", currency="JPY"), amount=Decimal("3000")))
    assert texts(data, "DuePayableAmount") == ["3000"]
    with pytest.raises(ConfigError, match="more decimals"):
        hybrid(order("ar_KW", currency="KWD"))


@pytest.mark.parametrize(
    ("known", "rules", "issuer", "why"),
    [
        (euros(), TAXED, replace(ISSUES, country=""), "the studio's country"),
        (euros(), TAXED, replace(ISSUES, vat_id="", tax_id=""), "tax number"),
        (order("de", currency="EUR"), TAXED, ISSUES, "the client's country"),
        (euros(), EXEMPT.model_copy(update={"tax_note": {}}), ISSUES, "its reason"),
    ],
)
def test_what_is_missing_is_told(known: Order, rules: InvoiceRules, issuer: Issuer, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        hybrid(known, rules, issuer)


def test_the_pdf_is_marked_for_programs_and_is_the_same_each_time() -> None:
    pdf = hybrid(euros())
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    (file,) = (one.get_object() for one in root["/AF"])
    assert (file["/UF"], file["/AFRelationship"]) == (FILE, "/Alternative")
    told = etree.fromstring(root["/Metadata"].get_data())
    fx = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
    said = {one.tag.removeprefix(fx): one.text for one in told.iter(f"{fx}*")}
    assert said == {
        "DocumentType": "INVOICE",
        "DocumentFileName": FILE,
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    standards = "".join(told.xpath("//*[local-name()='part' or local-name()='conformance']/text()"))
    assert standards == "3A1"  # still PDF/A-3a and PDF/UA-1
    assert pdf == hybrid(euros())
    assert FILE not in PdfReader(io.BytesIO(hybrid(euros(), issuer=ISSUER))).attachments


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('einvoice = "factur-x"', "einvoice needs address, country, vat_id or tax_id as well"),
        ('einvoice = "factur-x"\npdf = false', "pdf is false"),
        ('country = "Germany"', "country"),
        ('iban = "12345"', "iban"),
    ],
)
def test_settings_that_lack_something_are_told_at_the_start(lines: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "mailbot.toml"
    servers = '[imap]\nhost = "h"\nuser = "u"\n[smtp]\nhost = "h"\n'
    studio = '[studio]\nname = "Atelier"\naddress = "orders@studio.example"\ntimezone = "Europe/Berlin"\n'
    file.write_text(f"{studio}{servers}[invoice]\n{lines}\n", "utf-8")
    with pytest.raises(ConfigError, match=why):
        load_settings(file, {})
