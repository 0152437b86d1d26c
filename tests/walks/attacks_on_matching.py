# ruff: noqa: E501 - mails as they are sent, one line each
"""To what it was an answer: replays, old and closed questions, foreign threads, clues that disagree, late undoing."""

from __future__ import annotations

from collections.abc import Callable, Generator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import cast

from tests.walks.programs import PROGRAMS
from tests.walks.stage import DESIGN, FABRIC, MONEY, Arrives, Attack, Play, Scene, border, in_turn
from tests.walks.world import BOT, World

Acts = Generator[Arrives, None, None]
EVIL = "mallory@evil.example"
TWO = f"{DESIGN}\n{FABRIC}"


def _asks(s: Scene, text: str) -> EmailMessage:
    """The account manager gives commands."""
    return s.new(s.sam, f"Next [{s.ref}]", text)


def _as_new(mail: EmailMessage, s: Scene) -> EmailMessage:
    """The same mail under another Message-ID."""
    copy = cast(EmailMessage, message_from_bytes(mail.as_bytes(policy=SMTP), policy=default))
    copy.replace_header("Message-ID", f"<{s.count()}@{s.domain}>")
    return copy


def _with(mail: EmailMessage, **headers: str) -> EmailMessage:
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        if value:
            mail[name.replace("_", "-")] = value
    return mail


def _loose(mail: EmailMessage) -> EmailMessage:
    """Without the clues that programs keep: only words and subject are left."""
    return _with(mail, In_Reply_To="", References="", To=BOT)


def _answers(question: EmailMessage, mail: EmailMessage, words: str, s: Scene) -> EmailMessage:
    """Ann answers `mail`, to all, in the thread of `question`: her program keeps the ids and the addresses."""
    reply = PROGRAMS["plain"](question, s.ann, words, s.now, s.count())
    thread = f"{question['Message-ID']} {mail['Message-ID']}"
    return _with(reply, In_Reply_To=str(mail["Message-ID"]), References=thread)


def undone_and(replayed: str) -> Play:
    """Approved, taken back, and then the old approval comes once more."""

    def play(s: Scene) -> Acts:
        approval = s.reply("Approved!")
        yield approval
        yield s.reply("undo", s.last("receipt"))
        yield approval if replayed == "same" else _as_new(approval, s)

    return play


def approved_then(command: str) -> Play:
    """A command of the account manager, and then an approval of what had been asked before it."""

    def play(s: Scene) -> Acts:
        old = s.asked
        yield _asks(s, command)
        yield s.reply("Approved!", old)

    return play


def same_id_other_words(s: Scene) -> Acts:
    first = s.reply("Thanks, I will look at it tonight.")
    yield first
    yield _with(s.reply("Approved!"), Message_ID=str(first["Message-ID"]))


def same_mail_twice(s: Scene) -> Acts:
    mail = s.reply("Approved!")
    yield mail
    yield mail


def from_an_archive(s: Scene) -> Acts:
    """The bytes of an approval, sent again a while later by a border that vouches for them."""
    mail = s.reply("Approved!")
    yield mail
    yield s.reply("undo", s.last("receipt"))
    yield border(b"X-Resent-By: archive\r\n" + mail.as_bytes(policy=SMTP), domain=s.domain)


def closed_order(s: Scene) -> Acts:
    old = s.asked
    yield _asks(s, "close anyway")
    yield s.reply("Approved!", old)


def in_answer_to_bob(s: Scene) -> Acts:
    question = s.asked
    bobs = s.reply("Should we not take the blue ones?", sender=s.bob)
    yield bobs
    yield _answers(question, bobs, "Yes, approved!", s)


def in_answer_to_the_manager(s: Scene) -> EmailMessage:
    """Sam wrote to Ann outside of mailbot, in the thread; she answers him, the bot is in copy."""
    sams = _with(s.reply("Shall I order lunch for Friday?", sender=s.sam), To=s.ann, Cc=str(s.asked["Reply-To"]))
    return _with(_answers(s.asked, sams, "Yes, please do.", s), To=s.sam, Cc=BOT)


def yes_to_a_receipt(s: Scene) -> Acts:
    yield s.reply("Approved!", s.last("approval-request"))
    yield s.reply("Yes, perfect, approved!", s.last("receipt"))


def yes_to_a_notice(s: Scene) -> Acts:
    yield s.reply("Approved once the hem is fixed.")
    yield s.reply("approve", s.last("held"), sender=s.bob)


def two_tokens_in_the_body(s: Scene) -> EmailMessage:
    first, second = (mail for mail in s.mails if mail["X-Mailbot-Kind"] == "approval-request")
    mail = PROGRAMS["plain"](first, s.ann, "Approved!", s.now, s.count())
    mail.set_content(f"{mail.get_content()}\n> {_token(second)}\n")
    return _loose(mail)


def address_and_thread_disagree(s: Scene) -> EmailMessage:
    first, second = (mail for mail in s.mails if mail["X-Mailbot-Kind"] == "approval-request")
    return _with(s.reply("Approved!", first), To=str(second["Reply-To"]))


