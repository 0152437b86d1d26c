"""Every template rendered with its sample, in full and with only what is always there; problems with file and line."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from mailbot.errors import ConfigError, Problem
from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.rules.invoices import InvoiceRules
from mailbot.rules.templates import Templates
from mailbot.writing.invoice import KIND, invoice_pdf
from mailbot.writing.kinds import KINDS
from mailbot.writing.letters import SENTENCE, TEMPLATE_FAULTS, environment, has_facts, problem
from mailbot.writing.mail import Mail
from mailbot.writing.render import DEFAULT_LANGUAGE, Issuer, StudioInfo, languages_for, render
from mailbot.writing.sentences import sentence_problems

AMOUNT = re.compile(r"-?\d+\.\d{2}")
SAMPLE_TIME = datetime(2026, 1, 22, 18, 40, tzinfo=UTC)
SAMPLE_TOKEN = "k7m2q9x4t6"  # noqa: S105  names a request that does not exist
SAMPLE_ID = "sample.1@studio.example"
EATEN_BREAK = re.compile(r"(?!\s*\{%).*[^+]%\}\s*")
LETTER = re.compile(r"(client|staff|director|finance)/(?:([a-z]{2,3})/)?([a-z-]+)\.(txt|html)\.j2")
PARTS = ("letter", "reminder")


def check_templates(templates: Templates) -> list[Problem]:
    """All problems of subjects, samples, letters and the PDF; an empty list when every mail can be written."""
    problems = check_letters(templates)
    try:
        studio, _ = sample_studio(templates), sample_order(templates)
    except ConfigError:
        return problems
    return problems + [found for found in pdf_problems(templates, studio) if found not in problems]


def check_letters(templates: Templates) -> list[Problem]:
    """The same without the PDF, whose engine starts threads: what is to fork must not have used it."""
    finders = (_unknown_names, _eaten_breaks, sentence_problems, _syntax)
    problems = [found for finder in finders for found in finder(templates)]
    try:
        studio, _ = sample_studio(templates), sample_order(templates)
    except ConfigError as error:
        return [*problems, *error.problems]
    broken = {(found.file, found.key) for found in problems}
    for kind in KINDS:
        for found in _letter_problems(templates, kind, studio):
            if (found.file, found.key) not in broken and found not in problems:
                problems.append(found)
    return problems


def sample_mail(
    templates: Templates, kind: str, *, full: bool = True, studio: StudioInfo | None = None, order: Order | None = None
) -> Mail:
    """The mail of a kind as its sample has it; `full` with all optional facts. Raises ConfigError."""
    send = sample_send(templates, kind, full=full)
    studio = studio or sample_studio(templates)
    order = order or (sample_order(templates) if send.order and "," not in send.order else None)
    return render(send, studio=studio, templates=templates, now=SAMPLE_TIME, order=order, message_id=SAMPLE_ID)


def sample_send(templates: Templates, kind: str, *, full: bool = True) -> Send:
    """The sample of a kind as a Send. Raises ConfigError where there is none."""
    sample = templates.samples.get(kind)
    if not isinstance(sample, Mapping) or "data" not in sample:
        mend = f"add [{kind}.data]"
        raise ConfigError([Problem(f"there is no sample for {kind}", templates.samples_path, kind, mend=mend)])
    data = values({**sample["data"], **(sample.get("optional", {}) if full else {})})
    reader = KINDS[kind].reader
    return Send(
        key=f"sample/{kind}", kind=kind, to=(f"{reader}@{reader}.example",), data=data, about=sample.get("about"),
        order=sample.get("order", templates.samples["order"]["ref"]), token=sample.get("token", SAMPLE_TOKEN) or None,
        attachments=tuple((photo["file"], "image/png", sample_picture()) for photo in data.get("photos") or ()),
    )  # fmt: skip


def sample_order(templates: Templates) -> Order:
    """The order that all samples are about. Raises ConfigError."""
    try:
        return Order.model_validate(templates.samples.get("order", {}))
    except ValidationError as error:
        keys = [(".".join(map(str, ("order", *found["loc"]))), found["msg"]) for found in error.errors()]
        raise ConfigError([Problem(what, templates.samples_path, key) for key, what in keys]) from None


def sample_studio(templates: Templates) -> StudioInfo:
    """The studio of the samples. Raises ConfigError."""
    try:
        studio = dict(templates.samples.get("studio", {}))
        return StudioInfo(issuer=Issuer(**studio.pop("invoice", {})), **studio)
    except TypeError as error:
        raise ConfigError([Problem(str(error), templates.samples_path, "studio")]) from None


def sample_picture(width: int = 534, height: int = 300) -> bytes:
    """A plain picture as PNG (RFC 2083), for the letters that show photos."""
    rows = (b"\0" + bytes((0xB9, 0x89, 0x95)) * width) * height
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    body = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def values(sample: Any) -> Any:
    """A sample's values as a Send carries them: texts that are amounts ("12.00") become Decimal."""
    if isinstance(sample, dict):
        return {key: values(value) for key, value in sample.items()}
    if isinstance(sample, list):
        return [values(value) for value in sample]
    return Decimal(sample) if isinstance(sample, str) and AMOUNT.fullmatch(sample) else sample


