"""Snapping a photograph-like picture to a palette, beside Pillow's `quantize(palette=...)`.

    python -m tests.benchmarks palette_speed [--side 1024] [--pairs 9] [--json]

Pillow looks colours up in a table of 6 bits a channel, nearest in RGB; the studio answers for all
24 bits, nearest in OKLab. Each pair runs both on the same picture without dither, one after the
other, and the studio once more; the value is the median of the pairs' ratios, and the control that
of the studio beside itself: when it leaves 0.95 to 1.05, the run is void.

For each palette: `over_quantize` against the call alone, which gives palette places, and
`over_round_trip` against array to array, which is what the studio does. Both with a palette and
colours seen before, as in the second look at a picture; `fresh` is a picture of new noise each time
under a palette in use, `first` a palette never seen before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from llamavis_studio.imaging.nearest_colour import memory_of_palette
from llamavis_studio.imaging.palette import colours_of, snap_to_palette
from tests.benchmarks._protocol import PAIRS, is_void, machine, median_of_ratios

COLOURS = (16, 32, 256)
GOAL = 4.0


def photograph(side: int, seed: int) -> np.ndarray:
    """(side, side, 3): slow changes, finer and finer texture, and the noise of a sensor."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    picture = np.stack([np.sin(3 * x + 2 * y), np.cos(4 * y - x), np.sin(5 * x * y)], axis=-1) * 80
    for scale in (4, 8, 16, 32, 64):
        patches = rng.normal(0, 40 / scale**0.5, (scale, scale, 3))
        layer = [
            np.asarray(
                Image.fromarray(patches[..., c].astype(np.float32)).resize(
                    (side, side), Image.Resampling.BICUBIC
                )
            )
            for c in range(3)
        ]
        picture += np.stack(layer, axis=-1)
    picture += rng.normal(0, 2.5, (side, side, 1)) + rng.normal(0, 1.5, (side, side, 3))
    return np.clip(np.rint(picture + 128), 0, 255).astype(np.uint8)


def timed_ms(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


def measure_one(pictures: list[np.ndarray], colours: int, pairs: int) -> dict[str, object]:
    palette = np.random.default_rng(colours).integers(0, 256, (colours, 3), dtype=np.uint8)
    of_pillow = Image.new("P", (1, 1))
    of_pillow.putpalette(palette.tobytes())
    image = Image.fromarray(pictures[0])

    def studio() -> object:
        return snap_to_palette(pictures[0], palette)

    def quantize() -> object:
        return image.quantize(palette=of_pillow, dither=Image.Dither.NONE)

    def round_trip() -> object:
        taken = Image.fromarray(pictures[0]).quantize(palette=of_pillow, dither=Image.Dither.NONE)
        return np.asarray(taken.convert("RGB"))

    memory_of_palette.cache_clear()
    first_ms = timed_ms(studio)
    fresh = [timed_ms(lambda p=p: snap_to_palette(p, palette)) for p in pictures[1:]]
    series: dict[str, list[float]] = {"studio": [], "quantize": [], "round_trip": [], "again": []}
    for turn in range(-2, pairs):
        times = [timed_ms(action) for action in (studio, quantize, studio, round_trip)]
        if turn >= 0:  # the first two warm things up
            for name, value in zip(
                ("studio", "quantize", "again", "round_trip"), times, strict=True
            ):
                series[name].append(value)
    control = median_of_ratios(series["studio"], series["again"])
    over_quantize = median_of_ratios(series["studio"], series["quantize"])
    trip_ms = statistics.median(series["round_trip"])
    return {
        "first_ms": round(first_ms, 1),
        "fresh_ms": round(statistics.median(fresh), 1),
        "again_ms": round(statistics.median(series["studio"]), 2),
        "quantize_ms": round(statistics.median(series["quantize"]), 2),
        "round_trip_ms": round(trip_ms, 2),
        "over_quantize": round(over_quantize, 2),
        "over_round_trip": round(median_of_ratios(series["again"], series["round_trip"]), 2),
        "fresh_over_round_trip": round(statistics.median(fresh) / trip_ms, 1),
        "first_over_round_trip": round(first_ms / trip_ms, 1),
        "goal_met": over_quantize < GOAL,
        "control": round(control, 3),
        "void": is_void(control),
    }


def measure(side: int, pairs: int) -> dict[str, object]:
    pictures = [photograph(side, seed) for seed in range(4)]
    result: dict[str, object] = {"side": side, "distinct_colours": len(colours_of(pictures[0]))}
    for colours in COLOURS:
        for name, value in measure_one(pictures, colours, pairs).items():
            result[f"{colours}_{name}"] = value
    return {**result, **machine()}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result = measure(options.side, options.pairs)
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:>26}  {value}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
