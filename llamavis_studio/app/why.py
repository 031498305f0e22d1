"""What the window shows of an explanation: a heat picture a word, made in the studio's thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from llamavis_studio.app.pixels import to_qimage
from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.heatmap import heat_colours

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

_LEAST_FULL = 0.4  # a word whose heat peaks below it is not blown up to full heat
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class WhyWord:
    """A word as the person wrote it, its heat over the picture, and how strong that is where it is
    strongest (0..1). `english` is what the model read instead, or "".
    """

    word: str
    heat: QImage = field(repr=False, compare=False)
    peak: float
    english: str = ""
    of_style: bool = False


@dataclass(frozen=True)
class Why:
    """Why a picture looks as it does; see `llamavis_studio.explaining.Explanation`."""

    output: str
    words: tuple[WhyWord, ...]
    took_after: tuple[tuple[str, float | None], ...] = ()
    unknown_words: tuple[str, ...] = ()
    glosses: tuple[tuple[str, str], ...] = ()
    likeness: str = "same"


def read_why(studio: Studio, output: str) -> Why:
    """Ask the model, which takes about a second. Raises ProjectError, BackendError."""
    found = studio.explain(Path(studio.root) / output)
    english = dict(found.glosses)
    words = tuple(
        WhyWord(
            one.word,
            to_qimage(heat_picture(found.pixels, one.weights)),
            float(one.weights.max(initial=0.0)),
            english.get(one.word, ""),
            one.of_style,
        )
        for one in sorted(found.words, key=lambda one: one.of_style)
    )
    glosses = tuple((word, said) for word, said in found.glosses if said)
    return Why(output, words, found.took_after, found.unknown_words, glosses, found.likeness.value)


def heat_picture(pixels: Pixels, weights: NDArray[np.float32]) -> Pixels:
    """A picture (h, w, 3 or 4) without its colours and dimmed, under heat: (h, w, 4).

    `weights` is (h, w), 0..1, and shown by its own peak, so that weak words can be told apart; how
    weak they are, their chips say. The heat's lightness rises all the way, so it also reads without
    colours; what was clear stays clear where the word did nothing.
    """
    rgba = with_alpha(pixels).astype(np.float32)
    peak = max(float(weights.max(initial=0.0)), _LEAST_FULL)
    heat = (weights / np.float32(peak)).clip(0.0, 1.0)[..., None]
    strength = np.float32(0.85) * np.sqrt(heat)  # (h, w, 1)
    dim = np.float32(42) + np.float32(0.55) * (rgba[..., :3] @ _LUMA)[..., None]
    alpha = rgba[..., 3:] / np.float32(255)
    under = dim * alpha + np.float32(42) * (1 - alpha)  # heat on clear pixels lies on dark ground
    out = np.empty(rgba.shape, np.float32)
    out[..., :3] = under * (1 - strength) + heat_colours(heat[..., 0]) * strength
    out[..., 3:] = np.maximum(alpha, strength) * 255
    found: Pixels = np.rint(out).clip(0, 255).astype(np.uint8)
    return found
