"""Which language a reply is in; what is compiled and which spelling is mended for it, and nothing beside it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from mailbot.app.check import rule_findings
from mailbot.errors import ConfigError
from mailbot.reading.decision import Asked, hear, read
from mailbot.reading.grammar import grammars
from mailbot.reading.soundness import pattern_problems
from mailbot.reading.vocabulary import Vocabulary
from mailbot.rules.replies import ReplyRules, load_replies
from tests.replies import shipped_replies

RULES = Path(__file__).resolve().parent.parent.parent / "rules"
SUBJECT = "Re: Design approval"


@cache
def rules() -> ReplyRules:
    return shipped_replies()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Approved, please go ahead.\n\nThank you so much!\nKaren", "en"),
        ("Freigegeben, bitte anfangen. Vielen Dank!\n\nMit freundlichen Grüßen", "de"),
        ("Aprobado, adelante. Muchas gracias por todo, un saludo", "es"),
        ("C'est parfait, je valide. Merci beaucoup !", "fr"),
        ("Goedgekeurd, ga maar door. Hartelijk dank!", "nl"),
        ("Approvato, procedete pure. Grazie mille!", "it"),
        ("Aprovado, podem avançar. Muito obrigado!", "pt"),
    ],
)
def test_only_the_language_of_the_reply_is_compiled(text: str, language: str) -> None:
    for locale in (None, language):
        fresh = load_replies()
        reading = read(text, Asked("milestone_approval", SUBJECT, locale=locale), fresh)
        assert (reading.label, reading.language) == ("approve", language)
        assert set(grammars(fresh).compiled) == {language}


def test_the_language_of_the_client_is_not_compiled_for_a_reply_in_another() -> None:
    fresh = load_replies()
    assert read("Approved, please go ahead. Thank you!", Asked("change_order", SUBJECT, locale="de"), fresh).label
    assert set(grammars(fresh).compiled) == {"en"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Im Moment passt alles, die Freigabe ist erteilt", "Im Moment"),
        ("La gonna è approvata, procedete", "La gonna è"),
        ("De tis van de rok is goedgekeurd", "De het is van"),
        ("Its gorgeous, im so happy", "it is gorgeous, i am so"),
        ("La robe est validée, svp commencez", "please commencez"),
    ],
)
def test_spelling_is_mended_by_the_rules_of_the_language_alone(text: str, kept: str) -> None:
    heard = hear(text, Asked("milestone_approval", SUBJECT), rules())
    assert heard is not None
    assert kept in heard.plain


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("aproved", "approved"), ("approvved", "approved"), ("apporved", "approved"), ("approve", "approved"),
        ("disapproved", None), ("approveds", None), ("papproved", None), ("pproved", None),
    ],
)  # fmt: skip
def test_a_slip_of_one_letter_is_forgiven(written: str, word: str | None) -> None:
    assert Vocabulary(frozenset({"approved"}), {"a": ["approved"]}).meant(written) == word


def german(folder: Path, more: str, case: str = "") -> Path:
    for name, text in (("replies.de.toml", more), ("replies.de.cases.toml", case)):
        shutil.copy(RULES / name, folder / name)
        (folder / name).open("a", encoding="utf-8").write(f"\n{text}\n")
    return folder


ODD = """
[[rule]]
id = "odd"
means = "approve"
whole = ["[nosuch]", "(ja"]

[[rule]]
id = "even"
means = "approve"
whole = ["<nosuch>"]
"""
ODD_CASE = '[[case]]\ntext = "x"\nlabel = "none"\nrules = ["odd", "even"]\n'


def test_a_broken_pattern_of_any_language_is_found_by_the_check_with_all_others(tmp_path: Path) -> None:
    failed = [
        f.what for f in rule_findings(german(tmp_path, ODD, ODD_CASE), None) if f.what.startswith("rules: replies")
    ]
    assert len(failed) == 3
    assert all("replies.de.toml" in what for what in failed)
    assert read("Approved", Asked("milestone_approval", SUBJECT), load_replies(tmp_path)).label == "approve"


def test_a_broken_rewrite_is_found_by_the_check(tmp_path: Path) -> None:
    text = (RULES / "replies.de.toml").read_text("utf-8").replace("[rewrite]", '[rewrite]\n"(ab" = "c"', 1)
    (tmp_path / "replies.de.toml").write_text(text, "utf-8")
    assert ["(ab" in problem.what for problem in pattern_problems(load_replies(tmp_path))] == [True]
    with pytest.raises(ConfigError, match="regular expression"):
        read("Freigegeben, danke", Asked("milestone_approval", SUBJECT), load_replies(tmp_path))
