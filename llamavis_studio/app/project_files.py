"""What is done with descriptions as files, from the tree and the menus.

ask -> the studio's thread does it -> the change comes back -> editor and tree follow it, `changes`
can take it back -> a plan brings everything up to date
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMessageBox

from llamavis_studio.app.delete_dialog import DeleteDialog
from llamavis_studio.app.files import ask_new_description
from llamavis_studio.app.moving_files import MovingFiles
from llamavis_studio.app.recent_pictures import keep_pictures, some_pictures
from llamavis_studio.core.description import ONE, SUFFIXES
from llamavis_studio.core.events import BuildFinished
from llamavis_studio.core.file_change import ChangeKind, FileEdit, FilesChange

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.pipeline.plan import Plan
    from llamavis_studio.studio import Studio

MOST_VARIANTS = 16
BY_HAND = ("edited", "unmanaged")
DRAWN = ("fresh", "stale", "edited", "locked")
GODOT_PROJECT = "project.godot"


class ProjectFiles(QObject):
    """Files of the open project, as the window's user handles them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._has_pictures = False
        self.moving = MovingFiles(window, self.do)
        window.tree.renamed.connect(self.rename)
        window.changes.applied.connect(self.follow)

    # --- what the user asks for ------------------------------------------------------------------

    def rename(self, output: str, name: str) -> None:
        """Give an image's description another name."""
        path = self._root() / output
        self.do(lambda studio: studio.files.rename(path, name))

    def duplicate(self) -> None:
        """Describe the chosen images once more."""
        paths = self._chosen()
        if paths:
            self.do(lambda studio: studio.files.duplicate(paths))

    def lock(self, locked: bool) -> None:
        """Keep the chosen images from being drawn, or no longer."""
        paths = self._chosen()
        if paths:
            self.do(lambda studio: studio.files.lock(paths, locked))

    def ask_delete(self) -> None:
        """Ask what is to go with the chosen descriptions, then put it into the trash."""
        window, paths = self._window, self._chosen()
        if not paths or window.thread_ is None:
            return
        painted = [one for one in window.tree.selected() if one.state.value in BY_HAND]

        def ask(answer: tuple[list[str], list[str]]) -> None:
            sources, files = answer
            names = self._names()
            dialog = DeleteDialog(window, names, sources, files, len(painted), window.welcome.look)
            dialog.confirmed.connect(self._delete_chosen(paths))
            dialog.open()

        window.thread_.ask(lambda studio: studio.files.belongings(paths), ask, window.tell_error)

    def _delete_chosen(self, paths: list[Path]) -> Callable[[bool], None]:
        return lambda with_images: self.do(
            lambda studio: studio.files.remove(paths, with_images=with_images)
        )

    def ask_variants(self) -> None:
        """Ask how many variants of the chosen image are wanted, and have them drawn."""
        window, paths = self._window, self._chosen()
        if not paths:
            return
        planned = window.tree.planned_for(window.output)
        same = [
            one
            for one in window.tree.rows.planned.values()
            if planned is not None
            and (one.target.source, one.target.name) == (planned.target.source, planned.target.name)
            and not one.target.base
        ]
        dialog = QInputDialog(window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setIntRange(1, MOST_VARIANTS)
        dialog.setIntValue(max(4, len(same)))
        dialog.setWindowTitle(self.tr("Variants"))
        dialog.setLabelText(self.tr("How many pictures to choose from?"))
        dialog.setOkButtonText(self.tr("Draw"))
        dialog.setCancelButtonText(self.tr("Cancel"))
        path = paths[0]
        dialog.intValueSelected.connect(
            lambda count: self.do(lambda studio: _drawn_variants(studio, path, count))
        )
        dialog.open()

    def copy_paths(self, *, for_godot: bool) -> None:
        """Put the chosen images' paths on the clipboard; Godot's begin with `res://`."""
        window, root = self._window, self._root()
        outputs = [one.target.output for one in window.tree.selected()] or [window.output]
        if window.thread_ is None or not outputs[0]:
            return

        def paths(_studio: Studio) -> str:
            if for_godot:
                return "\n".join(godot_path(root, output) for output in outputs)
            return "\n".join(str(root / output) for output in outputs)

        def copy(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            window.statusBar().showMessage(self.tr("Copied: {0}").format(text.split("\n")[0]), 5000)

        window.thread_.ask(paths, copy)

    def ask_new_description(self) -> None:
        """Ask for the file of a new description."""
        project, window = self._window.project, self._window
        if project is None:
            return
        shown = project.root / window.output
        folder = shown.parent if window.output and shown.parent.is_dir() else project.root

        def made(path: Path, data: bytes) -> None:
            if path.is_relative_to(project.root):
                edit = FileEdit(project.relative(path), None, data)
                image = f"{edit.path.removesuffix(ONE)}.png"
                change = FilesChange(ChangeKind.CREATE, path.name, (edit,), outputs=(image,))
                window.changes.record(change)
                self.follow(change)

        ask_new_description(window, folder, made, window.tell_error)

    # --- a project comes and goes ----------------------------------------------------------------

    def begin(self) -> None:
        """A project was opened: show its tree as it was left."""
        state = self._window.store.value(self._key(), {})
        self._window.tree.restore(state if isinstance(state, dict) else {})
        self._window.changes.begin()
        if self._window.thread_ is not None:
            self._window.thread_.planned.connect(self._take_pictures)
            self._window.thread_.news.connect(self._take_news)

    def _take_news(self, event: object) -> None:
        if isinstance(event, BuildFinished) and event.built:
            self._has_pictures = False  # the plan that follows shows what was drawn

    def _take_pictures(self, plan: Plan) -> None:
        """Once, and after each drawing: a few pictures for the welcome page."""
        there = [one.target.output for one in plan.targets if one.state.value in DRAWN]
        window = self._window
        if there and not self._has_pictures and window.thread_ is not None:
            self._has_pictures = True
            chosen = some_pictures(there)
            window.thread_.ask(lambda studio: keep_pictures(studio.root, chosen))

    def end(self) -> None:
        """The project is closed."""
        if self._window.project is not None:
            self._window.store.setValue(self._key(), self._window.tree.state())
        self._window.tree.clear()
        self._has_pictures = False

    def _key(self) -> str:
        # A key of the store may hold no slashes but those of its groups.
        return f"tree/{hashlib.sha256(str(self._root()).encode('utf-8')).hexdigest()[:16]}"

    # --- doing -----------------------------------------------------------------------------------

    def do(self, act: Callable[[Studio], FilesChange]) -> None:
        """Have an action done, its change recorded and followed."""
        window = self._window
        if window.thread_ is None or (window.editor.is_modified and not window.editor.save()):
            return
        window.changes.look()  # what was said about images before comes first in the list
        window.thread_.ask(act, self._done, window.tell_error)

    def _done(self, change: FilesChange) -> None:
        self._window.changes.record(change)
        if not change.edits:
            return
        told = self._told(change)
        self._window.statusBar().showMessage(told, 8000)
        self.follow(change)
        if change.moves and self._window.bridge is not None:
            self._window.bridge.update()
        if change.uses and change.kind is not ChangeKind.MOVE:  # its dialog has told them
            self._tell_uses(change, told)

    def follow(self, change: FilesChange) -> None:
        """Files have changed: the editor and the tree go along, then a plan tells the rest."""
        window, root = self._window, self._root()
        moves = dict(change.moves)
        gone = {edit.path for edit in change.edits if edit.after is None} - set(moves)
        window.output = moves.get(window.output, window.output)
        window.tree.follow(moves)
        open_path = window.editor.path
        if open_path is not None and open_path.is_relative_to(root):
            name = open_path.relative_to(root).as_posix()
            if name in moves:
                window.editor.open_file(root / moves[name])
            elif name in gone:
                self._leave(name)
            elif any(edit.path == name for edit in change.edits):
                window.editor.file_changed_outside()

        def planned(_plan: Any) -> None:
            there = tuple(one for one in change.outputs if window.tree.planned_for(one))
            if there and window.output not in there:
                window.tree.choose_many(there)
            else:
                window.past.show()  # there may be more variants, or versions of another name

        if window.thread_ is not None:
            window.thread_.ask(lambda studio: studio.plan(), planned, window.tell_error)

    def _leave(self, source: str) -> None:
        """Show another image than those of a description that is gone."""
        tree = self._window.tree
        own = {name for name, one in tree.rows.planned.items() if one.target.source == source}
        near = tree.neighbour_of(own)
        if near:
            tree.choose(near)

    def _told(self, change: FilesChange) -> str:
        return {
            ChangeKind.RENAME: self.tr("Renamed: {0}"),
            ChangeKind.MOVE: self.tr("Moved: {0}"),
            ChangeKind.DUPLICATE: self.tr("Duplicated: {0}"),
            ChangeKind.REMOVE: self.tr("In the trash: {0}"),
            ChangeKind.LOCK: self.tr("Locked: {0}"),
            ChangeKind.UNLOCK: self.tr("Unlocked: {0}"),
            ChangeKind.VARIANTS: self.tr("Variants of {0}"),
        }.get(change.kind, "{0}").format(change.subject)

    def _tell_uses(self, change: FilesChange, told: str) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(told)
        box.setText(self.tr("These files of the game name it by its old place:"))
        lines = [f"{user}: {image}" for user, image in change.uses[:20]]
        box.setInformativeText("\n".join(lines) + ("\n…" if len(change.uses) > 20 else ""))
        box.open()

    def _chosen(self) -> list[Path]:
        return self._window.chosen_files()

    def _names(self) -> list[str]:
        planned = self._window.tree.selected()
        shown = self._window.tree.planned_for(self._window.output)
        chosen = planned or ([shown] if shown is not None else [])
        return list(dict.fromkeys(one.target.name for one in chosen))

    def _root(self) -> Path:
        project = self._window.project
        return project.root if project is not None else Path()


def _drawn_variants(studio: Studio, path: Path, count: int) -> FilesChange:
    change = studio.files.variants(path, count)
    sources = [studio.root / one.path for one in change.edits if one.path.endswith(SUFFIXES)]
    if sources:
        studio.request_build(sources)
    return change


def godot_path(root: Path, output: str) -> str:
    """An image's path as Godot's scenes name it: from the folder of the Godot project around it,
    else from the project's root.
    """
    path = root / output
    for folder in path.parents:
        if os.path.exists(folder / GODOT_PROJECT):
            return f"res://{path.relative_to(folder).as_posix()}"
    return f"res://{output}"
