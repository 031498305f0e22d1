"""The pixels of any image the studio can show, also those in the files of other programs."""

from __future__ import annotations

from pathlib import Path

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.foreign import foreign_pixels
from llamavis_studio.imaging.png import decode_image


def read_pixels(file: Path) -> Pixels:
    """The pixels (h, w, 3 or 4) of a file, sRGB with straight alpha. Raises ImageError, OSError."""
    try:
        return decode_image(file)
    except ImageError:
        pixels = foreign_pixels(file.read_bytes(), file.name)
        if pixels is None:
            raise
        return pixels
