"""What of a checkpoint lies on the graphics card: a rule, and nothing of torch."""

from __future__ import annotations

from collections.abc import Iterable

from llamavis_studio.backends.diffusion.options import Offload

WORKING_SHARE = 0.2
"""Of the weights: what is calculated with beside them, for one picture of the best size."""
WORKING_BYTES = 1 << 30


def choose_offload(wanted: Offload, device: str, parts: Iterable[int], free: int | None) -> Offload:
    """ "none" where all parts fit beside what is calculated, "model" where the largest does,
    "sequential" where not even that one; what the user chose stands.

    Args:
        wanted: the option.
        device: as torch names it; on the processor nothing has to be moved.
        parts: bytes of each part's weights.
        free: bytes that are free on the card; None where it does not tell.
    """
    if device == "cpu":
        return "none"
    if wanted != "auto":
        return wanted
    sizes = list(parts)
    if free is None or not sizes:
        return "none"
    if _needed(sum(sizes)) <= free:
        return "none"
    return "model" if _needed(max(sizes)) <= free else "sequential"


def _needed(weights: int) -> float:
    return weights * (1 + WORKING_SHARE) + WORKING_BYTES
