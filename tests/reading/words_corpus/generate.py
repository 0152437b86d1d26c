"""Replies put together from programs.py by a seed: the dev corpus and the held-out corpus, and their perturbations."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.reading.words_corpus import programs as p


@dataclass(frozen=True)
class Reply:
    """A plain-text reply, what was typed in it, and what of ours stands in it (empty when nothing does)."""

    id: str
    text: str
    want: str
    quoted: str


def dev(count: int = 600) -> list[Reply]:
    return list(_replies("dev", count, 7, p.DEV_ANNOUNCEMENTS, p.DEV_HEADERS, p.DEV_LINES, p.DEV_REPLIES))


def held_out(count: int = 900) -> list[Reply]:
    return list(_replies("held", count, 20261123, p.HELD_ANNOUNCEMENTS, p.HELD_HEADERS, p.HELD_LINES, p.HELD_REPLIES))


def _replies(
    name: str,
    count: int,
    seed: int,
    announcements: list[str],
    headers: list[tuple[str, str]],
    lines: list[str],
    replies: list[str],
) -> Iterator[Reply]:
    rng = random.Random(seed)
    styles: list[Callable[[str, str, str], tuple[str, str]]] = [
        _top,
        _top,
        _top,
        _bottom,
        _both,
        _unmarked,
        _indented,
        _empty,
    ]
    for number in range(count):
        typed = rng.choice(replies)
        kind = rng.random()
        if kind < 0.6:
            head = _wrapped(rng, rng.choice(announcements))
            style = rng.choice(styles)
            mark = rng.choice(["> ", "> ", ">", "| "])
            text, want = style(typed, head, mark)
            what = style.__name__
        elif kind < 0.9:
            above, block = rng.choice(headers)
            text, want, what = f"{typed}\n\n{above}{block}\n\n{p.OUR_MAIL}", typed, "headers"
        else:
            text, want, what = f"{typed}\n\n{rng.choice(lines)}\n\n{p.OUR_MAIL}", typed, "line"
        yield _dressed(rng, Reply(f"{name}-{number}-{what}", text, want, p.OUR_MAIL))


def _wrapped(rng: random.Random, head: str) -> str:
    if len(head) > 70 and rng.random() < 0.5:
        return textwrap.fill(head, rng.choice([66, 72, 76]), break_long_words=False, break_on_hyphens=False)
    return head


def _quoted(mark: str) -> str:
    width = 72
    wrapped = "\n".join(textwrap.fill(line, width) for line in p.OUR_MAIL.split("\n"))
    return "\n".join((mark + line).rstrip() for line in wrapped.split("\n"))


def _top(typed: str, head: str, mark: str) -> tuple[str, str]:
    return f"{typed}\n\n{head}\n\n{_quoted(mark)}\n", typed


def _bottom(typed: str, head: str, mark: str) -> tuple[str, str]:
    return f"{head}\n{_quoted('> ')}\n\n{typed}\n", typed


def _both(typed: str, head: str, mark: str) -> tuple[str, str]:
    return f"Hello Sam,\n\n{head}\n{_quoted('> ')}\n\n{typed}\n", f"Hello Sam,\n\n{typed}"


def _unmarked(typed: str, head: str, mark: str) -> tuple[str, str]:
    return f"{typed}\n\n{head}\n\n{p.OUR_MAIL}\n", typed


def _indented(typed: str, head: str, mark: str) -> tuple[str, str]:
    return f"{typed}\n\n{head}\n\n{textwrap.indent(p.OUR_MAIL, '    ')}\n", typed


def _empty(typed: str, head: str, mark: str) -> tuple[str, str]:
    return f"{head}\n{_quoted('> ')}\n", ""


def _dressed(rng: random.Random, reply: Reply) -> Reply:
    """A device line, signature, footer or banner, sometimes."""
    text = reply.text
    if reply.want and text.startswith(reply.want) and rng.random() < 0.3:
        text = f"{reply.want}\n\n{rng.choice(p.SIGNATURES)}{text[len(reply.want) :]}"
    if rng.random() < 0.1:
        text = f"{text.rstrip()}\n\n{rng.choice(p.FOOTERS)}\n"
    if rng.random() < 0.1:
        text = f"{rng.choice(p.BANNERS)}\n\n{text}"
    return replace(reply, text=text)


# --- the same reply after other programs had it -----------------------------------------------------------------------


def nbsp(reply: Reply) -> Reply:
    return replace(
        reply, id=reply.id + "-nbsp", text=reply.text.replace("> ", ">\u00a0").replace(" wrote", "\u00a0wrote")
    )


def crlf(reply: Reply) -> Reply:
    return replace(reply, id=reply.id + "-crlf", text=reply.text.replace("\n", "\r\n"))


def no_blank_lines(reply: Reply) -> Reply:
    dense = "\n".join(line for line in reply.text.split("\n") if line.strip())
    return replace(reply, id=reply.id + "-dense", text=dense)


def trailing_blanks(reply: Reply) -> Reply:
    return replace(reply, id=reply.id + "-blanks", text="\n\n" + reply.text.replace("\n", "  \n") + "\n\n\n")


PERTURBATIONS = (nbsp, crlf, no_blank_lines, trailing_blanks)
