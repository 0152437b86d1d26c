"""The mails that decisions end in, as `Send`s: to whom, about what, and the facts that the letter tells.

Which facts a kind takes is written in templates/samples.toml; the words are in templates/. Keys are deterministic: the
same occasion has the same key, and is sent once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mailbot.orders import events as e
from mailbot.orders.authority import asked_of
from mailbot.orders.consequences import deposit_for
from mailbot.orders.model import ChangeOrder, Invoice, Milestone, Order, Request
from mailbot.orders.sends import Send
from mailbot.rules.process import ProcessRules

if TYPE_CHECKING:  # they use this module
    from mailbot.orders.circumstances import File, Line
    from mailbot.orders.intake import Intake


def title_of(order: Order, kind: str, about: str) -> str:
    """What was asked, in the words of the order: a milestone's name, "CO-1 Sequins on the train", an issue's title."""
    if kind in ("milestone", "fitting") and (milestone := order.milestone(about)):
        return milestone.name
    if kind == "change-order" and (change := order.change_order(about)):
        return f"{change.number} {change.title}"
    if kind == "issue" and (issue := order.issue(about)):
        return issue.title
    return about


def shown_milestone(order: Order, milestone: Milestone) -> str:
    """What the client is asked about a milestone, as text: what its revision is the hash of."""
    return f"{order.project}\n{milestone.name}"


def shown_change_order(order: Order, change: ChangeOrder) -> str:
    """What the client is asked about a change order, as text: every item, amount and day of it."""
    items = [f"- {item.text}: {item.amount} {order.currency}" for item in change.items]
    after = f"Contract total {order.total} -> {order.total + change.amount} {order.currency}"
    days = f"Delivery {order.delivery} -> {order.delivery + timedelta(days=change.days)}"
    return "\n".join([f"{change.number} {change.title}", *items, f"Additional cost: {change.amount}", after, days])


def approval_request(
    order: Order, milestone: Milestone, asked: Request, rules: ProcessRules, files: Sequence[File]
) -> Send:
    """Asks the client to approve `milestone`; `files` go along."""
    rule = rules.milestone(milestone.key)
    data = {
        "milestone": milestone.name,
        "revision": 1 + sum((r.kind, r.about) == ("milestone", milestone.key) for r in order.requests),
        "wishes": list(milestone.wishes) or None,
        "files": [name for name, _, _ in files] or None,
        "next_phase": rule.moves_to if rule and rule.moves_to != order.phase else None,
        "sign_off": rule is not None and rule.fitting_hours is not None,  # at a fitting the pieces are finished
    }
    return _asking("approval-request", order, asked, data, files)


def change_order(order: Order, change: ChangeOrder, asked: Request, rules: ProcessRules, files: Sequence[File]) -> Send:
    """Asks the client to approve `change`, with everything that it means for price and date."""
    deposit = deposit_for(order, change, rules, order.delivery, "")
    data = {
        "number": change.number,
        "title": change.title,
        "revision": change.revision,
        "items": [{"text": item.text, "amount": item.amount} for item in change.items],
        "amount": change.amount,
        "days": change.days,
        "total_before": order.total,
        "total_after": order.total + change.amount,
        "delivery_before": order.delivery,
        "delivery_after": order.delivery + timedelta(days=change.days),
        "deposit": deposit.amount if deposit else None,
        "files": [name for name, _, _ in files] or None,
    }
    return _asking("change-order", order, asked, data, files)


def receipt(order: Order, event: e.DecisionBooked, subject: str, thread: Sequence[str], undo_until: datetime) -> Send:
    """Tells the client what was booked, with its numbers. `order` as it stands after `event`.

    It carries the token of its request, so that "undo" in answer to it is known for what it takes back.
    """
    change = order.change_order(event.about) if event.kind == "change-order" else None
    data: dict[str, Any] = {
        "subject": subject,
        "verdict": event.verdict,
        "what": title_of(order, event.kind, event.about),
        "total": order.total,
        "delivery": order.delivery,
        "phase": event.phase,
        "amount": change.amount if change and event.verdict == "approve" else None,
        "undo_until": undo_until,
        "follows": next((c.number for c in order.change_orders if c.about == event.about and c.status == "sent"), None),
        **_option(order, event),
        **_when(order, event),
        **_deposit(event),
    }
    key = f"{order.ref}/receipt/{_occasion(order, event)}"
    to = tuple(dict.fromkeys((*order.client.emails, event.by)))
    send = Send(key, "receipt", to, (), order.ref, event.about, data, token=event.token or None)
    return _threaded(send, thread)


def receipt_of_undo(
    order: Order, event: e.DecisionUndone, subject: str, thread: Sequence[str], sent: Sequence[Invoice]
) -> Send:
    """Tells the client that an answer is taken back and the question open again; `sent` are invoices that went out."""
    data: dict[str, Any] = {
        "subject": subject,
        "verdict": "undone",
        "what": title_of(order, event.kind, event.about),
        "total": order.total,
        "delivery": order.delivery,
        "phase": event.phase,
        "open": event.expires_at is not None,
        "sent": [{"number": i.number, "amount": i.amount, "paid": i.paid_on is not None} for i in sent] or None,
    }
    key = f"{order.ref}/undone/{_occasion(order, event)}"
    send = Send(key, "receipt", order.client.emails, (), order.ref, event.about, data, token=event.token or None)
    return _threaded(send, thread)


def _occasion(order: Order, event: e.DecisionBooked | e.DecisionUndone) -> str:
    """The request's token; with a number from the second decision on: an answer taken back can be given again."""
    times = sum(d.same(event.token, event.kind, event.about) for d in order.decisions)
    name = event.token or f"{event.kind}/{event.about}"
    return name if times < 2 else f"{name}/{times}"


