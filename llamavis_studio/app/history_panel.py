"""The older versions of the image that is shown: look at one beside it, put one back.

studio's thread: read_versions(studio, output) -> rows -> show_versions(output, rows)
choose one -> compare_asked(pixels), or pixels_asked(version) where they were too many to bring
"Put this back" -> restore_asked(version); what stands there now becomes the newest version
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QDateTime,
    QEvent,
    QLocale,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QPainter,
    QShortcut,
    QShowEvent,
    QTextOption,
)
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.preview_info import ElidedLabel
from llamavis_studio.app.theme import Look, icon
from llamavis_studio.app.variants import Cards, Index, Option, thumbnail
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.imaging.arrays import Pixels, with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

_MOST_BYTES = 96 << 20  # of pixels that wait in the window; forty large textures would be 600 MiB
_WORDS_AGE_MS = 20_000  # "just now" must not stand there for an hour
_RIGHT = Qt.TextElideMode.ElideRight


@dataclass(frozen=True)
class VersionRow:
    """One older version, as the panel shows it; `version` is the studio's own, and comes back."""

    version: object
    image: QImage = field(compare=False, repr=False)
    pixels: Pixels | None = field(compare=False, repr=False)
    """(h, w, 4); None where the rows before it filled the room for pixels."""
    when: datetime.datetime | None
    """When it was replaced; None where the history no longer says."""
    words: str
    by_hand: bool


def read_versions(studio: Studio, output: str, most: int = 40) -> list[VersionRow]:
    """The older versions of an output, newest first; in the studio's thread.

    One that cannot be read is left out: it could not be put back either.
    """
    rows: list[VersionRow] = []
    read: dict[str, tuple[QImage, Pixels | None]] = {}  # going back and forth keeps the same twice
    room = _MOST_BYTES
    for version in studio.history.versions(output, most):
        if version.version not in read:
            try:
                pixels = read_pixels(studio, version)
            except (ProjectError, ImageError):
                continue
            room -= pixels.nbytes
            read[version.version] = thumbnail(pixels), pixels if room >= 0 else None
        image, kept = read[version.version]
        when = _time(version.replaced)
        rows.append(VersionRow(version, image, kept, when, version.prompt, version.by_hand))
    return rows


def read_pixels(studio: Studio, version: Any) -> Pixels:
    """The pixels of one version, (h, w, 4); in the studio's thread.

    Raises ProjectError where the file is gone, ImageError where it is no image.
    """
    return with_alpha(decode_image(studio.history.data(version)))


def _time(text: str) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


