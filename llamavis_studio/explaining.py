"""Why an image looks as it does: where each word of its description acted, and what it took after.

    which image -> the very request that a build would make, with `explain` -> its picture, finished
    as a build finishes it -> is that the file? -> heat maps of the file's size, in the file's place

The same request gives the same pixels, so the maps are true of the file as long as the file is what
its words alone lead to. What was painted by hand, or drawn as an edit of an older picture, is not:
`Explanation.likeness` says so, and the maps are those of a fresh drawing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from llamavis_studio.backends.base import OnStep, WordMap, ignore_steps
from llamavis_studio.backends.host import ModelHost
from llamavis_studio.core.errors import BackendError, ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, pixel_hash
from llamavis_studio.pipeline.build import Finished, finish
from llamavis_studio.pipeline.drawing import request_of
from llamavis_studio.pipeline.filters import FilterContext, active_steps, apply_steps
from llamavis_studio.pipeline.notes import provenance_in
from llamavis_studio.pipeline.plan import Plan
from llamavis_studio.pipeline.target import Target

Weights = NDArray[np.float32]
DIGITS = 3


class Likeness(StrEnum):
    """How the file at the output's place stands to the fresh drawing that is explained."""

    SAME = "same"
    MISSING = "missing"
    BY_HAND = "by_hand"
    """Somebody painted over it, or drew a region of it anew."""
    OTHER_WORDS = "other_words"
    """It was drawn from words that the description no longer has."""
    EDIT = "edit"
    """It was drawn as an edit of an older picture."""
    OTHER = "other"
    """It was drawn with other settings, or by another version of the model."""


@dataclass(frozen=True)
class WordHeat:
    """Where one word acted: `weights` (h, w), 0..1, of the output's size.

    `word` is spelled as in the description. `of_style` says that the style's words have it, not the
    description's own.
    """

    word: str
    weights: Weights = field(repr=False, compare=False)
    of_style: bool = False


@dataclass(frozen=True)
class Explanation:
    """All that is known of how the image at `output` came about.

    `pixels` is the fresh drawing (h, w, 3 or 4), finished. `took_after` names the pictures that the
    model looked up, nearest last, each with its share of what was known (0..1), or None where the
    backend does not tell. `glosses` are foreign words with their English. `words` is empty where
    the backend cannot say where words act.
    """

    output: str
    prompt: str
    pixels: Pixels = field(repr=False, compare=False)
    likeness: Likeness
    words: tuple[WordHeat, ...]
    took_after: tuple[tuple[str, float | None], ...]
    unknown_words: tuple[str, ...]
    glosses: tuple[tuple[str, str], ...]
    expanded_prompt: str
    seed: int
    backend: str
    model: str
    revision: str

    def to_json(self) -> dict[str, Any]:
        """The JSON values of `explain --json`: `map` is rows of the output's pixels, 0..1."""
        return {
            "file": self.output,
            "likeness": self.likeness.value,
            "prompt": self.prompt,
            "expanded_prompt": self.expanded_prompt,
            "glosses": [{"word": word, "english": english} for word, english in self.glosses],
            "unknown_words": list(self.unknown_words),
            "seed": self.seed,
            "backend": self.backend,
            "model": self.model,
            "revision": self.revision,
            "took_after": [{"name": name, "share": share} for name, share in self.took_after],
            "words": [
                {
                    "word": one.word,
                    "of_style": one.of_style,
                    "peak": round(float(one.weights.max(initial=0.0)), DIGITS),
                    "map": np.round(one.weights.astype(np.float64), DIGITS).tolist(),
                }
                for one in self.words
            ],
        }


def explain(
    project: Project,
    plan: Callable[[Sequence[Path]], Plan],
    host: ModelHost,
    path: Path,
    on_step: OnStep = ignore_steps,
) -> Explanation:
    """Explain the image at `path`, or the one that the description at `path` asks for.

    For maps and sheets it is the image they are made from. Nothing is written. Raises ProjectError
    where `path` is not one image, BackendError.
    """
    target = _one_target(project, plan, path)
    request = replace(request_of(project, target), explain=True)
    results = host.generate(target.backend.name, [request], on_step)
    if len(results) != 1:
        raise BackendError(
            f"the backend gave {len(results)} images for one request",
            "report this to the backend's authors",
        )
    drawn = results[0]
    finished = finish(target, drawn, None)
    if not isinstance(finished, Finished):
        raise BackendError(finished.message, finished.hint)
    pixels = decode_image(finished.data)
    words = words_as_written(drawn.word_maps, drawn.glosses)
    shift = shift_of_seam(target, drawn.pixels)
    shares: list[float | None] = list(drawn.took_after_shares)
    shares += [None] * (len(drawn.took_after) - len(shares))
    return Explanation(
        output=target.output,
        prompt=target.prompt,
        pixels=pixels,
        likeness=_likeness(project.root / target.output, target, pixels),
        words=tuple(_heat_of(one, target, shift) for one in words),
        took_after=tuple(zip(drawn.took_after, shares, strict=False)),
        unknown_words=drawn.unknown_words,
        glosses=drawn.glosses,
        expanded_prompt=drawn.expanded_prompt,
        seed=target.seed,
        backend=target.backend.name,
        model=target.backend.model,
        revision=target.backend.revision,
    )


