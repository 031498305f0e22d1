"""The two rows above the canvas: how one looks at the picture, and what a region should become."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.theme import DARK, Look

_ICON = QSize(18, 18)
_BRUSH_PX = 16
_CLOSE_SET = "QToolButton { padding: 5px 7px; }"  # so that the row fits between two panels


class ToolRow(QWidget):
    """Fit, 100 %, zoom, tiles, grid, compare, why, brush; it only asks, others do."""

    fit_asked = Signal()
    zoom_asked = Signal(float)
    step_asked = Signal(int)
    tile_asked = Signal(bool)
    grid_asked = Signal(bool)
    compare_asked = Signal(bool)
    brush_asked = Signal(bool)
    why_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._look = look
        self._no_region = ""
        self._fit = self._button("fit")
        self._whole = self._button("")
        self._out = self._button("")
        self._in = self._button("")
        self._zoom = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._zoom.setMinimumWidth(self._zoom.fontMetrics().horizontalAdvance("6400 %") + 8)
        self._tile = self._button("texture", checkable=True)
        self._grid = self._button("grid", checkable=True)
        self._grid.setChecked(True)
        self._compare = self._button("compare", checkable=True)
        self._brush = self._button("brush", checkable=True)
        self._why = self._button("why", checkable=True)
        self._spoken = (self._why, self._brush)
        self._fit.clicked.connect(self.fit_asked)
        self._whole.clicked.connect(lambda: self.zoom_asked.emit(1.0))
        self._out.clicked.connect(lambda: self.step_asked.emit(-1))
        self._in.clicked.connect(lambda: self.step_asked.emit(1))
        self._tile.toggled.connect(self.tile_asked)
        self._grid.toggled.connect(self.grid_asked)
        self._compare.toggled.connect(self.compare_asked)
        self._brush.toggled.connect(self.brush_asked)
        self._why.toggled.connect(self.why_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(2)
        for part in (self._fit, self._whole, self._out, self._zoom, self._in):
            row.addWidget(part)
        row.addSpacing(10)
        for part in (self._tile, self._grid, self._compare):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self._why)
        row.addWidget(self._brush)
        self.setStyleSheet(_CLOSE_SET)
        self.offer_compare(False)
        self.retranslate()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Icons alone will do."""
        hint = super().minimumSizeHint()
        for button in self._spoken:
            hint.setWidth(hint.width() - button.minimumSizeHint().width() + _ICON.width() + 16)
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """With words where there is room."""
        super().resizeEvent(event)
        self._speak()

    def _speak(self) -> None:
        """Icons with words, as many as fit from the right; the words are always in the tips."""
        style = Qt.ToolButtonStyle
        for button in self._spoken:
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon)
        for button in self._spoken:
            layout = self.layout()
            if layout is not None and layout.sizeHint().width() > self.width():
                button.setToolButtonStyle(style.ToolButtonIconOnly)

    @property
    def brushes(self) -> bool:
        """Whether a region is painted."""
        return self._brush.isChecked()

    def offer_region(self, reason: str) -> None:
        """A region may be edited; or not, for a reason."""
        self._no_region = reason
        if reason:
            self.stop_brush()
        self._brush.setEnabled(not reason)
        self._say_brush()

    def stop_brush(self) -> None:
        """Lay the brush down."""
        self._brush.setChecked(False)

    @property
    def asks_why(self) -> bool:
        """Whether the words of the picture are shown."""
        return self._why.isChecked()

    def stop_why(self) -> None:
        """Ask no more."""
        self._why.setChecked(False)

    def offer_canvas(self, on: bool) -> None:
        """Whether the canvas is shown, which most of this is for."""
        for part in (self._fit, self._whole, self._out, self._in, self._zoom, self._tile,
                     self._grid):  # fmt: skip
            part.setEnabled(on)

    def offer_compare(self, on: bool, *, at_once: bool = True) -> None:
        """There is something to compare with, maybe shown at once; or nothing."""
        self._compare.setEnabled(on)
        self._compare.setChecked(on and at_once)

    def end_compare(self) -> None:
        """Show the picture alone; the button brings the comparison back."""
        self._compare.setChecked(False)

    def tell_zoom(self, scale: float) -> None:
        """The zoom, in percent."""
        self._zoom.setText(self.tr("{share} %").format(share=round(scale * 100)))

    def set_look(self, look: Look) -> None:
        """Draw the icons anew."""
        self._look = look
        for button in self.findChildren(QToolButton):
            if button.objectName():
                button.setIcon(theme.icon(button.objectName(), look))

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._whole.setText(self.tr("1:1"))
        self._out.setText("−")
        self._in.setText("+")
        self._brush.setText(self.tr("Edit a region"))
        self._why.setText(self.tr("Why this picture"))
        self._speak()
        self._zoom.setAccessibleName(self.tr("Zoom"))
        for button, name, tip in (
            (self._fit, self.tr("Fit"), self.tr("Show all of it (0)")),
            (self._whole, self.tr("100 %"), self.tr("One pixel on one of the screen (1)")),
            (self._out, self.tr("Zoom out"), self.tr("Zoom out (-)")),
            (self._in, self.tr("Zoom in"), self.tr("Zoom in (+)")),
            (self._tile, self.tr("Tile"), self.tr("Repeat it 3 x 3 to see its seams")),
            (self._grid, self.tr("Pixel grid"), self.tr("Lines between pixels, from 800 % on")),
            (self._compare, self.tr("Compare"), self.tr("Before and after, with a divider")),
            (
                self._why,
                self.tr("Why this picture"),
                self.tr("See where each word acted, and what the model took after"),
            ),
            (self._brush, self.tr("Edit a region"), ""),
        ):
            button.setAccessibleName(name)
            button.setToolTip(tip)
        self._say_brush()

    def _say_brush(self) -> None:
        """What the brush is for, or why there is none."""
        told = self._no_region or self.tr("Paint over a region and say what should be there")
        self._brush.setToolTip(told)
        self._brush.setAccessibleDescription(self._no_region)

    def _button(self, icon: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(icon)
        button.setIconSize(_ICON)
        button.setCheckable(checkable)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button


class RegionBar(QFrame):
    """Brush size, words, Apply; there while the brush is out."""

    brush_changed = Signal(int)
    """Pixels of the picture."""
    applied = Signal(str)
    """What should be there."""
    clear_asked = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._painted = False
        self._size = QSpinBox()
        self._size.setRange(1, 512)
        self._size.setValue(_BRUSH_PX)
        self._size.valueChanged.connect(self.brush_changed)
        self._words = QLineEdit()
        self._words.setClearButtonEnabled(True)
        self._words.textChanged.connect(self._check)
        self._words.returnPressed.connect(self._apply)
        self._clear = QToolButton()
        self._clear.clicked.connect(self.clear_asked)
        self._go = QPushButton()
        self._go.setProperty("primary", True)
        self._go.clicked.connect(self._apply)
        self._close = QToolButton()
        self._close.clicked.connect(self.closed)
        for button in (self._clear, self._close):
            button.setIconSize(_ICON)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 6)
        row.setSpacing(6)
        row.addWidget(self._size)
        row.addWidget(self._words, 1)
        for part in (self._go, self._clear, self._close):
            row.addWidget(part)
        self.set_look(look)
        self.retranslate()
        self._check()

    @property
    def brush_px(self) -> int:
        """How wide the brush is, in pixels of the picture."""
        return self._size.value()

    def widen_brush(self, wider: bool) -> None:
        """By a quarter, or back."""
        step = max(1, self._size.value() // 4)
        self._size.setValue(self._size.value() + (step if wider else -step))

    @property
    def words(self) -> QLineEdit:
        """Where one says what should be there."""
        return self._words

    @property
    def apply_button(self) -> QPushButton:
        """Enabled once something is painted and something said."""
        return self._go

    def set_painted(self, painted: bool) -> None:
        """Whether there is a region to apply the words to."""
        self._painted = painted
        self._check()

    def set_look(self, look: Look) -> None:
        """Draw the icons anew."""
        self._clear.setIcon(theme.icon("undo", look))
        self._close.setIcon(theme.icon("close", look))

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._size.setSuffix(self.tr(" px"))
        self._size.setToolTip(self.tr("Width of the brush, in pixels of the picture ([ and ])"))
        self._size.setAccessibleName(self.tr("Brush size"))
        self._words.setPlaceholderText(self.tr("What should be there?"))
        self._words.setAccessibleName(self.tr("What should be there"))
        self._clear.setToolTip(self.tr("Clear the region"))
        self._clear.setAccessibleName(self.tr("Clear the region"))
        self._close.setToolTip(self.tr("Stop editing (Esc)"))
        self._close.setAccessibleName(self.tr("Stop editing"))
        self._go.setText(self.tr("Apply"))
        self._check()

    def _check(self) -> None:
        said = bool(self._words.text().strip())
        self._go.setEnabled(self._painted and said)
        self._clear.setEnabled(self._painted)
        if not self._painted:
            tip = self.tr("Paint over a region first: left paints, right erases")
        else:
            tip = "" if said else self.tr("Say what should be there")
        self._go.setToolTip(tip)

    def _apply(self) -> None:
        if self._go.isEnabled():
            self.applied.emit(self._words.text().strip())
