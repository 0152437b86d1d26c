"""What the tests of letters share: the shipped templates, the sample order, a way to render and to read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mailbot.orders.model import Order
from mailbot.orders.sends import Send
from mailbot.rules.templates import Templates, load_templates
from mailbot.writing.check import SAMPLE_TIME, sample_order, sample_send, sample_studio
from mailbot.writing.mail import Mail
from mailbot.writing.render import StudioInfo, render


@pytest.fixture(scope="session", autouse=True)
def _quick(letters_are_compiled_once: None) -> None:
    """Many tests load templates of their own, most of which are the shipped ones."""


@pytest.fixture(scope="session")
def templates() -> Templates:
    return load_templates()


@pytest.fixture(scope="session")
def studio(templates: Templates) -> StudioInfo:
    return sample_studio(templates)


@pytest.fixture(scope="session")
def order(templates: Templates) -> Order:
    return sample_order(templates)


@pytest.fixture(scope="session")
def write(templates: Templates, studio: StudioInfo, order: Order) -> Callable[..., Mail]:
    """Renders a kind's sample; `send` and `data` change it, the rest goes to `render`."""

    def written(kind: str, *, full: bool = True, data: dict[str, Any] | None = None, **changes: Any) -> Mail:
        options = {
            "studio": studio, "templates": templates, "now": SAMPLE_TIME, "order": order,
            "message_id": "m1.k7m2@studio.example",
        }  # fmt: skip
        options |= {name: changes.pop(name) for name in list(changes) if name in options}
        send: Send = sample_send(options["templates"], kind, full=full)
        send = replace(send, data={**send.data, **(data or {})}, **changes)
        if send.order is None or "," in send.order:
            options["order"] = None
        return render(send, **options)

    return written
