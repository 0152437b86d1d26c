# ruff: noqa: E501 - keys as they are published, one line each
"""Signatures verified here: what is believed, and what forgers, careless signers and broken keys come to."""

from __future__ import annotations

import hashlib
import resource
from datetime import UTC, datetime, timedelta

import dkim
import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from mailbot.reading.canonical import Signable
from mailbot.reading.message import parse
from mailbot.reading.proof import Proof, Trust, prove
from mailbot.reading.signatures import Signatures
from tests import signing
from tests.signing import GOOGLE, MICROSOFT, Signer, seconds

NOW = datetime(2026, 1, 10, 15, 0, tzinfo=UTC)
ANN = Signer()
ED = Signer(selector="ed", algorithm="ed25519-sha256", key=signing.ed25519())
EVIL = Signer("evil.example", key=signing.rsa(number=1))
BORDER = Trust(("mx.studio.example",))
FROM = "From: Ann Lee <ann@client.example>\r\n"
REST = (
    "To: orders@studio.example\r\nSubject: Re: Design [ORD-1]\r\nDate: Sat, 10 Jan 2026 09:00:00 -0500\r\n"
    "Message-ID: <1@client.example>\r\n"
)
PLAIN = f"{FROM}{REST}\r\nApproved!\r\n".encode()
MULTI = (
    f'{FROM}{REST}MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b1"\r\n\r\n'
    "--b1\r\nContent-Type: text/plain\r\n\r\nNo, this is wrong.\r\n\r\n> ---cut\r\n\r\nApproved!\r\n"
    "--b1\r\nContent-Type: text/html\r\n\r\n<p>No, this is wrong.</p>\r\n--b1--\r\n"
).encode()
Keys = dict[str, tuple[bytes, ...] | None]


def keys(*signers: Signer) -> Keys:
    """What DNS says when nobody interferes."""
    return {one.name: (one.record(),) for one in signers}


ALL = keys(ANN, ED, EVIL)


def proved(data: bytes, there: Keys = ALL, trust: Trust = BORDER, now: datetime = NOW) -> Proof:
    return prove(parse(data), trust, Signatures(lambda name: there.get(name, ()), now))


def refused(data: bytes, why: str, there: Keys = ALL, now: datetime = NOW) -> None:
    proof = proved(data, there, now=now)
    assert not proof.ok
    assert proof.signed is None
    assert why in proof.how


# --- what is believed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", [ANN, ED], ids=lambda one: one.algorithm)
@pytest.mark.parametrize("form", ["simple/simple", "relaxed/simple", "simple/relaxed", "relaxed/relaxed", "relaxed"])
@pytest.mark.parametrize("mail", [PLAIN, MULTI, PLAIN.replace(b"Approved!\r\n", b""), PLAIN + b"\r\n\r\n"])
def test_a_signature_of_the_domain_in_from_proves(signer: Signer, form: str, mail: bytes) -> None:
    proof = proved(signer.sign(mail, c=form))
    bits = 2048 if signer is ANN else 256
    assert proof.ok
    assert proof.how == (
        f"dkim=pass d=client.example verified here ({signer.algorithm}, {bits} bits, selector {signer.selector})"
    )
    assert proof.signed is not None
    assert {"from", "to", "subject", "date", "message-id"} <= proof.signed


