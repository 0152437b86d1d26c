"""How well people and machines are told apart, and how fast: `python benchmarks/machines.py`.

Corpora: the shared delivery reports and replies where they are (beside the checkout), the mails in tests/mail/machines,
and the cases of rules/machines.cases.toml. Prints a line a corpus with its floor, then mails a second with the parser's
own rate of the same run beside it. Exit 1 when a floor is missed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mailbot.reading.automatic import Origin, OwnAddresses, origin  # noqa: E402
from mailbot.reading.machine_cases import OWN, raw_mail  # noqa: E402
from mailbot.reading.message import parse  # noqa: E402
from mailbot.rules.machines import load_machines  # noqa: E402

SHARED = ROOT.parent / "shared"
MACHINES = load_machines()
Mail = tuple[str, bytes, str]  # name, raw, kind


def shared_reports() -> Iterator[Mail]:
    for path in sorted((SHARED / "mail" / "bounces").glob("*.eml")):
        yield path.name, path.read_bytes(), "automatic" if path.name.startswith("rfc3834") else "bounce"


def shared_people() -> Iterator[Mail]:
    for path in sorted((SHARED / "cases").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            if case["label"] != "autoreply":
                yield case["id"], _person(case["text"], case["subject"]), "person"
    for path in sorted((SHARED / "mail" / "replies").glob("*.txt")):
        yield path.name, _person(path.read_text("utf-8", "replace")), "person"
    for path in (SHARED / "mail").glob("forwards.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            yield case["id"], _person(case["text"], "Fwd: Design"), "person"


def own_machines() -> Iterator[Mail]:
    for path in sorted((ROOT / "tests" / "mail" / "machines").glob("*.eml")):
        first = path.stem.split("-")[0]
        if first != "person":
            yield path.name, path.read_bytes(), {"complaint": "automatic", "receipt": "automatic"}.get(first, first)
    yield from ((case.name, raw_mail(case), case.kind) for case in MACHINES.cases if case.kind != "person")


def own_people() -> Iterator[Mail]:
    for path in sorted((ROOT / "tests" / "mail" / "machines").glob("person-*.eml")):
        yield path.name, path.read_bytes(), "person"
    yield from ((case.name, raw_mail(case), "person") for case in MACHINES.cases if case.kind == "person")


def _person(text: str, subject: str = "Re: Design approval") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ann Lee <ann@client.example>", "orders@studio.example", subject
    mail["Date"] = "Mon, 05 Jan 2026 10:00:00 -0500"
    mail.set_content(text)
    return bytes(mail)


def _read(raw: bytes, own: OwnAddresses = OWN) -> Origin:
    return origin(parse(raw), MACHINES.rules, own)


def recognition(name: str, mails: list[Mail], floor: float) -> bool:
    """Prints how many of `mails` were recognised; whether that is at least `floor`."""
    wrong = [(one, kind, found) for one, raw, kind in mails if (found := _read(raw)).kind != kind]
    if not mails:
        print(f"{name}: not here")
        return True
    share = 1 - len(wrong) / len(mails)
    print(f"{name}: {len(mails) - len(wrong)} of {len(mails)} ({share:.1%}, floor {floor:.1%})")
    for one, kind, found in wrong[:10]:
        print(f"  {one}: {found.kind} for {kind} ({found.because})")
    return share >= floor


def recipients(mails: list[Mail]) -> None:
    """Prints how many of the reports name a recipient, and how many a status."""
    found = [_read(raw).failed for _, raw, kind in mails if kind == "bounce"]
    if found:
        named = sum(bool(one) for one in found)
        status = sum(any(each.status for each in one) for one in found)
        print(f"recipients named in {named} of {len(found)} reports, a status in {status}")


def speed(mails: list[Mail]) -> None:
    """Prints mails a second for parsing alone and for telling who wrote them."""
    _read(mails[0][1])
    started = time.perf_counter()
    messages = [parse(raw) for _, raw, _ in mails]
    parsed = time.perf_counter() - started
    started = time.perf_counter()
    for message in messages:
        origin(message, MACHINES.rules, OWN)
    told = time.perf_counter() - started
    print(f"{len(mails) / told:,.0f} mails/s told apart (parsing alone: {len(mails) / parsed:,.0f} mails/s)")


def main() -> int:
    reports, machines = list(shared_reports()), list(own_machines())
    people = [*shared_people(), *own_people()]
    good = [
        recognition("shared reports and absences", reports, 0.98),
        recognition("own machines", machines, 0.98),
        recognition("people", people, 0.995),
    ]
    recipients(reports)
    speed([*reports, *machines, *people])
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
