"""Who is believed, and what is not: real forms of Authentication-Results, and the ways to forge them."""

from __future__ import annotations

import pytest

from mailbot.reading.message import parse
from mailbot.reading.proof import Trust, prove
from mailbot.reading.trace import read_hop

BORDER = "mx.studio.example"
TRUST = Trust((BORDER,))
GMAIL = Trust(("mx.google.com",))
M365 = Trust(microsoft365=True)

FROM = "From: Ann Lee <ann@client.example>"
PASS = f"Authentication-Results: {BORDER}; dmarc=pass header.from=client.example"
RECEIVED = (
    f"Received: from mail.client.example (mail.client.example [203.0.113.7])\n\tby {BORDER} (Postfix) with ESMTPS id 4A1;\n"
    "\tMon, 05 Jan 2026 10:00:00 +0000 (UTC)"
)
EVIL = (
    f"Received: from mail.client.example (evil.example [203.0.113.66])\n\tby {BORDER} (Postfix) with ESMTP id 4A2;\n"
    "\tMon, 05 Jan 2026 10:00:00 +0000 (UTC)"
)
LMTP = (
    "Return-Path: <ann@client.example>\nDelivered-To: orders@studio.example\n"
    f"Received: from {BORDER}\n\tby imap.studio.example with LMTP\n\tid kK2nFt (envelope-from <ann@client.example>)\n"
    "\tfor <orders@studio.example>; Mon, 05 Jan 2026 10:00:01 +0000"
)


def mail(*headers: str, sender: str | None = FROM) -> bytes:
    lines = [*headers, *([sender] if sender is not None else []), "To: orders@studio.example", "Subject: x", "", "Approved!"]
    return "\n".join(lines).encode("utf-8")


def ar(text: str, by: str = BORDER) -> str:
    return f"Authentication-Results: {by}; {text}"


