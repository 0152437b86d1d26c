# ruff: noqa: E501 - one attack a line
"""What a signature covers and what it does not: forged, broken and stolen ones, where signatures are verified here.

The border finds nothing about any of these mails, unless an attack says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP

from tests import signing
from tests.servers.names import Names
from tests.signing import GOOGLE, MICROSOFT, USUAL, Signer, seconds
from tests.walks.attacks_on_proof import EVIL, RESULTS, from_line
from tests.walks.stage import FIRST, MONEY, Arrives, Attack, Play, Scene, border
from tests.walks.world import BOT

FORWARDER = "studio-forwarder.example"
TRUST = 'verify_dkim = true\nnameservers = ["{place}"]\narc_sealers = ["{forwarder}"]'
MOST_SCENES = 100
Change = Callable[[bytes, Scene], bytes]
_ED, _WEAK, _FOREIGN = "ed", "weak", "foreign"


@functools.cache
def signer(domain: str, selector: str = "s1") -> Signer:
    """Who signs for `domain`. The key under `foreign` is nobody's whose domain it stands in."""
    if selector == _ED:
        return Signer(domain, selector, "ed25519-sha256", signing.ed25519())
    if selector == _WEAK:
        return Signer(domain, selector, key=signing.rsa(768))
    return Signer(domain, selector, key=signing.rsa(number=int(domain == "evil.example" or selector == _FOREIGN)))


@contextmanager
def signers() -> Iterator[str]:
    """A name server with the keys of all who play; the settings under which signatures are verified by it."""
    names = Names()
    _publish(names)
    yield TRUST.format(place=names.place, forwarder=FORWARDER)
    names.stop()


def _publish(names: Names) -> None:
    """The keys of everybody who plays."""
    domains = [f"client{FIRST + number}.example" for number in range(MOST_SCENES)]
    others = [one.replace("client", "c1ient") for one in domains]
    for domain in (*domains, *others, "studio.example", "evil.example", FORWARDER):
        for selector in ("s1", _ED, _WEAK):
            names.records[signer(domain, selector).name] = (signer(domain, selector).record(),)
        names.records[f"{_FOREIGN}._domainkey.{domain}"] = (signer(domain).record(),)
        names.records[f"withdrawn._domainkey.{domain}"] = (signer(domain).record(p=""),)
        names.records[f"tests._domainkey.{domain}"] = (signer(domain).record("; t=y"),)
        names.records[f"silent._domainkey.{domain}"] = None


def signed(
    words: str = "Approved!", *, by: str = "{s.domain}", selector: str = "s1", headers: str = USUAL, change: Change | None = None,
    program: str = "gmail", results: str = "", before: Change | None = None, **tags: str,
) -> Play:  # fmt: skip
    """Ann's answer, signed by the domain `by`; then somebody may `change` it. `before`: what she wrote herself."""

    def play(s: Scene) -> bytes:
        mail = s.reply(words, program=program).as_bytes(policy=SMTP)
        mail = signer(by.format(s=s), selector).sign(before(mail, s) if before else mail, headers, **tags)
        top = f"{RESULTS}mx.studio.example; {results.format(s=s)}\r\n" if results else ""
        return border(change(mail, s) if change else mail, top=top)

    return play


def put(old: str, new: str) -> Change:
    """The mail with `new` in the place of `old`."""

    def change(mail: bytes, s: Scene) -> bytes:
        wanted = old.format(s=s).encode()
        assert wanted in mail, wanted
        return mail.replace(wanted, new.format(s=s).encode(), 1)

    return change


def header(name: str, value: str) -> Change:
    """The mail with another value of one header; "" takes it away."""

    def change(mail: bytes, s: Scene) -> bytes:
        head, _, body = mail.partition(b"\r\n\r\n")
        lines = head.replace(b"\r\n ", b"\0").replace(b"\r\n\t", b"\1").split(b"\r\n")
        kept = [line for line in lines if not line.lower().startswith(f"{name.lower()}:".encode())]
        new = [f"{name}: {value.format(s=s)}".encode()] if value else []
        head = b"\r\n".join([*kept, *new]).replace(b"\0", b"\r\n ").replace(b"\1", b"\r\n\t")
        return head + b"\r\n\r\n" + body

    return change


