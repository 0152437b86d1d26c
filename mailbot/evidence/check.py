"""Whether the record of an order is as it was made: in the store, or in a zip that stands for itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailbot.errors import ConfigError
from mailbot.evidence import package
from mailbot.evidence.pages import html_page, text_page
from mailbot.evidence.record import Mail, mail_of, record
from mailbot.evidence.rows import NotRows, Rows, dumped, from_files, to_files
from mailbot.orders.verify import verify
from mailbot.rules.templates import Templates


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: `problems`, none where all is as it was made; `notes` on what could not be looked at."""

    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    rows: Rows | None = None
    seal: str = ""


_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


def check_rows(rows: Rows, get: Callable[[str], bytes | None]) -> list[str]:
    """What is wrong with the rows of an order and the mails that they name; `get` gives a mail by its key, or None."""
    problems, removed = _chain(rows), rows.removed
    for key, _ in rows.mails_named():
        data, is_removed = get(key), key in removed
        if data is None and not is_removed:
            problems.append(f"mail {key} is missing")
        elif data is not None and is_removed:
            problems.append(f"mail {key} is there, although its removal is on record")
        elif data is not None and hashlib.sha256(data).hexdigest() != key:
            problems.append(f"mail {key} was altered")
    return problems


def check_zip(data: bytes, templates: Templates, version: str) -> Checked:
    """What is found in a zip of evidence; `version` is this mailbot's. Never raises, whatever the bytes are."""
    try:
        files = package.read(data)
    except package.Unreadable as why:
        return Checked((str(why),))
    problems: list[str] = []
    try:
        problems += _files(files)
        rows = from_files(files)
        problems += _inside(files, rows)
        problems += _pages(files, rows, templates, version)
    except NotRows as why:
        return Checked((*problems, str(why)))
    except (*_NOT_OURS, ConfigError):
        return Checked((*problems, "the rows are not such as mailbot writes"))
    if not problems and package.repacked(files) != data:
        problems.append("the zip itself was altered: its files are whole, what is around them is not")
    told = json.loads(files[package.MANIFEST])
    by = str(told["tool"]["version"])
    note = f"made by mailbot {by}: its pages were not compared with its rows, which that version can do"
    return Checked(tuple(problems), () if by == version else (note,), rows, str(told.get("seal")))


def made(rows: Rows, mails: list[Mail], templates: Templates) -> dict[str, bytes]:
    """The files of a zip that follow from the rows: the pages, then the rows."""
    told = record(rows, mails)
    pages = (html_page(told, templates), text_page(told, templates))
    texts = [page.encode("utf-8", "replace") for page in pages]
    return dict(zip(package.PAGES, (*texts, dumped(told)), strict=True)) | to_files(rows)


def _chain(rows: Rows) -> list[str]:
    state = rows.state()
    unread = [] if state else ["the order cannot be read"]
    return unread + verify(rows.events, state)


def _files(files: Mapping[str, bytes]) -> Iterator[str]:
    """What differs between the files and what the manifest says of them."""
    listed = _listed(files)
    for name, told in listed.items():
        if name not in files:
            yield f"{name} is missing"
        elif (told.get("sha256"), told.get("size")) != (hashlib.sha256(files[name]).hexdigest(), len(files[name])):
            yield f"{name} was altered"
    for name in files:
        if name not in listed and name != package.MANIFEST:
            yield f"{name} was added"
    there = [name for name in files if name in listed]
    if there != [name for name in listed if name in files] or list(files)[-1:] != [package.MANIFEST]:
        yield "the files are not in their order"


def _listed(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """What the manifest says of each file. Raises NotRows when it cannot be read."""
    try:
        manifest = json.loads(files[package.MANIFEST])
        told, _ = manifest["files"], manifest["tool"]["version"]
        listed = {str(one["name"]): dict(one) for one in told}
    except _NOT_OURS:
        raise NotRows(f"{package.MANIFEST} is missing, or was altered") from None
    if len(listed) != len(told):
        raise NotRows(f"{package.MANIFEST} was altered: it names a file twice")
    return listed


def _inside(files: Mapping[str, bytes], rows: Rows) -> Iterator[str]:
    """What is wrong with chain, state and mails, and with the manifest that tells of them."""
    yield from check_rows(rows, _contents(files).get)
    told = json.loads(files[package.MANIFEST])
    if package.manifest(told["files"], rows, told["tool"]["version"]) != files[package.MANIFEST]:
        yield f"{package.MANIFEST} was altered"
    yield from (f"{name} was altered" for name, text in to_files(rows).items() if files[name] != text)


def _pages(files: Mapping[str, bytes], rows: Rows, templates: Templates, version: str) -> Iterator[str]:
    """What does not follow from the rows, though it should: this version can make it anew."""
    if json.loads(files[package.MANIFEST])["tool"]["version"] != version:
        return
    contents = _contents(files)
    mails = [mail_of(key, way, n, contents.get(key)) for n, (key, way) in enumerate(rows.mails_named(), start=1)]
    expected = made(rows, mails, templates)
    for name in package.PAGES:
        if name in files and files[name] != expected[name]:
            yield f"{name} does not say what the rows say"
    names = [*expected, *(mail.file for mail in mails if mail.file), package.MANIFEST]
    yield from (f"{name} does not belong to the record" for name in files if name not in names)
    if sorted(files) == sorted(names) and list(files) != names:
        yield "the files are not in their order"


def _contents(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The mails by the hash of their bytes, whatever they are called."""
    return {hashlib.sha256(data).hexdigest(): data for name, data in files.items() if name.startswith("mails/")}