def booked(before: Order, order: Order, event: e.DecisionBooked) -> Send:
    """Tells the account manager what was booked, by which words, how proven, and what followed."""
    data = {
        "verdict": event.verdict,
        "what": title_of(order, event.kind, event.about),
        "sender": event.by,
        "words": event.words,
        "at": event.at,
        "proof": event.proof,
        "authority": event.authority or None,
        "because": event.because,
        "how": event.how,
        "settled_by": event.confirmed_by,
        "phase": event.phase,
        "total_before": before.total if event.total is not None else None,
        "total": event.total,
        "delivery_before": before.delivery if event.delivery else None,
        "delivery": event.delivery,
        "follows": next((c.number for c in order.change_orders if c.about and c.about == event.about), None),
        **_option(order, event),
        **_when(order, event),
        **_deposit(event),
    }
    key = f"{order.ref}/booked/{_occasion(order, event)}"
    return Send(key, "booked", (order.account_manager.email,), (), order.ref, event.about, data)


def booked_undo(before: Order, order: Order, event: e.DecisionUndone) -> Send:
    """Tells the account manager that a decision is taken back, what is as before again, and what had followed."""
    data = {
        "verdict": "undone",
        "what": title_of(order, event.kind, event.about),
        "sender": event.by,
        "words": event.words,
        "at": event.at,
        "proof": event.proof,
        "because": event.because,
        "how": "replied" if event.from_client else "staff",
        "phase": event.phase,
        "total_before": before.total if event.total is not None else None,
        "total": event.total,
        "delivery_before": before.delivery if event.delivery else None,
        "delivery": event.delivery,
        "open": event.expires_at is not None,
        "cancelled": [i.number for i in event.invoices if i.status == "cancelled"] or None,
        "followed": list(event.followed) or None,
    }
    key = f"{order.ref}/booked-undo/{_occasion(order, event)}"
    return Send(key, "booked", (order.account_manager.email,), (), order.ref, event.about, data)


def _when(order: Order, event: e.DecisionBooked) -> dict[str, Any]:
    """The hour of an appointment that is confirmed."""
    milestone = order.milestone(event.about) if event.kind == "fitting" and event.verdict == "confirm" else None
    return {"when": milestone.starts} if milestone else {}


