"""Whether text in HTML is meant to be read: hidden, of no size, struck through, or in the colour of its ground."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import html

_Colour = tuple[int, int, int]
_WHITE: _Colour = (255, 255, 255)
_NAMED: dict[str, _Colour] = {
    "white": _WHITE, "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240), "gray": (128, 128, 128),
    "red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "yellow": (255, 255, 0),
    "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255), "floralwhite": (255, 250, 240), "navy": (0, 0, 128),
}  # fmt: skip
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])")
_RGB = re.compile(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,([\d.]{1,5}))?\)")
_SIZE = re.compile(r"(?:^|;)font(?:-size)?:(?:[a-z ]{0,20})(\d{0,4}(?:\.\d{1,4})?)(px|pt|r?em|%)?(?=[;!/]|$)")
_SMALLEST = {"px": 2.0, "": 2.0, "pt": 1.5, "em": 0.2, "rem": 0.2, "%": 15.0}
_HIDING = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:0(?:\.0+)?(?=;|!|$)"
    r"|text-indent:-\d{3,}|(?:left|top|margin-left):-\d{3,}|clip:rect\(0|transform:scale\(0\)"
    r"|clip-path:(?:inset\((?:100|[5-9]\d)%|circle\(0|polygon\(00)"
    r"|(?:-webkit-text-fill-)?color:(?:transparent|rgba\([\d.%]+,[\d.%]+,[\d.%]+,0(?:\.0+)?\)|#[0-9a-f]{6}00(?![0-9a-f])))"
)
STRUCK = ("s", "strike", "del")  # taken back by its author
_NO_ROOM = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|pt)?(?=;|!|$)")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]{1,40})")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]{1,60})")
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_MEDIA = re.compile(r"@media[^{}]{0,200}\{(?:[^{}]{0,300}\{[^{}]{0,2000}\})*[^{}]{0,50}\}")
_CONTENT = re.compile(r"content\s*:\s*[\"'][^\"'{}]{0,200}[^\W\d_]{2}", re.IGNORECASE)
_COMBINATOR = re.compile(r"[\s>+~]+")
_CLASS_OR_ID = re.compile(r"[.#][\w-]+")
_NEAR = 12


class Look:
    """How text looks inside an element, as far as it is inherited."""

    __slots__ = ("background", "colour", "hidden")

    def __init__(self, colour: _Colour = (0, 0, 0), background: _Colour = _WHITE, hidden: bool = False) -> None:
        self.colour, self.background, self.hidden = colour, background, hidden

    def inside(self, element: html.HtmlElement, hidden_names: frozenset[str]) -> Look:
        """The look inside `element`; `hidden_names`: classes (.x) and ids (#x) that a style sheet hides."""
        if self.hidden:
            return self
        style = (element.get("style") or "").lower().replace(" ", "")[:5000]
        attributes = element.attrib
        unseen, own_colour, own_background = _read(style)
        unseen = unseen or element.tag in STRUCK or "hidden" in attributes
        if unseen or (hidden_names and _named(element, hidden_names)):
            return Look(self.colour, self.background, True)
        colour = self._colour(own_colour or attributes.get("color"), self.colour)
        background = self._colour(own_background or attributes.get("bgcolor"), self.background)
        if colour is self.colour and background is self.background:
            return self
        return Look(colour, background, all(abs(a - b) <= _NEAR for a, b in zip(colour, background, strict=True)))

    @staticmethod
    def _colour(said: str | None, inherited: _Colour) -> _Colour:
        return (_parsed(said.lower()) if said else None) or inherited


@lru_cache(maxsize=512)
def _read(style: str) -> tuple[bool, str, str]:
    """Whether a style strikes or hides its text, its colour and its background. Programs repeat a few styles."""
    colour, background = _COLOUR.search(style), _BACKGROUND.search(style)
    unseen = "line-through" in style or hides(style)
    return unseen, colour[1] if colour else "", background[1] if background else ""


def hides(style: str) -> bool:
    """Whether a style (lower case, without blanks) makes its text invisible."""
    if not style:
        return False
    if _HIDING.search(style) or ("overflow:hidden" in style and _NO_ROOM.search(style)):
        return True
    size = _SIZE.search(style) if "font" in style else None
    return bool(size and size[1] and float(size[1] or 0) <= _SMALLEST[size[2] or ""])


def hidden_names(root: html.HtmlElement) -> frozenset[str]:
    """The classes (.x), ids (#x) and tags that the style sheets of a mail hide; other media are passed over."""
    names: set[str] = set()
    for sheet in root.iter("style"):
        text = _MEDIA.sub("", (sheet.text or "")[:50_000])
        for selectors, declarations in _RULE.findall(text):
            if hides(declarations.lower().replace(" ", "").replace("\n", "")):
                names.update(_subject(selector) for selector in selectors.lower().split(","))
    return frozenset(name for name in names if name)


def writes(root: html.HtmlElement) -> bool:
    """Whether a style sheet puts words of its own into the mail."""
    return any(_CONTENT.search((sheet.text or "")[:50_000]) for sheet in root.iter("style"))


def _subject(selector: str) -> str:
    """What a selector is about, by its last name: `p > i.x` hides what is `.x`, `div span` each `span`."""
    last = _COMBINATOR.split(selector.strip())[-1].partition(":")[0]
    named = _CLASS_OR_ID.findall(last)
    return named[-1] if named else last if last.isalnum() else ""


def _named(element: html.HtmlElement, names: frozenset[str]) -> bool:
    classes = (element.get("class") or "").lower().split()
    ident = (element.get("id") or "").lower()
    return element.tag in names or f"#{ident}" in names or any(f".{name}" in names for name in classes)


def _parsed(value: str) -> _Colour | None:
    if value in _NAMED:
        return _NAMED[value]
    if found := _RGB.search(value):
        if found[4] and float(found[4].strip(".") or 0) == 0:
            return None
        return int(found[1]), int(found[2]), int(found[3])
    if found := _HEX.search(value):
        digits = found[1] if len(found[1]) == 6 else "".join(d * 2 for d in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    return next((_NAMED[word] for word in re.findall(r"[a-z]+", value) if word in _NAMED), None)
