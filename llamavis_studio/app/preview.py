"""The middle of the studio: one picture with its tools, its colours and what can be said of it.

show_picture(path, pixels) -> canvas, colours, words about size and seam; frames of a sheet
show_before(old)           -> before and after
brush -> paint -> words -> Apply -> region_asked(mask, words)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.canvas import Canvas
from llamavis_studio.app.palette_strip import PaletteStrip
from llamavis_studio.app.pixels import to_qimage
from llamavis_studio.app.playback import Playback
from llamavis_studio.app.preview_tools import ElidedLabel, RegionBar, ToolRow
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.seamless import seam_score
from llamavis_studio.imaging.thumbnail import Box, sheet_frames

_SEAM_SEEN = 1.5  # above it one sees a seam, says `seam_score`
_MOST_MEASURED = 1 << 20  # pixels; the measure of more would be felt as a pause
_MOST_TILE = 1 << 22  # pixels of a texture that is to repeat: that is worth the pause
_EMPTY_ICON = 56  # logical pixels


class Preview(QWidget):
    """Shows one picture of the project, or says why there is none."""

    region_asked = Signal(object, str)
    """A mask, bool (h, w), and the words for what should be there."""
    copied = Signal(str)
    """`#rrggbb`, which lies in the clipboard now."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._look = look
        self._path: Path | None = None
        self._pixels: Pixels | None = None
        self._before: Pixels | None = None
        self._sheet = QImage()
        self._seam: float | None = None
        self._frame_note = ""
        self._message = ""
        self.canvas = Canvas(look=look)
        self.playback = Playback(look=look)
        self.palette_strip = PaletteStrip(look=look)
        self.tools = ToolRow(look=look)
        self.region = RegionBar(look=look)
        self._info = ElidedLabel()
        self._info.setProperty("role", "dim")
        self._pixel = QLabel()
        self._pixel.setProperty("role", "dim")
        self._empty_icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty_text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty_text.setProperty("role", "dim")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty_page())
        self._pages.addWidget(self._picture_page())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        self._connect()
        self.set_look(look)
        self.retranslate()
        self.show_nothing("")

    # ---- what is shown

    def show_picture(
        self,
        path: Path,
        pixels: Pixels,
        *,
        boxes: Sequence[Box] = (),
        fps: float = 8,
        tileable: bool = False,
    ) -> None:
        """A picture (h, w, 3 or 4); `boxes` (x, y, width, height) are the frames of a sheet.

        Raises:
            ImageError: no array of pixels.
        """
        self._sheet = to_qimage(pixels)
        self.tools.stop_brush()
        self._path, self._pixels = path, pixels
        self._frame_note = ""
        frames: list[QImage] = []
        if len(boxes) > 1:
            try:
                frames = [to_qimage(frame) for frame in sheet_frames(pixels, boxes)]
            except ImageError as error:
                self._frame_note = str(error)
        self._seam = _seam_of(pixels, tileable, bool(boxes))
        self.playback.set_frames(frames, fps)
        self.playback.setVisible(bool(frames))
        self.show_before(None)
        self.canvas.set_image(self._sheet)
        self.palette_strip.set_pixels(pixels)
        self._pixel.clear()
        self._tell()
        self._pages.setCurrentIndex(1)

    def show_before(self, pixels: Pixels | None) -> None:
        """What the picture was, beside what it is; None ends the comparison."""
        self._before = pixels
        if pixels is not None:
            self._show_whole()
        self.tools.offer_compare(pixels is not None)
        self._compare(pixels is not None)

    def show_nothing(self, message: str) -> None:
        """Why no picture is there; empty for the words that say how to get one."""
        self.tools.stop_brush()
        self._path = self._pixels = self._before = self._seam = None
        self._message, self._sheet = message, QImage()
        self.playback.set_frames([], 8)
        self.canvas.set_image(None)
        self._tell()
        self._pages.setCurrentIndex(0)

    def set_look(self, look: Look) -> None:
        """Dress everything that paints for itself."""
        self._look = look
        for part in (self.canvas, self.playback, self.palette_strip, self.tools, self.region):
            part.set_look(look)
        size = QSize(_EMPTY_ICON, _EMPTY_ICON)
        picture = theme.icon("image", look, "line").pixmap(size, self.devicePixelRatioF())
        self._empty_icon.setPixmap(picture)

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        for part in (self.canvas, self.playback, self.palette_strip, self.tools, self.region):
            part.retranslate()
        self._info.setAccessibleName(self.tr("About the picture"))
        self._pixel.setAccessibleName(self.tr("Pixel under the cursor"))
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape lays the brush down; brackets change its size, as in other studios."""
        key = event.key()
        if key == Qt.Key.Key_Escape and self.tools.brushes:
            self.tools.stop_brush()
            self.canvas.setFocus()
        elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.region.widen_brush(key == Qt.Key.Key_BracketRight)
        else:
            super().keyPressEvent(event)

    # ---- how it is built

    def _empty_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self._empty_icon)
        column.addWidget(self._empty_text)
        column.addStretch(1)
        return page

    def _picture_page(self) -> QWidget:
        page = QWidget()
        page.setBackgroundRole(QPalette.ColorRole.Base)  # the canvas lies in it as in a tray
        page.setAutoFillBackground(True)
        line = QHBoxLayout()
        line.setContentsMargins(10, 6, 10, 4)
        line.setSpacing(16)
        line.addWidget(self._info, 1)
        line.addWidget(self._pixel)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.region)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.playback)
        column.addLayout(line)
        column.addWidget(self.palette_strip)
        self.region.hide()
        self.playback.hide()
        return page

    def _connect(self) -> None:
        canvas, tools = self.canvas, self.tools
        tools.fit_asked.connect(canvas.fit)
        tools.zoom_asked.connect(canvas.set_zoom)
        tools.step_asked.connect(canvas.step_zoom)
        tools.tile_asked.connect(canvas.set_tiled)
        tools.grid_asked.connect(canvas.set_grid)
        tools.compare_asked.connect(self._compare)
        tools.brush_asked.connect(self._set_brush)
        canvas.zoomed.connect(tools.tell_zoom)
        canvas.hovered.connect(self._tell_pixel)
        canvas.hover_left.connect(self._pixel.clear)
        canvas.mask_changed.connect(self._tell_region)
        self.region.brush_changed.connect(self._size_brush)
        self.region.clear_asked.connect(canvas.clear_mask)
        self.region.closed.connect(tools.stop_brush)
        self.region.applied.connect(self._apply)
        self.playback.frame.connect(canvas.set_image)
        self.playback.whole.connect(self._set_whole)
        self.palette_strip.copied.connect(self.copied)

    # ---- what its parts ask

    def _compare(self, on: bool) -> None:
        shown = self._before if on else None
        self.canvas.set_before(None if shown is None else to_qimage(shown))

    def _set_brush(self, on: bool) -> None:
        self.region.setVisible(on)
        if on:
            self._show_whole()
            self.canvas.start_mask(self.region.brush_px)
            self.canvas.setFocus()
        else:
            self.canvas.stop_mask()

    def _size_brush(self, brush_px: int) -> None:
        if self.tools.brushes:
            self.canvas.start_mask(brush_px)

    def _tell_region(self) -> None:
        self.region.set_painted(self.canvas.has_mask)

    def _apply(self, words: str) -> None:
        mask = self.canvas.painted_mask()
        if mask is not None:
            self.region_asked.emit(mask, words)

    def _show_whole(self) -> None:
        """A mask and a comparison are of the file's picture, not of a frame."""
        if not self.playback.isHidden():
            self.playback.show_whole()

    def _set_whole(self, whole: bool) -> None:
        if whole:
            self.canvas.set_image(self._sheet)
        else:
            self.tools.stop_brush()
            self.tools.end_compare()

    def _tell_pixel(self, x: int, y: int, colour: QColor) -> None:
        if colour.alpha() == 0:
            named = self.tr("clear")
        elif colour.alpha() < 255:
            named = self.tr("{colour}, {share} % opaque").format(
                colour=colour.name(), share=round(colour.alpha() / 2.55)
            )
        else:
            named = colour.name()
        self._pixel.setText(f"{x}, {y}   {named}")

    def _tell(self) -> None:
        """The line under the canvas, and the words of the empty page."""
        self._empty_text.setText(self._message or self.tr("Choose an image in the list"))
        if self._pixels is None or self._path is None:
            self._info.clear()
            return
        height, width = self._pixels.shape[:2]
        total = self.palette_strip.colours.total
        parts = [f"{width} × {height} px"]
        if total == 1:
            parts.append(self.tr("one colour"))
        else:
            count = self.locale().toString(total)
            parts.append(self.tr("{count} colours").format(count=count))
        if self._seam is not None:
            says = self.tr("repeats without a seam ({score})")
            if self._seam > _SEAM_SEEN:
                says = self.tr("a seam shows ({score})")
            parts.append(says.format(score=f"{self._seam:.2f}"))
        if self._frame_note:
            parts.append(self._frame_note)
        self._info.setText("  ·  ".join(parts))
        self._info.setToolTip(str(self._path))


def _seam_of(pixels: Pixels, tileable: bool, is_sheet: bool) -> float | None:
    """None where a seam says nothing: on sprites, sheets and what is too large to measure now."""
    opaque = pixels.shape[2] == 3 or bool((pixels[..., 3] == 255).all())
    most = _MOST_TILE if tileable else _MOST_MEASURED
    large = pixels.shape[0] * pixels.shape[1] > most
    if large or not (tileable or (opaque and not is_sheet)):
        return None
    return seam_score(pixels)
