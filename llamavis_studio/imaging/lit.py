"""A material under one lamp: on a sphere, or on a flat wall of its tiles.

    levels = prepared(Surface(base, normal=..., roughness=...))   once, whole, half, quarter ...
    shape = sphere(levels[0], 220)             everything that no lamp changes
    picture = shape.shade((0.4, 0.6, 1.2))     a frame, as often as the lamp moves

The eye looks along -Z from far away, +X is right and +Y up. The light is a microfacet model with
GGX's distribution of normals (Walter, Marschner, Li, Torrance 2007, "Microfacet Models for
Refraction through Rough Surfaces"), the visibility that Hammon gave for it (2017, "PBR Diffuse
Lighting for GGX+Smith Microsurfaces"), Schlick's Fresnel term (1994) and Lambert's diffuse one,
put together as in Guy and Agopian, "Physically Based Rendering in Filament", section 4. Light is
added up in linear values; sRGB comes in and goes out (IEC 61966-2-1). What is brighter than half of
white is pressed together, so that highlights keep their shape.

Normals are those of tangent space in OpenGL's way, as `material_maps.normal_map` writes them:
128 + 127 times a component, +Y up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Floats, Pixels
from llamavis_studio.imaging.errors import ImageError

Lamp = tuple[float, float, float]
"""Where the lamp is: a sphere has the radius 1, a wall is as high as from -1 to 1."""

_DIELECTRIC = 0.04  # what stone, wood and cloth mirror when seen straight on (Filament, 4.8.3.2)
_LEAST_ALPHA = 0.045**2  # see material_maps: below it, highlights become points that flicker
_LAMP = 2.6  # what a white wall would give back under the lamp at its usual distance
_SKY, _GROUND = 0.24, 0.09  # light from everywhere, so that shadows are not holes
_MOST_LIGHT = 4.0  # of the table from linear light to sRGB; more is white
_STEPS = 8192  # of that table
_SMALLEST_PX = 16  # of a side; a level below it says nothing of the material


@dataclass(frozen=True)
class Surface:
    """The maps of a material, all of one size: `base` (h, w, 3 or 4) sRGB bytes, `normal` (h, w, 3)
    linear bytes, the others one plane of linear bytes (h, w). What is None is flat, of the
    roughness 0.8, no metal, open to the sky.

    Raises:
        ImageError: maps of different sizes.
    """

    base: Pixels
    normal: Pixels | None = None
    roughness: Pixels | None = None
    metallic: Pixels | None = None
    occlusion: Pixels | None = None
    tileable: bool = True

    def __post_init__(self) -> None:
        """Checks the sizes."""
        for plane in (self.normal, self.roughness, self.metallic, self.occlusion):
            if plane is not None and plane.shape[:2] != self.base.shape[:2]:
                raise ImageError("the maps of a material have one size")


@dataclass(frozen=True)
class Texels:
    """A surface as light sees it: `planes` (11, h * w) are normal (3), diffuse colour (3), colour
    mirrored straight on (3), squared roughness and openness, all linear. `size` is (h, w).
    """

    size: tuple[int, int]
    planes: Floats = field(repr=False)
    tileable: bool


def prepared(surface: Surface) -> tuple[Texels, ...]:
    """A surface whole, then each time half as large, for pictures in which it is small."""
    height, width = surface.base.shape[:2]
    planes = _planes(surface)
    levels = [Texels((height, width), planes.reshape(len(planes), -1), surface.tileable)]
    while min(height, width) >= 2 * _SMALLEST_PX and height % 2 == width % 2 == 0:
        height, width = height // 2, width // 2
        planes = planes.reshape(len(planes), height, 2, width, 2).mean(axis=(2, 4))
        planes[:3] /= np.maximum(np.sqrt((planes[:3] ** 2).sum(axis=0)), 1e-4)
        planes = planes.astype(np.float32)
        levels.append(Texels((height, width), planes.reshape(len(planes), -1), surface.tileable))
    return tuple(levels)


def _planes(surface: Surface) -> Floats:
    """The planes of `Texels`, (11, h, w)."""

    def plane(pixels: Pixels | None, value: float) -> Floats:
        if pixels is None:
            return np.full(surface.base.shape[:2], value, np.float32)
        return pixels.astype(np.float32) / np.float32(255)

    out = np.empty((11, *surface.base.shape[:2]), np.float32)
    out[:3] = np.array([0.0, 0.0, 1.0], np.float32)[:, None, None]
    if surface.normal is not None:
        out[:3] = np.moveaxis((surface.normal.astype(np.float32) - 128.0) / 127.0, 2, 0)
        out[:3] /= np.maximum(np.sqrt((out[:3] ** 2).sum(axis=0)), 1e-4)
    base = np.moveaxis(_LINEAR[surface.base[..., :3]], 2, 0)  # (3, h, w)
    metal = plane(surface.metallic, 0.0)
    out[3:6] = base * (1.0 - metal)
    out[6:9] = np.float32(_DIELECTRIC) * (1.0 - metal) + base * metal
    out[9] = np.maximum(plane(surface.roughness, 0.8) ** 2, np.float32(_LEAST_ALPHA))
    out[10] = plane(surface.occlusion, 1.0)
    return out


@dataclass(frozen=True)
class Shape:
    """A material on something, ready to be lit. P pixels of the picture show it.

    `size` is (height, width), `inside` (h, w) says where those pixels are; `place` and `normal` are
    (3, P), as is `bare`, the normals of a sphere without its material.
    """

    size: tuple[int, int]
    inside: NDArray[np.bool_] = field(repr=False)
    place: Floats = field(repr=False)
    normal: Floats = field(repr=False)
    bare: Floats | None = field(repr=False)
    diffuse: Floats = field(repr=False)  # (3, P) linear
    mirror: Floats = field(repr=False)  # (3, P): F0
    alpha: Floats = field(repr=False)  # (P,): roughness squared
    glow: Floats = field(repr=False)  # (3, P): light from everywhere
    cover: Pixels = field(repr=False)  # (P,): opacity, soft at the rim of a sphere
    usual: float  # the lamp's distance at which it has its full strength

    def shade(self, lamp: Lamp) -> Pixels:
        """The picture under a lamp: sRGB (h, w, 4) with straight alpha."""
        ray = np.empty_like(self.place)
        for axis, at in enumerate(lamp):
            np.subtract(np.float32(at), self.place[axis], out=ray[axis])
        far = _dot(ray, ray)
        np.maximum(far, np.float32(1e-4), out=far)
        ray *= 1.0 / np.sqrt(far)
        cos_light = _dot(self.normal, ray)
        # The half vector lies between the lamp and the eye, which is at (0, 0, 1).
        half = np.sqrt((1.0 + ray[2]).clip(1e-6) * np.float32(0.5))  # its cosine to both
        cos_half = ((cos_light + self.normal[2]) / (2.0 * half)).clip(0.0, 1.0)
        np.clip(cos_light, 0.0, 1.0, out=cos_light)
        cos_eye = self.normal[2].clip(1e-3, 1.0)
        shine = self._shine(cos_light, cos_half, cos_eye)
        # 1 / r^2 of a lamp that is no point: near things are bright, none are burnt.
        reach = np.float32(2.0 * self.usual**2) / (far + np.float32(self.usual**2))
        power = cos_light * reach * np.float32(_LAMP)
        if self.bare is not None:  # what is behind the sphere's own edge gets nothing
            power *= (_dot(self.bare, ray) * np.float32(6.0)).clip(0.0, 1.0)
        fresnel = (1.0 - half) ** 5
        out = np.empty((len(fresnel), 4), np.uint8)
        for channel in range(3):
            mirrored = self.mirror[channel] + (1.0 - self.mirror[channel]) * fresnel
            light = self.diffuse[channel] * (1.0 - mirrored)
            mirrored *= shine
            light += mirrored
            light *= power
            light += self.glow[channel]
            light *= np.float32((_STEPS - 1) / _MOST_LIGHT)
            np.minimum(light, np.float32(_STEPS - 1), out=light)
            out[:, channel] = _TABLE[light.astype(np.uint16)]
        out[:, 3] = self.cover
        if self.inside.all():
            return out.reshape(*self.size, 4)
        picture = np.zeros((*self.size, 4), np.uint8)
        picture[self.inside] = out
        return picture

    def _shine(self, cos_light: Floats, cos_half: Floats, cos_eye: Floats) -> Floats:
        """Distribution and visibility, times pi, as the lamp's strength is over pi: (P,)."""
        alpha, one = self.alpha, np.float32(1.0)
        square = alpha * alpha
        spread = cos_half * cos_half * (square - one) + one
        spread *= spread
        both = np.float32(2.0) * cos_light * cos_eye
        seen = both + (cos_light + cos_eye - both) * alpha
        seen = np.maximum(seen * spread, np.float32(1e-6))
        found: Floats = (square / (seen + seen)).astype(np.float32, copy=False)
        return found


