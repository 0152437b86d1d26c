# ruff: noqa: E501 - mails as they are sent, one line each
"""Genuine answers of every kind: by program, with what firms and servers add, by every way that leads to the question."""

from __future__ import annotations

from collections.abc import Callable, Generator
from email.message import EmailMessage
from email.policy import SMTP

from tests.signing import GOOGLE, MICROSOFT
from tests.walks.attacks_on_signatures import FORWARDER, header, sealed, signed, signer
from tests.walks.attacks_on_words import HTML, TEXT, body, coded, html, marked, parts, unmarked
from tests.walks.mail_programs import MAIL_PROGRAMS, Program
from tests.walks.stage import MONEY, Arrives, Fair, Play, Scene, border, in_turn
from tests.walks.world import BOT, text_of

Acts = Generator[Arrives, None, None]
_SIGNATURE = "Ann Lee\nHead of Costumes, Client Theatre\n12 Stage Street, 10001 New York\nTel. +1 212 555 0100 | www.client.example"
_NOTICE = "This email and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, please notify the sender and delete it. We accept no liability for viruses."
_BANNER = "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender and know the content is safe."


def with_program(program: Program, words: str) -> Play:
    return lambda s: program.write(s, words)


def says(words: str, program: str = "gmail-web") -> Play:
    return with_program(MAIL_PROGRAMS[program], words)


def changed(
    change: Callable[[EmailMessage, Scene], object], words: str = "Approved!", program: str = "gmail-web"
) -> Play:
    """An ordinary answer, changed by the way that it came."""

    def play(s: Scene) -> EmailMessage:
        mail = MAIL_PROGRAMS[program].write(s, words)
        change(mail, s)
        return mail

    return play


def _set(**headers: str) -> Callable[[EmailMessage, Scene], object]:
    def change(mail: EmailMessage, s: Scene) -> None:
        values = {"s": s, "token": s.token, "to": s.asked["Reply-To"], "subject": s.asked["Subject"], "bot": BOT}
        for name, value in headers.items():
            del mail[name.replace("_", "-")]
            if value:
                mail[name.replace("_", "-")] = value.format(**values)

    return change


def _attached(kind: str, name: str, data: bytes, **more: object) -> Callable[[EmailMessage, Scene], object]:
    main, sub = kind.split("/")
    return lambda mail, _s: mail.add_attachment(data, maintype=main, subtype=sub, filename=name, **more)


def _in_the_quotation(above: str, below: str = "") -> Play:
    """The client's gateway wrote into our mail before she saw it."""

    def play(s: Scene) -> EmailMessage:
        mail = MAIL_PROGRAMS["no-quotation"].write(s, "")
        text = f"{above}\n\n{text_of(s.asked)}\n{below}"
        quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        mail.set_content(f"Approved!\n\nOn Sat, Jan 10, 2026 at 10:00 AM {s.asked['From']} wrote:\n\n{quoted}\n")
        return mail

    return play


def wrapped(s: Scene) -> EmailMessage:
    """Quoted text that was wrapped at 60 characters without a mark on what was wrapped off."""
    mail = MAIL_PROGRAMS["no-quotation"].write(s, "")
    lines = [f"> {line}" for line in text_of(s.asked).splitlines()]
    broken = [
        line if len(line) <= 72 else line[: line.rindex(" ", 0, 72)] + "\n" + line[line.rindex(" ", 0, 72) + 1 :]
        for line in lines
    ]
    mail.set_content("Approved!\n\nOn Sat, Jan 10, 2026 at 10:00 AM Atelier Nord wrote:\n" + "\n".join(broken))
    return mail


def local_hops(s: Scene) -> bytes:
    """Dovecot's LMTP and a filter on the loopback have handled it behind the border."""
    top = (
        "Return-Path: <ann@x.example>\r\nDelivered-To: orders@studio.example\r\n"
        "Received: from mx.studio.example by imap.studio.example with LMTP id kK2nFt (envelope-from <ann@x.example>);\r\n\tSat, 10 Jan 2026 16:00:01 +0000\r\n"
        "Received: from localhost (localhost [127.0.0.1]) by mx.studio.example (Postfix) with ESMTP id 3;\r\n\tSat, 10 Jan 2026 16:00:01 +0000\r\n"
        f"Authentication-Results: mx.studio.example;\r\n\tspf=pass smtp.mailfrom={s.domain};\r\n\tdkim=pass (2048-bit key) header.d={s.domain};\r\n\tdmarc=pass (p=REJECT sp=NONE dis=NONE) header.from={s.domain}\r\n"
    )
    return border(MAIL_PROGRAMS["gmail-web"].write(s, "Approved!"), top=top)


