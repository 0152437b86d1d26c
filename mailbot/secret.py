"""Secrets, read from where the settings say that they are: an environment variable, a file, a systemd credential.

None ever stands in mailbot.toml, in an error or in a log. A file that others could read is refused.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from mailbot.errors import ConfigError, Problem

_CREDENTIAL = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_MOST = 64 * 1024


def from_environment(name: str, key: str, environ: Mapping[str, str]) -> str:
    """The secret in the variable `name`, which the setting `key` names. Raises ConfigError when it is not set."""
    if name not in environ:
        what = f"the environment variable {name} is not set"
        raise ConfigError([Problem(what, key=key, mend=f"export {name}=...")])
    return environ[name]


def from_file(path: Path, key: str) -> str:
    """The one line of a file. Raises ConfigError when it is not there or holds none, or when others may read it."""
    return _line_of(path, key, f"chmod 600 {path}", 0)


def from_credential(name: str, key: str, environ: Mapping[str, str]) -> str:
    """A secret that systemd hands to its service alone (LoadCredential=). Raises ConfigError as `from_file` does."""
    mend = f"LoadCredential={name}:/etc/mailbot/secrets/{name} in the unit"
    if not _CREDENTIAL.fullmatch(name):
        raise ConfigError([Problem("is no name of a credential", key=key, mend="letters, digits, - and _")])
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        what = "systemd has handed over no credentials: CREDENTIALS_DIRECTORY is not set"
        raise ConfigError([Problem(what, key=key, mend=mend)])
    return _line_of(Path(folder) / name, key, mend, stat.S_IRGRP)  # a right of the service's own looks like its group's


def _line_of(path: Path, key: str, mend: str, theirs: int) -> str:
    """The line of a file to which others have the rights `theirs` at most; of root's files the group may read."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(_MOST)
    except OSError as error:
        raise ConfigError([Problem(f"cannot be read: {error.strerror}", str(path), key, mend=mend)]) from None
    allowed = theirs | (stat.S_IRGRP if status.st_uid == 0 else 0)
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~allowed:
        raise ConfigError([Problem("others may read or write this file", str(path), key, mend=mend)])
    text = data.decode("utf-8", "replace").rstrip("\r\n")
    if not text or "\n" in text or "\ufffd" in text:
        raise ConfigError([Problem("does not hold one line of text", str(path), key)])
    return text
