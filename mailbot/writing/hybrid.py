"""The mark by which programs know that a PDF carries an e-invoice: the Factur-X part of its XMP metadata.

Typst attaches the file and writes metadata of its own; here they get the four facts that Factur-X 1.0 asks for, with
the schema that PDF/A wants to find beside names that it does not know. The rest stays byte for byte as it was.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

from mailbot.errors import ConfigError, Problem
from mailbot.writing.einvoice import FILE

if TYPE_CHECKING:  # only who sends e-invoices has it
    from pypdf.generic import StreamObject

_URI = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_FACTS = {"DocumentType": "INVOICE", "DocumentFileName": FILE, "Version": "1.0", "ConformanceLevel": "EN 16931"}
_SCHEMAS, _END = "<pdfaExtension:schemas><rdf:Bag>", "</rdf:RDF>"  # as Typst writes them, once each
_PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category>'
    "<pdfaProperty:description>{0}</pdfaProperty:description><pdfaProperty:name>{0}</pdfaProperty:name>"
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
)


def as_hybrid(pdf: bytes) -> bytes:
    """`pdf`, which carries the file of an e-invoice, with the metadata that say so, as an update at its end.

    Raises ConfigError where the metadata are none that Typst writes.
    """
    from pypdf import PdfWriter  # only who sends e-invoices has it

    writer = PdfWriter(io.BytesIO(pdf), incremental=True)
    metadata = cast("StreamObject", writer.root_object["/Metadata"])
    text = metadata.get_data().decode("utf-8")
    if text.count(_SCHEMAS) != 1 or text.count(_END) != 1:
        raise ConfigError([Problem("this version of typst writes metadata that e-invoices are not known to fit in")])
    metadata.set_data(text.replace(_SCHEMAS, _SCHEMAS + _schema()).replace(_END, _described() + _END).encode())
    told = io.BytesIO()
    writer.write(told)
    return told.getvalue()


def _described() -> str:
    facts = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, value in _FACTS.items())
    return f'<rdf:Description rdf:about="" xmlns:fx="{_URI}">{facts}</rdf:Description>'


def _schema() -> str:
    names = "".join(_PROPERTY.format(name) for name in _FACTS)
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{_URI}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{names}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
