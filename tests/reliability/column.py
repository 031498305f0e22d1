"""The two columns of the reliability goals: a short one, and a long one (LLAMAVIS_NIGHT=1)."""

from __future__ import annotations

import os

import pytest

NIGHT = os.environ.get("LLAMAVIS_NIGHT") == "1"

patient = pytest.mark.timeout(6 * 3600 if NIGHT else 400)
"""For tests that take hours in the long column."""


def column(short: int, night: int) -> int:
    """How many, in the column that runs."""
    return night if NIGHT else short


def told(goal: str, **figures: object) -> None:
    """Print one line of figures; `pytest -s` shows it."""
    print(f"\n{goal}: " + ", ".join(f"{name.replace('_', ' ')} {x}" for name, x in figures.items()))
