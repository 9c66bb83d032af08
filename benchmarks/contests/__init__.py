"""The contests. Each says who takes part and how its rounds are summed up."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, NamedTuple

Figures = dict[str, float]
"""What one measurement gives: calls, seconds, and what else the contest looks at."""

Rounds = dict[str, list[Figures]]
"""What all measurements gave, by contestant; the same place in each list is the same round."""


class Bench(NamedTuple):
    """What a contest works with."""

    base_url: str
    seconds: float
    programs: dict[str, Path]


class Contest(NamedTuple):
    """One contest."""

    title: str
    contestants: Callable[[Bench], dict[str, Callable[[], Figures]]]
    table: Callable[[Rounds], list[str]]
    rounds_factor: int = 1
    """How many rounds for each that is asked for: short measurements need more."""
