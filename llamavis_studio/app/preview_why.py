"""The rows of "Why this picture": a chip a word, and beneath what else is known.

show_asking() -> show_why(why), or show_problem(text)
a chip under the mouse, or with the focus -> heat_asked(its heat); away from it -> that of the
chip that was pressed, or None
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.gallery_flow import FlowLayout
from llamavis_studio.app.sentences import told
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.app.why import Why, WhyWord
from llamavis_studio.imaging.heatmap import heat_colours

_BAR = 3  # logical pixels; a chip's bar says how strongly its word acted where it acted most
_MOST_NAMES = 2  # of pictures that were looked up
_NAME = 60  # characters of one of them
_SHEET = """
QToolButton {{ border: 1px solid {line}; border-radius: 6px; padding: 4px 9px 7px 9px;
  color: {text}; background: {panel}; }}
QToolButton:hover, QToolButton:focus {{ border-color: {accent}; background: {raised}; }}
QToolButton:checked {{ background: {selection}; border-color: {accent}; }}
QToolButton[of_style="true"] {{ color: {dim}; border-style: dashed; }}
"""


class WhyBar(QFrame):
    """Words to point at; it only asks for heat, the preview shows it."""

    heat_asked = Signal(object)
    """A QImage to lay over the picture, or None."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._look = look
        self._why: Why | None = None
        self._problem: tuple[str, str] | None = None  # None while the model is asked
        self._pinned: _WordChip | None = None
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips)
        self._legend = _Legend(look)
        self._notes = QLabel(wordWrap=True)
        self._notes.setProperty("role", "dim")
        self._notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 6)
        column.setSpacing(5)
        column.addWidget(self._chips)
        column.addWidget(self._notes)
        for part in (self, self._chips):
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            part.setSizePolicy(policy)
        self.set_look(look)
        self.show_asking()

    @property
    def chips(self) -> list[QToolButton]:
        """The words, in their order."""
        return [chip for chip in self._chips.findChildren(_WordChip) if not chip.gone]

    def show_asking(self) -> None:
        """The model is asked."""
        self._why, self._problem = None, None
        self._fill()

    def show_problem(self, message: str, hint: str = "") -> None:
        """Why there is no answer."""
        self._why, self._problem = None, (message, hint)
        self._fill()

    def show_why(self, why: Why) -> None:
        """The answer; its first word waits for the keyboard."""
        self._why, self._problem = why, None
        self._fill()

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self._look = self._legend.look = look
        uses = ("line", "text", "panel", "accent", "raised", "selection", "dim")
        self._chips.setStyleSheet(_SHEET.format(**{use: getattr(look, use) for use in uses}))
        self.update()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left and right go from word to word, Escape ends it."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        chips = self.chips
        at = next((i for i, chip in enumerate(chips) if chip.hasFocus()), None)
        if step and at is not None:
            chips[(at + step) % len(chips)].setFocus(Qt.FocusReason.TabFocusReason)
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    # ---- the chips

    def _fill(self) -> None:
        self._pinned = None
        self.heat_asked.emit(None)
        _empty(self._flow, self._legend)
        words = self._why.words if self._why is not None else ()
        for word in words:
            chip = _WordChip(word, self._chips)
            chip.setToolTip(self._tip(word))
            chip.setAccessibleName(self._tip(word))
            chip.pointed.connect(self._point)
            chip.left.connect(self._leave)
            chip.clicked.connect(self._pin)
            self._flow.addWidget(chip)
        self._legend.setParent(self._chips)
        self._legend.words = (self.tr("little"), self.tr("much"))
        self._legend.setAccessibleName(self.tr("Dark is little, light is much"))
        self._legend.setVisible(bool(words))
        self._flow.addWidget(self._legend)
        self._chips.setVisible(bool(words))
        self._chips.setAccessibleName(self.tr("Words of the description"))
        self._notes.setText(self._said())
        self._notes.setAccessibleName(self._notes.text())
        self._notes.setVisible(bool(self._notes.text()))
        self._chips.updateGeometry()
        self.updateGeometry()

    def _tip(self, word: WhyWord) -> str:
        says = self.tr("{word}: acted with up to {share} %").format(
            word=word.word, share=round(word.peak * 100)
        )
        if word.english:
            says += " · " + self.tr("read as “{english}”").format(english=word.english)
        if word.of_style:
            says += " · " + self.tr("a word of the style")
        return says

    def _point(self) -> None:
        chip = self.sender()
        if isinstance(chip, _WordChip):
            self.heat_asked.emit(chip.word.heat)

    def _leave(self) -> None:
        focused = next((one for one in self.chips if one.hasFocus()), None)
        chip = self._pinned or focused
        shown = isinstance(chip, _WordChip) and (chip is self._pinned or chip.by_keys)
        self.heat_asked.emit(chip.word.heat if shown and isinstance(chip, _WordChip) else None)

    def _pin(self, on: bool) -> None:
        chip = self.sender()
        if not isinstance(chip, _WordChip):
            return
        for other in self.chips:
            if other is not chip:
                other.setChecked(False)
        self._pinned = chip if on else None
        self.heat_asked.emit(chip.word.heat)

    # ---- what else is known

    def _said(self) -> str:
        if self._why is None:
            return self.tr("Asking the model…") if self._problem is None else told(*self._problem)
        why = self._why
        lines = [self._likeness(why.likeness)]
        if not why.words:
            lines.append(self.tr("This model cannot say where words acted"))
        if why.unknown_words:
            words = ", ".join(why.unknown_words)
            lines.append(self.tr("The model does not know: {words}").format(words=words))
        parts = []
        if why.glosses:
            read = ", ".join(f"{word} = {english}" for word, english in why.glosses)
            parts.append(self.tr("Read as: {words}").format(words=read))
        if why.took_after:
            known = sorted(why.took_after, key=lambda one: -(one[1] or 0.0))[:_MOST_NAMES]
            names = ", ".join(self._after(name, share) for name, share in known)
            parts.append(self.tr("Looked up: {names}").format(names=names))
        lines.append("  ·  ".join(parts))
        return "\n".join(line for line in lines if line)

    def _after(self, name: str, share: float | None) -> str:
        name = name if len(name) <= _NAME else f"{name[:_NAME].rstrip()}…"
        if share is None:
            return self.tr("“{name}”").format(name=name)
        return self.tr("“{name}” ({share} %)").format(name=name, share=round(share * 100))

    def _likeness(self, likeness: str) -> str:
        return {
            "missing": self.tr("Not drawn yet: the heat lies over what would be drawn."),
            "by_hand": self.tr("Painted by hand since: the heat lies over a fresh drawing."),
            "other_words": self.tr("Drawn from older words: the heat lies over a fresh drawing."),
            "edit": self.tr("An edit of an older picture: the heat lies over a fresh drawing."),
            "other": self.tr("Drawn in another way: the heat lies over a fresh drawing."),
        }.get(likeness, "")


