"""Headers and MIME parts: what threads, filters, loop guards and other programs rely on."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest

from mailbot.writing.check import sample_picture
from mailbot.writing.kinds import KINDS
from mailbot.writing.mail import POLICY, thread_ids
from tests.writing.reading_back import html_of, parsed

LONG = tuple(f"{'r' * 60}{n}.{'q' * 40}@mail.a-client-with-a-long-name.example" for n in range(5))
ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_reads_back_as_it_was_written(write, kind):
    mail = write(kind)
    message = parsed(mail)
    assert mail.data.isascii()
    head, _, body = mail.data.partition(b"\r\n\r\n")
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert max(len(line) for line in body.split(b"\r\n")) <= 78  # RFC 2045: 76; RFC 5322: 78 for what is not encoded
    assert b"\n" not in mail.data.replace(b"\r\n", b"")
    text = message.get_body(("plain",))
    assert text.get_content().replace("\r\n", "\n") == mail.text
    assert message["Subject"] == mail.subject
    assert message["Message-ID"] == "<m1.k7m2@studio.example>"
    assert message["X-Mailbot-Kind"] == kind
    assert message["From"].addresses[0].addr_spec == "orders@studio.example"
    assert {part["Content-Transfer-Encoding"] for part in message.walk() if part.get_content_maintype() == "text"} == {
        "quoted-printable"
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_tag_stands_once_at_the_end_where_one_order_is_meant(write, kind):
    mail = write(kind)
    if "," in parsed(mail)["X-Mailbot-Order"]:
        assert "[" not in mail.subject
    else:
        assert re.findall(r"\[[^]]*\]", mail.subject) == ["[ORD-2041]"]
        assert mail.subject.endswith(" [ORD-2041]")


def test_a_long_subject_keeps_its_tag(write, order):
    mail = write("weekly-update", order=order.model_copy(update={"project": "Größe 👗 " * 60}))
    assert mail.subject.endswith("… [ORD-2041]")
    assert len(mail.subject) <= 200
    raw = re.search(rb"^Subject: (.*?)\r\n(?=\S)", mail.data, re.S | re.M)[1]
    assert all(len(word) <= 75 for word in ENCODED_WORD.findall(raw))  # RFC 2047, section 2
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert raw.endswith(b"\r\n [ORD-2041]")
    assert str(make_header(decode_header(raw.decode().replace("\r\n", "")))) == mail.subject


def test_mails_about_several_orders_name_them_all(write):
    assert parsed(write("digest"))["X-Mailbot-Order"] == "ORD-2041,ORD-2044"


@pytest.mark.parametrize("kind", KINDS)
def test_automatic_mail_says_so_and_only_updates_are_a_subscription(write, kind):
    message = parsed(write(kind))
    answers = kind in ("receipt", "question-back", "command-result")
    assert message["Auto-Submitted"] == ("auto-replied" if answers else "auto-generated")
    assert ("List-Id" in message, "List-Unsubscribe" in message) == ((kind == "weekly-update"),) * 2


def test_updates_can_be_left_by_mail(write):
    message = parsed(write("weekly-update"))
    assert message["List-Unsubscribe"] == "<mailto:orders@studio.example?subject=unsubscribe%20%5BORD-2041%5D>"
    assert message["List-Id"] == "<weekly-update.orders.studio.example>"


def test_answers_come_back_by_token_address_ids_and_foot(write):
    mail = write("change-order")
    assert parsed(mail)["Reply-To"] == "orders+k7m2q9x4t6@studio.example"
    assert mail.text.endswith("\nRef ORD-2041 / CO-1 / k7m2q9x4t6\n")
    assert "Ref ORD-2041 / CO-1 / k7m2q9x4t6" in html_of(mail)


def test_without_a_token_nothing_is_promised(write):
    assert "Reply-To" not in parsed(write("weekly-update", token=None))


@pytest.mark.parametrize(
    ("separator", "address"), [("-", "orders-k7m2q9x4t6@studio.example"), ("", "orders@studio.example")]
)
def test_the_token_stands_after_the_studios_separator(write, studio, separator, address):
    other = type(studio)(studio.name, studio.address, studio.timezone, studio.locale, separator)
    assert parsed(write("change-order", studio=other))["Reply-To"] == address


def test_long_references_stay_ids(write):
    mail = write("receipt", references=LONG, in_reply_to=LONG[-1])
    head = mail.data.split(b"\r\n\r\n")[0]
    assert b"=?" not in head
    assert f"\r\nIn-Reply-To: <{LONG[-1]}>\r\n".encode() in head
    assert b"\r\nReferences: " + " ".join(f"<{one}>" for one in LONG).encode() + b"\r\n" in head


def test_a_thread_of_hundreds_keeps_its_first_and_last_ids():
    kept = thread_ids([f"{number}.{'x' * 50}@client.example" for number in range(300)]).split()
    assert len(" ".join(kept)) <= 900
    assert kept[0].startswith("<0.")
    assert kept[-1].startswith("<299.")
    assert len(kept) > 10


@pytest.mark.parametrize("bad", ["a b@c", "a@b>\r\nBcc: x", "ü@c", "", "x" * 5000, "<a@b>"])
def test_ids_of_others_that_are_none_are_left_out(bad):
    assert thread_ids(["one@x", bad, "two@x"]) == "<one@x> <two@x>"


def test_the_same_send_gives_the_same_bytes(write):
    assert write("weekly-update").data == write("weekly-update").data


def test_the_date_is_the_time_given_in_studio_time(write):
    assert parsed(write("receipt"))["Date"] == "Thu, 22 Jan 2026 13:40:00 -0500"


def test_copies_are_recipients_and_nobody_is_written_to_twice(write):
    mail = write("receipt", to=("a@x.example", "b@x.example"), cc=("b@x.example", "c@x.example"))
    assert mail.recipients == ("a@x.example", "b@x.example", "c@x.example")
    assert parsed(mail)["Cc"] == "b@x.example, c@x.example"


def test_names_of_the_studio_survive(write, studio):
    name = 'Atelier "Süd", Söhne & Töchter, Haute Couture für jeden Tag und jede Nacht im Jahr'
    other = type(studio)(name, studio.address, studio.timezone, studio.locale)
    raw = re.search(rb"^From: (.*?)\r\n(?=\S)", write("receipt", studio=other).data, re.S | re.M)[1]
    shown = str(make_header(decode_header(raw.decode().replace("\r\n", ""))))
    assert shown == f"{name} <orders@studio.example>"


def test_photos_stand_in_the_letter_and_other_files_are_attached(write):
    files = (("bodice.png", "image/png", sample_picture()), ("Maße.pdf", "application/pdf", b"%PDF-1.7 \xff"))
    mail = write("weekly-update", attachments=files)
    message = parsed(mail)
    assert message.get_content_type() == "multipart/mixed"
    types = [part.get_content_type() for part in message.walk()]
    assert types == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip
    picture, pdf = list(message.walk())[-2:]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html_of(mail)
    assert picture.get_content() == sample_picture()
    assert (pdf.get_filename(), pdf.get_content()) == ("Maße.pdf", b"%PDF-1.7 \xff")


def test_a_mail_is_attached_byte_for_byte(write):
    plain = b"From: a@b.example\r\nSubject: x\r\n\r\nhello\r\n"
    eight = "From: a@b.example\r\nSubject: x\r\n\r\nhéllo\r\n".encode()
    wide = b"Subject: x\r\n\r\n" + b"x" * 2000
    files = tuple((f"{n}.eml", "message/rfc822", data) for n, data in enumerate((plain, eight, wide)))
    mail = write("escalation-collection", attachments=files)
    parts = list(message_from_bytes(mail.data, policy=default).iter_attachments())
    assert mail.data.isascii()
    assert parts[0].get_content_type() == "message/rfc822"
    assert plain.rstrip() in mail.data
    assert parts[0].get_payload(0)["Subject"] == "x"
    assert [part.get_content() for part in parts[1:]] == [eight, wide]
    assert {part.get_filename() for part in parts} == {"0.eml", "1.eml", "2.eml"}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\r\nBcc: x@y.example.pdf", "", "x" * 400 + ".pdf", "zoë 👗.pdf"]
)
def test_file_names_from_outside_are_harmless(write, name):
    mail = write("approval-request", attachments=((name, "application/pdf", b"%PDF"),))
    message = parsed(mail)
    (part,) = message.iter_attachments()
    assert "Bcc" not in message
    assert part.get_content() == b"%PDF"
    found = part.get_filename()
    assert found
    assert len(found) <= 120
    assert not re.search(r"[\r\n/\\]", found)


@pytest.mark.parametrize("content_type", ["text/html\r\nX: y", "multipart/mixed", "nonsense", "message/partial"])
def test_content_types_from_outside_are_harmless(write, content_type):
    mail = write("approval-request", attachments=(("a.bin", content_type, b"abc"),))
    (part,) = parsed(mail).iter_attachments()
    assert (part.get_content_type(), part.get_content()) == ("application/octet-stream", b"abc")


def test_a_header_never_begins_another():
    for value in ("x\r\nBcc: a@b.example", "x\nBcc: a@b.example", "x\rBcc: a@b.example", "x\r\n\r\nbody"):
        message = EmailMessage(policy=POLICY)
        with pytest.raises(ValueError, match="another header"):
            message["X-Mailbot-Order"] = value


def test_headers_that_fit_no_line_are_folded(write):
    many = tuple(f"client{n}@a-long-domain-{n}.client.example" for n in range(60))
    mail = write("receipt", to=many)
    head = mail.data.split(b"\r\n\r\n")[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert [address.addr_spec for address in parsed(mail)["To"].addresses] == list(many)
