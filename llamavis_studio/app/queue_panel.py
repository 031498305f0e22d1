"""What is being drawn: a line of words, how far it is, and a button that stops it."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.theme import DARK, Look, icon
from llamavis_studio.core.events import (
    AssetBuilt,
    AssetFailed,
    BuildFinished,
    BuildStarted,
    BuildWaiting,
    Event,
    ProblemFound,
    StepDone,
)

MOST_LINES = 200


class QueuePanel(QWidget):
    """Listens to the studio's news; emits `cancel_asked` and `image_chosen` (a path)."""

    cancel_asked = Signal()
    image_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = DARK
        self._total = self._done = 0
        self._began = 0.0
        self.words, self.bar, self.stop = QLabel(), QProgressBar(), QPushButton()
        self.words.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setMaximum(1000)
        self.stop.clicked.connect(self.cancel_asked)
        self.stop.setEnabled(False)
        self.log = QListWidget()
        self.log.setWordWrap(True)
        self.log.itemActivated.connect(self._choose)
        self.log.itemClicked.connect(self._choose)
        head = QHBoxLayout()
        head.addWidget(self.words, 1)
        head.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.log, 1)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self._at_rest)
        self.retranslate()

    def take(self, event: Event) -> None:
        """Show what happened."""
        match event:
            case BuildStarted(total=total):
                self._total, self._done, self._began = total, 0, time.monotonic()
                self._quiet.stop()
                self.stop.setEnabled(True)
                self.bar.setValue(0)
                self.words.setText(self.tr("Drawing %n image(s)", "", total))
            case BuildWaiting(owner=owner):
                self.words.setText(self.tr("Waiting for {0}").format(owner))
            case StepDone():
                self._step(event)
            case AssetBuilt(path=path, outputs=outputs):
                self._done += 1
                if outputs:
                    self._say("check", "good", outputs[0], outputs[0])
                else:
                    self._say("check", "dim", path, path)
            case AssetFailed(path=path, message=message, hint=hint):
                self._done += 1
                self._say("fail", "bad", f"{path}: {message}. {hint}".strip(), path)
            case ProblemFound(path=path, line=line, message=message, hint=hint):
                place = f"{path}:{line}" if line else path
                self._say("fail", "warn", f"{place}: {message}. {hint}".strip(), path)
            case BuildFinished():
                self._finish(event)

    def set_look(self, look: Look) -> None:
        """The colours of now, for the lines to come."""
        self._look = look
        self.stop.setIcon(icon("stop", look))

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.stop.setText(self.tr("Stop"))
        self.stop.setAccessibleName(self.tr("Stop drawing"))
        self.log.setAccessibleName(self.tr("What was drawn"))
        self.bar.setAccessibleName(self.tr("How far the drawing is"))
        if not self._total:
            self._at_rest()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _step(self, event: StepDone) -> None:
        share = event.done / max(1, event.total)
        self.bar.setValue(round(1000 * share))
        words = event.job.rpartition("/")[2]
        if event.eta_s is not None and event.eta_s >= 1:
            left = self.tr("%n second(s) left", "", round(event.eta_s))
            words = f"{words}  ·  {left}"
        self.words.setText(words)

    def _finish(self, event: BuildFinished) -> None:
        self._total = 0
        self.stop.setEnabled(False)
        self.bar.setValue(0 if event.cancelled else 1000)
        if event.cancelled:
            self.words.setText(self.tr("Stopped; what was finished stays"))
        elif event.failed:
            self.words.setText(self.tr("%n image(s) could not be drawn", "", event.failed))
        else:
            drawn = self.tr("%n image(s) drawn", "", event.built)
            seconds = self.tr("%n second(s)", "", max(1, round(event.seconds)))
            self.words.setText(f"{drawn}  ·  {seconds}")
        self._quiet.start(8000)

    def _at_rest(self) -> None:
        self.words.setText(self.tr("Nothing to draw: every image fits its words"))
        self.bar.setValue(0)

    def _say(self, sign: str, use: str, words: str, path: str) -> None:
        item = QListWidgetItem(icon(sign, self._look, use), words)
        item.setToolTip(words)
        item.setData(256, path)
        self.log.insertItem(0, item)
        while self.log.count() > MOST_LINES:
            self.log.takeItem(self.log.count() - 1)

    def _choose(self, item: QListWidgetItem) -> None:
        self.image_chosen.emit(str(item.data(256)))
