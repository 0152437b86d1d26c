"""Letters to clients in every language that mailbot comes with: whole, with its own forms, and nothing in another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from mailbot.orders.commands import client_says
from mailbot.reading.message import parse
from mailbot.reading.own_words import own_words, own_words_of_text, shown
from mailbot.rules import load
from mailbot.rules.commands import CommandRules
from mailbot.rules.templates import Source, load_templates
from mailbot.rules.words import WordRules
from mailbot.writing.check import check_templates, sample_send
from mailbot.writing.kinds import KINDS
from mailbot.writing.mail import Mail
from mailbot.writing.subjects import subject_context
from mailbot.writing.words import Words, locale_of, zone_of
from tests.writing.reading_back import html_of
from tests.writing.test_letters import leaves, plain, visible

CLIENT = [kind.name for kind in KINDS.values() if kind.reader == "client"]
ZONES = {"de_DE": "Europe/Berlin", "es_ES": "Europe/Madrid", "en_GB": "Europe/London"}
ENGLISH = re.compile(
    r"\b(the|and|of|you|your|we|our|us|to|for|with|not|please|this|that|it|are|by|from|until|about|reply|what|which|"
    r"when|has|have|been|will|if|or|order|delivery|invoice|due|paid|sent|later|earlier|done|now)\b",
    re.IGNORECASE,
)
REFERENCE = re.compile(r"\b(?:ORD|CO|INV|ISS)-\d+\b")
languages = pytest.mark.parametrize("locale", ["de_DE", "es_ES"])
kinds = pytest.mark.parametrize("kind", CLIENT)


@pytest.fixture
def letter(write, order, templates) -> Callable[..., Mail]:
    """A kind's sample, as a client of this locale gets it."""

    def written(kind: str, locale: str, **changes: Any) -> Mail:
        client = order.client.model_copy(update={"locale": locale, "timezone": ZONES.get(locale, "Europe/Vienna")})
        return write(kind, order=order.model_copy(update={"client": client, "currency": "EUR"}), **changes)

    return written


def ways(templates, kind: str) -> Iterator[dict[str, Any]]:
    """In full, with only what is always there, and with each value that the letter tells apart."""
    yield {}
    yield {"full": False}
    for fact, choices in templates.samples[kind].get("choices", {}).items():
        yield from ({"data": {fact: value}} for value in choices)


@languages
@kinds
def test_every_letter_is_in_the_clients_language_and_says_the_same_in_both_parts(letter, templates, kind, locale):
    for way in ways(templates, kind):
        mail = letter(kind, locale, **way)
        tree = lxml.html.fromstring(html_of(mail))
        assert tree.get("lang") == locale[:2]
        text, page = plain(mail.text), visible(html_of(mail))
        assert set(REFERENCE.findall(text)) == set(REFERENCE.findall(page))
        assert mail.subject.endswith(" [ORD-2041]")
        assert plain(tree.xpath("//h1")[0].text_content()) in text


@languages
@kinds
def test_facts_are_written_as_the_language_writes_them_in_both_parts_or_neither(letter, templates, kind, locale):
    mail = letter(kind, locale)
    text, page = plain(mail.text), visible(html_of(mail))
    forms = Words(locale_of(locale), zone_of(ZONES[locale]), zone_of("America/New_York"), "EUR")
    for leaf in leaves(sample_send(templates, kind).data):
        for form in written(leaf, forms):
            assert (form in text) == (form in page), form


def written(leaf: Any, forms: Words) -> list[str]:
    if isinstance(leaf, Decimal):
        return [plain(forms.money(leaf))]
    if isinstance(leaf, datetime):
        return [plain(forms.at_home(leaf)), plain(forms.moment(leaf))]
    if isinstance(leaf, date):
        return [plain(forms.day(leaf)), plain(forms.date(leaf))]
    return [plain(part) for part in leaf.split("\n") if part] if isinstance(leaf, str) else []


