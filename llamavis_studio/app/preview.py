"""The middle of the studio: one picture with its tools, its colours and what can be said of it.

show_picture(path, pixels) -> canvas, colours, words about size and seam; frames of a sheet
show_before(old)           -> before and after
show_material(material)    -> its maps and its light in a row
show_emerging(pixels)      -> what is being drawn, until it is there
brush -> paint -> words -> Apply -> region_asked(mask, words)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QStackedWidget, QVBoxLayout, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.canvas import Canvas
from llamavis_studio.app.lit_view import LitView
from llamavis_studio.app.material import Material
from llamavis_studio.app.messages import said
from llamavis_studio.app.palette_strip import PaletteStrip
from llamavis_studio.app.pixels import to_qimage
from llamavis_studio.app.playback import Playback, PlayedClip
from llamavis_studio.app.preview_info import InfoLine
from llamavis_studio.app.preview_material import LIT, MaterialBar
from llamavis_studio.app.preview_tools import RegionBar, ToolRow
from llamavis_studio.app.preview_why import WhyBar
from llamavis_studio.app.shown import Facts, facts_of
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.thumbnail import Box, sheet_frames

_EMPTY_ICON = 56  # logical pixels


class Preview(QWidget):
    """Shows one picture of the project, or says why there is none."""

    region_asked = Signal(object, str)
    """A mask, bool (h, w), and the words for what should be there."""
    copied = Signal(str)
    """`#rrggbb`, which lies in the clipboard now."""
    why_asked = Signal(bool)
    """Whether somebody wants to know why; `why` shows the answer."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._look = look
        self._path: Path | None = None
        self._pixels: Pixels | None = None
        self._before: Pixels | None = None
        self._sheet = QImage()
        self._material: Material | None = None
        self._view = ""  # a name of the material's row
        self._seam: float | None = None
        self._frame_note = ""
        self._message = ""
        self._emerges = False
        self.canvas = Canvas(look=look)
        self.playback = Playback(look=look)
        self.palette_strip = PaletteStrip(look=look)
        self.tools = ToolRow(look=look)
        self.region = RegionBar(look=look)
        self.why = WhyBar(look=look)
        self.material_bar = MaterialBar(look=look)
        self.lit = LitView(look=look)
        self._surface = QStackedWidget()  # the canvas, or what is lit
        self.info = InfoLine()
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

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown, not a word why there is none."""
        return self._pixels is not None

    # ---- what is shown

    def show_picture(
        self,
        path: Path,
        pixels: Pixels,
        *,
        boxes: Sequence[Box] = (),
        fps: float = 8,
        clips: Sequence[PlayedClip] = (),
        tileable: bool | None = None,
        facts: Facts | None = None,
    ) -> None:
        """A picture (h, w, 3 or 4); `boxes` (x, y, width, height) are the frames of a sheet.

        `tileable` None: nobody has said whether it repeats, so an opaque one may. `facts` are
        measured here unless they are given, which is too slow for large pictures.

        Raises:
            ImageError: no array of pixels.
        """
        self._sheet = to_qimage(pixels)
        self.tools.stop_brush()
        self.end_emerging()
        if path != self._path:  # the same one, drawn anew, is looked at in the same way
            self.show_material(None)
            self._view = self._view if self._view in LIT else ""
        self._path, self._pixels = path, pixels
        self._frame_note = ""
        frames: list[QImage] = []
        if len(boxes) > 1:
            try:
                frames = [to_qimage(frame) for frame in sheet_frames(pixels, boxes)]
            except ImageError as error:
                self._frame_note = str(error)
        if facts is None:
            facts = facts_of(pixels, tileable, is_sheet=bool(boxes))
        self._seam = facts.seam
        self.playback.set_frames(frames, fps, clips)
        self.playback.setVisible(bool(frames))
        self.show_before(None)
        self.canvas.set_image(self._sheet)
        self.palette_strip.set_colours(facts.colours)
        self.info.clear_pixel()
        self._tell()
        self._pages.setCurrentIndex(1)

    def offer(self, no_region: str, helps: Sequence[str], notes: Sequence[str]) -> None:
        """Why no region of it can be edited, "" where one can; what makes up for what its model
        cannot do; what did not go as asked.
        """
        self.tools.offer_region(no_region)
        self.info.show_more(*((helps, notes) if self.has_picture else ((), ())))

    def show_before(self, pixels: Pixels | None) -> None:
        """What the picture was, beside what it is; None ends the comparison."""
        self._before = pixels
        shown = pixels is not None and not self._is_lit
        if shown:
            self._show_whole()
        self.tools.offer_compare(pixels is not None, at_once=shown)
        self._compare(shown)

    def show_material(self, material: Material | None) -> None:
        """The maps that belong to the picture, to be looked at one by one, or lit; None for none.

        Who looked at the light of a material sees that of the next one.
        """
        self._material = material
        self.material_bar.setVisible(material is not None)
        if material is None:
            self._surface.setCurrentWidget(self.canvas)
            self.tools.offer_canvas(True)
            return
        self.lit.set_levels(material.levels)
        self.material_bar.offer(material.channels)
        kept = self._view in (*LIT, *material.channels)
        self._show_as(self._view if kept else material.own)

    def show_emerging(self, pixels: Pixels) -> None:
        """A picture (h, w, 3 or 4) that is still being drawn, over the one that is shown, until
        `end_emerging`, or until another picture or nothing is shown.

        Raises:
            ImageError: no array of pixels.
        """
        image, note = to_qimage(pixels), self.tr("being drawn")
        if self._pixels is None:
            self.canvas.set_image(image)
            self.tools.setEnabled(False)
            self._pages.setCurrentIndex(1)
        elif not self.playback.isHidden():
            self.playback.show_whole()
        self.canvas.set_over(image, note)  # who looks at the light of a material goes on doing so
        self._emerges = True

    def end_emerging(self) -> None:
        """Show again what was shown before something was being drawn."""
        if not self._emerges:
            return
        self._emerges = False
        self.canvas.set_over(None)
        self.tools.setEnabled(True)
        if self._pixels is None:
            self.canvas.set_image(None)
            self._pages.setCurrentIndex(0)

    def show_nothing(self, message: str) -> None:
        """Why no picture is there; empty for the words that say how to get one."""
        self.tools.stop_brush()
        self.tools.stop_why()
        self.end_emerging()
        self.show_material(None)
        self._path = self._pixels = self._before = self._seam = None
        self._message, self._sheet = message, QImage()
        self.playback.set_frames([], 8)
        self.canvas.set_image(None)
        self._tell()
        self._pages.setCurrentIndex(0)

    def set_look(self, look: Look) -> None:
        """Dress everything that paints for itself."""
        self._look = look
        for part in self._parts():
            part.set_look(look)
        size = QSize(_EMPTY_ICON, _EMPTY_ICON)
        picture = theme.icon("image", look, "line").pixmap(size, self.devicePixelRatioF())
        self._empty_icon.setPixmap(picture)

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        for part in self._parts():
            part.retranslate()
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

    @property
    def _is_lit(self) -> bool:
        return self._surface.currentWidget() is self.lit

    def _parts(self) -> tuple[Any, ...]:
        return (self.canvas, self.lit, self.playback, self.palette_strip, self.tools, self.region,
                self.why, self.material_bar, self.info)  # fmt: skip

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
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._surface.addWidget(self.canvas)
        self._surface.addWidget(self.lit)
        column.addWidget(self.tools)
        column.addWidget(self.region)
        column.addWidget(self.why)
        column.addWidget(self.material_bar)
        column.addWidget(self._surface, 1)
        column.addWidget(self.playback)
        column.addWidget(self.info)
        column.addWidget(self.palette_strip)
        for part in (self.region, self.why, self.material_bar, self.playback):
            part.hide()
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
        tools.why_asked.connect(self._set_why)
        self.why.heat_asked.connect(self._show_heat)
        self.why.closed.connect(tools.stop_why)
        self.material_bar.asked.connect(self._show_as)
        canvas.zoomed.connect(tools.tell_zoom)
        canvas.hovered.connect(self.info.show_pixel)
        canvas.hover_left.connect(self.info.clear_pixel)
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
        if on:
            self._show_whole()
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

    def _set_why(self, on: bool) -> None:
        self.why.setVisible(on)
        if on:
            self.why.show_asking()
        self._show_heat(None)
        self.why_asked.emit(on)

    def _show_heat(self, heat: QImage | None) -> None:
        if heat is not None:
            self._show_whole()
        if heat is not None or not self._emerges:
            self.canvas.set_over(heat)

    def _show_as(self, view: str) -> None:
        """One of the maps as a picture, or the material lit."""
        self._view = view
        self.material_bar.choose(view)
        lit = view in LIT
        if lit or (self._material is not None and view != self._material.own):
            self.tools.stop_brush()
            self.tools.end_compare()
        if lit:
            self.lit.set_kind(view)
        elif self._material is not None:
            own = view == self._material.own
            self.canvas.set_image(self._sheet if own else to_qimage(self._material.channels[view]))
        self._surface.setCurrentWidget(self.lit if lit else self.canvas)
        focused = QApplication.focusWidget()
        if lit and focused is not None and self.tools.isAncestorOf(focused):
            self.lit.setFocus()  # its button is of no use now, and another would be next
        self.tools.offer_canvas(not lit)

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
        """A mask, a comparison and heat are of the file's picture, not of a frame or a map."""
        if self._material is not None and self._view != self._material.own:
            self._show_as(self._material.own)
        if not self.playback.isHidden():
            self.playback.show_whole()

    def _set_whole(self, whole: bool) -> None:
        if whole:
            self.canvas.set_image(self._sheet)
        else:
            self.tools.stop_brush()
            self.tools.end_compare()

    def _tell(self) -> None:
        """The line under the canvas, and the words of the empty page."""
        self._empty_text.setText(self._message or self.tr("Choose an image in the list"))
        if self._pixels is None or self._path is None:
            self.info.show_nothing()
        else:
            height, width = self._pixels.shape[:2]
            total = self.palette_strip.colours.total
            note = said(self._frame_note)
            self.info.show_facts(self._path, (width, height), total, self._seam, note)
