"""An invoice as a PDF: what it says is what the mail says, it lasts, and nothing that people write can break it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from mailbot.errors import ConfigError
from mailbot.orders.model import Billing, Invoice, Order
from mailbot.rules.invoices import InvoiceRules
from mailbot.rules.process import load_process
from mailbot.rules.templates import Source, Templates, load_templates
from mailbot.writing.check import SAMPLE_TIME, pdf_problems, sample_order, sample_send, sample_studio
from mailbot.writing.invoice import BOX, BREAK, LAYOUT, invoice_pdf
from mailbot.writing.render import Issuer, render

TEMPLATES = load_templates()
RULES = load_process().invoices
ISSUER = Issuer("41 Mercer Street\nNew York, NY 10013", "EIN 12-3456789", "Account 123 456 789\nFirst Bank of Example")
STUDIO = replace(sample_studio(TEMPLATES), issuer=ISSUER)
FACTS = {**sample_send(TEMPLATES, "invoice", full=False).data, "milestone": "First fitting", "change_order": None}


def order(locale: str = "en_US", **changes: Any) -> Order:
    known = sample_order(TEMPLATES)
    client = known.client.model_copy(update={"locale": locale, **changes.pop("client", {})})
    return known.model_copy(update={"client": client, "billing": Billing(), **changes})


def pdf(known: Order, rules: InvoiceRules = RULES, templates: Templates = TEMPLATES, **facts: Any) -> bytes:
    return invoice_pdf({**FACTS, **facts}, known, studio=STUDIO, templates=templates, rules=rules)


def words(data: bytes) -> str:
    """The text of all pages, as somebody would copy it, on one line."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    return " ".join(text.replace(BREAK, "").replace("\u00a0", " ").split())


def letter(known: Order, **facts: Any) -> str:
    send = replace(sample_send(TEMPLATES, "invoice", full=False), data={**FACTS, **facts, "payment": ISSUER.payment})
    mail = render(send, studio=STUDIO, templates=TEMPLATES, now=SAMPLE_TIME, order=known, message_id="x@studio.example")
    return " ".join(mail.text.replace("\u00a0", " ").split())


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "de_DE", "es_ES", "he_IL"])
def test_mail_and_pdf_say_the_same(locale: str) -> None:
    known = order(locale, billing=Billing(po_number="4500017/A"))
    said, mail = words(pdf(known, paid=Decimal("250.00"))), letter(known, paid=Decimal("250.00"))
    shared = [known.project, "INV-2", "4500017/A", "First fitting", *ISSUER.payment.splitlines()]
    amounts = set(re.findall(r"(?:US)?\$ ?[\d.,]+\d|[\d.,]+\d ?(?:US)?\$", mail))
    dates = re.findall(r"[^:]{0,12}\b2026", mail)
    assert amounts
    assert all(one in said for one in shared)
    assert {a for a in amounts if "12" not in a} <= set(re.findall(r"(?:US)?\$ ?[\d.,]+\d|[\d.,]+\d ?(?:US)?\$", said))
    assert sum(one.strip()[-7:] in said for one in dates) == len(dates)


def test_it_says_who_sells_who_buys_and_how_to_pay() -> None:
    billing = Billing(name="Lee Theatre Ltd", address="1 Main Street\nAlbany", tax_id="VAT 77", po_number="PO-9")
    said = words(pdf(order(billing=billing)))
    for one in ("Atelier Nord", "41 Mercer Street", "EIN 12-3456789", "Lee Theatre Ltd", "Albany", "VAT 77", "PO-9"):
        assert one in said
    assert "Please name INV-2 with your payment." in said
    assert "Ann Lee" not in said  # it is made out to the company


def test_what_is_not_known_is_not_said() -> None:
    bare = replace(STUDIO, issuer=Issuer())
    said = words(invoice_pdf(FACTS, order(), studio=bare, templates=TEMPLATES, rules=RULES))
    assert "Ann Lee" in said
    assert not [one for one in ("How to pay", "order number", "VAT", "Net", "Paid", "None") if one in said]


def test_tax_is_taken_apart_to_the_cent() -> None:
    rules = RULES.model_copy(update={"tax_percent": Decimal(19), "tax_note": {"de": "Leistungsdatum: Liefertag"}})
    said = words(pdf(order("de_DE", currency="EUR"), rules, amount=Decimal("2499.99"), paid=Decimal("500.01")))
    for one in ("Netto 2.521,01 €", "USt. 19 % 478,99 €", "Gesamtbetrag 3.000,00 €", "Zu zahlen 2.499,99 €"):
        assert one in said
    assert "Leistungsdatum: Liefertag" in said


