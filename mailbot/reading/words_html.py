"""HTML as lines that know what they are: quoted, older mail, a signature, hidden, or typed.

Structure comes first: mail programs put what they quote into elements with names of their own (rules/own_words.toml).
What they do not mark goes through the same reading of lines as plain text does. One pass, bounded in size and nodes.
"""

from __future__ import annotations

import re

from lxml import etree, html

from mailbot.reading.words_lines import MAX_LINES, Line
from mailbot.reading.words_style import STRUCK, Look, hidden_names, writes
from mailbot.reading.words_tail import is_sentence
from mailbot.rules.words import WordRules

MAX_HTML = 2_000_000
MAX_NODES = 25_000
_SPACED = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"))
_BLOCKS = _SPACED | frozenset(
    ("address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form",
     "header", "hr", "li", "main", "pre", "section", "tbody", "tr")
)  # fmt: skip
# What is never shown as text, and the doubt that text in it raises: some programs show what others do not.
_UNSHOWN = {
    **dict.fromkeys(("head", "style", "script", "title", "template"), ""),
    **dict.fromkeys(("select", "option", "textarea"), "form"),
    **dict.fromkeys(("noscript", "object", "iframe", "svg", "math"), "hidden-text"),
}
_LOOKED_AT = frozenset(("blockquote", "pre", *STRUCK))  # also where they have no attributes
_CONDITIONAL = re.compile(r"\s*\[if\b[^\]]{0,80}\]>(.*)<!\[endif\]", re.DOTALL)
_MARKUP = re.compile(r"<(?:style|xml)\b.*?</(?:style|xml)>|<[^>]{0,2000}>", re.DOTALL)
_PREFIX = re.compile(r"(?:x_|yiv\d+|ydp[0-9a-f]{6,}|m_-?\d+|gmail-(?=moz|yahoo|proton))+")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_RUNS = re.compile(" {2,}")


def lines_of_html(source: str, rules: WordRules) -> tuple[list[Line], list[str]]:
    """The lines of an HTML body in order, `why` set where structure tells, and the doubts: hidden-text, too-long."""
    doubts = ["too-long"] if len(source) > MAX_HTML else []
    root, whole = _tree(source[:MAX_HTML])
    if not whole:
        doubts.append("too-deep")
    if root is None:
        return [], doubts
    walk = _Walk(root, rules)
    walk.run()
    return walk.lines, doubts + walk.doubts


def texts_of_html(source: str) -> list[str]:
    """Every piece of text in an HTML body of our own, in order, hidden or not: nothing in it is to be judged."""
    root, _ = _tree(source[:MAX_HTML])
    body = root.find("body") if root is not None else None
    return [words for text in body.itertext() if (words := " ".join(text.split()))] if body is not None else []


