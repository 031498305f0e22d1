"""The shown picture and what lies behind it: the other maps of its material, and why it looks so.

What takes long is read in the studio's thread. Answers that come when another image is shown are
dropped.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from llamavis_studio.app.backends import no_region
from llamavis_studio.app.material import Material, read_material
from llamavis_studio.app.messages import said
from llamavis_studio.app.shown import Shown, is_small, read_shown
from llamavis_studio.app.why import Why, read_why
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.events import (
    AssetBuilt,
    AssetFailed,
    BuildFinished,
    Event,
    ImageEmerging,
)
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.machine_models import KnownBackend

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.pipeline.plan import PlannedTarget

_CALM_MS = 350  # who goes quickly through the list does not want each picture explained


class Insight(QObject):
    """Asks the studio for what the preview of a window offers beside the picture itself."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._timer.timeout.connect(self._ask_why)
        self._pixels: Pixels | None = None  # of the picture that was read last
        self._notes: tuple[str, ...] = ()  # in its file
        window.preview.why_asked.connect(self._want_why)
        window.backends.changed.connect(self.offer)

    def show_picture(self, *, compare: bool) -> None:
        """Read the image that the window shows, and show it; with `compare` beside what it was."""
        window, output = self._window, self._window.output
        if window.project is None:
            return
        path, planned = window.project.root / output, window.tree.planned_for(output)
        take = partial(self._show, output, compare, planned)
        if window.thread_ is None or is_small(path):
            take(read_shown(path, planned))
        else:
            window.thread_.ask(lambda _studio: read_shown(path, planned), take)

    def _show(
        self, output: str, compare: bool, planned: PlannedTarget | None, shown: Shown | str
    ) -> None:
        preview = self._window.preview
        if output != self._window.output:
            return
        if isinstance(shown, Shown):
            before, self._pixels = self._pixels if compare else None, shown.pixels
            self._notes = shown.notes
            preview.show_picture(
                shown.path,
                shown.pixels,
                boxes=shown.boxes,
                fps=shown.fps,
                clips=shown.clips,
                tileable=shown.tileable,
                facts=shown.facts,
            )
            preview.show_before(before)
            self.offer()
        elif planned is not None and planned.state.value == "missing":
            preview.show_nothing(self.tr("Not drawn yet: press F5"))
        else:
            preview.show_nothing(said(shown))

    def offer(self) -> None:
        """What can be done with the shown image by the backend that draws it, and what is made up
        for what that one cannot do.
        """
        window = self._window
        planned = window.tree.planned_for(window.output) if window.output else None
        if planned is None:
            window.preview.offer("", (), self._notes)
            return
        info = planned.target.backend
        helps = planned.target.makes_up
        notes = self._notes
        window.preview.offer(no_region(KnownBackend(info.name, info)), helps, notes)

    def show(self) -> None:
        """What belongs to the image that the window shows."""
        self._ask_material()
        if self._window.preview.tools.asks_why:
            self._window.preview.why.show_asking()
            self._timer.start()

    def take(self, event: Event) -> None:
        """What is being drawn is shown; a map that was made anew is shown anew."""
        output, preview = self._window.output, self._window.preview
        if isinstance(event, ImageEmerging) and output and event.path == output:
            preview.show_emerging(event.pixels)
        if isinstance(event, BuildFinished) or (
            isinstance(event, AssetFailed) and event.output == output
        ):
            preview.end_emerging()
        if isinstance(event, AssetBuilt) and output and output not in event.outputs:
            planned = self._window.tree.planned_for(output)
            base = (planned.target.base if planned is not None else "") or output
            stem = base.rpartition(".")[0]
            if any(one == base or one.startswith(f"{stem}_") for one in event.outputs):
                self._ask_material()

    def _ask_material(self) -> None:
        window = self._window
        plan, output = window.plan, window.output
        if window.thread_ is None or window.project is None or plan is None or not output:
            window.preview.show_material(None)
            return
        root = window.project.root
        window.thread_.ask(
            lambda _studio: read_material(root, plan, output), partial(self._material, output)
        )

    def _material(self, output: str, material: Material | None) -> None:
        if output == self._window.output and self._window.preview.has_picture:
            self._window.preview.show_material(material)

    def _want_why(self, on: bool) -> None:
        self._timer.stop()
        if on:
            self._ask_why()

    def _ask_why(self) -> None:
        window, output = self._window, self._window.output
        if window.thread_ is None or not output:
            window.preview.why.show_problem(self.tr("Choose an image in the list"))
            return
        window.thread_.ask(
            lambda studio: read_why(studio, output),
            partial(self._why, output),
            partial(self._no_why, output),
        )

    def _why(self, output: str, why: Why) -> None:
        preview = self._window.preview
        if output == self._window.output and preview.tools.asks_why:
            preview.why.show_why(why)

    def _no_why(self, output: str, error: Exception) -> None:
        preview = self._window.preview
        if output == self._window.output and preview.tools.asks_why:
            if isinstance(error, LlamaVisError):
                preview.why.show_problem(error.message, error.hint)
            else:
                preview.why.show_problem(self.tr("Something went wrong: {0}").format(error))
        if not isinstance(error, LlamaVisError):
            self._window.tell_error(error)
