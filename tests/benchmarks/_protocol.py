"""What every measurement shares: pairs in one run, a control, and the facts of the machine."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from pathlib import Path

PAIRS = 7
CONTROL_LOW, CONTROL_HIGH = 0.95, 1.05
"""A thing beside itself must come out within these, or the run says nothing."""


def median_of_ratios(first: Sequence[float], second: Sequence[float]) -> float:
    """The median of first[i] / second[i]: what a machine's moods do to both cancels out."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def is_void(control: float) -> bool:
    """Whether the control says that the machine was too busy to measure on."""
    return not CONTROL_LOW <= control <= CONTROL_HIGH


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of them do not exceed."""
    ordered = sorted(values)
    place = max(0, min(len(ordered) - 1, -(-len(ordered) * percent // 100) - 1))
    return ordered[int(place)]


def machine() -> dict[str, object]:
    """Load, cores and thread settings, to be printed beside every figure."""
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return {
        "loadavg": [round(value, 2) for value in os.getloadavg()] if os.name == "posix" else [],
        "cpus": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "default"),
        "omp_wait_policy": os.environ.get("OMP_WAIT_POLICY", "default"),
        "governor": governor.read_text().strip() if governor.exists() else "unknown",
    }
