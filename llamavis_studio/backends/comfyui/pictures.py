"""Pictures on their way to a server and back: sizes, masks and transparency.

A picture to start from goes out opaque, its clear parts white, at the size that is drawn. A marked
part goes out as clear pixels, or as a mask of its own: white and clear where it is drawn anew, so
that both ways of reading a mask agree. What comes back has the size of the version before, and its
very pixels outside the mark.
"""

from __future__ import annotations

import numpy as np

from llamavis_studio.backends.base import ImageRequest, Pixels, SizeRule
from llamavis_studio.imaging.arrays import with_alpha
from llamavis_studio.imaging.scale import scale_area_or_keep

_GROUND = 255  # white: what stands on nothing is drawn on paper
_NOTHING = 128  # grey: what a workflow that needs a picture gets where there is none


def picture_to_send(
    request: ImageRequest, size_px: tuple[int, int], masks_by_alpha: bool
) -> Pixels:
    """What a workflow starts from, (h, w, 3), or (h, w, 4) where its clear part is the mask."""
    width, height = size_px
    if request.before is None:
        colour = np.full((height, width, 3), _NOTHING, np.uint8)
    else:
        colour = flattened(scale_area_or_keep(with_alpha(request.before), size_px))
    if not masks_by_alpha:
        return colour
    clear = np.where(_marked(request, size_px), 0, 255).astype(np.uint8)
    return np.dstack([colour, clear])


def mask_to_send(request: ImageRequest, size_px: tuple[int, int]) -> Pixels:
    """The marked part (h, w, 4): white and clear where drawn anew, else black and opaque."""
    marked = _marked(request, size_px)
    mask = np.zeros((*marked.shape, 4), np.uint8)
    mask[..., 3] = 255
    mask[marked] = (255, 255, 255, 0)
    return mask


def finished(
    pixels: Pixels, request: ImageRequest, size_px: tuple[int, int] | None, cuts_out: bool
) -> Pixels:
    """A server's picture as the request wants it.

    Args:
        size_px: the size that was asked for; None where the workflow has its own.
        cuts_out: its alpha means something.
    """
    before = request.before
    wanted = size_px if before is None else (before.shape[1], before.shape[0])
    if wanted is not None:
        pixels = scale_area_or_keep(pixels, wanted)
    if request.transparent:
        pixels = with_alpha(pixels) if cuts_out else with_alpha(pixels[..., :3])
    elif cuts_out:
        pixels = flattened(pixels)
    else:
        pixels = pixels[..., :3]
    out = np.array(pixels, np.uint8)
    if before is not None and request.region is not None:
        kept = with_alpha(before)[..., : out.shape[2]]
        out[request.region == 0] = kept[request.region == 0]
    return out


def flattened(pixels: Pixels) -> Pixels:
    """(h, w, 3 or 4) on white paper, (h, w, 3)."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    mixed = pixels[..., :3].astype(np.uint16) * alpha + _GROUND * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def drawn_size(request: ImageRequest, sizes: SizeRule) -> tuple[int, int]:
    """The (width, height) to ask for: by the version before where there is one."""
    if request.before is None:
        return sizes.nearest(request.size_px)
    return sizes.nearest((request.before.shape[1], request.before.shape[0]))


def _marked(request: ImageRequest, size_px: tuple[int, int]) -> np.ndarray:
    """(h, w) bool: where anything of the mark is; everywhere without one."""
    if request.region is None or request.before is None:
        return np.ones((size_px[1], size_px[0]), np.bool_)
    painted = np.zeros((*request.region.shape, 4), np.uint8)
    painted[request.region > 0] = 255
    found: np.ndarray = scale_area_or_keep(painted, size_px)[..., 3] > 0
    return found
