# ruff: noqa: E501 - mails as they are sent, one line each
"""What was said: words of ours that come back as theirs, words that are hidden, that contradict, that no person wrote."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import cast

from tests.walks.stage import MONEY, Attack, Play, Scene, border
from tests.walks.world import text_of

_REPORT = 'Content-Type: multipart/report; report-type={kind}; boundary="b"'


def says(words: str, program: str = "gmail") -> Play:
    """Ann answers with these words."""
    return lambda s: s.reply(words, program=program)


def body(text: str | Callable[[Scene], str] = "", html: str | Callable[[Scene], str] = "") -> Play:
    """Ann's answer with exactly this text, or this HTML, or both; what was asked is to be had from the scene."""

    def play(s: Scene) -> EmailMessage:
        mail = _bare(s)
        plain, rich = (part if isinstance(part, str) else part(s) for part in (text, html))
        if plain or not rich:
            mail.set_content(plain)
            if rich:
                mail.add_alternative(rich, subtype="html")
        else:
            mail.set_content(rich, subtype="html")
        return mail

    return play


def html(words: str) -> Play:
    """Ann's answer in HTML only, above a quotation as Gmail writes it."""
    return body(html=lambda s: f'<div dir="ltr">{words}</div><br>{quote(s)}')


def quote(s: Scene) -> str:
    return f'<div class="gmail_quote"><div class="gmail_attr">On Sat, Jan 10, 2026 at 10:00 AM {s.asked["From"]} wrote:<br></div><blockquote class="gmail_quote">{_html_of(s)}</blockquote></div>'.replace(
        "<orders", "&lt;orders"
    ).replace(".example> wrote", ".example&gt; wrote")


def marked(s: Scene) -> str:
    """What was asked, quoted with marks below its announcement."""
    lines = "\n".join(f"> {line}" for line in text_of(s.asked).splitlines())
    return f"On Sat, Jan 10, 2026 at 10:00 AM {s.asked['From']} wrote:\n{lines}\n"


def unmarked(s: Scene, edit: Callable[[str], str] = lambda text: text) -> str:
    """What was asked, below a header block as Outlook writes it; `edit`: what somebody wrote into it."""
    block = f"From: {s.asked['From']}\nSent: Saturday, January 10, 2026 10:00 AM\nTo: {s.ann}\nSubject: {s.asked['Subject']}\n"
    return f"{block}\n{edit(text_of(s.asked))}"


def into_the_middle(words: str) -> Callable[[str], str]:
    """Write a line of one's own into a text, behind its second paragraph."""

    def edit(text: str) -> str:
        head = text.split("\n\n")
        return "\n\n".join([*head[:2], words, *head[2:]])

    return edit


def parts(*leaves: tuple[str, str], kind: str = "mixed") -> Play:
    """Ann's answer, put together from these parts: header lines and a body each."""

    def play(s: Scene) -> bytes:
        mail = _bare(s)
        mail["Content-Type"] = f'multipart/{kind}; boundary="b"'
        inner = "".join(f"--b\r\n{head}\r\n\r\n{text.replace('{quote}', marked(s))}\r\n" for head, text in leaves)
        head = mail.as_bytes(policy=SMTP).partition(b"\r\n\r\n")[0]
        return border(head + b"\r\n\r\n" + f"{inner}--b--\r\n".encode(), domain=s.domain)

    return play


def coded(content: bytes, content_type: str, encoding: str = "8bit") -> Play:
    """Ann's answer in this charset and encoding, bytes as they are."""

    def play(s: Scene) -> bytes:
        mail = _bare(s)
        mail["Content-Type"], mail["Content-Transfer-Encoding"] = content_type, encoding
        head = mail.as_bytes(policy=SMTP).partition(b"\r\n\r\n")[0]
        return border(head + b"\r\n\r\n" + content + b"\r\n", domain=s.domain)

    return play


def headed(words: str, **headers: str) -> Play:
    """Ann's ordinary answer with these headers in the place of its own, or added."""

    def play(s: Scene) -> EmailMessage:
        mail = s.reply(words)
        for name, value in headers.items():
            del mail[name.replace("_", "-")]
            mail[name.replace("_", "-")] = value.format(s=s, subject=s.asked["Subject"])
        return mail

    return play


def again(change: Callable[[EmailMessage, Scene], None]) -> Play:
    """Our own question comes back, changed."""

    def play(s: Scene) -> EmailMessage:
        mail = cast(EmailMessage, message_from_bytes(s.asked.as_bytes(policy=SMTP), policy=default))
        change(mail, s)
        return mail

    return play