@dataclass(frozen=True)
class _Ball:
    """The pixels of a sphere `side` wide, P of them, as `Shape` names them; `turn` is how far
    around it a pixel is and `fall` how far down, each 0..1 (P,).
    """

    inside: NDArray[np.bool_]
    frame: tuple[Floats, Floats, Floats]  # east, north, out: (3, P)
    turn: Floats
    fall: Floats
    cover: Pixels


@lru_cache(maxsize=2)
def _ball(side: int) -> _Ball:
    middle, radius = np.float32((side - 1) / 2), np.float32(side / 2 - 0.5)
    line = (np.arange(side, dtype=np.float32) - middle) / radius
    across, up = np.broadcast_arrays(line[None, :], -line[:, None])  # (h, w)
    far = np.sqrt(across * across + up * up)
    rim = np.float32(0.5) / radius
    inside = far <= 1.0 + rim
    far = far[inside]
    shrink = np.minimum(np.float32(1.0), np.float32(0.9999) / np.maximum(far, np.float32(1e-6)))
    x, y = across[inside] * shrink, up[inside] * shrink  # the rim's half pixels lie on the edge
    z = np.sqrt(1.0 - x * x - y * y)
    round_ = np.sqrt(x * x + z * z)
    east = np.stack([z / round_, np.zeros_like(z), -x / round_])
    north = np.stack([-y * x / round_, round_, -y * z / round_])
    cover = np.rint(((1.0 + rim - far) / (2 * rim)).clip(0, 1) * 255).astype(np.uint8)
    turn = np.arctan2(x, z) / np.float32(np.pi) + np.float32(0.5)
    fall = np.float32(0.5) - np.arcsin(y) / np.float32(np.pi)
    return _Ball(inside, (east, north, np.stack([x, y, z])), turn, fall, cover)


