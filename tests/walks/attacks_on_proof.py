# ruff: noqa: E501 - headers as they are sent, one line each
"""Who wrote it: forged senders, forged proofs, senders who look like others, people who may not decide."""

from __future__ import annotations

from collections.abc import Generator
from email.message import EmailMessage
from email.policy import SMTP

from tests.walks.stage import MONEY, Arrives, Attack, Play, Scene, border

EVIL = "mallory@evil.example"
RESULTS = "Authentication-Results: "
PASS = "mx.studio.example; dmarc=pass header.from={s.domain}"


def from_line(mail: EmailMessage, line: str) -> bytes:
    """The mail with this in the place of its From header, as it is, whatever it is."""
    data = mail.as_bytes(policy=SMTP)
    return line.encode() + data[data.index(b"\r\n") :]  # From is the first of its headers


def written_by(line: str, *, passes: str = "evil.example") -> Play:
    """Approved, with this From line; the border vouches for the domain `passes`."""
    return lambda s: border(from_line(s.reply("Approved!"), line.format(s=s)), domain=passes.format(s=s))


def stamped(*results: str) -> Play:
    """Approved, from Ann's address; the border found this."""
    return lambda s: border(s.reply("Approved!"), top="".join(f"{RESULTS}{r.format(s=s)}\r\n" for r in results))


def below(line: str) -> Play:
    """Approved, from Ann's address, with a line of the sender's own; the border found nothing."""
    return lambda s: border(line.format(s=s).encode() + b"\r\n" + s.reply("Approved!").as_bytes(policy=SMTP), top="")


def calls_itself(helo: str) -> Play:
    """Approved, from Ann's address, with results of the sender's own; his machine gives this as its name."""

    def play(s: Scene) -> bytes:
        results = f"{RESULTS}{PASS.format(s=s)}\r\n".encode()
        return border(results + s.reply("Approved!").as_bytes(policy=SMTP), top="", helo=helo)

    return play


def by(sender: str, words: str = "Approved!") -> Play:
    """An answer that is proven to come from `sender`."""
    return lambda s: s.reply(words, sender=sender.format(s=s))


def named(header: str) -> Play:
    """Mallory answers as himself and names Ann in another header."""

    def play(s: Scene) -> EmailMessage:
        mail = s.reply("Approved!", sender=EVIL)
        mail[header] = s.ann
        return mail

    return play


def held_answered(sender: str, proof: str = "pass") -> Play:
    """Ann's conditional answer is held; then `sender` answers the notice with `approve`."""

    def play(s: Scene) -> Generator[Arrives, None, None]:
        yield s.reply("Approved once the hem is fixed.")
        yield border(s.reply("approve", s.last("held"), sender=sender.format(s=s)), proof)

    return play


def command(sender: str, text: str, proof: str = "pass", subject: str = "Fabric [{s.ref}]") -> Play:
    return lambda s: border(s.new(sender.format(s=s), subject.format(s=s), text.format(s=s)), proof)