def _option(order: Order, event: e.DecisionBooked) -> dict[str, Any]:
    request = order.request(event.token)
    if request is None or event.option is None:
        return {}
    return {"option": event.option, "option_text": request.options[event.option - 1]}


def _deposit(event: e.DecisionBooked) -> dict[str, Any]:
    deposit = next((i for i in event.invoices if i.kind == "change-order-deposit"), None)
    if deposit is None:
        return {}
    return {"invoice": deposit.number, "invoice_amount": deposit.amount, "invoice_due": deposit.due}


def question_back(order: Order, mail: Intake, request: Request | None, at: datetime) -> Send:
    """Tells a client who answered what is no longer open (at `at`) what is; of a closed order only invoices are."""
    still = [r for r in order.open_requests if r != request and at <= r.expires_at]
    unpaid = [i.number for i in order.live_invoices if order.closed and i.status == "sent"]
    data = {
        "subject": mail.subject,
        "why": _why_not(order, request),
        "what": title_of(order, request.kind, request.about) if request else None,
        "open": [*(title_of(order, r.kind, r.about) for r in still), *unpaid] or None,
    }
    key, about = f"{order.ref}/question-back/{mail.mail[:32]}", request.about if request else None
    return _threaded(Send(key, "question-back", (mail.sender,), (), order.ref, about, data), thread_of(mail))


def _why_not(order: Order, request: Request | None) -> str:
    """Why an answer to `request` comes too late, as the letter names it."""
    if request is None or order.closed:
        return "nothing-open"
    return {"superseded": "superseded", "answered": "closed"}.get(request.state, "outdated")


def command_result(order: Order | None, mail: Intake, lines: Sequence[Line], others: Sequence[str] = ()) -> Send:
    """Answers a mail of staff, about `order` and the `others`: each line with what came of it."""
    data = {"subject": mail.subject or "your mail", "results": [line.facts() for line in lines]}
    send = Send(
        f"command-result/{mail.mail[:32]}",
        "command-result",
        (mail.sender,),
        (),
        ",".join((order.ref, *others)) if order else None,
        None,
        data,
    )
    return _threaded(send, thread_of(mail))


def payment_claim(order: Order, mail: Intake, invoice: Invoice, finance: str, at: datetime) -> Send:
    """Puts a client's word that an invoice is paid to finance; nothing is booked by it."""
    data = {
        "number": invoice.number, "amount": invoice.amount - invoice.paid, "due": invoice.due, "sender": mail.sender,
        "words": mail.words, "at": at,
    }  # fmt: skip
    key = f"{order.ref}/payment-claim/{mail.mail[:32]}"
    return Send(key, "payment-claim", (finance,), (order.account_manager.email,), order.ref, invoice.number, data)


def unhappy_client(
    order: Order, mail: Intake, lead_designer: str | None, at: datetime, *, because: str = "", frozen: str | None = None
) -> Send:
    """Tells the account manager, and the lead designer, at once that a client is not satisfied.

    `because` is what tells so, where it is not the reading; `frozen` the invoice that is disputed and not reminded of.
    """
    request = mail.request
    data = {
        "sender": mail.sender, "words": mail.words, "at": at,
        "because": because or (mail.reading.because if mail.reading else ""),
        "what": title_of(order, request.kind, request.about) if request else None, "designer": lead_designer,
        "frozen": frozen,
    }  # fmt: skip
    cc = (lead_designer,) if lead_designer else ()
    key = f"{order.ref}/unhappy/{mail.mail[:32]}"
    return Send(key, "unhappy-client", (order.account_manager.email,), cc, order.ref, None, data)


def heard(order: Order, mail: Intake, verdict: str, what: str) -> Send:
    """Tells the client that their word about an invoice has been heard: "paid" or "dispute"."""
    data: dict[str, Any] = {
        "subject": mail.subject, "verdict": verdict, "what": what, "total": order.total, "delivery": order.delivery,
    }  # fmt: skip
    key = f"{order.ref}/heard/{mail.mail[:32]}"
    return _threaded(Send(key, "receipt", (mail.sender,), (), order.ref, what, data), thread_of(mail))


