"""What is being drawn, what waits for it, and what came of the rest.

On top the image that is drawn now, how far it is and how long it will take; below, on two pages,
the line of those that wait and the results. The panel shows and asks; `Drawing` does.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.pixels import to_qimage
from llamavis_studio.app.queue_lists import LineList, ResultList
from llamavis_studio.app.queue_model import (
    DRAWN,
    FAILED,
    PROBLEM,
    SAME,
    LineModel,
    Pictures,
    ResultModel,
    Row,
)
from llamavis_studio.app.queue_picture import EmergingPicture
from llamavis_studio.app.theme import DARK, Look, icon
from llamavis_studio.core.events import (
    AssetBuilt,
    AssetFailed,
    BuildFinished,
    BuildStarted,
    BuildWaiting,
    Event,
    PlanReady,
    ProblemFound,
    QueueChanged,
    StepDone,
)
from llamavis_studio.core.queued import QueuedImage, QueueState
from llamavis_studio.imaging.arrays import Pixels

LINE, RESULTS = 0, 1
QUIET_MS = 8000
_LEAST_HIGH = 196  # px: two rows can be read and a third is seen
_TALL = 320  # px: from here on the picture that emerges is shown large


class QueuePanel(QWidget):
    """Listens to the studio's news; emits what somebody asks for, always with outputs."""

    cancel_asked = Signal()
    pause_asked = Signal(bool)
    image_chosen = Signal(str)
    problem_chosen = Signal(str)
    again_asked = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = DARK
        self._is_drawing = False
        self._news = ""
        """What is to be read while nothing is drawn; empty for the usual words."""
        self._eta_s: float | None = None
        self._known: dict[str, QueuedImage] = {}
        self._emerging: set[str] = set()
        self.pictures = Pictures(self)
        self.line_model, self.results_model = LineModel(self.pictures), ResultModel(self.pictures)
        self.line, self.results = LineList(self.line_model), ResultList(self.results_model)
        self.picture = EmergingPicture()
        self.words, self.detail, self.bar = QLabel(), QLabel(), QProgressBar()
        self.detail.setProperty("role", "dim")
        self.bar.setTextVisible(False)
        self.bar.setMaximum(1000)
        self.bar.setFixedHeight(8)
        self.stop, self.pause, self.again = QToolButton(), QToolButton(), QToolButton()
        self.pages, self.tabs = QStackedWidget(), QButtonGroup(self)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self._at_rest)
        self._lay_out()
        self._connect()
        self.stop.setEnabled(False)
        self.choose_page(RESULTS)
        self.retranslate()

    # --- what happens ----------------------------------------------------------------------------

    def take(self, event: Event) -> None:
        """Show what happened."""
        match event:
            case BuildStarted():
                self._is_drawing, self._eta_s, self._news = True, None, ""
                self._quiet.stop()
                self.stop.setEnabled(True)
                self.bar.setValue(0)
                self._say_now()
            case BuildWaiting(owner=owner):
                self._news = self.tr("Waiting for {0}").format(owner)
                self._say_now()
            case StepDone():
                self._step(event)
            case AssetBuilt(path=path, outputs=outputs):
                for output in outputs or (path,):
                    self._built(output, path, is_new=bool(outputs))
            case AssetFailed(path=path, message=message, hint=hint, output=output):
                row = Row(output or path, FAILED, path, message=message, hint=hint,
                          is_image=bool(output))  # fmt: skip
                self._add(row)
            case ProblemFound(path=path, line=line, message=message, hint=hint):
                place = f"{path}:{line}" if line else path
                row = Row(place, PROBLEM, path, message=message, hint=hint, is_image=False)
                self._add(row)
            case PlanReady(problems=0):
                self.results_model.drop_problems()
                self._name_pages()
            case BuildFinished():
                self._finish(event)
            case QueueChanged(paused=paused):
                self.pause.setChecked(paused)
                self._say_now()

    def show_state(self, state: QueueState) -> None:
        """Show which images are drawn and wait, as `Studio.queue.state` tells."""
        had_waiting = self._waiting() > 0
        self.line_model.show_state(state)
        self._known |= {image.output: image for image in state.running}
        self.pause.setChecked(state.paused)
        drawn = [image.output for image in state.running]
        self.picture.keep_to(drawn, self.pictures)
        for output in self._emerging.difference(drawn):  # given up, as those that are done went
            self._emerging.discard(output)
            self.pictures.forget(output)
        if (self._waiting() > 0) != had_waiting:
            self.choose_page(RESULTS if had_waiting else LINE)
        self._name_pages()
        self._say_now()

    def show_emerging(self, path: str, pixels: Pixels) -> None:
        """Show how far the image `path` has come; pixels are (h, w, 3 or 4) sRGB bytes.

        Raises ImageError for what is no array of pixels.
        """
        image = to_qimage(pixels)
        self.picture.show_image(path, image)
        if path in self._known:
            self._emerging.add(path)
            self.pictures.put(path, image)

    def set_picture(self, output: str, image: QImage) -> None:
        """The small picture of an image is there; a null one where there is none."""
        self.pictures.put(output, image)

    def clear(self) -> None:
        """Another project, or none."""
        self._is_drawing, self._news, self._eta_s = False, "", None
        self._quiet.stop()
        self._known.clear()
        self._emerging.clear()
        self.line_model.show_state(QueueState())
        self.results_model.clear()
        self.pictures.clear()
        self.picture.show_nothing()
        self.pause.setChecked(False)
        self.stop.setEnabled(False)
        self.bar.setValue(0)
        self._name_pages()
        self._at_rest()

    def choose_page(self, page: int) -> None:
        """Show the line or the results."""
        self.tabs.button(page).setChecked(True)
        self.pages.setCurrentIndex(page)

    def failed(self) -> list[str]:
        """The images that could not be drawn and were not drawn since."""
        return self.results_model.failed()

    # --- look and language -----------------------------------------------------------------------

    def set_look(self, look: Look) -> None:
        """The colours of now."""
        self._look = look
        self.stop.setIcon(icon("stop", look))
        self.again.setIcon(icon("reload", look))
        for part in (self.line, self.results, self.picture):
            part.set_look(look)
        self._show_pause()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        for button, words in (
            (self.stop, self.tr("Stop drawing")),
            (self.again, self.tr("Draw again what failed")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self.bar.setAccessibleName(self.tr("How far the drawing is"))
        self.line.setAccessibleName(self.tr("Images that wait"))
        self.results.setAccessibleName(self.tr("What was drawn"))
        self.picture.setAccessibleName(self.tr("The image being drawn"))
        self.line.retranslate(self.tr("Nothing waits"))
        self.results.retranslate(self.tr("What is drawn will be listed here"))
        self._show_pause()
        self._name_pages()
        self._say_now()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        self.picture.set_large(event.size().height() >= _TALL)
        super().resizeEvent(event)
        self._say_now()  # as many letters as there is room for

    # --- the words on top ------------------------------------------------------------------------

    def _step(self, event: StepDone) -> None:
        self.bar.setValue(round(1000 * event.done / max(1, event.total)))
        self._eta_s = event.eta_s
        self._news = ""
        self.line.show_progress(event.drawn or 0.0)
        self._say_now()

    def _say_now(self) -> None:
        """The two lines on top, from all that is known."""
        running = self.line_model.images()[: self.line_model.running]
        waiting = self.tr("%n image(s) wait", "", self._waiting()) if self._waiting() else ""
        details = [waiting]
        if self._news:
            words = self._news
        elif running:
            words = running[0].output.rpartition("/")[2].removesuffix(".png")
            if len(running) > 1:
                words = self.tr("{0} and %n more", "", len(running) - 1).format(words)
            details.append(self.tr("then pause") if self.pause.isChecked() else self._time_left())
        elif self.pause.isChecked():
            words = self.tr("Paused")
        elif self._is_drawing:
            words = self.tr("Getting ready to draw")
        else:
            words = self.tr("Every image fits its words")
        self._set_words(words, "  ·  ".join(part for part in details if part))

    def _set_words(self, words: str, detail: str) -> None:
        metrics = self.words.fontMetrics()
        room = max(80, self.words.width())
        self.words.setText(metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room))
        self.words.setToolTip(words)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))

    def _time_left(self) -> str:
        if self._eta_s is None or self._eta_s < 1:
            return ""
        if self._eta_s < 90:
            return self.tr("%n second(s) left", "", round(self._eta_s))
        return self.tr("%n minute(s) left", "", round(self._eta_s / 60))

    def _finish(self, event: BuildFinished) -> None:
        self._is_drawing = False
        self.stop.setEnabled(False)
        self.bar.setValue(0 if event.cancelled else 1000)
        if event.cancelled:
            self._news = self.tr("Stopped; what was finished stays")
        elif event.failed:
            self._news = self.tr("%n image(s) could not be drawn", "", event.failed)
        else:
            drawn = self.tr("%n image(s) drawn", "", event.built)
            seconds = self.tr("%n second(s)", "", max(1, round(event.seconds)))
            self._news = f"{drawn}  ·  {seconds}"
        self._quiet.start(QUIET_MS)
        self._say_now()

    def _at_rest(self) -> None:
        self._news = ""
        self.bar.setValue(0)
        self._say_now()

    def _waiting(self) -> int:
        return self.line_model.rowCount() - self.line_model.running

    # --- rows ------------------------------------------------------------------------------------

    def _built(self, output: str, path: str, *, is_new: bool) -> None:
        image = self._known.pop(output, None)
        reason = "" if image is None else image.reason
        self._emerging.discard(output)
        self.pictures.forget(output)
        state = DRAWN if is_new else SAME
        self._add(Row(output, state, path, reason, is_image=is_new))
        if is_new:
            self.picture.show_last(output)

    def _add(self, row: Row) -> None:
        self._known.pop(row.output, None)
        self.results_model.add(row)
        self._name_pages()

    def _repaint(self, _output: str) -> None:
        # Not by the models: a picture changes nothing about a row but its look.
        for view in (self.line, self.results):
            view.viewport().update()

    def _name_pages(self) -> None:
        line, results = self.tabs.button(LINE), self.tabs.button(RESULTS)
        line.setText(self.tr("Waiting {0}").format(self.locale().toString(self._waiting())))
        failed = len(self.failed())
        done = len(self.results_model.results())
        text = self.tr("Done {0}").format(self.locale().toString(done))
        results.setText(f"{text}  ·  " + self.tr("%n failed", "", failed) if failed else text)
        self.again.setVisible(failed > 0)

    def _show_pause(self) -> None:
        is_paused = self.pause.isChecked()
        self.pause.setIcon(icon("play" if is_paused else "pause", self._look))
        words = self.tr("Go on drawing") if is_paused else self.tr("Pause drawing")
        self.pause.setToolTip(words)
        self.pause.setAccessibleName(words)

    # --- how it is built -------------------------------------------------------------------------

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(3)
        texts.addStretch(1)
        for part in (self.words, self.bar, self.detail):
            part.setMinimumWidth(40)
            texts.addWidget(part)
        texts.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.picture)
        head.addLayout(texts, 1)
        self.setStyleSheet("QToolButton { padding: 2px 7px; }")
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for page in (LINE, RESULTS):
            tab = QToolButton()
            tab.setCheckable(True)
            tab.setMinimumWidth(48)
            tab.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self.tabs.addButton(tab, page)
            tools.addWidget(tab)
        tools.addStretch(1)
        for button in (self.again, self.pause, self.stop):
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(30, 24)
            tools.addWidget(button)
        self.pause.setCheckable(True)
        self.pages.addWidget(self.line)
        self.pages.addWidget(self.results)
        self.setMinimumHeight(_LEAST_HIGH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addLayout(tools)
        layout.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self.stop.clicked.connect(self.cancel_asked)
        self.pause.toggled.connect(lambda _on: self._show_pause())
        self.pause.clicked.connect(self.pause_asked)
        self.again.clicked.connect(lambda: self.again_asked.emit(self.failed()))
        self.tabs.idClicked.connect(self.choose_page)
        self.pictures.came.connect(self._repaint)
        self.line.image_chosen.connect(self.image_chosen)
        self.results.image_chosen.connect(self.image_chosen)
        self.results.problem_chosen.connect(self.problem_chosen)
        self.results.again_asked.connect(self.again_asked)
