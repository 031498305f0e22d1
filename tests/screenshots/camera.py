"""Takes a picture of a widget once it has come to rest, and makes sheets of many pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

REST_S = 0.35


class Camera:
    """Keeps only what `only` asks for (a part of the name; empty: everything)."""

    def __init__(self, out: Path, only: str = "") -> None:
        self.out, self.only = out, only
        self.tail = ""
        self.taken: list[Path] = []

    def wants(self, name: str) -> bool:
        """Whether a page of this name is to be pictured at all."""
        return self.only in name

    def take(self, widget: QWidget, name: str) -> None:
        if not self.wants(name):
            return
        rest()
        path = self.out / f"{name}-{self.tail}.png"
        widget.grab().save(str(path))
        self.taken.append(path)
        print(path.name, flush=True)


def rest(seconds: float = REST_S) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


def wait(until: Callable[[], object], seconds: float = 90) -> None:
    """Let the window live until something is so."""
    end = time.monotonic() + seconds
    while not until():
        rest(0.01)
        if time.monotonic() > end:
            raise TimeoutError("the window did not come to rest")


def contact_sheet(pictures: list[Path], out: Path, columns: int = 2, width: int = 960) -> None:
    """Several pictures in one, each `width` pixels wide and with its name."""
    cells = []
    for path in pictures:
        with Image.open(path) as image:
            small = image.convert("RGB")
        small.thumbnail((width, width))
        cells.append((path.stem, small))
    height = max(image.height for _, image in cells) + 22
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), "#808080")
    for at, (name, image) in enumerate(cells):
        x, y = at % columns * width, at // columns * height
        ImageDraw.Draw(sheet).text((x + 6, y + 4), name, fill="white")
        sheet.paste(image, (x, y + 22))
    sheet.save(out)