def words_as_written(
    maps: Sequence[WordMap], glosses: Sequence[tuple[str, str]]
) -> tuple[WordMap, ...]:
    """Maps by the words that a person wrote: a foreign word has the strongest of its English ones.

    Words that were not translated keep their own maps, behind those that were.
    """
    left = list(maps)
    found: list[WordMap] = []
    for word, english in glosses:
        parts = english.casefold().split()
        mine: list[WordMap] = []
        for part in parts:
            at = next((i for i, one in enumerate(left) if one.word.casefold() == part), None)
            if at is not None:
                mine.append(left.pop(at))
        if mine:
            found.append(WordMap(word, np.maximum.reduce([one.weights for one in mine])))
    return (*found, *left)


def placed(
    weights: Weights, size_px: tuple[int, int], *, wrap: bool = False, pad: bool = True
) -> Weights:
    """A map (h, w) of a backend's picture, on the finished picture of `size_px` (width, height).

    It goes where `fit_to_size` puts that picture; between the values it is smooth.
    """
    height, width = weights.shape
    if (width, height) == size_px:
        return weights
    grow = (size_px[0] / width, size_px[1] / height)
    if wrap:
        return _stretched(weights, size_px)
    fit = min(grow) if pad else max(grow)
    if fit >= 1:
        fit = int(fit) if pad else int(np.ceil(fit))
    scaled = _stretched(weights, (max(1, round(width * fit)), max(1, round(height * fit))))
    out = np.zeros((size_px[1], size_px[0]), np.float32)
    rows, columns = (_overlap(scaled.shape[axis], out.shape[axis]) for axis in (0, 1))
    out[rows[1], columns[1]] = scaled[rows[0], columns[0]]
    return out


def _overlap(have: int, want: int) -> tuple[slice, slice]:
    """Where the middle of one line lies in it, and in the other."""
    both = min(have, want)
    from_, to = (have - both) // 2, (want - both) // 2
    return slice(from_, from_ + both), slice(to, to + both)


def _stretched(weights: Weights, size_px: tuple[int, int]) -> Weights:
    image = Image.fromarray(np.ascontiguousarray(weights, np.float32))
    resized = np.asarray(image.resize(size_px, Image.Resampling.BILINEAR), np.float32)
    found: Weights = resized.clip(0.0, 1.0)
    return found


def _one_target(project: Project, plan: Callable[[Sequence[Path]], Plan], path: Path) -> Target:
    """The drawn target that a path names. Raises ProjectError."""
    there = Path(os.path.realpath(path))
    found = [one.target for one in plan([path]).targets]
    exact = [target for target in found if project.root / target.output == there]
    drawn = exact or [target for target in found if not target.base]
    if len(drawn) != 1:
        names = ", ".join(target.output for target in drawn[:6])
        raise ProjectError(
            f"'{path.name}' is not one image",
            f"name one of: {names}" if names else "name an image that a description asks for",
        )
    target = drawn[0]
    return _one_target(project, plan, project.root / target.base) if target.base else target


def _heat_of(one: WordMap, target: Target, shift: tuple[int, int]) -> WordHeat:
    recipe = target.recipe
    weights = placed(one.weights, target.size_px, wrap=recipe.tileable, pad=recipe.transparent)
    if shift != (0, 0):
        weights = np.roll(weights, shift, (0, 1))
    said = one.word.casefold() in target.description.casefold()
    return WordHeat(one.word, weights, of_style=not said)


def shift_of_seam(target: Target, drawn: Pixels) -> tuple[int, int]:
    """How far down and right the filters roll a tile, so that it is cut where it is calm."""
    recipe = target.recipe
    steps = active_steps(recipe.filters, target.palette is not None)
    # The last of them: another may join the edges of a picture that is still large.
    at = max((i for i, step in enumerate(steps) if step.name == "seamless"), default=None)
    if at is None or not recipe.tileable:
        return 0, 0
    context = FilterContext(
        target.size_px, True, recipe.transparent, target.palette, target.backend.can_tile
    )
    try:
        before = apply_steps(drawn, steps[:at], context)
        after = apply_steps(before, steps[at : at + 1], context)
    except ImageError:
        return 0, 0
    if before.shape != after.shape or before.shape[1::-1] != target.size_px:
        return 0, 0
    for down in _rolls(before, after, 1):
        for right in _rolls(before, after, 0):
            if np.array_equal(np.roll(before, (down, right), (0, 1)), after):
                return down, right
    return 0, 0  # its edges were blended: everything is where it was


def _rolls(before: Pixels, after: Pixels, axis: int) -> list[int]:
    """By how many lines one picture may be the other, rolled: their sums over `axis` agree then."""
    old = before.sum(axis=axis, dtype=np.int64).reshape(before.shape[1 - axis], -1)
    new = after.sum(axis=axis, dtype=np.int64).reshape(after.shape[1 - axis], -1)
    return [step for step in range(len(old)) if np.array_equal(np.roll(old, step, 0), new)]


def _likeness(path: Path, target: Target, fresh: Pixels) -> Likeness:
    try:
        there = decode_image(path)
    except (ImageError, OSError):
        return Likeness.MISSING
    found = pixel_hash(there)
    if found == pixel_hash(fresh):
        return Likeness.SAME
    provenance = provenance_in(path)
    if provenance is None or provenance.pixel_hash != found:
        return Likeness.BY_HAND
    if provenance.prompt != target.prompt:
        return Likeness.OTHER_WORDS
    return Likeness.EDIT if provenance.parent else Likeness.OTHER
