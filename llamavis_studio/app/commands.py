"""What the window's actions do: one method a row of the table in `actions`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from llamavis_studio import __version__
from llamavis_studio.app.actions import ROWS
from llamavis_studio.app.command_palette import CommandPalette
from llamavis_studio.app.files import ask_new_description, reveal
from llamavis_studio.app.log_dialog import LogDialog
from llamavis_studio.app.recent import example_project
from llamavis_studio.app.settings_dialog import SettingsDialog
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.settings import layered, state_folder, user_settings

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow

LOG_FILE = "studio.log"


class Commands(QObject):
    """The commands of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def do_open(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Open project"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._window.open_project(Path(name)))
        dialog.open()

    def do_example(self) -> None:
        try:
            self._window.open_project(example_project())
        except LlamaVisError as error:
            self._window.tell_error(error)

    def do_close(self) -> None:
        self._window.close_project()

    def do_save(self) -> None:
        self._window.editor.save()

    def do_new(self) -> None:
        if self._window.project is not None:
            ask_new_description(self._window, self._window.project.root, self._window.tell_error)

    def do_reveal(self) -> None:
        files = self._window.chosen_files()
        if files:
            reveal(files[0])

    def do_quit(self) -> None:
        self._window.close()

    def do_undo_words(self) -> None:
        thread = self._window.thread_
        if thread is not None:
            thread.ask(lambda studio: studio.library.library.edits.undo(), self._undone)

    def _undone(self, answer: Any) -> None:
        undone = self.tr("Undone: {0}").format(answer[0]) if answer else self.tr("Nothing to undo")
        self._window.statusBar().showMessage(undone, 6000)
        if self._window.bridge is not None:
            self._window.bridge.search_again()

    def do_find(self) -> None:
        self._window.layout_.bring_up("gallery")
        self._window.gallery.box.setFocus()

    def do_build(self) -> None:
        self._window.build(None)

    def do_build_one(self) -> None:
        self._window.build(self._window.chosen_files())

    def do_redraw(self) -> None:
        self._window.build(self._window.chosen_files(), fresh=True)

    def do_cancel(self) -> None:
        if self._window.thread_ is not None:
            self._window.thread_.cancel()

    def do_on_save(self, is_on: bool) -> None:
        self._window.store.setValue("draw_on_save", is_on)
        if self._window.thread_ is not None:
            self._window.thread_.ask(lambda studio: setattr(studio, "builds_on_save", is_on))

    def do_import(self) -> None:
        if self._window.bridge is not None:
            self._window.bridge.update()

    def do_caption(self) -> None:
        if self._window.bridge is not None:
            self._window.bridge.describe()

    def do_palette(self) -> None:
        CommandPalette(self._window, [self._window.actions_[row.id] for row in ROWS]).open()

    def do_light(self) -> None:
        self._window.look_asked.emit("light")

    def do_dark(self) -> None:
        self._window.look_asked.emit("dark")

    def do_system_look(self) -> None:
        self._window.look_asked.emit("system")

    def do_english(self) -> None:
        self._window.language_asked.emit("en")

    def do_chinese(self) -> None:
        self._window.language_asked.emit("zh")

    def do_settings(self) -> None:
        try:
            values = layered(user_settings())
        except LlamaVisError as error:
            self._window.tell_error(error)
            return
        dialog = SettingsDialog(self._window, values)
        dialog.changed.connect(self._window.setting_asked)
        dialog.open()

    def do_models(self) -> None:
        from llamavis_studio.app.models_dialog import (
            ModelsDialog,
            broken_files,
            model_folder,
            read_models,
        )

        window, thread = self._window, self._window.thread_
        if thread is None:
            return
        dialog = ModelsDialog(window)

        def verify(name: str) -> None:
            thread.ask(
                lambda _studio: broken_files(model_folder()),
                partial(dialog.show_checked, name),
                window.tell_error,
            )

        dialog.verify_asked.connect(verify)
        thread.ask(
            lambda studio: read_models(studio, studio.model_info, studio.seconds_per_image),
            dialog.show_models,
            window.tell_error,
        )
        dialog.open()

    def do_log(self) -> None:
        project = self._window.project
        root = project.root if project is not None else None
        LogDialog(self._window, state_folder() / LOG_FILE, root).open()

    def do_about(self) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("About"))
        box.setText(f"LlamaVis Studio {__version__}")
        box.setInformativeText(self.tr("Game art as code. Free software under the MIT licence."))
        box.open()