def both(*changes: Change) -> Change:
    return lambda mail, s: functools.reduce(lambda so_far, change: change(so_far, s), changes, mail)


def new(subject: str, to: str, *, headers: str = USUAL, change: Change | None = None, words: str = "Approved!") -> Play:
    """A mail that Ann wrote to `to`, about something else; then somebody changed it."""

    def play(s: Scene) -> bytes:
        mail = s.new(s.ann, subject.format(s=s), words, to.format(s=s)).as_bytes(policy=SMTP)
        mail = signer(s.domain).sign(mail, headers)
        return border(change(mail, s) if change else mail, top="")

    return play


def forged_from(line: str, by: str = "{s.domain}") -> Play:
    """Approved, with this From line, signed by `by`."""

    def play(s: Scene) -> bytes:
        return border(signer(by.format(s=s)).sign(from_line(s.reply("Approved!"), line.format(s=s))), top="")

    return play


def sealed(
    results: str = "mx.{f}; dmarc=pass header.from={s.domain}",
    *,
    by: str = FORWARDER,
    change: Change | None = None,
    **tags: str,
) -> Play:
    """Ann's mail, changed by a forwarder that seals what it has found; the border finds that DMARC fails."""

    def play(s: Scene) -> bytes:
        mail = signer(s.domain).sign(s.reply("Approved.").as_bytes(policy=SMTP)).replace(b"Approved.", b"Approved!")
        mail = signer(by).seal(mail, results.format(s=s, f=by), **tags)
        return border(change(mail, s) if change else mail, "fail", domain=s.domain)

    return play


def again(change: Change) -> Play:
    """A signed approval that was booked and taken back comes again."""

    def play(s: Scene) -> Generator[Arrives, None, None]:
        question = s.asked
        mail = signer(s.domain).sign(
            s.reply("Approved!", question).as_bytes(policy=SMTP), "from:to:subject:date:message-id"
        )
        yield border(mail, top="")
        yield s.reply("undo", s.last("receipt"))
        yield border(change(mail, s), top="")

    return play


def for_another_question(s: Scene) -> Generator[Arrives, None, None]:
    """Ann has approved the design; her mail comes again as an answer to what is asked about the fabric."""
    mail = signer(s.domain).sign(s.reply("Approved!").as_bytes(policy=SMTP), MICROSOFT)
    yield border(mail, top="")
    yield s.new(s.sam, f"Fabric [{s.ref}]", "ask fabric")
    token = str(s.asked["Reply-To"])
    moved = both(header("To", token), header("In-Reply-To", str(s.asked["Message-ID"])), header("References", ""))
    yield border(moved(mail, s), top="")


