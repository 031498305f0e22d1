"""Small pictures for lists: crisp where the picture is pixel art, smooth where it is not, moving
where it moves.

    thumbnail_png(data, "hero.gif", 128)      # PNG bytes; an APNG for what is animated

Frames of an animation are unpacked one after another and made small at once, so that memory does
not grow with their number.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from PIL import GifImagePlugin, Image, ImageFile, PngImagePlugin, WebPImagePlugin

from llamavis_studio.imaging.arrays import Pixels, array_to_image, image_to_array, with_alpha
from llamavis_studio.imaging.decoder_errors import DECODER_ERRORS, check_size
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.looks import fitted, look_at
from llamavis_studio.imaging.raster import Picture, format_of, read_picture

Box = tuple[int, int, int, int]  # x, y, width, height

_FRAME_MS = 100
_MOST_SHOWN = 12
_MOST_FRAME_STEPS = 2000  # frames that are passed over on the way to those that are shown
_MOST_FRAME_PIXELS = 256_000_000  # that these steps may unpack
_COMPRESS_LEVEL = 6  # fixed: equal inputs give equal bytes
_MOVING: dict[str, Callable[[io.BytesIO, str], ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}


def thumbnail(pixels: Pixels, side: int = 128) -> Pixels:
    """(h, w, 3 or 4) to (h, w, 4) of at most `side` x `side`, sRGB with straight alpha.

    Pixel art is enlarged by the largest whole factor that fits, or reduced to every n-th pixel, so
    that no colour is mixed; everything else is reduced smoothly and never enlarged. What is clear
    lends no colour to what is not.

    Raises:
        ImageError: no pixels, or `side` below 1.
    """
    if side < 1:
        raise ImageError(f"a thumbnail has at least 1 pixel on a side, not {side}")
    rgba = array_to_image(with_alpha(pixels))
    return np.array(_reduced(rgba, side, look_at(rgba).pixel_art), np.uint8)


def frames_of(data: bytes, most: int = 12) -> list[Pixels]:
    """The frames (h, w, 4) of an animated GIF, PNG or WebP, `most` of them at equal distances; the
    one picture of any other file.

    Raises:
        ImageError: the file cannot be read.
    """
    return [np.array(frame, np.uint8) for frame, _ in _frames(data, "", most)]


def sheet_frames(pixels: Pixels, table: Iterable[Box]) -> list[Pixels]:
    """The pictures (h, w, 4) that boxes (x, y, width, height) cut from a sheet, without what lies
    beyond it.

    Raises:
        ImageError: a box that has no pixel of the sheet.
    """
    rgba = with_alpha(pixels)
    height, width = rgba.shape[:2]
    out: list[Pixels] = []
    for x, y, w, h in table:
        cut = rgba[max(y, 0) : min(y + h, height), max(x, 0) : min(x + w, width)]
        if w < 1 or h < 1 or cut.size == 0:
            raise ImageError(f"the box {x}, {y}, {w}x{h} lies outside a sheet of {width}x{height}")
        out.append(cut.copy())
    return out


def thumbnail_png(data: bytes, name: str, side: int = 128, table: Sequence[Box] = ()) -> bytes:
    """PNG bytes of a file's thumbnail, also of other programs' files; an APNG where it is animated,
    or where a sheet's `table` names several pictures on it.

    Raises:
        ImageError: why there is no picture.
    """
    if side < 1:
        raise ImageError(f"a thumbnail has at least 1 pixel on a side, not {side}")
    small: list[Image.Image] = []
    times_ms: list[int] = []
    pixel_art: bool | None = None
    frames = _cut_frames(data, name, table) if len(table) > 1 else _frames(data, name, _MOST_SHOWN)
    for frame, duration_ms in frames:
        if pixel_art is None:
            pixel_art = look_at(frame).pixel_art
        small.append(_reduced(frame, side, pixel_art))
        times_ms.append(duration_ms)
    stream = io.BytesIO()
    if len(small) == 1:
        small[0].save(stream, "PNG", compress_level=_COMPRESS_LEVEL)
    else:
        small[0].save(
            stream,
            "PNG",
            save_all=True,
            append_images=small[1:],
            duration=times_ms,
            loop=0,
            compress_level=_COMPRESS_LEVEL,
        )
    return stream.getvalue()


def _frames(data: bytes, name: str, most: int) -> Iterator[tuple[Image.Image, int]]:
    """RGBA frames with the time each is shown, in milliseconds."""
    picture = Picture()
    read_picture(data, name, picture)
    if picture.image is None:
        raise ImageError(
            f"there is no picture in this {picture.format} file"
            + (f": {picture.note}" if picture.note else "")
        )
    if picture.frames < 2 or picture.format not in _MOVING or most < 2:
        yield _rgba(picture.image), _FRAME_MS
        return
    try:
        yield from _moving(data, picture, most)
    except DECODER_ERRORS as error:
        raise ImageError(
            f"an animation frame of the {picture.format} is damaged: {error}"
        ) from error


def _cut_frames(data: bytes, name: str, table: Sequence[Box]) -> Iterator[tuple[Image.Image, int]]:
    """The first pictures of a sheet, which are of its first movement; the whole sheet where a box
    lies outside it.
    """
    [(sheet, _)] = _frames(data, name, 1)
    try:
        cut = sheet_frames(np.array(sheet, np.uint8), table[:_MOST_SHOWN])
    except ImageError:
        yield sheet, _FRAME_MS
        return
    if len({picture.shape for picture in cut}) > 1:  # an atlas of unlike pictures, no movement
        yield sheet, _FRAME_MS
        return
    for picture in cut:
        yield array_to_image(picture), _FRAME_MS


def _moving(data: bytes, picture: Picture, most: int) -> Iterator[tuple[Image.Image, int]]:
    """`most` frames spread over the animation; each holds until the next that is shown."""
    pixels = picture.width * picture.height
    reach = min(picture.frames, _MOST_FRAME_STEPS, max(1, _MOST_FRAME_PIXELS // pixels))
    wanted = sorted({at * reach // most for at in range(most)}) if reach > most else range(reach)
    image: ImageFile.ImageFile = _MOVING[format_of(data, "")](io.BytesIO(data), "")
    check_size(*image.size)
    shown: Image.Image | None = None
    time_ms = 0
    for at in range(reach):
        try:
            image.seek(at)
            image.load()
        except EOFError:  # fewer frames than were announced
            break
        if at in wanted:
            if shown is not None:
                yield shown, time_ms
            shown, time_ms = _rgba(image), 0
        time_ms += int(image.info.get("duration", 0) or _FRAME_MS)
    if shown is not None:
        yield shown, time_ms


def _rgba(image: Image.Image) -> Image.Image:
    return array_to_image(with_alpha(image_to_array(image)))


def _reduced(rgba: Image.Image, side: int, pixel_art: bool) -> Image.Image:
    width, height = rgba.size
    longest = max(width, height)
    if longest <= side:
        factor = side // longest if pixel_art else 1
        if factor == 1:
            return rgba
        return rgba.resize((width * factor, height * factor), Image.Resampling.NEAREST)
    size = fitted(width, height, side)
    if pixel_art:
        return rgba.resize(size, Image.Resampling.NEAREST)
    # Pillow multiplies RGBA by alpha before it resamples, and divides after.
    return rgba.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
