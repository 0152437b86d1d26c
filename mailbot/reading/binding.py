"""A signature shows who wrote a mail, not that they wrote it to us, nor in answer to what: that must be signed as well.

Whoever has got a signed mail can send it again, and can change all that the signature does not cover. So it counts when
what is covered says that it was written to us, and which question it answers.
"""

from __future__ import annotations

from dataclasses import replace

from mailbot.reading.matching import Clues, Found, Match, token_in_address
from mailbot.reading.message import Message
from mailbot.reading.proof import Proof


def bound(proof: Proof, message: Message, clues: Clues, found: Found, match: Match, address: str) -> Proof:
    """`proof`, or why it does not go for this mail; `address` is the bot's. What the border vouches for stays as it is.

    Microsoft 365 signs neither To nor In-Reply-To. Such a mail is taken for an answer to our question if it quotes its
    token: the body is always signed, and words of others in the quotation are found where In-Reply-To names our mail.
    """
    if not proof.ok or proof.signed is None:
        return proof
    reached = [one.addr for one in message.to] if _signed(proof, message, "to") else []
    reached += [one.addr for one in message.cc] if _signed(proof, message, "cc") else []
    if reached and not any(_is_ours(one, address) for one in reached):
        return _but(proof, "written to somebody else")
    signed_thread = _signed(proof, message, "in-reply-to") and _signed(proof, message, "references")
    tokens = {*clues.body_tokens, *(token_in_address(one, address) for one in reached)}
    if signed_thread:
        tokens |= {str(found.threads[parent][0]) for parent in clues.parents if parent in found.threads}
    quoted = match.token in clues.body_tokens and bool(clues.parents) and set(clues.parents) <= set(found.threads)
    if not reached and not quoted:
        return _but(proof, "it does not cover To, and the mail quotes no question of ours")
    leads = match.token or (not signed_thread and set(clues.reply_ids) & set(found.threads))
    if leads and match.token not in tokens and match.because != "the tag in the subject":
        return _but(proof, "it does not cover what leads to our question")
    return proof


def _but(proof: Proof, why: str) -> Proof:
    return replace(proof, ok=False, how=f"{proof.how}, but {why}")


def _signed(proof: Proof, message: Message, name: str) -> bool:
    """Whether all headers of this name are covered."""
    return not message.header_all(name) or name in (proof.signed or ())


def _is_ours(reached: str, address: str) -> bool:
    """Whether `reached` is the bot's address, or one with a token."""
    local, _, domain = address.lower().rpartition("@")
    return reached == f"{local}@{domain}" or bool(token_in_address(reached, address))
