# ruff: noqa: E501 - one forgery a line
"""Forwarders' seals (ARC): a mail that was changed on the way is proven by those who are believed, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime

import dkim
import pytest

from mailbot.reading.message import parse
from mailbot.reading.proof import Proof, Trust, prove
from mailbot.reading.signatures import Signatures
from tests import signing
from tests.signing import Signer

NOW = datetime(2026, 1, 10, 15, 0, tzinfo=UTC)
ANN = Signer()
FORWARDER = Signer("studio-forwarder.example", "arc", key=signing.rsa(number=1))
SECOND = Signer("second-forwarder.example", "arc", "ed25519-sha256", signing.ed25519())
EVIL = Signer("evil.example", key=signing.rsa(number=2))
KEYS = {one.name: (one.record(),) for one in (ANN, FORWARDER, SECOND, EVIL)}
PASSED = (
    "mx.studio-forwarder.example; dkim=pass header.d=client.example; dmarc=pass (p=NONE) header.from=client.example"
)
MAIL = (
    b"From: Ann Lee <ann@client.example>\r\nTo: orders@studio.example\r\nSubject: Re: Design [ORD-1]\r\n"
    b"Date: Sat, 10 Jan 2026 09:00:00 -0500\r\nMessage-ID: <1@client.example>\r\n\r\nApproved!\r\n"
)
BROKEN = ANN.sign(MAIL.replace(b"Approved!\r\n", b"Approved.\r\n"))[: -len(MAIL)] + MAIL  # a footer was added, say
STAMP = (
    b"Authentication-Results: mx.studio.example; dmarc=fail header.from=client.example\r\n"
    b"Received: from mx.studio-forwarder.example by mx.studio.example with ESMTPS id 4; Sat, 10 Jan 2026\r\n"
)
ONE = FORWARDER.seal(BROKEN, PASSED)
TWO = SECOND.seal(ONE, "mx.second-forwarder.example; arc=pass; dmarc=fail header.from=client.example")


def proved(mail: bytes, *sealers: str, keys: dict[str, tuple[bytes, ...]] = KEYS) -> Proof:
    trusted = sealers or ("studio-forwarder.example",)
    look = Signatures(lambda name: keys.get(name, ()), NOW, trusted)
    return prove(parse(mail), Trust(("mx.studio.example",)), look)


@pytest.mark.parametrize("mail", [ONE, STAMP + ONE], ids=["no border", "DMARC failed at the border"])
def test_what_a_forwarder_that_is_believed_has_found(mail: bytes) -> None:
    proof = proved(mail)
    assert proof.ok, proof.how
    assert proof.how == "arc=pass by studio-forwarder.example, verified here: dmarc=pass"
    assert "from" in (proof.signed or ())


def test_two_forwarders_that_are_believed() -> None:
    proof = proved(TWO, "studio-forwarder.example", "second-forwarder.example")
    assert proof.ok, proof.how
    assert "by studio-forwarder.example" in proof.how


def test_what_the_library_seals_is_believed() -> None:
    found = b"Authentication-Results: mx.studio-forwarder.example; dmarc=pass header.from=client.example\r\n"
    key = FORWARDER.key
    sets = dkim.arc_sign(found + BROKEN, b"arc", FORWARDER.domain.encode(), key, b"mx.studio-forwarder.example")
    look = Signatures(lambda name: KEYS.get(name, ()), datetime.now(UTC), (FORWARDER.domain,))
    proof = prove(parse(b"".join(sets) + found + BROKEN), Trust(("mx.studio.example",)), look)
    assert proof.ok, proof.how


def test_the_library_believes_what_is_sealed_here() -> None:
    both = FORWARDER.seal(ONE, PASSED)
    result, _, why = dkim.arc_verify(both, dnsfunc=lambda name, timeout: KEYS[name.decode().rstrip(".")][0])
    assert result == dkim.CV_Pass, why


def seal_removed(mail: bytes, instance: int) -> bytes:
    return mail.replace(b"ARC-Seal: i=%d" % instance, b"X-ARC-Seal: i=%d" % instance)


def by_evil(results: str = PASSED, **more: str) -> bytes:
    return EVIL.seal(BROKEN, results, **more)


FORGED = {
    "sealed by somebody else": (by_evil(), "is of evil.example, who is not in trust.arc_sealers"),
    "sealed in the name of the forwarder": (
        Signer(FORWARDER.domain, "arc", key=EVIL.key).seal(BROKEN, PASSED), "does not hold",
    ),
    "the last seal is not believed": (TWO, "is of second-forwarder.example"),
    "the first was not believed": (FORWARDER.seal(by_evil(), PASSED.replace("dmarc=pass", "dmarc=fail")), "no forwarder"),
    "DMARC failed": (FORWARDER.seal(BROKEN, PASSED.replace("dmarc=pass", "dmarc=fail")), "no forwarder that is believed"),
    "DMARC not looked at": (FORWARDER.seal(BROKEN, "mx.x.example; spf=pass"), "no forwarder that is believed"),
    "DMARC for another domain": (FORWARDER.seal(BROKEN, PASSED.replace("=client", "=evil")), "no forwarder"),
    "results that cannot be read": (FORWARDER.seal(BROKEN, "((("), "no forwarder that is believed"),
    "the results altered": (
        FORWARDER.seal(BROKEN, PASSED.replace("dmarc=pass", "dmarc=fail")).replace(b"dmarc=fail", b"dmarc=pass"),
        "the signature of studio-forwarder.example does not hold",
    ),
    "the body altered": (ONE.replace(b"Approved!", b"Approved twice!"), "the body was altered"),
    "From altered": (ONE.replace(b"From: Ann Lee <ann", b"From: Bob <bob"), "does not hold"),
    "the chain is broken": (FORWARDER.seal(BROKEN, PASSED, cv="fail"), "says that the chain is broken"),
    "the chain was broken before": (
        FORWARDER.seal(EVIL.seal(BROKEN, PASSED), PASSED, cv="fail"), "says that the chain is broken",
    ),
    "the first seal says pass": (FORWARDER.seal(BROKEN, PASSED, cv="pass"), "says that the chain is broken"),
    "the second says none": (FORWARDER.seal(by_evil(), PASSED, cv="none"), "says that the chain is broken"),
    "it begins with two": (FORWARDER.seal(BROKEN, PASSED, number=2), "no whole chain"),
    "one is missing in between": (FORWARDER.seal(ONE, PASSED, number=3), "no whole chain"),
    "one is there twice": (FORWARDER.seal(ONE, PASSED, number=1), "no whole chain"),
    "its only seal is missing": (seal_removed(ONE, 1), ""),
    "the seal below is missing": (seal_removed(FORWARDER.seal(by_evil(), PASSED), 1), "no whole chain"),
    "the seal below does not hold": (
        FORWARDER.seal(by_evil().replace(b"cv=none", b"cv=none; x=9999999999"), PASSED), "of evil.example does not hold",
    ),
    "no instance": (ONE.replace(b" i=1;", b" j=1;"), "no whole chain"),
    "an instance of nought": (ONE.replace(b" i=1;", b" i=0;"), "no whole chain"),
    "signed by another than sealed": (
        ONE.replace(b"c=relaxed/relaxed; d=studio-forwarder", b"c=relaxed/relaxed; d=studi0-forwarder", 1),
        "not of whom has signed",
    ),
    "From not covered": (FORWARDER.seal(BROKEN, PASSED, headers="to:subject:date:message-id"), "does not cover From"),
    "seals without end": (b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=evil.example; s=s\r\n" * 200 + BROKEN, "no whole chain"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("stamp", [b"", STAMP], ids=["", "stamped"])
def test_it_proves_nothing(name: str, stamp: bytes) -> None:
    mail, why = FORGED[name]
    proof = proved(stamp + mail)
    assert not proof.ok
    assert why in proof.how


def test_a_key_that_is_missing() -> None:
    proof = proved(ONE, keys={})
    assert not proof.ok
    assert "there is no key at arc._domainkey.studio-forwarder.example" in proof.how


def test_nobody_is_believed_by_default() -> None:
    look = Signatures(lambda name: KEYS.get(name, ()), NOW)
    assert not prove(parse(STAMP + ONE), Trust(("mx.studio.example",)), look).ok


def test_keys_of_others_are_asked_for_only_when_a_seal_that_is_believed_holds() -> None:
    asked: list[str] = []

    def keys(name: str) -> tuple[bytes, ...]:
        asked.append(name)
        return KEYS.get(name, ())

    look = Signatures(keys, NOW, ("studio-forwarder.example",))
    forged = Signer(FORWARDER.domain, "arc", key=EVIL.key).seal(by_evil(), PASSED)
    assert not prove(parse(STAMP + forged), Trust(("mx.studio.example",)), look).ok
    assert asked == ["arc._domainkey.studio-forwarder.example"]
