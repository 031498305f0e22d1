"""What the window's actions do: one method a row of the table in `actions`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from llamavis_studio import __version__
from llamavis_studio.app.dialogs import open_palette, open_settings
from llamavis_studio.app.files import ask_folder, reveal
from llamavis_studio.app.log_dialog import LogDialog
from llamavis_studio.app.recent import example_project, forget_project, recent_projects
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.settings import state_folder

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow

LOG_FILE = "studio.log"


class Commands(QObject):
    """The commands of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def do_open(self) -> None:
        window = self._window
        ask_folder(window, self.tr("Open project"), lambda name: window.open_project(Path(name)))

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
            self._window.files.ask_new_description()

    def do_reveal(self) -> None:
        files = self._window.chosen_files()
        if files:
            reveal(files[0])

    def do_quit(self) -> None:
        self._window.close()

    def do_undo(self) -> None:
        self._window.changes.undo()

    def do_redo(self) -> None:
        self._window.changes.redo()

    def do_rename(self) -> None:
        self._window.tree.edit_name()

    def do_move(self) -> None:
        self._window.files.moving.ask()

    def do_duplicate(self) -> None:
        self._window.files.duplicate()

    def do_lock(self) -> None:
        self._window.files.lock(True)

    def do_unlock(self) -> None:
        self._window.files.lock(False)

    def do_copy_path(self) -> None:
        self._window.files.copy_paths(for_godot=False)

    def do_copy_res(self) -> None:
        self._window.files.copy_paths(for_godot=True)

    def do_delete(self) -> None:
        self._window.files.ask_delete()

    def do_variants(self) -> None:
        self._window.files.ask_variants()

    def do_new_project(self) -> None:
        from llamavis_studio.app.new_project_dialog import NewProjectDialog

        dialog = NewProjectDialog(self._window, self._window.welcome.look, self._window.store)
        dialog.made.connect(self._window.open_project)
        dialog.open()

    def forget(self, folder: Path) -> None:
        """Take a project off the welcome page."""
        forget_project(self._window.store, folder)
        self._window.welcome.show_recent(recent_projects(self._window.store))

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

    def do_pause(self, is_on: bool) -> None:
        self._window.drawing.pause(is_on)

    def do_again(self) -> None:
        self._window.drawing.draw_again(self._window.drawing.failed())

    def do_notify(self, is_on: bool) -> None:
        self._window.store.setValue("tell_when_done", is_on)

    def do_on_save(self, is_on: bool) -> None:
        self._window.store.setValue("draw_on_save", is_on)
        if self._window.thread_ is not None:
            self._window.thread_.ask(lambda studio: setattr(studio, "builds_on_save", is_on))

    def do_import(self) -> None:
        if self._window.bridge is not None:
            self._window.bridge.update()

    def do_caption(self) -> None:
        if self._window.bridge is not None:
            self._window.captions.describe()

    def do_ask(self) -> None:
        if self._window.project is not None:
            self._window.captions.begin_question()

    def do_palette(self) -> None:
        open_palette(self._window)

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
        open_settings(self._window)

    def do_shortcuts(self) -> None:
        from llamavis_studio.app.shortcuts_dialog import ShortcutsDialog

        ShortcutsDialog(self._window, self._window.actions_).open()

    def do_models(self) -> None:
        from llamavis_studio.app.model_dialogs import open_models

        open_models(self._window)

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