GENUINE = {
    "directly above the border's Received": ((PASS, RECEIVED), TRUST),
    "no Received at all (delivered by hand)": ((PASS,), TRUST),
    "Dovecot's LMTP on top": ((LMTP, PASS, RECEIVED), TRUST),
    "Cyrus' LMTP on top": (("Received: from mx ([unix socket]) by imap (Cyrus 3.4) with LMTPA; Mon, 5 Jan 2026", PASS, RECEIVED), TRUST),
    "a content filter on the loopback between": (
        (
            LMTP,
            f"Received: from localhost (localhost [127.0.0.1])\n\tby {BORDER} (Postfix) with ESMTP id 3; Mon, 5 Jan 2026",
            f"Received: from {BORDER} ([IPv6:::1])\n\tby localhost ({BORDER} [127.0.0.1]) (amavisd-new, port 10024)\n\twith ESMTP id 2",
            PASS,
            RECEIVED,
        ),
        TRUST,
    ),
    "OpenDKIM and OpenDMARC, each its header": (
        (
            LMTP,
            ar("dmarc=pass (p=quarantine dis=none) header.from=client.example"),
            ar("spf=pass smtp.mailfrom=client.example"),
            ar('dkim=pass (2048-bit key; unprotected) header.d=client.example header.i=@client.example header.b="k/2+p";\n\tdkim-atps=neutral'),
            RECEIVED,
        ),
        TRUST,
    ),
    "rspamd": (
        (
            "X-Spamd-Result: default: False [-3.5 / 15.00]",
            ar(
                "\n\tdkim=pass header.d=client.example header.s=s1 header.b=Qx1cD2;\n"
                "\tspf=pass (mx: domain of ann@client.example designates 203.0.113.7 as permitted sender) smtp.mailfrom=ann@client.example;\n"
                "\tarc=none;\n\tdmarc=pass (policy=reject) header.from=client.example;"
            ),
            RECEIVED,
        ),
        TRUST,
    ),
    "Exim": ((ar("iprev=pass (mail.client.example) smtp.remote-ip=203.0.113.7; spf=pass smtp.mailfrom=client.example; dmarc=pass header.from=client.example; arc=none"), RECEIVED), TRUST),
    "the id in another case, with a version": ((ar("dmarc=pass header.from=Client.Example", "MX.studio.EXAMPLE 1"), RECEIVED), TRUST),
    "the id as a quoted string": ((ar("dmarc=pass header.from=client.example", f'"{BORDER}"'), RECEIVED), TRUST),
    "comments and blanks as the grammar allows": ((ar("dmarc (x (y)) = pass (p=none; z) header.from = client.example"), RECEIVED), TRUST),
    "a foreign server's results beside": ((ar("dmarc=fail header.from=client.example", "other.example"), PASS, RECEIVED), TRUST),
    "Gmail": (
        (
            "Delivered-To: orders@studio.example",
            "Received: by 2002:a05:6359:6385:b0:12f:6a5b:27f8 with SMTP id sf5csp1234567rwb;\n        Mon, 5 Jan 2026 02:00:02 -0800 (PST)",
            "X-Google-Smtp-Source: AGHT+IFx",
            "X-Received: by 2002:a17:907:72c1:b0:a1b:763b:7fc9 with SMTP id du1-20020a17;\n        Mon, 05 Jan 2026 02:00:02 -0800 (PST)",
            "ARC-Seal: i=1; a=rsa-sha256; t=1767607202; cv=none; d=google.com; s=arc-20240605; b=abc",
            "ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@client.example; dmarc=pass header.from=client.example",
            "Return-Path: <ann@client.example>",
            "Received: from mail.client.example (mail.client.example. [203.0.113.7])\n        by mx.google.com with ESMTPS id x1-20020a17\n"
            "        for <orders@studio.example>\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\n        Mon, 05 Jan 2026 02:00:01 -0800 (PST)",
            "Received-SPF: pass (google.com: domain of ann@client.example designates 203.0.113.7 as permitted sender) client-ip=203.0.113.7;",
            'Authentication-Results: mx.google.com;\n       dkim=pass header.i=@client.example header.s=sel header.b="Kx/1+9";\n'
            "       spf=pass (google.com: domain of ann@client.example designates 203.0.113.7 as permitted sender) smtp.mailfrom=ann@client.example;\n"
            "       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=client.example",
            "DKIM-Signature: v=1; a=rsa-sha256; d=client.example; s=sel; h=from; bh=x; b=y",
        ),
        GMAIL,
    ),
    "Microsoft 365": (
        (
            "Received: from AM0PR01MB1.eurprd01.prod.exchangelabs.example.outlook.com (2603:10a6::1) by DB8PR01MB2.eurprd01.prod.outlook.com with\n HTTPS; Mon, 5 Jan 2026 10:00:03 +0000",
            "Received: from DB5EUR01FT001.eop-EUR01.prod.protection.outlook.com (2603:10a6::2) by AM0PR01CA0001.outlook.office365.com (2603:10a6::3) with Microsoft SMTP Server\n (version=TLS1_2) id 15.20.1; Mon, 5 Jan 2026 10:00:02 +0000",
            "Authentication-Results: spf=pass (sender IP is 203.0.113.7)\n smtp.mailfrom=client.example; dkim=pass (signature was verified)\n header.d=client.example;dmarc=pass action=none\n header.from=client.example;compauth=pass reason=100",
            "Received-SPF: Pass (protection.outlook.com: domain of client.example designates 203.0.113.7 as permitted sender)",
            "Received: from mail.client.example (203.0.113.7) by DB5EUR01FT001.mail.protection.outlook.com (10.152.4.2) with Microsoft SMTP Server (version=TLS1_2) id 15.20.1; Mon, 5 Jan 2026 10:00:01 +0000",
        ),
        M365,
    ),
    "Microsoft 365, only the header": (("Authentication-Results: spf=pass smtp.mailfrom=client.example; dmarc=pass action=none header.from=client.example;compauth=pass reason=100",), M365),
}


@pytest.mark.parametrize("name", GENUINE)
def test_genuine(name: str) -> None:
    headers, trust = GENUINE[name]
    proof = prove(parse(mail(*headers)), trust)
    assert proof.ok, proof.how
    assert proof.how.startswith("dmarc=pass by ")


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


