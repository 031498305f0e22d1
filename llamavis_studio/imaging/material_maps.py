"""Base colour to the other maps of a material, as renderers read them: estimates, and good ones.

    maps = material_maps(base, ("normal", "orm"), tileable=True)

A picture does not say how high, rough or hollow a surface is. What is light is taken to stand out,
what differs from its surroundings to be rough, what lies lower than its surroundings to be in its
own shadow; the strengths are the user's. Colour is sRGB, all other maps are linear bytes
(h, w, 3). On tileable textures every neighbour is taken from across the edge, so the maps tile too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.alpha import bleed_colour
from llamavis_studio.imaging.arrays import Floats, Pixels, check_pixels
from llamavis_studio.imaging.blur import gaussian_blur
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.oklab import srgb_to_oklab

MAP_NAMES = ("base_color", "normal", "roughness", "metallic", "height", "occlusion", "orm")
VERSION = 1
"""Raise it whenever any map's pixels change: it is part of build keys."""

_DETAIL_SIGMA_PX = 1.5
_HOLLOWS_PX = (1.0, 2.0, 4.0)
_LEAST_ROUGHNESS = 0.045  # below it, highlights become points that flicker (Filament, section 4.8)
_FLAT = 1e-4
_LEAST_CONTRAST = 0.1  # of OKLab lightness; the height of fainter pictures stays shallower


@dataclass(frozen=True)
class MaterialParams:
    """How strongly each map says what it says."""

    normal_strength: float = 2.0
    """Steepness: how many texels a full step of height is worth, 0..16."""
    dark_is_high: bool = False
    """For mortar that bulges and engravings that are light."""
    smoothing_px: float = 0.5
    """Standard deviation of the blur of the height, 0..16: single texels are no mountains."""
    flattening: float = 0.7
    """How much of the large differences of light is taken out of the height, 0..1."""
    roughness: float = 0.8
    """Its mean, 0..1: 0 is a mirror, 1 is chalk."""
    roughness_contrast: float = 0.3
    """How far it differs over the surface, 0..1."""
    metallic: float = 0.0
    """0 for stone, wood and cloth, 1 for bare metal."""
    occlusion_strength: float = 1.0
    """How dark hollows are, 0..4."""

    def __post_init__(self) -> None:
        """Raises ImageError for a value outside its range."""
        for name, most in _RANGES.items():
            value = getattr(self, name)
            if not 0.0 <= value <= most:
                raise ImageError(f"{name} lies between 0 and {most:g}, not {value}")


_RANGES: Mapping[str, float] = {
    "normal_strength": 16.0,
    "smoothing_px": 16.0,
    "flattening": 1.0,
    "roughness": 1.0,
    "roughness_contrast": 1.0,
    "metallic": 1.0,
    "occlusion_strength": 4.0,
}


def material_maps(
    base: Pixels,
    wanted: Sequence[str],
    *,
    tileable: bool = False,
    params: MaterialParams | None = None,
) -> dict[str, Pixels]:
    """The wanted maps of a base colour (h, w, 3 or 4), by name, each (h, w, 3).

    Raises:
        ImageError: a map that does not exist.
    """
    for name in wanted:
        if name not in MAP_NAMES:
            raise ImageError(f"there is no map '{name}'; the maps are {', '.join(MAP_NAMES)}")
    params = params or MaterialParams()
    height = estimated_height(base, tileable=tileable, params=params)
    makers = {
        "base_color": lambda: base[..., :3].copy(),
        "height": lambda: _grey(height),
        "normal": lambda: normal_map(height, params.normal_strength, tileable=tileable),
        "roughness": lambda: _grey(_roughness(height, tileable, params)),
        "metallic": lambda: _grey(np.full(height.shape, params.metallic, np.float32)),
        "occlusion": lambda: _grey(occlusion(height, params.occlusion_strength, tileable=tileable)),
        "orm": lambda: packed_orm(height, tileable, params),
    }
    return {name: makers[name]() for name in wanted}


def estimated_height(
    base: Pixels, *, tileable: bool = False, params: MaterialParams | None = None
) -> Floats:
    """Height (h, w), 0..1, of a base colour: its OKLab lightness, flattened and stretched.

    A picture of one lightness is flat at 0.5. Clear pixels take the colour around them.
    """
    check_pixels(base)
    params = params or MaterialParams()
    if base.shape[2] == 4 and (base[..., 3] == 0).any():
        base = bleed_colour(base, max(base.shape[:2]))
    light = np.ascontiguousarray(srgb_to_oklab(base[..., :3])[..., 0], np.float32)
    if params.dark_is_high:
        light = 1.0 - light
    if params.flattening > 0:
        wide = gaussian_blur(light, max(base.shape[:2]) / 4, wrap=tileable)
        light = light - np.float32(params.flattening) * (wide - _mean(wide))
    if params.smoothing_px > 0:
        light = gaussian_blur(np.clip(light, 0, 1), params.smoothing_px, wrap=tileable)
    low, high = np.quantile(light, (0.01, 0.99))
    # Stretched from the middle, and not without end: a nearly even wall is no mountain range.
    reach = max(float(high - low), _LEAST_CONTRAST)
    stretched = np.clip((light - (low + high) / 2) / reach + 0.5, 0.0, 1.0)
    # Rounded, as a rolled tile may differ in the last bit.
    found: Floats = (np.rint(stretched * 65535) / 65535).astype(np.float32)
    return found


