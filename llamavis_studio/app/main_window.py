"""The studio's window: docks around the preview, and what connects them to the open project.

choose an image -> preview, its description in the editor -> save -> the studio's thread sees
the file, draws -> news -> preview, tree, gallery and queue follow
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSettings, QSize, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.actions import Actions
from llamavis_studio.app.commands import Commands
from llamavis_studio.app.drafts import Drafts
from llamavis_studio.app.drawing import Drawing
from llamavis_studio.app.editor import DescriptionEditor
from llamavis_studio.app.files import ask_tags, folder_in, reveal
from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.insight import Insight
from llamavis_studio.app.library_bridge import LibraryBridge
from llamavis_studio.app.past import Past
from llamavis_studio.app.preview import Preview
from llamavis_studio.app.project_panel import ProjectPanel
from llamavis_studio.app.recent import recent_projects, remember_project
from llamavis_studio.app.shown import Shown, read_shown
from llamavis_studio.app.studio_thread import OpenStudio, StudioThread, open_calmly
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.app.welcome import Welcome
from llamavis_studio.app.window_layout import WindowLayout
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.events import AssetBuilt, BuildFinished, Event
from llamavis_studio.core.project import Project
from llamavis_studio.core.recipe import Kind
from llamavis_studio.core.settings import state_folder
from llamavis_studio.imaging.arrays import Pixels

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import Plan, PlannedTarget

DEFAULT_SIZE = QSize(1400, 900)


class MainWindow(QMainWindow):
    """One window, one project at a time; which look and language it has is its owner's to keep."""

    look_asked = Signal(str)
    language_asked = Signal(str)
    setting_asked = Signal(str, object)
    closed = Signal()

    def __init__(self, store: QSettings, open_studio: OpenStudio = open_calmly) -> None:
        super().__init__()
        self.store = store
        self._open_studio = open_studio
        self._look = DARK
        self.thread_: StudioThread | None = None
        self.project: Project | None = None
        self.bridge: LibraryBridge | None = None
        self.plan: Plan | None = None
        self.output = ""
        self._pixels: Pixels | None = None
        self.setAcceptDrops(True)
        self.resize(DEFAULT_SIZE)
        self.commands = Commands(self)
        self.actions_ = Actions(self, lambda name: getattr(self.commands, f"do_{name}"))
        self.welcome, self.preview = Welcome(), Preview()
        self.tree, self.gallery = ProjectPanel(self.actions_), Gallery(DARK)
        self.editor = DescriptionEditor(Drafts(state_folder() / "drafts"), DARK)
        self.drawing = Drawing(self)
        self.queue = self.drawing.panel
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.past, self.insight = Past(self), Insight(self)
        self.middle = QWidget()
        middle = QVBoxLayout(self.middle)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.preview, 1)
        middle.addWidget(self.past.variants)
        self.stack.addWidget(self.middle)
        self.setCentralWidget(self.stack)
        parts: dict[str, QWidget] = {"tree": self.tree, "editor": self.editor, "queue": self.queue}
        parts |= {"history": self.past.history, "gallery": self.gallery}
        self.layout_ = WindowLayout(self, self.actions_, parts)
        self._connect()
        self.actions_.set_project_open(False)
        self.welcome.show_recent(recent_projects(store))
        self.retranslate()
        self.layout_.arrange(store)

    # --- the open project ------------------------------------------------------------------------

    def open_project(self, folder: Path) -> None:
        """Open the project around a folder, after the present one was closed."""
        self.close_project()
        thread = StudioThread(folder, self._open_studio)
        thread.opened.connect(self._opened)
        thread.refused.connect(self._refused)
        thread.news.connect(self._take_news)
        thread.planned.connect(self._take_plan)
        thread.broke.connect(self.tell_error)
        self.thread_ = thread
        self.statusBar().showMessage(self.tr("Opening {0}…").format(folder.name))
        thread.start()

    def close_project(self) -> None:
        """Close the open project. Text that was not saved is kept as a draft, and comes back."""
        self.editor.keep_draft()
        if self.thread_ is not None:
            self.thread_.close()
            self.gallery.clear()
        if self.bridge is not None:
            self.bridge.close()
        self.thread_ = self.project = self.bridge = self.plan = None
        self.output = ""
        self.past.show()
        self.drawing.clear()
        self.actions_.set_project_open(False)
        self.stack.setCurrentWidget(self.welcome)
        self.welcome.show_recent(recent_projects(self.store))
        self.layout_.show(False)
        self._set_title()

    def _opened(self, project: Project) -> None:
        self.project = project
        remember_project(self.store, project.root)
        self.actions_.set_project_open(True)
        with_build = self.store.value("draw_on_save", True, bool)
        self.actions_["on_save"].setChecked(bool(with_build))
        self.editor.set_words(
            {
                "kind": tuple(str(kind) for kind in Kind),
                "style": tuple(project.styles),
                "palette": tuple(project.file.palettes),
            }
        )
        self.stack.setCurrentWidget(self.middle)
        self.layout_.show(True)
        self._set_title()
        self.statusBar().showMessage(str(project.root), 6000)
        if self.thread_ is not None:
            self.bridge = LibraryBridge(self.thread_, self.gallery)
            self.bridge.told.connect(partial(self.statusBar().showMessage, timeout=8000))
            self.bridge.update()

    def _refused(self, error: LlamaVisError) -> None:
        self.tell_error(error)
        self.close_project()

    def _take_plan(self, plan: Plan) -> None:
        is_first, self.plan = self.plan is None, plan
        # A plan follows every change on disk, also one that another program made.
        self.editor.file_changed_outside()
        output = self.output
        self.tree.show_plan(plan)
        self._show_problems()
        if output and self.output != output:  # its row went, and the tree went to another
            self.tree.choose(output)
        if is_first and not self.output:
            self.tree.choose(self.tree.first())

    def _take_news(self, event: Event) -> None:
        self.drawing.take(event)
        self.insight.take(event)
        if isinstance(event, AssetBuilt) and self.output in event.outputs:
            self.show_image(compare=True)
        if isinstance(event, BuildFinished) and self.bridge is not None and event.built:
            self.bridge.update()

    # --- one image -------------------------------------------------------------------------------

    def show_output(self, planned: PlannedTarget) -> None:
        """Show an image and the description it comes from."""
        if self.project is None:
            return
        self.output = planned.target.output
        self.show_image(compare=False)
        source = self.project.root / planned.target.source
        if source.exists():
            self.editor.open_file(source)
            self._show_problems()

    def show_image(self, *, compare: bool) -> None:
        planned = self.tree.planned_for(self.output)
        if self.project is None:
            return
        shown = read_shown(self.project.root / self.output, planned)
        if isinstance(shown, Shown):
            before, self._pixels = self._pixels if compare else None, shown.pixels
            self.preview.show_picture(
                shown.path, shown.pixels, boxes=shown.boxes, fps=shown.fps, tileable=shown.tileable
            )
            self.preview.show_before(before)
        elif planned is not None and planned.state.value == "missing":
            self.preview.show_nothing(self.tr("Not drawn yet: press F5"))
        else:
            self.preview.show_nothing(shown)
        self.past.show()
        self.insight.show()

    def _show_item(self, item: Any) -> None:
        if self.project is not None and not self.tree.choose(item.file):
            self.output = item.file
            self.show_image(compare=False)

    def _ask_tags(self, items: list[Any]) -> None:
        if self.bridge is not None:
            ask_tags(self, items, self.bridge.add_tags)

    def _edit_region(self, mask: Any, words: str) -> None:
        if self.thread_ is None or self.output == "":
            return
        output, region = self.output, mask.astype("uint8")
        self.statusBar().showMessage(self.tr("Drawing the region…"))
        self.thread_.ask(
            lambda studio: studio.edit_region(output, region, words),
            lambda _answer: self._region_drawn(),
            self.tell_error,
        )

    def _region_drawn(self) -> None:
        self.statusBar().showMessage(self.tr("Drawn; every other pixel is as it was"), 8000)
        self.show_image(compare=True)

    def _tell_copied(self, colour: str) -> None:
        self.statusBar().showMessage(self.tr("{0} copied").format(colour), 4000)

    def _search_similar(self, item: Any) -> None:
        self.gallery.search_for(f'similar:"{item.file}"')

    def _show_problems(self) -> None:
        if self.plan is None or self.project is None or self.editor.path is None:
            return
        name = self.project.relative(self.editor.path)
        self.editor.set_problems(
            [
                (one.line, one.column, one.message, one.hint, one.severity)
                for one in self.plan.problems
                if one.path in (name, self.editor.path.name)
            ]
        )

    def chosen_files(self) -> list[Path]:
        root = self.project.root if self.project is not None else Path()
        chosen = [one.target.output for one in self.tree.selected()] or [self.output]
        return [root / output for output in chosen if output]

    def build(self, paths: list[Path] | None, *, fresh: bool = False) -> None:
        if self.thread_ is None or (self.editor.is_modified and not self.editor.save()):
            return
        force = paths is not None and fresh
        self.thread_.ask(
            lambda studio: studio.request_build(paths, force=force, fresh=fresh), self._began
        )

    def _began(self, count: int) -> None:
        if not count:
            self.statusBar().showMessage(self.tr("Every image fits its words already"), 6000)

    # --- look, language, layout ------------------------------------------------------------------

    def set_look(self, look: Look) -> None:
        """Paint everything in another look."""
        self._look = look
        for part in (self.actions_, self.welcome, self.preview, self.tree, self.gallery,
                     self.editor, self.queue, self.past):  # fmt: skip
            part.set_look(look)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.actions_.retranslate()
        self.layout_.retranslate(
            {
                "tree": self.tr("Project"),
                "gallery": self.tr("Library"),
                "editor": self.tr("Description"),
                "queue": self.tr("Drawing"),
                "history": self.tr("Older versions"),
            },
            self.tr("Tools"),
        )
        for part in (self.gallery, self.editor, self.preview):
            part.retranslate()
        self._set_title()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if folder_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        folder = folder_in(event)
        if folder is not None:
            event.acceptProposedAction()
            self.open_project(folder)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if self.project is not None:
            self.layout_.keep(self.store)
        self.close_project()
        self.closed.emit()
        super().closeEvent(event)

    def tell_error(self, error: Exception) -> None:
        if isinstance(error, LlamaVisError):
            self.statusBar().showMessage(f"{error.message}. {error.hint}".strip(". "), 15000)
        else:
            self.statusBar().showMessage(self.tr("Something went wrong: {0}").format(error), 15000)
            raise error

    def _set_title(self) -> None:
        name = f"{self.project.name} — " if self.project is not None else ""
        self.setWindowTitle(f"{name}LlamaVis Studio")

    def _connect(self) -> None:
        self.welcome.open_asked.connect(self.commands.do_open)
        self.welcome.example_asked.connect(self.commands.do_example)
        self.welcome.project_chosen.connect(self.open_project)
        self.tree.chosen.connect(self.show_output)
        self.gallery.chosen.connect(self._show_item)
        self.gallery.similar_asked.connect(self._search_similar)
        self.gallery.opened.connect(lambda _item: self.layout_.bring_up("editor"))
        self.gallery.tags_asked.connect(self._ask_tags)
        self.preview.region_asked.connect(self._edit_region)
        self.preview.copied.connect(self._tell_copied)
        self.gallery.reveal_asked.connect(lambda item: reveal(item.path))
        self.gallery.caption_asked.connect(lambda _items: self.commands.do_caption())
