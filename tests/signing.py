"""Who signs mail: keys made for one test run, DKIM signatures and ARC seals with any tags, and what DNS says of them.

A signer of its own, beside the library's, for it must be able to sign what no honest signer does.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import dkim
import nacl.signing
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import RSASSA_PKCS1_v1_5_sign, parse_pem_private_key

USUAL = "from:to:cc:subject:date:message-id:in-reply-to:references:content-type:mime-version"
GOOGLE = (
    "to:subject:message-id:date:from:in-reply-to:references:mime-version:from:to:cc:subject:date:message-id:reply-to"
)
MICROSOFT = "From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck"


@functools.cache
def rsa(bits: int = 2048, number: int = 0) -> bytes:
    """A private RSA key, PEM; another `number`, another key."""
    made = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], check=True, capture_output=True)
    return made.stdout


@functools.cache
def _public(pem: bytes) -> str:
    made = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem, check=True, capture_output=True
    ).stdout  # fmt: skip
    return base64.b64encode(made).decode()


@functools.cache
def ed25519(number: int = 0) -> nacl.signing.SigningKey:
    """A private Ed25519 key; another `number`, another key."""
    return nacl.signing.SigningKey.generate()


@dataclass(frozen=True, slots=True)
class Signer:
    """A domain that signs, with one key under one selector."""

    domain: str = "client.example"
    selector: str = "s1"
    algorithm: str = "rsa-sha256"
    key: bytes | nacl.signing.SigningKey = field(default_factory=rsa)

    @property
    def name(self) -> str:
        """Where its key is to be found."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def public(self) -> str:
        """Its key as DNS shows it (p=)."""
        if isinstance(self.key, bytes):
            return _public(self.key)
        return base64.b64encode(bytes(self.key.verify_key)).decode()

    def record(self, more: str = "", **tags: str) -> bytes:
        """Its record, with these tags changed."""
        kind = "rsa" if isinstance(self.key, bytes) else "ed25519"
        values = {"v": "DKIM1", "k": kind, "p": self.public, **tags}
        return ("; ".join(f"{name}={value}" for name, value in values.items()) + more).encode()

    def sign(self, mail: bytes, headers: str = USUAL, *, c: str = "relaxed/relaxed", **tags: str) -> bytes:
        """The mail below a signature of its own; `tags` are added, or take the place of the usual ones."""
        length = int(tags["l"]) if "l" in tags else None
        values = {
            "v": "1", "a": self.algorithm, "c": c, "d": self.domain, "s": self.selector, "h": headers,
            "bh": _body_hash(mail, c, length), **tags,
        }  # fmt: skip
        return b"DKIM-Signature:" + self.signed(b"DKIM-Signature", values, *_headers(mail)) + mail

    def seal(self, mail: bytes, results: str, *, cv: str | None = None, headers: str = USUAL, number: int = 0) -> bytes:
        """The mail as a forwarder seals it (RFC 8617): `results` are what it found out about the sender."""
        there = _headers(mail)
        chain = [h for h in there if h[0].lower().startswith(b"arc-")]
        number = number or len(chain) // 3 + 1
        found = b" i=%d; %s\r\n" % (number, results.encode())
        usual = {"i": str(number), "a": self.algorithm, "c": "relaxed/relaxed", "d": self.domain, "s": self.selector}
        over = {**usual, "h": headers, "bh": _body_hash(mail, "relaxed/relaxed", None)}
        message = self.signed(b"ARC-Message-Signature", over, *there)
        fresh = [(b"ARC-Message-Signature", message), (b"ARC-Authentication-Results", found)]
        names = [name.lower().decode() for name, _ in reversed([*fresh, *chain])]
        del usual["c"]
        says = {**usual, "cv": cv or ("none" if number == 1 else "pass")}
        seal = self.signed(b"ARC-Seal", says, *fresh, *chain, names=names, form="relaxed/relaxed")
        lines = [(b"ARC-Seal", seal), *fresh]
        return b"".join(name + b":" + value for name, value in lines) + mail

    def signed(
        self, name: bytes, tags: Mapping[str, str], *headers: tuple[bytes, bytes], names: list[str] | None = None,
        form: str = "",
    ) -> bytes:  # fmt: skip
        """The value of a header `name` with `tags` and their signature over `headers`."""
        policy = CanonicalizationPolicy.from_c_value((form or tags["c"]).encode())
        value = b" " + "; ".join(f"{tag}={text}" for tag, text in tags.items()).encode() + b";\r\n b="
        chosen = names if names is not None else [one.strip().lower() for one in tags["h"].split(":")]
        digest = dkim.HashThrough(hashlib.sha256())
        picked = [one.encode() for one in chosen]
        dkim.hash_headers(digest, policy, policy.canonicalize_headers(list(headers)), picked, (name, value), {})
        if isinstance(self.key, bytes):
            made = bytes(RSASSA_PKCS1_v1_5_sign(digest, parse_pem_private_key(self.key)))
        else:
            made = self.key.sign(digest.digest()).signature
        return value + base64.b64encode(made) + b"\r\n"


def _headers(mail: bytes) -> list[tuple[bytes, bytes]]:
    return [(bytes(name), bytes(value)) for name, value in dkim.rfc822_parse(mail)[0]]


def _body_hash(mail: bytes, c: str, length: int | None) -> str:
    body = CanonicalizationPolicy.from_c_value(c.encode()).canonicalize_body(dkim.rfc822_parse(mail)[1])
    return base64.b64encode(hashlib.sha256(body[:length]).digest()).decode()


def seconds(moment: datetime, more: int = 0) -> str:
    """A moment as signatures write it."""
    return str(int(moment.timestamp()) + more)
