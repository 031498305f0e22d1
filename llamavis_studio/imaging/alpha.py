"""Edges of cut-out pictures: clean alpha for pixel art, no stray specks, no dark fringes in an
engine.

Arrays are (h, w, 4) sRGB bytes with straight alpha; three-channel pictures count as opaque.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Pixels, linear_to_srgb, srgb_to_linear, with_alpha
from llamavis_studio.imaging.errors import ImageError

ANCHORS = {
    "top_left": (0.0, 0.0),
    "top": (0.5, 0.0),
    "top_right": (1.0, 0.0),
    "left": (0.0, 0.5),
    "centre": (0.5, 0.5),
    "right": (1.0, 0.5),
    "bottom_left": (0.0, 1.0),
    "bottom": (0.5, 1.0),
    "bottom_right": (1.0, 1.0),
}
"""Which share of the free room lies left of a picture and above it."""
PIVOT_RULES = ("bottom", "centre", "top", "centroid")
_SHARE_ROUNDING = 1e-9  # 0.29 * 100 is 28.999999999999996


def threshold_alpha(pixels: Pixels, threshold: int = 128) -> Pixels:
    """Alpha becomes 0 below `threshold` and 255 from it on; clear pixels become black."""
    if not 1 <= threshold <= 255:
        raise ImageError(f"an alpha threshold lies in 1..255, not {threshold}")
    out = with_alpha(pixels).copy()
    solid = out[..., 3] >= threshold
    out[~solid] = 0
    out[..., 3][solid] = 255
    return out


def remove_specks(pixels: Pixels, min_area_px: int = 4) -> Pixels:
    """Islands of visible pixels (joined by sides or corners) smaller than `min_area_px` become
    clear.

    The largest island always stays: a picture is never emptied.
    """
    out = with_alpha(pixels).copy()
    seen = out[..., 3] > 0
    labels, count = label_islands(seen)
    if count < 2:
        return out
    area = np.bincount(labels[seen], minlength=count)
    small = area < min_area_px
    small[int(np.argmax(area))] = False
    out[seen & small[labels]] = 0
    return out


def clear_ground(pixels: Pixels, tolerance: int = 24) -> Pixels:
    """An opaque picture on a plain ground, cut out: what is like all four corners and joined to the
    border becomes clear.

    `tolerance` is by how much a channel may differ, as JPEG noise does. Pictures with clear pixels,
    with unlike corners, or with nothing but ground come back as they are.
    """
    out = with_alpha(pixels).copy()
    colour = out[..., :3].astype(np.int16)
    corners = colour[[0, 0, -1, -1], [0, -1, 0, -1]]
    ground = np.median(corners, axis=0)
    if (out[..., 3] < 255).any() or (np.abs(corners - ground) > tolerance).any():
        return out
    alike = (np.abs(colour - ground) <= tolerance).all(axis=2)
    labels, _ = label_islands(alike)
    rim = np.zeros_like(alike)
    rim[[0, -1], :] = rim[:, [0, -1]] = True
    outside = alike & np.isin(labels, np.unique(labels[rim & alike]))
    if not outside.all():
        out[outside] = 0
    return out


def fill_pinholes(pixels: Pixels, max_area_px: int = 1) -> Pixels:
    """Clear holes of at most `max_area_px` that do not touch the border take the mean colour of
    their visible neighbours.
    """
    out = with_alpha(pixels).copy()
    holes = out[..., 3] == 0
    labels, count = label_islands(holes)
    if count == 0:
        return out
    area = np.bincount(labels[holes], minlength=count)
    small = area <= max_area_px
    rim = np.zeros_like(holes)
    rim[[0, -1], :] = rim[:, [0, -1]] = True
    small[np.unique(labels[rim & holes])] = False
    fill = holes & small[labels]
    if fill.any():
        bled = bleed_colour(out, max_area_px)
        out[..., :3][fill] = bled[..., :3][fill]
        out[..., 3][fill] = 255
    return out


def bleed_colour(pixels: Pixels, distance_px: int = 2) -> Pixels:
    """Colour spreads under clear pixels next to visible ones, so that filtering in an engine finds
    no black there.

    Alpha and visible pixels stay as they are; pixels farther than `distance_px` steps become clear
    black.
    """
    out = with_alpha(pixels).copy()
    known = out[..., 3] > 0
    out[~known] = 0
    linear = srgb_to_linear(out[..., :3])
    for _ in range(distance_px):
        if known.all() or not known.any():
            break
        total = np.zeros_like(linear)
        votes = np.zeros(known.shape, np.float32)
        padded = np.pad(linear, ((1, 1), (1, 1), (0, 0)))
        weight = np.pad(known.astype(np.float32), 1)
        height, width = known.shape
        for dy in range(3):
            for dx in range(3):
                mask = weight[dy : dy + height, dx : dx + width]
                total += padded[dy : dy + height, dx : dx + width] * mask[..., None]
                votes += mask
        fresh = ~known & (votes > 0)
        linear[fresh] = total[fresh] / votes[fresh][:, None]
        out[..., :3][fresh] = linear_to_srgb(linear[fresh])
        known = known | fresh
    return out


def trim(pixels: Pixels, margin_px: int = 0) -> tuple[Pixels, tuple[int, int]]:
    """The smallest part that holds all visible pixels, plus a margin, and its corner (x, y) in the
    original.

    A fully clear picture comes back whole, with corner (0, 0).
    """
    rgba = with_alpha(pixels)
    seen = rgba[..., 3] > 0
    if not seen.any():
        return rgba, (0, 0)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    top, left = max(0, int(rows[0]) - margin_px), max(0, int(columns[0]) - margin_px)
    bottom, right = int(rows[-1]) + 1 + margin_px, int(columns[-1]) + 1 + margin_px
    return np.ascontiguousarray(rgba[top:bottom, left:right]), (left, top)


def pad_to_size(
    pixels: Pixels, size_px: tuple[int, int], anchor: str | tuple[float, float] = "centre"
) -> Pixels:
    """The picture (h, w, 3 or 4) on a clear canvas of (width, height): (height, width, 4).

    `anchor` says where the free room is not: (0, 0) holds the picture at the top left, (1, 1) at
    the bottom right; or a name of ANCHORS. Odd room in the middle: the smaller half is left and
    above.

    Raises:
        ImageError: the picture is larger than the canvas, an unknown anchor.
    """
    rgba = with_alpha(pixels)
    (height, width), (wide, high) = rgba.shape[:2], size_px
    if width > wide or height > high:
        raise ImageError(
            f"a picture of {width}x{height} does not fit into {wide}x{high}: scale or trim it first"
        )
    if isinstance(anchor, str):
        if anchor not in ANCHORS:
            raise ImageError(f"an anchor is {', '.join(ANCHORS)} or two shares, not {anchor!r}")
        anchor = ANCHORS[anchor]
    if not all(0.0 <= share <= 1.0 for share in anchor):
        raise ImageError(f"the shares of an anchor lie in 0..1, not {anchor}")
    left, top = (
        int(room * share + _SHARE_ROUNDING)
        for room, share in zip((wide - width, high - height), anchor, strict=True)
    )
    out = np.zeros((high, wide, 4), np.uint8)
    out[top : top + height, left : left + width] = rgba
    return out


def pivot_of(pixels: Pixels, rule: str = "bottom") -> tuple[float, float]:
    """The point (x, y) in pixels that an engine holds a sprite by; (0, 0) is the upper left corner
    of the picture and (width, height) the lower right one.

    `rule` is "bottom" (middle of the lower edge of what is visible: where a figure stands),
    "centre" (middle of what is visible), "top", or "centroid" (mean of the pixels by their alpha).
    A fully clear picture counts as visible everywhere.

    Raises:
        ImageError: an unknown rule.
    """
    if rule not in PIVOT_RULES:
        raise ImageError(f"a pivot is {', '.join(PIVOT_RULES)}, not {rule!r}")
    alpha = with_alpha(pixels)[..., 3].astype(np.float64)
    if not alpha.any():
        alpha[:] = 255.0
    columns, rows = np.flatnonzero(alpha.any(axis=0)), np.flatnonzero(alpha.any(axis=1))
    left, right = float(columns[0]), float(columns[-1]) + 1.0
    top, bottom = float(rows[0]), float(rows[-1]) + 1.0
    if rule == "centroid":
        x = np.average(np.arange(alpha.shape[1]) + 0.5, weights=alpha.sum(axis=0))
        y = np.average(np.arange(alpha.shape[0]) + 0.5, weights=alpha.sum(axis=1))
        return float(x), float(y)
    heights = {"bottom": bottom, "centre": (top + bottom) / 2, "top": top}
    return (left + right) / 2, heights[rule]


def label_islands(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Islands of a boolean (h, w), joined by sides or corners: numbers 0.. inside, 0 outside, and
    how many there are.

    Works on horizontal runs, so that its time follows the outline and not the area.
    """
    height, width = mask.shape
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    run_row, run_start = np.nonzero(edges == 1)
    run_stop = np.nonzero(edges == -1)[1]
    parent = list(range(len(run_row)))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first = np.searchsorted(run_row, np.arange(height + 1)).tolist()
    start, stop = run_start.tolist(), run_stop.tolist()
    for row in range(1, height):
        above, here = first[row - 1], first[row]
        while above < first[row] and here < first[row + 1]:
            if start[above] <= stop[here] and start[here] <= stop[above]:
                low, high = sorted((find(above), find(here)))
                parent[high] = low
            if stop[above] < stop[here]:
                above += 1
            else:
                here += 1
    roots = [find(i) for i in range(len(parent))]
    names = {root: name for name, root in enumerate(sorted(set(roots)))}
    labels = np.zeros((height, width), np.intp)
    for i, root in enumerate(roots):
        labels[run_row[i], start[i] : stop[i]] = names[root]
    return labels, len(names)
