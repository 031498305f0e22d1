"""Small switches for what is searched most: each adds a word to the query and takes it away.

The text of the query is the only truth: chips are lit by what it says, typed or clicked.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QToolButton, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.search_words import values_of, with_value, without_value
from llamavis_studio.app.theme import Look


@dataclass(frozen=True)
class Facet:
    """One chip: the word it stands for, and how it looks."""

    field: str
    value: str
    label: str
    icon: str


FACETS = (
    Facet("kind", "texture", str(QT_TRANSLATE_NOOP("FacetChips", "Textures")), "texture"),
    Facet("kind", "sprite", str(QT_TRANSLATE_NOOP("FacetChips", "Sprites")), "sprite"),
    Facet("kind", "sheet", str(QT_TRANSLATE_NOOP("FacetChips", "Sheets")), "sheet"),
    Facet("state", "stale", str(QT_TRANSLATE_NOOP("FacetChips", "Stale")), "stale"),
    Facet("state", "missing", str(QT_TRANSLATE_NOOP("FacetChips", "Missing")), "missing"),
    Facet("used", "no", str(QT_TRANSLATE_NOOP("FacetChips", "Unused")), "eye"),
)
_SHEET = """
QToolButton {{ border: 1px solid {line}; border-radius: 12px; padding: 3px 4px 3px 6px;
  color: {dim}; background: transparent; }}
QToolButton:hover {{ background: {raised}; color: {text}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton:checked {{ background: {selection}; border-color: {accent}; color: {text}; }}
"""


class FlowLayout(QLayout):
    """Widgets one after another, and on further lines where a narrow dock has no room."""

    def __init__(self, parent: QWidget, gap: int = 6) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._place(QRect(0, 0, width, 0), moves=False)

    def sizeHint(self) -> QSize:  # noqa: N802
        """All on one line."""
        sizes = [item.sizeHint() for item in self._items]
        width = sum(size.width() + self._gap for size in sizes) - self._gap
        return QSize(max(0, width), self.minimumSize().height())

    def minimumSize(self) -> QSize:  # noqa: N802
        sizes = [item.sizeHint() for item in self._items]
        return QSize(
            max((size.width() for size in sizes), default=0),
            max((size.height() for size in sizes), default=0),
        )

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        self._place(rect, moves=True)

    def _place(self, rect: QRect, *, moves: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.x() + rect.width():
                x, y, line = rect.x(), y + line + self._gap, 0
            if moves:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
            line = max(line, size.height())
        return y + line - rect.y()


class FacetChips(QWidget):
    """The chips of `FACETS`. Give them each new query by `show_query`."""

    query_changed = Signal(str)
    """(query): as a click has changed it."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query = ""
        self.chips = {facet: QToolButton(self) for facet in FACETS}
        flow = FlowLayout(self)
        for facet, chip in self.chips.items():
            chip.setCheckable(True)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.setIconSize(QSize(16, 16))
            # `clicked` comes from people only, not from `show_query`.
            chip.clicked.connect(lambda on, facet=facet: self._switch(facet, on))
            flow.addWidget(chip)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_look(look)
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        uses = ("line", "dim", "raised", "text", "accent", "selection")
        self.setStyleSheet(_SHEET.format(**{use: getattr(look, use) for use in uses}))
        for facet, chip in self.chips.items():
            chip.setIcon(theme.icon(facet.icon, look, "text"))

    def retranslate(self) -> None:
        """Set all words again, after a change of language."""
        self.setAccessibleName(self.tr("Show only"))
        for facet, chip in self.chips.items():
            # Qt leaves next to nothing between icon and text.
            chip.setText(f" {self.tr(facet.label)}")
            chip.setAccessibleName(self.tr("Only {what}").format(what=self.tr(facet.label)))
            chip.setToolTip(f"{facet.field}:{facet.value}")
        self.updateGeometry()

    def show_query(self, query: str) -> None:
        """Light the chips that a query asks for."""
        self._query = query
        for facet, chip in self.chips.items():
            chip.setChecked(facet.value in values_of(query, facet.field))

    def _switch(self, facet: Facet, on: bool) -> None:
        change = with_value if on else without_value
        self.query_changed.emit(change(self._query, facet.field, facet.value))
