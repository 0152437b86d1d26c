# ruff: noqa: E501 - bodies as programs write them, one line each
"""How the mail programs of this world write an answer: the text part, the HTML part, and the headers of their own.

In the templates stand: WORDS and HTMLWORDS (what was typed), MARKED (our text behind `>`), TEXT (our text), HTML (our
HTML), NAME, ADDR (ours), ANN, SUBJECT. An empty template is a part that the program does not write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape
from typing import TYPE_CHECKING

from tests.walks.world import text_of

if TYPE_CHECKING:
    from tests.walks.stage import Scene

_OUTLOOK = "From: NAME <ADDR>\nSent: Saturday, January 10, 2026 10:00 AM\nTo: ANN\nSubject: SUBJECT\n"
_OUTLOOK_HTML = "<b>From:</b> NAME &lt;ADDR&gt;<br><b>Sent:</b> Saturday, January 10, 2026 10:00 AM<br><b>To:</b> ANN<br><b>Subject:</b> SUBJECT"
_RULE = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"


@dataclass(frozen=True, slots=True)
class Program:
    """A mail program. `re` is what it puts before the subject; `header` are lines of its own."""

    text: str
    html: str = ""
    re: str = "Re: "
    header: Mapping[str, str] = field(default_factory=dict)
    charset: str = "utf-8"
    cte: str = "quoted-printable"
    flowed: bool = False

    def write(self, s: Scene, words: str, sender: str = "") -> EmailMessage:
        """An answer to what was asked last, by Ann."""
        mail = s.reply("", sender=sender)
        mail.clear_content()
        mail.replace_header("Subject", self.re + str(s.asked["Subject"]))
        for name, value in self.header.items():
            mail[name] = value
        if self.text:
            mail.set_content(_filled(self.text, s, words), charset=self.charset, cte=self.cte)
            if self.flowed:
                mail.set_param("format", "flowed")
        if self.html:
            html = _filled(self.html, s, words)
            if self.text:
                mail.add_alternative(html, subtype="html", charset=self.charset, cte=self.cte)
            else:
                mail.set_content(html, subtype="html", charset=self.charset, cte=self.cte)
        return mail


def _filled(template: str, s: Scene, words: str) -> str:
    asked = s.asked
    rich = asked.get_body(("html",))
    assert rich is not None
    body = re.sub(r"(?s)^.*<body[^>]*>|</body>.*$", "", rich.get_content())
    text = text_of(asked)
    name, _, address = str(asked["From"]).rpartition(" <")
    values = {
        "HTMLWORDS": escape(words).replace("\n", "<br>"), "WORDS": words,
        "MARKED": "\n".join(f"> {line}".rstrip() for line in text.splitlines()), "TEXT": text, "HTML": body,
        "NAME": name.strip('"'), "ADDR": address.rstrip(">"), "ANN": s.ann, "SUBJECT": str(asked["Subject"]),
    }  # fmt: skip
    return re.sub("|".join(values), lambda found: values[found[0]], template)


def _two(text: str, html: str, **more: object) -> Program:
    return Program(text, html, **more)  # type: ignore[arg-type]


MAIL_PROGRAMS = {
    "gmail-web": _two(
        "WORDS\n\nOn Sat, Jan 10, 2026 at 10:00 AM NAME <ADDR>\nwrote:\n\nMARKED\n",
        '<div dir="ltr">HTMLWORDS</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Sat, Jan 10, 2026 at 10:00 AM NAME &lt;<a href="mailto:ADDR">ADDR</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><u></u>HTML</blockquote></div>',
    ),
    "gmail-ios": _two(
        "WORDS\n\nOn Sat, Jan 10, 2026 at 10:00 NAME <ADDR> wrote:\n\nMARKED\n",
        '<div dir="auto">HTMLWORDS</div><div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Sat, Jan 10, 2026 at 10:00 NAME &lt;ADDR&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left-width:1px">HTML</blockquote></div></div>',
    ),
    "gmail-android-german": _two(
        "WORDS\n\nNAME <ADDR> schrieb am Sa., 10. Jan. 2026,\n10:00:\n\nMARKED\n",
        '<div dir="auto">HTMLWORDS</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">NAME &lt;ADDR&gt; schrieb am Sa., 10. Jan. 2026, 10:00:<br></div><blockquote class="gmail_quote">HTML</blockquote></div>',
        re="Re: ",
    ),
    "outlook-desktop": _two(
        f"WORDS\n\n{_OUTLOOK}\nTEXT",
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name="Generator" content="Microsoft Word 15 (filtered medium)"><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--><style><!-- p.MsoNormal {{margin:0in;font-size:11.0pt;}} --></style></head><body lang="EN-US"><div class="WordSection1"><p class="MsoNormal">HTMLWORDS<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="{_RULE}"><p class="MsoNormal">{_OUTLOOK_HTML}<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>HTML</div></body></html>',
        re="RE: ",
    ),
    "outlook-desktop-german": _two(
        "WORDS\n\nVon: NAME <ADDR>\nGesendet: Samstag, 10. Januar 2026 10:00\nAn: ANN\nBetreff: SUBJECT\n\nTEXT",
        f'<div class="WordSection1"><p class="MsoNormal">HTMLWORDS</p><div style="{_RULE}"><p class="MsoNormal"><b>Von:</b> NAME &lt;ADDR&gt;<br><b>Gesendet:</b> Samstag, 10. Januar 2026 10:00<br><b>An:</b> ANN<br><b>Betreff:</b> SUBJECT</p></div>HTML</div>',
        re="AW: ",
    ),
    "outlook-web": _two(
        f"WORDS\n________________________________\n{_OUTLOOK}\nTEXT",
        f'<div class="elementToProof" style="font-family: Aptos">HTMLWORDS</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri" style="font-size:11pt" color="#000000">{_OUTLOOK_HTML}</font><div>&nbsp;</div></div><div>HTML</div>',
    ),
    "outlook-new": Program("", f'<div>HTMLWORDS</div><hr style="display:inline-block;width:98%"><div class="x_divRplyFwdMsg" id="x_divRplyFwdMsg">{_OUTLOOK_HTML}</div><div class="x_body">HTML</div>'),
    "outlook-mac": _two(
        "WORDS\n\nFrom: NAME <ADDR>\nDate: Saturday, January 10, 2026 at 10:00 AM\nTo: ANN\nSubject: SUBJECT\n\nTEXT",
        '<div class="WordSection1"><p class="MsoNormal">HTMLWORDS</p><div id="mail-editor-reference-message-container"><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in"><p><b>From: </b>NAME &lt;ADDR&gt;<br><b>Date: </b>Saturday, January 10, 2026 at 10:00 AM<br><b>To: </b>ANN<br><b>Subject: </b>SUBJECT</p></div>HTML</div></div>',
    ),
    "outlook-ios": _two(
        f"WORDS\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n{_OUTLOOK}\nTEXT",
        f'<div dir="ltr">HTMLWORDS</div><div id="ms-outlook-mobile-signature" dir="auto"><div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{_OUTLOOK_HTML}</div>HTML',
    ),
    "apple-mail": _two(
        "WORDS\n\n> On Jan 10, 2026, at 10:00 AM, NAME <ADDR> wrote:\n> \nMARKED\n",
        '<html><body style="overflow-wrap: break-word;">HTMLWORDS<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On Jan 10, 2026, at 10:00&#8239;AM, NAME &lt;ADDR&gt; wrote:</div><br class="Apple-interchange-newline"><div>HTML</div></blockquote></div></body></html>',
        header={"X-Mailer": "Apple Mail (2.3826.200.121)"},
    ),
    "apple-ios": _two(
        "WORDS\n\nSent from my iPhone\n\n> On Jan 10, 2026, at 10:00 AM, NAME <ADDR> wrote:\n> \nMARKED\n",
        '<html><body dir="auto">HTMLWORDS<div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On Jan 10, 2026, at 10:00 AM, NAME &lt;ADDR&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">HTML</div></blockquote></div></body></html>',
    ),
    "apple-ios-french": _two(
        "WORDS\n\nEnvoyé de mon iPhone\n\n> Le 10 janv. 2026 à 10:00, NAME <ADDR> a écrit :\n> \nMARKED\n",
        '<html><body dir="auto">HTMLWORDS<br><div dir="ltr">Envoyé de mon iPhone</div><div dir="ltr"><br><blockquote type="cite">Le 10 janv. 2026 à 10:00, NAME &lt;ADDR&gt; a écrit :<br><br></blockquote></div><blockquote type="cite">HTML</blockquote></body></html>',
        re="Re : ",
    ),
    "yahoo-web": _two(
        "WORDS\n\n    On Saturday, January 10, 2026 at 10:00:00 AM EST, NAME <ADDR> wrote:  \n \n TEXT  ",
        '<html><head></head><body><div class="ydp1a2b3c4dyahoo-style-wrap"><div dir="ltr" data-setdir="false">HTMLWORDS</div></div><div id="yahoo_quoted_1234567890" class="yahoo_quoted"><div>On Saturday, January 10, 2026 at 10:00:00 AM EST, NAME &lt;ADDR&gt; wrote:</div><div>HTML</div></div></body></html>',
    ),
    "yahoo-mobile": _two(
        "WORDS\n\nYahoo Mail: Search, Organize, Conquer\n \n  On Sat, Jan 10, 2026 at 10:00 AM, NAME<ADDR> wrote:   TEXT  ",
        'HTMLWORDS<br><br><div id="ymail_android_signature"><a href="https://mail.onelink.me/x">Yahoo Mail: Search, Organize, Conquer</a></div> <br> <blockquote style="margin: 0 0 20px 0;"> <div> On Sat, Jan 10, 2026 at 10:00 AM, NAME</div><div>&lt;ADDR&gt; wrote:</div> <div style="padding: 10px 0 0 20px;"> HTML</div> </blockquote>',
    ),
    "proton": _two(
        "WORDS\n\nSent with Proton Mail secure email.\n\nOn Saturday, January 10th, 2026 at 10:00 AM, NAME <ADDR> wrote:\n\nMARKED\n",
        '<div style="font-family: Arial; font-size: 14px;">HTMLWORDS</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a target="_blank" href="https://proton.me/mail/home">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">On Saturday, January 10th, 2026 at 10:00 AM, NAME &lt;ADDR&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">HTML</blockquote></div>',
    ),
    "thunderbird-html": Program("", '<html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body><p>HTMLWORDS</p><div class="moz-cite-prefix">On 10/01/2026 10:00, NAME wrote:<br></div><blockquote type="cite" cite="mid:x@studio.example">HTML</blockquote></body></html>'),
    "thunderbird-text-below": Program("On 10/01/2026 10:00, NAME wrote:\nMARKED\n\nWORDS\n\n-- \nAnn Lee\nClient Theatre\n", flowed=True),
    "thunderbird-german": Program("Am 10.01.26 um 10:00 schrieb NAME:\nMARKED\n\nWORDS\n", re="Re: ", flowed=True),
    "gmx": Program("", '<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;"><div>HTMLWORDS</div><div>&nbsp;<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;"><b>Gesendet:</b>&nbsp;Samstag, 10. Januar 2026 um 10:00 Uhr<br/><b>Von:</b>&nbsp;"NAME" &lt;ADDR&gt;<br/><b>An:</b>&nbsp;ANN<br/><b>Betreff:</b>&nbsp;SUBJECT</div><div name="quoted-content">HTML</div></div></div></div></div></body></html>', re="Aw: "),
    "web-de": _two(
        "WORDS\n\nGesendet: Samstag, 10. Januar 2026 um 10:00 Uhr\nVon: \"NAME\" <ADDR>\nAn: ANN\nBetreff: SUBJECT\n\nTEXT",
        '<div><div>HTMLWORDS</div><div name="quote" style="border-left:2px solid #C3D9E5;"><div><b>Gesendet:</b> Samstag, 10. Januar 2026 um 10:00 Uhr<br><b>Von:</b> NAME &lt;ADDR&gt;<br><b>An:</b> ANN<br><b>Betreff:</b> SUBJECT</div><div name="quoted-content">HTML</div></div></div>',
        re="Aw: ",
    ),
    "zimbra": _two(
        "WORDS\n\nFrom: \"NAME\" <ADDR>\nTo: \"Ann\" <ANN>\nSent: Saturday, 10 January, 2026 10:00:00\nSubject: SUBJECT\n\nTEXT",
        '<html><body><div style="font-family: arial"><div>HTMLWORDS</div><div><br></div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"NAME" &lt;ADDR&gt;<br><b>To: </b>ANN<br><b>Sent: </b>Saturday, 10 January, 2026 10:00:00<br><b>Subject: </b>SUBJECT<br></div><div data-marker="__QUOTED_TEXT__">HTML</div></div></body></html>',
    ),
    "notes": _two(
        "WORDS\n\n\n\nFrom:\tNAME <ADDR>\nTo:\tANN\nDate:\t01/10/2026 10:00 AM\nSubject:\tSUBJECT\n\n\n\nTEXT",
        '<font size=2 face="sans-serif">HTMLWORDS</font><br><br><br><br><font size=1 color=#5f5f5f face="sans-serif">From: &nbsp; &nbsp; </font><font size=1 face="sans-serif">NAME &lt;ADDR&gt;</font><br><font size=1 color=#5f5f5f>To: &nbsp; </font><font size=1>ANN</font><br><font size=1 color=#5f5f5f>Date: &nbsp; </font><font size=1>01/10/2026 10:00 AM</font><br><font size=1 color=#5f5f5f>Subject: &nbsp; </font><font size=1>SUBJECT</font><br><hr noshade><br><br><br>HTML',
    ),
    "samsung": _two(
        "WORDS\n\nSent from my Galaxy\n\n-------- Original message --------\nFrom: NAME <ADDR>\nDate: 1/10/26 10:00 (GMT-05:00)\nTo: ANN\nSubject: SUBJECT\n\nTEXT",
        '<div dir="auto">HTMLWORDS</div><div><br></div><div id="composer_signature" dir="auto"><div style="font-size:85%;color:#575757">Sent from my Galaxy</div></div><div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>-------- Original message --------</div><div>From: NAME &lt;ADDR&gt; </div><div>Date: 1/10/26  10:00  (GMT-05:00) </div><div>To: ANN </div><div>Subject: SUBJECT </div><div><br></div></div>HTML',
    ),
    "spark": _two(
        "WORDS\nOn Jan 10, 2026 at 10:00 -0500, NAME <ADDR>, wrote:\nMARKED\n",
        '<html><body><div name="messageBodySection"><div dir="auto">HTMLWORDS</div></div><div name="messageReplySection">On Jan 10, 2026 at 10:00 -0500, NAME &lt;ADDR&gt;, wrote:<br><blockquote type="cite" style="border-left-color: grey;" class="spark_quote">HTML</blockquote></div></body></html>',
    ),
    "k9": _two(
        "WORDS\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.\n\nOn January 10, 2026 10:00:00 AM EST, NAME <ADDR> wrote:\nMARKED\n",
        '<html><head></head><body><div dir="auto">HTMLWORDS</div><br><br><div class="k9mail-signature" dir="auto">-- <br>Sent from my Android device with K-9 Mail. Please excuse my brevity.</div><br><br><div class="gmail_quote"><div dir="auto">On January 10, 2026 10:00:00 AM EST, NAME &lt;ADDR&gt; wrote:</div><blockquote class="gmail_quote" style="border-left: 1px solid #ccc;">HTML</blockquote></div></body></html>',
    ),
    "mutt": Program("On Sat, Jan 10, 2026 at 10:00:00AM -0500, NAME wrote:\nMARKED\n\nWORDS\n\n-- \nAnn Lee\n", cte="7bit", charset="us-ascii", header={"User-Agent": "Mutt/2.2.12"}),
    "mutt-answer-in-the-middle": Program("* NAME <ADDR> [2026-01-10 10:00]:\nMARKED\n\nWORDS\n", cte="8bit"),
    "roundcube": _two(
        "WORDS\n\nOn 2026-01-10 10:00, NAME wrote:\nMARKED\n",
        '<html><body style="font-size: 10pt"><p>HTMLWORDS</p><p id="reply-intro">On 2026-01-10 10:00, NAME wrote:</p><blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0"><div id="replybody1">HTML</div></blockquote></body></html>',
    ),
    "tutanota": Program("", 'HTMLWORDS<br><br>-- <br>Secured with Tuta Mail: <br>https://tuta.com/free-email<br><br><br>Jan 10, 2026, 10:00 by ADDR:<br><blockquote class="tutanota_quote" style="border-left: 1px solid #93A3B8; padding-left: 10px; margin-left: 5px;">HTML</blockquote>'),
    "fastmail": _two(
        "WORDS\n\nOn Sat, Jan 10, 2026, at 10:00 AM, NAME wrote:\nMARKED\n",
        '<!DOCTYPE html><html><head><title></title></head><body><div>HTMLWORDS<br></div><div><br></div><div>On Sat, Jan 10, 2026, at 10:00 AM, NAME wrote:<br></div><blockquote type="cite" id="qt">HTML</blockquote></body></html>',
    ),
    "hey": Program("", '<div class="trix-content"><div>HTMLWORDS</div></div><div class="hey-quote"><p>On January 10, 2026, NAME &lt;ADDR&gt; wrote:</p><blockquote>HTML</blockquote></div>'),
    "aol": _two(
        "WORDS\n\nIn a message dated 1/10/2026 10:00:00 AM Eastern Standard Time, ADDR writes:\nMARKED\n",
        '<div style="color:black;font: 10pt arial;">HTMLWORDS<br><br><div><div id="yahoo_quoted_99" class="yahoo_quoted"><div>On Saturday, January 10, 2026 at 10:00:00 AM EST, NAME &lt;ADDR&gt; wrote:</div>HTML</div></div></div>',
    ),
    "mail-ru": Program("", '<div>HTMLWORDS</div><blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">Суббота, 10 января 2026, 10:00 -05:00 от NAME &lt;ADDR&gt;:<br><div id="">HTML</div></blockquote>'),
    "qq": _two(
        'WORDS\n\n\n------------------ Original ------------------\nFrom: "NAME" <ADDR>;\nDate: Sat, Jan 10, 2026 10:00 AM\nTo: "Ann"<ANN>;\nSubject: SUBJECT\n\n\n\nTEXT',
        '<div>HTMLWORDS</div><div><br></div><div style="font-size: 12px;padding:2px 0 2px 0;">------------------&nbsp;Original&nbsp;------------------</div><div style="font-size: 12px;background:#efefef;padding:8px;"><div><b>From:</b> "NAME"&lt;ADDR&gt;;</div><div><b>Date:</b> Sat, Jan 10, 2026 10:00 AM</div><div><b>To:</b> "Ann"&lt;ANN&gt;;</div><div><b>Subject:</b> SUBJECT</div></div><div><br></div>HTML',
    ),
    "superhuman": _two(
        "WORDS\n\nSent via Superhuman ( https://sprh.mn/?vip=ann )\n\nOn Sat, Jan 10, 2026 at 10:00 AM, NAME < ADDR > wrote:\n\nMARKED\n",
        '<html><body><div><div>HTMLWORDS</div><div class="sh-signature"><div>Sent via <a href="https://sprh.mn/?vip=ann">Superhuman</a></div></div><br><div class="gmail_quote">On Sat, Jan 10, 2026 at 10:00 AM, NAME <span>&lt;ADDR&gt;</span> wrote:<br><blockquote class="gmail_quote">HTML</blockquote></div></div></body></html>',
    ),
    "blackberry": Program("WORDS\nSent from my BlackBerry 10 smartphone.\n  Original Message  \nFrom: NAME\nSent: Saturday, January 10, 2026 10:00\nTo: ANN\nSubject: SUBJECT\n\nTEXT", cte="base64"),
    "alpine": Program("WORDS\n\nOn Sat, 10 Jan 2026, NAME wrote:\n\nMARKED\n", header={"User-Agent": "Alpine 2.26"}, cte="8bit"),
    "gnus": Program('NAME <ADDR> writes:\n\nMARKED\n\nWORDS\n\n-- \nAnn', header={"User-Agent": "Gnus/5.13"}),
    "evolution": Program("On Sat, 2026-01-10 at 10:00 -0500, NAME wrote:\nMARKED\n\nWORDS\n", flowed=True),
    "kmail": Program("Samstag, 10. Januar 2026 10:00:00 CET NAME:\nMARKED\n\nWORDS\n", cte="8bit"),
    "icloud-web": _two("WORDS\n\nOn Jan 10, 2026, at 10:00 AM, NAME <ADDR> wrote:\n\nMARKED\n", 'HTMLWORDS<div><br></div><div>On Jan 10, 2026, at 10:00 AM, NAME &lt;ADDR&gt; wrote:</div><blockquote type="cite"><div>HTML</div></blockquote>'),
    "text-only-phone": Program("WORDS\n\n----- Reply message -----\nFrom: \"NAME\" <ADDR>\nTo: <ANN>\nSubject: SUBJECT\nDate: Sat, Jan 10, 2026 10:00\n\nTEXT"),
    "no-quotation": Program("WORDS\n"),
}  # fmt: skip