class HistoryPanel(QWidget):
    """Only asks: comparing and putting back are the window's."""

    compare_asked = Signal(object)  # uint8 (h, w, 4); None ends the comparison
    pixels_asked = Signal(object)
    """A version whose pixels are not here: read them in the studio's thread, then compare."""
    restore_asked = Signal(object)  # the version to put back

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._output = ""
        self._rows: tuple[VersionRow, ...] = ()
        self._cards = _VersionCards(look, self)
        self.title, self.restore = ElidedLabel(), QPushButton()
        self.list = QListWidget()
        self.list.setItemDelegate(self._cards)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.itemSelectionChanged.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.restore.clicked.connect(self._restore)
        leave = QShortcut("Esc", self.list, context=Qt.ShortcutContext.WidgetShortcut)
        leave.activated.connect(self.list.clearSelection)
        self.empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        for label in (self.title, self.empty):
            label.setProperty("role", "dim")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self._list_page())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addWidget(self.pages)
        self._clock = QTimer(self)
        self._clock.setInterval(_WORDS_AGE_MS)
        self._clock.timeout.connect(self._tell)
        self.set_look(look)
        self.show_nothing()

    def show_versions(self, output: str, rows: Sequence[VersionRow]) -> None:
        """The versions of an output, newest first; none of them is chosen yet."""
        self._output, self._rows = output, tuple(rows)
        self._cards.rows = self._rows
        with QSignalBlocker(self.list):  # that nothing is chosen now was nobody's choice
            self.list.clear()
            self.list.addItems([""] * len(self._rows))
        self.list.scrollToTop()
        self.restore.setEnabled(False)
        self.pages.setCurrentIndex(1 if self._rows else 0)
        self.retranslate()

    def show_nothing(self) -> None:
        """No image is shown."""
        self.show_versions("", ())

    def set_look(self, look: Look) -> None:
        """Paint in other colours."""
        self._cards.look = look
        self.restore.setIcon(icon("history", look))
        self.list.viewport().update()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self.list.setAccessibleName(self.tr("Older versions of the image"))
        self.restore.setText(self.tr("Put this back"))
        self.restore.setAccessibleName(self.tr("Put the chosen version back"))
        self.restore.setToolTip(self.tr("What is there now stays here as the newest version"))
        self.title.setText(self._output)
        self.title.setToolTip(self._output)
        words = self.tr("Choose an image to see its older versions")
        if self._output:
            words = self.tr("No older version yet. One is kept whenever {0} is drawn again.")
        self.empty.setText(words.format(self._output))
        self._tell()

    def ago(self, when: datetime.datetime | None, now: datetime.datetime) -> str:
        """A time in words that are near to people, or its date where it is long ago."""
        if when is None:
            return self.tr("Some time ago")
        minutes = int((now - when).total_seconds()) // 60
        if minutes < 1:  # a clock that was set back too
            return self.tr("Just now")
        if minutes < 60:
            return self.tr("%n minute(s) ago", "", minutes)
        if minutes < 24 * 60:
            return self.tr("%n hour(s) ago", "", minutes // 60)
        if minutes < 7 * 24 * 60:
            return self.tr("%n day(s) ago", "", minutes // (24 * 60))
        return _local(when, QLocale.FormatType.ShortFormat)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        self._tell()
        self._clock.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        self._clock.stop()
        super().hideEvent(event)

    def _list_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        for part, stretch in ((self.title, 0), (self.list, 1), (self.restore, 0)):
            layout.addWidget(part, stretch)
        return page

    def _tell(self) -> None:
        now = datetime.datetime.now(datetime.UTC)
        self._cards.by_hand = by_hand = self.tr("by hand")
        for at, row in enumerate(self._rows):
            item = self.list.item(at)
            when = self.ago(row.when, now)
            words = row.words or self.tr("Not made by the studio")
            item.setText(f"{when}\n{words}")
            full = "" if row.when is None else _local(row.when, QLocale.FormatType.LongFormat)
            item.setToolTip("\n".join(filter(None, (full, words))))
            told = [when, by_hand, words] if row.by_hand else [when, words]
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(told))

    def _chosen(self) -> VersionRow | None:
        chosen = self.list.selectionModel().selectedRows()
        return self._rows[chosen[0].row()] if chosen else None

    def _choose(self) -> None:
        row = self._chosen()
        self.restore.setEnabled(row is not None)
        if row is not None and row.pixels is None:
            self.pixels_asked.emit(row.version)
        else:
            self.compare_asked.emit(None if row is None else row.pixels)

    def _restore(self) -> None:
        row = self._chosen()
        if row is not None:
            self.restore.setEnabled(False)  # a second press would put back what is there already
            self.restore_asked.emit(row.version)


def _local(when: datetime.datetime, form: QLocale.FormatType) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(when.timestamp())).toLocalTime()
    return QLocale().toString(moment, form)


class _VersionCards(Cards):
    """A version: its picture, and beside it when, whether by hand, and its words."""

    box_px = 64
    pad_px = 8
    by_hand = ""

    def sizeHint(self, option: Option, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        height = max(self.box_px, 3 * option.fontMetrics.lineSpacing())
        return QSize(self.box_px + 4 * self.pad_px, height + 2 * self.pad_px)

    def draw_rest(self, painter: QPainter, option: Option, box: QRect, row: VersionRow) -> None:
        metrics, height = option.fontMetrics, option.fontMetrics.lineSpacing()
        when, _, words = option.text.partition("\u2028")  # Qt's end of a line
        room = QRect(option.rect)
        room.setLeft(box.right() + self.pad_px + 2)
        room.setRight(option.rect.right() - self.pad_px)
        words = " ".join(words.split())
        is_long = metrics.horizontalAdvance(words) > room.width()
        room.setTop(option.rect.center().y() - height * (3 if is_long else 2) // 2)
        # What is a little shorter than two lines fits into them, wherever the first one breaks.
        words = metrics.elidedText(words, _RIGHT, room.width() * 7 // 4)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(self.look.colour("text" if is_chosen else "dim"))  # dim is for the panel
        below = QRectF(room.left(), room.top() + height, room.width(), 2 * height)
        wrap = QTextOption()
        wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        painter.drawText(below, words, wrap)
        if row.by_hand:
            painter.setPen(self.look.colour("info"))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, self.by_hand)
            side = metrics.ascent()
            room.setRight(room.right() - metrics.horizontalAdvance(self.by_hand) - side - 5)
            sign = QRect(room.right(), room.top() + 2, side, side)
            icon("edited", self.look, "info").paint(painter, sign)
            room.setRight(sign.left() - 6)
        painter.setPen(self.look.colour("text"))
        painter.drawText(room, 0, metrics.elidedText(when, _RIGHT, room.width()))
