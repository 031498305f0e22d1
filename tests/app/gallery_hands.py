"""Pictures for a gallery without a library, and a gallery that shows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.theme import DARK


@dataclass(frozen=True)
class FakeItem:
    id: int
    path: Path = Path("art/knight.png")
    file: str = "art/knight.png"
    kind: str = "sprite"
    width: int = 16
    height: int = 16
    frames: int = 1
    caption: str = "a knight"
    caption_origin: str = "human"
    confidence: float | None = None
    in_domain: bool = True
    tags: tuple[str, ...] = ("knight",)
    state: str = "fresh"
    problem: str = ""
    missing: bool = False
    digest: bytes = b""
    score: float = 0.0


def fakes(count: int, start: int = 0) -> list[FakeItem]:
    return [
        FakeItem(one, Path("/art") / f"{one}.png", f"art/{one}.png", digest=one.to_bytes(4, "big"))
        for one in range(start, start + count)
    ]


def picture(width: int = 16, height: int = 16, colour: str = "#ff0000") -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(colour))
    return image


def settle(app: QApplication) -> None:
    for _ in range(3):
        app.processEvents()


def shown_gallery(width: int = 700, height: int = 500) -> Gallery:
    """Close it in the end."""
    made = Gallery(DARK)
    made.resize(width, height)
    made.show()
    return made
