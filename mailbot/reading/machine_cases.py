"""Runs the cases of rules/machines.cases.toml through the reader, for `mailbot check` and for the tests alike."""

from __future__ import annotations

from collections.abc import Iterator

from mailbot.errors import Problem
from mailbot.reading.automatic import Origin, OwnAddresses, origin, wants_silence
from mailbot.reading.message import parse
from mailbot.rules.machines import CASES, MachineCase, Machines

OWN = OwnAddresses("orders@studio.example", "bot.studio.example")  # who the cases are written to
_USUAL = (
    "To: orders@studio.example",
    "Date: Mon, 05 Jan 2026 10:00:00 -0500",
    "Message-ID: <case@client.example>",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
)


def wrong_cases(machines: Machines) -> Iterator[Problem]:
    """A problem for each case that is read as something else than it says."""
    for case in machines.cases:
        mail = parse(raw_mail(case))
        silence = wants_silence(mail, machines.rules, OWN)
        for what in _differences(case, origin(mail, machines.rules, OWN), silence):
            yield Problem(what, CASES, case.name, mend="correct the rule or the case")


def raw_mail(case: MachineCase) -> bytes:
    """The mail of a case as bytes."""
    named = {line.split(":", 1)[0].lower() for line in case.headers}
    lines = [f"From: {case.sender}", f"Subject: {case.subject}", *case.headers, *_USUAL]
    lines = [line for line in lines if line not in _USUAL or line.split(":", 1)[0].lower() not in named]
    return ("\n".join(lines) + "\n\n" + case.text).encode("utf-8")


def _differences(case: MachineCase, found: Origin, silence: str | None) -> Iterator[str]:
    if found.kind != case.kind:
        yield f"is read as {found.kind} ({found.because}), not as {case.kind}"
        return
    if found.kind == "person" and bool(silence) != case.quiet:
        yield f"wants silence because of {silence!r}" if silence else "does not want silence"
    if not found.because.startswith(case.because):
        yield f"is read so because of {found.because!r}, not {case.because!r}"
    if found.returns != case.returns:
        yield f"returns {found.returns}, not {case.returns}"
    told = [(one.address, one.action, one.status) for one in found.failed]
    if told != [(one.address, one.action, one.status) for one in case.failed]:
        yield f"reports on {told}"
