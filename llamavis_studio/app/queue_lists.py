"""The two lists of the queue, what the keys do in them and what their menus offer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView, QWidget

from llamavis_studio.app.queue_delegate import PICTURE, QueueDelegate
from llamavis_studio.app.queue_model import (
    FAILED,
    PROBLEM,
    ROW_ROLE,
    WAITING,
    LineModel,
    ResultModel,
    Row,
)
from llamavis_studio.app.theme import DARK, Look


class QueueList(QTableView):
    """A list of images. Emits `image_chosen` when one is to be shown.

    A table of one column: unlike Qt's list it does not lay out ten thousand rows for one that
    changes.
    """

    image_chosen = Signal(str)
    problem_chosen = Signal(str)
    """The description that cannot be read."""

    def __init__(self, model: LineModel | ResultModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = ""
        self._look = DARK
        self.delegate = QueueDelegate(DARK, self)
        self.setItemDelegate(self.delegate)
        self.setModel(model)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        # The delegate paints what is chosen; a table would paint the whole row behind it.
        self.setStyleSheet("QTableView { selection-background-color: transparent; }")
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        across = self.horizontalHeader()
        across.setMinimumSectionSize(PICTURE)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for header in (across, self.verticalHeader()):
            header.hide()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.activated.connect(self._choose)
        self._measure()
        self.acts: dict[str, QAction] = {}
        self._add_act("show", "Return", self._show_current)

    def rows(self, state: str = "") -> list[Row]:
        """The chosen rows from top to bottom; with `state`, only those."""
        indexes = sorted(self.selectionModel().selectedIndexes(), key=lambda one: one.row())
        found = [one.data(ROW_ROLE) for one in indexes]
        return [row for row in found if row is not None and state in ("", row.state)]

    def set_look(self, look: Look) -> None:
        """Paint in the colours of now."""
        self._look = self.delegate.look = look
        self.viewport().update()

    def retranslate(self, empty: str) -> None:
        """The texts again; `empty` is what an empty list says."""
        self._empty = empty
        self.acts["show"].setText(self.tr("Show"))

    def prepare_menu(self) -> None:
        """Offer what can be done with the chosen rows."""
        self.acts["show"].setEnabled(bool(self.rows()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure()
        super().changeEvent(event)

    def _measure(self) -> None:
        """How high a row is; none is measured by itself."""
        down = self.verticalHeader()
        down.setMinimumSectionSize(1)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(self.delegate.row_height(self.font()))

    def _add_act(self, name: str, key: str, do: Callable[[], None]) -> None:
        act = QAction(self)
        if key:
            act.setShortcut(QKeySequence(key))
            act.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        act.triggered.connect(do)
        self.addAction(act)
        self.acts[name] = act

    def _show_menu(self, place: QPoint) -> None:
        self.prepare_menu()
        menu = QMenu(self)
        menu.addActions(list(self.acts.values()))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(place))

    def _show_current(self) -> None:
        self._choose(self.currentIndex())

    def _choose(self, index: QModelIndex) -> None:
        row: Row | None = index.data(ROW_ROLE)
        if row is not None:
            chosen = self.image_chosen if row.is_image else self.problem_chosen
            chosen.emit(row.output if row.is_image else row.source)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self._look.colour("dim"))
            room = self.viewport().rect().adjusted(12, 4, -12, -4)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._empty)
            painter.end()


class LineList(QueueList):
    """The images that are drawn and wait. Emits what is asked for, always with outputs."""

    front_asked = Signal(list)
    move_asked = Signal(list, int)
    out_asked = Signal(list)
    before_asked = Signal(list, str)

    def __init__(self, model: LineModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._line = model
        self.setDragDropOverwriteMode(False)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDropIndicatorShown(True)
        model.drop_asked.connect(self.before_asked)
        self._add_act("front", "Alt+Home", lambda: self._ask(self.front_asked))
        self._add_act("up", "Alt+Up", lambda: self._ask(self.move_asked, -1))
        self._add_act("down", "Alt+Down", lambda: self._ask(self.move_asked, 1))
        self._add_act("out", "Del", self._take_out)

    def retranslate(self, empty: str) -> None:
        """The texts again; `empty` is what an empty list says."""
        super().retranslate(empty)
        self.acts["front"].setText(self.tr("Draw next"))
        self.acts["up"].setText(self.tr("Earlier"))
        self.acts["down"].setText(self.tr("Later"))
        self.acts["out"].setText(self.tr("Take out"))

    def prepare_menu(self) -> None:
        """Offer what can be done with the chosen rows."""
        super().prepare_menu()
        for name in ("front", "up", "down"):
            self.acts[name].setEnabled(bool(self.rows(WAITING)))
        self.acts["out"].setEnabled(bool(self.rows()))

    def show_progress(self, drawn: float) -> None:
        """How much of what is drawn now is done, 0 to 1."""
        self.delegate.drawn = drawn
        for at in range(min(self._line.running, 64)):
            self.update(self._line.index(at))

    def _ask(self, signal: object, *more: object) -> None:
        outputs = [row.output for row in self.rows(WAITING)]
        if outputs:
            signal.emit(outputs, *more)  # type: ignore[attr-defined]

    def _take_out(self) -> None:
        outputs = [row.output for row in self.rows()]
        if outputs:
            self.out_asked.emit(outputs)


class ResultList(QueueList):
    """What came of the images. Emits `again_asked` with those that are to be drawn again."""

    again_asked = Signal(list)

    def __init__(self, model: ResultModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._results = model
        model.rowsInserted.connect(lambda _above, first, last: self._fit(first, last))
        self.delegate.again_asked.connect(lambda output: self.again_asked.emit([output]))
        self._add_act("again", "Ctrl+Return", self._again)
        self._add_act("clear", "", model.clear)

    def retranslate(self, empty: str) -> None:
        """The texts again; `empty` is what an empty list says."""
        super().retranslate(empty)
        self.acts["again"].setText(self.tr("Draw again"))
        self.acts["clear"].setText(self.tr("Clear this list"))

    def prepare_menu(self) -> None:
        """Offer what can be done with the chosen rows."""
        super().prepare_menu()
        self.acts["again"].setEnabled(any(row.is_image for row in self.rows(FAILED)))
        self.acts["clear"].setEnabled(self._results.rowCount() > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():  # messages wrap elsewhere
            self._fit(0, self._results.rowCount() - 1)

    def _fit(self, first: int, last: int) -> None:
        """Give rows with a message the height that it needs."""
        for at in range(first, last + 1):
            row: Row | None = self._results.index(at).data(ROW_ROLE)
            if row is not None and row.state in (FAILED, PROBLEM):
                self.setRowHeight(at, self.sizeHintForRow(at))

    def _again(self) -> None:
        outputs = [row.output for row in self.rows(FAILED) if row.is_image]
        if outputs:
            self.again_asked.emit(outputs)
