"""Which lines are older mail: walks the lines from the top, finds the marks and decides how far each one reaches.

What is quoted by marks ends where the marks end, and what stands below was typed. What is not marked reaches to the
end.
Where the two cannot be told apart, the words stay and a doubt is raised.
"""

from __future__ import annotations

from mailbot.reading.words_headers import Mark
from mailbot.reading.words_lines import MAX_OWN_LINES, Line, initials_quote
from mailbot.reading.words_marks import belongs_to_mark, holds_mark, mark_at, next_line
from mailbot.reading.words_ours import Ours
from mailbot.rules.words import WordRules

_INDENT = 3
_WRAP_WIDTH = 58
_NEAR = 40


def mark_history(lines: list[Line], rules: WordRules, ours: Ours, *, structured: bool = False) -> list[str]:
    """Sets `why` on every line that is older mail. Returns the doubts that remain.

    `structured`: the depth of quotation comes from the elements of HTML, so that a program set it and no person.
    """
    walk = _Walk(lines, rules, ours)
    walk.marked = structured
    walk.run()
    walk.wrapped_quotes()
    walk.quote_on_top()
    walk.interleaved()
    walk.quotes_in_lines()
    return walk.doubts


class _Walk:
    def __init__(self, lines: list[Line], rules: WordRules, ours: Ours) -> None:
        self.lines = lines
        self.rules = rules
        self.ours = ours
        self.doubts: list[str] = []
        self.typed_above = False
        self.unsure = False
        self.marked = False

    def run(self) -> None:
        at = looked_at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if line.depth:
                self._rules_above(at)
                line.why = line.why or ("" if self.unsure else "quoted")
                at += 1
            elif not line.text or line.why:
                at += 1
            elif looked_at == MAX_OWN_LINES:
                self.doubts.append("too-long")
                at = self._cut_rest(at, "beyond what is read")
            else:
                looked_at += 1
                at = self._own_or_mark(at)

    def _own_or_mark(self, at: int) -> int:
        if self._reply_above(at):
            self.lines[at].why = "reply-above line"
            return self._cut_rest(at + 1, "below the reply-above line") if self.typed_above else at + 1
        mark = mark_at(self.lines, at, self.rules)
        if mark is None:
            self.typed_above = True
            return at + 1
        self.marked = True
        if mark.doubt:
            self.doubts.append(mark.doubt)
        self._cut(mark.start, mark.end, mark.kind)
        self._rules_above(mark.start)
        return self._after_attribution(mark) if mark.kind == "attribution" else self._after_headers(mark)

    def _reply_above(self, at: int) -> bool:
        text = self.lines[at].text
        return len(text) < 200 and text[0] in "#-=_*~<—–【[(" and self.rules.reply_above.search(text) is not None

    # --- how far a mark reaches ---

    def _after_attribution(self, mark: Mark) -> int:
        following = next_line(self.lines, mark.end)
        if following is None or self.lines[following].depth or self.lines[following].why:
            return mark.end
        if initials_quote(self.lines[following]):
            return self._initials(following)
        indented = self._indented_to_end(following)
        if self.typed_above or indented:
            if self.ours and not self.ours.hold_any(self.lines[following : following + _NEAR]):
                self.doubts.append("history-not-ours")
            return self._cut_rest(mark.end, "unmarked history")
        self.doubts.append("unmarked-quote")
        self.unsure = True
        return mark.end

    def _initials(self, at: int) -> int:
        while at < len(self.lines) and (not self.lines[at].text or initials_quote(self.lines[at])):
            self.lines[at].why = "quoted"
            at += 1
        return at

    def _indented_to_end(self, at: int) -> bool:
        return all(line.indent >= _INDENT for line in self.lines[at:] if line.text and not line.depth)

    def _after_headers(self, mark: Mark) -> int:
        """To the end; where the older mail is marked as quoted, to the last quoted line."""
        body = next_line(self.lines, mark.end)
        while body is not None and (inner := mark_at(self.lines, body, self.rules)) and inner.kind != "attribution":
            body = next_line(self.lines, max(inner.end, body + 1))
        if body is not None and self.lines[body].depth:
            last = max(i for i in range(body, len(self.lines)) if self.lines[i].depth)
            self._cut(mark.end, last + 1, "quoted")
            return last + 1
        return self._cut_rest(mark.end, f"below the {mark.kind}")

    def _rules_above(self, at: int) -> None:
        """The dashes or separator that stand right above a mark belong to it."""
        while at > 0 and not self.lines[at - 1].why:
            at -= 1
            if not self.lines[at].text:
                continue
            if not belongs_to_mark(self.lines[at].text, self.rules):
                return
            self.lines[at].why = "separator"

    def _cut(self, start: int, end: int, why: str) -> None:
        for line in self.lines[start:end]:
            line.why = line.why or why

    def _cut_rest(self, start: int, why: str) -> int:
        self._cut(start, len(self.lines), why)
        return len(self.lines)

    # --- what lies between quoted lines ---

    def wrapped_quotes(self) -> None:
        """The end of a long quoted line, wrapped off by a program that did not mark it again."""
        lines = self.lines
        for at in range(1, len(lines) - 1):
            above, line, below = lines[at - 1], lines[at], lines[at + 1]
            if line.why or not line.text:
                continue
            if above.why == "quoted" and self.ours.goes_on(above, line):
                line.why = "quoted"
                continue
            if not (above.depth and below.depth):
                continue
            if len(above.raw) >= _WRAP_WIDTH and above.text[-1:] not in ".!?:…。" and not line.text[0].isupper():
                line.why = "quoted"
                self.doubts.append("wrapped-quote")

    def quote_on_top(self) -> None:
        """A quote that the sender set on top himself, without any announcement: what he says below rests on it."""
        first = next_line(self.lines, 0)
        if self.marked or first is None or not self.lines[first].depth:
            return
        end = next((i for i in range(first, len(self.lines)) if not self.lines[i].depth), len(self.lines))
        if any(line.why for line in self.lines[end:]) or (self.ours and self.ours.cover(self.lines[:end])):
            return
        if any(self.lines[i].text and mark_at(self.lines, i, self.rules) for i in range(first, min(end, first + 40))):
            return
        for line in self.lines[:end]:
            line.why = ""
        self.doubts.append("quote-kept")

    def interleaved(self) -> None:
        """Answers between quoted lines mean what they stand under."""
        whys = [line.why for line in self.lines if line.text]
        quoted = [i for i, why in enumerate(whys) if why == "quoted"]
        if quoted and not all(whys[quoted[0] : quoted[-1]]):
            self.doubts.append("interleaved")

    def quotes_in_lines(self) -> None:
        """An announcement in the middle of a typed line: a program has joined what was on lines of their own."""
        if any(not line.why and holds_mark(line.text, self.rules) for line in self.lines):
            self.doubts.append("quote-in-line")
