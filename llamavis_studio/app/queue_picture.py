"""The picture beside the progress: the image being drawn, as far as it has come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from llamavis_studio.app.queue_delegate import paint_fitted
from llamavis_studio.app.queue_model import Pictures
from llamavis_studio.app.theme import DARK, Look, icon

SMALL, LARGE = 50, 112  # px across
_FIELD = 6  # px of one field of the checkerboard


class EmergingPicture(QWidget):
    """Shows the picture that comes from the model; until there is one, the image as it was. When
    all is drawn, the last one stays.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = DARK
        self._pictures: Pictures | None = None
        self._drawn: tuple[str, ...] = ()
        self._last = ""
        self._may_be_large = False
        self.path = ""
        """The image that is shown as it emerges; empty while none is."""
        self.image = QImage()
        self.setFixedSize(SMALL, SMALL)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)

    def set_look(self, look: Look) -> None:
        """Paint in the colours of now."""
        self._look = look
        self.update()

    def set_large(self, is_large: bool) -> None:
        """Large where there is room for it, and something to be seen."""
        self._may_be_large = is_large
        self._fit()

    def show_image(self, path: str, image: QImage) -> None:
        """How far the image `path` has come. Of many that are drawn together it is the first."""
        if path == self._shown() or not self._drawn:
            self.path, self.image = path, image
            self._fit()

    def keep_to(self, drawn: Sequence[str], pictures: Pictures) -> None:
        """These are drawn now, and the first of them is shown: what emerged of another goes."""
        if self._pictures is None:
            self._pictures = pictures
            pictures.came.connect(self._came)
        self._drawn = tuple(drawn)
        if self.path != next(iter(drawn), ""):
            self.path = ""
            self.image = QImage()
        self._fit()

    def show_last(self, path: str) -> None:
        """This one was drawn last."""
        self._last = path
        self._fit()

    def show_nothing(self) -> None:
        """Nothing is drawn."""
        self._drawn = ()
        self.path, self.image, self._last = "", QImage(), ""
        self._fit()

    def _came(self, output: str) -> None:
        if output == self._shown() and not self.path:
            self.update()

    def _shown(self) -> str:
        """The image whose picture is seen."""
        return self._drawn[0] if self._drawn else self._last

    def _fit(self) -> None:
        shown = self._shown()
        side = LARGE if self._may_be_large and shown else SMALL
        self.setFixedSize(side, side)
        self.setToolTip(shown)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(1, 1, -1, -1)
        painter.setPen(QPen(self._look.colour("line"), 1))
        painter.setBrush(self._look.colour("checker_b"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        image = self.image
        shown = self._shown()
        if image.isNull() and shown and self._pictures is not None:
            if self._drawn:
                painter.setOpacity(0.45)  # as it was: this is not what is being drawn
            image = self._pictures.get(shown) or image
        inner = box.adjusted(3, 3, -3, -3)
        if not image.isNull():
            paint_fitted(painter, inner, image)
        else:
            place = inner.adjusted(*(inner.width() // 4 * sign for sign in (1, 1, -1, -1)))
            painter.setOpacity(0.6)
            icon("brush" if self._drawn else "check", self._look, "dim").paint(painter, place)
        painter.end()
