"""How satisfied a client is: a number or words, as the answer to our question after delivery, or as staff heard it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from mailbot.orders import events as e
from mailbot.orders import notices
from mailbot.orders.circumstances import Circumstances, Refused, Step, stamp
from mailbot.orders.commands import Command
from mailbot.orders.evolve import evolve
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.rules.commands import CommandRules
from mailbot.rules.process import SatisfactionRules

_WORD = re.compile(r"[^\W_]+|/")
_PART = re.compile(r"\s[-–—]+\s|[\n.,;:!()]+|(?<=\?)")
_FRACTION = re.compile(r"\d[.,]\d")
_LONGEST = 4000
Tokens = tuple[str, ...]


def rating_of(text: str, rules: CommandRules, names: Sequence[str] = ()) -> int | None:
    """The score that `text` gives, by rules/commands.toml, [[ratings]]; None when it gives none, or more than one.

    A bare number counts when it stands for itself, first of all; words such as "very satisfied" anywhere, unless
    something turns them round. `names` may stand around it, as courtesy may.
    """
    plain = unicodedata.normalize("NFC", text).casefold()
    if len(plain) > _LONGEST or _FRACTION.search(plain):
        return None
    scores = {tokens(form): rule.score for rule in rules.ratings for form in rule.forms}
    polite = [tokens(phrase) for rule in rules.client for phrase in rule.courtesy]
    polite += [(token,) for name in names for token in tokens(name.casefold())]
    parts = [part for one in _PART.split(plain) if not one.endswith("?") and (part := _bare(tokens(one), polite))]
    if parts and parts[0] in scores:
        return scores[parts[0]]
    found = {score for part in parts for score in _said(part, scores, rules)}
    return found.pop() if len(found) == 1 else None


def tokens(text: str) -> Tokens:
    """The words and numbers of a text, and the stroke of "4/5"."""
    return tuple(_WORD.findall(text))


def answered(mail: Intake, policy_rules: CommandRules, designer: str | None, at: Circumstances) -> Decision | str:
    """A client's answer to the survey, as a decision; the reason in words why a person must read it."""
    order, rules = mail.order, at.rules.satisfaction
    if order is None:
        return "it is about no order"
    if not mail.proven:
        return f"not proven: {mail.proof}"
    if mail.doubts:
        return f"doubtful: {', '.join(mail.doubts)}"
    rating = rating_of(mail.words, policy_rules, (order.client.name, order.account_manager.name))
    if rating is None or not rules.lowest <= rating <= rules.highest:
        return f"no plain answer from {rules.lowest} to {rules.highest}"
    event = e.SatisfactionGiven(
        at=at.now, by=mail.sender, rating=rating, words=mail.words, mail=mail.mail, proof=mail.proof, from_client=True
    )
    after = evolve(order, event)
    because = f"satisfaction: {rating} of {rules.highest}"
    sends: tuple[Send, ...] = (notices.thanks(after, mail), notices.rated(after, event, rules.highest))
    if rating <= rules.unhappy_to:
        sends = (*sends, notices.unhappy_client(after, mail, designer, at.now, because=because))
    return Decision("note", because, after, (event,), sends)


def satisfaction(order: Order, command: Command, at: Circumstances) -> Step:
    """`satisfaction 4`: what the client told somebody of the studio."""
    rules: SatisfactionRules = at.rules.satisfaction
    rating = command.args["number"]
    if not rules.lowest <= rating <= rules.highest:
        raise Refused(f"{rating} is not from {rules.lowest} to {rules.highest}")
    event = e.SatisfactionGiven(
        **stamp(at), rating=rating, words="", mail="", proof=f"as {at.actor} heard it", from_client=False
    )
    was = "" if order.satisfaction is None else f" (was {order.satisfaction})"
    return Step(f"satisfaction is {rating} of {rules.highest}{was}", (event,))


def _bare(words: Tokens, polite: Sequence[Tokens]) -> Tokens:
    """`words` without courtesy at both ends."""
    while words:
        if first := next((p for p in polite if p and words[: len(p)] == p), None):
            words = words[len(first) :]
        elif last := next((p for p in polite if p and words[-len(p) :] == p), None):
            words = words[: -len(last)]
        else:
            break
    return words


def _said(part: Tokens, scores: dict[Tokens, int], rules: CommandRules) -> set[int]:
    """The scores in one part of a sentence: the part itself, else the longest phrases of two words or more in it."""
    if part in scores:
        return {scores[part]}
    phrases = sorted((form for form in scores if len(form) > 1), key=len, reverse=True)
    found: set[int] = set()
    at = 0
    while at < len(part):
        form = next((form for form in phrases if part[at : at + len(form)] == form), None)
        if form is None:
            at += 1
            continue
        before = " ".join(["", *part[max(0, at - 4) : at], ""])
        if any(f" {' '.join(tokens(turn))} " in before for turn in rules.turns_round):
            return set(scores.values())  # it could be anything
        found.add(scores[form])
        at += len(form)
    return found
