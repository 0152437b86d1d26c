"""The PDF of an invoice: with the mail that goes out, as finance would have it, and what happens without one."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier

import pytest
from pypdf import PdfReader

from mailbot.app.desk import import_orders
from mailbot.app.house import open_house
from mailbot.settings import load_settings
from tests.walks.programs import new
from tests.walks.world import BOT, ORDER, REF, SAM, ImapServer, World, kinds, text_of, the, world

FINANCE = "finance@studio.example"
OWN = b"%PDF-1.7\nthe books of the studio\n%%EOF\n"
ISSUER = """
[invoice]
address = "41 Mercer Street\\nNew York"
tax_id = "EIN 12-3456789"
payment = "First Bank of Example\\nAccount 123 456 789"
"""


@pytest.fixture
def bare(pymap_server: ImapServer, tmp_path: Path) -> Iterator[World]:
    """A studio without orders."""
    with world(pymap_server, tmp_path) as made:
        yield made


def pdfs(mail: EmailMessage) -> list[tuple[str | None, bytes]]:
    found = [part for part in mail.iter_attachments() if part.get_content_type() == "application/pdf"]
    return [(part.get_filename(), part.get_content()) for part in found]


def test_an_e_invoice_goes_out_in_the_pdf_and_what_it_lacks_holds_the_mail(bare: World) -> None:
    more = 'country = "US"\neinvoice = "factur-x"\n'
    bare.config.write_text(bare.config.read_text("utf-8") + ISSUER + more, "utf-8")
    bare.import_order()
    ((_, data),) = pdfs(the("invoice", bare.run()))
    assert list(PdfReader(io.BytesIO(data)).attachments) == ["factur-x.xml"]
    bare.import_order(ref="ORD-2042", currency="KWD")
    bare.later(hours=2)  # two mails to one client are an hour apart
    assert "invoice" not in kinds(bare.run())
    assert any("more decimals" in (row["error"] or "") for row in bare.json("outbox"))


def said(data: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(data)).pages[0].extract_text().replace("\u00a0", " ").split())


def test_the_mail_brings_its_invoice_and_evidence_keeps_it(bare: World) -> None:
    bare.config.write_text(bare.config.read_text("utf-8") + ISSUER, "utf-8")
    bare.import_order(billing={"name": "Lee Theatre Ltd", "address": "1 Main Street\nAlbany", "po_number": "4500017"})
    mail = the("invoice", bare.run())
    ((name, data),) = pdfs(mail)
    assert name == "INV-1.pdf"
    for one in ("Invoice INV-1", "Lee Theatre Ltd", "Albany", "4500017", "$6,000.00", "Account 123 456 789", "Mercer"):
        assert one in said(data)
    for one in ("4500017", "$6,000.00", "Account 123 456 789"):
        assert one in text_of(mail)
    kept = bare.json("outbox")
    raw = bare.cli("outbox", "show", next(row["id"] for row in kept if row["kind"] == "invoice"))
    assert "INV-1.pdf" in raw
    bare.cli("evidence", REF, "--verify")


def test_finance_sends_its_own(bare: World) -> None:
    bare.import_order()
    bare.run()
    mail = new(FINANCE, BOT, f"[{REF}]", "invoice INV-2", bare.at, 70)
    mail.add_attachment(OWN, maintype="application", subtype="octet-stream", filename="2026-017.pdf")
    bare.deliver(mail)
    answer = text_of(the("command-result", bare.run()))
    assert "INV-2 goes out with 2026-017.pdf; see that it is over 3000.00 USD" in " ".join(answer.split())
    bare.write(SAM, f"[{REF}]", "invoice INV-2")
    assert "attach the PDF to this mail" in " ".join(text_of(the("command-result", bare.run())).split())
    bare.write(SAM, f"[{REF}]", "invoice INV-1\npo number 4500017")
    answer = " ".join(text_of(the("command-result", bare.run())).split())
    assert "INV-1 went out on 2026-01-06; send the client your file yourself" in answer
    assert "invoices name 4500017: INV-2, INV-3" in answer

    bare.at = bare.at.replace(month=2, day=3)
    ((name, data),) = pdfs(the("invoice", bare.run()))
    assert (name, data) == ("INV-2.pdf", OWN)
    bare.cli("evidence", REF, "--verify")


def test_without_its_pdf_it_waits_and_the_rest_goes_on(bare: World) -> None:
    own = bare.folder / "templates" / "client"
    own.mkdir(parents=True)
    (own / "invoice.typ").write_text("#let d = json(bytes(sys.inputs.data))\n#d.logo", "utf-8")
    bare.config.write_text(bare.config.read_text("utf-8") + '[paths]\ntemplates = "templates"\n', "utf-8")
    bare.import_order()
    out = bare.run()
    assert kinds(out) == ["shadow"]
    told = " ".join(text_of(out[0]).split())
    assert "This mail waits for your release" in told
    assert "there is no PDF with it" in told
    assert "invoice.typ:2" in told
    (row,) = [row for row in bare.json("outbox") if row["kind"] == "invoice"]
    assert row["state"] == "held"
    assert "invoice.typ:2" in row["error"]
    assert bare.run() == []
    bare.cli("outbox", "retry", row["id"])
    assert kinds(bare.run()) == ["invoice"]


def test_none_where_the_studio_wants_none(bare: World) -> None:
    bare.config.write_text(bare.config.read_text("utf-8") + "[invoice]\npdf = false\n", "utf-8")
    bare.import_order()
    assert pdfs(the("invoice", bare.run())) == []


def test_orders_that_are_taken_on_at_once_share_one_series_without_gaps(bare: World) -> None:
    def take_on(number: int) -> None:
        file = bare.folder / f"{number}.json"
        file.write_text(json.dumps({**ORDER, "ref": f"ORD-{number}"}), "utf-8")
        with closing(open_house(load_settings(bare.config))) as house:
            ready.wait()
            import_orders(house, file, bare.at)

    ready = Barrier(6)
    with ThreadPoolExecutor(6) as at_once:
        list(at_once.map(take_on, range(6)))
    with closing(open_house(load_settings(bare.config))) as house:
        given = [one["number"] for row in house.store.all("orders") for one in row["order"]["invoices"]]
    assert sorted(given, key=lambda number: int(number[4:])) == [f"INV-{n}" for n in range(1, 19)]
