# ruff: noqa: E501 - a play a line
"""Who may decide, and what: limits, delegates and accepted senders that are stretched, staff who do what is not theirs."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from email.message import EmailMessage

from tests.walks.attacks_on_proof import EVIL, RESULTS, command, from_line
from tests.walks.stage import DESIGN, MONEY, Arrives, Attack, Play, Scene, border

Acts = Generator[Arrives, None, None]
YES = "Yes, please go ahead."
NO_POLICY = "none"  # what the border finds for a domain without DMARC
BROKEN = "dmarc=none; dkim=fail header.d={s.domain}"
ANOTHER = "sam{s.other}@studio.example"  # the account manager of somebody else's order
CONDITION = "Approved once the hem is fixed."
COSTLY = (
    "issue: Silk delayed\nsituation: The mill has lost a week\nimpact: 2 days, 0 %\n"
    "option: Wait for it | days +6\noption: Have it flown in | cost 380.00\nsend"
)
BOB_UP_TO = "approver {s.bob} up to "
SECOND = "change order: Gloves\nGloves: 300.00\nsend"


def tells(s: Scene, text: str) -> EmailMessage:
    """The account manager gives commands."""
    return s.new(s.sam, f"Who decides [{s.ref}]", text.format(s=s))


def answers(s: Scene, words: str, question: EmailMessage | None = None, sender: str = "") -> EmailMessage:
    return s.reply(words, question, sender=(sender or "{s.bob}").format(s=s))


def by(sender: str, words: str = "Approved!") -> Play:
    """A proven answer to what was asked last."""
    return lambda s: answers(s, words, sender=sender)


def then(text: str, sender: str = "{s.bob}", words: str = "Approved!") -> Play:
    """The account manager gives commands; then somebody answers what had been asked before."""

    def play(s: Scene) -> Acts:
        question = s.asked
        yield tells(s, text)
        yield answers(s, words, question, sender)

    return play


def settled(sender: str, word: str, by: str = "{s.sam}", *, words: str = "Approved!", proof: str = "pass") -> Play:
    """Somebody's answer is held; the notice of that is answered with `word`."""

    def play(s: Scene) -> Acts:
        yield border(answers(s, words, sender=sender), proof)
        yield s.reply(word.format(s=s), s.last("held"), sender=by.format(s=s))

    return play


def in_small_pieces(s: Scene) -> Acts:
    yield answers(s, YES)
    yield tells(s, SECOND)
    yield answers(s, YES)


def undone_by_the_assistant(s: Scene) -> Acts:
    yield answers(s, YES, sender="{s.ann}")
    yield answers(s, "undo", s.last("receipt"))


def choice(words: str, proof: str = "pass", sender: str = "{s.bob}") -> Play:
    return lambda s: border(answers(s, words, s.last("issue-notice"), sender), proof)


def long_after(s: Scene) -> Acts:
    """The delegate answers a question of the next month."""
    yield tells(s, f"delegate {s.bob} until {s.now + timedelta(days=2):%Y-%m-%d}")
    yield tells(s, "ask design")
    yield answers(s, "Approved!")


def removed_before_it_was_settled(s: Scene) -> Acts:
    yield answers(s, "Approved once the hem is fixed.", sender="{s.ann}")
    notice = s.last("held")
    yield tells(s, "approver {s.ann} off")
    yield s.reply("approve", notice, sender=s.sam)


def hands_on(s: Scene) -> Acts:
    """The delegate says whose word counts instead of his, and that one answers."""
    question = s.asked
    yield answers(s, f"I am away as well, please take the word of carl@{s.domain}.", question)
    yield answers(s, "Approved!", question, f"carl@{s.domain}")


def unproven(sender: str, proof: str = NO_POLICY, words: str = "Approved!") -> Play:
    return lambda s: border(answers(s, words, sender=sender), proof)


def without_the_token(s: Scene) -> bytes:
    mail = s.reply("Approved!")
    mail.replace_header("To", "orders@studio.example")
    return border(mail, NO_POLICY)


def spelled(line: str, passes: str = "{s.domain}") -> Play:
    return lambda s: border(from_line(s.reply("Approved!"), line.format(s=s)), domain=passes.format(s=s))


def vouches_for(sender: str) -> Play:
    def play(s: Scene) -> EmailMessage:
        mail = s.new(s.sam, f"Fwd: Sketches [{s.ref}]", f"vouch design by {sender.format(s=s)}")
        mail.add_attachment(s.new(sender.format(s=s), "The sketches", "Approved!"))
        return mail

    return play


def found(results: str) -> Play:
    """Ann approves; the border has found this."""
    return lambda s: border(
        answers(s, "Approved!", sender="{s.ann}"), top=f"{RESULTS}mx.studio.example; {results.format(s=s)}\r\n"
    )


def broken_and_to_be_accepted(s: Scene) -> Acts:
    yield found(BROKEN)(s)  # type: ignore[misc]
    yield s.reply("approve and accept", s.last("held"), sender=s.sam)


