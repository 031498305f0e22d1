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
from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, pixel_hash
from llamavis_studio.imaging.scale import fit_to_size
from llamavis_studio.pipeline.notes import provenance_in
from llamavis_studio.pipeline.reasons import words_of
from llamavis_studio.pipeline.target import Target

FINISHING = ("filters", "palette")
"""Key parts that decide what is done to a picture after it was drawn."""
SAME_WORDS = 0.4
"""From this share of common words on, a changed description still means the same picture."""


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

    def applied_to(self, request: ImageRequest) -> ImageRequest:
        """The request, starting from this picture."""
        return replace(
            request,
            before=self.before,
            before_prompt=self.before_prompt,
            region=self.region,
            strength=self.strength,
        )


def edit_of(path: Path, target: Target) -> Edit | None:
    """How the target follows from the image at `path`; None where it is drawn from nothing.

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
    # The words that really made it: an older version that was put back was made by others.
    old, new = provenance.prompt, target.prompt
    same_finish = all(provenance.parts.get(k) == target.parts.get(k) for k in FINISHING)
    if old == new:
        if same_finish and provenance.parts.get("prompt") == new:
            return None  # nothing changed; a forced build draws it again
        if not provenance.parent and not same_finish:
            return None  # drawn afresh it is the same picture, with more to choose colours from
        return Edit(before, old, parent=parent, keeps_finish=same_finish, redraw=False)
    if not still_meant(old, new):
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


def keep_unchanged(finished: Pixels, drawn: Pixels, edit: Edit, tileable: bool) -> Pixels:
    """The finished picture with the pixels of the version before wherever the backend kept them.

    Filters look at whole pictures (which few colours serve it best), so that a new robe would
    shift the colours of the boots. `drawn` is what the backend answered.
    """
    before = edit.before
    if not edit.keeps_finish or before.shape[:2] != finished.shape[:2]:
        return finished
    size = (before.shape[1], before.shape[0])
    fitted = fit_to_size(drawn, size, wrap=tileable, pad=finished.shape[2] == 4)
    kept = _alike(with_alpha(fitted), with_alpha(before))
    if edit.region is not None:
        kept |= edit.region == 0
    channels = finished.shape[2]
    out = finished.copy()
    out[kept] = with_alpha(before)[..., :channels][kept]
    # Under clear pixels lies colour for the engine's filtering, which now may have other sources.
    return bleed_colour(out) if channels == 4 else out


def _alike(a: Pixels, b: Pixels) -> NDArray[np.bool_]:
    """Where two RGBA pictures look the same, ``(h, w)``; clear is like clear."""
    clear = (a[..., 3] == 0) & (b[..., 3] == 0)
    same: NDArray[np.bool_] = clear | (a == b).all(axis=2)
    return same


def _same_but_words(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    told = {"prompt", *FINISHING}
    return {k: v for k, v in old.items() if k not in told} == {
        k: v for k, v in new.items() if k not in told
    }