class _WordChip(QToolButton):
    """A word with a bar under it: how strongly it acted where it acted most."""

    pointed = Signal()
    left = Signal()

    def __init__(self, word: WhyWord, parent: QWidget) -> None:
        super().__init__(parent)
        self.word = word
        self.by_keys = False
        self.gone = False  # deleted as soon as Qt comes to it
        self.setText(word.word)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("of_style", word.of_style)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """The mouse points at it."""
        super().enterEvent(event)
        self.pointed.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """The mouse went."""
        super().leaveEvent(event)
        self.left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The keyboard points at it."""
        super().focusInEvent(event)
        self.by_keys = event.reason() != Qt.FocusReason.MouseFocusReason
        if self.by_keys:
            self.pointed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The keyboard went."""
        super().focusOutEvent(event)
        self.by_keys = False
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Return pins it as Space does; the bar has the arrows."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The word and its bar."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(7, self.height() - _BAR - 3, self.width() - 14, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        faint = QColor(self.palette().text().color())
        faint.setAlpha(50)
        painter.setBrush(faint)
        painter.drawRoundedRect(whole, _BAR / 2, _BAR / 2)
        whole.setWidth(max(_BAR, whole.width() * min(1.0, self.word.peak)))
        painter.setBrush(self.palette().text())
        painter.drawRoundedRect(whole, _BAR / 2, _BAR / 2)
        painter.end()


class _Legend(QWidget):
    """The colours of the heat, from little to much."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.words = ("", "")

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the words and a strip between them."""
        metrics = self.fontMetrics()
        words = sum(metrics.horizontalAdvance(word) for word in self.words)
        return QSize(words + 92, metrics.height() + 13)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Word, strip, word."""
        painter = QPainter(self)
        painter.setPen(self.look.colour("dim"))
        left = self.fontMetrics().horizontalAdvance(self.words[0])
        middle = Qt.AlignmentFlag.AlignVCenter
        room = self.rect().adjusted(8, 0, 0, 0)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, self.words[0])
        strip = QRectF(left + 14, self.height() / 2 - 4, 60, 8)
        gradient = QLinearGradient(strip.topLeft(), strip.topRight())
        for step in range(9):
            share = step / 8
            red, green, blue = (round(float(v)) for v in heat_colours(_one(share))[0, 0])
            gradient.setColorAt(share, QColor(red, green, blue))
        painter.fillRect(strip, gradient)
        room.setLeft(round(strip.right()) + 6)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, self.words[1])
        painter.end()


def _one(value: float) -> NDArray[np.float32]:
    return np.full((1, 1), value, np.float32)


def _empty(flow: QLayout, kept: QWidget) -> None:
    """Take every word out of a layout."""
    while (item := flow.takeAt(0)) is not None:
        widget = item.widget()
        if isinstance(widget, _WordChip):
            widget.gone = True
            widget.hide()
            widget.deleteLater()
        elif widget is not None and widget is not kept:
            widget.deleteLater()