def undo_comes_again(s: Scene) -> Acts:
    """Ann takes her answer back and approves again; then her first mail comes under another id."""
    question = s.asked
    yield answers(s, "Approved!", question, "{s.ann}")
    undo = answers(s, "undo", s.last("receipt"), "{s.ann}")
    yield undo
    yield answers(s, "Approved!", question, "{s.ann}")
    undo.replace_header("Message-ID", f"<again@{s.domain}>")
    yield undo


AUTHORITY = {
    "over-the-limit": Attack("over the limit: CO-1 is 450.00 USD", by("{s.bob}", YES), f"{BOB_UP_TO}449.99\n{MONEY}"),
    "over-the-limit-by-capitals": Attack("may decide up to 449.99 USD", spelled("From: BOB@CLIENT{s.number}.EXAMPLE"), f"{BOB_UP_TO}449.99\n{MONEY}"),
    "over-the-limit-in-all": Attack("may decide up to 400.00 USD in all", by("{s.bob}", YES), f"{BOB_UP_TO}400 in all\n{MONEY}"),
    "over-the-limit-in-small-pieces": Attack("it would be 750.00 USD", in_small_pieces, f"{BOB_UP_TO}500 and 700 in all\n{MONEY}"),
    "over-the-limit-for-a-no": Attack("over the limit", by("{s.bob}", "No, thank you."), f"{BOB_UP_TO}100\n{MONEY}"),
    "over-the-limit-for-a-costly-option": Attack("over the limit: ISS-1 is 380.00 USD", choice("Option 2, please."), f"{BOB_UP_TO}100\n{COSTLY}"),
    "over-the-limit-confirmed-by-the-manager": Attack("over the limit", settled("{s.bob}", "approve", words=YES), f"{BOB_UP_TO}100\n{MONEY}"),
    "over-the-limit-vouched-for": Attack("0 of 1 lines", command("{s.sam}", "vouch CO-1 by {s.bob}"), f"{BOB_UP_TO}100\n{MONEY}"),
    "over-the-limit-undoes-what-was-approved": Attack("undo: over the limit", undone_by_the_assistant, f"{BOB_UP_TO}100\n{MONEY}"),
    "limit-lowered-after-it-was-asked": Attack("over the limit", then("approver {s.bob} up to 100", words=YES), f"approver {{s.bob}}\n{MONEY}"),
    "delegate-over-the-limit": Attack("may decide up to 400.00 USD", by("{s.bob}", YES), f"delegate {{s.bob}} until 2026-03-03 up to 400\n{MONEY}"),
    "delegate-of-somebody-with-a-limit": Attack("may decide up to 400.00 USD", by("dora@{s.domain}", YES), f"{BOB_UP_TO}400\ndelegate dora@{{s.domain}} for {{s.bob}} until 2026-03-03 up to 5000\n{MONEY}"),
    "delegate-after-the-day": Attack("they could until 2026-01-12", long_after, late=True),
    "delegate-who-was-ended": Attack("may not decide", then("delegate {s.bob} off"), f"delegate {{s.bob}} until 2026-03-03\n{DESIGN}"),
    "delegate-of-somebody-removed": Attack("may not decide", then("approver {s.ann} off"), f"approver dora@{{s.domain}}\ndelegate {{s.bob}} for {{s.ann}} until 2026-03-03\n{DESIGN}"),
    "delegate-by-his-own-word": Attack("may not decide", by("{s.bob}", "I stand in for Ann until 3 March. Approved!")),
    "delegate-hands-it-on": Attack("may not decide", hands_on, f"delegate {{s.bob}} until 2026-03-03\n{DESIGN}"),
    "approver-who-was-removed": Attack("may not decide", then("approver {s.ann} off", "{s.ann}"), f"approver {{s.bob}}\n{DESIGN}"),
    "approver-removed-before-it-was-settled": Attack("may not decide", removed_before_it_was_settled, f"approver {{s.bob}}\n{DESIGN}"),
    "approver-named-by-the-client": Attack("only the tag in the subject", command("{s.ann}", f"approver {EVIL}")),
    "approver-named-by-himself": Attack("", command(EVIL, f"approver {EVIL}")),
    "approver-named-by-finance": Attack("0 of 1 lines", command("finance@studio.example", f"approver {EVIL}")),
    "approver-named-by-the-director": Attack("0 of 1 lines", command("dana@studio.example", f"approver {EVIL}")),
    "approver-named-by-forged-staff": Attack("not proven: dmarc=fail", command("{s.sam}", f"approver {EVIL}", "fail")),
    "approver-named-in-a-mail-to-the-client": Attack("correspondence", lambda s: s.new(s.sam, f"Hello [{s.ref}]", f"approver {EVIL}", to=f"{s.ann}, orders@studio.example")),
    "delegate-named-by-the-director": Attack("0 of 1 lines", command("dana@studio.example", "delegate {s.bob} until 2026-03-03")),
    "acceptance-by-finance": Attack("0 of 1 lines", command("finance@studio.example", "accept {s.ann}")),
    "acceptance-by-the-client": Attack("only the tag in the subject", command("{s.ann}", "accept {s.ann}")),
    "manager-approves-as-the-client": Attack("0 of 1 lines", command("{s.sam}", "approver {s.sam}")),
    "finance-approves-as-the-client": Attack("0 of 1 lines", command("{s.sam}", "approver finance@studio.example")),
    "manager-vouches-for-himself": Attack("0 of 1 lines", vouches_for("{s.sam}")),
    "director-books-a-payment": Attack("0 of 1 lines", command("dana@studio.example", "paid INV-1")),
    "finance-resumes-the-work": Attack("0 of 1 lines", command("finance@studio.example", "resume"), "pause We wait for the cast"),
    "added-by-finance": Attack("0 of 1 lines", settled("{s.bob}", "approve and add approver", "finance@studio.example")),
    "added-by-the-one-who-gains": Attack("not matched", settled("{s.bob}", "approve and add approver", "{s.bob}")),
    "added-from-another-domain": Attack("is of another domain", settled(EVIL, "approve and add approver")),
    "added-though-unproven": Attack("it is not proven that", settled("{s.bob}", "add approver", proof="fail")),
    "accepted-for-money": Attack("not proven: dmarc=none", unproven("{s.ann}", words=YES), f"accept {{s.ann}}\n{MONEY}"),
    "accepted-for-an-option-that-costs": Attack("not proven: dmarc=none", choice("Option 2, please.", NO_POLICY, "{s.ann}"), f"accept {{s.ann}}\n{COSTLY}"),
    "accepted-without-the-token": Attack("not proven: dmarc=none", without_the_token, f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-and-passed-for-another": Attack("dmarc=pass is for evil.example", spelled("From: {s.ann}", "evil.example"), f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-and-forged": Attack("not proven: dmarc=fail", unproven("{s.ann}", "fail"), f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-is-somebody-else": Attack("not proven: dmarc=none", unproven("{s.bob}"), f"approver {{s.bob}}\naccept {{s.ann}}\n{DESIGN}"),
    "accepted-no-longer": Attack("not proven: dmarc=none", unproven("{s.ann}"), f"accept {{s.ann}}\naccept {{s.ann}} off\n{DESIGN}"),
    "accepted-by-an-answer-to-another": Attack("this is of ann@", settled("{s.ann}", "approve and accept {s.bob}", proof=NO_POLICY), f"approver {{s.bob}}\n{DESIGN}"),
    "accepted-though-he-may-not-decide": Attack("there is nothing to accept", settled("{s.bob}", "approve and accept", proof=NO_POLICY)),
    "plus-address-of-the-approver": Attack("may not decide", by("ann+sketches@{s.domain}")),
    "dots-in-the-address-of-the-approver": Attack("may not decide", by("a.nn@{s.domain}")),
    "quoted-address-of-the-approver": Attack("not proven", spelled('From: "ann"@{s.domain}')),
    "dot-behind-the-domain-of-the-approver": Attack("not proven", spelled("From: ann@{s.domain}.", "{s.domain}.")),
    "manager-of-another-order-named": Attack("0 of 1 lines", command("{s.sam}", f"approver {ANOTHER}")),
    "manager-of-another-order-named-with-a-dot": Attack("0 of 1 lines", command("{s.sam}", f"approver {ANOTHER}.")),
    "manager-of-another-order-as-delegate": Attack("0 of 1 lines", command("{s.sam}", f"delegate <{ANOTHER}> until 2026-03-03")),
    "manager-of-another-order-vouched-for": Attack("0 of 1 lines", vouches_for(ANOTHER)),
    "delegate-to-the-end-of-time": Attack("0 of 1 lines", command("{s.sam}", "delegate {s.bob} until 9999-12-31")),
    "promise-to-the-end-of-time": Attack("0 of 1 lines", command("{s.sam}", "promise INV-1 until 9999-12-31")),
    "due-at-the-beginning-of-time": Attack("0 of 1 lines", command("{s.sam}", "milestone design due 0001-01-01")),
    "fitting-at-the-end-of-time": Attack("0 of 1 lines", command("{s.sam}", "fitting first-fitting on 9999-12-31 at 23:59")),
    "limit-beyond-reckoning": Attack("0 of 1 lines", command("{s.sam}", "approver {s.bob} up to 99999999999999999999999999")),
    "accepted-and-the-signature-broken": Attack("dkim=fail for client", found(BROKEN), f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-and-the-signature-broken-without-dmarc": Attack("dkim=fail for client", found("dkim=fail header.i=@{s.domain}"), f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-and-sent-from-elsewhere": Attack("spf=fail for client", found("dmarc=none; spf=fail smtp.mailfrom={s.ann}"), f"accept {{s.ann}}\n{DESIGN}"),
    "accepted-by-an-answer-to-a-broken-signature": Attack("such mail is never accepted", broken_and_to_be_accepted),
    "settled-with-a-no-below-the-yes": Attack("", settled("{s.ann}", "approve\nNo", words=CONDITION)),
    "settled-with-a-dismiss-below-the-yes": Attack("", settled("{s.ann}", "approve\nDismiss", words=CONDITION)),
    "settled-with-a-question": Attack("", settled("{s.ann}", "approve?", words=CONDITION)),
    "undo-that-comes-again": Attack("written before the answer", undo_comes_again),
}  # fmt: skip
