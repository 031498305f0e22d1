"""What goes wrong inside decoders, and how large a picture may be."""

from __future__ import annotations

import struct
import zipfile
import zlib

from PIL import Image

from llamavis_studio.imaging.errors import ImageError

MOST_SIDE = 16_384
MOST_PIXELS = 64_000_000

DECODER_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    MemoryError,
    RuntimeError,
    RecursionError,
    NotImplementedError,
    Warning,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    Image.DecompressionBombError,
)
"""What Pillow, zipfile and zlib let through for broken input; wider than one would like, as readers
in Python trip over a hostile file in any way.
"""


def check_size(width: int, height: int) -> None:
    """Raises ImageError, with the numbers, for a size that is refused before decoding."""
    if width < 1 or height < 1:
        raise ImageError(f"the picture has no pixels: its size is {width}x{height}")
    if width > MOST_SIDE or height > MOST_SIDE:
        raise ImageError(
            f"the picture is {width}x{height}, but {MOST_SIDE} pixels on a side are the most"
        )
    if width * height > MOST_PIXELS:
        raise ImageError(
            f"the picture is {width}x{height}, that is {width * height / 1e6:.0f} million pixels; "
            f"{MOST_PIXELS // 1_000_000} million are the most"
        )
