"""From typed words to sentences of tokens: the first step of reading a decision.

Characters are made plain (NFKC, straight quotes, emoji as names, HTML entities as what they stand for), then cut into
sentences, and those into tokens that know their kind and value. No word means anything here yet.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

PLAIN = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201b": "'", "`": "'", "\u00b4": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"', "\u201f": '"',
        "\u2013": " - ", "\u2014": " - ", "\u2012": "-", "\u2011": "-", "\u2010": "-", "\u2212": "-",
        "\u2026": "...", "\u00bf": " ", "\u00a1": " ", "\u2192": " -> ", "\u00d7": "x", "\u202f": " ",
        "\u3002": ". ", "\uff01": "!", "\uff1f": "?", "\u00d8": "o",
    }
)  # fmt: skip
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
HEARTS = re.compile(r"<3+|[:;]-?[)D(pP](?!\w)|[xX]{2,}(?!\w)")
INITIAL = re.compile(r"((?:^|[,;:]|\n)[ \t]*[A-ZÄÖÜÉÈ])\.[ \t]?(?=[A-ZÄÖÜÉÈ][\w-]{1,30}[ \t]*(?:$|\n|,))")
GAP = re.compile(r"\n[ \t\n]*\n")  # one gap is as good as a hundred, and a rule that looks past it stays linear
SPACED = re.compile(r"\b(?:[^\W\d_] ){4,40}[^\W\d_]\b")  # a p p r o v e d
ESCAPED = re.compile(r"=(?:20|2E|2C|21|0D|0A|3D|A0)(?![0-9A-F])|=\r?\n")  # RFC 2045, left undecoded
LONG_RUN = re.compile(r"([^\W\d_])\1{2,}", re.I)
HARD_WRAP = re.compile(r"(?<=[^\s.!?:;,-])[ \t]*\n(?=[a-z(])")
CURRENCY = (
    r"(?:[$€£¥₹₦₱₺₪₩₫]|(?:us|a|c|nz)\$|eur\b|euros?\b|usd\b|gbp\b|chf\b|inr\b|rs\.?(?=\s?\d)"
    r"|dollars?\b|bucks\b|pounds?\b|quid\b|francs?\b|reais\b|r\$)"
)
NUMBER = r"\d{1,15}(?:[.,'\u00a0]\d{1,15}){0,5}"
TOKEN = re.compile(
    rf"""(?P<ref>\b(?:co|inv|ord)[\s#.-]{{0,2}}(?:nr\.?|no\.?)?\s?\d{{1,6}}(?:-\d+)?\b)
    |(?P<mail>[\w.+-]{{1,64}}@[\w.-]{{1,255}}\w|\bhttps?://\S{{1,500}}|\bwww\.\S{{1,500}})
    |(?P<money>\+?-?\s?{CURRENCY}\s?{NUMBER}\s?k?\b|\+?{NUMBER}(?:k|\s?,-)?\s?(?:{CURRENCY})(?:\s?\d\d\b)?)
    |(?P<percent>{NUMBER}\s?(?:%|(?:prozent|procent|por\s?ciento|pour\s?cent|per\s?cento|por\s?cento)\b)|\bper\s?cent\b)
    |(?P<time>\b\d{{1,2}}(?:[:.]\d\d)\s?(?:[ap]\.?m\b\.?|uhr\b|h\b)?
      |\b\d{{1,2}}\s?(?:[ap]\.?m\b\.?|uhr\b|o'?\s?clock\b)|\b\d{{1,2}}[hu](?:\d\d)?\b)
    |(?P<isodate>\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?\b|\b\d{{1,2}}\.\d{{1,2}}\.(?:\d{{2,4}}\b)?)
    |(?P<phone>\+?\(?\d[\d()]{{0,14}}(?:[\s-]\d{{2,15}}){{1,6}}\b|\b\d{{6,30}}\b)
    |(?P<version>\b(?:v|r|ver\.?|version|versi[óe]n?|versione|versão|fassung|r[eé]v\.?|r[eé]vision|revisi[óo]ne?|revisão|proof|option|opt\.?|draft)\s?\#?\d{{1,9}}(?:\.\d{{1,9}}){{0,4}}\b
      |\b(?:version|versi[óe]n?|versione|versão|fassung|r[eé]v\.?|r[eé]vision|proof|option|opt\.?|draft)\s[a-h](?![\w']))
    |(?P<nth>\b\d{{1,2}}(?:st|nd|rd|th|er|re|eme|ème|º|ª|\u00ba|\u00aa)\b)
    |(?P<measure>\b\d{{1,9}}(?:[.,/]\d{{1,9}})?\s?(?:mm|cm|m|km|inch|inches|"|ft|feet|kg|g|px|pt|pts)(?!\w)
      |\b\d{{1,9}}(?:[.,/]\d{{1,9}})?\s?in(?=\.?\s*(?:$|[,;:!?)\n]|(?:x|by|wide|tall|long|deep|high|short|bigger|more|less)\w{{0,2}}\b)))
    |(?P<plus>\+\s?1(?!\d)|\bplus one\b)
    |(?P<number>\#?\d{{1,15}}(?:[.,]\d{{1,15}}){{0,5}})
    |(?P<emoji>:[a-z_]+:)
    |(?P<arrow>->|=>|>>)
    |(?P<word>(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|aujourd|dell|all|nell|sull|dall|un|quest|quell|c)'(?=\s)|[^\W\d_]+)
    |(?P<stop>\.{{2,}}|[.!?\n]+)
    |(?P<mark>[,;:()*/"'&+\[\]=-])
    """,
    re.X | re.I,
)  # fmt: skip
LONGEST_INITIALS = 3
ALL_OF_IT = 100  # percent
THOUSANDS = 3  # so many digits after the last mark are no cents: 1.250 is a thousand and more


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark, in lower case, from `start` to `end` of the plain text.

    `kind` is the name of the group that found it; `name`: written as names are, with a capital first letter alone.
    """

    text: str
    kind: str
    start: int
    end: int
    name: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens up to a full stop, a question or exclamation mark or the end of a line; `end` holds those marks."""

    tokens: tuple[Token, ...]
    end: str
    text: str


def plain(words: str, emoji: Mapping[str, str]) -> str:
    """`words` with one way of writing each character; emoji become `:name:` (the unknown ones a stop)."""
    text = html.unescape(words) if "&" in words else words
    if "=" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[0][1:], 16)) if found[0][-1] != "\n" else "", text)
    text = unicodedata.normalize("NFKC", text.translate(PLAIN)).translate(PLAIN)
    text = HEARTS.sub(" ; ", INVISIBLE.sub("", text)).replace("\r", "")
    text = INITIAL.sub(r"\1 ", HARD_WRAP.sub(" ", text))
    if not text.isascii():
        text = name_emoji(text, emoji)
    text = SPACED.sub(lambda found: found[0].replace(" ", ""), text)
    return GAP.sub("\n\n", LONG_RUN.sub(r"\1\1", text))


def name_emoji(text: str, emoji: Mapping[str, str]) -> str:
    """Emoji that say something become ` :name: `, other pictures a pause; letters stay."""
    out: list[str] = []
    for char in text:
        if char in emoji:
            out.append(f" :{emoji[char]}: ")
        elif unicodedata.category(char) in ("So", "Sk", "Cn") and ord(char) > 0x2000:
            out.append(" ; ")
        elif char in "\ufe0f\u200d" or 0x1F3FB <= ord(char) <= 0x1F3FF:
            continue
        else:
            out.append(char)
    return "".join(out)


def sentences(text: str) -> list[Sentence]:
    """The plain text cut at full stops, marks and line ends. Text that has no tokens gives none."""
    found: list[Sentence] = []
    tokens: list[Token] = []
    for match in TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "stop":
            word = match.group()
            if kind == "percent" and (number(word) or 0) >= ALL_OF_IT:
                word, kind = "100%", "full"
            tokens.append(Token(word.lower(), kind, match.start(), match.end(), _like_a_name(word)))
            continue
        if match.group().startswith("..") and "\n" not in match.group():
            tokens.append(Token("...", "mark", match.start(), match.end()))
        elif tokens:
            found.append(_sentence(tokens, match.group(), text))
            tokens = []
        elif found and "?" in match.group():
            found[-1] = Sentence(found[-1].tokens, found[-1].end + match.group(), found[-1].text)
    if tokens:
        found.append(_sentence(tokens, "", text))
    return found


def _like_a_name(word: str) -> bool:
    """ "Karen", "McKay", "GH"."""
    return word[:1].isupper() and (not word.isupper() or len(word) <= LONGEST_INITIALS)


def _sentence(tokens: list[Token], end: str, text: str) -> Sentence:
    return Sentence(tuple(tokens), end, text[tokens[0].start : tokens[-1].end])


def amount(text: str) -> Decimal | None:
    """The number in a token such as "€1.250,50", "$ 400" or "1,2k"; None if there is none."""
    match = re.search(NUMBER, text)
    if not match:
        return None
    digits = match.group().replace("'", "").replace("\u00a0", "")
    groups = re.split(r"[.,]", digits)
    cents = len(groups) > 1 and len(groups[-1]) != THOUSANDS
    digits = "".join(groups[:-1]) + "." + groups[-1] if cents else "".join(groups)
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None
    return value * 1000 if re.search(r"\dk\b", text) else value


def number(text: str) -> int | None:
    """The first whole number in a token ("co-7" -> 7, "#2" -> 2); None if there is none."""
    match = re.search(r"\d+", text)
    return int(match.group()) if match and len(match.group()) < 12 else None
