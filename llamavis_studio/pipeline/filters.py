"""The image operations a recipe can name, each with a version that is part of the build key.

To add one: write the function in `imaging`, give it a row in `FILTERS`, name it in a recipe. Raise
a row's version whenever its pixels change, so that what it touched is built again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llamavis_studio.core.errors import ProjectError, did_you_mean
from llamavis_studio.core.recipe import FilterStep
from llamavis_studio.imaging.alpha import (
    bleed_colour,
    fill_pinholes,
    remove_specks,
    threshold_alpha,
)
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.calm_wrap import calm_wrap, seam_stands_out
from llamavis_studio.imaging.cut_out import cut_out
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.fitting import fit_smoothly, to_pixel_art
from llamavis_studio.imaging.palette import limit_colours, snap_to_palette
from llamavis_studio.imaging.periodic import periodic_component
from llamavis_studio.imaging.pixel_grid import LEAST_PITCH_PX, to_true_pixels
from llamavis_studio.imaging.scale import fit_to_size
from llamavis_studio.imaging.seam_cut import LEAST_SIDE_PX, cut_seam
from llamavis_studio.imaging.seamless import make_tileable, seam_score
from llamavis_studio.imaging.upscale import upscale

Params = Mapping[str, Any]


@dataclass(frozen=True)
class FilterContext:
    """What a filter may know of its target: finished size (width, height), use, palette (n, 3)."""

    size_px: tuple[int, int]
    tileable: bool
    transparent: bool
    palette: Pixels | None = None
    tiles: bool = False
    """Whether the picture was drawn by a backend whose tiles meet at their edges."""
    notes: list[str] = field(default_factory=list, compare=False)
    """What did not go as asked; filters add to it."""


CUT_OUT_HINT = "ask for it 'on a plain background', or try another seed"
SEAM_LIMIT = 1.15
"""The gradient across a wrap over the mean one inside, above which an eye may find it."""
FilterFunction = Callable[[Pixels, FilterContext, Params], Pixels]


@dataclass(frozen=True)
class Filter:
    """One operation on sRGB pixels (h, w, 3 or 4), and its version."""

    apply: FilterFunction
    version: int


def filter_named(name: str) -> Filter:
    """A filter by name; raises ProjectError naming the nearest one."""
    if name not in FILTERS:
        hint = did_you_mean(name, FILTERS, "filters")
        raise ProjectError(f"there is no filter '{name}'", hint)
    return FILTERS[name]


def active_steps(steps: Sequence[FilterStep], has_palette: bool) -> tuple[FilterStep, ...]:
    """The steps that can change this target's pixels; only they enter its build key."""
    return tuple(step for step in steps if has_palette or step.name != "palette")


def key_of_steps(steps: Sequence[FilterStep]) -> list[list[Any]]:
    """Names, versions and parameters, as they enter the build key."""
    return [[step.name, filter_named(step.name).version, dict(step.params)] for step in steps]


def apply_steps(pixels: Pixels, steps: Sequence[FilterStep], context: FilterContext) -> Pixels:
    """All steps in order; the argument is not changed. Raises ImageError, ProjectError."""
    for step in steps:
        pixels = filter_named(step.name).apply(pixels, context, step.params)
    return pixels


def _true_pixels(pixels: Pixels, _context: FilterContext, _params: Params) -> Pixels:
    return to_true_pixels(pixels)


def _cut_out(pixels: Pixels, context: FilterContext, _params: Params) -> Pixels:
    """Frees the figure; where it cannot be told from its background, that stays and is noted."""
    found = cut_out(pixels)
    if found.problem:
        context.notes.append(f"{found.problem}, so the background stays: {CUT_OUT_HINT}")
    return found.pixels


def _pixel_art(pixels: Pixels, context: FilterContext, params: Params) -> Pixels:
    return to_pixel_art(
        pixels,
        context.size_px,
        wrap=context.tileable,
        pad=context.transparent,
        own_grid=bool(params.get("own_grid", True)),
    )


def _fit(pixels: Pixels, context: FilterContext, params: Params) -> Pixels:
    """Smoothly, unless it grows and a way of growing was asked for."""
    height, width = pixels.shape[:2]
    if "upscaling" in params and context.size_px[0] > width and context.size_px[1] > height:
        return _resize(pixels, context, params)
    return fit_smoothly(pixels, context.size_px, wrap=context.tileable, pad=context.transparent)


