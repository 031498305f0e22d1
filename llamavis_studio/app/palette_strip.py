"""The colours of a picture as a row of swatches; a click copies a colour's hex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QWidget

from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.imaging.arrays import Pixels, with_alpha

MOST_SWATCHES = 32
_ENOUGH = 16  # groups that give an idea of the picture; fewer are split again
_LEVELS = (0xE0E0E0, 0xF0F0F0, 0xF8F8F8, 0xFCFCFC, 0xFFFFFF)  # 8 to 256 levels a channel
_CLEAR = 0xFFFFFF  # the largest colour whose alpha is 0
_MOST_SORTED = 1 << 14  # pixels
_MOST_SAMPLED = 1 << 16  # pixels that are sorted; of larger pictures every n-th is looked at


@dataclass(frozen=True)
class Colours:
    """How many colours a picture has, and its main ones as (`#rrggbb`, share 0..1), most first."""

    total: int
    main: tuple[tuple[str, float], ...]


def main_colours(pixels: Pixels, most: int = MOST_SWATCHES) -> Colours:
    """Count the colours of what is not clear.

    Up to `most` colours are all there, exactly. Of more, near ones stand for each other: the
    most frequent of a group with the share of the group, else a photograph would be 32 greys.
    """
    whole = np.ascontiguousarray(with_alpha(pixels)).view("<u4").reshape(-1)  # 0xAABBGGRR
    packed = whole[whole > _CLEAR] & _CLEAR
    if not len(packed):
        return Colours(0, ())
    if len(packed) <= _MOST_SORTED:  # quicker than to clear a table of all colours
        return _grouped(packed, most)
    is_there = np.zeros(1 << 24, np.bool_)
    is_there[packed] = True
    total = int(np.count_nonzero(is_there))
    if total <= most:
        colours = np.flatnonzero(is_there)
        place = np.zeros(1 << 24, np.uint8)
        place[colours] = np.arange(total)
        counts = np.bincount(place[packed], minlength=total)  # sorting millions would be felt
        return _named(total, colours, counts, len(packed), most)
    return Colours(total, _grouped(packed[:: max(1, len(packed) // _MOST_SAMPLED)], most).main)


def _grouped(packed: NDArray[Any], most: int) -> Colours:
    """The colours of pixels (n,), in groups where they are many."""
    colours, counts = np.unique(packed, return_counts=True)
    total, pixels = len(colours), len(packed)
    if total <= most:
        return _named(total, colours, counts, pixels, most)
    for level in _LEVELS:
        names, of_group = np.unique(colours & level, return_inverse=True)
        if len(names) >= _ENOUGH:
            break
    sums = np.bincount(of_group, weights=counts, minlength=len(names))
    best = np.zeros(len(names), np.int64)
    by_count = np.argsort(counts, kind="stable")
    best[of_group[by_count]] = colours[by_count]  # the last one written is the most frequent
    return _named(total, best, sums, pixels, most)


def _named(
    total: int, colours: NDArray[Any], counts: NDArray[Any], pixels: int, most: int
) -> Colours:
    order = np.argsort(-counts, kind="stable")[:most]
    return Colours(
        total, tuple((_hex(int(colours[at])), float(counts[at]) / pixels) for at in order)
    )


def _hex(packed: int) -> str:
    return f"#{packed & 0xFF:02x}{packed >> 8 & 0xFF:02x}{packed >> 16:02x}"


class PaletteStrip(QWidget):
    """Swatches side by side; they narrow before they leave the window."""

    copied = Signal(str)
    """`#rrggbb`, which lies in the clipboard now."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._look = look
        self._colours = Colours(0, ())
        self._swatches: list[_Swatch] = []
        self._more = QLabel()
        self._more.setProperty("role", "dim")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 2, 10, 8)
        self._row.setSpacing(2)
        self._row.addWidget(self._more)
        self._row.addStretch(1)
        self.setFixedHeight(34)
        self.retranslate()

    @property
    def colours(self) -> Colours:
        """What is shown."""
        return self._colours

    def set_pixels(self, pixels: Pixels | None) -> None:
        """The colours of (h, w, 3 or 4), or none."""
        self.set_colours(Colours(0, ()) if pixels is None else main_colours(pixels))

    def set_colours(self, colours: Colours) -> None:
        """Colours that were counted elsewhere."""
        self._colours = colours
        main = self._colours.main
        while len(self._swatches) < len(main):  # made once, and used again for every picture
            swatch = _Swatch(self._look, self)
            swatch.clicked.connect(self._copy)
            self._row.insertWidget(len(self._swatches), swatch, 100)
            self._swatches.append(swatch)
        for at, swatch in enumerate(self._swatches):
            swatch.setVisible(at < len(main))
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Draw the frames of the swatches anew."""
        self._look = look
        for swatch in self._swatches:
            swatch.look = look
            swatch.update()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self.setAccessibleName(self.tr("Colours of the picture"))
        for swatch, (colour, share) in zip(self._swatches, self._colours.main, strict=False):
            per_cent = f"{share * 100:.1f}" if share >= 0.001 else "<0.1"
            swatch.colour = colour
            swatch.setToolTip(
                self.tr("{colour}, {share} % of the picture. Click to copy.").format(
                    colour=colour, share=per_cent
                )
            )
            swatch.setAccessibleName(
                self.tr("Copy {colour}, {share} %").format(colour=colour, share=per_cent)
            )
            swatch.update()
        total = self._colours.total
        hidden = total > len(self._colours.main)
        self._more.setVisible(hidden)
        if hidden:
            self._more.setText(
                self.tr("  of {count} colours").format(count=self.locale().toString(total))
            )

    def _copy(self) -> None:
        swatch = self.sender()
        if isinstance(swatch, _Swatch):
            QGuiApplication.clipboard().setText(swatch.colour)
            self.copied.emit(swatch.colour)


class _Swatch(QAbstractButton):
    """One colour to press."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.colour = "#000000"
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(6)
        self.setMaximumWidth(24)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A square where there is room."""
        return QSize(24, 24)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The colour, with a line around it that a colour like the window's needs."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.hasFocus() or self.underMouse()
        width = 2.0 if marked else 1.0
        pen = QPen(self.look.colour("accent" if marked else "line"), width)
        painter.setPen(pen)
        painter.setBrush(QColor(self.colour))
        inset = width / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 3.0, 3.0
        )
        painter.end()
