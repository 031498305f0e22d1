"""Images to another folder, from the menu or dragged in the tree.

menu: ask -> dialog, which asks what would come of it -> move
drag: what would come of it -> nothing to decide: move; else the dialog, with that folder
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from llamavis_studio.app.move_dialog import MoveDialog
from llamavis_studio.core.description import ONE

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.core.file_change import FilesChange
    from llamavis_studio.pipeline.plan import PlannedTarget
    from llamavis_studio.studio import Studio

Act = Callable[["Studio"], "FilesChange"]


class MovingFiles(QObject):
    """Moves images of one window; `do` has an action done and makes the window follow."""

    def __init__(self, window: MainWindow, do: Callable[[Act], None]) -> None:
        super().__init__(window)
        self._window, self._do = window, do
        window.tree.dropped.connect(self.drop)

    def ask(self) -> None:
        """Ask where the chosen images go."""
        window = self._window
        folders, planned = window.tree.selected_folders(), window.tree.selected()
        shown = window.tree.planned_for(window.output)
        planned = planned or ([shown] if shown is not None else [])
        self._open(self._paths(folders, planned), _names(folders, planned))

    def drop(self, dropped: Sequence[str], folder: str) -> None:
        """Images and folders (whose paths end in /) were dropped on a folder."""
        planned = [one for name in dropped if (one := self._window.tree.planned_for(name))]
        folders = [name.rstrip("/") for name in dropped if name.endswith("/")]
        self._bring(self._paths(folders, planned), _names(folders, planned), folder)

    def takes(self, pictures: Sequence[Path], folder: Path) -> bool:
        """Move pictures of the gallery to a folder, where a description draws any of them; False
        where the library moves them by itself.
        """
        project = self._window.project
        if project is None:
            return False
        inside = all(one.is_relative_to(project.root) for one in (*pictures, folder))
        outputs = [project.relative(one) for one in pictures] if inside else []
        planned = [one for name in outputs if (one := self._window.tree.planned_for(name))]
        if not planned:
            return False
        drawn = {one.target.output for one in planned}
        rest = [name for name in outputs if name not in drawn]
        place = "" if folder == project.root else project.relative(folder)
        paths = [*self._paths([], planned), *(project.root / name for name in rest)]
        self._bring(paths, [*_names([], planned), *rest], place)
        return True

    def _bring(self, paths: Sequence[Path], names: Sequence[str], folder: str) -> None:
        """Move at once where there is nothing to decide, else ask."""
        if not paths or self._window.thread_ is None:
            return

        def told(moving: Any) -> None:
            if moving.redrawn or moving.change.uses:
                self._open(paths, names, folder)
            else:
                self.move(paths, folder)

        self._window.thread_.ask(_asked(paths, folder, False), told, self._window.tell_error)

    def move(
        self, paths: Sequence[Path], folder: str, keep: bool = False, uses: bool = False
    ) -> None:
        """Move the descriptions of images, with all that belongs to them."""
        self._do(
            lambda studio: (
                studio.files.move(paths, _typed(folder), keep_rules=keep, update_uses=uses).change
            )
        )

    def _open(self, paths: Sequence[Path], names: Sequence[str], folder: str | None = None) -> None:
        window, thread = self._window, self._window.thread_
        if not paths or thread is None:
            return

        def ask(
            wanted: str,
            keep: bool,
            on_answer: Callable[[Any], None],
            on_error: Callable[[Exception], None],
        ) -> None:
            thread.ask(_asked(paths, wanted, keep), on_answer, on_error)

        def open_(places: list[str]) -> None:
            dialog = MoveDialog(window, names, places, ask, window.welcome.look)
            dialog.confirmed.connect(lambda *how: self.move(paths, *how))
            if folder is not None:
                dialog.choose(folder)
            dialog.open()
            dialog.folder.setFocus()

        thread.ask(lambda studio: studio.files.folders(), open_, window.tell_error)

    def _paths(self, folders: Sequence[str], planned: Sequence[PlannedTarget]) -> list[Path]:
        """What is named to the studio: folders, images that lie in none of these, and a file of
        many where all of its images are chosen.
        """
        project = self._window.project
        if project is None:
            return []
        inside = tuple(f"{folder}/" for folder in folders)
        planned = [one for one in planned if not one.target.output.startswith(inside)]
        chosen = {one.target.output for one in planned}
        of_file: dict[str, set[str]] = {}
        for one in self._window.tree.rows.planned.values():
            of_file.setdefault(one.target.source, set()).add(one.target.output)
        named = [
            one.target.source
            if one.target.source.endswith(ONE) or of_file[one.target.source] <= chosen
            else one.target.output
            for one in planned
        ]
        return [project.root / name for name in dict.fromkeys((*folders, *named))]


def _names(folders: Sequence[str], planned: Sequence[PlannedTarget]) -> list[str]:
    """What moves, as people call it."""
    alone = [f"{one.rpartition('/')[2]}/" for one in folders]
    return alone or list(dict.fromkeys(one.target.name for one in planned))


def _typed(folder: str) -> str:
    """A folder as it is typed for a move into it."""
    return f"{folder}/" if folder else "./"


def _asked(paths: Sequence[Path], folder: str, keep: bool) -> Callable[[Studio], Any]:
    return lambda studio: studio.files.move(paths, _typed(folder), keep_rules=keep, dry_run=True)