def sphere(texels: Texels, side_px: int, repeats: int = 2) -> Shape:
    """The material around a sphere, `repeats` times from its left edge to its right.

    The picture is `side_px` square, at least 4. Tiles run along longitude and latitude.
    """
    ball = _ball(max(4, side_px))
    height, width = texels.size
    column = (ball.turn * np.float32(repeats * width)).astype(np.int32) % width
    row = (ball.fall * np.float32(repeats * width)).astype(np.int32) % height
    east, north, out = ball.frame
    return _shape(ball.inside, out, (east, north, out), texels, row * width + column, ball.cover,
                  usual=1.4)  # fmt: skip


def wall(texels: Texels, size_px: tuple[int, int]) -> Shape:
    """The material on a flat wall that faces the eye, a texel a pixel, a tile in the middle.

    `size_px` is (width, height). A material that does not tile stands alone on clear pixels.
    """
    width, height = size_px
    tall, wide = texels.size
    row = np.arange(height, dtype=np.int32) - (height - tall) // 2
    column = np.arange(width, dtype=np.int32) - (width - wide) // 2
    inside = np.ones((height, width), bool)
    if not texels.tileable:
        inside = ((row >= 0) & (row < tall))[:, None] & ((column >= 0) & (column < wide))[None, :]
    at = ((row % tall) * wide)[:, None] + (column % wide)[None, :]
    half = np.float32(height / 2)
    x = (np.arange(width, dtype=np.float32) + np.float32(0.5 - width / 2)) / half
    y = -(np.arange(height, dtype=np.float32) + np.float32(0.5 - height / 2)) / half
    place = np.zeros((3, int(inside.sum())), np.float32)
    place[0] = np.broadcast_to(x[None, :], inside.shape)[inside]
    place[1] = np.broadcast_to(y[:, None], inside.shape)[inside]
    cover = np.full(place.shape[1], 255, np.uint8)
    return _shape(inside, place, None, texels, at[inside], cover, usual=0.6)


def _shape(
    inside: NDArray[np.bool_],
    place: Floats,
    frame: tuple[Floats, Floats, Floats] | None,
    texels: Texels,
    at: NDArray[np.int32],
    cover: Pixels,
    usual: float,
) -> Shape:
    """Pixels that show the texels `at`; `frame` is tangent, bitangent and normal, each (3, P)."""
    seen = np.take(texels.planes, at, axis=1)  # (11, P)
    normal, diffuse, mirror = seen[:3], seen[3:6], seen[6:9]
    if frame is not None:
        east, north, out = frame
        normal = east * normal[0] + north * normal[1] + out * normal[2]
    sky = normal[1] * np.float32((_SKY - _GROUND) / 2) + np.float32((_SKY + _GROUND) / 2)
    glow = (diffuse + mirror * np.float32(0.6)) * (sky * seen[10])
    bare = None if frame is None else frame[2]
    size = (inside.shape[0], inside.shape[1])
    return Shape(size, inside, place, normal, bare, diffuse, mirror, seen[9], glow, cover, usual)


def _dot(first: Floats, second: Floats) -> Floats:
    """Of columns: (3, P), (3, P) to (P,)."""
    found: Floats = np.einsum("cp,cp->p", first, second)
    return found


def _linear_table() -> Floats:
    """sRGB bytes to linear light: (256,)."""
    value = np.arange(256, dtype=np.float64) / 255
    high = ((value + 0.055) / 1.055) ** 2.4
    found: Floats = np.where(value <= 0.04045, value / 12.92, high).astype(np.float32)
    return found


def _srgb_table() -> Pixels:
    """Linear light from 0 to `_MOST_LIGHT`, in `_STEPS`, to sRGB bytes with a soft shoulder."""
    light = np.arange(_STEPS, dtype=np.float64) / (_STEPS - 1) * _MOST_LIGHT
    light = np.where(light <= 0.5, light, 1.0 - 0.5 * np.exp(-(light - 0.5) / 0.5))
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    found: Pixels = np.rint(value * 255).astype(np.uint8)
    return found


_LINEAR, _TABLE = _linear_table(), _srgb_table()
