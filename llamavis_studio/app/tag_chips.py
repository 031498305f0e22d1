"""Tags as chips that flow like words: who said them stands before them, and each can be taken away.

a chip: click or Enter -> `kept` (a person says it too); its cross or Delete -> `removed`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QVBoxLayout, QWidget

from llamavis_studio.app.theme import Look, icon

HAND, FILES, NAMES, MODEL = "hand", "files", "names", "model"
GROUPS = (HAND, FILES, MODEL, NAMES)
ICONS = {HAND: "person", FILES: "file", MODEL: "model", NAMES: "file"}
_PAD, _GAP, _SIGN = 8, 5, 14  # px
MOST = 30
"""Chips that are made; of hundreds nobody reads all, and each costs the window a moment."""
_OWN_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


@dataclass(frozen=True)
class TagShown:
    """One tag of one image or several: who says it, how sure a model is, and on how many it is."""

    name: str
    by: str
    confidence: float | None = None
    count: int = 1
    total: int = 1

    @property
    def note(self) -> str:
        """What stands small beside the name: a share of sureness, or of the images."""
        if self.count < self.total:
            return f"{self.count}/{self.total}"
        if self.by == MODEL and self.confidence is not None:
            return f"{self.confidence:.0%}"
        return ""


class Flow(QLayout):
    """From left to right, then the next line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        sizes = [item.minimumSize() for item in self._items]
        return QSize(
            max((size.width() for size in sizes), default=0),
            max((size.height() for size in sizes), default=0),
        )

    def _place(self, rect: QRect, *, move: bool) -> int:
        """The height that the items take; with `move` they go there."""
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            size.setWidth(min(size.width(), max(rect.width(), 1)))
            if x > rect.x() and x + size.width() > rect.x() + rect.width():
                x, y, line = rect.x(), y + line + _GAP, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + _GAP
            line = max(line, size.height())
        return y + line - rect.y()


