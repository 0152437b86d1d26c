"""What comes of a mail: the policy, as a walk through named rules, the first of which that applies decides.

A client's decision is booked only when every reason against it in `objections` is silent. Whatever else is said goes
to a person with the words, the guess and the reason. Nothing here changes anything: a `Decision` is data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import get_args

from mailbot.orders import alerts, holding, notices
from mailbot.orders import events as e
from mailbot.orders.addressed import by_order
from mailbot.orders.authority import people_of
from mailbot.orders.circumstances import Circumstances, Line
from mailbot.orders.claims import claimed
from mailbot.orders.commanding import answered_with, carried_out, commands_of
from mailbot.orders.commands import Command, answer, client_says
from mailbot.orders.evolve import evolve
from mailbot.orders.fittings import by_calendar
from mailbot.orders.intake import Decision, Intake
from mailbot.orders.model import Held, Order, Verdict
from mailbot.orders.objections import BOOKED_BY_KIND, level_of_proof, no_longer_open, objection, objection_to_undo
from mailbot.orders.other_terms import named_otherwise
from mailbot.orders.reachability import came_back, heard_from, noted
from mailbot.orders.renewal import with_renewed
from mailbot.orders.settle import Unsettled, booked, settle
from mailbot.orders.subscription import unsubscribed
from mailbot.orders.survey import answered
from mailbot.orders.undo import CannotUndo, taken_back
from mailbot.orders.vouching import forwarded, offers
from mailbot.orders.wishes import wish_of
from mailbot.rules.commands import CommandRules
from mailbot.rules.delivery import BounceRules

_DIRECT = ("token in the address", "reply to our mail")
_OURS = ("token in the body", "reply to our mail")
_TO_THE_SENDER = ("question-back", "command-result")
_BROKEN = {
    "no-from": "it has no From",
    "two-froms": "it has two From headers",
    "truncated-mime": "it is cut off",
    "too-big": "it is too big to be read",
    "too-many-parts": "it has too many parts to be read",
    "same-id": "another mail with other contents carries its Message-ID",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What the studio's settings and rules say about deciding; `fallback` is asked where there is no order."""

    commands: CommandRules
    fallback: str
    lead_designer: str | None = None
    finance: str = ""
    bounces: BounceRules | None = None
    accept_unproven: bool = False
    command_prefix: str = "@bot "


def decide(mail: Intake, policy: Policy, at: Circumstances) -> Decision:
    """The decision about one mail. `at` is whose commands it could be, and when."""
    for rule in _WALK:
        decision = rule(mail, policy, at)
        if decision is not None:
            decision = _reached(with_renewed(decision, at), mail, at)
            return _in_silence(_with_review(decision, mail, policy, at), mail)
    raise AssertionError("the last rule decides everything")


