"""What was and what else could be: older versions of the shown image, and its variants."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from llamavis_studio.app.editor_document import replace_text
from llamavis_studio.app.history_panel import HistoryPanel, VersionRow, read_pixels, read_versions
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.app.variants import VariantRow, VariantsStrip, picked_text, read_variants
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.imaging.arrays import Pixels

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.studio import Studio


_SOON_MS = 200


class Past(QObject):
    """Fills the panel and the strip of a window, and does what they ask for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._of = ""
        self.history, self.variants = HistoryPanel(DARK), VariantsStrip(DARK)
        self.history.compare_asked.connect(window.preview.show_before)
        self.history.pixels_asked.connect(self._bring)
        self.history.restore_asked.connect(self._restore)
        self.variants.variant_chosen.connect(window.tree.choose)
        self.variants.pick_asked.connect(self._pick)

    def set_look(self, look: Look) -> None:
        """Both in the colours of now."""
        self.history.set_look(look)
        self.variants.set_look(look)

    def show(self) -> None:
        """What belongs to the image that the window shows."""
        thread, plan, output = self._window.thread_, self._window.plan, self._window.output
        if thread is None or plan is None or not output:
            self.history.show_nothing()
            self.variants.show_variants(())
            return
        if output != self._of:
            # The studio may be busy: what another image was must not stand there meanwhile.
            QTimer.singleShot(_SOON_MS, self, partial(self._clear_what_was, output))
        thread.ask(lambda studio: read_versions(studio, output), partial(self._versions, output))
        thread.ask(
            lambda studio: read_variants(studio, plan, output), partial(self._variants, output)
        )

    def _clear_what_was(self, output: str) -> None:
        if output == self._window.output and output != self._of:
            self.history.show_nothing()
            self.variants.show_variants(())

    def _versions(self, output: str, rows: Sequence[VersionRow]) -> None:
        if output == self._window.output:
            self._of = output
            self.history.show_versions(output, rows)

    def _variants(self, output: str, rows: Sequence[VariantRow]) -> None:
        if output == self._window.output:
            self.variants.show_variants(rows)

    def _bring(self, version: Any) -> None:
        output = self._window.output

        def show(pixels: Pixels) -> None:
            if output == self._window.output:
                self._window.preview.show_before(pixels)

        if self._window.thread_ is not None:
            self._window.thread_.ask(
                lambda studio: read_pixels(studio, version), show, self._window.tell_error
            )

    def _restore(self, version: Any) -> None:
        window = self._window
        if window.thread_ is None or window.project is None:
            return
        path = window.project.root / version.output

        def restore(studio: Studio) -> None:
            studio.restore(path, version.version)
            studio.plan()  # outputs are not watched: this brings the tree up to date

        window.thread_.ask(
            restore, lambda _done: window.show_image(compare=True), window.tell_error
        )

    def _pick(self, source: str, variant: int) -> None:
        window = self._window
        planned = window.tree.planned_for(window.output)
        if window.project is None or planned is None:
            return
        path = window.project.root / source
        window.editor.open_file(path)
        try:
            text = picked_text(window.editor.text.text(), path, planned.target.name, variant)
        except DescriptionError as error:
            window.tell_error(error)
            return
        replace_text(window.editor.text.document(), text)  # one undo takes it back
        if window.editor.save():
            folder, slash, _ = planned.target.output.rpartition("/")
            window.output = f"{folder}{slash}{planned.target.name}.png"
            self.show()
