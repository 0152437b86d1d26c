"""Secrets come from where only mailbot can read them, and never show: not in errors, in JSON, in logs, in a repr."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailbot.app.house import imap_settings, smtp_settings
from mailbot.cli import main
from mailbot.errors import ConfigError
from mailbot.secret import from_credential, from_file
from mailbot.settings import Settings, load_settings

SECRET = "s3cret-Zw9"
URL = f"postgresql://mailbot:{SECRET}@127.0.0.1:1/mailbot"
SETTINGS = """
[studio]
name = "Atelier Nord"
address = "orders@studio.example"
timezone = "America/New_York"
staff = ["sam@studio.example"]
[imap]
host = "127.0.0.1"
port = 1
security = "none"
{imap}
[smtp]
host = "127.0.0.1"
port = 1
security = "none"
user = "orders@studio.example"
{smtp}
[store]
{store}
"""


def settings(folder: Path, imap: str = "", smtp: str = "", store: str = "", **environ: str) -> Settings:
    file = folder / "mailbot.toml"
    file.write_text(SETTINGS.format(imap=imap, smtp=smtp, store=store), "utf-8")
    return load_settings(file, environ)


def secret_file(folder: Path, mode: int = 0o600, text: str = f"{SECRET}\n", name: str = "secret") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    if os.geteuid() == 0:
        os.chown(file, 4711, -1)  # of somebody, and not of root
    file.chmod(mode)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_that_nobody_else_can_read(tmp_path: Path, mode: int) -> None:
    assert from_file(secret_file(tmp_path, mode), "imap.password_file") == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o777])
@pytest.mark.parametrize("section", ["imap", "smtp", "store"])
def test_a_file_that_others_can_read_is_refused_with_the_mend(tmp_path: Path, mode: int, section: str) -> None:
    file = secret_file(tmp_path, mode, URL if section == "store" else SECRET)
    key = "url_file" if section == "store" else "password_file"
    use = imap_settings if section == "imap" else smtp_settings
    with pytest.raises(ConfigError) as caught:
        use(settings(tmp_path, **{section: f'{key} = "{file.name}"'}))
    (problem,) = caught.value.problems
    assert problem.key == f"{section}.{key}"
    assert problem.mend == f"chmod 600 {file}"
    assert SECRET not in str(caught.value)


def test_the_group_may_read_a_file_only_if_it_is_roots(tmp_path: Path) -> None:
    file = secret_file(tmp_path, 0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        from_file(file, "imap.password_file")
    if os.geteuid() == 0:  # nobody else can make one
        os.chown(file, 0, -1)
        assert from_file(file, "imap.password_file") == SECRET


@pytest.mark.parametrize("text", ["", "\n", "one\ntwo\n", "\x00\n\n x \ny"])
def test_a_file_that_holds_no_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="does not hold one line"):
        from_file(secret_file(tmp_path, text=text), "imap.password_file")


def test_files_that_are_none(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            from_file(path, "imap.password_file")


def credentials(folder: Path, mode: int = 0o400, **files: str) -> Mapping[str, str]:
    """What systemd would make: a folder of the service's, and its variable."""
    made = folder / "credentials"
    made.mkdir()
    for name, text in files.items():
        secret_file(made, mode, text, name)
    return {"CREDENTIALS_DIRECTORY": str(made)}


def test_credentials_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = credentials(tmp_path, imap=SECRET, smtp=f"{SECRET}2\n", store=URL)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    made = settings(
        tmp_path, 'password_credential = "imap"', 'password_credential = "smtp"', 'url_credential = "store"', **environ
    )
    assert imap_settings(made).password == SECRET
    assert smtp_settings(made).password == f"{SECRET}2"
    assert made.store.url == URL
    assert made.store_path is None


def test_a_right_of_the_services_own_looks_like_its_groups(tmp_path: Path) -> None:
    environ = credentials(tmp_path, 0o440, imap=SECRET)
    assert from_credential("imap", "imap.password_credential", environ) == SECRET
    (tmp_path / "credentials" / "imap").chmod(0o444)
    with pytest.raises(ConfigError, match="others may read"):
        from_credential("imap", "imap.password_credential", environ)


