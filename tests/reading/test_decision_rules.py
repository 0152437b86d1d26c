"""The rule files: what a studio may add, as docs/rules.md says it, and what is refused with file and mend."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.reading.decision import Asked, read
from mailbot.reading.scoring import score_rule_cases
from mailbot.rules.replies import load_replies, load_reply_cases
from tests.replies import shipped_replies

ROOT = Path(__file__).resolve().parent.parent.parent
ASKED = Asked("milestone_approval", "Re: Design approval")


def studio(folder: Path, rule: str = "", case: str = "") -> Path:
    """A rules folder with the English files and something at their ends."""
    for name, more in (("replies.toml", rule), ("replies.cases.toml", case)):
        shutil.copy(ROOT / "rules" / name, folder / name)
        (folder / name).open("a", encoding="utf-8").write(f"\n{more}\n")
    return folder


def documented() -> tuple[str, str]:
    """The rule and the case that docs/rules.md gives as an example."""
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "rules.md").read_text("utf-8"), re.S)
    return blocks[0], blocks[1]


def test_the_documented_example_works(tmp_path: Path) -> None:
    text = "That's reet champion, ta"
    assert read(text, ASKED, shipped_replies()).label != "approve"
    rules = load_replies(studio(tmp_path, *documented()))
    reading = read(text, ASKED, rules)
    assert (reading.label, reading.because) == ("approve", 'en/reet-good: "that is reet champion"')
    cases = [case for case in load_reply_cases(rules, tmp_path) if "reet-good" in case[1].rules]
    assert score_rule_cases(cases, rules).right == 1


def test_a_rule_without_a_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the rule 'reet-good' has no case"):
        load_reply_cases(load_replies(studio(tmp_path, documented()[0])), tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('whole = ["[nosuch]"]', "no class"),
        ('whole = ["<nosuch>"]', "no macro"),
        ('whole = ["(yes"]', "bracket"),
        ('whole = ["*"]', "cannot"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(tmp_path: Path, line: str, message: str) -> None:
    rule = f'[[rule]]\nid = "odd"\nmeans = "approve"\n{line}\n'
    case = '[[case]]\ntext = "x"\nlabel = "none"\nrules = ["odd"]\n'
    rules = load_replies(studio(tmp_path, rule, case))
    with pytest.raises(ConfigError, match=message):
        read("ok", ASKED, rules)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('[[rule]]\nid = "odd"\nmeans = "explode"\nwhole = ["yes"]\n', "means"),
        ('[[rule]]\nid = "yes"\nmeans = "approve"\nwhole = ["yes"]\n', "two rules are called"),
        ('[[rule]]\nid = "odd"\nmeans = "yes"\nwhole = ["yes"]\nworth = 1\n', "unknown key"),
    ],
)
def test_a_wrong_rule_is_refused(tmp_path: Path, rule: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_replies(studio(tmp_path, rule))
