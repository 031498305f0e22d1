"""What may draw in this computer: its processor, and the graphics cards that the model can use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Device:
    """One device.

    Args:
        name: what the setting `device` takes: "cpu", "cuda:0", "mps".
        label: how its maker calls it.
        kind: "cpu", "cuda" or "mps".
        total_bytes: its memory; None where it cannot be told.
        free_bytes: what of it is free now; None where it cannot be told.
        best: the one that "auto" takes.
    """

    name: str
    label: str
    kind: str
    total_bytes: int | None = None
    free_bytes: int | None = None
    best: bool = False

    def to_json(self) -> dict[str, Any]:
        """The device as JSON values."""
        return asdict(self)
