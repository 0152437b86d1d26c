"""An invoice as a PDF that lasts: PDF/A-3a, tagged for screen readers (PDF/UA-1), the same bytes each time.

The layout is `client/invoice.typ` of the templates; here it gets what it shows, as text that is never read as markup.
Words are those of the letter, so that mail and PDF say the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unicodedata import category

from babel.numbers import get_currency_precision

from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import Order
from mailbot.rules.invoices import InvoiceRules
from mailbot.rules.templates import Templates
from mailbot.writing.einvoice import FILE, einvoice_xml
from mailbot.writing.hybrid import as_hybrid
from mailbot.writing.kinds import KINDS
from mailbot.writing.letters import clean, fill_sentence
from mailbot.writing.render import StudioInfo, languages_for
from mailbot.writing.words import Words, locale_for, locale_of, zone_of

if TYPE_CHECKING:  # loads slowly, and hardly any mail needs it
    import typst

KIND, LAYOUT = "invoice", "client/invoice.typ"
BOX, BREAK = "\u25a1", "\u200b"
_WITHOUT_PICTURE = frozenset({"Co", "Cn"})  # for private use or not assigned: PDF/A wants a meaning for each character
ROOT = Path(__file__).parent  # Typst wants a folder that files are read from: one with nothing to hide
LONGEST_WORD = 24
ATTEMPTS = 4
_ATTACHED = (
    f'#pdf.attach("{FILE}", bytes(sys.inputs.einvoice), relationship: "alternative", mime-type: "text/xml", '
    'description: "Factur-X")'
)
_NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD}}}(?=\S)")


@dataclass(frozen=True, slots=True)
class _Writer:
    """Says things in the words of the letter."""

    templates: Templates
    languages: tuple[str, ...]
    words: Words
    context: Mapping[str, Any]

    def say(self, key: str, otherwise: str | None = None) -> str:
        return fill_sentence(self.templates, self.languages, KIND, key, dict(self.context), otherwise)


def invoice_pdf(
    facts: Mapping[str, Any], order: Order, *, studio: StudioInfo, templates: Templates, rules: InvoiceRules
) -> bytes:
    """The PDF of the invoice that a letter with these `facts` (templates/samples.toml, [invoice]) is about.

    Raises ConfigError where the layout cannot be filled.
    """
    languages = languages_for(templates, KINDS[KIND], order.client.locale, studio.locale)
    locale = locale_for(languages[-1], order.client.locale)
    home = zone_of(studio.timezone)
    words = Words(locale, zone_of(order.client.timezone, studio.timezone), home, order.currency)
    context = {"data": facts, "order": order, "studio": studio, "words": words, "languages": languages, "kind": KIND}
    writer = _Writer(templates, languages, words, context)
    told = _shown(_told(writer, facts, order, studio, rules))
    if not studio.issuer.einvoice:
        return _compiled(templates, told, facts["issued"], studio.issuer.fonts)
    what, terms = ", ".join(_what(writer, facts, order)), " ".join(studio.issuer.payment.split())
    data = einvoice_xml(facts, what, order, studio=studio, rules=rules, terms=terms)
    return as_hybrid(_compiled(templates, told, facts["issued"], studio.issuer.fonts, data.decode()))


def _told(
    writer: _Writer, facts: Mapping[str, Any], order: Order, studio: StudioInfo, rules: InvoiceRules
) -> dict[str, Any]:
    """All that the layout shows, under the names that it knows."""
    say, words, issuer, billing = writer.say, writer.words, studio.issuer, order.billing
    heading = f"{say('title')} {facts['number']}"
    note = rules.told(rules.tax_note, *reversed(writer.languages))
    return {
        "lang": words.locale.language, "rtl": words.locale.text_direction == "rtl",
        "paper": rules.paper(locale_of(order.client.locale).territory or locale_of(studio.locale).territory),
        "fonts": _families(issuer.fonts), "issued": list(facts["issued"].timetuple()[:3]),
        "title": f"{heading} - {studio.name}", "heading": heading,
        "seller": {"name": studio.name, "lines": [
            *issuer.address.splitlines(), *issuer.tax_id.splitlines(), studio.address,
        ]},
        "buyer": {"name": billing.name or order.client.name, "lines": [
            *billing.address.splitlines(), *billing.tax_id.splitlines(),
        ]},
        "facts": list(_facts(writer, facts, order)),
        "items": [[list(_what(writer, facts, order)), words.money(facts["amount"] + (facts.get("paid") or 0))]],
        "sums": list(_sums(writer, facts, order, rules)),
        "notes": note.splitlines(),
        "payment": issuer.payment.splitlines(),
        "before": list(_before(writer, facts, order)),
        "labels": {
            "to": say("to"), "what": say("for"), "amount": say("amount"), "payment": say("how-to-pay"),
            "before": say("before"),
        },
        "reference": say("reference"),
    }  # fmt: skip


def _facts(writer: _Writer, facts: Mapping[str, Any], order: Order) -> Iterator[list[str]]:
    say, words = writer.say, writer.words
    yield [say("invoice-number"), facts["number"]]
    yield [say("invoice-date"), words.day(facts["issued"])]
    yield [say("due"), words.day(facts["due"])]
    if order.billing.po_number:
        yield [say("po-number"), order.billing.po_number]
    yield [say("project"), f"{order.project} ({order.ref})"]


def _what(writer: _Writer, facts: Mapping[str, Any], order: Order) -> Iterator[str]:
    """What is billed, in lines."""
    yield writer.say(f"for-{facts['kind']}", facts["kind"])
    if change := order.change_order(facts.get("change_order") or ""):
        yield f"{change.number} {change.title}"
    if facts.get("milestone"):
        yield f"{writer.say('falls-due-with')}: {facts['milestone']}"


def _sums(writer: _Writer, facts: Mapping[str, Any], order: Order, rules: InvoiceRules) -> Iterator[list[str]]:
    """The lines below what is billed; the last one is what is to be paid."""
    say, words, paid = writer.say, writer.words, facts.get("paid") or Decimal(0)
    amount = facts["amount"] + paid
    if rules.tax_percent:
        split = rules.split(amount, get_currency_precision(order.currency))
        name = rules.told(rules.tax_name, *reversed(writer.languages))
        yield [say("net"), words.money(split.net)]
        yield [f"{name} {words.percent(rules.tax_percent)}", words.money(split.tax)]
    if rules.tax_percent or paid:
        yield [say("gross"), words.money(amount)]
    if paid:
        yield [say("paid"), words.money(-paid)]
    yield [say("to-pay"), words.money(facts["amount"])]


def _before(writer: _Writer, facts: Mapping[str, Any], order: Order) -> Iterator[list[str]]:
    """What was billed before for this order, and its total; nothing for the first invoice."""
    say, words = writer.say, writer.words
    sent = [i for i in order.live_invoices if i.sent_on and i.number != facts["number"]]
    for one in sent:
        when = f"{say('paid-on')} {words.short(one.paid_on)}" if one.paid_on else ""
        yield [f"{one.number}, {say(f'for-{one.kind}', one.kind)}", when, words.money(one.amount)]
    if sent:
        yield [say("total"), "", words.money(order.total)]


def _shown(value: Any) -> Any:
    """`value` with all its texts rid of what cannot stand in a letter, and with words that a line can hold."""
    if isinstance(value, str):
        drawn = "".join(BOX if category(one) in _WITHOUT_PICTURE else one for one in clean(value).replace("\n", " "))
        return _LONG_WORD.sub(rf"\g<0>{BREAK}", drawn)
    if isinstance(value, Mapping):
        return {key: _shown(one) for key, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, list) else value


def _compiled(templates: Templates, told: Any, issued: date, fonts: tuple[bytes, ...], data: str = "") -> bytes:
    """The layout filled, with `data` as the file of an e-invoice.

    What no font has a picture of is shown as a box: the standard wants one for all there is.
    """
    import typst

    layout = templates.files[LAYOUT]
    for attempt in range(ATTEMPTS):
        try:
            inputs = {"data": json.dumps(told, ensure_ascii=False), "einvoice": data}
            source = f"{layout.text}\n{_ATTACHED if data else ''}"
            compiler = typst.Compiler(source.encode(), ROOT, _fonts(fonts), sys_inputs=inputs)
            moment = datetime.combine(issued, time(), UTC)
            return cast(bytes, compiler.compile(format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=moment))
        except typst.TypstError as error:
            missing = _missing(error.diagnostic or "", whole=attempt == 0)
            if not missing or attempt == ATTEMPTS - 1:
                raise ConfigError([_problem(layout.path, error)]) from error
            told = _boxed(told, missing)
    raise AssertionError("the last attempt returns or raises")


def _missing(diagnostic: str, *, whole: bool) -> set[str]:
    """What no font has a picture of, as Typst names it: letters with their accents (`whole`), or each character."""
    named = (_ESCAPED.sub(lambda found: chr(int(found[1], 16)), one) for one in _NO_GLYPH.findall(diagnostic))
    return {one for text in named for one in ([text] if whole else text) if not one.isascii()}


def _boxed(value: Any, missing: set[str]) -> Any:
    if isinstance(value, str):
        for one in missing:
            value = value.replace(one, BOX)
        return value
    if isinstance(value, Mapping):
        return {key: _boxed(one, missing) for key, one in value.items()}
    return [_boxed(one, missing) for one in value] if isinstance(value, list) else value


def _problem(path: str, error: typst.TypstError) -> Problem:
    place = re.search(r"__typst_py_bytes__\.typ:(\d+)", error.diagnostic or "")
    mend = "docs/templates.md says what the layout gets"
    return Problem(error.message, path, line=int(place[1]) if place else None, mend=mend)


@lru_cache(maxsize=2)
def _fonts(own: tuple[bytes, ...]) -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(own))


def _families(own: tuple[bytes, ...]) -> list[str]:
    """The names of the studio's own fonts: they are asked before those that come along."""
    return [name for name in _fonts(own).families() if own and name not in _fonts(()).families()]
