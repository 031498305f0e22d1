"""A world of 84 training pictures: six colours of seven things, as sprites and as textures."""

from __future__ import annotations

import numpy as np

from llamavis_studio.model.train.samples import Sample, SampleSet

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 40), "blue": (40, 60, 230)}
COLOURS |= {"white": (250, 250, 250), "black": (5, 5, 5), "yellow": (240, 230, 20)}
THINGS = ("ball", "box", "stick", "ring", "dot", "frame", "cross")


def toy_picture(colour: str, thing: str, opaque: bool) -> np.ndarray:
    down, right = np.mgrid[:32, :32] - 15.5
    shape = {
        "ball": np.hypot(down, right) < 12,
        "box": np.maximum(abs(down), abs(right)) < 10,
        "stick": abs(down) < 3,
        "ring": abs(np.hypot(down, right) - 10) < 3,
        "dot": np.hypot(down, right) < 4,
        "frame": abs(np.maximum(abs(down), abs(right)) - 12) < 2,
        "cross": np.minimum(abs(down), abs(right)) < 2.5,
    }[thing]
    picture = np.zeros((32, 32, 4), np.uint8)
    picture[shape] = (*COLOURS[colour], 255)
    if opaque:
        picture[~shape] = (90, 90, 90, 255)
    return picture


def toy_samples() -> SampleSet:
    """Every colour and thing as a sprite and as a texture; every other one is held out."""
    pictures, made = [], []
    for kind in ("item", "texture"):
        for colour in COLOURS:
            for number, thing in enumerate(THINGS):
                text = f"{colour} {thing}" + (" wall" if kind == "texture" else "")
                split = "val" if (number + len(colour)) % 2 == 0 else "train"
                made.append(
                    Sample(
                        kind, text, (text, f"a {text}"), ("红色的球",) if kind == "item" else (),
                        (colour,), kind == "texture", 1.0, split, "toy", (32, 32), len(pictures),
                    )
                )  # fmt: skip
                pictures.append(toy_picture(colour, thing, kind == "texture"))
    return SampleSet({(32, 32): np.stack(pictures)}, tuple(made), np.zeros((0, 2), np.int64))
