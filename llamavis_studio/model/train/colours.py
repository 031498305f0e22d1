"""Colour words of training pictures, and pictures moved to other colour words.

Order of events: `dominant` finds the words for one picture, `recolour` moves a picture (or the
part of it that has one colour) to another word, so that caption and pixels change together.
All pixels are uint8 (h, w, 4), sRGB, straight alpha.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.model.colour_names import (
    NAMES,
    from_oklab,
    name_pixels,
    shares,
    surface,
    to_oklab,
)

Pixels = NDArray[np.uint8]

# Lightness, chroma and hue (degrees) that a recoloured surface is moved to: the middle of each
# word's region below, so that measuring it again gives the same word.
TARGETS: Final[Mapping[str, tuple[float, float, float]]] = {
    "black": (0.27, 0.005, 0.0),
    "grey": (0.58, 0.005, 0.0),
    "white": (0.92, 0.004, 0.0),
    "red": (0.52, 0.20, 28.0),
    "orange": (0.70, 0.17, 57.0),
    "brown": (0.42, 0.08, 55.0),
    "yellow": (0.86, 0.17, 103.0),
    "green": (0.58, 0.17, 142.0),
    "teal": (0.62, 0.10, 190.0),
    "blue": (0.50, 0.19, 262.0),
    "purple": (0.48, 0.20, 305.0),
    "pink": (0.76, 0.14, 355.0),
}


def dominant(pixels: Pixels, least: float = 0.2) -> tuple[str, ...]:
    """One to three colour words that cover at least `least` of the surface, largest first."""
    found = shares(pixels)
    return tuple(word for word, share in found.items() if share >= least)[:3] or tuple(found)[:1]


def accent(pixels: Pixels, least: float = 0.06) -> str:
    """The largest colour word that is not black, grey, white or tan: the liquid of a flask."""
    found = shares(pixels)
    for word, share in found.items():
        if share >= least and word not in ("black", "grey", "white", "tan", "brown"):
            return word
    return next(iter(found), "")


def shade(pixels: Pixels, word: str) -> str:
    """`pale`, `dark` or nothing, by the lightness of the pixels that have the colour `word`."""
    mask = surface(pixels)
    lab = to_oklab(pixels[mask][:, :3])
    same = lab[name_pixels(lab) == NAMES.index(word)]
    if word in ("black", "white", "tan") or len(same) == 0:
        return ""
    middle = TARGETS[word][0]
    light = float(np.median(same[:, 0]))
    return "dark" if light < middle - 0.15 else "pale" if light > middle + 0.15 else ""


def recolour(pixels: Pixels, word: str, only: str | None = None) -> Pixels:
    """The picture with its surface moved to the colour `word`, light and shade kept.

    `only` limits the change to pixels that now have that colour word.
    """
    light, chroma, hue = TARGETS[word]
    out = pixels.copy()
    where = pixels[..., 3] > 0
    lab = to_oklab(pixels[where][:, :3])
    change = lab[:, 0] > 0.2
    if only is not None:
        change &= name_pixels(lab) == NAMES.index(only)
    if not change.any():
        return out
    old = lab[change]
    middle = float(np.median(old[:, 0]))
    room = min(1.0, (1.0 - light) / max(1.0 - middle, 0.05) + 0.35)
    new_light = np.clip(light + (old[:, 0] - middle) * room, 0.08, 0.985)
    # Deep shadow and highlight hold less colour, as in the drawings themselves.
    fade = np.clip(1.0 - 1.6 * np.abs(new_light - light), 0.25, 1.0)
    turn = np.radians(hue + 14.0 * (light - new_light))
    lab[change] = np.stack(
        [new_light, chroma * fade * np.cos(turn), chroma * fade * np.sin(turn)], -1
    )
    rgb = out[..., :3]
    rgb[where] = np.where(change[:, None], from_oklab(lab), rgb[where])
    return out


def brighten(pixels: Pixels, factor: float) -> Pixels:
    """The picture with OKLab lightness scaled about black (factor < 1) or towards white (> 1)."""
    out = pixels.copy()
    where = pixels[..., 3] > 0
    lab = to_oklab(pixels[where][:, :3])
    if factor < 1.0:
        lab *= np.array([factor, factor, factor], np.float32)
    else:
        lab[:, 0] = 1.0 - (1.0 - lab[:, 0]) / factor
        lab[:, 1:] /= factor**0.6
    out[where, :3] = from_oklab(lab)
    return out
