"""rules/*.toml -> frozen pydantic models: the studio's words, days, amounts and ladders.

One module here describes one file. A file may be overridden by the studio's folder, file by file. Everything wrong with
all files is reported at once, with file, key, line and mend; a file can never invent an effect.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mailbot.errors import ConfigError, Problem

Model = TypeVar("Model", bound=BaseModel)


class RuleModel(BaseModel):
    """Base of all rule models: immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # built when a file is first read


def shipped(kind: str) -> Path:
    """The folder of `rules` or `templates` that mailbot came with: in the wheel, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    wheel = package / "data" / kind
    return wheel if wheel.is_dir() else package.parent / kind


def find(name: str, folder: Path | None = None, kind: str = "rules") -> Path:
    """The file `name` in the studio's folder if it is there, else the shipped one."""
    own = folder / name if folder else None
    return own if own and own.is_file() else shipped(kind) / name


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dict. Raises ConfigError with file and line."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError([Problem("there is no such file", str(path), mend="check the name")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(f"cannot be read: {error}", str(path))]) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ConfigError(
            [Problem(f"is not TOML: {error}", str(path), line=int(line[1]) if line else None, mend="mend the line")]
        ) from None


def validate(model: type[Model], data: dict[str, Any], path: Path, text: str | None = None) -> Model:
    """`data` as `model`. Raises ConfigError with every problem: file, key, line where found, nearest known key."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        text = path.read_text("utf-8") if text is None and path.is_file() else text or ""
        raise ConfigError([_problem(e, path, text, model) for e in error.errors()]) from None


def load(model: type[Model], name: str, folder: Path | None = None) -> Model:
    """The rule file `name` as `model`, the studio's own if it has one in `folder`."""
    path = find(name, folder)
    return validate(model, read_toml(path), path)


def _problem(error: Any, path: Path, text: str, model: type[BaseModel]) -> Problem:
    loc: Sequence[str | int] = error["loc"]
    key = ".".join(str(part) for part in loc)
    what, mend = error["msg"], ""
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
        what = "unknown key"
        mend = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}" if known else "take it out"
    elif error["type"] == "missing":
        what, mend = "is missing", "add it"
    elif "input" in error and not isinstance(error["input"], dict):
        what = f"{what} (got {error['input']!r})"
    return Problem(what, str(path), key, _line(text, loc), mend)


def _known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    current: Any = model
    for part in loc:
        if isinstance(part, int) or not (isinstance(current, type) and issubclass(current, BaseModel)):
            continue
        field = current.model_fields.get(part)
        current = _inner_model(field.annotation) if field else None
    return sorted(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in getattr(annotation, "__args__", ()) if (m := _inner_model(a))), None)


def _line(text: str, loc: Sequence[str | int]) -> int | None:
    """The line of the innermost key of `loc` that can be found, counting array tables; None if it is nowhere."""
    lines = text.splitlines()
    at, found = 0, None
    for part in loc:
        if isinstance(part, int):
            headers = [i for i, line in enumerate(lines) if line.strip().startswith("[[")]
            if part < len(headers):
                at = found = headers[part]
            continue
        pattern = re.compile(rf'^\s*(\[+[\w."-]*?)?"?{re.escape(part)}"?\s*(=|\]|\.)')
        hit = next((i for i in range(at, len(lines)) if pattern.match(lines[i])), None)
        if hit is not None:
            at = found = hit
    return None if found is None else found + 1
