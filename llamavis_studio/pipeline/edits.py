"""An edit is an edit: the version before, handed to the backend, and what of it must stay.

When only the words of a description change, the new image starts from the one that is there; what
the words do not mention keeps its very pixels. Anything else that decides an image (kind, size,
seed, references, backend, its revision ...) starts it afresh, as the old pixels then say little
about the new ones. An image that was edited before and whose words stay, while its palette or
filters change, is finished again from its own pixels: drawn afresh it would be another picture.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.backends.base import ImageRequest
from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.alpha import bleed_colour
from llamavis_studio.imaging.arrays import (
    Pixels,
    from_linear_premultiplied,
    to_linear_premultiplied,
    with_alpha,
)
from llamavis_studio.imaging.background import grown
from llamavis_studio.imaging.blur import gaussian_blur
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.oklab import srgb_to_oklab
from llamavis_studio.imaging.png import decode_image, pixel_hash
from llamavis_studio.imaging.scale import fit_to_size
from llamavis_studio.pipeline.capabilities import ground_colour, with_ground
from llamavis_studio.pipeline.notes import provenance_in
from llamavis_studio.pipeline.reasons import words_of
from llamavis_studio.pipeline.target import Target

FINISHING = ("filters", "palette")
"""Key parts that decide what is done to a picture after it was drawn."""
SAME_WORDS = 0.4
"""From this share of common words on, a changed description still means the same picture."""


_LEAST_CHANGE = 0.03  # in OKLab: below it, nobody sees that something changed
_MOST_REDRAWN = 0.09  # what is farther off was not merely redrawn
_SMOOTHED_PX = 128


@dataclass(frozen=True)
class Edit:
    """The picture an image starts from; see `ImageRequest` for the four values.

    `parent` is the pixel hash of `before`. `keeps_finish` says that palette and filters are those
    of `before`, so that what stays can stay exactly. `redraw` is False where nothing is drawn anew
    and the pixels only pass the filters again.
    """

    before: Pixels
    before_prompt: str = ""
    region: Pixels | None = None
    strength: float = 1.0
    parent: str = ""
    keeps_finish: bool = True
    redraw: bool = True

    def applied_to(self, request: ImageRequest, target: Target) -> ImageRequest:
        """The request, starting from this picture.

        For a model that knows no clear pixels it stands on the background that the words ask for.
        """
        before, words = self.before, self.before_prompt
        if not target.backend.can_cut_out and before.shape[2] == 4:
            before = _on_ground(before, ground_colour(target.prompt))
            words = with_ground(words, target.ground) if words else ""
        return replace(
            request,
            before=before,
            before_prompt=words,
            region=self.region,
            strength=self.strength,
        )


def _on_ground(pixels: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """(h, w, 4) on a plain colour, opaque: (h, w, 4)."""
    alpha = pixels[..., 3:].astype(np.float32) / 255.0
    mixed = pixels[..., :3] * alpha + np.array(colour, np.float32) * (1.0 - alpha)
    out = np.full_like(pixels, 255)
    out[..., :3] = np.rint(mixed)
    return out


def edit_of(path: Path, target: Target) -> Edit | None:
    """How the target follows from the image at `path`; None where it is drawn from nothing.

    A backend that cannot edit follows nothing; what it would not draw a second time is kept.
    Only an image whose pixels are those the studio wrote is followed: what a hand changed is
    replaced when a forced build says so, and then wholly.
    """
    found = _as_written(path)
    if found is None:
        return _picked(path, target)
    before, provenance = found
    parent = provenance.pixel_hash
    if not _same_but_words(provenance.parts, target.parts):
        return None
    info = target.backend
    # The words that really made it: an older version that was put back was made by others.
    old, new = provenance.prompt, target.prompt
    same_finish = all(provenance.parts.get(k) == target.parts.get(k) for k in FINISHING)
    if old == new:
        if same_finish and provenance.parts.get("prompt") == new:
            return None  # nothing changed; a forced build draws it again
        if not provenance.parent and not same_finish and info.is_repeatable:
            return None  # drawn afresh it is the same picture, with more to choose colours from
        return Edit(before, old, parent=parent, keeps_finish=same_finish, redraw=False)
    if not info.can_edit or not still_meant(old, new):
        return None
    return Edit(before, old, parent=parent, keeps_finish=same_finish)


def _picked(path: Path, target: Target) -> Edit | None:
    """The pixels of the variant that was picked: nobody wants it drawn a second time."""
    twin = target.twin.rpartition("/")[2]
    found = _as_written(path.with_name(twin)) if twin else None
    if found is None or found[1].build_key != target.build_key:
        return None
    return Edit(found[0], found[1].prompt, redraw=False)


def _as_written(path: Path) -> tuple[Pixels, Provenance] | None:
    """Pixels and provenance of an image that is as the studio wrote it."""
    provenance = provenance_in(path)
    if provenance is None:
        return None
    try:
        pixels = decode_image(path)
    except (ImageError, OSError):
        return None
    return (pixels, provenance) if pixel_hash(pixels) == provenance.pixel_hash else None


def still_meant(old: str, new: str) -> bool:
    """Whether two descriptions share enough words to mean one picture that changed."""
    before, after = words_of(old.casefold()), words_of(new.casefold())
    common = difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()
    return common >= SAME_WORDS


def keep_unchanged(
    finished: Pixels, drawn: Pixels, edit: Edit, tileable: bool, placed: Pixels | None = None
) -> Pixels:
    """The finished picture with the pixels of the version before wherever the backend kept them.

    Filters look at whole pictures (which few colours serve it best), so that a new robe would
    shift the colours of the boots. `drawn` is what the backend answered. A large model answers with
    a picture that is nowhere the same to the bit: `placed` is its answer in the size and outline of
    the finished picture, before colours were chosen, and what differs no more than the rest of it
    counts as kept. Of a large one the two go over into each other, within what changed.
    """
    before = edit.before
    if not edit.keeps_finish or before.shape[:2] != finished.shape[:2]:
        return finished
    size = (before.shape[1], before.shape[0])
    channels = finished.shape[2]
    old = with_alpha(before)
    redrawn = placed is not None and placed.shape[:2] == before.shape[:2]
    if redrawn and placed is not None:
        kept = ~_changed(with_alpha(placed), old)
    else:
        kept = np.zeros(before.shape[:2], bool)
    is_large = redrawn and max(size) > _SMOOTHED_PX
    if not is_large:
        fitted = fit_to_size(drawn, size, wrap=tileable, pad=channels == 4)
        kept |= _alike(with_alpha(fitted), old)
    if edit.region is not None:
        kept |= edit.region == 0
    out = _gone_over(old, finished, ~kept) if is_large else finished.copy()
    out[kept] = old[..., :channels][kept]
    # Under clear pixels lies colour for the engine's filtering, which now may have other sources.
    return bleed_colour(out) if channels == 4 else out


def _gone_over(old: Pixels, new: Pixels, changed: NDArray[np.bool_]) -> Pixels:
    """`new` in the middle of what changed, and toward its rim more and more of `old`."""
    soft = gaussian_blur(changed.astype(np.float32), max(changed.shape) / 256, wrap=False)
    share = np.clip(2.0 * soft - 1.0, 0.0, 1.0)[..., None]
    mixed = to_linear_premultiplied(old) * (1.0 - share) + to_linear_premultiplied(new) * share
    out = from_linear_premultiplied(mixed.astype(np.float32), new.shape[2]).copy()
    whole = share[..., 0] == 1.0
    out[whole] = new[whole]
    return out


def _alike(a: Pixels, b: Pixels) -> NDArray[np.bool_]:
    """Where two RGBA pictures look the same, ``(h, w)``; clear is like clear."""
    clear = (a[..., 3] == 0) & (b[..., 3] == 0)
    same: NDArray[np.bool_] = clear | (a == b).all(axis=2)
    return same


def _changed(a: Pixels, b: Pixels) -> NDArray[np.bool_]:
    """Where two RGBA pictures differ by more than a redrawing does, ``(h, w)``, and a rim of that.

    What a redrawing does is measured on the picture itself, most of which is taken to be the same.
    """
    weight = np.minimum(a[..., 3], b[..., 3]).astype(np.float32) / 255.0
    gap = np.linalg.norm(srgb_to_oklab(a[..., :3]) - srgb_to_oklab(b[..., :3]), axis=2) * weight
    clear = np.abs(a[..., 3].astype(np.float32) - b[..., 3]) / 255.0
    gap = np.maximum(gap, 0.5 * clear).astype(np.float32)
    side = max(gap.shape)
    if side > _SMOOTHED_PX:  # no single pixels of noise
        gap = gaussian_blur(gap, side / 256, wrap=False)
    seen = (a[..., 3] > 0) | (b[..., 3] > 0)
    usual = float(np.median(gap[seen])) if seen.any() else 0.0
    changed = gap > min(_MOST_REDRAWN, max(_LEAST_CHANGE, 3.0 * usual))
    return grown(changed, 1 + side // 256)


def _same_but_words(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    told = {"prompt", "ground", *FINISHING}
    return {k: v for k, v in old.items() if k not in told} == {
        k: v for k, v in new.items() if k not in told
    }
