"""The sender's own words of plain text: the floors, the traps, and that nothing is cut in silence."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import own_words as benchmark
from mailbot.reading.own_words import OwnWords, own_words_of_text
from mailbot.rules import load
from mailbot.rules.words import WordRules

RULES = load(WordRules, "own_words.toml")
OURS = """Hello Ann,

We need your decision on the silk.

1. Wait for the original silk - delivery moves to 27 March
2. Use satin - we stay on schedule

Reply APPROVED to go ahead, or tell us what to change.

Kind regards
Sam Ortiz
Atelier Nord"""
QUOTED = "\n".join(f"> {line}".rstrip() for line in OURS.split("\n"))


def read(text: str, *sent: str) -> OwnWords:
    return own_words_of_text(text, RULES, sent)


@pytest.mark.parametrize("name", ["replies", "forwards"])
def test_the_floors_hold_on_mail_that_other_people_wrote(name: str) -> None:
    cases = benchmark.shared().get(name)
    if not cases:
        pytest.skip("shared/mail is not beside the checkout")
    exact, leaked, _, _ = benchmark.score(cases, lambda text: read(text).text)
    assert exact >= 95
    assert leaked <= 100 / len(cases) + 0.1  # of 64 replies one is counted: a typed line below a quote


@pytest.mark.parametrize("name", sorted(benchmark.own_sets()))
def test_the_floors_hold_on_our_own_corpora(name: str) -> None:
    exact, leaked, lost, failures = benchmark.score(benchmark.own_sets()[name], lambda text: read(text).text)
    assert (exact >= 98, leaked <= 1, lost <= 1) == (True,) * 3, failures[:2]


def test_what_comes_after_the_quote_is_the_clients() -> None:
    words = read(f"Approved\n\nOn 3 March 2026 Sam <orders@studio.example> wrote:\n{QUOTED}\n\nonce the hem is fixed")
    assert words.text == "Approved\n\nonce the hem is fixed"
    assert words.doubts == ()


def test_answers_between_quoted_lines_are_kept_in_order_with_a_doubt() -> None:
    words = read("On 3 March 2026 Sam <orders@studio.example> wrote:\n> Silk?\nYes\n> Friday?\nNo\n")
    assert (words.text, words.doubts) == ("Yes\nNo", ("interleaved",))


def test_what_was_cut_is_kept_with_its_reason() -> None:
    words = read(f"ok\n\nOn 3 March 2026 Sam <orders@studio.example> wrote:\n{QUOTED}\n\n-- \nAnn Lee")
    assert [cut.why for cut in words.cut] == ["attribution", "quoted", "signature"]
    assert "Reply APPROVED" in words.cut[1].text


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Approved\n-- \nonce the hem is fixed", "signature-sentences"),
        ("-- \nAnn Lee\n\nApproved", "signature-on-top"),
        ("ok. On 3 March 2026 Sam <orders@studio.example> wrote: > Reply APPROVED", "quote-in-line"),
        ("On 3 March 2026 Sam <orders@studio.example> wrote:\n\nNot marked as quoted.\n", "unmarked-quote"),
        ("> Reply APPROVED\n\nok", "quote-kept"),
        ("\u202eok\u202c", "direction-characters"),
        ("ap\u200bproved", "zero-width-characters"),
        (f"my answers below\n\nOn 3 March 2026 Sam <orders@studio.example> wrote:\n{QUOTED}", "answers-in-quote"),
        ("Kulungile\n\nIsuka: Sam <s@x.example>\nUsuku: 2026-03-03 09:14\nIya: Ann\n\nolder", "unknown-headers"),
        ("a line that is typed\n" * 40_000, "too-long"),
    ],
)
def test_what_is_uncertain_is_a_doubt(text: str, doubt: str) -> None:
    assert doubt in read(text).doubts


def test_hebrew_marks_of_direction_are_no_doubt() -> None:
    assert read("\u200fמאושר, תודה\u200e").doubts == ()


@pytest.mark.parametrize("width", [60, 66, 72, 78])
def test_our_own_words_are_found_however_they_are_wrapped(width: int) -> None:
    wrapped = "\n".join(textwrap.fill(line, width) for line in OURS.split("\n"))
    assert read(f"Option 2 please\n\n{wrapped}", OURS).text == "Option 2 please"


def test_a_banner_takes_nothing_typed_with_it() -> None:
    banner = "CAUTION: This email originated from outside of the organization. Do not click links."
    assert read(f"Approved, thanks a lot\n{banner}\nbut shorter").text == "Approved, thanks a lot\nbut shorter"


def test_an_option_quoted_as_the_answer_is_the_clients() -> None:
    answer = "Hi Sam\nWait for the original silk - delivery moves to 27 March\nThanks"
    assert read(answer, OURS).text == answer
    assert read("Wait for the original silk - this one please\n\n" + OURS, OURS).text.startswith(
        "Wait for the original"
    )


def test_a_quote_without_announcement_is_ours_when_we_sent_it() -> None:
    assert read(f"{QUOTED}\n\nApproved", OURS) == OwnWords("Approved", read(f"{QUOTED}\n\nApproved", OURS).cut, ())


def test_unmarked_history_that_we_did_not_send_is_a_doubt() -> None:
    text = "ok\n\nOn 3 March 2026 Sam <orders@studio.example> wrote:\n\n"
    assert read(text + OURS, OURS).doubts == ()
    assert read(text + "but only if you shorten the sleeves", OURS).doubts == ("history-not-ours",)


def test_an_unmarked_quote_on_top_is_ours_when_we_sent_it() -> None:
    words = read(f"On 3 March 2026 Sam <orders@studio.example> wrote:\n\n{OURS}\n\nApproved", OURS)
    assert (words.text, words.doubts) == ("Approved", ())


@pytest.mark.parametrize(
    "line",
    [
        "a: b\n", "From: a@b.c\nTo: x\n", "On 3 x <\n", "---\n", "-- \nAnn\n", "> a\nb\n", "this email and any\n",
        "3.3.2026:\n", "@ ", "a ", "<", "1 ", "\n", "> ", "do not click links\n", "to\nx@y.z\n",
        "On 3 Mar 2026 x <a@b.c> wrote:\n> a\nb\n",
    ],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_less_than_two_seconds(line: str) -> None:
    text = (line * (1_000_000 // len(line) + 1))[:1_000_000]
    started = time.process_time()
    read(text, OURS)
    assert time.process_time() - started < 2


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="On3<>@:a \n-_|\u200b寫日", max_size=200))
def test_nothing_raises_and_nothing_is_invented(text: str) -> None:
    words = read(text)
    assert set(words.text) <= set(text) | {" ", "\n"}