def address_and_tag_disagree(s: Scene) -> EmailMessage:
    return _with(s.reply("Approved!"), Subject=f"Re: Cinderella ball gowns - Design approval [ORD-{s.other}]")


def two_token_addresses(s: Scene) -> EmailMessage:
    first, second = (mail for mail in s.mails if mail["X-Mailbot-Kind"] == "approval-request")
    return _with(s.reply("Approved!", first), Cc=str(second["Reply-To"]))


def tag_alone(subject: str, words: str = "Approved!") -> Play:
    return lambda s: s.new(s.ann, subject.format(s=s), words)


def tag_alone_from_before(s: Scene) -> EmailMessage:
    """A mail of last week with the right subject."""
    mail = s.new(s.ann, f"Cinderella ball gowns - Design approval for your approval [{s.ref}]", "Approved!")
    return _with(mail, Date="Fri, 02 Jan 2026 10:00:00 +0000")


def _token(mail: EmailMessage) -> str:
    return str(mail["Reply-To"]).partition("+")[2].partition("@")[0]


def price_moved_since(s: Scene) -> Acts:
    """Two change orders wait; the first is taken, so that the second's totals are no longer what was shown."""
    first = s.asked
    yield _asks(s, "change order: Silk lining\nSilk: 900.00\ndays +3\nsend")
    second = s.asked
    yield s.reply("Yes, please go ahead.", second)
    yield s.reply("Yes, please go ahead.", first)


def older_held_reply(s: Scene) -> Acts:
    """What was said first is settled while a newer reply about the same waits."""
    yield s.reply("Approved once the hem is fixed.")
    first = s.last("held")
    yield s.reply("Approved once the lining is changed as well.")
    yield s.reply("approve", first, sender=s.sam)


def older_held_reply_at_the_shell(s: Scene) -> Acts:
    yield s.reply("Approved once the hem is fixed.")
    (first,) = s.held
    yield s.reply("Approved once the lining is changed as well.")
    yield (lambda studio: studio.cli("held", "approve", first["id"], code=1)), s.reply("Thanks, Ann")


def bobs_reply_settled(s: Scene) -> Acts:
    yield s.reply("Approved!", sender=s.bob)
    yield s.reply("approve", s.last("held"), sender=s.sam)


def held_settled_with(words: str) -> Play:
    """The account manager answers the notice with these words."""

    def play(s: Scene) -> Acts:
        yield s.reply("Approved once the hem is fixed.")
        yield s.reply(words, s.last("held"), sender=s.sam)

    return play


def held_settled_twice(s: Scene) -> Acts:
    yield s.reply("Approved once the hem is fixed.")
    notice = s.last("held")
    yield s.reply("changes", notice, sender=s.sam)
    yield s.reply("approve", notice, sender=s.sam)


def held_forwarded_to_the_client(s: Scene) -> Acts:
    yield s.reply("Approved once the hem is fixed.")
    yield _with(s.reply("approve", s.last("held"), sender=s.sam), Cc=s.ann)


def commands_in_copy(cc: str) -> Play:
    """Staff write to people outside with the bot in copy: correspondence."""
    return lambda s: _with(s.new(s.sam, f"Gowns [{s.ref}]", "milestone design done"), Cc=cc.format(s=s))


def hidden_command(s: Scene) -> EmailMessage:
    mail = s.new(s.sam, f"Gowns [{s.ref}]", "status")
    mail.add_alternative('<p>status</p><p style="display:none">milestone design done</p>', subtype="html")
    return mail


def command_in_a_quotation(s: Scene) -> EmailMessage:
    """Ann wrote a command, Sam answers her with the bot in copy and quotes it."""
    mail = s.new(
        s.sam, f"Re: Gowns [{s.ref}]", f"Hello Ann, sure!\n\nOn 10/01/2026 15:00, {s.ann} wrote:\n> @bot close\n"
    )
    return _with(mail, Cc=s.ann)


def vouched(by: str, inside: str = "", result: str = "pass", sender: str = "{s.sam}") -> Play:
    """`vouch design` with a mail from `inside` attached, or with nothing."""

    def play(s: Scene) -> bytes:
        mail = s.new(sender.format(s=s), f"Approved on the phone [{s.ref}]", f"vouch design by {by.format(s=s)}")
        if inside:
            mail.add_attachment(s.new(inside.format(s=s), "Design", "Approved!"))
        return border(mail, result)

    return play


def undo_by(sender: str, result: str = "pass") -> Play:
    """Approved; then somebody asks to take it back."""

    def play(s: Scene) -> Acts:
        yield s.reply("Approved!")
        yield border(s.reply("undo", s.last("receipt"), sender=sender.format(s=s)), result)

    return play


def late_undo(s: Scene) -> Acts:
    yield s.reply("Approved!")
    yield s.reply("undo", s.last("receipt"))


def late_answer(words: str = "Approved!") -> Callable[[Scene], Acts]:
    """An answer that comes when the question has expired."""
    return in_turn("Thanks, I will look at it tonight.", words)


def late_answer_settled(s: Scene) -> Acts:
    yield from late_answer()(s)

    def at_the_shell(studio: World) -> None:
        (entry,) = [one for one in studio.json("held") if one["order"] == s.ref]
        studio.cli("held", "approve", entry["id"], code=1)

    yield at_the_shell, s.reply("Thanks, Ann")


