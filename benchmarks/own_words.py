"""How well, and how fast, a sender's own words are found: `python -m benchmarks.own_words [--failures SET]`.

Exact: the words and nothing else, blank runs aside. Leaked: a line that was not typed. Lost: a typed line that is gone.
Other libraries are measured beside it where they happen to be installed.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from mailbot.reading.own_words import own_words_of_text
from mailbot.rules import load
from mailbot.rules.words import WordRules
from tests.reading.words_corpus import generate

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "mail"
CORPUS = ROOT / "tests" / "reading" / "words_corpus"
Case = tuple[str, str, str]  # id, text, what was typed
Reader = Callable[[str], str]


def lines_of(text: str) -> list[str]:
    """The lines that hold something, blanks made one."""
    return [" ".join(line.split()) for line in text.replace("\r", "").split("\n") if line.strip()]


def shared(folder: Path = SHARED) -> dict[str, list[Case]]:
    """The sample sets other people wrote; nothing where they are absent."""
    sets: dict[str, list[Case]] = {}
    if (folder / "replies").is_dir():
        sets["replies"] = [
            (path.name[: -len(".reply.txt")], _read(path.with_name(path.name.replace(".reply", ""))), _read(path))
            for path in sorted((folder / "replies").glob("*.reply.txt"))
        ]
    if (folder / "forwards.jsonl").is_file():
        rows = map(json.loads, (folder / "forwards.jsonl").read_text("utf-8").splitlines())
        sets["forwards"] = [(row["id"], row["text"], row["reply"]) for row in rows]
    return sets


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def own_sets() -> dict[str, list[Case]]:
    """Our own corpora: written by hand, generated to look at, and generated to be held out."""
    written = [json.loads(line) for line in (CORPUS / "written.jsonl").read_text("utf-8").splitlines() if line.strip()]
    sets = {"written": [(row["id"], row["text"], row["typed"]) for row in written]}
    for name, replies in (("dev", generate.dev()), ("held-out", generate.held_out())):
        sets[name] = [(r.id, r.text, r.want) for r in replies]
        for change in generate.PERTURBATIONS:
            sets[f"{name}, {change.__name__}"] = [(r.id, r.text, r.want) for r in map(change, replies)]
    return sets


def score(cases: Iterable[Case], reader: Reader) -> tuple[float, float, float, list[tuple[Case, str]]]:
    """Shares of exact, leaked and lost, in per cent, and the cases that are not exact."""
    cases = list(cases)
    failures, leaked, lost = [], 0, 0
    for case in cases:
        got = reader(case[1])
        have, want = lines_of(got), lines_of(case[2])
        if have != want:
            failures.append((case, got))
            leaked += any(line not in want and line not in " ".join(want) for line in have)
            lost += any(line not in have and line not in " ".join(have) for line in want)
    total = len(cases) / 100
    return (len(cases) - len(failures)) / total, leaked / total, lost / total, failures


def speed(cases: list[Case], reader: Reader, seconds: float = 1.5) -> float:
    """Texts a second on one core."""
    started, done = time.process_time(), 0
    while time.process_time() - started < seconds:
        for case in cases:
            reader(case[1])
        done += len(cases)
    return done / (time.process_time() - started)


def readers() -> dict[str, Reader]:
    """mailbot's reader, and those of other libraries that are installed."""
    rules = load(WordRules, "own_words.toml")
    found: dict[str, Reader] = {"mailbot": lambda text: own_words_of_text(text, rules).text}
    try:
        from email_reply_parser import EmailReplyParser

        found["email-reply-parser"] = EmailReplyParser.parse_reply
    except ImportError:
        pass
    try:
        from mailparser_reply import EmailReplyParser as MailReplyParser

        parser = MailReplyParser(
            languages=["en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "cs", "da", "ko", "ja", "zh", "he"]
        )
        found["mail-parser-reply"] = lambda text: parser.parse_reply(text=text) or ""
    except (ImportError, TypeError):
        pass
    try:
        import quotequail

        found["quotequail"] = lambda text: "\n".join(part for typed, part in quotequail.quote(text) if typed)
    except ImportError:
        pass
    return found


def main(arguments: list[str]) -> None:
    """Prints a table; with --failures NAME also every case of that set that is not exact."""
    sets = {**shared(), **own_sets()}
    show = arguments[1] if len(arguments) == 2 and arguments[0] == "--failures" else ""
    if show.startswith("held"):
        sys.exit("held out: look at the score only, or write new ones in place of those looked at")
    print(f"{'':20}{'set':26}{'cases':>7}{'exact %':>9}{'leaked %':>10}{'lost %':>8}{'texts/s':>10}")
    for name, reader in readers().items():
        for title, cases in sets.items():
            exact, leaked, lost, failures = score(cases, reader)
            rate = speed(cases, reader, 0.3)
            print(f"{name:20}{title:26}{len(cases):7}{exact:9.1f}{leaked:10.1f}{lost:8.1f}{rate:10.0f}")
            if title == show and name == "mailbot":
                _show(failures)


def _show(failures: list[tuple[Case, str]]) -> None:
    for (case, text, typed), got in failures:
        print(f"\n--- {case}\n{text}\n--- typed\n{typed}\n--- got\n{re.sub('^', '    ', got, flags=re.M)}")


if __name__ == "__main__":
    main(sys.argv[1:])
