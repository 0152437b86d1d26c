"""Runs the cases beside rules/own_words.toml: every phrase of every list must do what its list's case says."""

from __future__ import annotations

from mailbot.reading.own_words import doubts_of_subject, own_words_of_html, own_words_of_text
from mailbot.rules.words import WordCase, WordCases, WordRules


def failures(rules: WordRules, cases: WordCases) -> list[str]:
    """One line for each phrase that does not hold and for each list without a case; empty when all is well."""
    lists = phrases_of(rules)
    covered = {case.list for case in cases.case}
    found = [f"{name}: has no case" for name in lists if name not in covered]
    found += [f"{name}: there is no such list" for name in sorted(covered - set(lists))]
    for case in cases.case:
        found += [problem for phrase in lists.get(case.list, ()) if (problem := _failure(case, phrase, rules))]
    return found


def phrases_of(rules: WordRules) -> dict[str, tuple[str, ...]]:
    """The lists of the file by name, such as `headers.from`."""
    lists = rules.model_dump(by_alias=True)
    return {f"{section}.{name}": tuple(phrases) for section, names in lists.items() for name, phrases in names.items()}


def _failure(case: WordCase, phrase: str, rules: WordRules) -> str:
    if case.subject:
        said = doubts_of_subject(case.subject.replace("{}", phrase), rules)
        return "" if case.doubt in said else f"{case.list}: {phrase!r} raises no doubt {case.doubt!r}"
    body = (case.html or case.text).replace("{}", phrase.replace("*", "x1"))
    if "{name}" in body:
        name, _, value = phrase.partition("=")
        body = body.replace("{name}", name).replace("{value}", value)
    read = own_words_of_html(body, rules) if case.html else own_words_of_text(body, rules)
    typed = case.typed.replace("{}", phrase)
    if read.text != typed:
        return f"{case.list}: {phrase!r} leaves {read.text!r}, not {typed!r}"
    if case.doubt and case.doubt not in read.doubts:
        return f"{case.list}: {phrase!r} raises no doubt {case.doubt!r}"
    return ""
