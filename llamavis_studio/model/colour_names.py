"""Names for the colours that are seen: sRGB pixels to OKLab, OKLab to about fourteen plain words.

Measured from the pixels, not said by the model: captions of training pictures are made of these
words, and whoever reads a picture tells them beside the model's own. All pixels are uint8
(h, w, 4), sRGB, straight alpha.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

NAMES: Final = (
    "black", "grey", "white", "red", "orange", "brown", "tan", "yellow",
    "green", "teal", "blue", "purple", "pink",
)  # fmt: skip

COLOUR_WORDS: Final = (
    *NAMES, "gray", "golden", "gold", "silver", "silvery", "bronze", "violet", "cyan", "turquoise",
    "magenta", "crimson", "scarlet", "beige", "dark", "pale", "light", "bright", "colourful",
    "coloured",
)  # fmt: skip
"""Words that say of a thing only what colour it has."""
_COLOUR_WORD: Final = re.compile(rf"\b(?:{'|'.join(COLOUR_WORDS)})\b,?\s*", re.IGNORECASE)

_M1: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_M2: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_LINEAR: Final = np.array(
    [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255.0],
    np.float32,
)


def without_colours(text: str) -> str:
    """What is left of an English text that says a thing, or all of it where nothing is left.

    >>> without_colours("a pale blue dragon")
    'a dragon'
    """
    rest = _COLOUR_WORD.sub("", text).strip(" ,")
    return rest if re.search(r"\w{2}", rest) else text


def to_linear(rgb: Pixels) -> Floats:
    """Linear light (..., 3) in 0..1 of sRGB bytes."""
    return _LINEAR[rgb]


def to_srgb(linear: Floats) -> Pixels:
    """sRGB bytes of linear light, clipped to the gamut."""
    v = np.clip(linear, 0.0, 1.0)
    v = np.where(v <= 0.0031308, v * 12.92, 1.055 * np.power(v, 1 / 2.4) - 0.055)
    return np.round(v * 255.0).astype(np.uint8)


def to_oklab(rgb: Pixels) -> Floats:
    """OKLab (..., 3) of sRGB bytes (Ottosson 2020)."""
    return np.cbrt(to_linear(rgb) @ _M1.T) @ _M2.T


def from_oklab(lab: Floats) -> Pixels:
    """sRGB bytes of OKLab, clipped to the gamut."""
    lms = (lab @ np.linalg.inv(_M2).T.astype(np.float32)) ** 3
    return to_srgb(lms @ np.linalg.inv(_M1).T.astype(np.float32))


def name_pixels(lab: Floats) -> NDArray[np.int8]:
    """Index into NAMES for every OKLab pixel (n, 3)."""
    light, a, b = lab[:, 0], lab[:, 1], lab[:, 2]
    chroma = np.hypot(a, b)
    hue = np.degrees(np.arctan2(b, a)) % 360.0
    out = np.full(len(lab), -1, np.int8)

    def put(word: str, where: NDArray[np.bool_]) -> None:
        out[(out < 0) & where] = NAMES.index(word)

    put("black", (light < 0.24) | ((light < 0.32) & (chroma < 0.045)))
    neutral = chroma < np.where(light > 0.8, 0.035, 0.03)
    put("white", neutral & (light >= 0.84))
    put("grey", neutral)
    warm = (hue >= 35.0) & (hue < 95.0)
    put("tan", warm & (light >= 0.66) & (chroma < 0.10))
    put("brown", warm & (light < 0.66) & ((chroma < 0.115) | (light < 0.5)))
    put("brown", (hue >= 20) & (hue < 35.0) & (light < 0.55) & (chroma < 0.085))
    put("brown", (hue >= 95) & (hue < 112) & (light < 0.55))
    put("pink", ((hue < 32.0) | (hue >= 340.0)) & (light >= 0.68))
    put("red", (hue < 42.0) | (hue >= 352.0))
    put("orange", hue < 80.0)
    put("yellow", hue < 116.0)
    put("green", hue < 172.0)
    put("teal", hue < 218.0)
    put("blue", hue < 287.0)
    put("purple", hue < 335.0)
    put("pink", light >= 0.55)
    put("purple", hue < 352.0)
    return out


def surface(pixels: Pixels) -> NDArray[np.bool_]:
    """Opaque pixels without the dark outline that touches the outside and drop shadows (h, w)."""
    opaque = pixels[..., 3] > 127
    lit = opaque & (pixels[..., :3].max(-1) > 14)  # drawn shadows are pure black
    if lit.sum() > 0.25 * opaque.sum():
        opaque = lit
    padded = np.pad(opaque, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    dark = pixels[..., :3].max(-1) < 48
    mask: NDArray[np.bool_] = opaque & ~(dark & ~inner)
    if mask.sum() < 0.25 * opaque.sum():
        return opaque
    return mask


def shares(pixels: Pixels) -> dict[str, float]:
    """Share of each colour word over the surface of a picture, largest first."""
    mask = surface(pixels)
    if not mask.any():
        return {}
    counts = np.bincount(name_pixels(to_oklab(pixels[mask][:, :3])), minlength=len(NAMES))
    # A drawn outline is black whatever the thing is, so black must earn its place.
    weights = counts.astype(np.float64)
    weights[NAMES.index("black")] *= 0.6
    total = float(weights.sum())
    found = {NAMES[i]: float(weights[i] / total) for i in np.argsort(-weights) if weights[i] > 0}
    return found
