"""Names for the colours that are seen: sRGB pixels to OKLab, OKLab to about fourteen plain words.

Order of events: `dominant` finds the words for one picture, `recolour` moves a picture (or the
part of it that has one colour) to another word, so that caption and pixels change together.
All pixels are uint8 (h, w, 4), sRGB, straight alpha.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

NAMES: Final = (
    "black", "grey", "white", "red", "orange", "brown", "tan", "yellow",
    "green", "teal", "blue", "purple", "pink",
)  # fmt: skip

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


def _surface(pixels: Pixels) -> NDArray[np.bool_]:
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
    mask = _surface(pixels)
    if not mask.any():
        return {}
    counts = np.bincount(name_pixels(to_oklab(pixels[mask][:, :3])), minlength=len(NAMES))
    # A drawn outline is black whatever the thing is, so black must earn its place.
    weights = counts.astype(np.float64)
    weights[NAMES.index("black")] *= 0.6
    total = float(weights.sum())
    found = {NAMES[i]: float(weights[i] / total) for i in np.argsort(-weights) if weights[i] > 0}
    return found


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
    mask = _surface(pixels)
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
