"""The built-in model reads pictures: sentence, tags, kind, colours, and whether it knows such
pictures.

Imported once the model is loaded. The order of events: enlarged pixel art is made small again; the
rule of ``model.domain`` looks at the pixels as they were drawn; pictures are fitted to the model's
own size and become codes; ``model.captioning`` finds the words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.backends.base import CaptionResult, ColourShare, Pixels, Tag
from llamavis_studio.backends.fitting import fit_for_model
from llamavis_studio.imaging.arrays import with_alpha
from llamavis_studio.imaging.enlarged import undo_enlargement
from llamavis_studio.model.captioning import LikePictures, Reading, caption_pictures, content_words
from llamavis_studio.model.colour_names import shares
from llamavis_studio.model.domain import rule_of, signs
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.pixels import PATCH_PX, to_tensor
from llamavis_studio.model.unified import LlamaVis

TILE_PX, SCENE_PX, LARGE_TILE_PX = (32, 32), (48, 32), (64, 64)
DESCRIPTION_KINDS = {
    "creature": "sprite",
    "feature": "sprite",
    "effect": "sprite",
    "object": "sprite",
}
"""What the model tells apart more finely than descriptions do; the finer word becomes a tag."""
LEAST_TAG = 0.2
"""Words said by fewer voices are no tags, unless the sentence has them: fewer than one in five of
those would be right.
"""
LEAST_COLOUR = 0.04
"""Smaller shares of a colour are not told."""
COLOUR_PX = 256
"""Pixels along a side that colours are measured on; more would say the same."""


def as_drawn(pixels: Pixels) -> Pixels:
    """Enlarged pixel art as one pixel a block; what the model reads at its own size stays."""
    if pixels.shape[0] <= TILE_PX[1] and pixels.shape[1] <= SCENE_PX[0]:
        return pixels
    return undo_enlargement(pixels)[0]


def reading_size(pixels: Pixels) -> tuple[int, int]:
    """Wide opaque pictures are read as scenes, opaque ones of exactly 64x64 as the large textures
    that were taught (word F1 0.49, made small 0.42), all others as tiles.
    """
    height, width = pixels.shape[:2]
    clear = pixels.shape[2] == 4 and bool((pixels[..., 3] < 128).any())
    if clear:
        return TILE_PX
    if (width, height) == LARGE_TILE_PX:
        return LARGE_TILE_PX
    return SCENE_PX if width >= 1.25 * height else TILE_PX


class Reader:
    """Reads pictures with a loaded model; ``record`` is the ``config.json`` of its checkpoint."""

    def __init__(
        self, model: LlamaVis, memory: Memory | None, record: Mapping[str, Any], name: str
    ) -> None:
        self._model, self._name = model, name
        self._rule = rule_of(record)
        codebooks = model.image_tokenizer.codebooks
        self._like_pictures = None if memory is None else LikePictures(codebooks, memory)

    def read(self, pictures: Sequence[Pixels], size: tuple[int, int]) -> list[CaptionResult]:
        """Captions of pictures, given :func:`as_drawn`, that are read at ``size``."""
        tokenizer = self._model.image_tokenizer
        rows = signs(tokenizer, pictures)
        grid = (size[1] // PATCH_PX, size[0] // PATCH_PX)
        codes = tokenizer.encode(to_tensor([fit_for_model(p, size) for p in pictures]))
        readings = caption_pictures(self._model, codes, grid, self._like_pictures)
        looks = self._looks(pictures, codes, size)
        results = []
        for picture, reading, row, known, look in zip(
            pictures, readings, rows, self._rule.shares(rows).tolist(), looks, strict=True
        ):
            in_domain = known >= 0.5
            results.append(
                CaptionResult(
                    caption=reading.text or reading.kind,
                    tags=_tags(reading),
                    kind=DESCRIPTION_KINDS.get(reading.kind, reading.kind),
                    in_domain=in_domain,
                    model=self._name,
                    colours=measured_colours(picture),
                    confidence=round(min(1.0, reading.confidence) * known, 3),
                    reasons=() if in_domain else self._rule.reasons(row),
                    look=look,
                )
            )
        return results

    def _looks(
        self, pictures: Sequence[Pixels], codes: Tensor, size: tuple[int, int]
    ) -> Sequence[NDArray[np.float32] | None]:
        """Pictures of all sizes are compared as tiles, so that one list holds them all."""
        if self._like_pictures is None:
            return [None] * len(pictures)
        if size != TILE_PX:
            tiles = to_tensor([fit_for_model(picture, TILE_PX) for picture in pictures])
            codes = self._model.image_tokenizer.encode(tiles)
        return list(self._like_pictures.look(codes).cpu().numpy().astype(np.float32))


def measured_colours(pixels: Pixels) -> tuple[ColourShare, ...]:
    """Colour words of the pixels with their share of the surface, largest first."""
    step = max(1, max(pixels.shape[:2]) // COLOUR_PX)
    found = shares(with_alpha(pixels[::step, ::step]))
    return tuple(
        ColourShare(word, round(share, 3)) for word, share in found.items() if share >= LEAST_COLOUR
    )


def _tags(reading: Reading) -> tuple[Tag, ...]:
    """Words with the share of voices that say them, likeliest first."""
    told = content_words(reading.text)
    found = [(w, p) for w, p in reading.words.items() if p >= LEAST_TAG or w in told]
    if reading.kind in DESCRIPTION_KINDS and reading.kind not in dict(found):
        found.append((reading.kind, reading.kind_share))
    found.sort(key=lambda item: (-round(item[1], 3), item[0]))
    return tuple(Tag(word, min(1.0, round(p, 3))) for word, p in found)
