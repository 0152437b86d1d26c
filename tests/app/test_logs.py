"""What a log may say: reasons by their names, bugs by their places, nothing that a mail said."""

from __future__ import annotations

import json
import logging
import sys

from mailbot.app.faults import fault, named
from mailbot.cli.logs import Lines
from mailbot.errors import ConfigError, Problem


def test_a_reason_is_told_without_the_words_it_quotes() -> None:
    assert named('a condition: en/conditions: "Approved once the "hem" is done"') == "a condition: en/conditions"
    assert named("not proven: dmarc=fail") == "not proven: dmarc=fail"


def test_a_bug_is_told_by_kind_and_place_and_our_own_errors_in_full() -> None:
    try:
        int("heimlich")
    except ValueError as error:
        told = fault(error)
    assert told.startswith("ValueError in test_a_bug_is_told")
    assert "heimlich" not in told
    assert "receipt.txt.j2" in fault(ConfigError([Problem("is broken", "receipt.txt.j2")]))


def test_a_log_line_is_json_and_holds_no_text_of_an_exception() -> None:
    try:
        int("heimlich")
    except ValueError:
        record = logging.LogRecord("mailbot", logging.ERROR, "", 1, "failed", (), sys.exc_info())
    line = json.loads(Lines().format(record))
    assert line["message"] == "failed"
    assert "ValueError" in line["traceback"]
    assert "invalid literal" not in line["traceback"]