def _resize(pixels: Pixels, context: FilterContext, params: Params) -> Pixels:
    """Fits any size; a whole multiple may grow by another rule than repeated pixels."""
    way = str(params.get("upscaling", "nearest"))
    height, width = pixels.shape[:2]
    factor = context.size_px[0] // max(1, width)
    if way != "nearest" and factor > 1 and context.size_px == (factor * width, factor * height):
        if way in ("scale2x", "scale3x"):
            base = int(way[5])
            while factor % base == 0 and factor > 1:
                pixels = upscale(pixels, base, way, wrap=context.tileable)
                factor //= base
        else:
            pixels = upscale(pixels, factor, way, wrap=context.tileable)
    return fit_to_size(pixels, context.size_px, wrap=context.tileable, pad=context.transparent)


def _hard_alpha(pixels: Pixels, _context: FilterContext, params: Params) -> Pixels:
    share = float(params.get("threshold", 0.5))
    return threshold_alpha(pixels, min(255, max(1, round(share * 255))))


def _opaque(pixels: Pixels, _context: FilterContext, _params: Params) -> Pixels:
    """Three channels; what was clear takes the colour around it."""
    if pixels.shape[2] == 3:
        return pixels
    return bleed_colour(pixels, max(pixels.shape[:2]))[..., :3].copy()


def _seamless(pixels: Pixels, context: FilterContext, params: Params) -> Pixels:
    """Blends edges that do not meet, or (`cut`) joins them between what the texture shows, and cuts
    the plane where it is calm.

    Raises ImageError for a picture whose seam can still be seen.
    """
    if not context.tileable:
        return pixels
    small = pixels.shape[1] < LEAST_PITCH_PX * context.size_px[0]
    if params.get("while_large") and small:  # it is done later, at the size that is wanted
        return pixels
    limit = float(params.get("limit", SEAM_LIMIT))
    meets = context.tiles and not seam_stands_out(pixels)
    if not meets and seam_score(pixels) > limit:
        large = min(pixels.shape[:2]) >= LEAST_SIDE_PX
        pixels = cut_seam(pixels) if large and params.get("cut") else _blended(pixels, params)
        if seam_stands_out(pixels):
            raise ImageError(
                f"its seam shows: {seam_score(pixels):.2f} of what lies inside, at most {limit:g}"
            )
    return pixels if seam_score(pixels) <= limit else calm_wrap(pixels)


def _blended(pixels: Pixels, params: Params) -> Pixels:
    periodic = periodic_component(pixels)
    if not seam_stands_out(periodic):
        return periodic
    return make_tileable(pixels, float(params.get("band", 0.25)))


def _palette(pixels: Pixels, context: FilterContext, params: Params) -> Pixels:
    if context.palette is None:
        return pixels
    method = str(params.get("method", "bayer"))
    return snap_to_palette(pixels, context.palette, float(params.get("dither", 0.0)), method)


def _colours(pixels: Pixels, _context: FilterContext, params: Params) -> Pixels:
    return limit_colours(pixels, int(params.get("count", 16)), float(params.get("dither", 0.0)))


def _specks(pixels: Pixels, _context: FilterContext, params: Params) -> Pixels:
    cleaned = remove_specks(pixels, int(params.get("area", 3)))
    return fill_pinholes(cleaned, int(params.get("holes", 1)))


def _bleed(pixels: Pixels, _context: FilterContext, params: Params) -> Pixels:
    return bleed_colour(pixels, int(params.get("distance", 2)))


FILTERS: Mapping[str, Filter] = {
    "cut_out": Filter(_cut_out, 1),
    "true_pixels": Filter(_true_pixels, 1),
    "pixel_art": Filter(_pixel_art, 1),
    "fit": Filter(_fit, 1),
    "resize": Filter(_resize, 1),
    "hard_alpha": Filter(_hard_alpha, 1),
    "opaque": Filter(_opaque, 1),
    "seamless": Filter(_seamless, 2),
    "palette": Filter(_palette, 1),
    "colours": Filter(_colours, 1),
    "specks": Filter(_specks, 1),
    "bleed": Filter(_bleed, 1),
}