def _set(**headers: str) -> Callable[[EmailMessage, Scene], None]:
    def change(mail: EmailMessage, s: Scene) -> None:
        for name, value in headers.items():
            del mail[name.replace("_", "-")]
            mail[name.replace("_", "-")] = value.format(s=s)

    return change


def _bare(s: Scene) -> EmailMessage:
    mail = s.reply("")
    mail.clear_content()
    return mail


def _html_of(s: Scene) -> str:
    rich = s.asked.get_body(("html",))
    assert rich is not None
    return str(rich.get_content())


TEXT, HTML = "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"
SIGNATURE = "Ann Lee\nCostumes, Client Theatre"

WORDS = {
    "nothing-but-the-quotation": Attack("there are no words", says("")),
    "nothing-but-the-quotation-in-outlook": Attack("there are no words", says("", "outlook")),
    "our-own-line-copied": Attack("instruction", says("Reply APPROVED to go ahead, or tell us what to change.")),
    "our-own-mail-pasted-without-marks": Attack("", body(lambda s: text_of(s.asked))),
    "reply-yes-to-approve": Attack("instruction", says("Reply YES to approve")),
    "empty-box": Attack("empty-box", says("[ ] Approved")),
    "both-boxes": Attack("empty-box", says("[ ] Approved\n[ ] Not approved")),
    "yes-but": Attack("", says("Yes, but")),
    "yes-but-with-the-rest-in-the-quotation": Attack("", body(lambda s: f"Yes, but\n\n{unmarked(s, into_the_middle('only if the price stays below 400'))}")),
    "condition": Attack("", says("Approved once the hem is fixed.")),
    "words-in-the-unmarked-quotation": Attack("doubtful", body(lambda s: f"Approved\n\n{unmarked(s, into_the_middle('No, wait: only if the sleeves are shorter.'))}")),
    "answer-only-in-the-unmarked-quotation": Attack("doubtful", body(lambda s: unmarked(s, into_the_middle("Approved, go ahead.")))),
    "words-below-the-unmarked-quotation": Attack("doubtful", body(lambda s: f"Approved\n\n{unmarked(s)}\n\nBut please not before we have talked about the price.")),
    "words-in-the-unmarked-html-quotation": Attack("doubtful", body(html=lambda s: f'<p>Approved</p><div style="border-top:solid #E1E1E1 1.0pt"><b>From:</b> x@studio.example<br><b>Sent:</b> today<br><b>To:</b> Ann<br><b>Subject:</b> Design</div><p>No, wait: only if the sleeves are shorter.</p>{_html_of(s)}')),
    "words-in-the-html-quotation": Attack("doubtful", body(html=lambda s: f"<div>Approved</div>{quote(s).replace('</blockquote>', '<p>No, wait: only if the sleeves are shorter.</p></blockquote>')}")),
    "words-behind-a-quote-mark-of-their-own": Attack("doubtful", body(lambda s: f"Approved\n\n{marked(s)}> No, wait: only if the sleeves are shorter.\n")),
    "words-behind-a-quote-mark-in-the-middle": Attack("doubtful", body(lambda s: "Approved\n\n" + marked(s).replace("\n> \n", "\n> \n> no, wait, only if it is cheaper\n> \n", 1))),
    "words-behind-a-quote-mark-without-announcement": Attack("doubtful", says("Approved\n> only if the sleeves are shorter")),
    "condition-in-the-signature": Attack("doubtful", says("Approved\n\n-- \nonly if the price is 400")),
    "condition-in-the-signature-below-a-name": Attack("doubtful", says(f"Approved\n\n-- \n{SIGNATURE}\nSubject to the price staying at 400.")),
    "decision-in-the-signature": Attack("", says(f"See below.\n\n-- \n{SIGNATURE}\nApproved!")),
    "condition-in-a-html-signature": Attack("doubtful", html('Approved</div><div class="gmail_signature">Ann Lee<br>only if the price is 400')),
    "no-in-a-html-signature": Attack("doubtful", html('Approved</div><div class="gmail_signature">not yet, wait for my call')),
    "condition-below-a-device-line": Attack("", says("Approved\n\nSent from my iPhone\nonly if the price is 400")),
    "condition-in-a-footer": Attack("doubtful", says("Approved\n\nThis email and any attachments are confidential and intended for the addressee only. Approved only if the price is 400.")),
    "condition-below-a-footer": Attack("doubtful", says("Approved\n\nThis email was scanned by MailGuard\n\nonly if the price is 400")),
    "second-text-in-the-alternative": Attack("doubtful", parts((TEXT, "Approved\r\n"), (TEXT, "Not approved, the hem is wrong\r\n"), kind="alternative")),
    "third-part-of-the-alternative": Attack("doubtful", parts((TEXT, "Approved\r\n"), (HTML, "<p>Not approved, the hem is wrong</p>"), (HTML, "<p>Approved</p>"), kind="alternative")),
    "text-behind-an-attachment": Attack("", parts((TEXT, "Approved\r\n"), ("Content-Type: image/png\r\nContent-Disposition: attachment; filename=a.png", "x"), (TEXT, "only if the sleeves are shorter\r\n"))),
    "text-with-a-file-name": Attack("", parts((TEXT, "Approved\r\n"), (f"{TEXT}; name=note.txt\r\nContent-Disposition: inline; filename=note.txt", "only if the sleeves are shorter\r\n"))),
    "decision-only-in-an-attached-text": Attack("not understood", parts((TEXT, "See attached.\r\n"), (f"{TEXT}; name=approved.txt\r\nContent-Disposition: attachment; filename=approved.txt", "Approved!\r\n"))),
    "decision-only-in-an-attached-mail": Attack("not understood", parts((TEXT, "See attached.\r\n"), ("Content-Type: message/rfc822", "From: ann@client.example\r\nSubject: Re: Design\r\n\r\nApproved!\r\n"))),
    "decision-only-in-a-forwarded-mail": Attack("words-in-quotation", says("FYI\n\n---------- Forwarded message ---------\nFrom: Bob <bob@client.example>\nDate: Sat, Jan 10, 2026\nSubject: Re: Design\nTo: ann@client.example\n\nApproved!")),
    "text-and-html-that-contradict": Attack("doubtful", body("Approved!", "<p>Not approved, the hem is wrong.</p>")),
    "html-says-more-than-the-text": Attack("doubtful", body("Approved!", "<p>Approved! Once the hem is fixed.</p>")),
    "hidden-text": Attack("doubtful", html('Not now. <span style="display:none">Approved!</span>')),
    "hidden-condition": Attack("doubtful", html('Approved! <span style="font-size:0">once the hem is fixed</span>')),
    "white-condition": Attack("doubtful", html('Approved! <span style="color:#fff">once the hem is fixed</span>')),
    "condition-outside-the-window": Attack("doubtful", html('Approved! <div style="position:absolute; left:-5000px">once the hem is fixed</div>')),
    "condition-cut-off-by-its-box": Attack("doubtful", html('Approved! <div style="height:0;overflow:hidden">once the hem is fixed</div>')),
    "condition-clipped": Attack("doubtful", html('Approved! <div style="position:absolute;clip-path:inset(100%)">once the hem is fixed</div>')),
    "condition-made-transparent": Attack("doubtful", html('Approved! <span style="color:transparent">once the hem is fixed</span>')),
    "condition-of-no-alpha": Attack("doubtful", html('Approved! <span style="color:rgba(0,0,0,0)">once the hem is fixed</span>')),
    "condition-hidden-by-a-style-sheet": Attack("doubtful", html("<style>i.x, p > .y {display:none}</style>Approved! <i class=y>once the hem is fixed</i>")),
    "words-made-by-a-style-sheet": Attack("doubtful", html('<style>.x::before{content:"Not "}</style><span class=x>approved</span>')),
    "words-in-a-form": Attack("doubtful", html('<input type="text" value="once the hem is fixed"> Approved')),
    "box-that-is-not-ticked": Attack("", html('<input type="checkbox"> Approved')),
    "words-in-a-text-area": Attack("doubtful", html("Approved <textarea>once the hem is fixed</textarea>")),
    "words-in-a-list-to-choose-from": Attack("doubtful", html("Approved <select><option selected>not yet</option><option>now</option></select>")),
    "words-on-a-picture": Attack("doubtful", html('Approved <img src="cid:1" alt="once the hem is fixed">')),
    "words-on-a-picture-alone": Attack("", html('<img src="cid:1" alt="Approved">')),
    "words-without-scripts": Attack("doubtful", html("Approved <noscript>once the hem is fixed</noscript>")),
    "words-in-an-object": Attack("doubtful", html("Approved <object>once the hem is fixed</object>")),
    "words-in-a-drawing": Attack("doubtful", html("Approved <svg><text>once the hem is fixed</text></svg>")),
    "words-for-outlook-only": Attack("doubtful", html("Approved <!--[if mso]><p>once the hem is fixed</p><![endif]-->")),
    "words-struck-through": Attack("", html("<s>Approved</s> Talk to me first.")),
    "no-struck-through": Attack("", html("<del>Not</del> approved")),
    "zero-width-characters": Attack("doubtful", says("Ap\u200bproved")),
    "letters-turned-round": Attack("doubtful", says("\u202edevorppA\u202c")),
    "cyrillic-letters": Attack("not understood", says("\u0410pproved")),
    "wide-letters": Attack("", says("Ａpproved, ｎot")),
    "letters-with-marks-over-them": Attack("", says("App\u0338r\u0338oved")),
    "utf-7": Attack("", coded(b"+AEE-pproved", "text/plain; charset=utf-7", "7bit")),
    "charset-that-lies": Attack("", coded("Approved".encode("utf-16"), "text/plain; charset=utf-8")),
    "charset-nobody-knows": Attack("", coded(b"\xc1\x97\x97\x99\x96\xa5\x85\x84", "text/plain; charset=x-ebcdic")),
    "base64-that-breaks-off": Attack("", coded(b"QXBwcm92ZWQgb25jZSB0aGUgaGVtIGlzIGZpeGVkL", "text/plain; charset=utf-8", "base64")),
    "quoted-printable-that-glues-words": Attack("", coded(b"to be app=\r\nroved once the hem is fixed", "text/plain; charset=utf-8", "quoted-printable")),
    "condition-after-a-megabyte": Attack("doubtful", body(lambda s: "Approved\n" + "\n" * 40_000 + "once the hem is fixed\n")),
    "condition-below-a-deep-nesting": Attack("doubtful", html("Approved" + "<div>" * 3000 + "once the hem is fixed" + "</div>" * 3000)),
    "thumbs-up-for-money": Attack("", says("👍"), MONEY),
    "smile-for-money": Attack("", says("🙂"), MONEY),
    "decision-in-the-subject-alone": Attack("", headed("", Subject="Approved! {subject}")),
    "subject-that-takes-it-back": Attack("the subject was changed", headed("Approved!", Subject="Re: {subject} - only if it is ready by May")),
    "absence": Attack("not a person", headed("I am out of the office. Approved!", Subject="Automatic reply: {subject}", Auto_Submitted="auto-replied")),
    "absence-without-headers": Attack("not a person", headed("Thank you for your mail. I am out of the office until Monday and will answer then. Approved requests are handled by Bob.", Subject="Out of office: {subject}")),
    "made-by-a-machine": Attack("not a person", headed("Approved!", Auto_Submitted="auto-generated")),
    "sent-to-a-list-by-a-machine": Attack("not a person", headed("Approved!", List_Unsubscribe="<mailto:u@x.example>", List_Id="<news.x.example>", Precedence="bulk", In_Reply_To="", References="")),
    "calendar-answer": Attack("not a person", parts((TEXT, "Approved\r\n"), ("Content-Type: text/calendar; method=REPLY; charset=utf-8", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR"), kind="alternative")),
    "calendar-answer-by-its-parameter-alone": Attack("calendar-part", parts((TEXT, "Accepted\r\n"), ("Content-Type: text/calendar; method=REPLY; charset=utf-8", "BEGIN:VCALENDAR\r\nEND:VCALENDAR"), kind="alternative")),
    "calendar-answer-by-its-subject-alone": Attack("", headed("Ann Lee has accepted this invitation.", Subject="Accepted: {subject}")),
    "reaction": Attack("not a person", parts((TEXT, "👍\r\n"), ("Content-Type: text/vnd.google.email-reaction+json", '{"emoji":"👍","version":1}'), kind="alternative")),
    "read-receipt": Attack("not a person", parts((TEXT, "Your message was read. Approved!\r\n"), ("Content-Type: message/disposition-notification", "Final-Recipient: rfc822;ann@client.example\r\nDisposition: manual-action; displayed"), kind="report; report-type=disposition-notification")),
    "bounce-that-quotes-an-approval": Attack("not a person", parts((TEXT, "Your message could not be delivered. Approved!\r\n"), ("Content-Type: message/delivery-status", "Reporting-MTA: dns; mx.client.example\r\n\r\nFinal-Recipient: rfc822; ann@client.example\r\nAction: failed\r\nStatus: 5.1.1"), kind="report; report-type=delivery-status")),
    "our-question-comes-back": Attack("not a person", again(_set())),
    "our-question-comes-back-from-the-client": Attack("not a person", again(_set(From="{s.ann}"))),
    "our-question-comes-back-under-another-id": Attack("", again(_set(From="{s.ann}", Message_ID="<back@client.example>", X_Mailbot_Kind="x"))),
}  # fmt: skip
