"""Addresses are compared in one form: what must be one address is, and what need not be is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.addresses import checked, normal
from mailbot.reading.message import parse

ANN = "ann@client.example"


@pytest.mark.parametrize(
    "written",
    [
        ANN, "Ann@Client.Example", "ANN@CLIENT.EXAMPLE", " ann@client.example ", "ann@client.example.",
        '"ann"@client.example', '"Ann"@CLIENT.example.',
    ],
)  # fmt: skip
def test_one_address_however_it_is_written(written: str) -> None:
    assert normal(written) == checked(written, "x@y.example") == ANN


@pytest.mark.parametrize(
    "written", ["zoe@élan.example", "zoe@ÉLAN.example", "zoe@XN--LAN-9LA.example", "zoe@xn--lan-9la.example."]
)
def test_a_domain_in_other_letters_is_its_a_labels(written: str) -> None:
    assert checked(written, "x@y.example") == "zoe@xn--lan-9la.example"


@pytest.mark.parametrize(
    "other",
    [
        "ann+sketches@client.example", "a.nn@client.example", "ann@mail.client.example", "ann@client.example..",
        "ann@clıent.example", "ann@ｃlient.example", "ann@сlient.example", "ann@c\u200blient.example",
        "аnn@client.example",
        '"a nn"@client.example', '"ann@x"@client.example', "ann@client.example.evil.example", "", "ann", "@", "ann@",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_another_one(other: str) -> None:
    assert normal(other) != ANN


def test_the_kelvin_sign_is_no_k() -> None:
    assert normal("\u212aim@client.example") != "kim@client.example"
    assert normal("kim@\u212alient.example") != "kim@klient.example"


@pytest.mark.parametrize(
    "wrong",
    [
        "", "ann", "ann@client", "ann@.", "@client.example", "ann lee@client.example", "a@b@client.example",
        "ann@ｃlient.example", "ann@straße.example", '"a nn"@client.example', "Ann <ann@client.example>",
        "ann@client.example, bob@client.example",
    ],
)  # fmt: skip
def test_what_a_file_or_a_command_may_not_name(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"mail address|two ways"):
        checked(wrong, "x@y.example")


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        ("From: ANN@Client.example", ANN),
        ("From: Zoe <zoe@Élan.example>", "zoe@xn--lan-9la.example"),
        ("From: =?utf-8?q?Zo=C3=AB?= <zoe@xn--lan-9la.example>", "zoe@xn--lan-9la.example"),
    ],
)
def test_a_sender_is_known_in_that_form(line: str, sender: str) -> None:
    assert parse(f"{line}\r\n\r\nYes".encode()).from_addr == sender


@given(st.text(max_size=40))
def test_any_text_has_a_form_and_keeps_it(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.emails())
def test_a_plain_address_is_only_folded(address: str) -> None:
    local, _, domain = address.rpartition("@")
    if '"' not in local:
        assert normal(address) == f"{local}@{domain}".lower()
