"""Every phrase of rules/own_words.toml does what its case says, and a list without a case is found."""

from __future__ import annotations

import pytest

from mailbot.errors import ConfigError
from mailbot.reading.words_cases import failures, phrases_of
from mailbot.rules import find, load, read_toml, validate
from mailbot.rules.words import WordCases, WordRules

RULES = load(WordRules, "own_words.toml")
CASES = load(WordCases, "own_words.cases.toml")


def test_every_phrase_does_what_its_case_says() -> None:
    assert failures(RULES, CASES) == []


def test_a_list_without_a_case_is_named() -> None:
    assert failures(RULES, WordCases(case=CASES.case[1:])) == ["attribution.verbs: has no case"]


def test_thirty_languages_announce_a_quotation() -> None:
    assert len(phrases_of(RULES)["attribution.verbs"]) > 100


def test_a_phrase_in_capitals_is_refused_with_its_key() -> None:
    path = find("own_words.toml")
    data = read_toml(path)
    data["pointers"]["below"] = ["See Below"]
    with pytest.raises(ConfigError, match=r"pointers\.below"):
        validate(WordRules, data, path)