def _tree(source: str) -> tuple[html.HtmlElement | None, bool]:
    """The parsed document; False when the parser gave up below some depth, so that text is missing."""
    parser = html.HTMLParser(encoding="utf-8", remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # there is nothing in it
        return None, True
    except (etree.XMLSyntaxError, ValueError, AssertionError):
        return None, False
    return root, not any("depth" in entry.message.lower() for entry in parser.error_log)


class _Place:
    """What holds inside an element: how deep it is quoted, why it is cut, how it looks.

    `unshown`: None, or the doubt that text here raises ("" for none).
    """

    __slots__ = ("depth", "look", "pre", "unshown", "why")

    def __init__(self, depth: int, why: str, look: Look, pre: bool, unshown: str | None) -> None:
        self.depth, self.why, self.look, self.pre, self.unshown = depth, why, look, pre, unshown


class _Walk:
    def __init__(self, root: html.HtmlElement, rules: WordRules) -> None:
        self.root = root
        self.names = rules.html_names
        self.rules = rules
        self.hidden_names = hidden_names(root)
        self.lines: list[Line] = []
        self.doubts: list[str] = ["text-by-style"] if writes(root) else []
        self.buffer: list[str] = []
        self.place = _Place(0, "", Look(), False, None)
        self.divided = False
        self.items: list[int] = []  # how many items the lists around have had; -1 where they are not counted

    def run(self) -> None:
        stack = [self.place]
        nodes = 0
        for event, element in etree.iterwalk(self.root, events=("start", "end", "comment")):
            if event == "comment":
                self._comment(element.text or "")
                self._text(element.tail)
                continue
            if not isinstance(element.tag, str):
                continue
            tag = element.tag.lower()
            if event == "start":
                nodes += 1
                if nodes > MAX_NODES or len(self.lines) > MAX_LINES:
                    self.doubts += [] if self.divided or self.place.depth else ["too-long"]
                    break
                self._start(tag, element)
                stack.append(self.place)
                self._text(element.text)
            else:
                self._end(tag)
                left, self.place = stack.pop(), stack[-1]
                if left.why != self.place.why or left.depth != self.place.depth:
                    self.place = left
                    self._flush()
                    self.place = stack[-1]
                self._text(element.tail)
        self._flush()

    def _start(self, tag: str, element: html.HtmlElement) -> None:
        if tag == "br":
            self._flush(always=True)
        elif tag in _BLOCKS:
            self._flush()
            if tag in _SPACED:
                self._blank()
        elif tag in ("td", "th"):
            self.buffer.append(" ")
        place = self._inside(tag, element)
        if place.why != self.place.why or place.depth != self.place.depth:
            self._flush()
        self.place = place
        if tag == "hr":
            self._line("_" * 32)
        elif tag == "img":
            self._picture(element)
        elif tag == "input":
            self.doubts += ["form"] if self._own() and element.get("type") != "hidden" else []
        elif tag == "li":
            self.buffer.append(self._bullet())
        elif tag in ("ol", "ul"):
            self.items.append(0 if tag == "ol" else -1)

    def _bullet(self) -> str:
        if not self.items or self.items[-1] < 0:
            return "- "
        self.items[-1] += 1
        return f"{self.items[-1]}. "

    def _end(self, tag: str) -> None:
        if tag in ("ol", "ul") and self.items:
            self.items.pop()
        if tag in _BLOCKS:
            self._flush()
            if tag in _SPACED:
                self._blank()

    # --- what an element is ---

    def _inside(self, tag: str, element: html.HtmlElement) -> _Place:
        outer = self.place
        if outer.unshown is not None:
            return outer
        if tag in _UNSHOWN:
            return _Place(outer.depth, outer.why, outer.look, outer.pre, _UNSHOWN[tag])
        if not element.attrib and tag not in _LOOKED_AT and tag not in self.hidden_names:
            return outer
        look = outer.look.inside(element, self.hidden_names)
        depth, why = outer.depth, outer.why
        if not (depth or why):
            depth, why = self._kind(tag, element)
        elif tag == "blockquote":
            depth += 1
        return _Place(depth, why, look, outer.pre or tag == "pre", None)

    def _kind(self, tag: str, element: html.HtmlElement) -> tuple[int, str]:
        names = self.names
        classes = {_bare(name) for name in (element.get("class") or "").lower().split()[:20]}
        ident = _bare((element.get("id") or "").lower())
        style = (element.get("style") or "").lower().replace(" ", "")
        if self._divides(ident, style, element):
            self.divided = True
        elif names.is_quote(classes, ident, element) or (tag == "blockquote" and _is_quotation(style, classes)):
            return 1, ""
        elif names.is_announcement(classes, ident):
            return 0, "attribution"
        elif names.is_container(classes, element) and not self._answered_inside(element):
            return 0, "quoted"
        elif names.is_signature(classes, ident):
            return 0, "signature"
        return 0, ""

    def _divides(self, ident: str, style: str, element: html.HtmlElement) -> bool:
        if ident in self.names.divider_ids or self.names.has(element, self.names.divider_attributes):
            return True
        if "border-top:" in style and any(s in style for s in self.names.divider_styles):
            return element.text_content()[:2000].count(":") >= 2
        return False

    def _answered_inside(self, container: html.HtmlElement) -> bool:
        """A container whose quotes are marked one by one may hold answers between them; a forward does not."""
        own_quotes = any(
            child.tag == "blockquote" or (child.tag == "div" and any(c.tag == "blockquote" for c in child))
            for child in container
            if isinstance(child.tag, str)
        )
        head = container.text_content()[:400]
        return own_quotes and not any(self.rules.separator.match(part.strip(" -\t:")) for part in head.split("\n"))

    # --- what comes out ---

    def _own(self) -> bool:
        """Nothing around says that this place is quoted or appended."""
        return not (self.place.depth or self.place.why or self.divided)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if self.place.unshown is not None:
            if self.place.unshown and text.strip() and self._own():
                self._unseen(text, self.place.unshown)
        elif self.place.look.hidden:
            if text.strip() and self._own():
                self._unseen(text, "hidden-text")
        elif self.place.pre:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self.buffer.append(first)
            for line in rest[:MAX_LINES]:
                self._flush(always=True)
                self.buffer.append(line)
        else:
            self.buffer.append(_BLANKS.sub(" ", text))

    def _unseen(self, text: str, doubt: str) -> None:
        """Text that is there and that not everybody sees."""
        self.doubts.append(doubt)
        self._line(text.strip(), "hidden text")

    def _comment(self, text: str) -> None:
        """What only Outlook shows: `<!--[if mso]> ... <![endif]-->`."""
        found = _CONDITIONAL.match(text) if self._own() and self.place.unshown is None else None
        words = _BLANKS.sub(" ", _MARKUP.sub(" ", found[1])).strip() if found else ""
        if words and is_sentence(words, self.rules):
            self._unseen(words, "hidden-text")

    def _picture(self, image: html.HtmlElement) -> None:
        """What stands for a picture: an emoji is typed, a sentence is a doubt, anything else is its name."""
        alt = (image.get("alt") or image.get("data-emoji") or "").strip()
        if alt and len(alt) <= 8 and not alt.isascii():
            self.buffer.append(alt)
        elif alt and self._own() and is_sentence(alt[:500], self.rules) and not self.names.describes(alt):
            self.doubts.append("words-on-a-picture")
            self._line(" ".join(alt.split()), "picture")

    def _flush(self, always: bool = False) -> None:
        text = "".join(self.buffer)
        self.buffer.clear()
        if text and not self.place.pre:
            text = _RUNS.sub(" ", text).strip(" ")
        if text.strip():
            self._line(text)
        elif always:
            self._line("")

    def _line(self, text: str, why: str = "") -> None:
        why = why or self.place.why or ("older mail" if self.divided and not self.place.depth else "")
        for part in text.split("\n"):
            self.lines.append(Line(part.strip(), self.place.depth, part, why))

    def _blank(self) -> None:
        if self.lines and self.lines[-1].text:
            self._line("")


def _bare(name: str) -> str:
    found = _PREFIX.match(name)
    return name[found.end() :] if found else name


def _is_quotation(style: str, classes: set[str]) -> bool:
    """A blockquote quotes, unless it is only the indentation of an editor: without a border, moved by a margin."""
    indented = "border:none" in style and "margin:0" in style and "border-left" not in style
    return not indented or any("quote" in name for name in classes)