def _letter_problems(templates: Templates, kind: str, studio: StudioInfo) -> Iterator[Problem]:
    """Problems of one kind in each language that it is written in, and in each way that it can go."""
    for language in dict.fromkeys((DEFAULT_LANGUAGE, *templates.subjects, *templates.words)):
        if language not in languages_for(templates, KINDS[kind], language):
            continue
        order = sample_order(templates)
        client = order.client.model_copy(update={"locale": language})
        known = order.model_copy(update={"client": client})
        try:
            for send in _ways(templates, kind):
                render(
                    send, studio=studio, templates=templates, now=SAMPLE_TIME, message_id=SAMPLE_ID,
                    order=known if send.order and "," not in send.order else None,
                )  # fmt: skip
        except ConfigError as error:
            yield from error.problems


def pdf_problems(templates: Templates, studio: StudioInfo) -> Iterator[Problem]:
    """Problems of the PDF of an invoice, with all that it can say."""
    rules = InvoiceRules(tax_percent=Decimal(19), tax_name={"en": "VAT"}, own_file_up_to_kb=1, collection_up_to_kb=1)
    try:
        facts = sample_send(templates, KIND).data
        invoice_pdf(facts, sample_order(templates), studio=studio, templates=templates, rules=rules)
    except ConfigError as error:
        yield from error.problems


def _ways(templates: Templates, kind: str) -> Iterator[Send]:
    """The sample of a kind in full, with only what is always there, and with each value that it tells apart."""
    full = sample_send(templates, kind)
    yield full
    yield sample_send(templates, kind, full=False)
    for fact, choices in templates.samples[kind].get("choices", {}).items():
        yield from (replace(full, data={**full.data, fact: value}) for value in choices)


def _unknown_names(templates: Templates) -> Iterator[Problem]:
    """Kinds, in subjects, samples and files, that there are not; letters that have only one of their two parts."""
    for language, subjects in templates.subjects.items():
        for name in subjects:
            if name not in KINDS:
                yield Problem("there is no such kind of mail", templates.subjects_path, f"{language}.{name}")
    for name in templates.samples:
        if name not in KINDS and name not in ("studio", "order"):
            yield Problem("there is no such kind of mail", templates.samples_path, name)
    for name, source in templates.files.items():
        match = LETTER.fullmatch(name)
        if not match or match[3] in PARTS:
            continue
        twin = name.replace(".txt.j2", ".html.j2") if match[4] == "txt" else name.replace(".html.j2", ".txt.j2")
        if match[3] not in KINDS:
            yield Problem("there is no such kind of mail", source.path, mend="docs/templates.md lists the kinds")
        elif twin not in templates.files:
            yield Problem("a letter needs both parts, text and HTML", source.path, mend=f"add {twin}")
        elif match[2] and match[3] not in templates.subjects.get(match[2], {}):
            yield Problem("this letter has no subject in its language", source.path, mend=f"add it to [{match[2]}]")


def _eaten_breaks(templates: Templates) -> Iterator[Problem]:
    """Text lines that end in a block tag: their line break would vanish."""
    for name, source in templates.files.items():
        if not name.endswith(".txt.j2"):
            continue
        for number, text in enumerate(source.text.splitlines(), 1):
            if EATEN_BREAK.fullmatch(text):
                what = "the line break after this block tag vanishes"
                yield Problem(what, source.path, line=number, mend="close it with +%}")


def _syntax(templates: Templates) -> Iterator[Problem]:
    """Templates that cannot be compiled, whether a letter of the samples uses them or not."""
    words = templates.words.items()
    sentences = [f"{SENTENCE}{name}:{s.key}" for name, said in words for s in said.values() if has_facts(s)]
    for name in (*templates.files, *sentences):
        try:
            environment(templates, not name.endswith(".txt.j2")).get_template(name)
        except TEMPLATE_FAULTS as error:
            yield problem(templates, name, error)
