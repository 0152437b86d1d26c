"""Delivery reports that come as JSON instead of a report, in the form in which Amazon SES publishes them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mailbot.reading.delivery_status import FailedRecipient, Report, class_of_reply, status_in

_MAX_JSON = 256 * 1024


def read_notification(text: str) -> Report | None:
    """A delivery report as JSON, in the form in which Amazon SES publishes it."""
    if '"notificationType"' not in text[:2000] and '"eventType"' not in text[:2000]:
        return None
    try:
        data, _ = json.JSONDecoder(strict=False).raw_decode(text[:_MAX_JSON].lstrip())
        kind = data.get("notificationType") or data.get("eventType")
        mail = data.get("mail", {})
        if kind not in ("Bounce", "Delivery", "DeliveryDelay"):
            return None
        found = tuple(_notified(data))
        original = next(
            (h["value"].strip("<>") for h in mail.get("headers", []) if h["name"].lower() == "message-id"), None
        )
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return None
    return Report(f"notification {kind}", found, original or str(mail.get("messageId") or "") or None)


def _notified(data: dict[str, object]) -> Iterator[FailedRecipient]:
    for key, group, action in (
        ("bounce", "bouncedRecipients", "failed"),
        ("deliveryDelay", "delayedRecipients", "delayed"),
    ):
        told = data.get(key)
        for one in told.get(group, [])[:200] if isinstance(told, dict) else []:
            said = f"{one.get('status', '')} {one.get('diagnosticCode', '')}"
            yield FailedRecipient(
                str(one["emailAddress"]).lower(),
                str(one.get("action", action)),
                status_in(said) or class_of_reply(said),
            )
    delivery = data.get("delivery")
    if isinstance(delivery, dict):
        for address in delivery.get("recipients", [])[:200]:
            yield FailedRecipient(str(address).lower(), "delivered", status_in(str(delivery.get("smtpResponse", ""))))
