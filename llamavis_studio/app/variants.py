"""The variants of one description side by side: look from one to the other, then keep one.

studio's thread: read_variants(studio, plan, output) -> rows -> show_variants(rows)
a click -> variant_chosen(output); "Use this one" -> pick_asked(source, variant)
-> the window lets `picked_text` write it into the description
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from llamavis_studio.app.editor_toml import tables_of, with_value
from llamavis_studio.app.gallery_delegate import place_of
from llamavis_studio.app.pixels import to_qimage
from llamavis_studio.app.theme import Look, icon
from llamavis_studio.core.description import MANY_CSV
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import Plan
    from llamavis_studio.studio import Studio

THUMBNAIL = 128  # px of the longer side: sharp at 64 px on a screen of twice as many
_FIELD = 6  # px of one field of the checkerboard
_BADGE = 18  # px across
_NO_PEN = Qt.PenStyle.NoPen
Index = QModelIndex | QPersistentModelIndex
Option = QStyleOptionViewItem


@dataclass(frozen=True)
class VariantRow:
    """One variant; `image` is null as long as it is not drawn."""

    output: str
    source: str
    variant: int
    image: QImage = field(compare=False, repr=False)
    is_current: bool = False
    """Whether it is the one that the window shows."""
    can_pick: bool = True
    """Whether its description can be changed from here: a CSV table is edited as text only."""


def read_variants(studio: Studio, plan: Plan, output: str) -> list[VariantRow]:
    """The variants that `output` is one of, in their order; in the studio's thread.

    What is made from a variant, a map or a sheet, is none.
    """
    targets = [one.target for one in plan.targets if not one.target.base]
    shown = next((one for one in targets if one.output == output), None)
    if shown is None:
        return []
    return [
        VariantRow(
            one.output,
            one.source,
            one.variant,
            _thumbnail_of(studio.root / one.output),
            one.output == output,
            not one.source.endswith(MANY_CSV),
        )
        for one in targets
        if (one.source, one.name) == (shown.source, shown.name)
    ]


def picked_text(text: str, path: Path, name: str, variant: int) -> str:
    """The text of a description in which a variant of the asset `name` is picked.

    Raises DescriptionError where the text is broken, a CSV table, or holds no such asset.
    """
    names = [table.get("name", name) for table in tables_of(text, path)]
    if name not in names:
        raise DescriptionError(f"there is no asset '{name}' any more", "save the file", path)
    return with_value(text, path, names.index(name), "pick", variant)


def thumbnail(pixels: Pixels) -> QImage:
    """A picture as lists show it. A small one stays as it is, so that it can be drawn crisp."""
    image = to_qimage(pixels)
    if max(image.width(), image.height()) <= THUMBNAIL:
        return image
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(THUMBNAIL, THUMBNAIL, keep, smooth)


def _thumbnail_of(path: Path) -> QImage:
    try:
        return thumbnail(decode_image(path))
    except (ImageError, OSError):  # not drawn yet, or broken: the preview says which
        return QImage()


class Cards(QStyledItemDelegate):
    """Pictures to choose from; `rows` are what the list shows, each with its `image`."""

    box_px = 56
    pad_px = 6

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.rows: Sequence[Any] = ()

    def paint(self, painter: QPainter, option: Option, index: Index) -> None:
        self.initStyleOption(option, index)
        row, card = self.rows[index.row()], QRect(option.rect)
        card.setHeight(self.sizeHint(option, index).height())  # a row gives more than was asked for
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, QRectF(card).adjusted(2, 2, -2, -2), option.state)
        pad, side = self.pad_px, self.box_px
        box = QRect(card.left() + pad, card.top() + pad, side, side)
        self._draw_picture(painter, box, row.image)
        self.draw_rest(painter, option, box, row)
        painter.restore()

    def draw_rest(self, painter: QPainter, option: Option, box: QRect, row: Any) -> None:
        """What stands around the picture, which lies in `box`."""
        raise NotImplementedError

    def _draw_ground(self, painter: QPainter, inner: QRectF, state: QStyle.StateFlag) -> None:
        """A frame around what is chosen, and a second one where the keys go."""
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        if is_chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(self.look.colour("accent"), 2) if is_chosen else _NO_PEN)
            painter.setBrush(self.look.colour("selection" if is_chosen else "raised"))
            painter.drawRoundedRect(inner, 5, 5)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self.look.colour("text"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner.adjusted(2, 2, -2, -2), 3, 3)

    def _draw_picture(self, painter: QPainter, box: QRect, image: QImage) -> None:
        """On the checkerboard where it is clear; pixels of a small one stay sharp."""
        painter.setPen(self.look.colour("line"))
        painter.setBrush(self.look.colour("window"))
        painter.drawRoundedRect(QRectF(box).adjusted(-0.5, -0.5, 0.5, 0.5), 3, 3)
        if image.isNull():
            side = self.box_px // 3
            icon("missing", self.look, "dim").paint(painter, box.adjusted(side, side, -side, -side))
            return
        ratio = painter.device().devicePixelRatio()
        place, is_crisp = place_of(image.size(), (image.width(), image.height()), box, ratio)
        if image.hasAlphaChannel():
            painter.drawTiledPixmap(place, _checker(self.look))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_crisp)
        painter.drawImage(place, image)


def _checker(look: Look) -> QPixmap:
    tile = QPixmap(2 * _FIELD, 2 * _FIELD)
    tile.fill(look.colour("checker_a"))
    painter = QPainter(tile)
    for at in (0, _FIELD):
        painter.fillRect(at, at, _FIELD, _FIELD, look.colour("checker_b"))
    painter.end()
    return tile


class VariantsStrip(QWidget):
    """A row of small pictures; gone where there is only one."""

    variant_chosen = Signal(str)  # the output that is to be shown
    pick_asked = Signal(str, int)  # the description's path in the project, the variant to keep

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[VariantRow, ...] = ()
        self._cards = _VariantCards(look, self)
        self.title, self.pick = QLabel(), QPushButton()
        self.title.setProperty("role", "dim")
        self.list = QListWidget()
        self.list.setItemDelegate(self._cards)
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._choose)
        self.pick.clicked.connect(self._pick)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(10)
        for part, stretch in ((self.title, 0), (self.list, 1), (self.pick, 0)):
            layout.addWidget(part, stretch)
        self.set_look(look)
        self.retranslate()
        self.hide()

    def show_variants(self, rows: Sequence[VariantRow]) -> None:
        """Show what there is to choose from; fewer than two are no choice, and hide the strip."""
        self._rows = tuple(rows)
        self._cards.rows = self._rows
        with QSignalBlocker(self.list):  # nobody chose anything
            self.list.clear()
            self.list.addItems([row.output for row in self._rows])
            current = [at for at, row in enumerate(self._rows) if row.is_current]
            self.list.setCurrentRow(current[0] if current else -1)
        self.retranslate()
        self.list.viewport().update()
        self.setVisible(len(self._rows) > 1)

    def set_look(self, look: Look) -> None:
        """Paint in other colours."""
        self._cards.look = look
        self.pick.setIcon(icon("check", look))
        self.list.viewport().update()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self.title.setText(self.tr("Variants"))
        self.pick.setText(self.tr("Use this one"))
        self.list.setAccessibleName(self.tr("Variants of this image"))
        current = self._current()
        self.pick.setEnabled(current is not None and current.can_pick)
        self.pick.setAccessibleName(self.tr("Use this variant"))
        self.pick.setToolTip(
            self.tr("A table is changed as text: write the number in its column 'pick'")
            if current is not None and not current.can_pick
            else self.tr("Write into the description that this variant alone is built")
        )
        for at, row in enumerate(self._rows):
            words = self.tr("Variant {0}").format(row.variant)
            if row.image.isNull():
                words = self.tr("{0}, not drawn yet").format(words)
            item = self.list.item(at)
            item.setToolTip(f"{words}\n{row.output}")
            if row is current:
                words = self.tr("{0}, shown").format(words)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
        side = self._cards.box_px + 2 * self._cards.pad_px + 14  # and a scroll bar
        self.list.setFixedHeight(side + self.list.fontMetrics().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _choose(self, at: int) -> None:
        self.retranslate()
        if 0 <= at < len(self._rows):
            self.variant_chosen.emit(self._rows[at].output)

    def _pick(self) -> None:
        if (row := self._current()) is not None:
            self.pick_asked.emit(row.source, row.variant)

    def _current(self) -> VariantRow | None:
        at = self.list.currentRow()
        return self._rows[at] if at >= 0 else None


class _VariantCards(Cards):
    """A picture with its number; the chosen one has a check too."""

    def sizeHint(self, option: Option, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        side = self.box_px + 2 * self.pad_px
        return QSize(side, side + option.fontMetrics.height())

    def draw_rest(self, painter: QPainter, option: Option, box: QRect, row: VariantRow) -> None:
        painter.setPen(self.look.colour("text"))
        below = QRect(box.left(), box.bottom() + 1, box.width(), option.fontMetrics.height() + 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, str(row.variant))
        if option.state & QStyle.StateFlag.State_Selected:
            badge = QRect(box.right() - _BADGE + 3, box.top() - 2, _BADGE, _BADGE)
            painter.setPen(_NO_PEN)
            painter.setBrush(self.look.colour("accent"))
            painter.drawEllipse(badge)
            icon("check", self.look, "on_accent").paint(painter, badge.adjusted(2, 2, -2, -2))
