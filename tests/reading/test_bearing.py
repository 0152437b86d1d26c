"""The second opinion: what it may change, what it never does, and that its weights are those of today's rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.reading.bearing import chances, features, parts, weights
from mailbot.reading.decision import Asked, heard_sentences, read
from mailbot.reading.learning import learn, samples
from mailbot.rules import shipped
from mailbot.rules.bearing import Answer, Context, as_text, read_answers, read_sentences, weights_of
from mailbot.rules.replies import ReplyRules
from tests.replies import shipped_replies

DESIGN = Asked("milestone_approval", "Design for your approval")
LEARNED = sorted(path.name.split(".")[1] for path in shipped("rules").glob("sentences.*.tsv"))


@pytest.fixture(scope="module")
def rules() -> ReplyRules:
    return shipped_replies()


@pytest.fixture(scope="module")
def alone(rules: ReplyRules) -> ReplyRules:
    return replace(rules, bearing=None)


def test_there_is_something_to_learn_from() -> None:
    assert "en" in LEARNED


@pytest.mark.parametrize("language", LEARNED)
def test_the_weights_are_of_these_sentences_and_these_rules(rules: ReplyRules, language: str) -> None:
    """Weights that were learned with other rules no longer tell dangers from asides: run `mailbot rules learn`."""
    assert rules.bearing
    learned = weights(rules.bearing, language)
    assert learned
    some = samples(read_sentences(shipped("rules") / f"sentences.{language}.tsv")[::7], language, rules)
    known = sum(name in learned.weights for _, found in some for name in found)
    assert known / sum(len(found) for _, found in some) > 0.5
    limit = rules.bearing.limits.aside
    dangers = [chances(learned, found).danger for kind, found in some if kind == "danger"]
    others = [chances(learned, found).danger for kind, found in some if kind != "danger"]
    assert sum(one < limit for one in dangers) / len(dangers) < 0.02
    assert sum(one < limit for one in others) / len(others) > 0.6


@pytest.mark.parametrize(
    "danger",
    [
        "but only if the hem is fixed", "Could you make it blue?", "Please wait with the cutting.", "I do not approve.",
        "The price is a disgrace.", "Not the sleeves though.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["{danger} {yes}", "{yes} {danger}"])
def test_what_the_rules_object_to_is_never_approved(rules: ReplyRules, danger: str, place: str) -> None:
    text = place.format(danger=danger, yes="Approved.")
    assert read(text, DESIGN, rules).label != "approve"


def test_it_finds_harmless_what_the_rules_do_not_understand(rules: ReplyRules, alone: ReplyRules) -> None:
    sentences = [text for kind, text in read_sentences(shipped("rules") / "sentences.en.tsv") if kind == "aside"][::9]
    booked = {name: _booked(sentences, some) for name, some in (("both", rules), ("alone", alone))}
    assert booked["both"] > 1.3 * booked["alone"]


def test_it_doubts_what_the_rules_find_harmless(rules: ReplyRules, alone: ReplyRules) -> None:
    sentences = [text for kind, text in read_sentences(shipped("rules") / "sentences.en.tsv") if kind == "danger"][::5]
    assert _booked(sentences, rules) <= _booked(sentences, alone) / 3


@pytest.mark.parametrize("language", LEARNED)
def test_of_treacherous_answers_hardly_one_is_booked(rules: ReplyRules, language: str) -> None:
    """They look like a yes and are none. Some of them taught the weights: it is what the weights are for."""
    against = [one for one in read_answers(shipped("rules") / f"answers.{language}.tsv") if not one.yes]
    asked = {one.context: Asked(one.context, locale=language) for one in against}
    assert sum(_yes(one, asked, rules) for one in against) <= len(against) / 90


def _yes(answer: Answer, asked: dict[Context, Asked], rules: ReplyRules) -> bool:
    return read(answer.text, asked[answer.context], rules).label == "approve"


@pytest.mark.parametrize(
    "line",
    ["approve\tmilestone_approval", "perhaps\tchange_order\tYes.", "none\tinvoice\tPaid.", "none\tchange_order\t "],
)
def test_an_answer_without_a_label_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "answers.en.tsv"
    file.write_text(f"approve\tchange_order\tYes. / Ann\n{line}\n", "utf-8")
    with pytest.raises(ConfigError) as told:
        read_answers(file)
    assert [problem.line for problem in told.value.problems] == [2]


def _booked(sentences: list[str], rules: ReplyRules) -> int:
    return sum(read(f"Approved. {sentence}", DESIGN, rules).label == "approve" for sentence in sentences)


def test_the_same_sentences_teach_the_same(rules: ReplyRules) -> None:
    known = samples(read_sentences(shipped("rules") / "sentences.en.tsv")[::40], "en", rules)
    first = as_text(learn(known, lambda: None))
    assert first == as_text(learn(known, lambda: None))
    assert as_text(weights_of(first)) == first


def test_a_sentence_weighs_by_its_words_and_not_by_its_length(rules: ReplyRules) -> None:
    for text in ("Approved.", "word " * 900):
        for sentence, clauses, _ in heard_sentences(text, DESIGN, rules):
            for part in parts(sentence, clauses):
                assert sum(value * value for value in features(part).values()) == pytest.approx(1.0)


def test_a_sentence_without_a_label_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "sentences.en.tsv"
    file.write_text("aside\tOur dog says hello.\nmaybe\tPerhaps.\nno tab\n", "utf-8")
    with pytest.raises(ConfigError) as told:
        read_sentences(file)
    assert [problem.line for problem in told.value.problems] == [2, 3]