@pytest.mark.parametrize(
    ("locale", "kind", "facts"),
    [
        ("de_DE", "change-order", ["2.650,00 €", "12.000,00 €", "Freitag, 20. März 2026", "(5 Tage später)"]),
        ("de_DE", "reminder-friendly", ["seit 5 Tagen fällig", "3.000,00 €", "Dienstag, 3. Februar 2026"]),
        ("de_DE", "receipt", ["„rückgängig“", "Freitag, 23. Januar 2026, 19:40 (Berlin)"]),
        ("de_DE", "fitting-invite", ["Freitag, 6. Februar 2026, 14:00 (New York) bis 16:00", "20:00 (Berlin)"]),
        ("de_DE", "issue-notice", ["2. Take the satin", "keine Mehrkosten", "Mehrkosten von 380,00 €", "wie geplant"]),
        ("de_AT", "change-order", ["€ 2.650,00"]),
        ("de_AT", "approval-request", ["Freitag, 30. Jänner 2026", "Mit Ihrem Ja beginnt"]),
        ("es_ES", "change-order", ["2.650,00 €", "viernes, 20 de marzo de 2026", "(5 días más tarde)"]),
        ("es_ES", "reminder-friendly", ["venció hace 5 días", "3.000,00 €"]),
        ("es_ES", "receipt", ["«deshacer»", "viernes, 23 de enero de 2026, 19:40 (Madrid)"]),
        ("es_ES", "fitting-invite", ["viernes, 6 de febrero de 2026, 14:00 (Nueva York), hasta las 16:00"]),
        ("es_MX", "change-order", ["EUR2,650.00", "viernes, 20 de marzo de 2026"]),
    ],
)
def test_what_a_letter_must_say(letter, locale, kind, facts):
    mail = letter(kind, locale)
    for part in (plain(mail.text), visible(html_of(mail))):
        assert [fact for fact in facts if fact not in part] == []


@languages
@kinds
def test_no_english_word_is_left(letter, templates, order, kind, locale):
    for way in ways(templates, kind):
        mail = letter(kind, locale, **way)
        data = sample_send(templates, kind).data
        given = [leaf for leaf in leaves(data) if isinstance(leaf, str)]
        given += [
            data.get("subject", "").removeprefix("Re: "),
            order.project,
            order.phase,
            "Atelier Nord",
            *(milestone.name for milestone in order.milestones),
        ]
        page = " ".join(lxml.html.fromstring(html_of(mail)).itertext("body", with_tail=False))
        shown_words = plain(" ".join([mail.subject, mail.text, visible(html_of(mail)), page]))
        shown_words = re.sub(r"Ref ORD-2041( / [\w-]+)*", "", shown_words)
        for part in sorted((plain(line) for one in given for line in one.split("\n")), key=len, reverse=True):
            shown_words = shown_words.replace(part, " ") if part else shown_words
        assert ENGLISH.findall(shown_words) == []


@languages
@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.context], ids=lambda kind: kind.name)
def test_an_answer_is_known_by_its_subject_in_every_language(letter, templates, kind, locale):
    subject = letter(kind.name, locale).subject
    assert [subject_context(prefix + subject, templates) for prefix in ("AW: ", "RE: ", "WG: AW: ", "RV: ")] == [
        kind.context
    ] * 4


@pytest.mark.parametrize("locale", ["en_GB", "de_DE", "es_ES"])
def test_the_word_that_takes_an_answer_back_is_understood(letter, locale):
    quoted = re.search(r'[„"«](\w+)["“»]', letter("receipt", locale).text)
    assert quoted
    commands = load(CommandRules, "commands.toml")
    assert client_says(f"{quoted[1].capitalize()}.", commands) == "undo"


# --- quoted by those who answer -----------------------------------------------------------------------------------