MATCHING = {
    "replay-after-undo": Attack("", undone_and("same")),
    "replay-after-undo-under-another-id": Attack("written before this was asked", undone_and("new id")),
    "replay-from-an-archive": Attack("", from_an_archive),
    "same-mail-twice": Attack("", same_mail_twice),
    "same-id-other-words": Attack("another mail with other contents carries its Message-ID", same_id_other_words),
    "second-yes": Attack("no longer open", in_turn("Approved!", "Yes, approved!")),
    "no-after-yes": Attack("no longer open", in_turn("Approved!", "No, we do not want it.")),
    "old-revision": Attack("an old revision", approved_then(DESIGN)),
    "redrafted-change-order": Attack("an old revision", approved_then("change order CO-1:\nSequins: 700.00"), MONEY),
    "change-order-sent-anew": Attack("an old revision", approved_then("change order CO-1:\nSequins: 700.00\nsend"), MONEY),
    "price-that-has-moved": Attack("an old revision", price_moved_since, MONEY),
    "closed-order": Attack("the order is closed", closed_order),
    "answer-to-a-colleague": Attack("somebody else", in_answer_to_bob),
    "answer-to-the-manager": Attack("somebody else", in_answer_to_the_manager),
    "yes-to-a-receipt": Attack("no longer open", yes_to_a_receipt, f"{TWO}"),
    "yes-to-a-notice-for-staff": Attack("not matched to one request", yes_to_a_notice),
    "two-tokens-in-the-body": Attack("there are two", two_tokens_in_the_body, TWO),
    "two-token-addresses": Attack("there are two", two_token_addresses, TWO),
    "address-and-thread-disagree": Attack("lead to different requests", address_and_thread_disagree, TWO),
    "address-and-tag-disagree": Attack("name different orders", address_and_tag_disagree),
    "tag-with-two-questions-open": Attack("2 open requests", tag_alone("Cinderella ball gowns - Design approval for your approval [{s.ref}]"), TWO),
    "tag-with-another-subject": Attack("the subject does not speak of it", tag_alone("Lunch on Friday [{s.ref}]")),
    "tag-with-another-milestone": Attack("the subject does not speak of it", tag_alone("Cinderella ball gowns - Fabric approval for your approval [{s.ref}]")),
    "tag-on-a-mail-from-before": Attack("written before this was asked", tag_alone_from_before),
    "no-clue-at-all": Attack("not matched to one request", tag_alone("Re: the gowns")),
    "older-held-reply-while-a-newer-waits": Attack("", older_held_reply),
    "older-held-reply-at-the-shell": Attack("", older_held_reply_at_the_shell),
    "colleagues-reply-settled-as-approved": Attack("may not decide", bobs_reply_settled),
    "held-reply-settled-twice": Attack("was settled as changes", held_settled_twice),
    "held-reply-answered-with-a-question": Attack("", held_settled_with("approve? I am not sure, what do you think?")),
    "held-reply-answered-with-more": Attack("", held_settled_with("approve\nbut ask her about the hem first")),
    "held-reply-answered-with-a-quotation-only": Attack("", held_settled_with("")),
    "held-reply-answered-with-hidden-words": Attack("not certain what you wrote", held_settled_with("app\u200brove")),
    "held-notice-forwarded-to-the-client": Attack("", held_forwarded_to_the_client),
    "commands-with-the-client-in-copy": Attack("correspondence", commands_in_copy("{s.ann}")),
    "commands-with-an-outsider-in-copy": Attack("correspondence", commands_in_copy("tailor@elsewhere.example")),
    "command-that-is-hidden": Attack("not certain what you wrote", hidden_command),
    "command-of-the-client-quoted-by-staff": Attack("correspondence", command_in_a_quotation),
    "vouched-without-proof": Attack("not proven: dmarc=fail", vouched("{s.ann}", "{s.ann}", "fail")),
    "vouched-without-a-mail": Attack("0 of 1 lines", vouched("{s.ann}")),
    "vouched-with-the-mail-of-a-colleague": Attack("0 of 1 lines", vouched("{s.ann}", "{s.bob}")),
    "vouched-for-a-colleague": Attack("0 of 1 lines", vouched("{s.bob}", "{s.bob}")),
    "vouched-by-the-client": Attack("may not decide", vouched("{s.ann}", "{s.ann}", sender="{s.bob}")),
    "undo-by-a-stranger": Attack("undo: ", undo_by(EVIL)),
    "undo-by-a-colleague": Attack("undo: ", undo_by("{s.bob}")),
    "undo-without-proof": Attack("undo: not proven", undo_by("{s.ann}", "fail")),
    "undo-too-late": Attack("too late", late_undo, late=True),
    "answer-too-late": Attack("expired", late_answer(), late=True),
    "answer-too-late-for-money": Attack("expired", late_answer("Yes, please go ahead."), MONEY, late=True),
    "answer-too-late-approved-at-the-shell": Attack("", late_answer_settled, late=True),
}  # fmt: skip
