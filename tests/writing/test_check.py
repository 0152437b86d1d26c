"""What `mailbot check` finds in a studio's templates: every problem with its file and line."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.rules import shipped
from mailbot.rules.templates import Source, load_templates
from mailbot.writing.check import check_templates, sample_mail
from mailbot.writing.kinds import KINDS


def with_file(templates, name, text):
    return replace(templates, files={**templates.files, name: Source(text, f"/studio/{name}")})


def test_the_shipped_templates_have_no_problem(templates):
    assert check_templates(templates) == []


BROKEN = {
    "client/invoice.txt.j2": ("{% block body %}\n{{ data.nonsense }}\n{% endblock %}", 2, "nonsense"),
    "client/survey.html.j2": ("one\n{% if %}\n", 2, "Expected an expression"),
    "client/nudge.txt.j2": ("one\n\n{{ data.what | shout }}", 3, "shout"),
    "client/receipt.html.j2": ("{{ order.client.phone }}", 1, "phone"),
    "staff/booked.txt.j2": ("{{ data.words | money }}", 1, "InvalidOperation"),
    "staff/held.txt.j2": ("a\n{{ ''.__class__.__mro__ }}", 2, "__class__"),
    "staff/digest.html.j2": ('{% include "client/nowhere.j2" %}', 1, "nowhere"),
}


def test_all_broken_letters_are_named_with_file_and_line(templates):
    for name, (text, _, _) in BROKEN.items():
        templates = with_file(templates, name, text)
    found = {p.file.removeprefix("/studio/"): p for p in check_templates(templates)}
    assert {name: p.line for name, p in found.items()} == {name: line for name, (_, line, _) in BROKEN.items()}
    assert [name for name, (_, _, what) in BROKEN.items() if what not in found[name].what] == []


def test_a_name_that_only_a_rare_case_uses_is_found(templates):
    text = templates.files["client/receipt.txt.j2"].text.replace("data.option_text", "data.option_words")
    found = check_templates(with_file(templates, "client/receipt.txt.j2", text))
    assert [p.file for p in found] == ["/studio/client/receipt.txt.j2"]


def test_a_line_break_that_would_vanish_is_found(templates):
    text = "Dear you{% if data.amount %}, pay{% endif %}\n\nRegards\n"
    found = check_templates(with_file(templates, "client/invoice.txt.j2", text))
    assert [(p.line, p.mend) for p in found] == [(1, "close it with +%}")]


def test_missing_samples_and_subjects_and_broken_ones_are_problems(templates):
    samples = {name: sample for name, sample in templates.samples.items() if name != "nudge"}
    subjects = {name: text for name, text in templates.subjects["en"].items() if name != "invoice"}
    subjects["survey"] = "How was {{ order.projekt }}?"
    found = {p.key: p for p in check_templates(replace(templates, samples=samples, subjects={"en": subjects}))}
    assert set(found) == {"en.invoice", "en.survey", "nudge"}
    assert all(Path(p.file).name == "subjects.toml" for key, p in found.items() if key != "nudge")
    assert "projekt" in found["en.survey"].what


def test_unknown_kinds_and_single_parts_are_problems(templates):
    files = {
        "client/de/invoice.txt.j2": "x", "staff/postcard.txt.j2": "x", "staff/postcard.html.j2": "x",
    }  # fmt: skip
    for name, text in files.items():
        templates = with_file(templates, name, text)
    templates = replace(templates, samples={**templates.samples, "postcard": {"data": {}}})
    found = {(Path(p.file).name, p.key, p.what) for p in check_templates(templates)}
    assert found == {
        ("invoice.txt.j2", "", "a letter needs both parts, text and HTML"),
        ("postcard.txt.j2", "", "there is no such kind of mail"),
        ("postcard.html.j2", "", "there is no such kind of mail"),
        ("samples.toml", "postcard", "there is no such kind of mail"),
    }


def test_the_studio_overrides_file_by_file(tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client/survey.txt.j2").write_text("Dear {{ order.client.name }}, how was it?", "utf-8")
    templates = load_templates(tmp_path)
    assert sample_mail(templates, "survey").text == "Dear Ann Lee, how was it?\n"
    assert sample_mail(templates, "invoice").text.startswith("Dear Ann Lee,\n\nInvoice INV-2")
    assert check_templates(templates) == []


def test_a_copy_of_all_templates_is_as_good(tmp_path):
    shutil.copytree(shipped("templates"), tmp_path / "templates")
    assert check_templates(load_templates(tmp_path / "templates")) == []


def test_unreadable_files_are_all_reported(tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client/invoice.txt.j2").write_bytes(b"caf\xe9")
    (tmp_path / "subjects.toml").write_text("[en\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_templates(tmp_path)
    assert [Path(p.file).name for p in caught.value.problems] == ["invoice.txt.j2", "subjects.toml"]


def german(templates):
    text = "Rechnung {{ data.number }}: {{ data.amount | money }}, {{ data.due | day }}"
    templates = with_file(templates, "client/de/invoice.txt.j2", text)
    templates = with_file(templates, "client/de/invoice.html.j2", f"<p>{text}</p>")
    return replace(templates, subjects={**templates.subjects, "de": {"invoice": "{{ order.project }} - Rechnung"}})


def test_a_client_is_written_to_in_their_language_where_there_is_a_letter_in_it(write, templates, order):
    client = order.client.model_copy(update={"locale": "de_AT", "timezone": "Europe/Vienna"})
    theirs = order.model_copy(update={"client": client, "currency": "EUR"})
    mail = write("invoice", templates=german(templates), order=theirs)
    assert mail.text.replace("\xa0", " ") == "Rechnung INV-2: € 3.000,00, Freitag, 6. Februar 2026\n"
    assert mail.subject == "Cinderella ball gowns - Rechnung [ORD-2041]"
    assert write("receipt", templates=german(templates), order=theirs).text.startswith("Dear Ann Lee")
    assert check_templates(german(templates)) == []


def test_letters_in_other_languages_are_checked_as_well(templates):
    broken = with_file(german(templates), "client/de/invoice.txt.j2", "\n{{ data.zahl }}")
    assert [(p.file, p.line) for p in check_templates(broken)] == [("/studio/client/de/invoice.txt.j2", 2)]


def test_every_kind_has_letter_subject_and_sample(templates):
    for kind in KINDS.values():
        assert f"{kind.reader}/{kind.name}.txt.j2" in templates.files
        assert f"{kind.reader}/{kind.name}.html.j2" in templates.files
        assert kind.name in templates.subjects["en"]
        assert kind.name in templates.samples
