"""How well, and how fast, replies are read as decisions: `python -m benchmarks.decision [FILE.jsonl ...]`.

Without files: the project's own labelled replies and the shared samples where they are present. Speed is that of one
process over short replies, rules compiled; what compiling costs stands beside it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from mailbot.reading.decision import Asked, read
from mailbot.reading.scoring import score
from mailbot.rules.replies import ReplyRules, load_replies

ROOT = Path(__file__).resolve().parent.parent
SETS = (ROOT / "tests" / "reading" / "decision_cases", ROOT.parent / "shared" / "cases")
SHORT = ("Approved, thanks!", "Yes, go ahead", "Freigegeben, danke", "Can the hem be shorter?", "ok", "No thank you")


def cases_of(path: Path) -> list[dict[str, Any]]:
    """The labelled replies of a file, without quoted originals."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [
        {**row, "text": row["text"].split("\n-----Original")[0].split("\nOn ")[0] if row.get("quote") else row["text"]}
        for row in rows
    ]


def report(path: Path, rules: ReplyRules) -> None:
    """One line for a file: right, false, and how many of each booked label were read."""
    result = score(cases_of(path), rules)
    false = sum(len(result.false(label)) for label in ("approve", "choose", "paid"))
    shares = "  ".join(f"{label} {result.share(label):.3f}" for label in ("approve", "choose", "paid", "confirm"))
    right = result.right / len(result.results)
    print(f"{path.name:24} {len(result.results):4} cases  right {right:.3f}  false {false}  {shares}")


def speed(rules: ReplyRules, rounds: int = 500) -> float:
    """Short replies a second."""
    asked = Asked("milestone_approval", "Re: Design approval")
    for text in SHORT:
        read(text, asked, rules)
    start = time.perf_counter()
    for _ in range(rounds):
        for text in SHORT:
            read(text, asked, rules)
    return rounds * len(SHORT) / (time.perf_counter() - start)


def main() -> None:
    start = time.perf_counter()
    rules = load_replies()
    loaded = time.perf_counter()
    read("ok", Asked("milestone_approval"), rules)
    first = time.perf_counter()
    print(f"load {loaded - start:.3f} s, first reading {first - loaded:.3f} s, then {speed(rules):.0f} replies/s")
    given = [Path(name) for name in sys.argv[1:]]
    for path in given or [file for folder in SETS if folder.is_dir() for file in sorted(folder.glob("*.jsonl"))]:
        report(path, rules)


if __name__ == "__main__":
    main()