ANSWERS = {
    "en_GB": "Yes, we like it very much. Only the hem, please, a finger's breadth shorter.\n\nKind regards,\nAnn",
    "de_DE": "Ja, so gefällt es uns sehr. Nur den Saum bitte einen Finger breit kürzer.\n\nViele Grüße\nAnn",
    "es_ES": "Sí, así nos gusta mucho. Solo el bajo, por favor, un dedo más corto.\n\nSaludos,\nAnn",
}
HEADS = {
    "en_GB": "From: Atelier Nord <orders@studio.example>\nSent: 22 January 2026 18:40\n"
    "To: Ann Lee <ann@client.example>\nSubject: {subject}\n",
    "de_DE": "Von: Atelier Nord <orders@studio.example>\nGesendet: Donnerstag, 22. Januar 2026 19:40\n"
    "An: Ann Lee <ann@client.example>\nBetreff: {subject}\n",
    "es_ES": "De: Atelier Nord <orders@studio.example>\nEnviado: jueves, 22 de enero de 2026 19:40\n"
    "Para: Ann Lee <ann@client.example>\nAsunto: {subject}\n",
}
WROTE = {
    "en_GB": "On Thu, 22 Jan 2026 at 18:40, Atelier Nord <orders@studio.example> wrote:",
    "de_DE": "Am Do., 22. Jan. 2026 um 19:40 Uhr schrieb Atelier Nord <orders@studio.example>:",
    "es_ES": "El jue, 22 ene 2026 a las 19:40, Atelier Nord (<orders@studio.example>) escribió:",
}
RULES = load(WordRules, "own_words.toml")


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("locale", ANSWERS)
@kinds
@pytest.mark.parametrize("known", [True, False], ids=["what we sent is known", "and not known"])
def test_of_an_answer_in_plain_text_only_the_clients_words_count(letter, kind, locale, known):
    mail = letter(kind, locale)
    sent = (shown(mail.text, html_of(mail)),) if known else ()
    head = HEADS[locale].format(subject=mail.subject)
    bodies = {
        "outlook": f"{ANSWERS[locale]}\n\n{head}\n{mail.text}",
        "outlook, marked": f"{ANSWERS[locale]}\n\n{quoted(head)}\n{quoted(mail.text)}",
        "gmail": f"{ANSWERS[locale]}\n\n{WROTE[locale]}\n\n{quoted(mail.text)}",
        "gmail, unmarked": f"{ANSWERS[locale]}\n\n{WROTE[locale]}\n\n{mail.text}",
    }
    if known:
        bodies["nothing announced"] = f"{ANSWERS[locale]}\n\n{mail.text}"
    for program, body in bodies.items():
        words = own_words_of_text(body, RULES, sent)
        assert (words.text, words.doubts) == (ANSWERS[locale], ()), program


@pytest.mark.parametrize("locale", ANSWERS)
@kinds
def test_of_an_answer_in_html_only_the_clients_words_count(letter, kind, locale):
    mail = letter(kind, locale)
    ours = html_of(mail)
    answer = ANSWERS[locale].replace("\n", "<br>")
    head = HEADS[locale].format(subject=mail.subject).replace("<", "&lt;").replace("\n", "<br>")
    attribution = WROTE[locale].replace("<", "&lt;")
    pages = {
        "outlook": '<div class="WordSection1"><p class="MsoNormal">{a}</p><div style="border:none;border-top:solid '
        '#E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{h}</p></div>{o}</div>',
        "gmail": '<div dir="ltr">{a}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{w}<br></div>'
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{o}</blockquote></div>',
        "apple": '{a}<br><div><blockquote type="cite"><div>{w}</div><br><div>{o}</div></blockquote></div>',
    }
    sent = (shown(mail.text, ours),)
    for program, page in pages.items():
        body = page.format(a=answer, h=head, w=attribution, o=ours)
        message = parse(b"From: ann@client.example\nContent-Type: text/html; charset=utf-8\n\n" + body.encode())
        words = own_words(message, RULES, sent, answers_ours=True)
        assert (words.text, words.doubts) == (ANSWERS[locale], ()), program


# --- which language, and what a studio may do about it ------------------------------------------------------------


def test_the_clients_own_language_then_the_studios_then_english(letter, studio):
    assert letter("survey", "de_CH").text.startswith("Guten Tag")
    assert letter("survey", "de-AT").text.startswith("Guten Tag")
    assert letter("survey", "fr_FR", studio=replace(studio, locale="es_ES")).text.startswith("Estimado")
    assert letter("survey", "fr_FR").text.startswith("Dear")
    assert letter("survey", "tlh_KX").text.startswith("Dear")


