"""What Jinja makes of a template, kept for all sets of templates in this process: tests load the shipped ones anew."""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Compiled(BytecodeCache):
    """Code by the name, file and text of its template. What does not compile is never kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


class Environment(ImmutableSandboxedEnvironment):
    """The environment of letters; code that escapes and code that does not are kept apart."""

    kept = {True: Compiled(), False: Compiled()}  # noqa: RUF012  meant to be shared

    def __init__(self, *, autoescape: bool, **options: Any) -> None:
        super().__init__(autoescape=autoescape, bytecode_cache=self.kept[autoescape], **options)
