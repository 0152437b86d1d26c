"""A raw mail as a Message: every odd mail is read, named by its defects, and read in bounded time."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.reading.message import Message, parse

MAILS = Path(__file__).parent.parent / "mail"
HEAD = b"From: Ann <ann@client.example>\r\nSubject: x\r\n"


def read(name: str) -> Message:
    return parse((MAILS / f"{name}.eml").read_bytes())


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("truncated", "truncated-mime"), ("truncated_base64", "truncated-mime"), ("two_froms", "two-froms"),
        ("no_from", "no-from"), ("unknown_charset", "bad-charset"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mail_is_named(name: str, defect: str) -> None:
    assert defect in read(name).defects


@pytest.mark.parametrize("name", ["gmail_reply", "leading_blank_lines", "flowed", "latin1_declared_ascii"])
def test_a_sound_mail_has_no_defect(name: str) -> None:
    assert read(name).defects in ((), ("bad-charset",))
    assert read(name).from_addr == "ann@client.example"


def test_an_embedded_message_never_mixes_into_the_body() -> None:
    mail = read("embedded_forward")
    assert (mail.text, mail.html) == ("See attached.", None)
    assert parse(mail.embedded[0]).text == "APPROVED"


def test_two_froms_or_none_name_no_sender() -> None:
    assert read("two_froms").from_headers == 2
    assert (read("two_froms").from_addr, read("no_from").from_addr) == ("", "")


def test_charsets_declared_then_utf8_then_cp1252() -> None:
    assert read("latin1_declared_ascii").text == "Einverstanden, schöne Grüße\n"
    assert read("unknown_charset").text == "Approuvé\n"
    assert read("raw_utf8_headers").from_[0].name == "Åsa Lindström"
    assert read("raw_utf8_headers").subject.startswith("Re: Klänning")


def test_text_around_a_picture_is_one_body() -> None:
    mail = read("apple_text_picture_text")
    assert mail.text == "Approved as in\nbut two inches shorter."
    assert [a.filename for a in mail.attachments] == ["hem.png"]


def test_flowed_is_read_from_the_text_part() -> None:
    assert (read("flowed").format_flowed, read("flowed").delsp) == (True, True)


def test_headers_are_unfolded_and_decoded() -> None:
    mail = parse(
        b"From: =?utf-8?q?=C3=85sa?= <A@Client.example>\nSubject: =?utf-8?b?w4U=?=\n x\nReferences: <a@b>\n <c@d>\n\n"
    )
    assert mail.from_[0].name == "Åsa"
    assert mail.from_addr == "a@client.example"
    assert mail.subject == "Å x"
    assert mail.references == ("a@b", "c@d")


def test_a_display_name_that_is_an_address_is_not_the_address() -> None:
    assert parse(b'From: "boss@client.example" <evil@other.example>\n\nok').from_addr == "evil@other.example"


def test_a_big_attachment_is_decoded_whole() -> None:
    content = bytes(range(256)) * 8000
    code = base64.encodebytes(content).replace(b"\n", b"\r\n")
    mail = parse(
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nApproved\r\n--b\r\n"
        b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + code + b"--b--\r\n"
    )
    assert mail.text == "Approved"
    assert mail.attachments[0].data == content


def nested(depth: int) -> bytes:
    heads = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(depth))
    tails = b"".join(b"--b%d--\r\n" % i for i in reversed(range(depth)))
    return HEAD + heads + b"Content-Type: text/plain\r\n\r\ndeep\r\n" + tails


def test_two_hundred_nested_parts_are_read_and_more_set_aside() -> None:
    assert parse(nested(199)).text == "deep"
    assert "too-many-parts" in parse(nested(300)).defects


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"\r\n" + b"\n" * 24_000_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\n\n\n" * 4_000_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--\n" * 8_000_000,
        nested(20_000),
        b"A: b\r\n" * 4_000_000,
        b"From: " + b"(" * 60_000 + b"\r\n\r\nhi",
        HEAD + b'Content-Type: text/plain; charset="punycode"\r\n\r\n' + b"a" * 1_000_000,
        HEAD + b"\r\n" + b"x" * 30_000_000,
    ],
    ids=["newlines", "boundaries", "dashes", "nested", "headers", "comments", "codec", "too big"],
)
def test_no_mail_takes_longer_than_two_seconds(data: bytes) -> None:
    started = time.process_time()
    parse(data)
    assert time.process_time() - started < 2


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", HEAD, HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"])
)
def test_parse_never_raises(junk: bytes, head: bytes) -> None:
    assert isinstance(parse(head + junk), Message)