@pytest.mark.parametrize("name", ["../secret", "", "a/b", ".hidden", "x" * 200, "imap\n"])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    secret_file(tmp_path)
    with pytest.raises(ConfigError, match="no name of a credential"):
        from_credential(name, "imap.password_credential", credentials(tmp_path))


def test_a_credential_that_is_missing_is_told_with_the_mend(tmp_path: Path) -> None:
    for environ in ({}, credentials(tmp_path)):
        with pytest.raises(ConfigError) as caught:
            from_credential("imap", "imap.password_credential", environ)
        assert "LoadCredential=imap:" in str(caught.value)


@pytest.mark.parametrize(
    ("section", "lines"),
    [
        ("imap", 'password_env = "A"\npassword_credential = "imap"'),
        ("smtp", 'password_file = "a"\npassword_credential = "imap"'),
        ("store", 'url = "tinydb:x.db"\nurl_file = "a"'),
        ("store", 'url_credential = "x"\nurl_file = "a"'),
    ],
)
def test_one_place_for_a_secret_and_not_two(tmp_path: Path, section: str, lines: str) -> None:
    with pytest.raises(ConfigError, match=f"{section}.*give one of"):
        settings(tmp_path, **{section: lines})


def test_the_url_of_the_store_from_a_file(tmp_path: Path) -> None:
    secret_file(tmp_path, text=f"{URL}\n")
    made = settings(tmp_path, store='url_file = "secret"')
    assert made.store.url == URL
    assert SECRET not in repr(made) + str(made)
    assert SECRET not in repr(settings(tmp_path, store=f'url = "{URL}"'))


def test_a_file_that_holds_no_url_is_told_without_it(tmp_path: Path) -> None:
    secret_file(tmp_path, text=SECRET)
    with pytest.raises(ConfigError, match="does not hold a URL") as caught:
        settings(tmp_path, store='url_file = "secret"')
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("line", [["check", "--json"], ["run", "--once"], ["status", "--json"]])
def test_nothing_that_is_printed_or_logged_holds_a_secret(
    tmp_path: Path, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.app.check.rule_findings", lambda _rules, _templates: iter(()))  # takes a while
    secret_file(tmp_path)
    secret_file(tmp_path, text=URL, name="store-url")
    store = 'url_file = "store-url"'
    settings(tmp_path, 'password_file = "secret"', 'password_file = "secret"', store)
    result = CliRunner().invoke(main, [*line, "--config", str(tmp_path / "mailbot.toml")])
    assert result.exit_code == 1  # nobody answers there
    assert SECRET not in result.output + result.stderr


def test_what_holds_the_password_does_not_show_it(tmp_path: Path) -> None:
    secret_file(tmp_path)
    made = settings(tmp_path, 'password_file = "secret"', 'password_file = "secret"')
    assert SECRET not in repr(imap_settings(made)) + repr(smtp_settings(made)) + repr(made)


def test_settings_about_signatures(tmp_path: Path) -> None:
    def trust(lines: str) -> Settings:
        return settings(tmp_path, store=f'url = "tinydb:x.db"\n[trust]\n{lines}')

    made = trust('verify_dkim = true\narc_sealers = ["Forwarder.Example"]\nnameservers = ["127.0.0.1:5353", "::1"]')
    assert made.trust.arc_sealers == ("forwarder.example",)
    assert made.trust.places == (("127.0.0.1", 5353), ("::1", 53))
    assert trust('nameservers = ["[::1]:5353"]').trust.places == (("::1", 5353),)
    for wrong, told in {
        'arc_sealers = ["forwarder.example"]': "verify_dkim = true",
        'verify_dkim = true\narc_sealers = ["sam@studio.example"]': "no domain",
        'nameservers = ["dns.example"]': "no address of a name server",
        'nameservers = ["127.0.0.1:99999"]': "no address of a name server",
    }.items():
        with pytest.raises(ConfigError, match=told):
            trust(wrong)
