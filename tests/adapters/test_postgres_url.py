"""What needs no server: which URLs of PostgreSQL are safe, and documents as JSONB holds them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.adapters.postgres_json import packed, unpacked
from mailbot.adapters.postgres_url import connection_info
from mailbot.errors import ConfigError

REMOTE = "postgresql://mailbot@db.example/mailbot"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://mailbot@/mailbot", "postgresql://mailbot@localhost/mailbot", "postgresql://[::1]/mailbot",
        "postgresql://mailbot@127.0.0.2:5433/mailbot", "postgresql:///mailbot?host=/var/run/postgresql",
        f"{REMOTE}?sslmode=verify-full", f"{REMOTE}?hostaddr=127.0.0.1",
        "postgresql://a,b/mailbot?sslmode=verify-full&sslrootcert=system",
    ],
)  # fmt: skip
def test_is_safe(url: str) -> None:
    assert connection_info(url)["client_encoding"] == "UTF8"


@pytest.mark.parametrize(
    "url",
    [
        REMOTE, f"{REMOTE}?sslmode=require", f"{REMOTE}?sslmode=verify-ca", "postgresql://192.0.2.7/mailbot",
        "postgresql://localhost,db.example/mailbot", "postgresql://localhost/mailbot?hostaddr=192.0.2.7",
        "postgresql://127.0.0.1.db.example/mailbot",
    ],
)  # fmt: skip
def test_is_not_safe(url: str) -> None:
    with pytest.raises(ConfigError, match=r"\[store\.url\]: sslmode is .* -> add sslmode=verify-full"):
        connection_info(url)


def test_the_environment_does_not_weaken_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    with pytest.raises(ConfigError, match="sslmode is prefer"):
        connection_info("postgresql:///mailbot")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert connection_info("postgresql:///mailbot")
    with pytest.raises(ConfigError, match="sslmode is require"):
        connection_info("postgresql:///mailbot?sslmode=require")
    with pytest.raises(ConfigError, match="service"):
        connection_info("postgresql:///mailbot?service=x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner),
    max_leaves=8,
)


@given(document=st.dictionaries(st.text(st.characters(exclude_categories=())), JSON, max_size=4))
def test_any_document_can_be_held(document: dict[str, Any]) -> None:
    text = packed(document)
    assert unpacked(text) == document
    text.encode()
    assert "\\u0000" not in text.replace("\\\\", "")
