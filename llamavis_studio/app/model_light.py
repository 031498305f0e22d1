"""Where the model is, at the right end of the status bar: asleep, waking, ready, at work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QLabel, QWidget

_EVERY_MS = 500
_SIGNS = {"asleep": "○", "loading": "◔", "ready": "●", "working": "◉"}


class ModelLight(QLabel):
    """Asks `state` twice a second, which costs nothing; '' while no project is open."""

    def __init__(self, state: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._shown = ""
        self.setProperty("role", "dim")
        timer = QTimer(self)
        timer.timeout.connect(self.look)
        timer.start(_EVERY_MS)
        self.look()

    def look(self) -> None:
        """Show how it is now."""
        state = self._state()
        if state != self._shown:
            self._shown = state
            self._tell()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self._tell()
        super().changeEvent(event)

    def _tell(self) -> None:
        words = {
            "asleep": self.tr("Model asleep"),
            "loading": self.tr("Model waking"),
            "ready": self.tr("Model ready"),
            "working": self.tr("Model at work"),
        }.get(self._shown, "")
        # A sign of its own for each: never told by colour alone.
        self.setText(f"{_SIGNS.get(self._shown, '')}  {words}".strip())
        self.setAccessibleName(words or self.tr("Model"))
        self.setToolTip(
            self.tr("It leaves the memory when it has had nothing to do for some minutes")
        )
        self.setVisible(bool(words))
