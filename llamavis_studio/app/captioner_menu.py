"""Which backend describes images: a menu at the button that asks, where there are several."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton


class CaptionerMenu(QMenu):
    """Hangs at a button, which then says who will look."""

    chosen = Signal(str)
    """A backend's name."""

    def __init__(self, button: QToolButton) -> None:
        super().__init__(button)
        self._button = button
        self._group = QActionGroup(self)
        self._chosen = ""
        self._group.triggered.connect(lambda action: self.chosen.emit(action.data()))

    def offer(self, names: Sequence[str], chosen: str) -> None:
        """The backends that describe images, and the one that will; one alone needs no menu."""
        self._chosen = chosen if len(names) > 1 else ""
        self.clear()
        for name in names:
            action = QAction(name, self._group)
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == chosen)
            self.addAction(action)
        mode = QToolButton.ToolButtonPopupMode
        is_choice = len(names) > 1
        self._button.setPopupMode(mode.MenuButtonPopup if is_choice else mode.DelayedPopup)
        self._button.setMenu(self if is_choice else None)  # type: ignore[arg-type]
        self.retranslate()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setAccessibleName(self.tr("Who describes images"))
        told = self.tr("The model looks at it; what was written by hand stays")
        if self._chosen:
            told = self.tr("{0} looks at it; what was written by hand stays").format(self._chosen)
        self._button.setToolTip(told)
