"""Who is believed, and what is not: real forms of Authentication-Results, and the ways to forge them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mailbot.reading.message import parse
from mailbot.reading.proof import Trust, prove
from mailbot.reading.trace import read_hop

PROOFS = tomllib.loads(Path(__file__).with_name("proofs.toml").read_text("utf-8"))["proof"]
BORDER = "mx.studio.example"
TRUST = Trust((BORDER,))
TRUSTS = {
    "studio": TRUST,
    "gmail": Trust(("mx.google.com",)),
    "studio-and-gmail": Trust((BORDER, "mx.google.com")),
    "microsoft365": Trust(microsoft365=True),
    "nobody": Trust(),
}

FROM = "From: Ann Lee <ann@client.example>"
PASS = f"Authentication-Results: {BORDER}; dmarc=pass header.from=client.example"
RECEIVED = (
    f"Received: from mail.client.example (mail.client.example [203.0.113.7]) by {BORDER} (Postfix) with ESMTPS id 4"
)


def mail(*headers: str, sender: str | None = FROM) -> bytes:
    lines = [
        *headers,
        *([sender] if sender is not None else []),
        "To: orders@studio.example",
        "Subject: x",
        "",
        "Approved!",
    ]
    return "\n".join(lines).encode("utf-8")


def ar(text: str) -> str:
    return f"Authentication-Results: {BORDER}; {text}"


@pytest.mark.parametrize("case", PROOFS, ids=lambda case: case["name"])
def test_proof(case: dict[str, str]) -> None:
    proof = prove(parse(mail(*case["headers"].strip("\n").split("\n"))), TRUSTS[case["trust"]])
    assert proof.ok == case["proven"], proof.how
    assert case.get("how", "") in proof.how


def test_there_are_enough_forgeries() -> None:
    assert sum(not case["proven"] for case in PROOFS) + len(ODD_FROM) >= 60


@pytest.mark.parametrize(
    "sender",
    [
        "From: ann@client.example",
        "From: <ann@client.example>",
        "From: ANN@Client.Example (Ann Lee)",
        'From: "Lee, Ann" <ann@client.example>',
        'From: "ann@client.example" <ann@client.example>',
        "From: =?utf-8?q?Lee=2C_Ann=C3=A9?= <ann@client.example>",
        'From: "Ann: Larkspur" <ann@client.example>',
        "From: Ann\n Lee\n <ann@client.example>",
        "From: Ann (Larkspur Events) Lee <ann@client.example>",
    ],
)
def test_honest_ways_to_write_from(sender: str) -> None:
    assert prove(parse(mail(PASS, RECEIVED, sender=sender)), TRUST).ok


def test_domain_beyond_ascii_is_compared_as_a_label() -> None:
    sender = "From: Jürgen <j@bücher.example>"
    ours = ar("dmarc=pass header.from=xn--bcher-kva.example")
    assert prove(parse(mail(ours, RECEIVED, sender=sender)), TRUST).ok
    other = ar("dmarc=pass header.from=bucher.example")
    assert not prove(parse(mail(other, RECEIVED, sender=sender)), TRUST).ok


ODD_FROM = {
    "none": (None, "no From header"),
    "empty": ("From: ", "From"),
    "two headers": (f"{FROM}\nFrom: evil@evil.example", "two From headers"),
    "two equal headers": (f"{FROM}\n{FROM}", "two From headers"),
    "two addresses": ("From: ann@client.example, evil@evil.example", "several addresses"),
    "two addresses, a semicolon": ("From: ann@client.example; evil@evil.example", ""),
    "a group": ("From: Friends: ann@client.example;", "not written as one plain address"),
    "a group of two": ("From: Friends: ann@client.example, bob@client.example;", ""),
    "an empty group": ("From: Undisclosed:;", ""),
    "another address as the name": ('From: "bob@evil.example" <ann@client.example>', "display name"),
    "another address in a comment": ("From: ann@client.example (bob@evil.example)", "display name"),
    "another address, encoded": ("From: =?utf-8?q?bob=40evil=2Eexample?= <ann@client.example>", "display name"),
    "the trusted address as the name": ("From: ann@client.example <evil@evil.example>", "display name"),
    "the trusted address as a quoted name": ('From: "ann@client.example" <evil@evil.example>', "display name"),
    "with a wide at sign": ("From: ann＠client.example <evil@evil.example>", ""),
    "two pairs of brackets": ("From: <ann@client.example> <evil@evil.example>", ""),
    "words behind the address": ("From: <ann@client.example> or so", "not written as one plain address"),
    "words without brackets": ("From: Ann ann@client.example", ""),
    "a route": ("From: <@evil.example:ann@client.example>", ""),
    "two at signs": ("From: ann@client.example@evil.example", ""),
    "a quoted local part": ('From: "ann@client.example"@evil.example', ""),
    "a quoted local part with the domain": ('From: "ann smith"@client.example', ""),
    "a domain in brackets": ("From: ann@[203.0.113.66]", ""),
    "no domain": ("From: ann", ""),
    "a bare host": ("From: ann@localhost", "domain in From"),
    "a lookalike": ("From: Ann <ann@c1ient.example>", "not for c1ient.example"),
    "a Cyrillic lookalike": ("From: Ann <ann@сlient.example>", "not for xn--lient-0ye.example"),
    "a punycode lookalike": ("From: Ann <ann@xn--lient-0ye.example>", "not for xn--lient-0ye.example"),
    "a wide full stop": ("From: Ann <ann@client．evil．example>", ""),
    "a zero-width blank": ("From: Ann <ann@client\u200b.example>", ""),
    "a trailing dot": ("From: ann@client.example.", ""),
    "a null address": ("From: <>", ""),
    "a percent route": ("From: <ann%client.example@evil.example>", "not for evil.example"),
    "an unclosed bracket": ("From: Ann <ann@client.example", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_FROM)
def test_odd_from(name: str) -> None:
    sender, reason = ODD_FROM[name]
    proof = prove(parse(mail(PASS, RECEIVED, sender=sender)), TRUST)
    assert not proof.ok
    assert reason in proof.how


def test_nothing_inside_a_forwarded_part_is_believed() -> None:
    inner = mail(PASS, RECEIVED).decode()
    outer = mail("Content-Type: message/rfc822", sender=FROM).decode().split("\n\n")[0]
    assert not prove(parse(f"{outer}\n\n{inner}".encode()), TRUST).ok


def test_hop_is_read_by_its_grammar() -> None:
    hop = read_hop("from a (b (c) [203.0.113.7]) by d (Postfix) via tcp with ESMTPS id e; Mon, 5 Jan 2026")
    assert (hop.name, hop.seen, hop.by, hop.protocol) == ("a", "(b (c) [203.0.113.7])", "d", "ESMTPS")
    assert read_hop("(qmail 1 invoked by uid 0); 1 Jan 2026").by == ""