def unsigned_sender_name(line: str) -> Play:
    """From as this program writes it."""

    def play(s: Scene) -> bytes:
        data = MAIL_PROGRAMS["gmail-web"].write(s, "Approved!").as_bytes(policy=SMTP)
        return border(line.format(s=s).encode() + data[data.index(b"\r\n") :], domain=s.domain)

    return play


def after_undo(s: Scene) -> Acts:
    question = s.asked
    yield s.reply("Approved!", question)
    yield s.reply("undo", s.last("receipt"))
    yield s.reply("Approved!", question)


def in_answer_to_herself(s: Scene) -> Acts:
    """She answers her own mail of before: her program quotes that, and ours below it."""
    question = s.asked
    first = s.reply("Thanks, I will look at it tonight.", question, program="plain")
    yield first
    again = s.reply("", question, program="plain")
    again.replace_header("In-Reply-To", str(first["Message-ID"]))
    again.replace_header("References", f"{question['Message-ID']} {first['Message-ID']}")
    quoted = "\n".join(f"> {line}" for line in str(first.get_content()).splitlines())
    again.set_content(f"Approved!\n\nOn Sat, Jan 10, 2026, Ann Lee wrote:\n{quoted}\n")
    yield again


def new_revision(s: Scene) -> Acts:
    yield s.new(s.sam, f"Again [{s.ref}]", "ask design")
    yield s.reply("Approved!")


def colleague_first(s: Scene) -> Acts:
    question = s.asked
    yield s.reply("Ann, this is yours to decide.", question, sender=s.bob)
    yield s.reply("Approved!", question)


_WORDS = {
    "yes": "Yes", "ok-go-ahead": "OK, go ahead", "approved-with-thanks": "Approved, thank you so much!", "thumbs-up": "👍",
    "looks-great": "Looks great, approved.", "with-greeting": "Hi Sam,\n\nApproved!\n\nBest,\nAnn", "german": "Hallo Sam,\n\ngenehmigt, danke!\n\nViele Grüße\nAnn",
    "french": "Bonjour Sam,\n\nC'est approuvé, merci !\n\nAnn", "spanish": "Hola Sam:\n\nAprobado, gracias.\n\nAnn", "capitals": "APPROVED",
}  # fmt: skip
_CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nSUMMARY:Premiere\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

