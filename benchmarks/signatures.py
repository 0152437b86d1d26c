"""How fast a signature proves a sender: `python benchmarks/signatures.py`.

The same mail of 5 KB, signed with RSA-2048 and with Ed25519, its key at hand: verified by mailbot (all that it asks of
a signature, and its reasons) and by dkimpy alone, in turns.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dkim

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mailbot.reading.message import parse  # noqa: E402
from mailbot.reading.proof import Trust, prove  # noqa: E402
from mailbot.reading.signatures import Signatures  # noqa: E402
from tests import signing  # noqa: E402
from tests.signing import Signer  # noqa: E402

SECONDS, ROUNDS = 0.5, 6
LINES = b"Approved, and thank you for the sketches of the gown.\r\n" * 85
MAIL = (
    b"From: Ann Lee <ann@client.example>\r\nTo: orders@studio.example\r\nSubject: Re: Design\r\n"
    b"Date: Sat, 10 Jan 2026 09:00:00 -0500\r\nMessage-ID: <1@client.example>\r\n\r\n" + LINES
)


def rate(work: Callable[[], object]) -> float:
    """How often a second of processor time `work` is done."""
    count, started = 0, time.process_time()
    while time.process_time() - started < SECONDS:
        work()
        count += 1
    return count / (time.process_time() - started)


def measure(signer: Signer) -> None:
    """Prints a line for one kind of key; the best of several rounds, for the machine is shared."""
    data, record = signer.sign(MAIL), signer.record()
    message = parse(data)
    by = Signatures(lambda _name: (record,), datetime.now(UTC))

    def ours() -> None:
        if not prove(message, Trust(), by).ok:
            raise SystemExit("the signature does not hold")

    def alone() -> None:
        if not dkim.verify(data, dnsfunc=lambda _name, timeout: record):
            raise SystemExit("dkimpy says that the signature does not hold")

    rounds = [(rate(ours), rate(alone)) for _ in range(ROUNDS)]
    best = [max(column) for column in zip(*rounds, strict=True)]
    print(f"{signer.algorithm:15} mailbot {best[0]:,.0f}/s, dkimpy alone {best[1]:,.0f}/s")


def main() -> None:
    """RSA, then Ed25519."""
    measure(Signer())
    measure(Signer(selector="ed", algorithm="ed25519-sha256", key=signing.ed25519()))


if __name__ == "__main__":
    main()