def _machine(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """Machines decide nothing; a bounce of our mail is told to the account manager."""
    if mail.kind == "person":
        return None
    because = f"not a person: {mail.kind_because}"
    if mail.kind == "own" or mail.order is None:
        return Decision("ignore", because)
    recorded = _recorded(mail, at, because)
    return _bounce(recorded, mail, mail.order, policy, at) if mail.kind == "bounce" and mail.failed else recorded


def _bounce(recorded: Decision, mail: Intake, order: Order, policy: Policy, at: Circumstances) -> Decision:
    """A mail did not arrive: told to somebody who can be reached. Only a report that names a mail of ours changes whom
    mailbot writes to."""
    lost = {one.address for one in mail.failed}
    reader = next((one for one in (order.account_manager.email, policy.fallback) if one and one not in lost), None)
    ours = mail.answers is not None and policy.bounces is not None
    found = (came_back(order, *one, policy.bounces, at.now) for one in mail.failed if ours and policy.bounces)
    events = tuple(event for event in found if event)
    off = {event.address for event in events if event.what == "off"}
    told = (
        alerts.bounce_notice(order, mail, one, reader, at.now, off=one.address in off) for one in mail.failed if reader
    )
    after = noted(recorded.order or order, events)
    return replace(recorded, order=after, events=(*recorded.events, *events), sends=tuple(told))


def _calendar(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """The client's calendar answers an invitation of ours: decided by the same objections as words."""
    if mail.kind != "calendar" or mail.role != "client":
        return None
    said = by_calendar(mail, at)
    return _client(said, policy, at) if said else None


def _unsubscribed(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """A reader of the weekly updates ends them, by the mail that their program writes for it."""
    if mail.kind not in ("person", "automatic") or mail.defects:
        return None
    return unsubscribed(mail, policy.commands, at)


def _broken(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """What is malformed where it matters is nobody's decision."""
    why = next((text for defect, text in _BROKEN.items() if defect in mail.defects), None)
    return None if why is None else replace(_hold(mail, policy, at, f"not proven: {why}"), folder="odd")


def _correspondence(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """Staff write to a client with the bot in copy: on record; lines with the prefix are commands."""
    if not _is_staff(mail) or not mail.to_client:
        return None
    prefix = policy.command_prefix
    lines = [line[len(prefix) :] for line in mail.words.splitlines() if line.lower().startswith(prefix)]
    if mail.order is None:
        return Decision("note", "correspondence with a client; no order is named")
    recorded = _recorded(mail, at, "correspondence with the client")
    if not lines:
        return recorded
    if not mail.proven:
        return _hold(mail, policy, at, f"not proven: {mail.proof}")
    if unclear := _unclear(mail):
        return replace(recorded, sends=(answered_with(mail, unclear),))
    staff = replace(mail, order=recorded.order, words="\n".join(lines))
    return carried_out(staff, policy.commands, at, recorded.events, direct=mail.matched in _DIRECT)


def _held_answer(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """Staff answer what was put to them: one word settles it."""
    direct = mail.matched in _DIRECT
    if "staff" not in mail.roles or mail.held is None or not direct:
        return None
    if not mail.proven:
        return _hold(mail, policy, at, f"not proven: {mail.proof}")
    said = answer(mail.words, policy.commands)
    if said is None:
        return None
    try:
        if unclear := _unclear(mail):
            raise Unsettled(unclear)
        return settle(mail.held, said, mail.order, at, mail.mail, reply_to=mail)
    except Unsettled as reason:
        return Decision("command", str(reason), mail.order, sends=(answered_with(mail, str(reason)),))


def _commands(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """Staff command: each line is carried out or answered with the reason why not."""
    if not _is_staff(mail):
        return None
    if not mail.proven:
        return _hold(mail, policy, at, f"not proven: {mail.proof}")
    if passed_on := _passed_on(mail, policy, at):
        return passed_on
    if not mail.words.strip() and (not at.attachments or mail.matched in _OURS):
        return _recorded(mail, at, "nothing of their own is written in it")  # as where a rule passes our mail on
    if unclear := _unclear(mail):
        return Decision("command", unclear, mail.order, sends=(answered_with(mail, unclear),))
    return carried_out(mail, policy.commands, at, direct=mail.matched in _DIRECT)


def _passed_on(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """Staff pass on a client's mail and command nothing: on the order's record, with the offer to vouch for it."""
    order = mail.order
    clients = people_of(order) if order else frozenset()
    one = next((one for one in at.enclosed if one.sender in clients), None)
    if order is None or one is None:
        return None
    parts = [(text, one) for one, text in by_order(mail.words, at.addressed, order) if one]
    if any(isinstance(line, Command) for part in parts for line in commands_of(*part, policy.commands, at)):
        return None
    event, keeps = forwarded(one, at)
    after = evolve(order, event)
    said = f"on the record of {order.ref}; it decides nothing. Their words: {one.words.strip()[:1000] or '(none)'}"
    hint = "; ".join(offers(order, one.sender))
    line = Line(f"the mail of {one.sender}", True, said, f"to book it, forward it again below {hint}" if hint else "")
    result = notices.command_result(after, mail, (line,))
    return Decision("note", f"forwarded by {at.actor}", after, (event,), (result,), keeps=keeps)


def _unclear(mail: Intake) -> str | None:
    """Why nothing is done at the word of staff, although it is theirs: it could be read in two ways."""
    if mail.disagree:
        return "your mail leads to two orders; name one, in the subject and nowhere else"
    doubts = ", ".join(doubt for doubt in mail.doubts if doubt != "signature-sentences")
    return (
        f"not carried out, because it is not certain what you wrote ({doubts}); write it alone, unquoted"
        if doubts
        else None
    )


def _stranger(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """Somebody who is on no order is not answered; a person of the studio sees it, once a day for each stranger."""
    if mail.role != "stranger" or mail.request is not None or mail.disagree:
        return None
    reader = mail.order.account_manager.email if mail.order else policy.fallback
    key = f"stranger/{at.ids.token('stranger', mail.sender, at.today.isoformat())}"
    told = (alerts.stranger(mail, reader, key, at.now),) if reader else ()
    return Decision("note", "a stranger's mail without a request", sends=told)


def _delegation(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """A client says who decides in their place: for a person, whatever else the mail says."""
    words = at.rules.delegation.named(mail.words) if mail.role == "client" and mail.order else None
    if words is None:
        return None
    against = objection(mail, policy.accept_unproven, at.now)
    because = f"somebody is to decide in their place ({words!r})" + (f"; also: {against}" if against else "")
    return _hold(mail, policy, at, because)


def _undo(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """A client says "undo", and nothing else: the answer is taken back, or a person sees why not. It books nothing."""
    order = mail.order
    names = (order.client.name, order.account_manager.name) if order else ()
    if client_says(mail.words, policy.commands, names) != "undo":
        return None
    because = objection_to_undo(mail, policy.accept_unproven, at.now)
    try:
        if because is None and order:
            return taken_back(order, mail, at)
    except CannotUndo as why:
        because = str(why)
    return _hold(replace(mail, reading=None), policy, at, f"undo: {because}")


def _survey(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """A client says how satisfied they are: kept, or put to a person where it is not plain."""
    if mail.answers != "survey" or mail.role != "client" or mail.order is None:
        return None
    said = answered(mail, policy.commands, policy.lead_designer, at)
    return said if isinstance(said, Decision) else _hold(mail, policy, at, f"survey: {said}")


def _money(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """A client's word about an invoice: paid, or disputed."""
    return claimed(mail, policy.finance, policy.lead_designer, at)


def _passing(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """Words that decide nothing, understood, after something was asked: on record."""
    said = mail.reading
    if mail.order is None or mail.request is None or mail.named or said is None or mail.doubts or not mail.proven:
        return None
    if said.label == "none" and said.understood:
        return _recorded(mail, at, said.because)
    return None


def _client(mail: Intake, policy: Policy, at: Circumstances) -> Decision | None:
    """A client's answer: held for the first objection, otherwise booked or acted on."""
    because = objection(mail, policy.accept_unproven, at.now) or named_otherwise(mail, at.rules.other_terms)
    if because is not None:
        return _with_whats_open(_hold(mail, policy, at, because), mail, at)
    return _acted_on(mail, policy, at)


_WALK: tuple[Callable[[Intake, Policy, Circumstances], Decision | None], ...] = (
    _calendar,
    _unsubscribed,
    _machine,
    _broken,
    _correspondence,
    _held_answer,
    _commands,
    _stranger,
    _delegation,
    _undo,
    _survey,
    _money,
    _passing,
    _client,
)


def _acted_on(mail: Intake, policy: Policy, at: Circumstances) -> Decision:
    said, order, request = mail.reading, mail.order, mail.request
    if said is None or order is None or request is None:
        raise AssertionError("the objections let this pass")
    if said.label in BOOKED_BY_KIND.get(request.kind, ()):
        verdict: Verdict = said.label  # type: ignore[assignment]
        return booked(
            order, request, verdict, at, by=mail.sender, how="replied", proof=level_of_proof(mail, at.timezone),
            because=said.because, words=mail.words, mail=mail.mail, option=said.option, subject=mail.subject,
            thread=notices.thread_of(mail),
        )  # fmt: skip
    put = _hold(mail, policy, at, said.because)
    verdict = said.label if said.label in get_args(Verdict) else "hold"  # type: ignore[assignment]
    return replace(put, verdict=verdict)


def _with_review(decision: Decision, mail: Intake, policy: Policy, at: Circumstances) -> Decision:
    """Whatever comes of it: a client who is not content is put to the account manager and the lead designer at once."""
    order = decision.order or mail.order
    if order is None or mail.kind != "person" or mail.role != "client" or not mail.proven:
        return decision
    said = mail.reading
    disputes = said is not None and "dispute" in (said.label, said.guess)
    word = at.rules.dissatisfaction.named(mail.words)
    if not (disputes or word) or any(send.kind == "unhappy-client" for send in decision.sends):
        return decision
    because = "" if disputes else f"rules/process.toml: dissatisfaction: {word}"
    call = notices.unhappy_client(order, mail, policy.lead_designer, at.now, because=because)
    return replace(decision, sends=(*decision.sends, call))


def _reached(decision: Decision, mail: Intake, at: Circumstances) -> Decision:
    """Whoever writes can be written to, whatever came back before."""
    order = decision.order or mail.order
    if order is None or mail.kind != "person" or mail.role != "client" or not mail.proven:
        return decision
    event = heard_from(order, mail.sender, at.now)
    return replace(decision, order=evolve(order, event), events=(*decision.events, event)) if event else decision


def _in_silence(decision: Decision, mail: Intake) -> Decision:
    """A mail that asks machines for silence is not answered; what follows from a decision goes out all the same."""
    if mail.silence is None:
        return decision
    sends = tuple(s for s in decision.sends if s.kind not in _TO_THE_SENDER or s.to != (mail.sender,))
    return replace(decision, sends=sends)


def _is_staff(mail: Intake) -> bool:
    return bool({"staff", "finance", "director"} & set(mail.roles))


def _recorded(mail: Intake, at: Circumstances, because: str) -> Decision:
    """On the order's record, without effect."""
    if mail.order is None:
        return Decision("note", because)
    event = e.MailRecorded(
        at=at.now, by=mail.sender or "nobody", mail=mail.mail, direction="in", kind=mail.kind, because=because,
        from_client=mail.role == "client" and mail.kind == "person",
        to_client=_is_staff(mail) and mail.to_client and mail.proven,
    )  # fmt: skip
    return Decision("note", because, evolve(mail.order, event), (event,))


def _hold(mail: Intake, policy: Policy, at: Circumstances, because: str) -> Decision:
    """Put to a person: the account manager of the order, else the studio's first."""
    order, request, said = mail.order, mail.request, mail.reading
    token = at.ids.token("held", mail.mail)
    held = Held(
        id=f"H-{token[:8]}", order=order.ref if order else None, request=request.token if request else None,
        about=request.about if request else None, sender=mail.sender, subject=mail.subject, words=mail.words,
        guess=said.guess if said else None, because=because, mail=mail.mail, message_id=mail.message_id, at=at.now,
        am=order.account_manager.email if order else policy.fallback, proven=mail.proven, proof=mail.proof,
        uncontested=mail.uncontested,
    )  # fmt: skip
    deputy = mail.role == "client" and at.rules.delegation.named(mail.words) is not None
    send = holding.held(held, mail.order, mail.request, token, wish_of(mail), deputy=deputy)
    if order is None:
        return Decision("hold", because, sends=(send,), held=held, folder="held")
    event = e.ReplyHeld(
        at=at.now, by=mail.sender or "nobody", held=held.id, token=held.request, guess=held.guess, because=because,
        mail=mail.mail,
    )  # fmt: skip
    return Decision("hold", because, evolve(order, event), (event,), (send,), held, folder="held")


def _with_whats_open(held: Decision, mail: Intake, at: Circumstances) -> Decision:
    """A proven client who decides what is no longer open, or asks about an order that is closed, is told what is."""
    said, order = mail.reading, mail.order
    decisive = {label for labels in BOOKED_BY_KIND.values() for label in labels}
    decides = said is not None and bool({said.label, *(said.guess or "").split()} & decisive)
    late = said is not None and said.label != "none" and order is not None and order.closed
    if not decides and not late:
        return held
    if mail.by_tag and order and not order.closed:
        return held  # it may be about something else
    if order is None or not (order.closed or no_longer_open(mail, at.now)) or not mail.proven or mail.role != "client":
        return held
    return replace(held, sends=(*held.sends, notices.question_back(order, mail, mail.request, at.now)))


def settled_by_hand(held: Held, word: str, order: Order | None, policy: Policy, at: Circumstances) -> Decision:
    """`mailbot held approve ID` and the like. Raises Unsettled with the reason."""
    said = answer(word, policy.commands)
    if said is None:
        raise Unsettled(f"{word!r} is no answer; approve, decline, changes, choose N or dismiss")
    return with_renewed(settle(held, said, order, at, "shell"), at)
