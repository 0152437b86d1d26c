"""Who is let in and who is not: TLS, passwords, tokens; and that each failure is said plainly, without the secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mailbot.adapters.imap import ImapSettings, LoginRefused, Mailbox
from mailbot.errors import ConfigError, MailboxError
from tests.servers.accounts import Account, mail, read_all, subjects
from tests.servers.proxy import Proxy


@pytest.mark.parametrize(("security", "port"), [("tls", "imaps"), ("starttls", "imap")])
def test_tls_is_verified_against_an_own_authority(dove: Account, security: str, port: str) -> None:
    dove.deliver(mail("one"))
    where = {"security": security, "port": getattr(dove.server, port), "ca_file": dove.server.certificate.ca}
    assert subjects(read_all(dove.open(host="localhost", **where))) == ["one"]


@pytest.mark.parametrize(("security", "port"), [("tls", "imaps"), ("starttls", "imap")])
def test_a_certificate_of_an_unknown_authority_is_refused(dove: Account, security: str, port: str) -> None:
    with pytest.raises(MailboxError, match=r"certificate is not accepted.*ca_file"):
        dove.open(host="localhost", security=security, port=getattr(dove.server, port))


@pytest.mark.parametrize(("security", "port"), [("tls", "imaps"), ("starttls", "imap")])
def test_a_certificate_for_another_name_is_refused(dove: Account, security: str, port: str) -> None:
    where = {"security": security, "port": getattr(dove.server, port), "ca_file": dove.server.certificate.ca}
    with pytest.raises(MailboxError, match=r"certificate is not accepted.*127\.0\.0\.1"):
        dove.open(host="127.0.0.1", **where)


def test_starttls_that_was_stripped_on_the_way_sends_no_password(dove: Account) -> None:
    with Proxy(dove.server.imap, lambda data: data.replace(b"STARTTLS", b"XTARTTLS")) as proxy:
        with pytest.raises(MailboxError, match="does not offer STARTTLS"):
            dove.open(host="localhost", security="starttls", port=proxy.port, ca_file=dove.server.certificate.ca)
        assert dove.server.password.encode() not in b"".join(proxy.said)


def test_a_wrong_password_is_a_log_in_refused_without_the_password(account: Account) -> None:
    with pytest.raises(LoginRefused) as caught:
        account.open(password="not-the-word")
    assert "refused" in str(caught.value)
    assert account.user in str(caught.value)
    assert "not-the-word" not in str(caught.value)


def test_a_password_of_any_script_is_sent_as_utf8(dove: Account) -> None:
    with Proxy(dove.server.imap) as proxy:
        with pytest.raises(LoginRefused):
            dove.open(port=proxy.port, password="schlüssel")
        assert any(b"AUTHENTICATE PLAIN" in data for data in proxy.said)


@pytest.mark.parametrize("hidden", [b"AUTH=OAUTHBEARER", b"AUTH=XOAUTH2"])
def test_a_fresh_access_token_is_asked_for_at_each_connection(dove: Account, hidden: bytes) -> None:
    fresh = iter(("token-1", "token-2"))
    dove.server.tokens.users.update({"token-1": dove.user, "token-2": dove.user})
    dove.deliver(mail("one"))
    with Proxy(dove.server.imap, lambda data: data.replace(hidden, b"X" * len(hidden))) as proxy:
        box = dove.open(port=proxy.port, password=lambda: next(fresh))
        assert subjects(read_all(box)) == ["one"]
        box.close()
        box.connect()
        assert next(fresh, None) is None


@pytest.mark.parametrize("hidden", [b"AUTH=OAUTHBEARER", b"AUTH=XOAUTH2"])
def test_an_expired_token_is_a_log_in_refused_without_the_token(dove: Account, hidden: bytes) -> None:
    proxy = Proxy(dove.server.imap, lambda data: data.replace(hidden, b"X" * len(hidden)))
    with proxy, pytest.raises(LoginRefused) as caught:
        dove.open(port=proxy.port, password=lambda: "stale-token")
    assert "stale-token" not in str(caught.value)


def test_a_server_that_is_only_busy_has_not_refused_the_log_in(dove: Account) -> None:
    change = (b"NO [AUTHENTICATIONFAILED]", b"NO [UNAVAILABLE]")
    proxy = Proxy(dove.server.imap, lambda data: data.replace(*change))
    with proxy, pytest.raises(MailboxError, match="UNAVAILABLE") as caught:
        dove.open(port=proxy.port, password="wrong")
    assert not isinstance(caught.value, LoginRefused)


def test_nobody_there_and_no_such_host_are_said_plainly(dove: Account) -> None:
    with pytest.raises(MailboxError, match=r"127.0.0.1:1: connecting: connection refused -> is the port right"):
        dove.open(port=1)
    with pytest.raises(MailboxError, match="no such host"):
        dove.open(host="imap.invalid", security="tls")


def test_a_folder_that_is_not_there_is_named(account: Account) -> None:
    with pytest.raises(MailboxError, match="opening the folder Nowhere"):
        account.open(folder="Nowhere")


def test_plain_text_is_for_this_machine_only() -> None:
    with pytest.raises(ConfigError, match=r"imap.security.*no encryption to imap.studio.example"):
        ImapSettings(host="imap.studio.example", user="u", password="p", security="none")
    for host in ("localhost", "127.0.0.2", "::1"):
        ImapSettings(host=host, user="u", password="p", security="none")


def test_settings_that_cannot_work_are_all_named_and_no_secret_is_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        ImapSettings(host="h", user="u", password="top\nsecret", idle_seconds=1700)
    assert [p.key for p in caught.value.problems] == ["imap.password", "imap.idle_seconds"]
    shown = str(caught.value) + repr(ImapSettings(host="h", user="u", password="topsecret"))
    assert "secret" not in shown


@pytest.mark.parametrize("work", [lambda b: b.waiting(0), lambda b: b.file(1, "done"), lambda b: b.wait(0, 1)])
def test_work_without_a_connection_says_so(dove: Account, work: Callable[[Mailbox], Any]) -> None:
    with pytest.raises(MailboxError, match="not connected"):
        work(Mailbox(dove.settings()))
