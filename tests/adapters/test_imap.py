"""A mailbox on real servers: what waits, what is fetched, where it is filed, what was sent."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient import IMAPClient

from mailbot.adapters.imap import Mailbox
from mailbot.errors import MailboxError
from tests.servers.accounts import Account, flags, folder, mail, read_all, subjects
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy

# --- what waits, and the mails


def test_mails_come_in_order_with_their_uid_time_and_bytes(account: Account) -> None:
    account.deliver(mail("one"), mail("two"))
    box = account.open()
    waiting = box.waiting(0)
    mails = list(box.fetch(waiting))
    assert subjects(mails) == ["one", "two"]
    assert [m.uid for m in mails] == [e.uid for e in waiting]
    assert all(abs(m.internaldate - datetime.now(UTC)) < timedelta(minutes=1) for m in mails)
    assert all(m.size == len(m.data) and not m.truncated for m in mails)
    assert {m.uidvalidity for m in mails} == {box.state().uidvalidity}
    assert mails[0].data.endswith(mail("one"))


def test_after_the_last_uid_nothing_waits_although_the_server_names_the_last_mail(account: Account) -> None:
    account.deliver(mail("one"))
    box = account.open()
    last = box.waiting(0)[-1].uid
    assert box.waiting(last) == []
    assert box.waiting(last + 1000) == []
    account.deliver(mail("two"))
    assert subjects(read_all(box, last)) == ["two"]


def test_an_empty_box_has_nothing(account: Account) -> None:
    assert account.open().waiting(0) == []


def test_a_mail_expunged_between_search_and_fetch_is_left_out(dove: Account) -> None:
    dove.deliver(mail("one"), mail("two"), mail("three"))
    box, other = dove.open(), dove.open()
    waiting = box.waiting(0)
    other.file(other.waiting(0)[1].uid, "done")
    assert subjects(list(box.fetch(waiting))) == ["one", "three"]
    assert box.connected


def test_nothing_is_marked_before_it_is_filed(account: Account) -> None:
    account.deliver(mail("one"), mail("big", b"x" * 3000))
    box = account.open(max_bytes=2000)
    assert [m.truncated for m in read_all(box)] == [False, True]
    assert flags(account) == [set(), set()]


def test_batches_are_bounded_by_bytes_and_keep_the_order(dove: Account) -> None:
    dove.deliver(*(mail(f"m{n}", b"x" * 40_000) for n in range(7)))
    with Proxy(dove.server.imap) as proxy:
        box = dove.open(port=proxy.port, batch_bytes=100_000)
        assert subjects(read_all(box)) == [f"m{n}" for n in range(7)]
        fetches = [line for data in proxy.said for line in data.split(b"\r\n") if b"BODY.PEEK[]" in line]
        assert [line.split()[3].count(b",") + 1 for line in fetches] == [2, 2, 2, 1]


def test_a_crowded_folder_is_searched_in_windows(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.adapters.imap_mail.WINDOW", 3)
    account.deliver(*(mail(f"m{n}") for n in range(8)))
    box = account.open()
    assert subjects(read_all(box)) == [f"m{n}" for n in range(8)]
    assert subjects(read_all(box, box.waiting(0)[5].uid)) == ["m6", "m7"]


def test_a_mail_of_60_mb_comes_as_its_head_in_little_memory(dove: Account) -> None:
    line = b"x" * 76 + b"\r\n"
    dove.deliver(mail("huge", line * (60_000_000 // len(line))), mail("small"))
    box = dove.open()
    tracemalloc.start()
    huge, small = read_all(box)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert huge.truncated
    assert huge.size > 59_000_000
    assert b"Subject: huge\r\n" in huge.data
    assert b"\r\n\r\nxxx" in huge.data
    assert len(huge.data) < 80_000
    assert peak < 2_000_000
    assert subjects([small]) == ["small"]


def test_a_mail_that_the_server_refuses_three_times_is_passed_on_without_its_bytes(dove: Account) -> None:
    dove.deliver(mail("one"), mail("bad"), mail("three"))

    def refuse(data: bytes) -> bytes:
        return data.replace(b"OK Fetch completed", b"NO Fetch refused  ") if b"Subject: bad" in data else data

    with Proxy(dove.server.imap, refuse) as proxy:
        box = dove.open(port=proxy.port)
        for _ in range(2):
            with pytest.raises(MailboxError, match="refused"):
                read_all(box)
            assert box.connected
        got = read_all(box)
    assert [bool(m.data) for m in got] == [True, False, True]
    assert got[1].truncated


def test_a_batch_refused_because_a_mail_was_expunged_yields_the_others(dove: Account) -> None:
    dove.deliver(mail("one"), mail("gone"), mail("three"))

    def refuse(data: bytes) -> bytes:  # as servers do that answer NO [EXPUNGEISSUED] (RFC 5530)
        return data.replace(b"OK Fetch completed", b"NO [EXPUNGEISSUED]") if b"Subject: gone" in data else data

    with Proxy(dove.server.imap, refuse) as proxy:
        box, other = dove.open(port=proxy.port), dove.open()
        waiting = box.waiting(0)
        mails = box.fetch(waiting)
        box._still_there = lambda uids: (other.file(uids, "done"), Mailbox._still_there(box, uids))[1]  # type: ignore
        assert subjects(list(mails)) == ["one", "three"]


def test_a_folder_made_anew_has_another_uidvalidity(account: Account) -> None:
    box = account.open()
    account.deliver(mail("one"))
    box.file(box.waiting(0)[0].uid, "held")
    name = "mailbot/Held"
    before = account.open(folder=name).state()
    box._client.delete_folder(name)
    for again in ("two", "three"):
        account.deliver(mail(again))
        box.file(box.waiting(0)[0].uid, "held")
    new = account.open(folder=name)
    assert new.state().uidvalidity != before.uidvalidity
    assert subjects(read_all(new, 0)) == ["two", "three"]


# --- filing


@pytest.mark.parametrize("missing", [b"", b"MOVE", b"UIDPLUS"])
def test_move_takes_just_that_mail_whatever_the_server_can(dove: Account, missing: bytes) -> None:
    def hide(data: bytes) -> bytes:
        for name in {b"": (), b"MOVE": (b"MOVE",), b"UIDPLUS": (b"MOVE", b"UIDPLUS")}[missing]:
            data = data.replace(b" " + name, b" " + name[::-1])  # of the same length, and known to nobody
        return data

    dove.deliver(mail("one"), mail("two"), mail("three"))
    other = dove.open()
    other._client.delete_messages([1])  # someone else's deleted mail must stay
    with Proxy(dove.server.imap, hide) as proxy:
        box = dove.open(port=proxy.port)
        box.file(2, "done")
        box.file(3, "held")
    assert subjects(folder(dove, "mailbot/Done")) == ["two"]
    assert subjects(folder(dove, "mailbot/Held")) == ["three"]
    assert flags(dove, "mailbot/Done") == [{"\\Seen"}]
    assert flags(dove, "mailbot/Held") == [set()]
    left = [(e.uid, "\\Deleted" in e.flags) for e in dove.open().waiting(0)]
    assert left == [(1, True)] + [(2, True), (3, True)] * (missing == b"UIDPLUS")


def test_move_creates_its_folder_and_subscribes_to_it(account: Account) -> None:
    account.deliver(mail("one"))
    box = account.open()
    box.file(box.waiting(0)[0].uid, "odd")
    assert subjects(folder(account, "mailbot/Odd")) == ["one"]
    assert "mailbot/Odd" in [name for _, _, name in box._client.list_sub_folders()]


def test_folders_follow_the_servers_separator_and_prefix(dovecot: Dovecot) -> None:
    account = Account(dovecot, dovecot.new_user(dotted=True))
    account.deliver(mail("one"))
    with account.open() as box:
        box.file(1, "done")
        assert "INBOX.mailbot.Done" in [name for _, _, name in box._client.list_folders()]
    with account.open(folder="INBOX/mailbot/Done") as done:
        assert subjects(read_all(done)) == ["one"]


def test_filing_a_mail_that_is_gone_is_no_error(account: Account) -> None:
    account.deliver(mail("one"))
    box, other = account.open(), account.open()
    uid = box.waiting(0)[0].uid
    other.waiting(0)
    box.file(uid, "done")
    box.file(uid, "done")
    other.file(uid, "held")
    assert box.connected
    assert other.connected
    assert subjects(folder(account, "mailbot/Done")) == ["one"]


def test_several_mails_are_filed_by_one_command_and_the_missing_stop_nothing(dove: Account) -> None:
    dove.deliver(*(mail(f"m{n}") for n in range(6)))
    with Proxy(dove.server.imap) as proxy:
        box = dove.open(port=proxy.port)
        box.file([1, 3, 99], "done")
        box.file([1, 2, 4], "done")
        moves = [line for line in b"".join(proxy.said).split(b"\r\n") if b"UID MOVE" in line]
    assert len(moves) == 3  # the first was refused: there was no such folder yet
    assert subjects(folder(dove, "mailbot/Done")) == ["m0", "m2", "m1", "m3"]
    assert subjects(folder(dove, "INBOX")) == ["m4", "m5"]


def test_flag_keeps_the_mail_and_says_what_became_of_it(account: Account) -> None:
    account.deliver(mail("one"), mail("two"), mail("three"))
    box = account.open(after="flag")
    for envelope, where in zip(box.waiting(0), ("done", "held", "odd"), strict=True):
        box.file(envelope.uid, where)
    found = flags(account)
    assert found == [{"\\Seen", "mailbot-done"}, {"\\Flagged", "mailbot-held"}, {"\\Flagged", "mailbot-odd"}]


def test_flag_does_without_keywords_where_the_server_keeps_none(dove: Account) -> None:
    dove.deliver(mail("one"))
    with Proxy(dove.server.imap, lambda data: data.replace(rb" \*)", b")  ")) as proxy:
        dove.open(port=proxy.port, after="flag").file(1, "done")
    assert flags(dove) == [{"\\Seen"}]


def test_leave_changes_nothing_and_cannot(account: Account) -> None:
    account.deliver(mail("one"))
    box = account.open(after="leave")
    box.file(read_all(box)[0].uid, "done")
    assert flags(account) == [set()]
    with suppress(IMAPClient.Error):  # pymap refuses, Dovecot says OK and does not
        box._client.add_flags([box.waiting(0)[0].uid], [b"\\Seen"])
    assert flags(account) == [set()]


# --- sent mail


def test_a_mail_saved_as_sent_is_found_again_by_its_message_id(dove: Account) -> None:
    dove.deliver(mail("waiting"))
    box = dove.open()
    sent = box.sent_folder()
    assert sent == "Gesendete Objekte"
    assert not box.sent_contains("abc.1@studio.example")
    box.append(sent, mail("x", message_id="abc.1"), [b"\\Seen"])
    assert box.sent_contains("abc.1@client.example")
    assert not box.sent_contains("abc.2@client.example")
    assert subjects(read_all(box)) == ["waiting"]


def test_without_a_sent_folder_nothing_is_proven(pymap_server: Any) -> None:
    with Account(pymap_server, pymap_server.new_user()).open() as box:
        assert box.sent_folder() is None
        assert not box.sent_contains("abc.1@studio.example")