def meant_for_bob(s: Scene) -> bytes:
    """Bob asks Ann something and quotes our question; her answer to him is sent to us, as if it were one to it."""
    ours = str(s.asked.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    quoted = "\n".join(f"> {line}" for line in ["Shall I order lunch for the whole cast?", "", *ours.splitlines()])
    mail = s.reply("", program="plain")
    mail.set_content(f"Approved!\n\nOn Sat, Jan 10, 2026 at 10:00 AM Bob wrote:\n{quoted}\n")
    to_bob = both(header("To", "{s.bob}"), header("In-Reply-To", "<bob@{s.domain}>"), header("References", ""))
    sent = signer(s.domain).sign(to_bob(mail.as_bytes(policy=SMTP), s), MICROSOFT)
    stolen = both(header("To", _TOKEN), header("In-Reply-To", str(s.asked["Message-ID"])))
    return border(stolen(sent, s), top="")


def command(sender: str, by: str, text: str = "milestone design done") -> Play:
    def play(s: Scene) -> bytes:
        mail: EmailMessage = s.new(sender.format(s=s), f"Design [{s.ref}]", text)
        return border(signer(by.format(s=s)).sign(mail.as_bytes(policy=SMTP)), top="")

    return play


_TOKEN = f"{BOT.partition('@')[0]}+{{s.token}}@studio.example"
_TWICE = "X-A: b\r\rApproved for both gowns.\r\r"

SIGNATURES = {
    "not-signed": Attack("no signature of client", lambda s: border(s.reply("Approved!"), top="")),
    "signed-by-another-domain": Attack("only of evil.example", signed(by="evil.example")),
    "signed-by-another-domain-for-money": Attack("only of evil.example", signed("Yes, please go ahead.", by="evil.example"), MONEY),
    "signed-by-a-domain-above": Attack("only of mail.client", signed(by="mail.{s.domain}")),
    "signed-with-the-key-of-another": Attack("does not hold", signed(selector=_FOREIGN)),
    "signed-and-the-border-says-fail": Attack("dmarc=fail", signed(results="dmarc=fail header.from={s.domain}")),
    "signed-and-the-border-names-another": Attack("dmarc=pass is for evil.example", signed(results="dmarc=pass header.from=evil.example")),
    "signed-in-the-name-of-ann-by-mallory": Attack("only of evil.example", forged_from("From: {s.ann}", "evil.example")),
    "signed-body-altered": Attack("the body was altered", signed("Not approved!", change=put("Not approved!", "Approved!"))),
    "signed-body-appended": Attack("the body was altered", signed("Hello.", change=lambda mail, s: mail + b"\r\nApproved!\r\n")),
    "signed-up-to-a-length": Attack("only a part of the body", signed("\n", program="plain", l="2", change=put("\r\n\r\n", "\r\n\r\n\r\nApproved!"))),
    "signed-from-altered": Attack("may not decide", signed(change=put("From: {s.ann}", f"From: {EVIL}"))),
    "signed-from-of-a-colleague": Attack("does not hold", signed(change=put("From: {s.ann}", "From: {s.bob}"))),
    "signed-and-a-second-from": Attack("two From headers", signed(change=put("From: {s.ann}", "From: {s.ann}\r\nFrom: {s.bob}"))),
    "signed-from-not-covered": Attack("does not cover From", signed(headers="to:subject:date:message-id")),
    "signed-subject-altered": Attack("does not hold", signed(change=header("Subject", "Re: Fabric [{s.ref}]"))),
    "signed-date-altered": Attack("does not hold", signed(change=header("Date", "Sun, 11 Jan 2026 09:00:00 -0500"))),
    "signed-message-id-altered": Attack("does not hold", signed(change=header("Message-ID", "<new@evil.example>"))),
    "signed-to-altered": Attack("does not hold", signed(before=header("To", "bob@client.example"), change=header("To", _TOKEN))),
    "signed-thread-altered": Attack("does not hold", signed(before=header("In-Reply-To", "<other@client.example>"), change=header("In-Reply-To", "<mine@evil.example>"))),
    "signed-twice-and-both-forged": Attack("does not hold", signed(selector=_FOREIGN, change=lambda mail, s: signer(s.domain, _FOREIGN).sign(mail))),
    "signed-key-missing": Attack("there is no key at gone._domainkey.", signed(selector="gone")),
    "signed-key-withdrawn": Attack("has been withdrawn", signed(selector="withdrawn")),
    "signed-key-for-tests": Attack("is for tests only", signed(selector="tests")),
    "signed-key-weak": Attack("too weak", signed(selector=_WEAK)),
    "signed-name-server-silent": Attack("no name server has answered", signed(selector="silent")),
    "signed-and-expired": Attack("has expired", lambda s: signed(x=seconds(s.now, -3600))(s)),  # type: ignore[arg-type,return-value]
    "signed-in-a-time-to-come": Attack("a time to come", lambda s: signed(t=seconds(s.now, 7200))(s)),  # type: ignore[arg-type,return-value]
    "signed-with-sha1": Attack("rsa-sha1 is not believed", signed(change=put("a=rsa-sha256", "a=rsa-sha1"))),
    "signed-headers-end-early": Attack("can be read in two ways", signed("Hello.", change=put("To: ", _TWICE + "To: "))),
    "signed-headers-end-early-on-top": Attack("", signed("Hello.", change=lambda mail, s: f"From: {s.ann}\r\nX-A: b\r\n \r\nApproved!\r\n".encode() + mail)),
    "signed-along-another-boundary": Attack("does not cover Content-Type", signed("No.\n\n--cut\n\nApproved!\n\n--cut--\n", headers=GOOGLE, program="plain", change=header("Content-Type", 'multipart/mixed; boundary="cut"'))),
    "signed-from-is-a-group": Attack("", forged_from("From: Clients: {s.ann};")),
    "signed-two-addresses-in-from": Attack("two From headers", forged_from("From: {s.ann}, {s.bob}")),
    "signed-address-in-the-name": Attack("may not decide", forged_from(f'From: "{{s.ann}}" <{EVIL}>', "evil.example")),
    "signed-by-a-lookalike": Attack("may not decide", forged_from("From: ann@c1ient{s.number}.example", "c1ient{s.number}.example")),
    "signed-by-a-lookalike-in-unicode": Attack("", forged_from("From: ann@сlient{s.number}.example", "{s.domain}")),
    "signed-by-a-colleague": Attack("may not decide", forged_from("From: {s.bob}")),
    "signed-and-written-to-somebody-else": Attack("written to somebody else", new("Re: Lunch [{s.ref}]", "{s.bob}", change=header("Delivered-To", _TOKEN))),
    "signed-to-somebody-else-and-added-to-cc": Attack("written to somebody else", new("Re: Lunch [{s.ref}]", "{s.bob}", headers="from:to:subject:date:message-id", change=header("Cc", _TOKEN))),
    "signed-to-us-and-led-elsewhere": Attack("does not cover what leads to our question", lambda s: new("Hello", BOT, headers="from:to:subject:date:message-id", change=header("In-Reply-To", str(s.asked["Message-ID"])))(s)),  # type: ignore[arg-type,return-value]
    "signed-without-to-and-led-here": Attack("does not cover To", new("Re: Lunch [{s.ref}]", "{s.bob}", headers=MICROSOFT, change=header("To", _TOKEN))),
    "signed-and-meant-for-bob": Attack("words-in-quotation", meant_for_bob),
    "signed-approval-of-another-question": Attack("", for_another_question),
    "signed-and-sent-again-after-undo": Attack("", again(lambda mail, s: mail)),
    "signed-and-sent-again-with-another-thread": Attack("", again(header("References", "<x@evil.example>"))),
    "signed-command-by-a-client": Attack("only of client", command("{s.sam}", "{s.domain}")),
    "signed-command-by-mallory": Attack("only of evil.example", command("{s.sam}", "evil.example")),
    "sealed-by-nobody-we-know": Attack("not in trust.arc_sealers", sealed(by="evil.example")),
    "sealed-in-the-name-of-the-forwarder": Attack("does not hold", sealed(change=put("dmarc=pass header.from=client", "dmarc=pass (x) header.from=client"))),
    "sealed-and-dmarc-failed": Attack("no forwarder that is believed", sealed("mx.{f}; dmarc=fail header.from={s.domain}")),
    "sealed-for-another-domain": Attack("no forwarder that is believed", sealed("mx.{f}; dmarc=pass header.from=evil.example")),
    "sealed-chain-broken": Attack("says that the chain is broken", sealed(cv="fail")),
    "sealed-with-a-gap": Attack("no whole chain", sealed(change=lambda mail, s: signer(FORWARDER).seal(mail, "mx.x; arc=pass", number=3))),
    "sealed-and-changed-afterwards": Attack("the body was altered", sealed(change=put("Approved!", "Approved for both!"))),
    "sealed-and-sealed-again-by-mallory": Attack("not in trust.arc_sealers", sealed(change=lambda mail, s: signer("evil.example").seal(mail, "mx.x; arc=pass"))),
}  # fmt: skip