def thanks(order: Order, mail: Intake) -> Send:
    """Thanks the client for saying how satisfied they are."""
    data: dict[str, Any] = {
        "subject": mail.subject, "verdict": "rated", "what": order.project, "total": order.total,
        "delivery": order.delivery,
    }  # fmt: skip
    key = f"{order.ref}/thanks/{mail.mail[:32]}"
    return _threaded(Send(key, "receipt", (mail.sender,), (), order.ref, None, data), thread_of(mail))


def farewell(order: Order) -> Send:
    """Thanks the client when the order is closed, with everything delivered and paid."""
    data: dict[str, Any] = {
        "subject": order.project, "verdict": "closed", "what": order.project, "total": order.total,
        "delivery": order.delivery,
    }  # fmt: skip
    return Send(f"{order.ref}/farewell", "receipt", order.client.emails, (), order.ref, None, data)


def rated(order: Order, event: e.SatisfactionGiven, highest: int) -> Send:
    """Tells the account manager how satisfied the client is, in their words."""
    data = {
        "verdict": "rated", "what": f"{event.rating} / {highest}", "sender": event.by, "words": event.words,
        "at": event.at, "proof": event.proof, "because": "rules/commands.toml: ratings", "how": "replied",
    }  # fmt: skip
    key = f"{order.ref}/rated/{event.mail[:32]}"
    return Send(key, "booked", (order.account_manager.email,), (), order.ref, None, data)


def shadow(order: Order, send: Send, mode: str, subject: str, text: str) -> Send:
    """Shows the account manager a mail to a client that is not sent, or waits to be released."""
    data = {
        "mode": mode, "mail_kind": send.kind, "mail_subject": subject, "mail_to": list(send.to), "text": text,
        "because": send.waits or send.key,
    }  # fmt: skip
    key, to = f"{send.key}/shadow", (order.account_manager.email,)
    return Send(key, "shadow", to, (), order.ref, send.about, data, attachments=send.attachments)


def frequent_changes(order: Order, change: ChangeOrder) -> Send:
    """Flags a client who asks for changes often; what came of an issue was no wish of theirs."""
    wished = [c for c in order.change_orders if c.about is None]
    data = {
        "count": len(wished),
        "changes": [{"number": c.number, "title": c.title, "amount": c.amount, "status": c.status} for c in wished],
    }
    key = f"{order.ref}/frequent-changes/{change.number}"
    return Send(key, "frequent-changes", (order.account_manager.email,), (), order.ref, change.number, data)


def resume_notice(order: Order, occasion: str, number: str | None = None, amount: Decimal | None = None) -> Send:
    """Tells the client that work goes on; with the payment that made it so, where one did."""
    upcoming = order.next_milestone
    data = {
        "number": number,
        "amount": amount,
        "next": upcoming.name if upcoming else None,
        "next_due": upcoming.due if upcoming else None,
    }
    key = f"{order.ref}/resume/{occasion}"
    return Send(key, "resume-notice", order.client.emails, (), order.ref, number, data)


def _asking(kind: str, order: Order, asked: Request, data: dict[str, Any], files: Sequence[File]) -> Send:
    key = f"{order.ref}/{kind}/{asked.token}"
    return Send(
        key, kind, asked_of(order, asked.asked_at), (), order.ref, asked.about, data, token=asked.token,
        attachments=tuple(files),
    )  # fmt: skip


def thread_of(mail: Intake) -> tuple[str, ...]:
    """The Message-IDs of the conversation that `mail` belongs to, its own last."""
    return (*mail.references, *((mail.message_id,) if mail.message_id else ()))


def _threaded(send: Send, thread: Sequence[str]) -> Send:
    return replace(send, in_reply_to=thread[-1], references=tuple(thread)) if thread else send
