"""The queue's panel and the studio: what the one asks for, done by the other.

QueueChanged -> queue.state -> panel          panel: to the front, take out, ... -> queue
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QImage

from llamavis_studio.app.notifications import Notifications
from llamavis_studio.app.pixels import to_qimage
from llamavis_studio.app.queue_panel import QueuePanel
from llamavis_studio.core.events import BuildStarted, Event, ImageEmerging, QueueChanged
from llamavis_studio.core.queued import QueueState
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.studio import Studio

PICTURE_PX = 128
"""Side of the small pictures: enough for the largest place they are shown at."""


class Drawing(QObject):
    """Fills the queue's panel of a window, does what it asks for, and tells when it is done."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._is_asked = False
        self._is_told = False
        self.panel = QueuePanel()
        self.notifications = Notifications(window, self.show_image)
        window.actions_["notify"].setChecked(self.notifications.is_on)
        panel, line = self.panel, self.panel.line
        panel.cancel_asked.connect(window.commands.do_cancel)
        panel.pause_asked.connect(self.ask_pause)
        panel.again_asked.connect(self.draw_again)
        panel.image_chosen.connect(self.show_image)
        panel.problem_chosen.connect(self._show_description)
        panel.pictures.wanted.connect(self._bring_picture)
        line.front_asked.connect(lambda outputs: self._do(lambda s: s.queue.to_front(outputs)))
        line.move_asked.connect(lambda outputs, by: self._do(lambda s: s.queue.move(outputs, by)))
        line.out_asked.connect(lambda outputs: self._do(lambda s: s.queue.take_out(outputs)))
        line.before_asked.connect(
            lambda outputs, before: self._do(lambda s: s.queue.move_before(outputs, before))
        )

    def take(self, event: Event) -> None:
        """Show what happened, and tell it when nobody looks."""
        if isinstance(event, ImageEmerging):
            self.panel.show_emerging(event.path, event.pixels)
            return
        self.panel.take(event)
        self.notifications.take(event)
        if isinstance(event, BuildStarted) and self.panel.pause.isChecked():
            self._window.statusBar().showMessage(self.tr("Drawing is paused: it waits"), 6000)
        if isinstance(event, QueueChanged):
            self._show_paused(event.paused)
            self._bring_state()

    def clear(self) -> None:
        """The project was closed."""
        self._is_asked = False
        self._show_paused(False)
        self.panel.clear()
        self.notifications.clear()

    def ask_pause(self, is_on: bool) -> None:
        """Pause or go on, as the action says it too."""
        self._window.actions_["pause"].setChecked(is_on)

    def pause(self, is_on: bool) -> None:
        """Begin nothing new, or go on."""
        if not self._is_told:
            self._do(lambda studio: studio.queue.pause() if is_on else studio.queue.go_on())

    def draw_again(self, outputs: list[str]) -> None:
        """Draw images again that failed."""
        project = self._window.project
        if project is None:
            return
        if outputs:
            self._window.build([project.root / output for output in outputs])
        else:
            self._window.statusBar().showMessage(self.tr("Nothing has failed"), 6000)

    def failed(self) -> list[str]:
        """Every image that could not be drawn, also before this window was opened."""
        plan = self._window.plan
        planned = () if plan is None else plan.targets
        known = [one.target.output for one in planned if one.state.value == "failed"]
        return list(dict.fromkeys([*known, *self.panel.failed()]))

    def show_image(self, output: str) -> None:
        """Show an image in the window."""
        self._window.tree.choose(output)

    def _show_description(self, source: str) -> None:
        project = self._window.project
        path = Path() if project is None else project.root / source
        if project is not None and path.is_file():
            self._window.editor.open_file(path)
            self._window.layout_.bring_up("editor")

    def _show_paused(self, is_paused: bool) -> None:
        self._is_told = True  # the studio says so: nothing is to be asked of it
        self._window.actions_["pause"].setChecked(is_paused)
        self._is_told = False

    def _do(self, work: Callable[[Studio], object]) -> None:
        if self._window.thread_ is not None:
            self._window.thread_.ask(work, lambda _done: self._bring_state())

    def _bring_state(self) -> None:
        """One question at a time: the answer tells what is so when it is given."""
        thread = self._window.thread_
        if thread is None or self._is_asked:
            return
        self._is_asked = True
        thread.ask(lambda studio: studio.queue.state(), partial(self._show_state, thread))

    def _show_state(self, thread: object, state: QueueState) -> None:
        self._is_asked = False
        if thread is self._window.thread_:
            self.panel.show_state(state)

    def _bring_picture(self, output: str) -> None:
        thread = self._window.thread_
        if thread is not None:
            show = partial(self._show_picture, thread, output)
            thread.ask(lambda studio: small_picture(studio.root / output), show)

    def _show_picture(self, thread: object, output: str, image: QImage) -> None:
        if thread is self._window.thread_:
            self.panel.set_picture(output, image)


def small_picture(path: Path) -> QImage:
    """The image at `path`, at most `PICTURE_PX` wide and high; a null one where there is none.

    Reads the disk: not for the window's thread.
    """
    try:
        image = to_qimage(decode_image(path))
    except (ImageError, OSError):
        return QImage()
    if max(image.width(), image.height()) > PICTURE_PX:
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(QSize(PICTURE_PX, PICTURE_PX), keep, smooth)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
