"""Image filters beside the best kept library that does the same, where there is one.

    python -m tests.benchmarks filters [--sides 32,256,1024] [--pairs 7] [--json]

    normals   our map of a height, beside OpenCV's two Sobel passes normalised with NumPy
    blur      our Gaussian (exact in any order of sums), beside OpenCV's
    colours   16 colours of the picture's own by k-means in OKLab, beside Pillow's median cut
    scale2x   our EPX, beside Pillow's nearest neighbour at twice the size
    cut_out   a figure freed from a plain background, soft outline and open hole; beside Pillow's
              ImageDraw.floodfill from the four corners, which finds the background and no more

Peers that are not installed (opencv-python-headless) are named and left out. Each pair is ours,
peer, ours; the ratio is the median of ours / peer, the control of ours / ours. Results are compared
first: a peer that does something else would be no peer.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from llamavis_studio.imaging.blur import gaussian_blur
from llamavis_studio.imaging.cut_out import cut_out
from llamavis_studio.imaging.material_maps import normal_map
from llamavis_studio.imaging.palette import limit_colours
from llamavis_studio.imaging.upscale import upscale
from tests.benchmarks._protocol import PAIRS, is_void, machine, median_of_ratios
from tests.support.hd_backend import figure_of

LEAST_S = 0.02
"""Each timing repeats its call until it takes this long."""


@dataclass(frozen=True)
class Pair:
    name: str
    ours: Callable[[], Any]
    peer: Callable[[], Any]


def seconds(call: Callable[[], Any]) -> float:
    """Of one call, from as many as the clock needs."""
    times, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < LEAST_S or not times:
        call()
        times += 1
    return spent / times


def pairs_of(side: int) -> tuple[list[Pair], list[str]]:
    """The filters on a square of noise that a blur made smooth, and what is missing."""
    rng = np.random.default_rng(side)
    height = gaussian_blur(rng.random((side, side), np.float32), 1.0, wrap=True)
    grey = (height - height.min()) / np.ptp(height)
    picture = (grey[..., None] * rng.integers(60, 256, 3)).astype(np.uint8)
    picture = np.ascontiguousarray(picture + rng.integers(0, 8, picture.shape, np.uint8) // 2)
    image = Image.fromarray(picture)
    found = [
        Pair("colours", lambda: limit_colours(picture, 16), lambda: image.quantize(16)),
        Pair(
            "scale2x",
            lambda: upscale(picture, 2, "scale2x"),
            lambda: np.asarray(image.resize((2 * side, 2 * side), Image.Resampling.NEAREST)),
        ),
    ]
    found += _cutting(side)
    try:
        cv2 = importlib.import_module("cv2")
    except ImportError:
        return found, ["opencv-python-headless"]

    def peer_normals() -> np.ndarray:
        wide = np.pad(grey, 1, mode="wrap")
        right = cv2.Sobel(wide, cv2.CV_32F, 1, 0)[1:-1, 1:-1]
        down = cv2.Sobel(wide, cv2.CV_32F, 0, 1)[1:-1, 1:-1]
        vectors = np.dstack([-right / 4, down / 4, np.ones_like(right)])
        vectors /= np.sqrt((vectors**2).sum(axis=2, keepdims=True))
        return (vectors * 127 + 128.5).astype(np.uint8)

    def peer_blur() -> np.ndarray:
        edge = cv2.BORDER_REPLICATE
        return cv2.GaussianBlur(grey, (11, 11), 1.5, borderType=edge)  # type: ignore[no-any-return]

    ours = normal_map(grey, 2.0, tileable=True)
    if np.abs(ours.astype(int) - peer_normals()).max() > 1:
        raise RuntimeError("the peer's normals are others: the comparison is worth nothing")
    if np.abs(gaussian_blur(grey, 1.5, wrap=False) - peer_blur()).max() > 1e-2:
        raise RuntimeError("the peer's blur is another: the comparison is worth nothing")
    return [
        Pair("normals", lambda: normal_map(grey, 2.0, tileable=True), peer_normals),
        Pair("blur", lambda: gaussian_blur(grey, 1.5, wrap=False), peer_blur),
        *found,
    ], []


def _cutting(side: int) -> list[Pair]:
    """A ring on a stand before a slightly noisy white."""
    figure, alpha = figure_of((side, side), np.array([180, 60, 70]))
    noise = np.random.default_rng(side).normal(0, 1, (side, side, 3))
    picture = figure * alpha[..., None] + 250.0 * (1 - alpha[..., None]) + noise
    pixels = np.rint(picture.clip(0, 255)).astype(np.uint8)
    corners = [(0, 0), (side - 1, 0), (0, side - 1), (side - 1, side - 1)]

    def peer() -> np.ndarray:
        image = Image.fromarray(pixels)
        for corner in corners:
            ImageDraw.floodfill(image, corner, (255, 0, 255), thresh=40)
        return (np.asarray(image) != (255, 0, 255)).any(axis=2)

    ours, theirs = cut_out(pixels).pixels[..., 3] > 127, peer()
    hole = (~ours & theirs).mean()  # a flood from outside does not reach it
    if (ours != theirs).mean() - hole > 0.05:
        raise RuntimeError("the peer finds another figure: the comparison is worth nothing")
    return [Pair("cut_out", lambda: cut_out(pixels), peer)]


def measure(pair: Pair, rounds: int) -> dict[str, object]:
    pair.ours(), pair.peer()
    first, peer, again = [], [], []
    for _ in range(rounds):
        first.append(seconds(pair.ours))
        peer.append(seconds(pair.peer))
        again.append(seconds(pair.ours))
    control = median_of_ratios(first, again)
    return {
        "ratio": round(median_of_ratios(first, peer), 3),
        "control": round(control, 3),
        "void": is_void(control),
        "ours_ms": round(1000 * min(first), 3),
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="filters")
    parser.add_argument("--sides", default="32,256,1024")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args(arguments)
    rows: dict[str, dict[str, object]] = {}
    missing: list[str] = []
    for side in (int(text) for text in wish.sides.split(",")):
        pairs, missing = pairs_of(side)
        for pair in pairs:
            rows[f"{pair.name} {side}"] = measure(pair, wish.pairs)
    if wish.json:
        print(json.dumps({"filters": rows, "missing": missing, "machine": machine()}, indent=2))
    else:
        for name, row in rows.items():
            print(f"{name:14} {row}")
        for name in missing:
            print(f"skipped: {name} is not installed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
