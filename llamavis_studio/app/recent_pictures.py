"""A few pictures of a project in a strip, kept on this machine for the welcome page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

from llamavis_studio.app.recent import pictures_file
from llamavis_studio.app.variants import thumbnail
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image

PICTURES = 4
CELL = 64  # px of a kept picture's place: sharp at half of it, on screens of twice the pixels too
GAP = 8  # px


def some_pictures(outputs: Iterable[str]) -> list[str]:
    """A few images that show what a project is like: one a folder, then more of the first."""
    groups: dict[str, list[str]] = {}
    for output in outputs:
        groups.setdefault(output.rpartition("/")[0], []).append(output)
    chosen: list[str] = []
    while len(chosen) < PICTURES and any(groups.values()):
        chosen += [group.pop(0) for group in groups.values() if group]
    return chosen[:PICTURES]


def keep_pictures(folder: Path, outputs: Sequence[str]) -> None:
    """Draw a strip of these images for the welcome page; not in the window's thread.

    What cannot be read or written is left out: the page does without.
    """
    found = []
    for output in outputs:
        try:
            found.append(thumbnail(decode_image(folder / output)))
        except (ImageError, OSError):
            continue
    if not found:
        return
    strip = QImage(len(found) * (CELL + GAP) - GAP, CELL, QImage.Format.Format_ARGB32_Premultiplied)
    strip.fill(Qt.GlobalColor.transparent)
    painter = QPainter(strip)
    for at, image in enumerate(found):
        times = CELL // max(image.width(), image.height(), 1)
        keep = Qt.AspectRatioMode.KeepAspectRatio
        mode = Qt.TransformationMode.FastTransformation
        if times < 1:
            times, mode = 1, Qt.TransformationMode.SmoothTransformation
            image = image.scaled(CELL, CELL, keep, mode)
        shown = image.scaled(image.width() * times, image.height() * times, keep, mode)
        box = QRect(at * (CELL + GAP), 0, CELL, CELL)
        place = shown.rect()
        place.moveCenter(box.center())
        painter.drawImage(place.topLeft(), shown)
    painter.end()
    file = pictures_file(folder)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    strip.save(str(file))
