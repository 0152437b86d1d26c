"""The leaves of a mail: which of them are the body, which are attachments, which are whole messages.

The two bodies are put together from their parts in order: a program that sets a picture into the text cuts it in two,
and a gateway adds its footer as one more part.
"""

from __future__ import annotations

import html as html_entities
from dataclasses import dataclass
from email.message import Message as Part

from mailparser.utils import decode_header_part

from mailbot.reading import mime

_MAX_NAME = 1000
# Codecs of Python that are no charsets of mail; two of them take quadratic time. UTF-7 hides text from who looks at it.
_NO_CHARSETS = frozenset({
    "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf_7", "utf7",
})  # fmt: skip
_WIDER = {"us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252", "latin-1": "cp1252", "gb2312": "gb18030"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf that is not the body. `filename` is what the sender says, "" when nothing: never a path to write to."""

    filename: str
    content_type: str
    data: bytes
    content_id: str | None
    inline: bool


@dataclass(frozen=True, slots=True)
class _Unit:
    """A stretch of the body, as text or HTML or, in a multipart/alternative, both."""

    text: str | None
    html: str | None


class Body:
    """Walks the tree once and collects body, attachments and embedded messages."""

    def __init__(self, tree: mime.Tree) -> None:
        self._tree = tree
        self.flowed = ""
        self.defects: list[str] = []
        self.attachments: list[Attachment] = []
        self.embedded: list[bytes] = []
        self.parts: list[tuple[str, bytes]] = []
        units = self._units(tree.root, top=True)
        texts = [unit.text for unit in units if unit.text is not None]
        self.text = "\n".join(texts) if texts else None
        self.html = (
            "\n".join(_as_html(unit) for unit in units) if any(unit.html is not None for unit in units) else None
        )

    def _units(self, part: Part, top: bool = False) -> list[_Unit]:
        if part.get_content_maintype() == "message":
            self._embedded(part)
            return []
        children = part.get_payload() if part.is_multipart() else None
        if not isinstance(children, list):
            return self._leaf(part, top)
        units = [self._units(child) for child in children if isinstance(child, Part)]
        if part.get_content_type() == "multipart/alternative":
            return self._alternative(units)
        return [unit for group in units for unit in group]

    def _alternative(self, groups: list[list[_Unit]]) -> list[_Unit]:
        """One unit: the first child that has text, the last that has HTML. A child that has neither adds nothing.

        There is one of each kind; another that differs is seen by some readers and not by others.
        """
        texts = [
            "\n".join(u.text for u in group if u.text is not None)
            for group in groups
            if any(u.text is not None for u in group)
        ]
        htmls = ["\n".join(_as_html(u) for u in group) for group in groups if any(u.html is not None for u in group)]
        if not texts and not htmls:
            return []
        if len({" ".join(text.split()) for text in texts}) > 1 or len({" ".join(h.split()) for h in htmls}) > 1:
            self.defects.append("several-texts")
        return [_Unit(texts[0] if texts else None, htmls[-1] if htmls else None)]

    def _embedded(self, part: Part) -> None:
        if self._full():
            return
        content, _ = self._tree.decoded(part)
        self.parts.append((part.get_content_type(), content))
        if part.get_content_type() in ("message/rfc822", "message/global"):
            self.embedded.append(content)

    def _leaf(self, part: Part, top: bool) -> list[_Unit]:
        if self._full():
            return []
        content, whole = self._tree.decoded(part)
        kind = part.get_content_type()
        self.parts.append((kind, content))
        filename = _filename(part)
        is_body = kind in ("text/plain", "text/html") and (
            top or (not filename and part.get_content_disposition() != "attachment")
        )
        if not is_body and not (top and kind.startswith("multipart/")):
            self.attachments.append(_attachment(part, kind, filename, content))
            return []
        if not whole:
            self.defects.append("truncated-mime")
        text = self._text(content, part)
        return [_Unit(None, text) if kind == "text/html" else _Unit(text, None)]

    def _text(self, content: bytes, part: Part) -> str:
        declared = _parameter(part, "charset").lower()
        text, sure = decode_text(content, declared)
        if not sure:
            self.defects.append("bad-charset")
        if part.get_content_type() == "text/plain" and _parameter(part, "format").lower() == "flowed":
            self.flowed = "delsp" if _parameter(part, "delsp").lower() == "yes" else "flowed"
        return text

    def _full(self) -> bool:
        if len(self.parts) < mime.MAX_PARTS:
            return False
        self.defects.append("too-many-parts")
        return True


def _as_html(unit: _Unit) -> str:
    return unit.html if unit.html is not None else f"<pre>{html_entities.escape(unit.text or '')}</pre>"


def _attachment(part: Part, kind: str, filename: str, content: bytes) -> Attachment:
    content_id = str(part.get("Content-ID", "")).strip(" <>\t\r\n") or None
    return Attachment(filename, kind, content, content_id, part.get_content_disposition() == "inline")


def _filename(part: Part) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, IndexError):
        return ""
    octets = name.encode("latin-1", "replace") if not name.isascii() else b""
    text = decode_text(octets)[0] if octets else name
    return str(decode_header_part(text)) if "=?" in text and len(text) < _MAX_NAME else text


def _parameter(part: Part, name: str) -> str:
    try:
        value = part.get_param(name)
    except (ValueError, LookupError, IndexError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value or "").strip().strip("'\"")


def decode_text(content: bytes, declared: str = "") -> tuple[str, bool]:
    """Bytes as text with \\n line ends: by the declared charset, then UTF-8, then cp1252.

    False when a charset was declared and is not what the bytes are in.
    """
    declared = _WIDER.get(declared, declared)
    charsets = [declared] if declared and declared.replace("-", "_") not in _NO_CHARSETS else []
    for charset in [*charsets, "utf-8", "cp1252"]:
        try:
            text = content.decode(charset)
        except (LookupError, ValueError):
            continue
        return _lines(text), not declared or charset == declared
    return _lines(content.decode("cp1252", "replace")), False


def _lines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
