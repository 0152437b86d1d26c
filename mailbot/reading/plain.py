"""A mail's text for those who look for what machines write: the plain body, or the HTML body without its markup."""

from __future__ import annotations

from lxml import etree, html

from mailbot.reading.message import Message, decode_text

MAX_TEXT = 128 * 1024
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "td", "pre", "blockquote"})
_UNSEEN = frozenset({"style", "script", "head", "title"})


def plain_text(message: Message) -> str:
    """The text of the body with \\n line ends, at most 128 KB; "" when there is none."""
    if message.text is not None and message.text.strip():
        return message.text[:MAX_TEXT]
    if message.html:
        return text_of_html(message.html)
    texts = [
        data
        for kind, data in message.parts
        if kind.startswith(("text/", "multipart/")) and kind not in ("text/rfc822-headers", "text/calendar")
    ]
    return "\n".join(decode_text(data[:MAX_TEXT])[0] for data in texts[:5])[:MAX_TEXT]


def text_of_html(source: str) -> str:
    """HTML without its markup, a line for each block. Never raises."""
    try:
        root = html.fromstring(
            source[: 4 * MAX_TEXT].encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, ValueError):
        return ""
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            pieces.append("\n" if tag in _BLOCKS else "")
            pieces.append((element.text or "") if tag and tag not in _UNSEEN else "")
        else:
            pieces.append("\n" if tag in _BLOCKS else "")
            pieces.append(element.tail or "")
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)[:MAX_TEXT]