FAIR_PLAYS = {
    **{name: Fair("approve", with_program(program, "Approved, thank you!")) for name, program in MAIL_PROGRAMS.items()},
    **{f"says-{name}": Fair("approve", says(words)) for name, words in _WORDS.items()},
    "money": Fair("approve", says("Yes, please go ahead with the change order."), MONEY),
    "money-in-outlook": Fair("approve", says("Approved, please go ahead.", "outlook-desktop"), MONEY),
    "money-with-a-smile": Fair("approve", says("Approved, please go ahead 🙂", "apple-ios"), MONEY),
    "no-to-money": Fair("decline", says("No thank you, we do not want this change.", "outlook-web"), MONEY),
    "changes-wanted": Fair("changes", says("Please make the sleeves shorter.", "gmail-ios")),
    "signature": Fair("approve", says(f"Approved!\n\n-- \n{_SIGNATURE}")),
    "signature-with-a-notice": Fair("approve", says(f"Approved!\n\n-- \n{_SIGNATURE}\n\n{_NOTICE}")),
    "signature-that-says-something-harmless": Fair("approve", says(f"Approved!\n\n-- \n{_SIGNATURE}\nI work from Monday to Thursday.")),
    "html-signature": Fair("approve", html(f'Approved!<br><br><div class="gmail_signature">{_SIGNATURE}<br><img src="cid:logo" alt="Client Theatre"> <img src="https://x.example/f.png" alt="Facebook"></div>'.replace("\n", "<br>"))),
    "html-signature-with-a-notice": Fair("approve", html(f'Approved!<br><div class="gmail_signature">{_SIGNATURE}<br><br><i>{_NOTICE}</i></div>'.replace("\n", "<br>"))),
    "picture-described-by-a-program": Fair("approve", html('Approved!<br><img src="cid:1" alt="A picture containing text, clothing. Description automatically generated">')),
    "notice-of-the-firm": Fair("approve", says(f"Approved!\n\nAnn\n\n{_NOTICE}", "no-quotation")),
    "notice-below-the-quotation": Fair("approve", body(lambda s: f"Approved!\n\n{marked(s)}\n{_NOTICE}\n")),
    "footer-of-a-scanner": Fair("approve", body(lambda s: f"Approved!\n\n{marked(s)}\n-- \nThis email has been checked for viruses by Avast antivirus software.\nwww.avast.com\n")),
    "footer-of-a-mailing-list": Fair("approve", body(lambda s: f"Approved!\n\n{marked(s)}\n_______________________________________________\nCostumes mailing list\ncostumes@lists.client.example\nhttps://lists.client.example/mailman/listinfo/costumes\n")),
    "banner-in-our-quoted-mail": Fair("approve", _in_the_quotation(_BANNER)),
    "tag-in-our-quoted-mail": Fair("approve", _in_the_quotation("[EXTERNAL]")),
    "footer-in-our-quoted-mail": Fair("approve", _in_the_quotation("", "\nThis email was scanned by MailGuard.")),
    "rarely-mailed-in-our-quoted-mail": Fair("approve", _in_the_quotation("You don't often get email from orders@studio.example. Learn why this is important")),
    "quotation-that-was-wrapped": Fair("approve", wrapped),
    "quotation-cut-short": Fair("approve", body(lambda s: f"Approved!\n\n{marked(s)[:300]}\n")),
    "quotation-without-marks": Fair("approve", body(lambda s: f"Approved!\n\n{unmarked(s)}")),
    "below-the-quotation": Fair("approve", body(lambda s: f"{marked(s)}\nApproved!\n")),
    "safe-links": Fair("approve", body(lambda s: "Approved!\n\n" + marked(s).replace("Atelier Nord", "Atelier Nord<https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fstudio.example&data=05>"))),
    "signed-with-smime": Fair("approve", parts((TEXT, "Approved!\r\n\r\n{quote}"), ("Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7s", "TUlJ"), kind="signed; protocol=\"application/pkcs7-signature\"")),
    "signed-with-pgp": Fair("approve", parts((TEXT, "Approved!\r\n\r\n{quote}"), ("Content-Type: application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ=\r\n-----END PGP SIGNATURE-----"), kind="signed; protocol=\"application/pgp-signature\"")),
    "footer-as-a-part-of-its-own": Fair("approve", parts((TEXT, "Approved!\r\n\r\n{quote}"), (TEXT, "_______________________________________________\r\nCostumes mailing list\r\ncostumes@lists.client.example\r\n"))),
    "with-a-winmail": Fair("approve", changed(_attached("application/ms-tnef", "winmail.dat", b"\x78\x9f\x3e\x22"))),
    "with-a-picture": Fair("approve", changed(_attached("image/jpeg", "me.jpg", b"\xff\xd8\xff"))),
    "with-a-pdf": Fair("approve", changed(_attached("application/pdf", "signed.pdf", b"%PDF-1.4"))),
    "with-a-calendar-file": Fair("approve", changed(_attached("text/calendar", "premiere.ics", _CALENDAR))),
    "with-a-card": Fair("approve", changed(_attached("text/vcard", "ann.vcf", b"BEGIN:VCARD\r\nEND:VCARD"))),
    "charset-of-windows": Fair("approve", coded("Approved \u2013 that\u2019s great!".encode("cp1252"), "text/plain; charset=windows-1252")),
    "charset-of-japan": Fair("approve", coded("Approved!\r\n\r\niPhoneから送信".encode("iso-2022-jp"), "text/plain; charset=iso-2022-jp", "7bit")),
    "charset-not-told": Fair("approve", coded("Approuvé, merci à vous !".encode(), "text/plain")),
    "base64": Fair("approve", coded(b"QXBwcm92ZWQhDQo=", "text/plain; charset=utf-8", "base64")),
    "html-with-a-text-that-says-nothing": Fair("approve", parts((TEXT, "\r\n"), (HTML, "<p>Approved!</p>"), kind="alternative")),
    "plus-address-taken-off": Fair("approve", changed(_set(To="{bot}"))),
    "plus-address-taken-off-and-ids-lost": Fair("approve", changed(_set(To="{bot}", In_Reply_To="", References=""))),
    "ids-of-another-server": Fair("approve", changed(_set(In_Reply_To="<0102019b@eu-west-1.amazonses.com>", References="<0102019b@eu-west-1.amazonses.com>"))),
    "ids-lost": Fair("approve", changed(_set(In_Reply_To="", References=""))),
    "token-with-another-separator": Fair("approve", changed(_set(To="orders-{token}@studio.example", In_Reply_To="", References=""))),
    "token-as-the-whole-address": Fair("approve", changed(_set(To="{token}@studio.example", In_Reply_To="", References=""))),
    "token-in-delivered-to-alone": Fair("approve", changed(_set(To="Ateliers <list@client.example>", Delivered_To="orders+{token}@studio.example", In_Reply_To="", References=""))),
    "tag-alone": Fair("approve", lambda s: s.new(s.ann, f"Re: {s.asked['Subject']}", "Approved!")),
    "subject-of-a-gateway": Fair("approve", changed(_set(Subject="[EXTERNAL] RE: {subject}"))),
    "subject-of-many-answers": Fair("approve", changed(_set(Subject="AW: RE: Antw: {subject}"))),
    "subject-lost": Fair("approve", changed(_set(Subject=""))),
    "to-all": Fair("approve", changed(_set(To="{to}, {s.bob}", Cc="{s.sam}"))),
    "with-high-importance": Fair("approve", changed(_set(Importance="high", X_Priority="1", Precedence="normal", Auto_Submitted="no"))),
    "asks-for-a-receipt": Fair("approve", changed(_set(Disposition_Notification_To="{s.ann}", X_Confirm_Reading_To="{s.ann}"))),
    "by-lmtp-and-a-filter": Fair("approve", local_hops),
    "from-with-a-name": Fair("approve", unsigned_sender_name('From: "Lee, Ann (Costumes)" <{s.ann}>')),
    "from-in-capitals": Fair("approve", unsigned_sender_name("From: Ann Lee <ANN@CLIENT{s.number}.EXAMPLE>")),
    "from-with-an-encoded-name": Fair("approve", unsigned_sender_name("From: =?utf-8?q?Ann_L=C3=A9e?= <{s.ann}>")),
    "from-without-a-name": Fair("approve", unsigned_sender_name("From: {s.ann}")),
    "from-with-a-comment": Fair("approve", unsigned_sender_name("From: {s.ann} (Ann Lee)")),
    "after-undo": Fair("approve", after_undo),
    "after-a-held-reply": Fair("approve", in_turn("Approved once the hem is fixed.", "Approved!")),
    "in-answer-to-herself": Fair("approve", in_answer_to_herself),
    "to-the-new-revision": Fair("approve", new_revision),
    "after-a-colleague": Fair("approve", colleague_first),
}  # fmt: skip

