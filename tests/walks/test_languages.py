"""An order whose client reads German, or Spanish: asked, answered, booked, taken back, all in their language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walks.world import ANN, ORDER, REF, World, kinds, text_of, the, world

CLIENT = {"name": "Ann Lee", "emails": [ANN], "approvers": [ANN]}
CHANGE = ("change order: Pailletten an der Schleppe", "Pailletten: 450.00", "Arbeit: 800.00", "days +5", "send")
WORDS = {
    "de_AT": {
        "subject": "Änderungsauftrag für Cinderella ball gowns [ORD-2041]", "total": "€ 13.250,00",
        "day": "Mittwoch, 25. März 2026", "yes": "Ja, das machen wir so, danke!", "booked": "Ihr Ja ist vermerkt.",
        "undo": "Bitte rückgängig machen, danke", "undone": "Ihre Antwort ist zurückgenommen.",
        "weekly": "Wochenbericht",
    },
    "es_ES": {
        "subject": "Orden de cambio para Cinderella ball gowns [ORD-2041]", "total": "13.250,00 €",
        "day": "miércoles, 25 de marzo de 2026", "yes": "Sí, adelante, muchas gracias.",
        "booked": "Su sí queda registrado.", "undo": "Deshacer, por favor.",
        "undone": "Su respuesta queda anulada.", "weekly": "Informe semanal",
    },
}  # fmt: skip


@pytest.fixture(params=WORDS)
def abroad(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[World, dict[str, str]]]:
    """A studio in New York with one order, of a client in Vienna or Madrid."""
    client = {**CLIENT, "timezone": "Europe/Vienna", "locale": request.param}
    with world(request.getfixturevalue("pymap_server"), tmp_path) as made:
        made.import_order(client=client, currency="EUR", ref=ORDER["ref"])
        made.run()
        yield made, WORDS[request.param]


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize("program", ["gmail", "outlook", "apple", "plain"])
def test_asked_answered_booked_and_taken_back_in_the_clients_language(
    abroad: tuple[World, dict[str, str]], program: str
) -> None:
    studio, words = abroad
    studio.cli("do", REF, *CHANGE)
    asked = the("change-order", studio.run())
    assert asked["Subject"] == words["subject"]
    assert words["total"] in plain(text_of(asked))
    assert words["day"] in text_of(asked)

    studio.answer(asked, words["yes"], program=program)
    out = studio.run()
    assert kinds(out) == ["booked", "receipt"]
    assert studio.status()["change_orders"][0]["status"] == "approved"
    assert words["booked"] in text_of(the("receipt", out))
    assert "CO-1 Pailletten an der Schleppe" in text_of(the("booked", out))  # staff read English

    studio.answer(the("receipt", out), words["undo"], program=program)
    assert words["undone"] in text_of(the("receipt", studio.run()))
    assert studio.status()["change_orders"][0]["status"] == "sent"


def test_the_weekly_update_too(abroad: tuple[World, dict[str, str]]) -> None:
    studio, words = abroad
    studio.later(days=5)
    weekly = [mail for mail in studio.run() if mail["X-Mailbot-Kind"] == "weekly-update"]
    assert words["weekly"] in weekly[0]["Subject"]
