"""What can be told about an image file without a model: one call a file, made for a hundred
thousand of them.

    found = inspect_image(data, "brick_albedo.png")
    found.kind, found.colours, found.problem

The order: `raster` reads the header and unpacks the picture, `looks` measures it, `image_kinds` and
`asset_names` say what it is. Nothing here raises for bad content; `problem` says what is wrong.
"""

from __future__ import annotations

from typing import NamedTuple

from llamavis_studio.imaging.asset_names import frame_number, kind_by_name, map_set
from llamavis_studio.imaging.colour_cells import cells_near, colour_cell
from llamavis_studio.imaging.decoder_errors import DECODER_ERRORS
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.image_kinds import kind_by_pixels
from llamavis_studio.imaging.looks import Colour, look_at
from llamavis_studio.imaging.raster import Picture, read_picture

__all__ = [
    "Inspected",
    "cells_near",
    "colour_cell",
    "frame_number",
    "inspect_image",
    "kind_by_name",
    "map_set",
]


class Inspected(NamedTuple):
    """What is known of one image file; sizes in pixels, 0 where unknown.

    A named tuple: a frozen dataclass takes several times as long to make, and a file makes one.
    """

    format: str = ""
    """PNG, JPEG, WEBP, GIF, BMP, TGA, TIFF, SVG, PSD, KRA, ORA, ASEPRITE, XCF, BLEND; or ""."""
    width: int = 0
    height: int = 0
    mode: str = ""
    """Pillow's name of how pixels are stored: RGBA, RGB, L, P, I;16, ..."""
    has_alpha: bool = False
    """Some pixel is not opaque."""
    frames: int = 1
    kind: str = ""
    """texture, sprite, sheet, icon, photo, background, normal, base_color, roughness, metallic,
    occlusion, height, orm, emissive or animation; "" without pixels and without a telling name."""
    dhash: int = 0
    """Difference hash over middle grey, 64 bits, signed."""
    flat: bool = True
    """The hash says nothing: there is no change, or no pixels."""
    colours: tuple[Colour, ...] = ()
    """At most six of (cell, r, g, b, share), the largest share first."""
    seam: float | None = None
    """As `seamless.seam_score`; None where a tile is out of the question."""
    pixel_art: bool = False
    problem: str = ""
    """What is wrong with the file, "" when nothing is."""
    note: str = ""
    """What is odd but does no harm."""


def inspect_image(data: bytes, name: str) -> Inspected:
    """Everything that can be told about an image file from its bytes and its name."""
    picture = Picture()
    problem = ""
    try:
        read_picture(data, name, picture, rough=True)
        if picture.image is not None:
            return _measured(picture, name)
    except ImageError as error:
        problem = str(error)
    except DECODER_ERRORS as error:
        problem = f"the {picture.format} could not be read: {error}"
    return Inspected(
        format=picture.format,
        width=picture.width,
        height=picture.height,
        mode=picture.mode,
        frames=picture.frames,
        kind=kind_by_name(name) or ("icon" if picture.format == "SVG" else ""),
        problem=problem,
        note=picture.note,
    )


def _measured(picture: Picture, name: str) -> Inspected:
    image = picture.image
    assert image is not None
    looks = look_at(image)
    kind = kind_by_name(name, opaque=not looks.has_alpha)
    if not kind:
        kind = "animation" if picture.frames > 1 else kind_by_pixels(image, looks, picture)
    return Inspected(
        picture.format,
        picture.width,
        picture.height,
        picture.mode,
        looks.has_alpha,
        picture.frames,
        kind,
        looks.dhash,
        looks.flat,
        looks.colours,
        looks.seam,
        looks.pixel_art,
        "",
        picture.note,
    )