def normal_map(
    height: Floats | NDArray[np.uint8] | NDArray[np.uint16],
    strength: float = 1.0,
    *,
    tileable: bool = False,
) -> Pixels:
    """Height (h, w) to tangent space normals (h, w, 3) in OpenGL's way: +X right, +Y up, +Z out.

    `height` is 0..1, or 8 or 16 bit integers over their full range. Slopes are Sobel's, over the
    edge where it is `tileable`, else they go on beyond the border. A component is 128 + 127 times
    its value, so that level is exactly 128 and slopes to both sides are equally fine.

    Raises:
        ImageError: not one plane, or a strength outside 0..16.
    """
    values = _as_floats(height)
    if not 0.0 <= strength <= _RANGES["normal_strength"]:
        raise ImageError(f"normal_strength lies between 0 and 16, not {strength}")
    wide = _widened(values, tileable)
    # Sobel and Feldman 1968: differences along one axis, (1 2 1) / 4 smooth along the other.
    steps = wide[:, 2:] - wide[:, :-2]  # (h + 2, w), two texels apart
    right = steps[:-2] + steps[2:]
    right += 2.0 * steps[1:-1]
    steps = wide[2:] - wide[:-2]  # (h, w + 2)
    down = steps[:, :-2] + steps[:, 2:]
    down += 2.0 * steps[:, 1:-1]
    scale = np.float32(strength / 8.0)
    right *= -scale
    down *= scale  # rows go down, Y goes up
    length = right * right
    length += down * down
    length += 1.0
    np.sqrt(length, out=length)
    np.divide(np.float32(127.0), length, out=length)
    out = np.empty((*values.shape, 3), np.uint8)
    for channel, plane in enumerate((right, down, np.float32(1.0))):
        scaled = plane * length
        scaled += np.float32(128.5)  # and a half, to round
        out[..., channel] = scaled
    return out


def occlusion(height: Floats, strength: float = 1.0, *, tileable: bool = False) -> Floats:
    """How open each texel of a height (h, w) is, 1 open to 0 closed: how far it lies below its
    surroundings, near and wide.
    """
    if not 0.0 <= strength <= _RANGES["occlusion_strength"]:
        raise ImageError(f"occlusion_strength lies between 0 and 4, not {strength}")
    values = _as_floats(height)
    closed = np.zeros_like(values)
    for sigma_px in _HOLLOWS_PX:
        closed += np.maximum(gaussian_blur(values, sigma_px, wrap=tileable) - values, 0.0)
    closed *= np.float32(1.4 / len(_HOLLOWS_PX))
    # The blur rounds to 2**-20: flat ground must stay fully open.
    closed[closed < _FLAT] = 0.0
    found: Floats = np.clip(1.0 - strength * closed, 0.0, 1.0).astype(np.float32)
    return found


def packed_orm(height: Floats, tileable: bool, params: MaterialParams) -> Pixels:
    """Occlusion, roughness and metallic in red, green and blue, as glTF 2.0 packs them."""
    open_sky = occlusion(height, params.occlusion_strength, tileable=tileable)
    rough = _roughness(height, tileable, params)
    metal = np.full(height.shape, params.metallic, np.float32)
    return _bytes(np.stack([open_sky, rough, metal], axis=2))


def _roughness(height: Floats, tileable: bool, params: MaterialParams) -> Floats:
    detail = np.abs(height - gaussian_blur(height, _DETAIL_SIGMA_PX, wrap=tileable))
    most = float(np.quantile(detail, 0.98))
    if most < _FLAT:
        return np.full(height.shape, params.roughness, np.float32)
    share = np.minimum(detail / most, 1.0)
    found = params.roughness + params.roughness_contrast * (share - _mean(share))
    rough: Floats = np.clip(found, _LEAST_ROUGHNESS, 1.0).astype(np.float32)
    return rough


def _widened(values: Floats, tileable: bool) -> Floats:
    """One texel more on each side: from across the edge, or going on as steeply as inside."""
    if tileable:
        return np.pad(values, 1, mode="wrap")
    if min(values.shape) < 2:
        return np.pad(values, 1, mode="edge")
    return np.pad(values, 1, mode="reflect", reflect_type="odd")


def _mean(plane: Floats) -> np.float32:
    """The mean of a plane 0..1 with the same bits however the plane is rolled."""
    return np.float32(np.rint(plane.astype(np.float64) * 2**20).mean() / 2**20)


def _as_floats(height: Floats | NDArray[np.uint8] | NDArray[np.uint16]) -> Floats:
    if height.ndim != 2 or height.size == 0:
        raise ImageError(f"a height is one plane (h, w) with pixels, not {height.shape}")
    if height.dtype in (np.uint8, np.uint16):
        most = np.float32(255 if height.dtype == np.uint8 else 65535)
        found: Floats = height.astype(np.float32) / most
        return found
    return height.astype(np.float32, copy=False)


def _grey(plane: Floats) -> Pixels:
    return np.repeat(_bytes(plane)[..., None], 3, axis=2)


def _bytes(values: Floats) -> Pixels:
    found: Pixels = np.floor(np.clip(values, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return found
