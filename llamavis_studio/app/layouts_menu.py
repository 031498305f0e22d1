"""The menu of layouts: some that suit a task, and those a user saved under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

_KEY = "layouts"
MOST = 20
_LONGEST = 40


class LayoutsMenu(QMenu):
    """Emits `arrange_asked` with the name of a task, `restore_asked` with a saved state."""

    arrange_asked = Signal(str)
    restore_asked = Signal(QByteArray)

    def __init__(
        self, store: QSettings, state: Callable[[], QByteArray], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._state = state
        self.aboutToShow.connect(self.fill)
        self.fill()

    def names(self) -> list[str]:
        """The layouts that were saved, in their order."""
        self._store.beginGroup(_KEY)
        try:
            return sorted(self._store.childKeys(), key=str.casefold)
        finally:
            self._store.endGroup()

    def save(self, name: str) -> None:
        """Keep the layout of now under a name; one of that name is replaced."""
        name = " ".join(name.replace("/", " ").replace("\\", " ").split())[:_LONGEST]
        if name and (name in self.names() or len(self.names()) < MOST):
            self._store.setValue(f"{_KEY}/{name}", self._state())

    def restore(self, name: str) -> None:
        """Bring a saved layout back."""
        state: Any = self._store.value(f"{_KEY}/{name}")
        if state is not None:
            self.restore_asked.emit(state)

    def forget(self, name: str) -> None:
        """Take a saved layout away."""
        self._store.remove(f"{_KEY}/{name}")

    def fill(self) -> None:
        """The entries again, as they are now."""
        self.clear()
        for task, text in (
            ("standard", self.tr("Standard")),
            ("writing", self.tr("Writing: the description is wide")),
            ("pictures", self.tr("Pictures: the library is large")),
            ("picture", self.tr("One picture: nothing beside it")),
        ):
            self.addAction(text).triggered.connect(
                lambda _on=False, task=task: self.arrange_asked.emit(task)
            )
        names = self.names()
        if names:
            self.addSeparator()
        for name in names:
            self.addAction(name.replace("&", "&&")).triggered.connect(
                lambda _on=False, name=name: self.restore(name)
            )
        self.addSeparator()
        self.addAction(self.tr("Save this layout…")).triggered.connect(self._ask_name)
        if names:
            away = self.addMenu(self.tr("Forget"))
            for name in names:
                away.addAction(name.replace("&", "&&")).triggered.connect(
                    lambda _on=False, name=name: self.forget(name)
                )

    def _ask_name(self) -> None:
        dialog = QInputDialog(self.parentWidget())
        dialog.setWindowTitle(self.tr("Save this layout"))
        dialog.setLabelText(self.tr("Name"))
        dialog.setOkButtonText(self.tr("Save"))
        dialog.setCancelButtonText(self.tr("Cancel"))
        dialog.textValueSelected.connect(self.save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