HELO_TRICKS = [
    "from localhost (evil.example [203.0.113.66])",
    "from [127.0.0.1] (unknown [203.0.113.66])",
    "from localhost (localhost.evil.example [203.0.113.66])",
    "from [203.0.113.66] (helo=[127.0.0.1])",
    "from evil ([203.0.113.66] helo=localhost)",
    "from unknown (HELO [127.0.0.1]) (203.0.113.66)",
    "from localhost",
    "from localhost (127.0.0.1.evil.example [203.0.113.66])",
    "from LMTP (with LMTP by x [203.0.113.66])",
    'from "x by y with LMTP id" (evil [203.0.113.66])',
    "from x.outlook.com (203.0.113.66)",
]

FORGED = {
    # where the header stands
    "no header": ((RECEIVED,), TRUST, "no Authentication-Results of our border"),
    "below the border's Received": ((EVIL, PASS), TRUST, "no Authentication-Results of our border"),
    "below LMTP and the border's Received": ((LMTP, EVIL, PASS), TRUST, "no Authentication-Results of our border"),
    "below two Received": ((EVIL, RECEIVED, PASS), TRUST, "no Authentication-Results of our border"),
    "our border says fail, a forged one below": ((ar("dmarc=fail header.from=client.example"), EVIL, PASS), TRUST, "dmarc=fail"),
    "our border says nothing of dmarc, a forged one below": ((ar("spf=pass smtp.mailfrom=evil.example"), EVIL, PASS), TRUST, "no DMARC result"),
    "our border says none, a forged one below": ((ar("none"), EVIL, PASS), TRUST, "no DMARC result"),
    "below the sender's own headers": (("Subject: y", PASS), TRUST, "no Authentication-Results of our border"),
    "below a DKIM-Signature": (("DKIM-Signature: v=1; d=evil.example", PASS), TRUST, "no Authentication-Results of our border"),
    "below Resent headers": (("Resent-From: ann@client.example", PASS), TRUST, "no Authentication-Results of our border"),
    "below MIME headers": (("Content-Type: text/plain", PASS), TRUST, "no Authentication-Results of our border"),
    "below a local submission": ((f"Received: by {BORDER} (Postfix, from userid 33)\n\tid 9; Mon, 5 Jan 2026", PASS), TRUST, "no Authentication-Results of our border"),
    "too many local hops": ((*(LMTP.split("\n", 2)[2],) * 9, PASS, RECEIVED), TRUST, "no Authentication-Results of our border"),
    **{
        f"a client that calls itself: {trick}": ((f"Received: {trick} by {BORDER} (Postfix) with ESMTP id 1; x", PASS), TRUST, "no Authentication-Results of our border")
        for trick in HELO_TRICKS
    },
    "an envelope sender that says LMTP": ((f'Received: from evil (evil [203.0.113.66]) by {BORDER} with ESMTP (envelope-from <"with LMTP id"@evil.example>); x', PASS), TRUST, "no Authentication-Results of our border"),
    "in the body": ((), TRUST, "no Authentication-Results of our border"),
    "ARC's header is another": ((PASS.replace("Authentication", "ARC-Authentication"), RECEIVED), TRUST, "no Authentication-Results of our border"),
    "Authentication-Results-Original": ((PASS.replace("Results", "Results-Original"), RECEIVED), TRUST, "no Authentication-Results of our border"),
    "X-Authentication-Results": (("X-" + PASS, RECEIVED), TRUST, "no Authentication-Results of our border"),
    # whose it is
    "nobody is trusted": ((PASS, RECEIVED), Trust(), "no server is trusted"),
    "another server": ((ar("dmarc=pass header.from=client.example", "mx.evil.example"), RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "a longer name": ((ar("dmarc=pass header.from=client.example", BORDER + ".evil.example"), RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "a shorter name": ((ar("dmarc=pass header.from=client.example", "studio.example"), RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "a name before it": ((ar("dmarc=pass header.from=client.example", "evil-" + BORDER), RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "a trailing dot": ((ar("dmarc=pass header.from=client.example", BORDER + "."), RECEIVED), TRUST, "Authentication-Results"),
    "our name only in a comment": ((f"Authentication-Results: ({BORDER}) evil.example; dmarc=pass header.from=client.example", RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "our name only as a property": ((f"Authentication-Results: evil.example; dmarc=pass header.from=client.example policy.by={BORDER}", RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "Microsoft's form where it is not asked for": (("Authentication-Results: dmarc=pass action=none header.from=client.example", RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "a version that is not known": ((ar("dmarc=pass header.from=client.example", BORDER + " 2"), RECEIVED), TRUST, "cannot be read"),
    # what it says
    "fail": ((ar("dmarc=fail header.from=client.example"), RECEIVED), TRUST, "dmarc=fail"),
    "none": ((ar("dmarc=none header.from=client.example"), RECEIVED), TRUST, "dmarc=none"),
    "temperror": ((ar("dmarc=temperror header.from=client.example"), RECEIVED), TRUST, "dmarc=temperror"),
    "bestguesspass": ((ar("dmarc=bestguesspass header.from=client.example"), RECEIVED), TRUST, "dmarc=bestguesspass"),
    "passed": ((ar("dmarc=passed header.from=client.example"), RECEIVED), TRUST, "dmarc=passed"),
    "only spf and dkim": ((ar("spf=pass smtp.mailfrom=client.example; dkim=pass header.d=client.example"), RECEIVED), TRUST, "no DMARC result"),
    "pass and fail in one header": ((ar("dmarc=pass header.from=client.example; dmarc=fail header.from=client.example"), RECEIVED), TRUST, "dmarc=fail"),
    "fail and pass in one header": ((ar("dmarc=fail header.from=client.example; dmarc=pass header.from=client.example"), RECEIVED), TRUST, "dmarc=fail"),
    "pass and fail in two headers": ((PASS, ar("dmarc=fail header.from=client.example"), RECEIVED), TRUST, "dmarc=fail"),
    "pass on top of a local hop, fail below it": ((PASS, LMTP, ar("dmarc=fail header.from=client.example"), RECEIVED), TRUST, "dmarc=fail"),
    "for another domain": ((ar("dmarc=pass header.from=evil.example"), RECEIVED), TRUST, "is for evil.example"),
    "for the parent domain": ((ar("dmarc=pass header.from=example"), RECEIVED), TRUST, "is for example"),
    "for a subdomain": ((ar("dmarc=pass header.from=mail.client.example"), RECEIVED), TRUST, "is for mail.client.example"),
    "for a name that only begins so": ((ar("dmarc=pass header.from=client.example.evil.example"), RECEIVED), TRUST, "is for client.example.evil.example"),
    "for two domains": ((ar("dmarc=pass header.from=client.example; dmarc=pass header.from=evil.example"), RECEIVED), TRUST, "is for evil.example"),
    "for two domains in one result": ((ar("dmarc=pass header.from=evil.example header.from=client.example"), RECEIVED), TRUST, "is for"),
    "for no domain": ((ar("dmarc=pass"), RECEIVED), TRUST, "names no domain"),
    "for a domain by another property": ((ar("dmarc=pass smtp.from=client.example"), RECEIVED), TRUST, "names no domain"),
    "for a domain in a comment": ((ar("dmarc=pass (header.from=client.example)"), RECEIVED), TRUST, "names no domain"),
    # smuggled
    "in a comment": ((ar("spf=fail (x; dmarc=pass header.from=client.example) smtp.mailfrom=evil.example"), RECEIVED), TRUST, "no DMARC result"),
    "in a nested comment": ((ar("spf=fail (a (b) ; dmarc=pass header.from=client.example) smtp.mailfrom=evil.example"), RECEIVED), TRUST, "no DMARC result"),
    "behind an escaped bracket": ((ar("spf=fail (a \\) ; dmarc=pass header.from=client.example) smtp.mailfrom=evil.example"), RECEIVED), TRUST, "no DMARC result"),
    "in a quoted local part": ((ar('spf=pass smtp.mailfrom="a; dmarc=pass header.from=client.example"@evil.example'), RECEIVED), TRUST, "no DMARC result"),
    "behind an escaped quote": ((ar('spf=pass smtp.mailfrom="a\\"; dmarc=pass header.from=client.example; x=\\""@evil.example'), RECEIVED), TRUST, "no DMARC result"),
    "in a reason": ((ar('spf=fail reason="; dmarc=pass header.from=client.example"'), RECEIVED), TRUST, "no DMARC result"),
    "as a property of another method": ((ar("spf=pass dmarc=pass header.from=client.example"), RECEIVED), TRUST, "no DMARC result"),
    "as another method's name": ((ar("x-dmarc=pass header.from=client.example"), RECEIVED), TRUST, "no DMARC result"),
    "in a comment that never ends": ((ar("spf=fail (x; dmarc=pass header.from=client.example"), RECEIVED), TRUST, "cannot be read"),
    "in a string that never ends": ((ar('spf=fail smtp.mailfrom="x; dmarc=pass header.from=client.example'), RECEIVED), TRUST, ""),
    "one that reads well and one that does not": ((PASS, ar("spf=fail (x; dmarc=pass"), RECEIVED), TRUST, "cannot be read"),
    "as an encoded word": ((ar('spf=pass smtp.mailfrom="=?us-ascii?q?a=22=3B_dmarc=3Dpass_header=2Efrom=3Dclient=2Eexample?="@evil.example'), RECEIVED), TRUST, "no DMARC result"),
    "LMTP as an encoded word in the client's name": ((f"Received: from =?us-ascii?q?x_by_y_with_LMTP_id_=28?= (evil [203.0.113.66]) by {BORDER} with ESMTP; x", PASS), TRUST, "no Authentication-Results of our border"),
    # Gmail
    "Gmail: below the sender's headers": (("Received: from evil (evil. [203.0.113.66]) by mx.google.com with ESMTPS id 1; x", "Subject: y", PASS.replace(BORDER, "mx.google.com")), GMAIL, "no Authentication-Results of our border"),
    "Gmail: forged below the real one": (
        (
            "Received: from evil (evil. [203.0.113.66]) by mx.google.com with ESMTPS id 1; x",
            ar("spf=pass; dmarc=fail (p=REJECT) header.from=client.example", "mx.google.com"),
            PASS.replace(BORDER, "mx.google.com"),
        ),
        GMAIL,
        "dmarc=fail",
    ),
    "Gmail's results where Gmail is not the border": ((EVIL, "Received: from evil (evil. [203.0.113.66]) by mx.google.com with ESMTPS id 1; x", PASS.replace(BORDER, "mx.google.com")), Trust((BORDER, "mx.google.com")), "no Authentication-Results of our border"),
    "Gmail: a border of that name that the sender made up": ((EVIL.replace(BORDER, "mx.google.com.evil.example"), PASS.replace(BORDER, "mx.google.com")), GMAIL, "no Authentication-Results of our border"),
    # Microsoft 365
    "365: compauth=fail": (("Authentication-Results: dmarc=pass action=none header.from=client.example;compauth=fail reason=000",), M365, "compauth=fail"),
    "365: dmarc=fail": (("Authentication-Results: spf=pass smtp.mailfrom=evil.example; dmarc=fail action=oreject header.from=client.example;compauth=pass reason=100",), M365, "dmarc=fail"),
    "365: below the border": (("Received: from evil (203.0.113.66) by DB5EUR01FT001.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server id 1; x", "Authentication-Results: dmarc=pass action=none header.from=client.example"), M365, "no Authentication-Results of our border"),
    "365: below a border that is called by an Outlook name": (("Received: from x.outlook.com (203.0.113.66) by DB5EUR01FT001.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server id 1; x", "Authentication-Results: dmarc=pass action=none header.from=client.example"), M365, "no Authentication-Results of our border"),
    "365: another server's header": ((ar("dmarc=pass header.from=client.example", "mx.evil.example"),), M365, "no Authentication-Results of a trusted server"),
    "365: the name that we use inside": ((ar("dmarc=pass header.from=client.example", "microsoft365.invalid"), RECEIVED), TRUST, "no Authentication-Results of a trusted server"),
    "365: forged below the real one": (("Authentication-Results: spf=fail; dmarc=fail action=none header.from=client.example", "Authentication-Results: dmarc=pass action=none header.from=client.example"), M365, "dmarc=fail"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged(name: str) -> None:
    headers, trust, reason = FORGED[name]
    proof = prove(parse(mail(*headers)), trust)
    assert not proof.ok
    assert reason in proof.how


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
    "another address as an encoded name": ("From: =?utf-8?q?bob=40evil=2Eexample?= <ann@client.example>", "display name"),
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
