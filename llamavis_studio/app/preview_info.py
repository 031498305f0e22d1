"""The line under the picture, and a label that is cut rather than widen what it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.drawn_words import spoken
from llamavis_studio.app.theme import DARK, Look

_SEAM_SEEN = 1.5  # above it one sees a seam, says `seam_score`


class ElidedLabel(QLabel):
    """A line that ends in an ellipsis where it is too long, rather than widen the window."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Any width will do."""
        return QSize(1, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """What fits of the text."""
        fits = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), fits)
        painter.end()


class InfoLine(QWidget):
    """The line under the picture: what is known of it, and the pixel under the cursor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts, self._pixel = ElidedLabel(), QLabel()
        self._helps, self._notes = _Line("info", "dim"), _Line("failed", "warn")
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(self._facts, 1)
        line.addWidget(self._pixel)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 4)
        column.setSpacing(2)
        column.addLayout(line)
        for part in (self._helps, self._notes):
            column.addWidget(part)
        for label in (self._facts, self._pixel):
            label.setProperty("role", "dim")
        self.retranslate()

    def text(self) -> str:
        """What it says of the picture."""
        return self._facts.text()

    def show_nothing(self) -> None:
        """There is no picture."""
        self._facts.clear()
        self.show_more((), ())

    def show_facts(
        self, path: Path, size: tuple[int, int], colours: int, seam: float | None, note: str
    ) -> None:
        """Size (width, height), how many colours, how its seam scores if it has one, and a note."""
        parts = [f"{size[0]} × {size[1]} px"]
        if colours == 1:
            parts.append(self.tr("one colour"))
        else:
            count = self.locale().toString(colours)
            parts.append(self.tr("{count} colours").format(count=count))
        if seam is not None:
            says = self.tr("repeats without a seam ({score})")
            if seam > _SEAM_SEEN:
                says = self.tr("a seam shows ({score})")
            parts.append(says.format(score=f"{seam:.2f}"))
        if note:
            parts.append(note)
        self._facts.setText("  ·  ".join(parts))
        self._facts.setToolTip(str(path))

    def show_more(self, helps: Sequence[str], notes: Sequence[str]) -> None:
        """What makes up for what its model cannot do, and what did not go as asked, a sentence
        each as the plan and the file say it; they take room only where there are any.
        """
        self._helps.say(helps)
        self._notes.say(notes)

    def more(self) -> tuple[str, str]:
        """What it says of both."""
        return self._helps.text(), self._notes.text()

    def set_look(self, look: Look) -> None:
        """Draw the icons anew."""
        self._helps.set_look(look)
        self._notes.set_look(look)

    def show_pixel(self, x: int, y: int, colour: QColor) -> None:
        """The pixel under the cursor."""
        if colour.alpha() == 0:
            named = self.tr("clear")
        elif colour.alpha() < 255:
            named = self.tr("{colour}, {share} % opaque").format(
                colour=colour.name(), share=round(colour.alpha() / 2.55)
            )
        else:
            named = colour.name()
        self._pixel.setText(f"{x}, {y}   {named}")

    def clear_pixel(self) -> None:
        """The cursor is on no pixel."""
        self._pixel.clear()

    def retranslate(self) -> None:
        """Say everything in the language of now; the facts come again from their owner."""
        self._facts.setAccessibleName(self.tr("About the picture"))
        self._pixel.setAccessibleName(self.tr("Pixel under the cursor"))
        for part in (self._helps, self._notes):
            part.retranslate()


class _Line(QWidget):
    """Sentences behind an icon; nothing where there are none."""

    def __init__(self, sign: str, use: str) -> None:
        super().__init__()
        self._name, self._use = sign, use
        self._sentences: tuple[str, ...] = ()
        self._sign, self._words = QLabel(), QLabel(wordWrap=True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self.set_look(DARK)
        self.hide()

    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def say(self, sentences: Sequence[str]) -> None:
        """Show these, in the language of the window."""
        self._sentences = tuple(sentences)
        self.retranslate()
        self.setVisible(bool(sentences))

    def retranslate(self) -> None:
        """Say them again, in the language of now."""
        self._words.setText("  \u00b7  ".join(spoken(one) for one in self._sentences))

    def set_look(self, look: Look) -> None:
        """Draw the icon anew."""
        self._sign.setPixmap(theme.icon(self._name, look, self._use).pixmap(16, 16))
