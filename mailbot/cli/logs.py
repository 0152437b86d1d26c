"""Logs: one JSON object a line on standard error, with the fields that say what happened. No bodies, no secrets."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime

FIELDS = (
    "event", "order", "request", "message_id", "uid", "verdict", "kind", "key", "state", "reason", "mailbox", "attempt",
    "attempts", "to", "code", "store", "seconds",
)  # fmt: skip
_LONGEST = 500


class Lines(logging.Formatter):
    """A record as one line of JSON; only FIELDS of what was passed as `extra`, each bounded."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"at": moment, "level": record.levelname.lower()}
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = value if isinstance(value, int) else str(value)[:_LONGEST]
        line["message"] = record.getMessage()[:_LONGEST]
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = _frames(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _frames(error: BaseException) -> str:
    """Where it happened and its kind, without its text and the causes': those may quote a mail."""
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__name__])[-4000:]


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send mailbot's own log there; libraries only from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("mailbot").setLevel(level)
