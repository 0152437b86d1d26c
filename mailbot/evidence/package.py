"""The record as one file: a zip whose every byte follows from what is in it.

Entries are stored, not compressed, in one order and with one date, so that a zip can be made anew from its contents and
compared byte by byte, with any version of zlib. The manifest stands last: the hash of each file, the chain, and a seal
over both. Who has noted the seal elsewhere can tell this zip from every other one.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

from mailbot.evidence.rows import Rows
from mailbot.orders.seal import canonical
from mailbot.zips import DAMAGED

FORMAT = 1
MANIFEST = "manifest.json"
PAGES = ("record.html", "record.txt", "record.json")
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_MODE = 0o100600 << 16  # a file, for its owner


class Unreadable(Exception):
    """What is given is no zip of ours, or too damaged to be read; the text says where."""


def write(target: IO[bytes], files: Iterable[tuple[str, bytes]], rows: Rows, version: str) -> str:
    """Writes the zip of `files` and the manifest about them; the manifest's seal. `target` can seek."""
    listed: list[dict[str, Any]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files:
            listed.append({"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)})
            _put(archive, name, data)
        text = manifest(listed, rows, version)
        _put(archive, MANIFEST, text)
    return str(json.loads(text)["seal"])


def manifest(files: list[dict[str, Any]], rows: Rows, version: str) -> bytes:
    """The manifest of `files` ({name, sha256, size}) and of the chain in `rows`."""
    links = [
        {
            "revision": entry.get("revision"), "type": entry["event"].get("type"), "at": entry["event"].get("at"),
            "before": entry.get("before"), "hash": entry.get("hash"),
        }
        for entry in rows.events
    ]  # fmt: skip
    told = {"format": FORMAT, "tool": {"name": "mailbot", "version": version}, "order": rows.ref, "files": files}
    whole = {**told, "chain": links}
    sealed = {**whole, "seal": hashlib.sha256(canonical(whole)).hexdigest()}
    return (json.dumps(sealed, indent=1) + "\n").encode("ascii")


def read(data: bytes) -> dict[str, bytes]:
    """The files of a zip in their order. Raises Unreadable with the first that cannot be read, and why."""
    name = "the zip"
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                name = info.filename
                if info.compress_type != zipfile.ZIP_STORED or info.file_size > len(data):
                    raise Unreadable(f"{name} was altered: it is not stored as mailbot stores it")
                if name in files:
                    raise Unreadable(f"{name} was added: there are two of it")
                files[name] = archive.read(info)
    except DAMAGED as error:
        raise Unreadable(f"{name} was altered or cut off ({error})") from None
    return files


def repacked(files: Mapping[str, bytes]) -> bytes:
    """The zip that mailbot would have made of these files, in this order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            _put(archive, name, data)
    return target.getvalue()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system, info.external_attr = 3, _MODE
    archive.writestr(info, data)