PROOF = {
    "from-forged": Attack("not proven: dmarc=fail", lambda s: border(s.reply("Approved!"), "fail")),
    "from-forged-for-money": Attack("not proven: dmarc=fail", lambda s: border(s.reply("Approved!"), "fail"), MONEY),
    "dmarc-none": Attack("not proven: dmarc=none", lambda s: border(s.reply("Approved!"), "none")),
    "dmarc-best-guess": Attack("not proven: dmarc=bestguesspass", stamped("mx.studio.example; dmarc=bestguesspass header.from={s.domain}")),
    "no-results-at-all": Attack("no Authentication-Results of our border", stamped()),
    "results-of-the-sender": Attack("no Authentication-Results of our border", below(RESULTS + PASS)),
    "results-in-an-encoded-word": Attack("no Authentication-Results of our border", below("X-A: =?utf-8?q?x=0D=0AAuthentication-Results=3A_mx=2Estudio=2Eexample=3B_dmarc=3Dpass?=")),
    "results-below-a-forged-received": Attack("no Authentication-Results of our border", below("Received: from localhost (localhost [127.0.0.1]) by mx.studio.example with LMTP id 1; Sat, 10 Jan 2026 15:00:00 +0000\r\n" + RESULTS + PASS)),
    "received-in-the-helo": Attack("no Authentication-Results of our border", calls_itself("localhost (localhost [127.0.0.1]) by mx.studio.example with LMTP id 1; x")),
    "received-in-a-helo-that-opens-a-comment": Attack("no Authentication-Results of our border", calls_itself("localhost (localhost [127.0.0.1]) by mx.studio.example with LMTP id 1 (")),
    "received-in-a-helo-that-opens-a-quote": Attack("no Authentication-Results of our border", calls_itself('localhost (localhost [127.0.0.1]) by mx.studio.example with LMTP id "')),
    "helo-of-the-loopback": Attack("no Authentication-Results of our border", calls_itself("[127.0.0.1]")),
    "results-of-another-server": Attack("no Authentication-Results of a trusted server", stamped("mx.evil.example; dmarc=pass header.from={s.domain}")),
    "results-of-a-longer-name": Attack("no Authentication-Results of a trusted server", stamped("mx.studio.example.evil.example; dmarc=pass header.from={s.domain}")),
    "results-without-a-name": Attack("no Authentication-Results of a trusted server", stamped("spf=pass smtp.mailfrom={s.domain}; dmarc=pass action=none header.from={s.domain}")),
    "results-that-disagree": Attack("not proven: dmarc=fail", stamped(PASS, "mx.studio.example; dmarc=fail header.from={s.domain}")),
    "pass-in-a-comment": Attack("not proven: dmarc=fail", stamped("mx.studio.example; dmarc=fail (dmarc=pass header.from={s.domain}) header.from={s.domain}")),
    "pass-for-another-domain": Attack("dmarc=pass is for evil.example", lambda s: border(s.reply("Approved!"), domain="evil.example")),
    "pass-for-a-subdomain": Attack("dmarc=pass is for mail.", stamped("mx.studio.example; dmarc=pass header.from=mail.{s.domain}")),
    "pass-that-names-no-domain": Attack("names no domain", stamped("mx.studio.example; dmarc=pass")),
    "spf-and-dkim-without-dmarc": Attack("no DMARC result", stamped("mx.studio.example; spf=pass smtp.mailfrom={s.domain}; dkim=pass header.d={s.domain}")),
    "results-that-cannot-be-read": Attack("cannot be read", stamped(PASS, "mx.studio.example; dmarc=(((")),
    "two-from-headers": Attack("two From headers", written_by("From: {s.ann}\r\nFrom: " + EVIL)),
    "two-from-headers-mallory-first": Attack("two From headers", written_by(f"From: {EVIL}\r\nFrom: {{s.ann}}")),
    "two-addresses-in-from": Attack("not proven", written_by(f"From: {{s.ann}}, {EVIL}")),
    "from-with-a-blank-before-its-colon": Attack("may not decide", written_by(f"From : {{s.ann}}\r\nFrom: {EVIL}")),
    "from-is-a-group": Attack("not proven", written_by("From: Friends: {s.ann};", passes="{s.domain}")),
    "from-is-an-empty-group": Attack("not proven: it has no From", written_by("From: undisclosed:;")),
    "address-in-the-display-name": Attack("another address stands in the display name", written_by(f'From: "{{s.ann}}" <{EVIL}>')),
    "address-in-an-encoded-display-name": Attack("another address stands in the display name", written_by(f"From: =?utf-8?q?ann=40client.example?= <{EVIL}>")),
    "address-with-a-wide-at": Attack("another address stands in the display name", written_by(f"From: ann＠client.example <{EVIL}>")),
    "address-in-a-comment": Attack("not proven", written_by(f"From: {EVIL} ({{s.ann}})")),
    "name-of-the-approver": Attack("may not decide", written_by(f'From: "Ann Lee" <{EVIL}>')),
    "lookalike-domain": Attack("may not decide", by("ann@c1ient{s.number}.example")),
    "lookalike-cyrillic-domain": Attack("may not decide", written_by("From: ann@сlient{s.number}.example", passes="xn--lient{s.number}-k8g.example")),
    "wide-letters-in-the-domain": Attack("not proven", written_by("From: ann@ｃlient{s.number}.example", passes="{s.domain}")),
    "kelvin-sign-in-the-address": Attack("may not decide", by("ann@{s.domain}".replace("ann", "aɴn"))),
    "subdomain-of-the-client": Attack("may not decide", by("ann@mail.{s.domain}")),
    "colleague-who-may-not-decide": Attack("may not decide", by("{s.bob}")),
    "on-behalf-of-the-approver": Attack("may not decide", by("{s.bob}", "On behalf of Ann Lee: approved!")),
    "colleague-who-says-he-is-ann": Attack("may not decide", by("{s.bob}", "Approved!\n\nAnn Lee")),
    "forwarded-question-answered-by-a-stranger": Attack("may not decide", by(EVIL)),
    "client-of-another-order": Attack("may not decide", lambda s: s.reply("Approved!", sender=f"ann@client{s.other}.example")),
    "reply-to-the-approver": Attack("may not decide", named("Reply-To")),
    "sender-header-of-the-approver": Attack("may not decide", named("Sender")),
    "resent-from-the-approver": Attack("may not decide", named("Resent-From")),
    "return-path-of-the-approver": Attack("may not decide", named("Return-Path")),
    "token-for-money-without-proof": Attack("not proven", lambda s: border(s.reply("Yes, please go ahead."), top=""), MONEY),
    "staff-without-proof": Attack("not proven: dmarc=fail", command("{s.sam}", "milestone design done", "fail")),
    "staff-of-a-lookalike-studio": Attack("", command("sam{s.number}@studio.example.evil.example", "milestone design done")),
    "client-commands": Attack("", command("{s.ann}", "milestone design done")),
    "client-commands-with-the-prefix": Attack("", command("{s.ann}", "@bot milestone design done")),
    "stranger-commands": Attack("", command(EVIL, "milestone design done")),
    "finance-decides-design": Attack("0 of 1 lines", command("finance@studio.example", "milestone design done")),
    "director-decides-design": Attack("0 of 1 lines", command("dana@studio.example", "milestone design done")),
    "client-settles-her-own-held-reply": Attack("not matched to one request", held_answered("{s.ann}")),
    "held-reply-settled-without-proof": Attack("not proven: dmarc=fail", held_answered("{s.sam}", "fail")),
    "held-reply-settled-by-a-stranger": Attack("", held_answered(EVIL)),
    "held-reply-settled-by-finance": Attack("", held_answered("finance@studio.example")),
}  # fmt: skip