def test_a_region_may_say_some_things_in_its_own_way(letter, templates):
    greeting = {"letter.greeting": Source("Grüß Gott, {{ order.client.name }}!", "words.de_AT.toml", "letter.greeting")}
    austrian = replace(templates, words={**templates.words, "de_AT": greeting})
    assert check_templates(austrian) == []
    text = letter("survey", "de_AT", templates=austrian).text
    assert text.startswith("Grüß Gott, Ann Lee!\n\nWie zufrieden sind Sie")
    assert letter("survey", "de_DE", templates=austrian).text.startswith("Guten Tag, Ann Lee!")


def test_a_studio_words_one_sentence_anew(letter, tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client/words.de.toml").write_text('[survey]\nquestion = "War es recht?"\n', "utf-8")
    own = load_templates(tmp_path)
    assert check_templates(own) == []
    text = letter("survey", "de_DE", templates=own).text
    assert text.startswith("Guten Tag, Ann Lee!\n\nWar es recht?\n\nIhr Auftrag")


def test_a_language_grows_letter_by_letter(letter, templates, tmp_path):
    french = '[letter]\n{}\n[survey]\nquestion = "Êtes-vous content ?"\nsummary = "Votre avis"\nanswer = "De 1 à 5"\n'
    said = "\n".join(f'{place.split(".")[1]} = "-"' for place in templates.words["en"] if place.startswith("letter."))
    (tmp_path / "client").mkdir()
    (tmp_path / "client/words.fr.toml").write_text(french.format(said), "utf-8")
    subjects = {**templates.subjects, "fr": {"survey": "{{ order.project }} - Votre avis"}}
    own = replace(load_templates(tmp_path), subjects=subjects)
    assert check_templates(own) == []
    assert "Êtes-vous content ?" in letter("survey", "fr_FR", templates=own).text
    assert letter("invoice", "fr_FR", templates=own).text.startswith("Dear Ann Lee,\n\nInvoice INV-2")


BROKEN = {  # all at once: each in the file of a language
    ("de", "survey.question", "{{ data.zahl }}"): "has no attribute 'zahl'",
    ("es", "survey.question", "{{ data.lowest"): "unexpected end of template",
    ("en", "survey.question", "<b>Und?</b>"): "markup",
    ("de", "survey.qestion", "Und?"): "no such sentence",
    ("de", "survy.question", "Und?"): "no such sentence",
    ("de", "receipt.then-dispute", "{{ data.wer }}"): "has no attribute 'wer'",
}


def test_broken_sentences_are_named_with_their_file_and_key(tmp_path):
    (tmp_path / "client").mkdir()
    for language, place, text in BROKEN:
        with (tmp_path / f"client/words.{language}.toml").open("a", encoding="utf-8") as file:
            file.write("{}.{} = '{}'\n".format(*place.split("."), text))
    found = {(Path(p.file).name, p.key): p.what for p in check_templates(load_templates(tmp_path))}
    wanted = {(f"words.{language}.toml", place): what for (language, place, _), what in BROKEN.items()}
    assert found.keys() == wanted.keys()
    assert [place for place, what in wanted.items() if what not in found[place]] == []


def test_a_sentence_that_a_language_lacks_is_named_with_the_english_one(templates):
    german = {place: source for place, source in templates.words["de"].items() if place != "receipt.then-paid"}
    found = check_templates(replace(templates, words={**templates.words, "de": german}))
    assert [(p.key, p.what) for p in found][:1] == [("receipt.then-paid", "this sentence is missing")]
    assert "Thank you for telling us" in found[0].mend


def test_files_of_words_that_are_none_are_all_named(tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client/words.de.toml").write_text('hello = "x"\n[survey]\nquestion = 5\n', "utf-8")
    (tmp_path / "client/words.4.toml").write_text("", "utf-8")
    with pytest.raises(Exception, match="is named after no language") as caught:
        load_templates(tmp_path)
    assert {(p.key, p.what) for p in caught.value.problems} == {
        ("", "is named after no language"),
        ("hello", "is no sentence"),
        ("survey.question", "is no sentence"),
    }
