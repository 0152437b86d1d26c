"""Where an order stands on its way through the phases: for the picture of table cells, and for its twin in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["done", "current", "coming"]


@dataclass(frozen=True, slots=True)
class Station:
    """One phase on the timeline."""

    name: str
    state: State


def timeline(phases: Sequence[str], current: str) -> tuple[Station, ...]:
    """The phases in order, those before `current` done. A phase that is not among them leaves all of them coming."""
    at = phases.index(current) if current in phases else -1
    states: list[State] = ["done" if i < at else "current" if i == at else "coming" for i in range(len(phases))]
    return tuple(Station(name, state) for name, state in zip(phases, states, strict=True))
