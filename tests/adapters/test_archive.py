"""The archive: what was put comes back or an error does; a file is whole or not there."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.adapters.archive import Archive, ArchiveError
from mailbot.adapters.disk import whole_file
from mailbot.adapters.store import StoreError
from mailbot.errors import ConfigError

MAIL = b"From: ann@client.example\r\nSubject: Re: Gowns\r\n\r\nApproved!\r\n" * 40


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def files(archive: Archive) -> list[Path]:
    return [path for path in archive.path.rglob("*") if path.is_file()]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=3000))
def test_what_is_put_comes_back(archive: Archive, data: bytes) -> None:
    key = archive.put(data)
    assert key == hashlib.sha256(data).hexdigest()
    assert Archive(archive.path).get(key) == data
    assert key in archive
    assert archive.has(key)


def test_is_small_private_and_readable_without_mailbot(archive: Archive) -> None:
    key = archive.put(MAIL)
    (file,) = files(archive)
    assert file == archive.path / key[:2] / f"{key}.gz"
    assert gzip.decompress(file.read_bytes()) == MAIL
    assert file.stat().st_size < len(MAIL) / 5
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    folders = [archive.path, *(path for path in archive.path.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_put_twice_is_written_once(archive: Archive) -> None:
    key = archive.put(MAIL)
    (file,) = files(archive)
    before = file.stat()
    assert archive.put(MAIL) == key
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"Declined!"), b"", b"not gzip", gzip.compress(MAIL)[:-9], gzip.compress(MAIL, 9)[:40]],
    ids=["another mail", "empty", "not gzip", "without its sum", "half"],
)
def test_an_altered_mail_is_never_handed_out(archive: Archive, content: bytes) -> None:
    key = archive.put(MAIL)
    files(archive)[0].write_bytes(content)
    with pytest.raises(ArchiveError, match=f"{key}.* (was altered|cannot be read)"):
        archive.get(key)


def test_a_missing_mail(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="is not in the archive"):
        archive.get("ab" * 32)
    assert "ab" * 32 not in archive


def test_what_is_removed_is_gone_and_can_be_put_again(archive: Archive) -> None:
    key, other = archive.put(MAIL), archive.put(b"another")
    assert sorted(archive.each_key()) == sorted([key, other])
    assert archive.remove(key)
    assert not archive.remove(key)
    assert key not in archive
    assert files(archive) == [archive.path / other[:2] / f"{other}.gz"]
    assert archive.put(MAIL) == key
    assert archive.get(key) == MAIL


def test_packed_it_is_what_lies_on_disk_and_was_checked(archive: Archive) -> None:
    key = archive.put(MAIL)
    assert gzip.decompress(archive.packed(key)) == MAIL
    files(archive)[0].write_bytes(gzip.compress(b"something else"))
    with pytest.raises(ArchiveError, match="was altered"):
        archive.packed(key)


def test_what_cannot_be_removed_is_told_as_such(archive: Archive) -> None:
    key = hashlib.sha256(MAIL).hexdigest()
    (archive.path / key[:2] / f"{key}.gz").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be removed"):
        archive.remove(key)


@pytest.mark.parametrize("key", ["", "../../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n", None])
def test_only_keys_reach_the_disk(archive: Archive, key: str) -> None:
    assert key not in archive
    with pytest.raises((ArchiveError, TypeError)):
        archive.get(key)


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    def half() -> None:
        with whole_file(tmp_path / "x") as part:
            part.write_bytes(b"half")
            assert not (tmp_path / "x").exists()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_is_swept_later(archive: Archive) -> None:
    old, young = archive.path / ".unfinished" / "old", archive.path / ".unfinished" / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    os.utime(old, (0, 0))
    Archive(archive.path)
    assert files(archive) == [young]


def test_many_at_once(archive: Archive) -> None:
    mails = [b"mail %d" % (n % 20) for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(archive.put, mails))
    assert [archive.get(key) for key in keys] == mails
    assert len(files(archive)) == 20


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"archive\.path.*-> name another folder"):
        Archive(tmp_path / "file" / "archive")


def test_a_disk_that_refuses_is_told_as_such(archive: Archive) -> None:
    key = hashlib.sha256(MAIL).hexdigest()
    (archive.path / key[:2]).write_text("in the way")
    with pytest.raises(StoreError):
        archive.put(MAIL)
    assert list((archive.path / ".unfinished").iterdir()) == []