def test_the_example_of_rfc_8463() -> None:
    """Appendix A: a mail with an Ed25519 and an RSA signature, and both keys."""
    domain = "football.example.com"
    records: Keys = {
        f"brisbane._domainkey.{domain}": (b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",),
        f"test._domainkey.{domain}": (
            b"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
            b"Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G"
            b"+2kryOTIKT+l/K4w3QIDAQAB",
        ),
    }
    for name in records:
        proof = proved(RFC_8463, {name: records[name]})
        assert proof.ok, proof.how
    refused(RFC_8463.replace(b"hungry", b"angry"), "the body was altered", records)


def test_what_the_library_signs_is_believed() -> None:
    now = datetime.now(UTC)
    for signer in (ANN, ED):
        key = signer.key if isinstance(signer.key, bytes) else signing.base64.b64encode(bytes(signer.key))
        algorithm = signer.algorithm.encode()
        made = dkim.sign(MULTI, signer.selector.encode(), b"client.example", key, signature_algorithm=algorithm)
        assert proved(made + MULTI, now=now).ok


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r", b"\r\n", b"x"]), max_size=12).map(b"".join))
def test_bodies_are_made_canonical_as_the_library_does(body: bytes) -> None:
    body = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    for form, library in ((b"simple", Simple), (b"relaxed", Relaxed)):
        assert Signable((), body).body_hash(form) == hashlib.sha256(library.canonicalize_body(body)).digest()


@pytest.mark.parametrize(
    "mail",
    [
        ANN.sign(EVIL.sign(PLAIN)),
        EVIL.sign(ANN.sign(PLAIN)),
        ANN.sign(ED.sign(PLAIN)).replace(b"b=", b"b=AAAA", 1),
        Signer(selector="gone").sign(ANN.sign(PLAIN)),
        ANN.sign(ANN.sign(PLAIN), l="3"),
    ],
    ids=["of two domains", "the other on top", "the first is broken", "the first has no key", "the first is partial"],
)
def test_each_signature_is_looked_at(mail: bytes) -> None:
    assert proved(mail).ok


def test_trace_headers_above_the_signature_change_nothing() -> None:
    trace = b"Return-Path: <x@y.example>\r\nReceived: from a by b; Sat, 10 Jan 2026\r\nX-Spam: no\r\n"
    assert proved(trace + ANN.sign(PLAIN)).ok
    assert proved((trace + ANN.sign(PLAIN)).replace(b"\r\n", b"\n")).ok


def test_expiry_and_time_are_those_of_now() -> None:
    signed = ANN.sign(PLAIN, t=seconds(NOW), x=seconds(NOW, 3600))
    assert proved(signed).ok
    assert proved(signed, now=NOW + timedelta(minutes=65)).ok
    refused(signed, "has expired", now=NOW + timedelta(hours=2))
    refused(signed, "a time to come", now=NOW - timedelta(hours=2))
    refused(ANN.sign(PLAIN, t=seconds(NOW), x=seconds(NOW, -1)), "has expired")


def test_what_is_covered_is_told() -> None:
    proof = proved(ANN.sign(MULTI, GOOGLE))
    assert proof.signed is not None
    assert "content-type" not in proof.signed
    assert "to" in proof.signed
    assert "to" not in (proved(ANN.sign(MULTI, MICROSOFT)).signed or ())


# --- what is not --------------------------------------------------------------------------------------------------

SIGNED = ANN.sign(PLAIN)


def changed(old: bytes, new: bytes, mail: bytes = SIGNED) -> bytes:
    assert old in mail
    return mail.replace(old, new, 1)


FORGED: dict[str, tuple[bytes, str]] = {
    "no signature": (PLAIN, "no signature of client.example"),
    "of another domain": (EVIL.sign(PLAIN), "no signature of client.example, only of evil.example"),
    "of a domain above": (Signer("example").sign(PLAIN), "no signature of client.example"),
    "of a domain below": (Signer("mail.client.example").sign(PLAIN), "only of mail.client.example"),
    "of a domain beside": (Signer("other.example").sign(PLAIN), "only of other.example"),
    "of a domain that ends alike": (Signer("notclient.example").sign(PLAIN), "only of notclient.example"),
    "with the domain in i=": (EVIL.sign(PLAIN, i="@client.example"), "only of evil.example"),
    "for an identity elsewhere": (ANN.sign(PLAIN, i="ann@evil.example"), "for another domain"),
    "by another key": (Signer(key=signing.rsa(number=1)).sign(PLAIN), "does not hold"),
    "body altered": (changed(b"Approved!", b"Approved, and twice as many!"), "the body was altered"),
    "body appended": (SIGNED + b"And the cape.\r\n", "the body was altered"),
    "body appended behind l=": (ANN.sign(PLAIN, l="11") + b"And the cape.\r\n", "a part of the body (l=)"),
    "l= that covers all": (ANN.sign(PLAIN, l="11"), "a part of the body (l=)"),
    "l=0": (ANN.sign(PLAIN, l="0"), "a part of the body (l=)"),
    "From altered": (changed(b"ann@client", b"bob@client"), "does not hold"),
    "another From": (changed(b"From: Ann", b"From: Bob <bob@evil.example>\r\nFrom: Ann"), "two From headers"),
    "From of another domain": (changed(b"ann@client.example", b"ann@evil.example"), "no signature of evil.example"),
    "Subject altered": (changed(b"[ORD-1]", b"[ORD-2]"), "does not hold"),
    "a second Subject": (changed(b"Subject:", b"Subject: x\r\nSubject:"), "does not cover Subject"),
    "a second Message-ID": (changed(b"Message-ID:", b"Message-ID: <2@x>\r\nMessage-ID:"), "not cover Message-Id"),
    "Date altered": (changed(b"09:00", b"10:00"), "does not hold"),
    "From not covered": (ANN.sign(PLAIN, "to:subject:date:message-id"), "does not cover From"),
    "Subject not covered": (ANN.sign(PLAIN, "from:to:date:message-id"), "does not cover Subject"),
    "Date not covered": (ANN.sign(PLAIN, "from:to:subject:message-id"), "does not cover Date"),
    "Message-ID not covered": (ANN.sign(PLAIN, "from:to:subject:date"), "does not cover Message-Id"),
    "no Message-ID": (ANN.sign(changed(b"Message-ID: <1@client.example>\r\n", b"", PLAIN)), "not cover Message-Id"),
    "rsa-sha1": (changed(b"a=rsa-sha256", b"a=rsa-sha1"), "rsa-sha1 is not believed"),
    "an algorithm of the future": (changed(b"a=rsa-sha256", b"a=rsa-sha3"), "rsa-sha3 is not believed"),
    "a key of another kind": (changed(b"a=rsa-sha256", b"a=ed25519-sha256"), "is of another kind"),
    "another version": (changed(b"v=1", b"v=2"), "cannot be read"),
    "a tag twice": (changed(b"v=1;", b"v=1; v=1;"), "no signature of client.example"),
    "no value": (changed(b"bh=", b"bh=;xx="), "cannot be read"),
    "keys from elsewhere": (ANN.sign(PLAIN, q="http"), "is not in DNS"),
    "a selector that leads elsewhere": (ANN.sign(PLAIN, s="x._domainkey.evil.example. "), "cannot be read"),
    "a canonical form of the future": (changed(b"c=relaxed/relaxed", b"c=relaxed/nofws"), "cannot be read"),
    "blanks without end": (changed(b"v=1;", b"v=1;" + b" " * 5000), "no signature of client.example"),
    "a signature without end": (changed(b"v=1;", b"v=1; x" + b"y" * 9000 + b"=1;"), "no signature of client.example"),
    "names without end": (ANN.sign(PLAIN, "from:to:subject:date:message-id" + ":x" * 300), "cannot be read"),
}


@pytest.mark.parametrize("name", FORGED)
def test_it_proves_nothing(name: str) -> None:
    refused(*FORGED[name])


HIDDEN = b"Subject: hidden\r\n\r\nApproved!"
DOUBLE = {  # what one reader takes for a header, or for the end of them, and another does not
    "a bare CR": b"X-A: b\rTo: mallory@evil.example\r\n",
    "bare CRs for a blank line": b"X-A: b\r\rApproved twice!\r\n",
    "a line of blanks": b"X-A: b\r\n \r\n Approved twice!\r\n",
    "a line of tabs": b"X-A: b\r\n\t\r\n Approved twice!\r\n",
    "a blank before the colon": b"X-A : b\r\n",
    "no name": b": b\r\n",
    "no header at all": b"Approved twice!\r\n",
    "a line of an old mailbox": b"From ann@client.example Sat Jan 10 09:00:00 2026\r\n",
    "a NUL": b"X-A: b\0c\r\n",
    "a form feed": b"X-A: b\x0cc\r\n",
    "a thousand headers": b"X-A: b\r\n" * 1100,
}


@pytest.mark.parametrize("name", DOUBLE)
@pytest.mark.parametrize("place", ["above", "within", "last"])
def test_headers_that_can_be_read_in_two_ways(name: str, place: str) -> None:
    odd = DOUBLE[name]
    before = {"above": b"DKIM-Signature:", "within": b"To: orders", "last": b"\r\nApproved!"}[place]
    mail = changed(before, odd + before)
    proof = proved(mail)
    assert not proof.ok, parse(mail).text


# A body whose type is not signed could be read along another boundary.
QUOTING = MULTI.replace(b"> ---cut", b"-----cut")
TYPES = {
    "another boundary": QUOTING.replace(b'boundary="b1"', b'boundary="---cut"'),
    "the boundary of a part further down": MULTI.replace(b'boundary="b1"', b'boundary="b1--"'),
    "no boundary": MULTI.replace(b'; boundary="b1"', b""),
    "two types": MULTI.replace(b"Content-Type: multipart", b"Content-Type: text/plain\r\nContent-Type: multipart", 1),
    "another mail": MULTI.replace(b"multipart/alternative", b"message/rfc822"),
    "coded": MULTI.replace(b"MIME-Version: 1.0", b"Content-Transfer-Encoding: base64"),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_that_is_not_signed_must_fit_the_body(name: str) -> None:
    honest = QUOTING if name == "another boundary" else MULTI
    assert proved(ANN.sign(honest, GOOGLE)).ok
    forged = TYPES[name]
    head, _, _ = forged.partition(b"\r\n\r\n")
    signature, _, _ = ANN.sign(honest, "from:to:subject:date:message-id").partition(b"From:")
    refused(signature + forged, "does not cover Content-Type")
    assert head != forged


# --- keys ---------------------------------------------------------------------------------------------------------

WEAK = Signer(key=signing.rsa(768))
SHORT = Signer(key=signing.rsa(1024))
BROKEN_KEYS: dict[str, tuple[tuple[bytes, ...] | None, str]] = {
    "missing": ((), "there is no key at s1._domainkey.client.example"),
    "no answer": (None, "no name server has answered for s1._domainkey.client.example"),
    "withdrawn": ((ANN.record(p=""),), "has been withdrawn"),
    "no key in it": ((b"v=DKIM1; k=rsa",), "cannot be read"),
    "two of them": ((ANN.record(), ANN.record()), "there are 2 keys"),
    "no tags": ((b"hello world",), "cannot be read"),
    "nothing": ((b"",), "cannot be read"),
    "another version": ((ANN.record(v="DKIM2"),), "cannot be read"),
    "no base64": ((ANN.record(p="%%%"),), "cannot be read"),
    "half a key": ((ANN.record(p=ANN.public[:100]),), "cannot be read"),
    "another kind": ((ANN.record(k="dsa"),), "is of another kind"),
    "an ed25519 key": ((ED.record(),), "is of another kind"),
    "for tests": ((ANN.record("; t=y"),), "is for tests only"),
    "for tests, among others": ((ANN.record("; t=s:y"),), "is for tests only"),
    "for something else": ((ANN.record("; s=tlsrpt"),), "is for something else"),
    "for SHA-1": ((ANN.record("; h=sha1"),), "is for something else"),
    "another key": ((EVIL.record(),), "does not hold"),
    "without end": ((ANN.record("; n=" + "x" * 5000),), "cannot be read"),
}


@pytest.mark.parametrize("name", BROKEN_KEYS)
def test_keys_that_are_none(name: str) -> None:
    record, why = BROKEN_KEYS[name]
    refused(SIGNED, why, {ANN.name: record})


@pytest.mark.parametrize("more", ["; s=email", "; s=*", "; h=sha1:sha256", "; t=s", "; n=a note", ";"])
def test_keys_with_notes_that_do_not_matter(more: str) -> None:
    assert proved(SIGNED, {ANN.name: (ANN.record(more),)}).ok


def test_an_identity_below_the_domain_where_the_key_allows_it() -> None:
    signed = ANN.sign(PLAIN, i="ann@mail.client.example")
    assert proved(signed).ok
    refused(signed, "is not for mail.client.example", {ANN.name: (ANN.record("; t=s"),)})


def test_weak_keys() -> None:
    refused(WEAK.sign(PLAIN), "too weak", keys(WEAK))
    proof = proved(SHORT.sign(PLAIN), keys(SHORT))
    assert proof.ok
    assert "1024 bits" in proof.how


def test_a_key_that_would_take_hours_is_not_used() -> None:
    """A modulus of 6,000 bits, or an exponent as long as the modulus: within a record's bounds, beyond a key's."""
    number = b"\x00\xc1" + b"\x5b" * 748 + b"\x03"

    def part(tag: int, data: bytes) -> bytes:
        return bytes([tag, 0x82, len(data) >> 8, len(data) & 255]) + data

    key = signing.base64.b64encode(part(0x30, part(0x02, number) + part(0x02, b"\x03"))).decode()
    refused(SIGNED, "none that anybody uses (6000 bits)", {ANN.name: (ANN.record(p=key),)})
    small = b"\x00" + bytes.fromhex("c1" + "5b" * 126 + "03")
    slow = signing.base64.b64encode(part(0x30, part(0x02, small) + part(0x02, small[:-1] + b"\x01"))).decode()
    refused(SIGNED, "none that anybody uses (1024 bits)", {ANN.name: (ANN.record(p=slow),)})


def test_a_name_server_that_is_silent_is_waited_for_once() -> None:
    asked: list[str] = []

    def silent(name: str) -> None:
        asked.append(name)

    signed = ANN.sign(ED.sign(Signer(selector="s2").sign(PLAIN)))
    sealed = EVIL.seal(signed, "evil.example; dmarc=pass header.from=client.example")
    proof = prove(parse(sealed), BORDER, Signatures(silent, NOW, ("evil.example",)))
    assert not proof.ok
    assert len(asked) == 1


def test_a_bounded_number_of_keys_is_looked_up() -> None:
    asked: list[str] = []

    def none(name: str) -> tuple[bytes, ...]:
        asked.append(name)
        return ()

    mail = PLAIN
    for number in range(50):
        mail = Signer(selector=f"s{number}").sign(mail)
    assert not prove(parse(mail), BORDER, Signatures(none, NOW)).ok
    assert len(asked) == 4
    prove(parse(EVIL.sign(PLAIN)), BORDER, Signatures(none, NOW))
    assert len(asked) == 4  # not those of domains that prove nothing


def test_a_large_mail_is_verified_in_bounded_time_and_memory() -> None:
    fillings = (b" " * 60 + b"x\r\n", b"\r\n", b"\n", b" \t", b"\r", b"A" * 76 + b"\r\n")
    for filling in fillings:
        body = filling * (20_000_000 // len(filling))
        signed = ANN.sign(PLAIN).replace(b"Approved!\r\n", body + b"x\r\n")
        message = parse(signed)
        started = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        refused_by = prove(message, BORDER, Signatures(lambda name: ALL.get(name, ()), NOW))
        assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - started < 2
        assert "the body was altered" in refused_by.how or "too big" in refused_by.how


# --- beside what the border says ----------------------------------------------------------------------------------

RECEIVED = "Received: from out.client.example by mx.studio.example with ESMTPS id 4; Sat, 10 Jan 2026\r\n"


def stamped(results: str, mail: bytes = SIGNED) -> bytes:
    return f"Authentication-Results: mx.studio.example; {results}\r\n{RECEIVED}".encode() + mail


@pytest.mark.parametrize(
    ("results", "how"),
    [
        ("dmarc=pass header.from=client.example", "dmarc=pass by mx.studio.example"),
        ("dmarc=none header.from=client.example", "dkim=pass d=client.example"),
        ("dmarc=temperror header.from=client.example", "dkim=pass d=client.example"),
        ("dkim=pass header.d=client.example", "dkim=pass d=client.example verified here"),
        ("none", "dkim=pass d=client.example"),
    ],
)
def test_a_signature_counts_where_the_border_is_silent(results: str, how: str) -> None:
    proof = proved(stamped(results))
    assert proof.ok, proof.how
    assert how in proof.how


@pytest.mark.parametrize(
    "results",
    [
        "dmarc=fail header.from=client.example",
        "dmarc=none header.from=client.example; dmarc=fail header.from=client.example",
        "dmarc=pass header.from=evil.example",
        "dmarc=pass",
        "dmarc=none header.from=client.example; compauth=fail",
        "dmarc=((( broken",
    ],
)
def test_what_the_border_says_against_the_sender_stands(results: str) -> None:
    proof = proved(stamped(results))
    assert not proof.ok
    assert "dkim=pass" not in proof.how


def test_nothing_is_asked_where_the_border_has_spoken_or_signatures_are_not_wanted() -> None:
    def asked(name: str) -> tuple[bytes, ...]:
        raise AssertionError(name)

    assert prove(parse(stamped("dmarc=pass header.from=client.example")), BORDER, Signatures(asked, NOW)).ok
    assert not prove(parse(stamped("dmarc=fail header.from=client.example")), BORDER, Signatures(asked, NOW)).ok
    proof = prove(parse(SIGNED), BORDER)
    assert (proof.ok, proof.how) == (False, "no Authentication-Results of our border")


@pytest.mark.parametrize(
    ("line", "domain"),
    [
        ("From: Friends: ann@client.example;", "client.example"),
        ("From: ann@client.example, bob@client.example", "client.example"),
        ('From: "bob@client.example" <ann@client.example>', "client.example"),
        ("From: ann@client.example@evil.example", "evil.example"),
        ("From: <@evil.example:ann@client.example>", "evil.example"),
        ("From: Ann <ann@сlient.example>", "client.example"),
        ("From: Ann <ann@xn--lient-0ye.example>", "client.example"),
        ("From: Ann <ann@c1ient.example>", "client.example"),
    ],
)
def test_a_sender_who_cannot_be_told_or_looks_like_another(line: str, domain: str) -> None:
    mail = PLAIN.replace(FROM.encode(), f"{line}\r\n".encode())
    signer = Signer(domain)
    assert not proved(signer.sign(mail), keys(signer)).ok


def test_a_lookalike_proves_only_itself() -> None:
    lookalike = Signer("xn--lient-0ye.example")
    mail = PLAIN.replace(b"ann@client.example", "ann@сlient.example".encode())
    proof = proved(lookalike.sign(mail), keys(lookalike))
    assert proof.ok
    assert "d=xn--lient-0ye.example" in proof.how


RFC_8463 = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""


def test_a_broken_signature_speaks_against_the_sender_and_none_does_not() -> None:
    assert proved(PLAIN).uncontested
    altered = proved(SIGNED + b"Approved!\r\n")
    assert not altered.ok
    assert not altered.uncontested