class TagChip(QWidget):
    """One tag. It is painted by hand, so that hundreds cost little."""

    kept = Signal(str)
    removed = Signal(str)
    moved = Signal(object, int)  # (the chip, -1 or 1): the next one wants the focus

    def __init__(self, tag: TagShown, look: Look) -> None:
        super().__init__()
        self.tag = tag
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._is_over_cross = False
        self._size: QSize | None = None

    def set_look(self, look: Look) -> None:
        """Paint in other colours."""
        self._look = look
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        if self._size is None:  # layouts ask a dozen times
            metrics = self.fontMetrics()
            width = metrics.horizontalAdvance(self.tag.name) + 2 * _PAD + _SIGN + _GAP
            if self.tag.note:
                width += metrics.horizontalAdvance(self.tag.note) + _GAP
            self._size = QSize(width, metrics.height() + 8)
        return QSize(self._size)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._size = None
            self.updateGeometry()
        super().changeEvent(event)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(48, self.sizeHint().height())

    def _cross(self) -> QRect:
        return QRect(self.width() - _PAD - _SIGN + 3, (self.height() - _SIGN) // 2, _SIGN, _SIGN)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, is_hand = self._look, self.tag.by == HAND
        pen = QPen(look.colour("accent" if self.hasFocus() else "line"), 1.4)
        if not is_hand and not self.hasFocus():
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.colour("selection" if is_hand else "panel"))
        box = QRectF(self.rect()).adjusted(0.8, 0.8, -0.8, -0.8)
        painter.drawRoundedRect(box, 6, 6)
        room = self.rect().adjusted(_PAD, 0, -_PAD - _SIGN - 1, 0)
        metrics = self.fontMetrics()
        if self.tag.note:
            painter.setPen(look.colour("text" if is_hand else "dim"))
            painter.drawText(
                room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.tag.note
            )
            room.setRight(room.right() - metrics.horizontalAdvance(self.tag.note) - _GAP)
        painter.setPen(look.colour("text"))
        name = metrics.elidedText(self.tag.name, Qt.TextElideMode.ElideRight, room.width() + 1)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        use = "bad" if self._is_over_cross else "text" if is_hand else "dim"
        icon("close", look, use).paint(painter, self._cross())
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        is_over = self._cross().adjusted(-3, -3, 3, 3).contains(event.position().toPoint())
        if is_over != self._is_over_cross:
            self._is_over_cross = is_over
            self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self._is_over_cross = False
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
        elif self._cross().adjusted(-3, -3, 3, 3).contains(event.position().toPoint()):
            self.removed.emit(self.tag.name)
        else:
            self._keep()

    def event(self, event: QEvent) -> bool:
        """Here Delete is about the tag, not about what a menu's shortcut would delete."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = event.key()
        if key in _OWN_KEYS:
            self.removed.emit(self.tag.name)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._keep()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self.moved.emit(self, -1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self.moved.emit(self, 1)
        else:
            super().keyPressEvent(event)

    def _keep(self) -> None:
        if self.tag.by != HAND or self.tag.count < self.tag.total:
            self.kept.emit(self.tag.name)


class TagChips(QWidget):
    """All tags of what is shown, those of a person first."""

    kept = Signal(str)
    removed = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._tags: tuple[TagShown, ...] = ()
        self.chips: list[TagChip] = []
        self._heads: list[tuple[QLabel, str]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)

    def show_tags(self, tags: Sequence[TagShown]) -> None:
        """Show these, grouped by who says them. The chip that had the focus keeps it, or the one
        that took its place.
        """
        if tuple(tags) == self._tags:
            return
        focused = next((at for at, chip in enumerate(self.chips) if chip.hasFocus()), None)
        self._tags = tuple(tags)
        self._rebuild()
        if focused is not None and self.chips:
            self.chips[min(focused, len(self.chips) - 1)].setFocus()

    def set_look(self, look: Look) -> None:
        """Paint in other colours."""
        self._look = look
        for chip in self.chips:
            chip.set_look(look)
        for label, group in self._heads:
            label.setPixmap(icon(ICONS[group], look, "dim").pixmap(16, 16))

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self._rebuild()

    def _rebuild(self) -> None:
        column = self.layout()
        assert column is not None
        while (item := column.takeAt(0)) is not None:
            line = item.widget()
            if line is not None:
                line.hide()
                line.deleteLater()
        self.chips, self._heads = [], []
        shown = self._tags[:MOST]
        for group in GROUPS:
            tags = [tag for tag in shown if tag.by == group]
            if tags:
                column.addWidget(self._line(group, tags))
        if len(self._tags) > MOST:
            more = QLabel(self.tr("and {0} rarer ones").format(len(self._tags) - MOST))
            more.setProperty("role", "dim")
            column.addWidget(more)
        self.set_look(self._look)

    def _line(self, group: str, tags: Sequence[TagShown]) -> QWidget:
        line = QWidget()
        flow = Flow(line)
        sign, head = QLabel(), QLabel(self.said_by(group))
        head.setProperty("role", "dim")
        for label in (sign, head):
            label.setMinimumHeight(self.fontMetrics().height() + 8)
            flow.addWidget(label)
        self._heads.append((sign, group))
        for tag in tags:
            chip = TagChip(tag, self._look)
            self._name(chip)
            chip.kept.connect(self.kept)
            chip.removed.connect(self.removed)
            chip.moved.connect(self._move)
            flow.addWidget(chip)
            self.chips.append(chip)
        return line

    def said_by(self, group: str) -> str:
        """Who says the tags of a group, in a word or two."""
        return {
            HAND: self.tr("By hand"),
            FILES: self.tr("From files"),
            MODEL: self.tr("The model"),
            NAMES: self.tr("From names"),
        }[group]

    def _name(self, chip: TagChip) -> None:
        tag = chip.tag
        told = [tag.name, self.said_by(tag.by)]
        if tag.by == MODEL and tag.confidence is not None:
            told.append(self.tr("{0} sure").format(f"{tag.confidence:.0%}"))
        if tag.count < tag.total:
            told.append(self.tr("on {0} of {1} pictures").format(tag.count, tag.total))
        chip.setAccessibleName(", ".join(told))
        if tag.count < tag.total:
            ways = self.tr("Click to give it to all of them, cross or Delete takes it away")
        elif tag.by == HAND:
            ways = self.tr("Cross or Delete takes it away")
        else:
            ways = self.tr("Click to keep it as your own, cross or Delete takes it away")
        chip.setAccessibleDescription(ways)
        chip.setToolTip(f"{', '.join(told)}\n{ways}")

    def _move(self, chip: TagChip, step: int) -> None:
        at = self.chips.index(chip) + step
        if 0 <= at < len(self.chips):
            self.chips[at].setFocus()