@given(st.decimals("0.01", "1e9", places=2), st.decimals("0.5", "99", places=1))
def test_net_and_tax_always_add_up(amount: Decimal, percent: Decimal) -> None:
    split = RULES.model_copy(update={"tax_percent": percent}).split(amount, 2)
    assert split.net + split.tax == amount
    assert abs(split.net * percent / 100 - split.tax) <= Decimal("0.01")


def test_what_was_billed_before_stands_below() -> None:
    first = Invoice(
        number="INV-1", kind="deposit", amount=Decimal("6000.00"), due=date(2026, 1, 5), status="paid",
        sent_on=date(2026, 1, 5), paid_on=date(2026, 1, 7),
    )  # fmt: skip
    gone = first.model_copy(update={"number": "INV-7", "status": "cancelled", "amount": Decimal("77.00")})
    said = words(pdf(order(invoices=(first, gone))))
    assert "INV-1, Deposit paid Jan 7, 2026 $6,000.00 Contract total $12,000.00" in said
    assert "INV-7" not in said


def test_the_same_invoice_is_the_same_file() -> None:
    assert pdf(order()) == pdf(order())
    assert pdf(order()) != pdf(order(), amount=Decimal("3000.01"))


def test_it_is_made_to_last_and_to_be_read_aloud() -> None:
    """What ISO 19005-3 and ISO 14289-1 ask for that can be seen from outside; Typst refuses to write it otherwise."""
    reader = PdfReader(io.BytesIO(pdf(order("de_DE", billing=Billing(name="שלום 漢字")))))
    root: Any = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "2026-02-03" in xmp  # its own date, not the clock's
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de"
    assert "/Encrypt" not in reader.trailer
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    kinds = ("/FontFile", "/FontFile2", "/FontFile3")
    inner = [one.get_object()["/FontDescriptor"] for font in fonts for one in font["/DescendantFonts"]]
    assert inner
    assert all(any(kind in one for kind in kinds) for one in inner)
    assert all("/ToUnicode" in font for font in fonts)


@pytest.mark.parametrize(("locale", "width"), [("en_US", 612), ("de_DE", 595), ("en_GB", 595), ("es_MX", 612)])
def test_the_paper_is_that_of_the_client(locale: str, width: int) -> None:
    assert round(PdfReader(io.BytesIO(pdf(order(locale)))).pages[0].mediabox.width) == width


HOSTILE = [
    '#panic("x")', "$x^2$ *bold* _it_ `raw` @ref <label> //c /*c*/", '") #read("/etc/passwd")', "\\u{41}\\\\",
    "#{while true {}}", "= Heading\n- list", "\u202eevil\u0000\x1b[0m", "https://evil.example/?a=1",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_is_text(text: str) -> None:
    said = words(pdf(order(project=text, billing=Billing(name=text, po_number=text))))
    plain = " ".join(re.sub("[\u202e\u0000\x1b]", "", text).split())
    assert said.count(plain) >= 3
    assert said.endswith("Invoice INV-2 - Atelier Nord")
    assert "$3,000.00" in said


def test_long_names_stay_on_the_page() -> None:
    data = pdf(order(project="W" * 300, billing=Billing(name="x" * 300, address="\n".join(["y" * 200] * 6))))
    reader = PdfReader(io.BytesIO(data))
    right: list[float] = []
    for page in reader.pages:
        page.extract_text(visitor_text=lambda text, _cm, tm, *_: right.append(tm[4]) if text.strip() else None)
    assert max(right) < float(reader.pages[0].mediabox.width)
    assert words(data).replace(" ", "").count("x") >= 300


def test_letters_that_no_font_has_are_boxes() -> None:
    said = words(pdf(order(client={"name": "Ann 漢字 😀👩‍👩‍👧 Lee"})))
    assert f"Ann {BOX}{BOX} {BOX}" in said
    assert "Lee" in said


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_it(name: str, project: str) -> None:
    assert pdf(order(project=project, client={"name": name})).startswith(b"%PDF-")


def test_a_broken_layout_is_named_with_its_line() -> None:
    broken = Source("#let d = json(bytes(sys.inputs.data))\n#d.nothing", "my/invoice.typ")
    templates = replace(TEMPLATES, files={**TEMPLATES.files, LAYOUT: broken})
    with pytest.raises(ConfigError) as error:
        pdf(order(), templates=templates)
    assert (error.value.problems[0].file, error.value.problems[0].line) == ("my/invoice.typ", 2)
    assert [one.file for one in pdf_problems(templates, STUDIO)] == ["my/invoice.typ"]


def test_a_layout_reads_no_files_of_the_machine() -> None:
    reads = Source('#read("/etc/passwd")', "my/invoice.typ")
    with pytest.raises(ConfigError):
        pdf(order(), templates=replace(TEMPLATES, files={**TEMPLATES.files, LAYOUT: reads}))