# Those that a signature alone proves: the border finds nothing for or against them.


def signed_by(name: str, words: str = "Approved, thank you!", headers: str = "", selector: str = "s1") -> Play:
    """An answer as this program writes it, signed as its provider does."""

    def play(s: Scene) -> bytes:
        mail = MAIL_PROGRAMS[name].write(s, words).as_bytes(policy=SMTP)
        return border(signer(s.domain, selector).sign(mail, **({"headers": headers} if headers else {})), top="")

    return play


def to_two_questions(s: Scene) -> Acts:
    first = s.asked
    yield s.new(s.sam, f"Fabric [{s.ref}]", "ask fabric")
    yield border(signer(s.domain).sign(s.reply("Approved!", first).as_bytes(policy=SMTP)), top="")


SIGNED_PLAYS = {
    **{f"signed-{name}": Fair("approve", signed_by(name)) for name in ("apple-ios", "mutt", "outlook-desktop", "no-quotation")},
    "signed-by-google": Fair("approve", signed_by("gmail-web", headers=GOOGLE)),
    "signed-by-microsoft": Fair("approve", signed_by("outlook-web", headers=MICROSOFT)),
    "signed-with-ed25519": Fair("approve", signed(selector="ed")),
    "signed-for-money": Fair("approve", signed("Yes, please go ahead with the change order."), MONEY),
    "signed-simply": Fair("approve", signed(c="simple/simple")),
    "signed-twice-and-the-first-is-broken": Fair("approve", signed(change=lambda mail, s: signer(s.domain, "foreign").sign(mail))),
    "signed-twice-and-the-first-has-no-key": Fair("approve", signed(change=lambda mail, s: signer(s.domain, "gone").sign(mail))),
    "signed-below-a-list": Fair("approve", signed(change=lambda mail, s: signer("evil.example").sign(mail))),
    "signed-and-no-policy-is-published": Fair("approve", signed(results="dmarc=none header.from={s.domain}")),
    "signed-before-a-filter-added-headers": Fair("approve", signed(change=header("X-Spam-Status", "No"))),
    "signed-with-the-token-in-the-address-alone": Fair("approve", signed(before=header("References", ""))),
    "signed-to-one-of-two-questions": Fair("approve", to_two_questions),
    "sealed-by-our-forwarder": Fair("approve", sealed()),
    "sealed-twice-by-our-forwarder": Fair("approve", sealed(change=lambda mail, s: signer(FORWARDER).seal(mail, f"mx.x; arc=pass; dmarc=fail header.from={s.domain}"))),
}  # fmt: skip
