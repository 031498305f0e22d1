"""What the preview needs of an image file: pixels, their colours, a sheet's pictures and clips.

A small picture is read and measured in a few milliseconds, wherever one is; a large one takes long
enough to be felt, and belongs into the studio's thread.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImageReader

from llamavis_studio.app.palette_strip import Colours, main_colours
from llamavis_studio.app.playback import PlayedClip
from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, read_text_chunks
from llamavis_studio.imaging.seamless import seam_score
from llamavis_studio.imaging.sheet_table import Box, SheetTable, table_in

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import PlannedTarget

_SMALL = 1 << 15  # pixels
_MOST_MEASURED = 1 << 20  # pixels of a picture of which nobody said that it repeats
_MOST_TILE = 1 << 22  # pixels of a texture that is to repeat
_MOST_BYTES = 16 << 20  # 16 MiB: it is read while one waits for the picture
DEFAULT_FPS = 8.0


@dataclass(frozen=True)
class Facts:
    """What is measured of a picture: its colours, and how its edges meet, None if that says
    nothing.
    """

    colours: Colours
    seam: float | None


@dataclass(frozen=True)
class Shown:
    """An image as it is shown; `pixels` (h, w, 3 or 4) sRGB bytes, straight alpha.

    `tileable` is None where no description says so or otherwise.
    """

    path: Path
    pixels: Pixels = field(repr=False, compare=False)
    facts: Facts
    boxes: tuple[Box, ...] = ()
    fps: float = DEFAULT_FPS
    tileable: bool | None = None
    clips: tuple[PlayedClip, ...] = ()
    notes: tuple[str, ...] = ()
    """What did not go as asked when it was drawn."""


def read_shown(path: Path, planned: PlannedTarget | None) -> Shown | str:
    """The image, or in words why there is none to show."""
    try:
        pixels = decode_image(path)
    except (ImageError, OSError) as error:
        return str(getattr(error, "strerror", "") or error)
    table = _table(path.with_suffix(".json"))
    tileable = None if planned is None else planned.target.recipe.tileable
    facts = facts_of(pixels, tileable, is_sheet=bool(table.boxes))
    return Shown(
        path, pixels, facts, table.boxes, _speed(table), tileable, _clips(table), _notes(path)
    )


def is_small(path: Path) -> bool:
    """Whether an image can be read and shown at once, by what its file says of its size."""
    size = QImageReader(str(path)).size()
    return size.width() * size.height() <= _SMALL


def facts_of(pixels: Pixels, tileable: bool | None, *, is_sheet: bool) -> Facts:
    """Measure a picture; the seam only where one would be seen, not on sprites, backgrounds and
    sheets, nor on what would take seconds.
    """
    opaque = pixels.shape[2] == 3 or bool((pixels[..., 3] == 255).all())
    most = _MOST_TILE if tileable else _MOST_MEASURED
    may = bool(tileable) if tileable is not None else opaque and not is_sheet
    measured = may and pixels.shape[0] * pixels.shape[1] <= most
    return Facts(main_colours(pixels), seam_score(pixels) if measured else None)


def _notes(path: Path) -> tuple[str, ...]:
    """What the file says did not go as asked."""
    try:
        note = read_text_chunks(path).get(PROVENANCE_KEY)
        return () if note is None else Provenance.from_json(note).notes
    except (ImageError, OSError, ValueError):
        return ()


def _table(path: Path) -> SheetTable:
    """The table beside a sheet; an empty one where there is none."""
    nothing = SheetTable(None, (), (), ())
    try:
        data = path.read_bytes()
        if len(data) > _MOST_BYTES or b'"frames"' not in data:
            return nothing
        return table_in(json.loads(data.decode("utf-8-sig"))) or nothing
    except (OSError, ValueError, RecursionError):
        return nothing


def _speed(table: SheetTable) -> float:
    """Frames a second, by the first frame that says how long it shows."""
    duration_ms = next((one for one in table.durations_ms if one > 0), 0)
    return 1000 / duration_ms if duration_ms > 0 else DEFAULT_FPS


def _clips(table: SheetTable) -> tuple[PlayedClip, ...]:
    found = []
    for clip in table.clips:
        duration_ms = table.durations_ms[clip.order[0]]
        fps = 1000 / duration_ms if duration_ms > 0 else DEFAULT_FPS
        found.append(PlayedClip(clip.name, clip.order, fps))
    return tuple(found)
